-- Reports: which reports of a show are in the archive, and what the book notes for them that nobody could know later: the
-- units its plan expected when it began, and who still waited when it ended. And of each SKU what it came to in its last
-- shows, with what was decided about it. Rules: docs/rules.md#report.
--
--   :reports         hash  show → record, a map: show, continued, provisional and final ({seq, at_ms, name, checksum}, absent
--                          where there is none), pending: ids of reservations that it waits for
--   :forecast:<show> hash  sku → units that the run order expected when the show began, of those that it says it of
--   :waited:<show>   hash  sku → people who waited when the show ended, of reports.waited_skus_max SKUs
--   :history         hash  sku → [row, …], the last reports.history_max shows, the latest first; a row is an array
--                          (stock/reports.py: SkuHistory) with false in the place of what there is not
--
-- The first three go with their show, the history stays.

local reports = shows.reports
local SHOW, STARTED_AT, DECIDED, ROW_VALUES = 1, 2, 10, 14
reports.history_max, reports.waited_skus_max = 10, 200

-- The record of a show; one that is not written yet where it has no report.
function reports.of(S, show)
  S.reports = S.reports or {}
  local record = S.reports[show]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':reports', show)
    record = blob and cmsgpack.unpack(blob) or { show = show, continued = 0, pending = {} }
    S.reports[show] = record
  end
  return record
end

function reports.change(S, record)
  S.reports[record.show] = record
  S.reports_changed = S.reports_changed or {}
  S.reports_changed[record.show] = record
end

-- {'report', show, state, continued, seq, name, checksum, [reservation, …]}: a report is in the archive. STALE where the show
-- is on or has continued since (field continued), and of a final one where it may still continue (state). A final one is
-- written once; behind it a provisional one changes nothing. → data: the record
function operations.report(S, op)
  local id, state, continued, pending = op[2], op[3], op[4], op[8]
  local show = shows.of(S, id)
  if not show then return refuse(S, 'NOT_FOUND', nil, nil, 'show') end
  if show.ended_at_ms == 0 or show.continued ~= continued then return refuse(S, 'STALE', nil, nil, 'continued') end
  local is_final = state == 'final'
  if is_final and S.now - show.ended_at_ms <= (S.params.show_continue_max_ms or shows.continue_default_ms) then
    return refuse(S, 'STALE', nil, nil, 'state')
  end
  local record = reports.of(S, id)
  if record.final then return done(S, record) end
  record.continued, record.pending = continued, is_final and {} or pending
  record[state] = { seq = op[5], at_ms = S.now, name = op[6], checksum = op[7] }
  reports.change(S, record)
  events.add(S, 'report.ready', show.room, id, { show = id, state = state, seq = op[5], pending = #pending })
  return done(S, record)
end

-- A show goes on that had ended: what was written of it is not true any more.
function reports.withdraw(S, show)
  S.waited = S.waited or {}
  S.waited[show] = false
  local record = reports.of(S, show)
  if not record.provisional then return end
  record.provisional, record.pending = nil, {}
  reports.change(S, record)
end

-- The history of a SKU, as this call has it so far.
function reports.history_of(S, sku)
  S.history = S.history or {}
  local slot = S.history[sku]
  if not slot then
    local blob = redis.call('HGET', S.base .. ':history', sku)
    slot = { rows = blob and cmsgpack.unpack(blob) or {} }
    S.history[sku] = slot
  end
  return slot
end

-- The row of a show in a SKU's history, and its place there; nil where there is none.
function reports.row_of(slot, show)
  for at, row in ipairs(slot.rows) do
    if row[SHOW] == show then return row, at end
  end
  return nil
end

-- {'history', show, [[sku, row], …]}: what some SKUs came to in a show; what was decided about them stays.
function operations.history(S, op)
  for _, given in ipairs(op[3]) do
    local slot, row = reports.history_of(S, given[1]), given[2]
    local known, at = reports.row_of(slot, op[2])
    if known then
      for i = DECIDED, ROW_VALUES do row[i] = known[i] end
      slot.rows[at] = row
    else
      slot.rows[#slot.rows + 1] = row
      table.sort(slot.rows, function(a, b) return a[STARTED_AT] > b[STARTED_AT] end)
      slot.rows[reports.history_max + 1] = nil
    end
    slot.dirty = true
  end
  return done(S)
end

-- {'decide', show, sku, what, units or -1, note, by}: the last one stands. → data: the row
function operations.decide(S, op)
  local show, sku, by = op[2], op[3], op[7]
  local slot = reports.history_of(S, sku)
  local row = reports.row_of(slot, show)
  if not row then return refuse(S, 'NOT_FOUND', nil, nil, 'sku') end
  local units = op[5] >= 0 and op[5]
  local before = actions.known(S, by[1])
  if before and row[DECIDED] == op[4] and row[DECIDED + 1] == units and row[DECIDED + 4] == op[6] then
    return actions.tell(done(S, row), before)
  end
  row[DECIDED], row[DECIDED + 1], row[DECIDED + 2], row[DECIDED + 3], row[DECIDED + 4] = op[4], units, by[2], S.now, op[6]
  slot.dirty = true
  local made = actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = 'decide', room = by[3],
    subject = sku, text = op[4] .. (op[6] ~= '' and ': ' .. op[6] or ''), why = 'decided' })
  return actions.tell(done(S, row), made)
end

-- The plan as it is when a show begins: what the slots of the run order expect of each SKU together.
shows.begins_with[#shows.begins_with + 1] = function(S, _, room, record)
  local expected = {}
  for _, slot in ipairs(room.run_order or {}) do
    if type(slot) == 'table' and slot.expected_units then
      expected[slot.sku] = (expected[slot.sku] or 0) + slot.expected_units
    end
  end
  if not next(expected) then return end
  S.forecasts = S.forecasts or {}
  S.forecasts[record.id] = expected
end

-- Who waits when a show ends, which nobody does any more a moment later.
shows.ends_with[#shows.ends_with + 1] = function(S, name, record)
  local people = {}
  waiting.begin(S)
  for _, sku in ipairs(redis.call('SRANDMEMBER', S.base .. ':waiting_skus', reports.waited_skus_max)) do
    local stock = stock_of(S, sku)
    for _, group in pairs(stock and waiting.list(S, stock).groups or {}) do
      if group.room == name and group.last > (waiting.cut_of(S, group)) then people[sku] = (people[sku] or 0) + group.people end
    end
  end
  S.waited = S.waited or {}
  S.waited[record.id] = next(people) and people or false
end

shows.forgets[#shows.forgets + 1] = function(S, show)
  redis.call('HDEL', S.base .. ':reports', show)
  redis.call('UNLINK', S.base .. ':forecast:' .. show, S.base .. ':waited:' .. show)
  if S.reports_changed then S.reports_changed[show] = nil end
  if S.forecasts then S.forecasts[show] = nil end
  if S.waited then S.waited[show] = nil end
end

local function write_numbers(key, numbers)
  local fields = {}
  for sku, n in pairs(numbers) do
    fields[#fields + 1] = sku
    fields[#fields + 1] = string.format('%d', n)
  end
  call_in_chunks('HSET', key, fields)
end

function reports.write(S)
  for show, record in pairs(S.reports_changed or {}) do
    redis.call('HSET', S.base .. ':reports', show, cmsgpack.pack(record))
  end
  for show, expected in pairs(S.forecasts or {}) do write_numbers(S.base .. ':forecast:' .. show, expected) end
  for show, people in pairs(S.waited or {}) do
    redis.call('DEL', S.base .. ':waited:' .. show)
    if people then write_numbers(S.base .. ':waited:' .. show, people) end
  end
  local fields = {}
  for sku, slot in pairs(S.history or {}) do
    if slot.dirty then
      fields[#fields + 1] = sku
      fields[#fields + 1] = cmsgpack.pack(slot.rows)
    end
  end
  call_in_chunks('HSET', S.base .. ':history', fields)
end
