-- Reservations: the one table of their transitions, and everything that decides one.
-- Rules, and the order of the refusals: docs/rules.md#selling.

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
-- format 2 it has 19: show, price_minor, currency, window, paid_minor and refunded_minor come at the end.
--   show      n of the room's show <room>.<n> that it was made in; 0: none
--   price     of one unit, when it was made, in minor units; -1: not known, of a record that format 1 began
--   currency  of the price, and of what was paid where a payment said another one
--   paid      in minor units; -1: no payment said it.   refunded: so far
--   counted   whether it was made at format 2: what is kept beside the buckets counts these alone
local STATES = { 'active', 'payment_pending', 'confirmed', 'cancelled', 'expired', 'paid_no_stock' }
local STATE_NUMBERS = { active = 1, payment_pending = 2, confirmed = 3, cancelled = 4, expired = 5, paid_no_stock = 6 }
local FLAG_PRESALE, FLAG_EXTERNAL = 1, 2

-- MessagePack's headers, and what a record says that was made a moment ago of shipped, flags, oversold and ref.
local ARRAY_OF_9, ARRAY_OF_13, ARRAY_OF_19 = '\153', '\157', '\220\0\19'
local NOTHING_YET = '\0\0\0\160' -- 0, 0, 0, ''; cmsgpack is not there while the library is loaded

-- What a reservation is stamped with when it is made, and how it stands in its record and its entries.
local stamping = {}
local money = {} -- money.lua fills it

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
    paid = row[18] or -1, refunded = row[19] or 0 }
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
  return r.from_channel + r.from_pool
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

local function about(r, actor, reason, ref)
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

-- Where units are while `held` or `sold`.
local function stage(S, r, name)
  local places = places_of(S, r.channel)
  if not r.presale then return places[name] end
  return name == 'held' and places.presale_held or places.presale_sold
end

local function sellable(S, stock, channel)
  local own = stock.units[places_of(S, channel).own] or 0
  local settings = config(S, 'channel', '', channel)
  local shared = not (settings and settings.kind == 'dedicated')
  return own, shared and (stock.units.pool or 0) or 0, shared
end

-- The elastic reserve joins the main stock once that is at the SKU's threshold. What counts is what is left, never the size
-- of a request: one that could not be served with the reserve either releases nothing. An order
-- that is taken in any case (`partly`) leaves what it leaves.
local function release_elastic_if_short(S, stock, channel, qty, partly)
  local elastic = stock.units.elastic or 0
  if elastic == 0 then return end
  local threshold = config(S, 'sku', '', stock.sku).elastic_release_at
  if not threshold then return end
  local own, pool, shared = sellable(S, stock, channel)
  local left = own + pool - (partly and qty or 0)
  if left <= threshold and (partly or qty <= own + pool + elastic) then
    transfer(S, stock, 'release_elastic', elastic, 'elastic', shared and 'pool' or places_of(S, channel).own,
      { id = '', channel = channel, actor = 'book', reason = 'main stock is short' })
  end
end

-- Take `r.qty` units (or with `partly`, as many as there are) for r into `to`: own channel first, then the pool.
-- Returns the units taken; what is taken is noted in r and in the ledger.
local function draw(S, stock, r, to, kind, note, partly)
  if r.presale then
    local free = stock.units.presale or 0
    if free < r.qty then return 0, free end
    r.from_channel, r.from_pool = 0, r.qty
    transfer(S, stock, kind, r.qty, 'presale', stage(S, r, to), note, true)
    counters.took(stock, r, 'taken:presale', 'holding:presale', r.qty, to)
    return r.qty, free - r.qty
  end
  release_elastic_if_short(S, stock, r.channel, r.qty, partly)
  local own, pool = sellable(S, stock, r.channel)
  local take = math.min(r.qty, own + pool)
  if take < r.qty and not partly then return 0, own + pool end
  r.from_channel = math.min(own, take)
  r.from_pool = take - r.from_channel
  if r.from_channel > 0 then
    local places = places_of(S, r.channel)
    transfer(S, stock, kind, r.from_channel, places.own, stage(S, r, to), note)
    counters.took(stock, r, places.own_taken, places.own_holding, r.from_channel, to)
  end
  if r.from_pool > 0 then
    transfer(S, stock, kind, r.from_pool, 'pool', stage(S, r, to), note)
    counters.took(stock, r, 'taken:pool', 'holding:pool', r.from_pool, to)
  end
  release_elastic_if_short(S, stock, r.channel, 0)
  return take, own + pool - take
end

-- `n` units of r go from where they are (`held` or `sold`) back home: to the pool first, then to the channel.
local function give_back(S, stock, r, from, kind, n, note)
  local to_pool = math.min(n, r.from_pool)
  local to_channel = n - to_pool
  if to_pool > 0 then
    transfer(S, stock, kind, to_pool, stage(S, r, from), r.presale and 'presale' or 'pool', note, r.presale)
  end
  if to_channel > 0 then
    transfer(S, stock, kind, to_channel, stage(S, r, from), places_of(S, r.channel).own, note)
  end
  if from == 'held' then
    if to_pool > 0 then
      local place = r.presale and 'presale' or 'pool'
      counters.took(stock, r, 'taken:' .. place, 'holding:' .. place, -to_pool, 'held')
    end
    if to_channel > 0 then
      local places = places_of(S, r.channel)
      counters.took(stock, r, places.own_taken, places.own_holding, -to_channel, 'held')
    end
  else
    counters.sold(S, r, -n)
  end
  r.from_pool = r.from_pool - to_pool
  r.from_channel = r.from_channel - to_channel
  if r.user ~= '' and not r.external then windows.add(S, r, -n) end
end

-- Units in checkouts that come back to where r draws from, whoever's they are. Holds of before the counters are in
-- none of them: of those the channel's own are seen.
function counters.held_for(S, stock, r)
  local units = stock.units
  local held = units['holding:presale'] or 0
  if not r.presale then
    local _, _, shared = sellable(S, stock, r.channel)
    held = (units[places_of(S, r.channel).own_holding] or 0) + (shared and units['holding:pool'] or 0)
  end
  return math.max(held, units[stage(S, r, 'held')] or 0)
end

-- Why nothing can be had: units in checkouts may come back, a batch may open whose units r may draw, or it is over.
local function shortage_code(S, stock, r, available)
  if available > 0 then return 'INSUFFICIENT', 0 end
  if counters.held_for(S, stock, r) > 0 then return 'ALL_HELD', 0 end
  if not r.presale then
    local earliest, waiting = 0, false
    local _, _, shared = sellable(S, stock, r.channel)
    for place, n in pairs(stock.units) do
      local kind, name = place_kind(place)
      local batch = kind == 'batch:' and n > 0 and config(S, 'batch', '', name)
      local target = batch and (batch.target or 'pool')
      if target and (target == places_of(S, r.channel).own or (shared and target == 'pool')) then
        waiting = true
        local opens = batch.opens_at_ms or 0
        if opens > 0 and (earliest == 0 or opens < earliest) then earliest = opens end
      end
    end
    if waiting then return 'BATCH_EXHAUSTED', earliest end
  end
  return 'SOLD_OUT', 0
end

local function schedule_expiry(S, r, at)
  r.expires_at = math.ceil(at / EXPIRY_STEP_MS) * EXPIRY_STEP_MS
  local ids = S.due[r.expires_at]
  if not ids then ids = {}; S.due[r.expires_at] = ids end
  ids[#ids + 1] = r.id
end

local function end_hold(S, r, state, kind, actor, reason)
  give_back(S, stock_of(S, r.sku), r, 'held', kind, left_of(r), about(r, actor, reason))
  become(S, r, state)
  finish_if_done(S, r)
end

-- The engine's clock decides, not the moment of the sweep.
local function expire_if_over(S, r)
  if r and LIVE[r.state] and r.expires_at <= S.now then end_hold(S, r, 'expired', 'expire', 'book', '') end
  return r
end

local STANDING_CODES = { blocked = 'BLOCKED', review = 'REVIEW' }
local STATUS_CODES = { scheduled = 'NOT_OPEN', paused = 'PAUSED', ended = 'SALE_ENDED' }

-- The reasons that do not depend on the stock. Returns a refusal or nil.
local function refuse_by_rule(S, room, listing, stamps, stock, user, sku, qty)
  local standing = standing_of(S, user)
  local code = standing and STANDING_CODES[standing]
  if code then return refuse(S, code) end
  code = STATUS_CODES[room.status or 'scheduled']
  if code then return refuse(S, code, nil, code == 'NOT_OPEN' and listing.opens_at_ms or 0) end
  if stock.frozen then return refuse(S, 'FROZEN') end
  if (listing.opens_at_ms or 0) > S.now then return refuse(S, 'NOT_OPEN', nil, listing.opens_at_ms) end
  if listing.closes_at_ms and listing.closes_at_ms <= S.now then return refuse(S, 'SALE_ENDED') end
  local limit = math.min(listing.limit_per_order or S.params.order_qty_max, S.params.order_qty_max)
  if qty > limit then return refuse(S, 'LIMIT_PER_ORDER', limit) end
  limit = listing.limit_per_user
  if limit then
    local bought = windows.used(S, stamps, user, sku)
    if bought + qty > limit then return refuse(S, 'LIMIT_PER_USER', math.max(0, limit - bought)) end
  end
  if live_of(S, user).count >= S.params.live_max then return refuse(S, 'LIMIT_PER_USER', 0, 0, 'live') end
  return nil
end

-- What is said of an id that is known already.
local function answer_known(S, r, room, sku, qty, user)
  if r.external then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
  if r.user ~= user then return refuse(S, 'ID_CONFLICT', nil, nil, 'user') end
  if r.room ~= room then return refuse(S, 'ID_CONFLICT', nil, nil, 'room') end
  if r.sku ~= sku then return refuse(S, 'ID_CONFLICT', nil, nil, 'sku') end
  if r.qty ~= qty then return refuse(S, 'ID_CONFLICT', nil, nil, 'qty') end
  expire_if_over(S, r)
  if LIVE[r.state] then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if r.state == 'paid_no_stock' then return answer(S, 'PAID_NO_STOCK', r) end
  return answer(S, 'EXPIRED', r)
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
    external = not listing, shipped = 0, oversold = 0, ref = '', tail = false, format = S.format, dirty = true }
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

-- What a room's shelf says of a SKU, read once a call: { room, listing, stamps }, or false where it has none of it.
function stamping.lot(S, room_name, sku)
  local shelf = S.shelves[room_name]
  if not shelf then shelf = {}; S.shelves[room_name] = shelf end
  local lot = shelf[sku]
  if lot == nil then
    local room = config(S, 'room', '', room_name)
    local listing = room and config(S, 'listing', room_name, sku)
    lot = listing and config(S, 'sku', '', sku)
      and { room = room, listing = listing, stamps = stamping.of(S, room_name, room, sku, listing) } or false
    shelf[sku] = lot
  end
  return lot
end

-- With all that is set of every record: a table that grows is made anew each time it is full.
function stamping.new_record(stamps, id, sku, qty, user)
  return setmetatable({ id = id, state = nil, sku = sku, qty = qty, user = user, expires_at = 0, from_channel = 0,
    from_pool = 0, dirty = true }, stamps)
end

local operations = {}

-- {'reserve', id, room, sku, qty, user}
function operations.reserve(S, op)
  local id, room_name, sku, qty, user = op[2], op[3], op[4], op[5], op[6]
  local known = reservation_of(S, id)
  if known then return answer_known(S, known, room_name, sku, qty, user) end
  local lot = stamping.lot(S, room_name, sku)
  if lot and not lot.room.show then
    shows.adopt(S, room_name, lot.room)
    lot = stamping.lot(S, room_name, sku)
  end
  if not lot then
    local has_room = config(S, 'room', '', room_name)
    return refuse(S, has_room and 'UNKNOWN_SKU' or 'NOT_FOUND', nil, nil, has_room and 'sku' or 'room')
  end
  local room, listing, stamps, stock = lot.room, lot.listing, lot.stamps, stock_of(S, sku)
  local refusal = refuse_by_rule(S, room, listing, stamps, stock, user, sku, qty)
  if refusal then return refusal end
  local r = stamping.new_record(stamps, id, sku, qty, user)
  local note
  if r.counted then
    -- Without an actor: it is the user, whom an entry has already.
    note = { id = id, channel = r.channel, user = user, rest = stamps.entry_rest }
  else
    note = about(r, 'room:' .. room_name, listing.limit_per_user and 'limit ' .. listing.limit_per_user or '')
  end
  local taken, available = draw(S, stock, r, 'held', 'reserve', note)
  if taken == 0 then
    local code, retry_at = shortage_code(S, stock, r, available)
    return refuse(S, code, available, retry_at)
  end
  local hold_ms = room.hold_ms or 0
  schedule_expiry(S, r, S.now + (hold_ms > 0 and hold_ms or S.params.hold_ms))
  become(S, r, 'active')
  S.reservations[id] = r
  windows.add(S, r, qty)
  add_live(S, user, id)
  return answer(S, 'OK', r)
end

-- {'pay', id, actor}
function operations.pay(S, op)
  local r = expire_if_over(S, reservation_of(S, op[2]))
  if not r then return refuse(S, 'NOT_FOUND') end
  if r.state == 'payment_pending' then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if r.state ~= 'active' then return answer(S, 'EXPIRED', r) end
  local room = config(S, 'room', '', r.room)
  local extension = room and room.payment_extension_ms or 0
  schedule_expiry(S, r, r.expires_at + (extension > 0 and extension or S.params.payment_extension_ms))
  become(S, r, 'payment_pending')
  return answer(S, 'OK', r)
end

-- A payment after the hold ran out takes units anew, or waits in the PAID_NO_STOCK queue.
local function confirm_late(S, r, op)
  local ref, actor = op[3], op[4]
  local stock = stock_of(S, r.sku)
  local listing = config(S, 'listing', r.room, r.sku)
  local limit = listing and listing.limit_per_user
  -- Where the units of its show are not counted any more, its limit has gone with them.
  local counts = windows.is_kept(S, r)
  if not counts then limit = nil end
  local allowed = stock and not stock.frozen
    and not (limit and windows.used(S, windows.of_record(S, r), r.user, r.sku) + r.qty > limit)
  if allowed then windows.renew(S, r) end
  local note = about(r, actor, r.format < 2 and 'late' .. (limit and ' limit ' .. limit or '') or '', ref)
  if r.format >= 2 then
    note.limit, note.rest = limit, stamping.entry_rest(r, ref, actor, '', limit)
  end
  local taken = allowed and draw(S, stock, r, 'sold', 'reacquire', note) or 0
  if taken == 0 then
    if r.state == 'expired' then
      r.ref, note = ref, about(r, actor, '', ref)
      money.pay(r, note, op[5], op[6])
      transfer(S, stock, 'paid_no_stock', 0, 'outside', 'outside', note, r.presale)
      become(S, r, 'paid_no_stock')
      S.unfilled[r.id] = S.now
    end
    return answer(S, 'PAID_NO_STOCK', r)
  end
  if r.state == 'paid_no_stock' then S.unfilled[r.id] = false end
  r.ref = ref
  money.pay(r, note, op[5], op[6])
  if counts then windows.add(S, r, r.qty) end
  counters.sold(S, r, r.qty)
  become(S, r, 'confirmed')
  return answer(S, 'OK', r)
end

-- {'confirm', id, reference, actor, paid_minor or -1, currency or ''}: servers of the release before say neither of the last.
function operations.confirm(S, op)
  local ref, actor = op[3], op[4]
  local r = expire_if_over(S, reservation_of(S, op[2]))
  if not r then return refuse(S, 'NOT_FOUND') end
  if r.state == 'confirmed' then return answer(S, 'OK', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if not LIVE[r.state] then return confirm_late(S, r, op) end
  local note = about(r, actor, '', ref)
  money.pay(r, note, op[5], op[6])
  transfer(S, stock_of(S, r.sku), 'confirm', left_of(r), stage(S, r, 'held'), stage(S, r, 'sold'), note,
    r.presale)
  counters.paid(stock_of(S, r.sku), r, r.presale and 'holding:presale' or 'holding:pool', r.from_pool)
  counters.paid(stock_of(S, r.sku), r, places_of(S, r.channel).own_holding, r.from_channel)
  counters.sold(S, r, left_of(r))
  r.ref = ref
  become(S, r, 'confirmed')
  return answer(S, 'OK', r)
end

-- {'cancel', id, user or '', actor, reason, room or ''}: servers of the release before do not say the room.
function operations.cancel(S, op)
  local user, room = op[3], op[6] or ''
  local r = expire_if_over(S, reservation_of(S, op[2]))
  if not r or (user ~= '' and r.user ~= user) or (room ~= '' and r.room ~= room) then return refuse(S, 'NOT_FOUND') end
  if r.state == 'cancelled' then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'paid_no_stock' then return answer(S, 'PAID_NO_STOCK', r) end
  if r.state == 'expired' then return answer(S, 'EXPIRED', r) end
  end_hold(S, r, 'cancelled', 'cancel', op[4], op[5])
  return answer(S, 'OK', r)
end

-- {'refund', id, actor, reason, refunded_minor or -1}: servers of the release before do not say the last.
function operations.refund(S, op)
  local r = reservation_of(S, op[2])
  if not r then return refuse(S, 'NOT_FOUND') end
  if r.state == 'cancelled' then return answer(S, 'OK', r) end
  if r.state ~= 'paid_no_stock' then return refuse(S, 'NOT_FOUND', nil, nil, 'state') end
  local amount, refusal = money.part(S, r, r.qty, 0, op[5] or -1)
  if not amount then return refusal end
  local note = about(r, op[3], op[4])
  money.refund(r, note, amount)
  transfer(S, stock_of(S, r.sku), 'refund', 0, 'outside', 'outside', note, r.presale)
  become(S, r, 'cancelled')
  S.unfilled[r.id] = false
  finish_if_done(S, r)
  return answer(S, 'OK', r)
end

-- {'expire', limit} → data: how many holds ended; the limit, where the call has no more moves for others
function operations.expire(S, op)
  local limit, ended = math.min(op[2], math.max(0, S.moves_left)), 0
  local cut = limit < op[2]
  local times = redis.call('ZRANGEBYSCORE', S.base .. ':due', '-inf', string.format('%d', S.now), 'LIMIT', 0, limit)
  for _, at in ipairs(times) do
    if limit <= 0 then break end
    local read = S.due_done[at] or { count = 0 }
    local ids = redis.call('LRANGE', S.base .. ':due:' .. at, read.count, read.count + limit - 1)
    load_reservations(S, ids)
    for _, id in ipairs(ids) do
      local r = reservation_of(S, id)
      local was_live = r and LIVE[r.state]
      expire_if_over(S, r)
      if was_live and not LIVE[r.state] then ended = ended + 1 end
    end
    read.count = read.count + #ids
    read.all = redis.call('LLEN', S.base .. ':due:' .. at) <= read.count
    S.due_done[at] = read
    limit = limit - #ids
  end
  return done(S, cut and limit <= 0 and op[2] or ended)
end

-- {'step_clock', ms, steps} → data: how many holds were moved; -1 where the clock was found to step meanwhile.
-- The engine's clock went ahead (or back, below zero) by `ms`: live holds end as much later (earlier) by it, so that each
-- lasts as long as it was promised. Of a clock that went back, what ends within `ms` from now was made behind the step.
function operations.step_clock(S, op)
  local ms, moved = op[2], 0
  if S.clock_steps ~= op[3] then return done(S, -1) end
  S.clock_steps = S.clock_steps + 1
  S.clock_stepped = true
  local from = ms > 0 and '-inf' or string.format('(%d', S.now - ms)
  for _, at in ipairs(redis.call('ZRANGEBYSCORE', S.base .. ':due', from, '+inf')) do
    local read = S.due_done[at] or { count = 0 }
    local ids = redis.call('LRANGE', S.base .. ':due:' .. at, read.count, -1)
    load_reservations(S, ids)
    for _, id in ipairs(ids) do
      local r = reservation_of(S, id)
      if r and LIVE[r.state] and r.expires_at == tonumber(at) then
        schedule_expiry(S, r, r.expires_at + ms)
        r.dirty = true
        S.holds[#S.holds + 1] = { r.id, r.user, r.room, r.sku, r.qty, r.state, r.expires_at }
        moved = moved + 1
      end
    end
    S.due_done[at] = { count = read.count + #ids, all = true }
  end
  return done(S, moved)
end
