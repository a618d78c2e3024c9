-- Reservations: everything that decides one. Rules, and the order of the refusals: docs/rules.md#selling.

local reserving = {}

function reserving.schedule_expiry(S, r, at)
  r.expires_at = math.ceil(at / EXPIRY_STEP_MS) * EXPIRY_STEP_MS
  local ids = S.due[r.expires_at]
  if not ids then ids = {}; S.due[r.expires_at] = ids end
  ids[#ids + 1] = r.id
end

function reserving.end_hold(S, r, state, kind, actor, reason)
  drawing.give_back(S, stock_of(S, r.sku), r, 'held', kind, left_of(r), about(r, actor, reason))
  become(S, r, state)
  finish_if_done(S, r)
end

-- The engine's clock decides, not the moment of the sweep.
function reserving.expire_if_over(S, r)
  if r and LIVE[r.state] and r.expires_at <= S.now then reserving.end_hold(S, r, 'expired', 'expire', 'book', '') end
  return r
end

local STANDING_CODES = { blocked = 'BLOCKED', review = 'REVIEW' }
local STATUS_CODES = { scheduled = 'NOT_OPEN', paused = 'PAUSED', ended = 'SALE_ENDED' }

-- The reasons that do not depend on the stock. Returns a refusal or nil.
function reserving.refuse_by_rule(S, lot, stock, user, sku, qty)
  local room, listing = lot.room, lot.listing
  local standing = standing_of(S, user)
  local code = standing and STANDING_CODES[standing]
  if code then return refuse(S, code) end
  code = STATUS_CODES[room.status or 'scheduled']
  if code then return refuse(S, code, nil, code == 'NOT_OPEN' and listing.opens_at_ms or 0) end
  if stock.frozen or lot.frozen then return refuse(S, 'FROZEN') end
  if (listing.opens_at_ms or 0) > S.now then return refuse(S, 'NOT_OPEN', nil, listing.opens_at_ms) end
  if listing.closes_at_ms and listing.closes_at_ms <= S.now then return refuse(S, 'SALE_ENDED') end
  local limit = math.min(listing.limit_per_order or S.params.order_qty_max, S.params.order_qty_max)
  if qty > limit then return refuse(S, 'LIMIT_PER_ORDER', limit) end
  limit = listing.limit_per_user
  if limit then
    local bought = windows.used(S, lot.stamps, user, sku)
    if bought + qty > limit then return refuse(S, 'LIMIT_PER_USER', math.max(0, limit - bought)) end
  end
  if live_of(S, user).count >= S.params.live_max then return refuse(S, 'LIMIT_PER_USER', 0, 0, 'live') end
  return nil
end

-- What is said of a reservation as it stands.
function reserving.answer_state(S, r)
  if LIVE[r.state] then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if r.state == 'paid_no_stock' then return answer(S, 'PAID_NO_STOCK', r) end
  return answer(S, 'EXPIRED', r)
end

-- What is said of an id that is known already.
function reserving.answer_known(S, r, room, sku, qty, user)
  if r.external then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
  if r.user ~= user then return refuse(S, 'ID_CONFLICT', nil, nil, 'user') end
  if r.room ~= room then return refuse(S, 'ID_CONFLICT', nil, nil, 'room') end
  if r.sku ~= sku then return refuse(S, 'ID_CONFLICT', nil, nil, 'sku') end
  if r.qty ~= qty then return refuse(S, 'ID_CONFLICT', nil, nil, 'qty') end
  reserving.expire_if_over(S, r)
  return reserving.answer_state(S, r)
end

local operations = {}

-- What a room's shelf says of a SKU (stamping.lot), or nil and a refusal.
function reserving.lot_or_refusal(S, room_name, sku)
  local lot = stamping.lot(S, room_name, sku)
  if lot and not lot.room.show then
    shows.adopt(S, room_name, lot.room)
    lot = stamping.lot(S, room_name, sku)
  end
  if lot then return lot end
  local has_room = config(S, 'room', '', room_name)
  return nil, refuse(S, has_room and 'UNKNOWN_SKU' or 'NOT_FOUND', nil, nil, has_room and 'sku' or 'room')
end

-- Hold so many units for hold_ms, or with `partly` as many as there are. Returns the record; or nil, what could be had, a code
-- where it is not for lack of units, and the record that was not made.
function reserving.hold(S, lot, stock, id, sku, qty, user, hold_ms, partly)
  local stamps, note = lot.stamps, nil
  local r = stamping.new_record(stamps, id, sku, qty, user)
  if r.counted then
    -- Without an actor: it is the user, whom an entry has already.
    note = { id = id, channel = r.channel, user = user, rest = stamps.entry_rest }
  else
    local limit = lot.listing.limit_per_user
    note = about(r, 'room:' .. r.room, limit and 'limit ' .. limit or '')
  end
  local taken, available, refused = drawing.take(S, stock, r, 'held', 'reserve', note, partly)
  if taken == 0 then return nil, available, refused, r end
  r.qty = taken
  reserving.schedule_expiry(S, r, S.now + hold_ms)
  become(S, r, 'active')
  S.reservations[id] = r
  windows.add(S, r, taken)
  add_live(S, user, id)
  return r
end

-- {'reserve', id, room, sku, qty, user}
function operations.reserve(S, op)
  local id, room_name, sku, qty, user = op[2], op[3], op[4], op[5], op[6]
  local known = reservation_of(S, id)
  if known then return reserving.answer_known(S, known, room_name, sku, qty, user) end
  local lot, missing = reserving.lot_or_refusal(S, room_name, sku)
  if not lot then return missing end
  local stock = stock_of(S, sku)
  local refusal = reserving.refuse_by_rule(S, lot, stock, user, sku, qty)
  if not refusal and stock.watched then
    -- What those get who wait, this very user may be one of them: its limit is looked at again.
    refusal = waiting.let_pass(S, lot, stock, id) or reserving.refuse_by_rule(S, lot, stock, user, sku, qty)
  end
  if refusal then return refusal end
  local hold_ms = lot.room.hold_ms or 0
  local made, available, refused, r = reserving.hold(S, lot, stock, id, sku, qty, user, hold_ms > 0 and hold_ms or S.params.hold_ms)
  if made then return answer(S, 'OK', made) end
  if refused then return refuse(S, refused, available, 0, 'batch') end
  local code, retry_at = drawing.shortage(S, stock, r, available)
  return refuse(S, code, available, retry_at)
end

-- {'pay', id, actor}
function operations.pay(S, op)
  local r = reserving.expire_if_over(S, reservation_of(S, op[2]))
  if not r then return refuse(S, 'NOT_FOUND') end
  if r.state == 'payment_pending' then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if r.state ~= 'active' then return answer(S, 'EXPIRED', r) end
  local room = config(S, 'room', '', r.room)
  local extension = room and room.payment_extension_ms or 0
  reserving.schedule_expiry(S, r, r.expires_at + (extension > 0 and extension or S.params.payment_extension_ms))
  become(S, r, 'payment_pending')
  return answer(S, 'OK', r)
end

-- Units anew for a payment that came after the hold ran out: r is confirmed where there are some, and is as it was where not.
-- Returns whether it is. paid, currency: what the payment says, or nil.
function reserving.confirm_anew(S, r, ref, actor, paid, currency)
  local stock = stock_of(S, r.sku)
  local listing = config(S, 'listing', r.room, r.sku)
  local limit = listing and listing.limit_per_user
  -- Where the units of its show are not counted any more, its limit has gone with them.
  local counts = windows.is_kept(S, r)
  if not counts then limit = nil end
  local allowed = stock and not stock.frozen and not freezes.stop(S, config(S, 'room', '', r.room), r.channel)
    and not (limit and windows.used(S, windows.of_record(S, r), r.user, r.sku) + r.qty > limit)
  if not allowed then return false end
  windows.renew(S, r)
  local note = about(r, actor, r.format < 2 and 'late' .. (limit and ' limit ' .. limit or '') or '', ref)
  if r.format >= 2 then
    note.limit, note.rest = limit, stamping.entry_rest(r, ref, note.actor, '', limit)
  end
  if drawing.take(S, stock, r, 'sold', 'reacquire', note) == 0 then return false end
  if r.state == 'paid_no_stock' then settling.unfilled(S, r, false) end
  r.ref = ref
  money.pay(r, note, paid, currency)
  if counts then windows.add(S, r, r.qty) end
  counters.sold(S, r, r.qty)
  become(S, r, 'confirmed')
  return true
end

-- A payment after the hold ran out takes units anew, or waits in the PAID_NO_STOCK queue.
function reserving.confirm_late(S, r, op)
  local ref, actor = op[3], op[4]
  if reserving.confirm_anew(S, r, ref, actor, op[5], op[6]) then return answer(S, 'OK', r) end
  if r.state == 'expired' then
    r.ref = ref
    local note = about(r, actor, '', ref)
    money.pay(r, note, op[5], op[6])
    transfer(S, stock_of(S, r.sku), 'paid_no_stock', 0, 'outside', 'outside', note, r.presale)
    become(S, r, 'paid_no_stock')
    settling.unfilled(S, r, true)
  end
  return answer(S, 'PAID_NO_STOCK', r)
end

-- {'confirm', id, reference, actor, paid_minor or -1, currency or ''}: servers of the release before say neither of the last.
function operations.confirm(S, op)
  local ref, actor = op[3], op[4]
  local r = reserving.expire_if_over(S, reservation_of(S, op[2]))
  if not r then return refuse(S, 'NOT_FOUND') end
  if r.state == 'confirmed' then return answer(S, 'OK', r) end
  if r.state == 'cancelled' then return answer(S, 'ALREADY_CANCELLED', r) end
  if not LIVE[r.state] then return reserving.confirm_late(S, r, op) end
  local note = about(r, actor, '', ref)
  money.pay(r, note, op[5], op[6])
  transfer(S, stock_of(S, r.sku), 'confirm', left_of(r), drawing.stage(S, r, 'held'), drawing.stage(S, r, 'sold'), note,
    r.presale)
  counters.paid(stock_of(S, r.sku), r, r.presale and 'holding:presale' or 'holding:pool', r.from_pool)
  counters.paid(stock_of(S, r.sku), r, places_of(S, r.channel).own_holding, r.from_channel)
  if r.batches then
    for _, drawn in ipairs(r.batches) do counters.paid(stock_of(S, r.sku), r, 'holding:batch:' .. drawn[1], drawn[2]) end
  end
  counters.sold(S, r, left_of(r))
  r.ref = ref
  become(S, r, 'confirmed')
  return answer(S, 'OK', r)
end

-- {'cancel', id, user or '', actor, reason, room or ''}: servers of the release before do not say the room.
function operations.cancel(S, op)
  local user, room = op[3], op[6] or ''
  local r = reserving.expire_if_over(S, reservation_of(S, op[2]))
  if not r or (user ~= '' and r.user ~= user) or (room ~= '' and r.room ~= room) then return refuse(S, 'NOT_FOUND') end
  if r.state == 'cancelled' then return answer(S, 'OK', r) end
  if r.state == 'confirmed' then return answer(S, 'ALREADY_CONFIRMED', r) end
  if r.state == 'paid_no_stock' then return answer(S, 'PAID_NO_STOCK', r) end
  if r.state == 'expired' then return answer(S, 'EXPIRED', r) end
  reserving.end_hold(S, r, 'cancelled', 'cancel', op[4], op[5])
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
  settling.unfilled(S, r, false)
  finish_if_done(S, r)
  return answer(S, 'OK', r)
end

-- {'expire', limit} → data: how many holds ended; the limit, where the call has no more moves for others
function operations.expire(S, op)
  local limit, ended = math.min(op[2], math.max(0, S.moves_left)), 0
  -- Where somebody waits, what comes free goes on to the next one in the same call.
  if redis.call('EXISTS', S.base .. ':waiting_skus') == 1 then limit = math.max(math.min(1, limit), math.floor(limit * EXPIRIES_WITH_OFFERS)) end
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
      reserving.expire_if_over(S, r)
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
        reserving.schedule_expiry(S, r, r.expires_at + ms)
        r.dirty = true
        S.holds[#S.holds + 1] = { r.id, r.user, r.room, r.sku, r.qty, r.state, r.expires_at }
        moved = moved + 1
      end
    end
    S.due_done[at] = { count = read.count + #ids, all = true }
  end
  return done(S, moved)
end
