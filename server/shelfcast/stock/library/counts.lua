-- Counts: sheets of what people find of the SKUs while they sell, from making one until it is signed. What is on a row of one, and
-- what that comes to, is in count_lines.lua, how it is moved in count_apply.lua. Rules: docs/rules.md#counts.
--
--   :counts            hash  id → record           :counts_over  zset  those that are over → when
--   :count:<id>:rows   hash  sku → row             :count:<id>:names  zset  its SKUs, by name
--   :counting          hash  sku → the open count that it is on; meta's `counting`: how many counts are open
--   :counts_leaving    set   cancelled counts whose SKUs are in `counting` still; those are free all the same
--   :counted           hash  sku → when it was counted last, and what came of that (stock/counts.py: LastCount)
--   :unsigned          hash  sku → [[hour, units], …] that one person alone has moved; '' → a loosening that waits for another
--                            person's word: { units or false, before, by, at_ms }
--
-- A record is a map as stock/counts.py has it (CountRecord), and besides:
--   last_line   the number of the line that was made last
--   behind      while it is applied, or once it is cancelled, the SKU that is done last; gone: how many are
--   action      the one that applied or cancelled it;   op: of a draft, the move that it is made of
--
-- What a call reads and changes of them is in a table of its own (counts.of), which no other call has.

counts.lines_a_row_max, counts.skus_a_call_max = 100, 500
counts.questions_a_row_max, counts.moved_a_row_max = 50, 200 -- movements, before they are merged
local OPEN_DEFAULT, LINES_DEFAULT, KEPT_DEFAULT = 50, 20000, 100 -- where a server of before does not say it
local DAY_HOURS, NO_RECOUNT = 24, 2147483647
local IS_OPEN = { opening = true, counting = true, review = true, applying = true }

-- What this call knows: records by id, rows by id and SKU, on: which open count a SKU is on; what it changes of them; and how far
-- into the ledger it has looked.
function counts.of(S)
  local known = S.counts
  if not known then
    -- changed: records to be written and told; kept: to be written only
    known = { records = {}, changed = {}, actors = {}, rows = {}, rows_changed = {}, names = {}, on = {}, on_changed = {}, over = {},
      kept = {}, leaving = {}, last = {}, unsigned = {}, followed = 0, open = S.counting }
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

local function refused(S, code, field, available, data, sku)
  local refusal = refuse(S, code, available, nil, field)
  if sku then refusal[3] = sku end
  refusal[11] = data
  return refusal
end
counts.refused = refused

-- It stands where this cannot be: the data are its state, and those where it can.
function counts.refuse_state(S, record, ...)
  return refused(S, 'BAD_MESSAGE', 'state', nil, { record.state, ... })
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
local function record_action(S, kind, record, by, effect)
  local made = actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = kind, room = '', subject = record.id,
    text = record.note, why = 'counted' }, effect)
  counts.of(S).actors[record.id] = by[2]
  return made
end
counts.record_action = record_action

-- Making ----------------------------------------------------------------------------------------------------

local function new_record(S, id, fields)
  local record = { id = id, made_at_ms = S.now, made_seq = seq(S), rows = 0, lines = 0, counted_rows = 0, asking = 0, recounts = 0,
    unreasoned = 0, differing = 0, over = 0, revision = 0, signatures = {}, last_line = 0 }
  for field, value in pairs(fields) do record[field] = value end
  local known = counts.of(S)
  known.open = known.open + 1
  counts.change(S, record, record.made_by)
  return record
end

-- No more counts may be open: a refusal, or nil.
local function refuse_crowd(S)
  local most = S.params.counts_open_max or OPEN_DEFAULT
  if counts.of(S).open >= most then return refuse(S, 'SHELF_FULL', most, nil, 'counts') end
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
  local crowd = refuse_crowd(S)
  if crowd then return crowd end
  asked.state, asked.made_by = 'opening', by[2]
  local record = new_record(S, id, asked)
  return actions.tell(done(S, record), record_action(S, 'count_open', record, by))
end

local function put_row(S, record, row)
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
    if not config(S, 'sku', '', sku) then return refused(S, 'UNKNOWN_SKU', 'sku', nil, nil, sku) end
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
  for _, sku in ipairs(new) do put_row(S, record, { sku = sku, status = 'uncounted', round = 1, from_seq = seq(S) }) end
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

-- {'count_close', count, user, again} → data: its record
function operations.count_close(S, op)
  local again = op[4]
  local record, refusal = counts.find(S, op[2], op[3])
  if not record then return refusal end
  local from, to = again and 'review' or 'counting', again and 'counting' or 'review'
  if record.state == to then return done(S, record) end
  if record.state ~= from then return counts.refuse_state(S, record, from) end
  if record.kind == 'draft' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'kind') end
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
    counts.of(S).open = counts.of(S).open - 1
    counts.change(S, record, by[2])
    made = record_action(S, 'count_cancel', record, by)
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

-- What takes two people ------------------------------------------------------------------------------------

-- Units of a SKU that one person alone may move, where the pool says how many.
function counts.limit(S)
  local pool = config(S, 'pool', '', '')
  return pool and pool.sign_over_units
end

local function remembered(S, field)
  local known = counts.of(S).unsigned
  if known[field] == nil then
    local blob = redis.call('HGET', S.base .. ':unsigned', field)
    known[field] = { value = blob and cmsgpack.unpack(blob) or false }
  end
  return known[field]
end

-- Units of a SKU that one person alone has moved within 24 hours, cut by the hour; 0 where the pool does not ask.
function counts.unsigned(S, sku)
  if not counts.limit(S) then return 0 end
  local units, oldest = 0, math.floor(S.now / HOUR_MS) - DAY_HOURS
  for _, row in ipairs(remembered(S, sku).value or {}) do
    if row[1] >= oldest then units = units + row[2] end
  end
  return units
end

function counts.note_unsigned(S, sku, units)
  if not counts.limit(S) then return end
  local slot, kept, hour = remembered(S, sku), {}, math.floor(S.now / HOUR_MS)
  for _, row in ipairs(slot.value or {}) do
    if row[1] >= hour - DAY_HOURS and row[1] ~= hour then
      kept[#kept + 1] = row
    elseif row[1] == hour then
      units = units + row[2]
    end
  end
  kept[#kept + 1] = { hour, units }
  slot.value, slot.dirty = kept, true
end

-- The draft of a move: its id is as long as an id may be, whatever the move's is.
local function draft_id(move)
  local id = 'draft.' .. move
  return #id <= 64 and id or 'draft.' .. redis.sha1hex(move)
end

local function make_draft(S, op, row, sign_over, actor, reason)
  local id = draft_id(op[2])
  local record = new_record(S, id, { kind = 'draft', state = 'review', room = '', zone = '', category = '', blind = false,
    recount_over = NO_RECOUNT, sign_over = sign_over, note = reason, made_by = actor, closed_at_ms = S.now, closed_by = actor,
    move = op[2], op = { op[1], op[2], unpack(op, 3, 2 + #BODY[op[1]]) }, lines = 1, last_line = 1 })
  local line = row.lines[1]
  line.n, line.round, line.by, line.note = 1, 1, actor, reason
  line.begun_seq, line.begun_at_ms, line.seq, line.at_ms = seq(S), S.now, seq(S), S.now
  row.status, row.round, row.from_seq, row.two = 'uncounted', 1, seq(S), true
  row.reason, row.reason_note, row.reason_by = 'other', reason ~= '' and reason or op[1] == 'count' and 'count' or 'write_off', actor
  put_row(S, record, row)
  counts.weigh(S, record, row)
  return record
end

-- A move of one person that changes what is on hand of a SKU by `difference` units. Where the pool says that two have to sign for so
-- many, it becomes a draft, and is refused: the refusal's data is the id of the count where it is decided (field `count`:
-- one that the SKU is on already). Otherwise it is noted, and nil. row: of the draft, its line and where it takes from.
function counts.refuse_unsigned(S, op, sku, difference, row, actor, reason)
  local most, units = counts.limit(S), math.abs(difference)
  if not most or units == 0 then return nil end
  if units + counts.unsigned(S, sku) <= most then
    counts.note_unsigned(S, sku, units)
    counts.weigh_again(S, sku)
    return nil
  end
  local before = counts.known(S, draft_id(op[2]))
  if before then
    if before.op[1] ~= op[1] then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
    for i, field in ipairs(BODY[op[1]]) do
      if before.op[i + 2] ~= op[i + 2] then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    end
    return refused(S, 'NEEDS_APPROVAL', '', most, before.id)
  end
  local other = counts.on(S, { sku })[sku]
  if other then return refused(S, 'NEEDS_APPROVAL', 'count', most, other) end
  local crowd = refuse_crowd(S)
  if crowd then return crowd end
  return refused(S, 'NEEDS_APPROVAL', '', most, make_draft(S, op, row, most, actor, reason).id)
end

-- The pool's settings are to let one person move more than before: the first who says so is remembered for a day, and another one
-- has to say the same. A refusal, or nil: then it is done.
function counts.refuse_loosening(S, old, new, by)
  local before, units = old and old.sign_over_units, new.sign_over_units or false
  if not before or (units and units <= before) then return nil end
  local who, slot = by and by[2] or '', remembered(S, '')
  local asked = slot.value
  if asked and asked[1] == units and asked[2] == before and asked[4] > S.now - DAY_HOURS * HOUR_MS and who ~= '' then
    if asked[3] == who then return refuse(S, 'SAME_SIGNER', nil, nil, 'user') end
    slot.value, slot.dirty = false, true
    return nil
  end
  if who ~= '' then slot.value, slot.dirty = { units, before, who, S.now }, true end
  return refuse(S, 'NEEDS_APPROVAL', before, nil, 'sign_over_units')
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
      counts.note_movement(S, id, row, { seq = e[7], first = e[7], at_ms = S.now, kind = e[1], units = one[2],
        reference = reference_of(e[1], e[6]), entries = 1 })
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
  if next(known.over) then
    for id, at in pairs(known.over) do redis.call('ZADD', base .. ':counts_over', string.format('%d', at), id) end
    forget(S)
  end
end
