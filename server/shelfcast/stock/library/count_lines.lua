-- Rows of counts: a SKU's lines, what left or came while they were counted, the rounds, and what all that comes to.
-- Rules: docs/rules.md#counts.
--
-- A row is a map as stock/counts.py has it (CountRow), and besides:
--   from_seq  when the SKU was put on the count: a line that nobody opened was begun then
--   again     another round was asked for, and nobody has saved a line of it
--   moved     what left or came outside of the window, as `questions`; `first`: the sequence of the first entry that one stands for
--   while_counting  its status while the count goes on
--   two       it takes two signatures, however small it is

local REASONS = { mislogged_in = true, mislogged_out = true, damaged = true, lost = true, found = true, swapped = true,
  earlier_count = true, system = true, other = true }
local TALLY = { 'counted_rows', 'asking', 'recounts', 'unreasoned', 'differing', 'over' }

local function lines_of(row)
  row.lines = row.lines or {}
  return row.lines
end

local function is_saved(line)
  return (line.at_ms or 0) > 0
end

-- What left or came ----------------------------------------------------------------------------------------

local function by_seq(a, b)
  return a.seq < b.seq
end

-- One stands for several from now: of several kinds, and answered anew.
local function take_in(one, other)
  one.seq, one.at_ms, one.units, one.entries = other.seq, other.at_ms, one.units + other.units, one.entries + other.entries
  if one.kind ~= other.kind then one.kind = 'several' end
  one.reference, one.included, one.answered_by = '', nil, nil
end

-- The times between the marks of the lines, when they were begun and saved: what moved in one of them is on the same side of
-- whatever window. In order: the movements of each.
local function stretches_of(row, movements)
  local marks = {}
  for _, line in ipairs(lines_of(row)) do
    marks[#marks + 1] = line.begun_seq
    if is_saved(line) then marks[#marks + 1] = line.seq end
  end
  table.sort(marks)
  table.sort(movements, by_seq)
  local stretches, at, stretch = {}, 1, nil
  for _, one in ipairs(movements) do
    while marks[at] and marks[at] < one.first do at, stretch = at + 1, nil end
    if not stretch then
      stretch = { entries = 0 }
      stretches[#stretches + 1] = stretch
    end
    stretch[#stretch + 1] = one
    stretch.entries = stretch.entries + one.entries
  end
  return stretches
end

-- Of a stretch with more movements than questions_a_row_max (all: of each), those that left become one, and those that came.
local function merged_movements(row, movements, all)
  local kept = {}
  for _, stretch in ipairs(stretches_of(row, movements)) do
    local out, into = nil, nil
    for _, one in ipairs(stretch) do
      local with = one.units < 0 and out or one.units > 0 and into or nil
      if with and (all or stretch.entries > counts.questions_a_row_max) then
        take_in(with, one)
      else
        kept[#kept + 1] = one
        if one.units < 0 then out = one else into = one end
      end
    end
  end
  table.sort(kept, by_seq)
  return kept
end

local function entries_in(movements)
  local n = 0
  for _, one in ipairs(movements) do n = n + one.entries end
  return n
end

-- Sort them into questions and others. begun, last: the window, of which the first is not in it; nil: there is none.
local function split_movements(row, begun, last)
  local questions, moved = {}, {}
  for _, list in ipairs({ row.questions or {}, row.moved or {} }) do
    for _, one in ipairs(list) do
      local of = begun and one.seq > begun and one.first <= last and questions or moved
      of[#of + 1] = one
    end
  end
  local most = counts.questions_a_row_max
  questions = merged_movements(row, questions, entries_in(questions) > most)
  moved = merged_movements(row, moved, #moved > counts.moved_a_row_max)
  row.questions, row.moved = questions[1] and questions or nil, moved[1] and moved or nil
end

function counts.note_movement(S, id, row, movement)
  local moved = row.moved or {}
  moved[#moved + 1] = movement
  if #moved > counts.questions_a_row_max then moved = merged_movements(row, moved, #moved > counts.moved_a_row_max) end
  row.moved = moved
  counts.change_row(S, id, row)
end

-- What it comes to -----------------------------------------------------------------------------------------

-- What a row adds to the numbers of its count.
local function tally(row)
  return { counted_rows = row.counted and 1 or 0, asking = row.status == 'asks' and 1 or 0,
    recounts = row.status == 'recount' and 1 or 0, unreasoned = row.status == 'reason' and 1 or 0,
    differing = row.counted and row.difference ~= 0 and 1 or 0, over = row.over and 1 or 0 }
end
counts.tally = tally

-- The lines that count: those saved of the last round with one. Returns that round, the last of them, when the first was begun, and
-- their sums.
local function round_of(row)
  local round, last, begun, counted, bad = 0, nil, nil, 0, 0
  for _, line in ipairs(lines_of(row)) do
    if is_saved(line) then round = math.max(round, line.round) end
  end
  for _, line in ipairs(row.lines) do
    if is_saved(line) and line.round == round then
      counted, bad = counted + line.good + line.bad, bad + line.bad
      begun = math.min(begun or line.begun_seq, line.begun_seq)
      if not last or line.seq >= last.seq then last = line end
    end
  end
  return math.max(round, 1), last, begun, counted, bad
end

local function has_open_line(row)
  for _, line in ipairs(row.lines or {}) do
    if not is_saved(line) and line.round >= row.round then return true end
  end
  return false
end

-- Units that two people have to sign for, if there are more than the count's `sign_over`.
local function is_over(S, record, row)
  local size = math.max(math.abs(row.difference), math.abs(row.bad - row.unsellable))
  if size == 0 then return false end
  return row.two or size + counts.unsigned(S, row.sku) > record.sign_over
end

local function status_of(record, row, last, asks)
  if row.again then return 'recount' end
  if not last then return has_open_line(row) and 'counting' or 'uncounted' end
  if asks then return 'asks' end
  if row.round == 1 and math.abs(row.difference) > record.recount_over then return 'recount' end
  if row.difference ~= 0 and (row.reason or '') == '' then return 'reason' end
  return 'ready'
end

-- Work out a row anew after a change of it, and what it adds to the numbers of its count.
function counts.weigh(S, record, row)
  local before = tally(row)
  local last, begun, counted, bad
  row.round, last, begun, counted, bad = round_of(row)
  split_movements(row, begun, last and last.seq)
  local adjusted, asks = 0, false
  for _, one in ipairs(row.questions or {}) do
    if not one.included then
      asks = true
    elseif one.units < 0 then
      adjusted = adjusted - one.included
    else
      adjusted = adjusted + one.units - one.included
    end
  end
  local difference_before = row.difference or 0
  row.counted, row.bad, row.adjusted = last and counted or nil, bad, adjusted
  row.on_hand, row.unsellable = last and last.on_hand or 0, last and last.unsellable or 0
  row.difference = last and counted + adjusted - row.on_hand or 0
  -- Why units were missing does not say why there are too many.
  if row.difference * difference_before < 0 or row.difference == 0 and difference_before ~= 0 then
    row.reason, row.reason_note, row.reason_by = nil, nil, nil
  end
  row.over = last and is_over(S, record, row) or nil
  row.status = status_of(record, row, last, asks)
  local counting = row.status
  if not row.again and last and not asks then counting = has_open_line(row) and 'counting' or 'counted' end
  row.while_counting = counting
  local after = tally(row)
  for _, name in ipairs(TALLY) do record[name] = record[name] + after[name] - before[name] end
  counts.change_row(S, record.id, row)
end

-- Somebody alone has moved units of a SKU: what is found of it may need a second signature now.
function counts.weigh_again(S, sku)
  if S.counting == 0 and not S.counts then return end
  local id = counts.on(S, { sku })[sku]
  local record = id and counts.known(S, id)
  if not record or record.state == 'applying' then return end
  local row = counts.rows(S, id, { sku })[sku]
  local was_over = row.over
  counts.weigh(S, record, row)
  if row.over ~= was_over then counts.revise(S, record) end
end

-- A row as it is told: of a count that goes on, nothing of what comes after that.
function counts.shown(record, row)
  local told = {}
  for field, value in pairs(row) do told[field] = value end
  if record.state == 'opening' or record.state == 'counting' then told.status = row.while_counting or row.status end
  return told
end

-- Lines -----------------------------------------------------------------------------------------------------

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
  for _, line in ipairs(lines_of(row)) do
    if is_saved(line) and line.round < round then seq_then = math.max(seq_then, line.seq) end
  end
  return seq_then
end

-- Whether somebody may have a line of this round now: a refusal, or nil.
local function refuse_line(S, record, row, round, user)
  if record.state ~= 'counting' and (record.state ~= 'review' or round == 1) then
    return counts.refuse_state(S, record, 'counting')
  end
  if record.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
  for _, line in ipairs(lines_of(row)) do
    if line.by == user and line.round < round and is_saved(line) then return refuse(S, 'SAME_SIGNER', nil, nil, 'user') end
  end
  return nil
end

local function line_of(row, n)
  for place, line in ipairs(lines_of(row)) do
    if line.n == n then return line, place end
  end
  return nil
end

-- The line that somebody has open in this place, or nil.
local function opened_there(row, round, user, zone, lot, expires_on)
  for _, line in ipairs(lines_of(row)) do
    if not is_saved(line) and line.round == round and line.by == user and line.zone == zone and line.lot == lot
      and line.expires_on == expires_on then
      return line
    end
  end
  return nil
end

local function new_line(S, record, row, fields)
  local most = S.params.count_lines_max or 20000
  if record.lines >= most then return nil, refuse(S, 'SHELF_FULL', most, nil, 'lines') end
  if #lines_of(row) >= counts.lines_a_row_max then return nil, refuse(S, 'SHELF_FULL', counts.lines_a_row_max, nil, 'lines') end
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

-- {'count_line', count, line or 0, sku, zone, lot, expires_on, good, bad, note, user, begun_seq, once}
-- → data: {the line's number, the row}
function operations.count_line(S, op)
  local n, zone, lot, expires_on, user, begun_seq, once = op[3], op[5], op[6], op[7], op[11], op[12] or 0, op[13] or ''
  local record, row = find_row(S, op[2], op[4], user)
  if not record then return row end
  for _, line in ipairs(lines_of(row)) do
    if once ~= '' and line.once == once and line.by == user then return done(S, { line.n, counts.shown(record, row) }) end
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
  line.on_hand, line.unsellable, line.once = counts.on_hand(stock), stock.units.unsellable or 0, once ~= '' and once or nil
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
  if line.round < round_now(record, row) and is_saved(line) then return refuse(S, 'BAD_MESSAGE', nil, nil, 'line') end
  table.remove(row.lines, place)
  record.lines = record.lines - 1
  if is_saved(line) then
    -- Nobody else has counted it again: that is still to be done.
    if line.round > 1 and round_of(row) < line.round then row.again = true end
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
  if #skus > counts.skus_a_call_max then return nil, refuse(S, 'BAD_MESSAGE', counts.skus_a_call_max, nil, 'skus') end
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
