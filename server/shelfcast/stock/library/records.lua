-- Records of reservations: their states, the form they are kept in, and what each is stamped with when it is made; and what
-- is said of them, as an outcome and as an entry of the ledger. Rules: docs/rules.md#selling.

-- state → the states it may become. A late payment is the only way out of `expired`.
local TRANSITIONS = {
  active = { payment_pending = true, confirmed = true, cancelled = true, expired = true },
  payment_pending = { confirmed = true, cancelled = true, expired = true },
  expired = { confirmed = true, paid_no_stock = true },
  paid_no_stock = { confirmed = true, cancelled = true },
  confirmed = { cancelled = true }, -- a paid order taken back before it was shipped
  cancelled = {},
}
local LIVE = { active = true, payment_pending = true }

-- A record as stored, an array. Of format 1 it has 9 fields, or 13 where shipped, flags, oversold or ref say anything. Of
-- format 2 it has 19: show, price_minor, currency, window, paid_minor and refunded_minor come at the end. Of format 3 one that has
-- units from batches has 20.
--   show      n of the room's show <room>.<n> that it was made in; 0: none
--   price     of one unit, when it was made, in minor units; -1: not known, of a record that format 1 began
--   currency  of the price, and of what was paid where a payment said another one
--   paid      in minor units; -1: no payment said it.   refunded: so far
--   batches   [[batch, units], …] in the order of drawing, of what is still held or sold; false: none
--   counted   whether it was made at format 2: what is kept beside the buckets counts these alone
local STATES = { 'active', 'payment_pending', 'confirmed', 'cancelled', 'expired', 'paid_no_stock' }
local STATE_NUMBERS = { active = 1, payment_pending = 2, confirmed = 3, cancelled = 4, expired = 5, paid_no_stock = 6 }
local FLAG_PRESALE, FLAG_EXTERNAL = 1, 2

-- MessagePack's headers, and what a record says that was made a moment ago of shipped, flags, oversold and ref.
local ARRAY_OF_9, ARRAY_OF_13, ARRAY_OF_19 = '\153', '\157', '\220\0\19'
local ARRAY_WITH_BATCHES = '\220\0\20'
local NOTHING_YET = '\0\0\0\160' -- 0, 0, 0, ''; cmsgpack is not there while the library is loaded

-- What a reservation is stamped with when it is made, and how it stands in its record and its entries.
local stamping = {}
local money = {} -- money.lua fills it
local freezes = {} -- freezes.lua fills it

-- The last six fields of a record.
function stamping.record_tail(r)
  return cmsgpack.pack(r.show, r.price, r.currency, r.window, r.paid, r.refunded)
end

local function pack_record(r)
  local head = cmsgpack.pack(STATE_NUMBERS[r.state], r.sku, r.qty, r.user, r.room, r.channel, r.expires_at,
    r.from_channel, r.from_pool)
  local rest = r.rest
  if rest then return ARRAY_OF_19 .. head .. rest end
  local flags = (r.presale and FLAG_PRESALE or 0) + (r.external and FLAG_EXTERNAL or 0)
  local is_plain = r.shipped == 0 and flags == 0 and r.oversold == 0 and r.ref == ''
  local middle = is_plain and NOTHING_YET or cmsgpack.pack(r.shipped, flags, r.oversold, r.ref)
  if r.batches then
    return ARRAY_WITH_BATCHES .. head .. middle .. (r.tail or stamping.record_tail(r)) .. cmsgpack.pack(r.batches)
  end
  if r.counted or r.paid >= 0 or r.refunded > 0 then return ARRAY_OF_19 .. head .. middle .. (r.tail or stamping.record_tail(r)) end
  return is_plain and ARRAY_OF_9 .. head or ARRAY_OF_13 .. head .. middle
end

-- format: of the pool, which says how entries about it are written.
local function unpack_record(id, blob, format_now)
  local row = cmsgpack.unpack(blob)
  local flags, price = row[11] or 0, row[15] or -1
  return { id = id, format = format_now, state = STATES[row[1]], sku = row[2], qty = row[3], user = row[4], room = row[5],
    channel = row[6], expires_at = row[7], from_channel = row[8], from_pool = row[9], shipped = row[10] or 0,
    presale = flags % 2 == 1, external = flags >= FLAG_EXTERNAL, oversold = row[12] or 0, ref = row[13] or '',
    show = row[14] or 0, price = price, counted = price >= 0, currency = row[16] or '', window = row[17] or '',
    paid = row[18] or -1, refunded = row[19] or 0, batches = row[20] or false }
end

local function reservation_of(S, id)
  local record = S.reservations[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':reservations', id)
    record = blob and unpack_record(id, blob, S.format) or false
    S.reservations[id] = record
  end
  return record
end

-- Many ids in one command, before the operations that name them are decided.
local function load_reservations(S, ids)
  for first = 1, #ids, WRITE_CHUNK do
    local last = math.min(first + WRITE_CHUNK - 1, #ids)
    local blobs = redis.call('HMGET', S.base .. ':reservations', unpack(ids, first, last))
    for i = 1, #blobs do
      local id = ids[first + i - 1]
      if S.reservations[id] == nil then S.reservations[id] = blobs[i] and unpack_record(id, blobs[i], S.format) or false end
    end
  end
end

-- Units still held or sold.
local function left_of(r)
  local n = r.from_channel + r.from_pool
  if r.batches then
    for _, drawn in ipairs(r.batches) do n = n + drawn[2] end
  end
  return n
end

local function become(S, r, state)
  if r.state then
    if not TRANSITIONS[r.state][state] then error('book: ' .. r.id .. ' cannot go from ' .. r.state .. ' to ' .. state) end
    if LIVE[r.state] and not LIVE[state] and r.user ~= '' then remove_live(S, r.user, r.id) end
  end
  if state ~= 'active' then r.rest = false end -- more may be said of it from here on
  r.state = state
  r.dirty = true
  S.holds[#S.holds + 1] = { r.id, r.user, r.room, r.sku, r.qty, state, r.expires_at }
end

local function finish_if_done(S, r)
  if not LIVE[r.state] and r.state ~= 'paid_no_stock' and left_of(r) == 0 and r.oversold == 0 then
    finish(S, 'r' .. r.id)
  end
end

-- The last eleven fields of an entry about a reservation, of format 2. limit: the listing's limit of a user, where it was
-- decided under one; paid, refunded: what this very step tells. Of each of the three -1 is none.
function stamping.entry_rest(r, ref, actor, reason, limit, paid, refunded)
  return cmsgpack.pack(ref or '', actor or '', reason or '', r.room, r.show, r.price, r.currency, limit or -1, r.window,
    paid or -1, refunded or -1)
end

-- At format 5 an actor who is the reservation's user, or somebody on that user's behalf, is written as the user of the
-- entry: US, and what follows the name.
function stamping.actor(r, actor)
  local user, n = r.user, #r.user
  if n == 0 or not actor or #actor < n or r.format < 5 or string.sub(actor, 1, n) ~= user then return actor end
  local by = string.sub(actor, n + 1)
  return (by == '' or string.sub(by, 1, 5) == ' (by ') and US .. by or actor
end

local function about(r, actor, reason, ref)
  actor = stamping.actor(r, actor)
  return { id = r.id, channel = r.channel, user = r.user, ref = ref or '', actor = actor, reason = reason,
    rest = r.format >= 2 and stamping.entry_rest(r, ref, actor, reason) or nil }
end

local function answer(S, code, r)
  return { code, seq(S), r.sku, r.qty, r.state, r.expires_at, -1, 0, '', left_of(r) }
end

local function refuse(S, code, available, retry_at, field)
  return { code, seq(S), '', 0, '', 0, available or -1, retry_at or 0, field or '', 0 }
end

local function done(S, data)
  return { 'OK', seq(S), '', 0, '', 0, -1, 0, '', 0, data }
end
-- What all reservations of a listing begin with, one table a listing and call, which their records fall back on: show,
-- price, currency and window, what nothing has been said of yet, and packed the rest of a record that is as it was made
-- (its tail: the end of that) and of the entry that makes it. listing: false where there is none (an order of another platform).
function stamping.of(S, room_name, room, sku, listing)
  local key = listing or sku
  local stamps = S.stamps[key]
  if stamps then return stamps end
  stamps = { counted = false, room = room_name, channel = room and room.channel, show = 0, price = -1, currency = '',
    window = '', rest = false, paid = -1, refunded = 0, units_key = ':units', presale = listing and listing.presale or false,
    external = not listing, batches = false, shipped = 0, oversold = 0, ref = '', tail = false, format = S.format, dirty = true }
  stamps.__index = stamps
  if S.format >= 2 then
    local settings = config(S, 'sku', '', sku)
    local price, currency = listing and listing.price_minor or -1, listing and listing.currency or ''
    if price < 0 then price = settings.price_minor or 0 end
    if currency == '' then currency = settings.currency or 'CNY' end
    stamps.counted, stamps.price, stamps.currency, stamps.show = true, price, currency, room and room.show or 0
    stamps.window = listing and windows.of(S, stamps.show, listing) or ''
    stamps.units_key = windows.key(stamps.window, room_name, stamps.show)
    stamps.also_ever = stamps.window == 's' and room.upgraded_show == stamps.show
    stamps.tail = stamping.record_tail(stamps)
    if not stamps.presale and listing then stamps.rest = NOTHING_YET .. stamps.tail end
    stamps.entry_rest = stamping.entry_rest(stamps, '', '', '', listing and listing.limit_per_user)
  end
  S.stamps[key] = stamps
  return stamps
end

-- What a room's shelf says of a SKU, read once a call: { room, listing, stamps, frozen }, or false where it has none of it.
-- frozen: by a flag that is not the SKU's own (freezes.lua).
function stamping.lot(S, room_name, sku)
  local shelf = S.shelves[room_name]
  if not shelf then shelf = {}; S.shelves[room_name] = shelf end
  local lot = shelf[sku]
  if lot == nil then
    local room = config(S, 'room', '', room_name)
    local listing = room and config(S, 'listing', room_name, sku)
    lot = listing and config(S, 'sku', '', sku)
      and { room = room, listing = listing, stamps = stamping.of(S, room_name, room, sku, listing),
        frozen = freezes.stop(S, room, room.channel) } or false
    shelf[sku] = lot
  end
  return lot
end

-- With all that is set of every record: a table that grows is made anew each time it is full.
function stamping.new_record(stamps, id, sku, qty, user)
  return setmetatable({ id = id, state = nil, sku = sku, qty = qty, user = user, expires_at = 0, from_channel = 0,
    from_pool = 0, dirty = true }, stamps)
end
