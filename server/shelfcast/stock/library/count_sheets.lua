-- Count sheets: made, filled with SKUs, closed, signed and cancelled. Rules: docs/rules.md#counts.

local OPEN_DEFAULT, LINES_DEFAULT = 50, 20000 -- where a server of before does not say it

-- How many drafts of moves are open; meta's `drafts`.
function counts.open_drafts(S)
  local known = counts.of(S)
  if not known.drafts then
    known.drafts = tonumber(redis.call('HGET', S.base .. ':meta', 'drafts') or 0)
    known.drafts_before = known.drafts
  end
  return known.drafts
end

-- One more is open, or one less (by: 1, -1).
function counts.change_open(S, record, by)
  local known = counts.of(S)
  known.open = known.open + by
  if record.kind == 'draft' then known.drafts = counts.open_drafts(S) + by end
end

function counts.new_record(S, id, fields)
  local record = { id = id, made_at_ms = S.now, made_seq = seq(S), rows = 0, lines = 0, counted_rows = 0, open_rows = 0, asking = 0,
    recounts = 0, unreasoned = 0, differing = 0, over = 0, revision = 0, signatures = {}, last_line = 0 }
  for field, value in pairs(fields) do record[field] = value end
  counts.change_open(S, record, 1)
  counts.change(S, record, record.made_by)
  return record
end

-- No more sheets, or drafts of moves, may be open: a refusal, or nil. Neither takes the other's room: a program makes drafts.
function counts.refuse_crowd(S, field)
  local drafts = counts.open_drafts(S)
  local open, most = counts.of(S).open - drafts, S.params.counts_open_max
  if field == 'drafts' then open, most = drafts, S.params.drafts_open_max end
  most = most or OPEN_DEFAULT
  if open >= most then return refuse(S, 'SHELF_FULL', most, nil, field) end
  return nil
end

-- {'count_open', id, kind, room, zone, category, blind, recount_over, sign_over, note, by} → data: its record
function operations.count_open(S, op)
  local id, by = op[2], op[11]
  local asked = { kind = op[3], room = op[4], zone = op[5], category = op[6], blind = op[7], recount_over = op[8],
    sign_over = op[9], note = op[10] }
  local known = counts.known(S, id)
  if known then
    for _, field in ipairs({ 'kind', 'room', 'zone', 'category', 'blind', 'recount_over', 'sign_over' }) do
      if known[field] ~= asked[field] then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    end
    local made = actions.known(S, by[1])
    local outcome = done(S, known)
    return made and made.subject == id and actions.tell(outcome, made) or outcome
  end
  if asked.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
  if string.find(id, '^draft%.') then return refuse(S, 'BAD_MESSAGE', nil, nil, 'id') end -- of a move's
  if asked.room ~= '' and not config(S, 'room', '', asked.room) then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  local most = counts.limit(S)
  if most and asked.sign_over > most then return refuse(S, 'BAD_MESSAGE', most, nil, 'sign_over') end
  local crowd = counts.refuse_crowd(S, 'counts')
  if crowd then return crowd end
  asked.state, asked.made_by = 'opening', by[2]
  local record = counts.new_record(S, id, asked)
  return actions.tell(done(S, record), counts.record_action(S, 'count_open', record, by))
end

-- A SKU is on a count from now.
function counts.put_row(S, record, row)
  local known = counts.of(S)
  counts.rows(S, record.id, {})
  counts.change_row(S, record.id, row)
  local names = known.names[record.id] or {}
  known.names[record.id] = names
  names[#names + 1] = 0
  names[#names + 1] = row.sku
  counts.put_on(S, row.sku, record.id)
  record.rows = record.rows + 1
  counts.change(S, record)
end

-- {'count_claim', count, skus} → data: {its record, [[sku, the count it is on already], …]}
function operations.count_claim(S, op)
  local skus = op[3]
  local record, refusal = counts.find(S, op[2])
  if not record then return refusal end
  if record.state ~= 'opening' and record.state ~= 'counting' then return counts.refuse_state(S, record, 'opening', 'counting') end
  if #skus > counts.skus_a_call_max then return refuse(S, 'BAD_MESSAGE', counts.skus_a_call_max, nil, 'skus') end
  for _, sku in ipairs(skus) do
    if not config(S, 'sku', '', sku) then return counts.refused(S, 'UNKNOWN_SKU', 'sku', nil, nil, sku) end
  end
  local on, elsewhere, new, is_new = counts.on(S, skus), {}, {}, {}
  for _, sku in ipairs(skus) do
    if not on[sku] and not is_new[sku] then
      new[#new + 1], is_new[sku] = sku, true
    elseif on[sku] and on[sku] ~= record.id then
      elsewhere[#elsewhere + 1] = { sku, on[sku] }
    end
  end
  local most = S.params.count_lines_max or LINES_DEFAULT
  if record.rows + #new > most then return refuse(S, 'SHELF_FULL', most, nil, 'skus') end
  for _, sku in ipairs(new) do counts.put_row(S, record, { sku = sku, status = 'uncounted', round = 1, from_seq = seq(S) }) end
  return done(S, { record, elsewhere })
end

-- {'count_begin', count} → data: its record
function operations.count_begin(S, op)
  local record, refusal = counts.find(S, op[2])
  if not record then return refusal end
  if record.state == 'counting' then return done(S, record) end
  if record.state ~= 'opening' then return counts.refuse_state(S, record, 'opening') end
  record.state = 'counting'
  counts.change(S, record)
  return done(S, record)
end

-- {'count_close', count, user, again, anyway} → data: its record. anyway: what people have open comes to nothing.
function operations.count_close(S, op)
  local again = op[4]
  local record, refusal = counts.find(S, op[2], op[3])
  if not record then return refusal end
  local from, to = again and 'review' or 'counting', again and 'counting' or 'review'
  if record.state == to then return done(S, record) end
  if record.state ~= from then return counts.refuse_state(S, record, from) end
  if record.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
  if not again and not op[5] and record.open_rows > 0 then return refuse(S, 'BAD_MESSAGE', record.open_rows, nil, 'open_lines') end
  record.state = to
  record.closed_at_ms, record.closed_by = not again and S.now or nil, not again and op[3] or nil
  counts.revise(S, record, op[3])
  return done(S, record)
end

-- {'count_sign', count, revision, user} → data: its record
function operations.count_sign(S, op)
  local record, refusal = counts.find(S, op[2], op[4])
  if not record then return refusal end
  refusal = counts.refuse_unready(S, record, op[3])
  if refusal then return refusal end
  if not counts.has_signed(record, op[4]) then
    record.signatures[#record.signatures + 1] = { op[4], S.now, record.revision }
    counts.change(S, record, op[4])
  end
  return done(S, record)
end

-- The next SKUs of a cancelled count leave it, at most so many. Returns how many.
local function release(S, record, limit)
  local known = counts.of(S)
  local names = redis.call('ZRANGE', S.base .. ':count:' .. record.id .. ':names', record.behind == '' and '-' or '(' .. record.behind,
    '+', 'BYLEX', 'LIMIT', 0, limit)
  local on = {}
  read_many(S.base .. ':counting', names, on)
  for _, sku in ipairs(names) do
    if on[sku] == record.id and not known.on_changed[sku] then counts.put_on(S, sku, false) end
  end
  record.gone = record.gone + #names
  record.behind = names[#names] or record.behind
  known.leaving[record.id] = record.gone < record.rows
  if not known.leaving[record.id] then known.over[record.id] = S.now end
  known.records[record.id], known.kept[record.id] = record, record
  return #names
end

-- {'count_cancel', count, by} → left: SKUs that have still to leave it, which are free already; data: its record
function operations.count_cancel(S, op)
  local by = op[3]
  local record, refusal = counts.find(S, op[2])
  if not record then return refusal end
  local made
  if record.state == 'cancelled' then
    made = actions.known(S, record.action)
  elseif not counts.is_open(record) or record.state == 'applying' then
    return counts.refuse_state(S, record, 'opening', 'counting', 'review')
  else
    record.state, record.cancelled_by, record.behind, record.gone = 'cancelled', by[2], '', 0
    counts.change_open(S, record, -1)
    counts.change(S, record, by[2])
    made = counts.record_action(S, 'count_cancel', record, by)
    record.action = made.id
  end
  if record.gone < record.rows then release(S, record, counts.skus_a_call_max) end
  local outcome = done(S, record)
  outcome[10] = record.rows - record.gone
  return made and actions.tell(outcome, made) or outcome
end

-- SKUs leave counts that were cancelled by somebody who did not go on with it. Returns how many, at most `limit`.
function counts.sweep(S, limit)
  local left = math.min(limit, counts.skus_a_call_max)
  for _, id in ipairs(redis.call('SRANDMEMBER', S.base .. ':counts_leaving', 1)) do
    local record = counts.known(S, id)
    if record and left > 0 and record.gone < record.rows then left = left - release(S, record, left) end
  end
  return math.min(limit, counts.skus_a_call_max) - left
end
