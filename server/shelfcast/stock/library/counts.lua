-- Counts: sheets of what people find of the SKUs while they sell. Here is what they all stand on: their records and rows, what moves
-- meanwhile, and writing them. count_sheets.lua makes, closes, signs and cancels them, count_rows.lua says what a row comes to,
-- count_lines.lua what people do with rows, count_unsigned.lua what takes two people, count_apply.lua moves what was found.
-- Rules: docs/rules.md#counts.
--
--   :counts            hash  id → record           :counts_over  zset  those that are over → when
--   :count:<id>:rows   hash  sku → row             :count:<id>:names  zset  its SKUs, by name
--   :count:<id>:keys   hash  who US the key of a line → its SKU, until the count is over
--   :counting          hash  sku → the open count that it is on; meta's `counting`: how many counts are open,
--                            `drafts`: of them those of moves
--   :counts_leaving    set   cancelled counts whose SKUs are in `counting` still; those are free all the same
--   :counted           hash  sku → when it was counted last, and what came of that (stock/counts.py: LastCount)
--   :unsigned          hash  sku → [[hour, units], …] that one person alone has moved; '' → a loosening that waits for another
--                            person's word: { said: what, by, at_ms }
--
-- A record is a map as stock/counts.py has it (CountRecord), and besides:
--   last_line   the number of the line that was made last
--   behind      while it is applied, or once it is cancelled, the SKU that is done last; gone: how many are
--   action      the one that applied or cancelled it;   op: of a draft, the move that it is made of
--
-- What a call reads and changes of them is in a table of its own (counts.of), which no other call has.

counts.lines_a_row_max, counts.skus_a_call_max = 100, 500
counts.applied_a_call_max, counts.weighed_a_call_max = 250, 250 -- SKUs whose rows are written anew, which takes longer
counts.questions_a_row_max, counts.moved_a_row_max = 50, 200 -- movements, before they are merged
local KEPT_DEFAULT = 100 -- where a server of before does not say it
local IS_OPEN = { opening = true, counting = true, review = true, applying = true }

-- What this call knows: records by id, rows by id and SKU, on: which open count a SKU is on; what it changes of them; and how far
-- into the ledger it has looked.
function counts.of(S)
  local known = S.counts
  if not known then
    -- changed: records to be written and told; kept: to be written only
    known = { records = {}, changed = {}, actors = {}, rows = {}, rows_changed = {}, names = {}, on = {}, on_changed = {}, over = {},
      kept = {}, leaving = {}, last = {}, unsigned = {}, keys = {}, followed = 0, open = S.counting }
    S.counts = known
  end
  return known
end

function counts.known(S, id)
  local records = counts.of(S).records
  if records[id] == nil then
    local blob = redis.call('HGET', S.base .. ':counts', id)
    records[id] = blob and cmsgpack.unpack(blob) or false
  end
  return records[id]
end

function counts.is_open(record)
  return IS_OPEN[record.state] or false
end

-- A record is to be written, and told; actor: who changed it.
function counts.change(S, record, actor)
  local known = counts.of(S)
  known.records[record.id], known.changed[record.id] = record, record
  if actor then known.actors[record.id] = actor end
end

-- What would be applied has changed: what was signed is not that any more.
function counts.revise(S, record, actor)
  record.revision, record.signatures = record.revision + 1, {}
  counts.change(S, record, actor)
end

-- The rows of a count, those of `skus` read in one command; sku → row, or false.
function counts.rows(S, id, skus)
  local known = counts.of(S).rows
  local rows = known[id]
  if not rows then
    rows = {}
    known[id] = rows
  end
  local missing = {}
  for _, sku in ipairs(skus) do
    if rows[sku] == nil then missing[#missing + 1] = sku end
  end
  if #missing > 0 then
    local blobs = {}
    read_many(S.base .. ':count:' .. id .. ':rows', missing, blobs)
    for sku, blob in pairs(blobs) do rows[sku] = blob and cmsgpack.unpack(blob) or false end
  end
  return rows
end

function counts.change_row(S, id, row)
  local known = counts.of(S)
  local changed = known.rows_changed[id] or {}
  known.rows_changed[id] = changed
  known.rows[id][row.sku], changed[row.sku] = row, row
end

-- Which open counts SKUs are on: sku → id, or false. Those of one that was cancelled are free before they leave it.
function counts.on(S, skus)
  local on, missing = counts.of(S).on, {}
  for _, sku in ipairs(skus) do
    if on[sku] == nil then missing[#missing + 1] = sku end
  end
  if #missing == 0 then return on end
  read_many(S.base .. ':counting', missing, on)
  for _, sku in ipairs(missing) do
    local record = on[sku] and counts.known(S, on[sku])
    if not record or not counts.is_open(record) then on[sku] = false end
  end
  return on
end

-- id: the count that a SKU is on from now, or false.
function counts.put_on(S, sku, id)
  local known = counts.of(S)
  known.on[sku], known.on_changed[sku] = id, true
end

-- All that is physically there of a SKU.
function counts.on_hand(stock)
  local units = 0
  for place, n in pairs(stock.units) do
    if ON_HAND[place_kind(place)] then units = units + n end
  end
  return units
end

function counts.refused(S, code, field, available, data, sku)
  local refusal = refuse(S, code, available, nil, field)
  if sku then refusal[3] = sku end
  refusal[11] = data
  return refusal
end

-- It stands where this cannot be: the data are its state, and those where it can.
function counts.refuse_state(S, record, ...)
  return counts.refused(S, 'BAD_MESSAGE', 'state', nil, { record.state, ... })
end

-- The count of an operation, or nil and the refusal. user: who asks, where somebody has to.
function counts.find(S, id, user)
  counts.follow(S)
  if user == '' then return nil, refuse(S, 'BAD_MESSAGE', nil, nil, 'user') end
  local record = counts.known(S, id)
  if not record then return nil, refuse(S, 'NOT_FOUND', nil, nil, 'count') end
  return record
end

-- by: whose write it was. Nothing undoes what is done with a count.
function counts.record_action(S, kind, record, by, effect)
  local made = actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = kind, room = '', subject = record.id,
    text = record.note, why = 'counted' }, effect)
  counts.of(S).actors[record.id] = by[2]
  return made
end

-- Of which SKU the line is that somebody has made under a key, or nil. The row itself says it of its own.
function counts.sku_of_key(S, id, key, user)
  local field, noted = user .. US .. key, counts.of(S).keys[id]
  return noted and noted[field] or redis.call('HGET', S.base .. ':count:' .. id .. ':keys', field) or nil
end

function counts.note_key(S, id, key, user, sku)
  local keys = counts.of(S).keys
  keys[id] = keys[id] or {}
  keys[id][user .. US .. key] = sku
end

-- Following what moves -------------------------------------------------------------------------------------

-- Entries of these kinds never take a unit over the border: most of a ledger.
local WITHIN = { reserve = true, confirm = true, cancel = true, expire = true, allocate = true, carve = true, quarantine = true }

-- What an entry is known by to people: the parcel, the delivery, the order.
local function reference_of(kind, about)
  if kind == 'ship' and (about.reason or '') ~= '' then return about.reason end
  return (about.ref or '') ~= '' and about.ref or about.id
end

-- Note the units that entered or left what is on hand, of SKUs on open counts, since this call looked last: before a line is
-- decided, and before the call is written.
function counts.follow(S)
  if S.counting == 0 and not S.counts then return end
  local known = counts.of(S)
  local crossed, skus
  for i = known.followed + 1, #S.entries do
    local e = S.entries[i]
    if e[3] ~= 0 and not WITHIN[e[1]] then
      local was, is = ON_HAND[place_kind(e[4])], ON_HAND[place_kind(e[5])]
      if was ~= is then
        crossed, skus = crossed or {}, skus or {}
        crossed[#crossed + 1] = { e, is and e[3] or -e[3] }
        skus[#skus + 1] = e[2]
      end
    end
  end
  known.followed = #S.entries
  if not crossed then return end
  local on, of = counts.on(S, skus), {}
  for _, sku in ipairs(skus) do
    local id = on[sku]
    if id then
      of[id] = of[id] or {}
      of[id][#of[id] + 1] = sku
    end
  end
  for id, some in pairs(of) do counts.rows(S, id, some) end
  for _, one in ipairs(crossed) do
    local e, id = one[1], on[one[1][2]]
    local row = id and known.rows[id][e[2]]
    if row then
      counts.note_movement(S, id, row, e[7], e[1], one[2], reference_of(e[1], e[6]))
    end
  end
end

-- Writing ---------------------------------------------------------------------------------------------------

-- Forget the oldest of those that are over.
local function forget(S)
  local key = S.base .. ':counts_over'
  local over = redis.call('ZCARD', key) - (S.params.counts_kept_max or KEPT_DEFAULT)
  if over <= 0 then return end
  local popped = redis.call('ZPOPMIN', key, over)
  for i = 1, #popped, 2 do
    local of = S.base .. ':count:' .. popped[i]
    redis.call('HDEL', S.base .. ':counts', popped[i])
    redis.call('UNLINK', of .. ':rows', of .. ':names')
  end
end

local function write_fields(key, slots, value_of)
  local set, delete = {}, {}
  for field in pairs(slots) do
    local value = value_of(field)
    if value then
      set[#set + 1] = field
      set[#set + 1] = value
    else
      delete[#delete + 1] = field
    end
  end
  call_in_chunks('HSET', key, set)
  call_in_chunks('HDEL', key, delete)
end

function counts.write(S)
  counts.follow(S)
  local known = S.counts
  if not known then return end
  local base = S.base
  for id, record in pairs(known.changed) do
    known.kept[id] = record
    events.add(S, 'count', '', id, { state = record.state, kind = record.kind, revision = record.revision },
      known.actors[id] or '')
    if record.state == 'applied' then
      events.add(S, 'count_applied', '', id, { gained = record.gained, lost = record.lost, shortage = record.shortage,
        rows = record.applied_rows }, known.actors[id] or '', record.action)
    end
  end
  write_fields(base .. ':counts', known.kept, function(id) return cmsgpack.pack(known.kept[id]) end)
  for id, is_leaving in pairs(known.leaving) do
    redis.call(is_leaving and 'SADD' or 'SREM', base .. ':counts_leaving', id)
  end
  for id, changed in pairs(known.rows_changed) do
    write_fields(base .. ':count:' .. id .. ':rows', changed, function(sku) return cmsgpack.pack(changed[sku]) end)
  end
  for id, keys in pairs(known.keys) do
    write_fields(base .. ':count:' .. id .. ':keys', keys, function(field) return keys[field] end)
  end
  for id, names in pairs(known.names) do call_in_chunks('ZADD', base .. ':count:' .. id .. ':names', names) end
  write_fields(base .. ':counting', known.on_changed, function(sku) return known.on[sku] end)
  write_fields(base .. ':counted', known.last, function(sku) return cmsgpack.pack(known.last[sku]) end)
  local unsigned = {}
  for field, slot in pairs(known.unsigned) do
    if slot.dirty then unsigned[field] = slot end
  end
  write_fields(base .. ':unsigned', unsigned, function(field)
    return unsigned[field].value and cmsgpack.pack(unsigned[field].value)
  end)
  if known.open ~= S.counting then redis.call('HSET', base .. ':meta', 'counting', known.open) end
  if known.drafts ~= known.drafts_before then redis.call('HSET', base .. ':meta', 'drafts', known.drafts) end
  if next(known.over) then
    for id, at in pairs(known.over) do
      redis.call('ZADD', base .. ':counts_over', string.format('%d', at), id)
      redis.call('UNLINK', base .. ':count:' .. id .. ':keys')
    end
    forget(S)
  end
end
