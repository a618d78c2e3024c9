-- Applying counts: what was found moves the stock, a page of SKUs a call, once enough people have signed. Here alone.
-- Rules: docs/rules.md#counts.

-- Where units that are missing are taken from, in this order, the batches that are not open first; held and sold units never.
local UNSOLD = { pool = 1, safety = 2, elastic = 3, ['batch:'] = 4, ['channel:'] = 6 }

function counts.unsold_places(S, stock)
  local places, ranks = {}, {}
  for place, n in pairs(stock.units) do
    local kind, name = place_kind(place)
    local rank = n > 0 and UNSOLD[kind]
    if rank then
      local batch = kind == 'batch:' and config(S, 'batch', '', name)
      if batch and batches.is_open(S, batch) then rank = rank + 1 end
      places[#places + 1], ranks[place] = place, rank
    end
  end
  table.sort(places, function(a, b)
    if ranks[a] ~= ranks[b] then return ranks[a] < ranks[b] end
    return a < b
  end)
  return places
end

-- So many units of what is not sold go elsewhere; returns how many there were not.
function counts.take_unsold(S, stock, kind, qty, target, note)
  for _, place in ipairs(qty > 0 and counts.unsold_places(S, stock) or {}) do
    local take = math.min(qty, stock.units[place] or 0)
    if take > 0 then transfer(S, stock, kind, take, place, target, note) end
    qty = qty - take
  end
  return qty
end

-- A count differs from the book by so many units. Returns those that are missing and were sold.
function counts.move_difference(S, stock, difference, note)
  if difference > 0 then transfer(S, stock, 'count', difference, 'count_gain', 'pool', note) end
  local missing = counts.take_unsold(S, stock, 'count', math.max(0, -difference), 'count_loss', note)
  if missing > 0 then transfer(S, stock, 'shortage', 0, 'outside', 'outside', note) end
  return missing
end

-- The same of a draft that a write-off became: first from where it was to go from. Units that were unsellable are taken from
-- nowhere else.
local function write_off(S, stock, qty, from, note)
  local take = math.min(qty, stock.units[from] or 0)
  if take > 0 then transfer(S, stock, 'write_off', take, from, 'written_off', note) end
  local missing = qty - take
  if from == 'unsellable' then return missing end
  missing = counts.take_unsold(S, stock, 'write_off', missing, 'written_off', note)
  if missing > 0 then transfer(S, stock, 'shortage', 0, 'outside', 'outside', note) end
  return missing
end

-- What was found bad is unsellable, what is not any more can be sold. First what can be sold again: of units that are missing,
-- those that were unsellable may be some.
local function move_row(S, record, row, note)
  local stock = stock_of(S, row.sku)
  local spoilt = row.bad - row.unsellable
  local mended = math.min(math.max(0, -spoilt), stock.units.unsellable or 0)
  if mended > 0 then transfer(S, stock, 'quarantine', mended, 'unsellable', 'pool', note) end
  local from, missing = row.write_off_from or '', nil
  if from ~= '' then
    missing = write_off(S, stock, -row.difference, from, note)
  else
    missing = counts.move_difference(S, stock, row.difference, note)
  end
  row.unmoved_bad = counts.take_unsold(S, stock, 'quarantine', math.max(0, spoilt), 'unsellable', note)
  row.shortage = missing
  record.gained = record.gained + math.max(0, row.difference)
  record.lost = record.lost + math.max(0, -row.difference) - missing
  record.shortage, record.unmoved_bad = record.shortage + missing, (record.unmoved_bad or 0) + row.unmoved_bad
end

local function last_line(row)
  local last
  for _, line in ipairs(row.lines) do
    if line.at_ms > 0 and line.round == row.round and (not last or line.seq >= last.seq) then last = line end
  end
  return last
end

local function apply_row(S, record, row, user, alone)
  if row.difference ~= 0 or row.bad ~= row.unsellable then
    local reason = row.reason or ''
    if (row.reason_note or '') ~= '' then reason = reason .. ': ' .. row.reason_note end
    move_row(S, record, row, { id = record.id, actor = user, reason = reason, ref = record.move or '' })
    if alone and row.difference ~= 0 then counts.note_unsigned(S, row.sku, math.abs(row.difference)) end
  else
    row.shortage = 0
  end
  local last, lines = last_line(row), {}
  for _, line in ipairs(row.lines) do
    if line.at_ms > 0 and line.round == row.round then lines[#lines + 1] = line end
  end
  if record.kind ~= 'draft' then
    lots.counted(S, row.sku, lines, 'count:' .. record.id)
    counts.of(S).last[row.sku] = { last.at_ms, last.seq, record.id, row.counted, row.difference, row.shortage }
  end
  pool_alerts.note_shortage(S, record.id, row)
  row.status, row.while_counting = 'applied', 'applied'
  record.applied_rows = record.applied_rows + 1
  counts.change_row(S, record.id, row)
end

function counts.has_signed(record, user)
  for _, signature in ipairs(record.signatures) do
    if signature[1] == user then return true end
  end
  return false
end

-- Whether all of it can be signed for at this revision: a refusal, or nil. may_go_on: or is being applied.
function counts.refuse_unready(S, record, revision, may_go_on)
  if record.state ~= 'review' and not may_go_on then return counts.refuse_state(S, record, 'review') end
  if record.revision ~= revision then return counts.refused(S, 'STALE', 'revision', nil, { revision, record.revision }) end
  for _, field in ipairs({ 'asking', 'recounts', 'unreasoned' }) do
    if record[field] > 0 then return refuse(S, 'BAD_MESSAGE', record[field], nil, field) end
  end
  return nil
end

-- Whether enough people have signed, `user` among them: a refusal, or nil.
local function refuse_signers(S, record, user)
  local signed = counts.has_signed(record, user)
  local signers = #record.signatures + (signed and 0 or 1)
  -- A pool that is stricter by now than the sheet has not looked at its rows: they may all be too large.
  local is_looser = record.sign_over > (counts.limit(S) or record.sign_over)
  if record.over == 0 and not is_looser or signers >= 2 then return nil end
  return refuse(S, signed and 'SAME_SIGNER' or 'NEEDS_APPROVAL', nil, nil, 'user')
end

local function begin_applying(S, record, user)
  if not counts.has_signed(record, user) then
    record.signatures[#record.signatures + 1] = { user, S.now, record.revision }
  end
  record.state, record.behind, record.gone, record.applied_rows = 'applying', '', 0, 0
  record.gained, record.lost, record.shortage, record.unmoved_bad = 0, 0, 0, 0
end

-- The next page of SKUs, as far as this call's moves reach; one at least.
local function apply_page(S, record, user)
  local names = redis.call('ZRANGE', S.base .. ':count:' .. record.id .. ':names', record.behind == '' and '-' or '(' .. record.behind,
    '+', 'BYLEX', 'LIMIT', 0, counts.applied_a_call_max)
  local rows, alone, gone = counts.rows(S, record.id, names), #record.signatures < 2, 0
  for _, sku in ipairs(names) do
    if gone > 0 and S.moves_left <= 0 then break end
    local row = rows[sku]
    if row.counted then apply_row(S, record, row, user, alone) end
    counts.put_on(S, sku, false)
    record.behind, gone = sku, gone + 1
  end
  record.gone = record.gone + gone
end

-- {'count_apply', count, revision, user, by} → left: SKUs that are still to be done; data: the record
function operations.count_apply(S, op)
  local user, by = op[4], op[5]
  local record, refusal = counts.find(S, op[2], user)
  if not record then return refusal end
  local made = record.action and actions.known(S, record.action)
  if record.state == 'applied' then return made and actions.tell(done(S, record), made) or done(S, record) end
  local goes_on = record.state == 'applying'
  refusal = counts.refuse_unready(S, record, op[3], goes_on) or (not goes_on and refuse_signers(S, record, user) or nil)
  if refusal then return refusal end
  if S.moves_left <= 0 then return refuse(S, 'OVERLOADED') end -- other operations have taken this call's part
  if not goes_on then begin_applying(S, record, user) end
  local mark = actions.mark(S)
  apply_page(S, record, user)
  local effect = actions.effect_since(S, mark)
  if made then
    made.rows = made.rows + #effect
    actions.change(S, made)
  else
    made = counts.record_action(S, 'count_apply', record, by, effect)
    record.action = made.id
  end
  counts.change(S, record, user)
  local left = record.rows - record.gone
  if left == 0 then
    record.state, record.applied_at_ms, record.applied_seq, record.applied_by = 'applied', S.now, seq(S), user
    if record.op then
      local row = counts.rows(S, record.id, { record.behind })[record.behind]
      remember_move(S, record.op, done(S, record.op[1] == 'count' and { row.on_hand, row.difference, row.shortage } or nil))
    end
    counts.change_open(S, record, -1)
    counts.of(S).over[record.id] = S.now
  end
  local outcome = actions.tell(done(S, record), made)
  outcome[10] = left
  return outcome
end
