-- What people do with the rows of counts: lines, answers, other rounds, reasons. Rules: docs/rules.md#counts.

local REASONS = { mislogged_in = true, mislogged_out = true, damaged = true, lost = true, found = true, swapped = true,
  earlier_count = true, system = true, other = true }

-- A count and a row of it, or nil and the refusal.
local function find_row(S, id, sku, user)
  local record, refusal = counts.find(S, id, user)
  if not record then return nil, refusal end
  local row = counts.rows(S, id, { sku })[sku]
  if not row then return nil, counts.refused(S, 'NOT_FOUND', 'sku', nil, nil, sku) end
  return record, row
end

-- The round that a line would be of that is made now.
local function round_now(record, row)
  local next_one = row.again or record.state == 'review' and row.status == 'recount'
  return next_one and row.round + 1 or row.round
end

-- When the round began: what moved before that is in the book for whoever counts in it.
local function round_begun(row, round)
  local seq_then = row.from_seq
  for _, line in ipairs(counts.lines_of(row)) do
    if counts.is_saved(line) and line.round < round then seq_then = math.max(seq_then, line.seq) end
  end
  return seq_then
end

-- Whether somebody may have a line of this round now: a refusal, or nil.
local function refuse_line(S, record, row, round, user)
  if record.state ~= 'counting' and (record.state ~= 'review' or round == 1) then
    return counts.refuse_state(S, record, 'counting')
  end
  if record.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
  for _, line in ipairs(counts.lines_of(row)) do
    if line.by == user and line.round < round and counts.is_saved(line) then return refuse(S, 'SAME_SIGNER', nil, nil, 'user') end
  end
  return nil
end

local function line_of(row, n)
  for place, line in ipairs(counts.lines_of(row)) do
    if line.n == n then return line, place end
  end
  return nil
end

-- The line that somebody has open in this place, or nil.
local function opened_there(row, round, user, zone, lot, expires_on)
  for _, line in ipairs(counts.lines_of(row)) do
    if not counts.is_saved(line) and line.round == round and line.by == user and line.zone == zone and line.lot == lot
      and line.expires_on == expires_on then
      return line
    end
  end
  return nil
end

local function new_line(S, record, row, fields)
  local most = S.params.count_lines_max or 20000
  if record.lines >= most then return nil, refuse(S, 'SHELF_FULL', most, nil, 'lines') end
  if #counts.lines_of(row) >= counts.lines_a_row_max then return nil, refuse(S, 'SHELF_FULL', counts.lines_a_row_max, nil, 'lines') end
  record.lines, record.last_line = record.lines + 1, record.last_line + 1
  local line = { n = record.last_line, good = 0, bad = 0, note = '', seq = 0, at_ms = 0, on_hand = 0, unsellable = 0 }
  for field, value in pairs(fields) do line[field] = value end
  row.lines[#row.lines + 1] = line
  return line
end

-- {'count_line_open', count, sku, zone, lot, expires_on, user} → data: the row
function operations.count_line_open(S, op)
  local zone, lot, expires_on, user = op[4], op[5], op[6], op[7]
  local record, row = find_row(S, op[2], op[3], user)
  if not record then return row end
  local round = round_now(record, row)
  local refusal = refuse_line(S, record, row, round, user)
  if refusal then return refusal end
  if not opened_there(row, round, user, zone, lot, expires_on) then
    local line
    line, refusal = new_line(S, record, row, { round = round, zone = zone, lot = lot, expires_on = expires_on, by = user,
      begun_seq = seq(S), begun_at_ms = S.now })
    if not line then return refusal end
    counts.weigh(S, record, row)
    counts.change(S, record, user)
  end
  return done(S, counts.shown(record, row))
end

-- The line that somebody has made under this key, or nil.
local function made_before(row, once, user)
  for _, line in ipairs(counts.lines_of(row)) do
    if line.once == once and line.by == user then return line end
  end
  return nil
end

-- The first field in which a `count_line` is another one than made the line; nil where it is the same. What was found may have been
-- changed since.
local function other_than_said(line, op)
  for i, field in ipairs({ 'zone', 'lot', 'expires_on' }) do
    if line[field] ~= op[i + 4] then return field end
  end
  for i, field in ipairs({ 'good', 'bad', 'note', 'begun_seq' }) do
    local said = i < 4 and op[i + 7] or op[12] or 0
    if line.said and line.said[i] ~= said then return field end
  end
  return nil
end

-- {'count_line', count, line or 0, sku, zone, lot, expires_on, good, bad, note, user, begun_seq, once}
-- → data: {the line's number, the row}
function operations.count_line(S, op)
  local n, zone, lot, expires_on, user, begun_seq, once = op[3], op[5], op[6], op[7], op[11], op[12] or 0, op[13] or ''
  local record, row = find_row(S, op[2], op[4], user)
  if not record then return row end
  local known = once ~= '' and made_before(row, once, user)
  if known then
    local field = other_than_said(known, op)
    if field then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    return done(S, { known.n, counts.shown(record, row) })
  end
  if once ~= '' and (counts.sku_of_key(S, record.id, once, user) or row.sku) ~= row.sku then
    return refuse(S, 'ID_CONFLICT', nil, nil, 'sku')
  end
  local round, line, refusal = round_now(record, row), nil, nil
  if n > 0 then
    line = line_of(row, n)
    if not line or line.by ~= user then return refuse(S, 'NOT_FOUND', nil, nil, 'line') end
    -- One of a round that is over stays as it is.
    if line.round < round and (record.state == 'counting' or record.state == 'review') then
      return refuse(S, 'BAD_MESSAGE', nil, nil, 'line')
    end
  end
  refusal = refuse_line(S, record, row, round, user)
  if refusal then return refusal end
  if op[8] < 0 or op[9] < 0 then return refuse(S, 'BAD_MESSAGE', 0, nil, op[8] < 0 and 'good' or 'bad') end
  local begun = round_begun(row, round)
  if begun_seq ~= 0 and (begun_seq < begun or begun_seq > seq(S)) then
    return counts.refused(S, 'BAD_MESSAGE', 'begun_seq', nil, { begun, seq(S) })
  end
  line = line or opened_there(row, round, user, zone, lot, expires_on)
  if not line then
    line, refusal = new_line(S, record, row, { round = round, zone = zone, lot = lot, expires_on = expires_on, by = user,
      begun_seq = begun_seq ~= 0 and begun_seq or begun, begun_at_ms = S.now })
    if not line then return refusal end
  elseif begun_seq ~= 0 then
    line.begun_seq = math.min(line.begun_seq, begun_seq)
  end
  local stock = stock_of(S, row.sku)
  line.good, line.bad, line.note, line.seq, line.at_ms = op[8], op[9], op[10], seq(S), S.now
  line.on_hand, line.unsellable = counts.on_hand(stock), stock.units.unsellable or 0
  if once ~= '' then
    line.once, line.said = once, { op[8], op[9], op[10], begun_seq }
    counts.note_key(S, record.id, once, user, row.sku)
  end
  row.again = nil
  counts.weigh(S, record, row)
  counts.revise(S, record, user)
  return done(S, { line.n, counts.shown(record, row) })
end

-- {'count_line_drop', count, sku, line, user} → data: the row
function operations.count_line_drop(S, op)
  local user = op[5]
  local record, row = find_row(S, op[2], op[3], user)
  if not record then return row end
  local line, place = line_of(row, op[4])
  if not line or line.by ~= user then return refuse(S, 'NOT_FOUND', nil, nil, 'line') end
  if record.state ~= 'counting' and (record.state ~= 'review' or line.round == 1) then
    return counts.refuse_state(S, record, 'counting')
  end
  if line.round < round_now(record, row) and counts.is_saved(line) then return refuse(S, 'BAD_MESSAGE', nil, nil, 'line') end
  table.remove(row.lines, place)
  record.lines = record.lines - 1
  if counts.is_saved(line) then
    -- Nobody else has counted it again: that is still to be done.
    if line.round > 1 and counts.round_of(row) < line.round then row.again = true end
    counts.weigh(S, record, row)
    counts.revise(S, record, user)
  else
    counts.weigh(S, record, row)
    counts.change(S, record, user)
  end
  return done(S, counts.shown(record, row))
end

-- {'count_answer', count, sku, seq, included, user} → data: the row
function operations.count_answer(S, op)
  local included, user = op[5], op[6]
  local record, row = find_row(S, op[2], op[3], user)
  if not record then return row end
  if record.state ~= 'counting' and record.state ~= 'review' then return counts.refuse_state(S, record, 'counting', 'review') end
  for _, question in ipairs(row.questions or {}) do
    if question.seq == op[4] then
      local most = math.abs(question.units)
      if included < 0 or included > most then
        return counts.refused(S, 'BAD_MESSAGE', 'included', most, { 0, most })
      end
      if question.included ~= included then
        question.included, question.answered_by = included, user
        counts.weigh(S, record, row)
        counts.revise(S, record, user)
      end
      return done(S, counts.shown(record, row))
    end
  end
  return refuse(S, 'NOT_FOUND', nil, nil, 'question')
end

-- Review ----------------------------------------------------------------------------------------------------

-- A count in review and its rows of these SKUs, or nil and the refusal.
local function rows_in_review(S, id, skus, user)
  local record, refusal = counts.find(S, id, user)
  if not record then return nil, refusal end
  if record.state ~= 'review' then return nil, counts.refuse_state(S, record, 'review') end
  local most = counts.weighed_a_call_max
  if #skus > most then return nil, refuse(S, 'BAD_MESSAGE', most, nil, 'skus') end
  local rows = counts.rows(S, id, skus)
  for _, sku in ipairs(skus) do
    if not rows[sku] then return nil, counts.refused(S, 'NOT_FOUND', 'sku', nil, nil, sku) end
  end
  return record, rows
end

-- {'count_recount', count, skus, user} → data: the record
function operations.count_recount(S, op)
  local skus, user = op[3], op[4]
  local record, rows = rows_in_review(S, op[2], skus, user)
  if not record then return rows end
  if record.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
  for _, sku in ipairs(skus) do
    rows[sku].again, rows[sku].recount_asked_by = true, user
    counts.weigh(S, record, rows[sku])
  end
  if #skus > 0 then counts.revise(S, record, user) end
  return done(S, record)
end

-- {'count_reasons', count, [[sku, reason, note], …], user} → data: the record
function operations.count_reasons(S, op)
  local given, user = op[3], op[4]
  local skus = {}
  for i, one in ipairs(given) do skus[i] = one[1] end
  local record, rows = rows_in_review(S, op[2], skus, user)
  if not record then return rows end
  for _, one in ipairs(given) do
    if not REASONS[one[2]] then return counts.refused(S, 'BAD_MESSAGE', 'reason', nil, nil, one[1]) end
    if one[2] == 'other' and one[3] == '' then return counts.refused(S, 'BAD_MESSAGE', 'note', nil, nil, one[1]) end
  end
  local changed = false
  for _, one in ipairs(given) do
    local row = rows[one[1]]
    if row.reason ~= one[2] or row.reason_note ~= one[3] then
      row.reason, row.reason_note, row.reason_by = one[2], one[3], user
      counts.weigh(S, record, row)
      changed = true
    end
  end
  if changed then counts.revise(S, record, user) end
  return done(S, record)
end
