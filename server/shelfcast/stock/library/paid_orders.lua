-- Moves of orders that are paid: shipped, given back, filled once their goods are there, and sold elsewhere.
-- Each is a move: its id makes it happen once (moves.lua). Rules: docs/rules.md#moves.

-- A paid reservation and how many of its units an operation is about, or a refusal.
local function paid_units(S, id, qty, most)
  local r = reservation_of(S, id)
  if not r or r.state ~= 'confirmed' then
    return nil, refuse(S, 'NOT_FOUND', nil, nil, r and 'state' or 'reservation')
  end
  local there = most(r)
  if qty == 0 then qty = there end
  if qty == 0 or qty > there then return nil, refuse(S, 'INSUFFICIENT', there) end
  return r, qty
end

-- {'ship', id, reservation, qty or 0, actor, reference}
function moves.ship(S, op)
  local r, qty = paid_units(S, op[3], op[4], function(record) return record.presale and 0 or left_of(record) end)
  if not r then return qty end
  transfer(S, stock_of(S, r.sku), 'ship', qty, drawing.stage(S, r, 'sold'), 'shipped', about(r, op[5], op[6], op[2]))
  drawing.shipped(r, qty)
  r.dirty = true
  finish_if_done(S, r)
  return answer(S, 'OK', r)
end

-- {'cancel_paid', id, reservation, qty or 0, actor, reason, refunded_minor or -1}
function moves.cancel_paid(S, op)
  local r, qty = paid_units(S, op[3], op[4], function(record) return left_of(record) + record.oversold end)
  if not r then return qty end
  local stays = left_of(r) + r.oversold + r.shipped - qty
  local amount, refusal = money.part(S, r, qty, stays, op[7] or -1)
  if not amount then return refusal end
  local stock, note = stock_of(S, r.sku), about(r, op[5], op[6], op[2])
  money.refund(r, note, amount)
  local owed = math.min(qty, r.oversold) -- what was never there is given up first
  if owed > 0 then
    transfer(S, stock, 'cancel_paid', owed, 'external_oversold:' .. r.channel, 'outside', note)
    r.oversold = r.oversold - owed
    settling.oversold(S, r)
  end
  if qty > owed then drawing.give_back(S, stock, r, 'sold', 'cancel_paid', qty - owed, note) end
  r.dirty = true
  refunds.moved(S, r.id, r.sku, qty, 'cancelled_paid', op[5])
  if left_of(r) == 0 and r.oversold == 0 and r.shipped == 0 then become(S, r, 'cancelled') end
  finish_if_done(S, r)
  return answer(S, 'OK', r)
end

-- {'fulfil', id, reservation, actor}: goods for a paid presale order are there.
function moves.fulfil(S, op)
  local r, qty = paid_units(S, op[3], 0, function(record) return record.presale and left_of(record) or 0 end)
  if not r then return qty end
  local stock, note = stock_of(S, r.sku), about(r, op[4], '', op[2])
  -- It is sold already, and no low mark holds for it.
  local own, open, pool = drawing.by_kind(S, stock, r.channel)
  local there = drawing.sum(stock, own, open, pool)
  if there < qty then return refuse(S, 'INSUFFICIENT', there) end
  transfer(S, stock, 'fulfil', qty, drawing.stage(S, r, 'sold'), 'fulfilled', note, true)
  r.presale, r.from_channel, r.from_pool = false, 0, 0
  drawing.draw(S, stock, r, 'sold', 'fulfil', note, qty, own, open, false)
  r.dirty = true
  return answer(S, 'OK', r)
end

-- {'settle', id, reservation, qty, actor}: units for an external order that was sold beyond the stock.
function moves.settle(S, op)
  local r, qty = paid_units(S, op[3], op[4], function(record) return record.oversold end)
  if not r then return qty end
  local stock = stock_of(S, r.sku)
  local there = drawing.remaining(S, stock, r.channel, true)
  if there < qty then return refuse(S, 'INSUFFICIENT', there) end
  settling.settle(S, stock, r, qty, about(r, op[5], '', op[2]))
  return answer(S, 'OK', r)
end

-- Orders whose ids are known when their records are over:
--   :external_orders  zset  id → until when, in ms
local KEPT_GONE_A_CALL = 500

-- Whether this id has booked an order whose record is over.
local function is_kept(S, id)
  local until_ms = redis.call('ZSCORE', S.base .. ':external_orders', id)
  return until_ms and tonumber(until_ms) > S.now
end

function settling.write_kept(S)
  if not S.kept_orders then return end
  local key = S.base .. ':external_orders'
  call_in_chunks('ZADD', key, S.kept_orders)
  local gone = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%d', S.now), 'LIMIT', 0, KEPT_GONE_A_CALL)
  call_in_chunks('ZREM', key, gone)
end

-- {'external', id, channel, sku, qty, user, reference, actor, paid_minor or -1, currency or '', keep_ms or 0}
-- → left: units that were there
function operations.external(S, op)
  local id, channel, sku, qty, user, keep_ms = op[2], op[3], op[4], op[5], op[6], op[11] or 0
  local known = reservation_of(S, id)
  if not known and keep_ms > 0 and is_kept(S, id) then return done(S) end
  if known then
    if not known.external then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
    if known.channel ~= channel then return refuse(S, 'ID_CONFLICT', nil, nil, 'channel') end
    if known.sku ~= sku then return refuse(S, 'ID_CONFLICT', nil, nil, 'sku') end
    if known.qty ~= qty then return refuse(S, 'ID_CONFLICT', nil, nil, 'qty') end
    if known.counted and known.paid ~= (op[9] or -1) then return refuse(S, 'ID_CONFLICT', nil, nil, 'paid_minor') end
    if known.paid >= 0 and (op[10] or '') ~= '' and known.currency ~= op[10] then
      return refuse(S, 'ID_CONFLICT', nil, nil, 'currency')
    end
    local record = actions.known(S, id)
    local outcome = answer(S, 'OK', known)
    return record and record.kind == 'external' and actions.tell(outcome, record) or outcome
  end
  if not config(S, 'channel', '', channel) then return refuse(S, 'NOT_FOUND', nil, nil, 'channel') end
  local stock = stock_of(S, sku)
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local mark = actions.mark(S)
  S.action_id = actions.free_id(S, id)
  local r = stamping.new_record(stamping.of(S, '', false, sku, false), id, sku, qty, user)
  r.channel, r.ref = channel, op[7]
  local note = about(r, op[8], '', op[7])
  money.pay(r, note, op[9], op[10])
  local taken = drawing.take(S, stock, r, 'sold', 'external', note, true)
  r.oversold = qty - taken
  if r.oversold > 0 then
    transfer(S, stock, 'external_oversold', r.oversold, 'outside', 'external_oversold:' .. channel, note)
  end
  become(S, r, 'confirmed')
  S.reservations[id] = r
  if keep_ms > 0 then
    S.kept_orders = S.kept_orders or {}
    local n = #S.kept_orders
    S.kept_orders[n + 1], S.kept_orders[n + 2] = string.format('%d', S.now + keep_ms), id
  end
  settling.oversold(S, r)
  return actions.of_move(S, op, mark, answer(S, 'OK', r))
end
