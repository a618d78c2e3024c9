-- Rows of counts: a SKU's lines, what left or came while they were counted, and what that comes to.
-- Rules: docs/rules.md#counts.
--
-- A row is a map as stock/counts.py has it (CountRow), and besides:
--   from_seq  when the SKU was put on the count: a line that nobody opened was begun then
--   again     another round was asked for, and nobody has saved a line of it
--   moved     what left or came outside of the window, as `questions`; `first`: the sequence of the first entry that one stands for
--   noted     what did since the row was worked out last: [seq, at_ms, kind, units, reference], packed, one behind the other; noted_n:
--             how many
--   while_counting  its status while the count goes on
--   open      somebody has a line of its last round open
--   two       it takes two signatures, however small it is

local TALLY = { 'counted_rows', 'open_rows', 'asking', 'recounts', 'unreasoned', 'differing', 'over' }

function counts.lines_of(row)
  row.lines = row.lines or {}
  return row.lines
end

function counts.is_saved(line)
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
  for _, line in ipairs(counts.lines_of(row)) do
    marks[#marks + 1] = line.begun_seq
    if counts.is_saved(line) then marks[#marks + 1] = line.seq end
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
  counts.take_noted(row)
  if not row.questions and not row.moved then return end
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

-- What was noted since the row was worked out is looked at.
function counts.take_noted(row)
  if not row.noted then return end
  local moved = row.moved or {}
  for _, one in ipairs({ cmsgpack.unpack(row.noted) }) do
    local seq_then, at_ms, kind, units, reference = unpack(one)
    moved[#moved + 1] = { seq = seq_then, first = seq_then, at_ms = at_ms, kind = kind, units = units, reference = reference,
      entries = 1 }
  end
  row.moved, row.noted, row.noted_n = moved, nil, nil
end

-- Every parcel of a SKU that is counted comes through here: it is put behind the others as it is, and only every so many are
-- taken apart.
function counts.note_movement(S, id, row, seq_then, kind, units, reference)
  row.noted = (row.noted or '') .. cmsgpack.pack({ seq_then, S.now, kind, units, reference })
  row.noted_n = (row.noted_n or 0) + 1
  if row.noted_n > counts.questions_a_row_max then
    counts.take_noted(row)
    row.moved = merged_movements(row, row.moved, #row.moved > counts.moved_a_row_max)
  end
  counts.change_row(S, id, row)
end

-- What it comes to -----------------------------------------------------------------------------------------

-- What a row adds to the numbers of its count.
local function tally(row)
  return { counted_rows = row.counted and 1 or 0, open_rows = row.open and 1 or 0, asking = row.status == 'asks' and 1 or 0,
    recounts = row.status == 'recount' and 1 or 0, unreasoned = row.status == 'reason' and 1 or 0,
    differing = row.counted and row.difference ~= 0 and 1 or 0, over = row.over and 1 or 0 }
end
counts.tally = tally

-- The lines that count: those saved of the last round with one. Returns that round, the last of them, when the first was begun, and
-- their sums.
function counts.round_of(row)
  local round, last, begun, counted, bad = 0, nil, nil, 0, 0
  for _, line in ipairs(counts.lines_of(row)) do
    if counts.is_saved(line) then round = math.max(round, line.round) end
  end
  for _, line in ipairs(row.lines) do
    if counts.is_saved(line) and line.round == round then
      counted, bad = counted + line.good + line.bad, bad + line.bad
      begun = math.min(begun or line.begun_seq, line.begun_seq)
      if not last or line.seq >= last.seq then last = line end
    end
  end
  return math.max(round, 1), last, begun, counted, bad
end

local function has_open_line(row)
  for _, line in ipairs(row.lines or {}) do
    if not counts.is_saved(line) and line.round >= row.round then return true end
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
  if not last then return row.open and 'counting' or 'uncounted' end
  if asks then return 'asks' end
  if row.round == 1 and math.abs(row.difference) > record.recount_over then return 'recount' end
  if row.difference ~= 0 and (row.reason or '') == '' then return 'reason' end
  return 'ready'
end

-- Work out a row anew after a change of it, and what it adds to the numbers of its count.
function counts.weigh(S, record, row)
  local before = tally(row)
  local last, begun, counted, bad
  row.round, last, begun, counted, bad = counts.round_of(row)
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
  row.open = has_open_line(row) or nil
  row.status = status_of(record, row, last, asks)
  local counting = row.status
  if not row.again and last and not asks then counting = row.open and 'counting' or 'counted' end
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
  told.moved, told.noted, told.noted_n = nil, nil, nil
  if record.state == 'opening' or record.state == 'counting' then told.status = row.while_counting or row.status end
  return told
end
