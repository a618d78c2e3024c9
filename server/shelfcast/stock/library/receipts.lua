-- Receipts: goods that arrive, entered by one person, or by two who do not see each other's figures. Rules: docs/rules.md#receipts.
--
--   :receipts       hash  id → record, a map as in stock/receipts.py, without lines and what is expected
--   :receipt:<id>   hash  'by:' and a person → its lines; 'expected' → [[sku, units], …]
--   :receipts_open  zset  id → when it was made, of those that are being entered
--   :receipts_over  zset  id → when it was received or cancelled; those that were over first go
--
-- Events: 'receipt', subject its id; data: state, by_two, entries, done: how many entries there are and are done; units, bad and
-- skus once it is received, differing: how many SKUs differ.

local ENTRIES_MAX = 8 -- people who enter one receipt
receipts.open = { open = true, differs = true }

-- The record of this id as this call leaves it, or false.
function receipts.known(S, id)
  S.receipts = S.receipts or {}
  local record = S.receipts[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':receipts', id)
    record = blob and cmsgpack.unpack(blob) or false
    S.receipts[id] = record
  end
  return record
end

-- What stands beside a record under a name, or nil.
local function beside(S, id, name)
  local kept = S.receipt_parts and S.receipt_parts[id] and S.receipt_parts[id][name]
  if kept then return kept end
  local blob = redis.call('HGET', S.base .. ':receipt:' .. id, name)
  return blob and cmsgpack.unpack(blob) or nil
end

local function keep(S, id, name, value)
  S.receipt_parts = S.receipt_parts or {}
  S.receipt_parts[id] = S.receipt_parts[id] or {}
  S.receipt_parts[id][name] = value
end

local function change(S, record)
  S.receipts[record.id] = record
  S.receipts_changed = S.receipts_changed or {}
  S.receipts_changed[record.id] = record
end

-- The catalogue has not one of these: a refusal that names it, or nil.
local function unknown_sku(S, rows, name_of)
  for _, row in ipairs(rows) do
    local sku = name_of(row)
    if not config(S, 'sku', '', sku) then
      local refusal = refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku')
      refusal[3] = sku
      return refusal
    end
  end
  return nil
end

local function tell(S, record, by, action)
  local finished = 0
  for _, entry in ipairs(record.entries) do
    if entry.done_at_ms > 0 then finished = finished + 1 end
  end
  local data = { state = record.state, by_two = record.by_two, entries = #record.entries, done = finished }
  if record.state == 'received' then data.units, data.bad, data.skus = record.units, record.bad, record.skus end
  if record.state == 'differs' then data.differing = #record.differing end
  events.add(S, 'receipt', '', record.id, data, by[2], action)
end

local function same_rows(a, b)
  return events.same(a or {}, b or {})
end

-- {'receipt_open', id, supplier, reference, note, [[sku, units], …], by}
function operations.receipt_open(S, op)
  local id, expected, by = op[2], op[6], op[7]
  local known = receipts.known(S, id)
  if known then
    for i, field in ipairs({ 'supplier', 'reference', 'note' }) do
      if known[field] ~= op[i + 2] then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    end
    if not same_rows(beside(S, id, 'expected'), expected) then return refuse(S, 'ID_CONFLICT', nil, nil, 'expected') end
    return done(S, known)
  end
  local refusal = unknown_sku(S, expected, function(row) return row[1] end)
  if refusal then return refusal end
  local lines_max, most = S.params.receipt_lines_max or 500, S.params.receipts_open_max or 50
  if #expected > lines_max then return refuse(S, 'SHELF_FULL', lines_max, nil, 'lines') end
  local open = redis.call('ZCARD', S.base .. ':receipts_open') + (S.receipts_opened or 0)
  if open >= most then return refuse(S, 'SHELF_FULL', most, nil, 'receipts') end
  local settings = config(S, 'pool', '', '') or {}
  local record = { id = id, state = 'open', supplier = op[3], reference = op[4], note = op[5],
    by_two = settings.receipts_by_two or false, entries = {}, differing = {}, made_by = by[2], made_at_ms = S.now,
    received_at_ms = 0, received_by = '', units = 0, bad = 0, skus = 0, seq = 0, cancelled_by = '' }
  S.receipts_opened = (S.receipts_opened or 0) + 1
  if #expected > 0 then keep(S, id, 'expected', expected) end
  change(S, record)
  tell(S, record, by)
  return done(S, record)
end

-- What is found of each SKU, lot and day: name → { sku, good, bad }, and the names in the order of the lines. Nothing found
-- is as good as no line.
local function sums_of(lines)
  local sums, names = {}, {}
  for _, line in ipairs(lines) do
    if line.good > 0 or line.bad > 0 then
      local name = line.sku .. US .. line.lot .. US .. line.expires_on
      local sum = sums[name]
      if not sum then
        sum = { sku = line.sku, good = 0, bad = 0 }
        sums[name], names[#names + 1] = sum, name
      end
      sum.good, sum.bad = sum.good + line.good, sum.bad + line.bad
    end
  end
  return sums, names
end

-- Notes in `skus` those of which two do not say the same.
local function note_differing(a, b, skus)
  for name, sum in pairs(a) do
    local other = b[name]
    if not other or other.good ~= sum.good or other.bad ~= sum.bad then skus[sum.sku] = true end
  end
  for name, sum in pairs(b) do
    if not a[name] then skus[sum.sku] = true end
  end
end

-- Whether another one who has finished says the same as `lines`; if not, and there is another one, the SKUs in which they
-- differ, by name.
local function agreement(S, record, user, lines)
  local own, skus, names = (sums_of(lines)), {}, {}
  for _, entry in ipairs(record.entries) do
    if entry.by ~= user and entry.done_at_ms > 0 then
      local differing = {}
      note_differing(own, (sums_of(beside(S, record.id, 'by:' .. entry.by) or {})), differing)
      if not next(differing) then return true, {} end
      for sku in pairs(differing) do skus[sku] = true end
    end
  end
  for sku in pairs(skus) do names[#names + 1] = sku end
  table.sort(names)
  return false, names
end

-- How many units of each SKU there are: [[sku, good, bad], …] in the order of the lines; and how many moves that takes.
local function units_of(lines)
  local rows, row_of, count = {}, {}, 0
  for _, line in ipairs(lines) do
    local row = row_of[line.sku]
    if not row then
      row = { line.sku, 0, 0 }
      row_of[line.sku], rows[#rows + 1] = row, row
    end
    row[2], row[3] = row[2] + line.good, row[3] + line.bad
  end
  for _, row in ipairs(rows) do count = count + (row[2] > 0 and 1 or 0) + (row[3] > 0 and 1 or 0) end
  return rows, count
end

-- The goods come in: good ones to the pool, bad ones are unsellable from the beginning.
local function receive(S, record, lines, by)
  local note = { id = record.id, actor = by[2], reason = record.reference, ref = record.id }
  local mark = actions.mark(S)
  for _, row in ipairs((units_of(lines))) do
    local stock = stock_of(S, row[1])
    if row[2] > 0 then transfer(S, stock, 'receive', row[2], 'supplier', 'pool', note) end
    if row[3] > 0 then transfer(S, stock, 'receive', row[3], 'supplier', 'unsellable', note) end
    record.units, record.bad = record.units + row[2] + row[3], record.bad + row[3]
    if row[2] + row[3] > 0 then record.skus = record.skus + 1 end
  end
  for _, line in ipairs(lines) do lots.received(S, line, 'receipt:' .. record.id) end
  record.state, record.received_at_ms, record.received_by, record.seq = 'received', S.now, by[2], seq(S)
  record.differing = {}
  return actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = 'receipt', room = '',
    subject = record.id, text = record.reference, why = 'receipt' }, actions.effect_since(S, mark))
end

local function entry_of(record, user)
  for _, entry in ipairs(record.entries) do
    if entry.by == user then return entry end
  end
  return nil
end

-- {'receipt_enter', receipt, lines, done, user, by}
function operations.receipt_enter(S, op)
  local id, lines, is_done, user, by = op[2], op[3], op[4], op[5], op[6]
  local record = receipts.known(S, id)
  if not record then return refuse(S, 'NOT_FOUND', nil, nil, 'receipt') end
  local entry, part = entry_of(record, user), 'by:' .. user
  if not receipts.open[record.state] then
    -- An answer that was lost is asked for again.
    if record.state == 'received' and is_done and entry and entry.done_at_ms > 0 and same_rows(beside(S, id, part), lines) then
      return done(S, record)
    end
    return receipts.not_now(S, record)
  end
  local lines_max = S.params.receipt_lines_max or 500
  if #lines > lines_max then return refuse(S, 'SHELF_FULL', lines_max, nil, 'lines') end
  if not entry and #record.entries >= ENTRIES_MAX then
    return refuse(S, 'SHELF_FULL', ENTRIES_MAX, nil, 'entries')
  end
  local refusal = unknown_sku(S, lines, function(line) return line.sku end)
  if refusal then return refusal end
  local _, count = units_of(lines)
  local moves_max = S.params.moves_a_call_max or MOVES_A_CALL
  if count > moves_max then return refuse(S, 'SHELF_FULL', moves_max, nil, 'lines') end
  local agreed, differing = false, {}
  if is_done then
    agreed, differing = agreement(S, record, user, lines)
    agreed = agreed or not record.by_two
  end
  if agreed and S.moves_left <= 0 then return refuse(S, 'OVERLOADED') end -- other operations have taken this call's part
  if not entry then
    entry = { by = user }
    record.entries[#record.entries + 1] = entry
  end
  entry.done_at_ms = is_done and S.now or 0
  keep(S, id, part, lines)
  local made
  if agreed then
    made = receive(S, record, lines, by)
  elseif is_done then
    record.state, record.differing = #differing > 0 and 'differs' or 'open', differing
  end
  change(S, record)
  if is_done then tell(S, record, by, made and made.id) end
  local outcome = done(S, record)
  return made and actions.tell(outcome, made) or outcome
end

function receipts.not_now(S, record)
  local refusal = refuse(S, 'BAD_MESSAGE', nil, nil, 'state')
  refusal[11] = { record.state, 'open', 'differs' }
  return refusal
end

-- {'receipt_cancel', receipt, by}
function operations.receipt_cancel(S, op)
  local record, by = receipts.known(S, op[2]), op[3]
  if not record then return refuse(S, 'NOT_FOUND', nil, nil, 'receipt') end
  if record.state == 'cancelled' then return done(S, record) end
  if not receipts.open[record.state] then return receipts.not_now(S, record) end
  record.state, record.cancelled_by, record.differing = 'cancelled', by[2], {}
  change(S, record)
  tell(S, record, by)
  return done(S, record)
end

-- Whether units may come in by a plain move where two people enter what arrives: the first ones of a SKU may, as its opening
-- stock (op[12]), or with a bulk write (op[11]), which defines it.
function receipts.may_receive(S, op, has_had_units)
  local settings = config(S, 'pool', '', '')
  if not settings or not settings.receipts_by_two then return true end
  return op[12] or op[11] and not has_had_units or false
end

function receipts.write(S)
  if not S.receipts_changed then return end
  local base, fields = S.base, {}
  local over = base .. ':receipts_over'
  for id, record in pairs(S.receipts_changed) do
    fields[#fields + 1] = id
    fields[#fields + 1] = cmsgpack.pack(record)
    if receipts.open[record.state] then
      redis.call('ZADD', base .. ':receipts_open', record.made_at_ms, id)
    else
      redis.call('ZREM', base .. ':receipts_open', id)
      redis.call('ZADD', over, S.now, id)
    end
    for name, value in pairs(S.receipt_parts and S.receipt_parts[id] or {}) do
      redis.call('HSET', base .. ':receipt:' .. id, name, cmsgpack.pack(value))
    end
  end
  call_in_chunks('HSET', base .. ':receipts', fields)
  local surplus = redis.call('ZCARD', over) - (S.params.receipts_kept_max or 500)
  local gone = surplus > 0 and redis.call('ZPOPMIN', over, surplus) or {}
  for i = 1, #gone, 2 do
    redis.call('HDEL', base .. ':receipts', gone[i])
    redis.call('DEL', base .. ':receipt:' .. gone[i])
  end
end
