-- Refunds that somebody has asked for: records that move nothing. Rules: docs/rules.md#refund-requests.
--
--   :refunds       hash  reservation → record, a map as in stock/refund_requests.py, and `key`: the id it was asked under
--   :refunds_open  zset  reservation → when it was asked for
--   :refunds_over  zset  reservation → when it was decided; those that were decided first go
--
-- Events: 'refund_request', subject the reservation; data: state, sku, units, done_units, age_ms: how long it had waited.

-- The request of a reservation as this call leaves it, or false.
function refunds.known(S, id)
  S.refunds = S.refunds or {}
  local record = S.refunds[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':refunds', id)
    record = blob and cmsgpack.unpack(blob) or false
    S.refunds[id] = record
  end
  return record
end

local function change(S, record, actor, action)
  S.refunds[record.reservation] = record
  S.refunds_changed = S.refunds_changed or {}
  S.refunds_changed[record.reservation] = record
  events.add(S, 'refund_request', record.room, record.reservation, { state = record.state, sku = record.sku,
    units = record.units, done_units = record.done_units,
    age_ms = (record.decided_at_ms > 0 and record.decided_at_ms or S.now) - record.asked_at_ms }, actor, action)
end

local function act(S, kind, record, by, text)
  return actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = kind, room = record.room,
    subject = record.reservation, text = text, why = 'reservation' })
end

local function not_now(S, state, ...)
  local refusal = refuse(S, 'BAD_MESSAGE', nil, nil, 'state')
  refusal[11] = { state, ... }
  return refusal
end

-- What is sold of it, owed to it or shipped: what could go back.
local function units_of(r)
  return left_of(r) + r.oversold + r.shipped
end

-- Units of which the money went back without goods by requests of this reservation that were decided before.
local function earlier_units(known)
  if not known then return 0 end
  local last = known.state == 'without_goods' and known.units - known.done_units or 0
  return (known.earlier_units or 0) + last
end

-- {'refund_ask', reservation, units, reason, by}
function operations.refund_ask(S, op)
  local id, units, reason, by = op[2], op[3], op[4], op[5]
  local known = refunds.known(S, id)
  local is_same = known and known.units == units and known.reason == reason
  if known and (known.key == by[1] or known.state == 'open') then
    if is_same then return done(S, known) end
    return refuse(S, 'ID_CONFLICT', nil, nil, known.units ~= units and 'units' or 'reason')
  end
  local r = reservation_of(S, id)
  if not r then return refuse(S, 'NOT_FOUND', nil, nil, 'reservation') end
  if r.state ~= 'confirmed' then return not_now(S, r.state, 'confirmed') end
  if units > units_of(r) then return refuse(S, 'INSUFFICIENT', units_of(r)) end
  local most = S.params.refund_requests_open_max or 10000
  local open = redis.call('ZCARD', S.base .. ':refunds_open') + (S.refunds_asked or 0)
  if open >= most then return refuse(S, 'SHELF_FULL', most, nil, 'refunds') end
  S.refunds_asked = (S.refunds_asked or 0) + 1
  local record = { reservation = id, state = 'open', sku = r.sku, units = units, done_units = 0, reason = reason,
    earlier_units = earlier_units(known),
    room = r.room, show = r.room ~= '' and r.show > 0 and r.room .. '.' .. r.show or '', channel = r.channel,
    user = r.user, asked_by = by[2], asked_at_ms = S.now, decided_by = '', decided_at_ms = 0, note = '',
    refunded_minor = -1, currency = r.currency, key = by[1] }
  local made = act(S, 'refund_request', record, by, reason)
  change(S, record, by[2], made.id)
  return actions.tell(done(S, record), made)
end

-- {'refund_decide', reservation, 'declined' or 'without_goods', note, refunded_minor or -1, by}
function operations.refund_decide(S, op)
  local id, state, note, amount, by = op[2], op[3], op[4], op[5], op[6]
  local record = refunds.known(S, id)
  if not record then return refuse(S, 'NOT_FOUND', nil, nil, 'refund_request') end
  if record.state ~= 'open' then
    local is_same = record.state == state and record.note == note and (amount < 0 or record.refunded_minor == amount)
    return is_same and done(S, record) or not_now(S, record.state, 'open')
  end
  if state == 'without_goods' and S.format < 4 then return refuse(S, 'UNAVAILABLE') end -- a release of before knows no such entry
  local r, refunded = state == 'without_goods' and reservation_of(S, id), -1
  if state == 'without_goods' then
    refunded = amount
    if r then
      local refusal
      local units = record.units - record.done_units
      refunded, refusal = money.part(S, r, units, math.max(0, units_of(r) - units), amount)
      if not refunded then return refusal end
      if refunded >= 0 then
        local told = about(r, by[2], note, by[1])
        money.refund(r, told, refunded)
        -- No unit goes anywhere; the entry says what was paid back.
        transfer(S, stock_of(S, r.sku), 'refund_only', 0, 'outside', 'outside', told, r.presale)
        r.dirty = true
      end
    end
  end
  record.state, record.note, record.refunded_minor = state, note, refunded
  record.decided_by, record.decided_at_ms = by[2], S.now
  local made = act(S, state == 'declined' and 'decline_refund' or 'refund_only', record, by, note)
  change(S, record, by[2], made.id)
  return actions.tell(done(S, record), made)
end

-- Units of a reservation came back: with as many as were asked for its request is over. A return that is undone (units below
-- zero) opens it again.
function refunds.moved(S, id, sku, units, state, actor)
  local record = refunds.known(S, id)
  if not record or record.sku ~= sku then return end
  if record.state ~= 'open' and not (units < 0 and record.state == state) then return end
  record.done_units = math.max(0, record.done_units + units)
  if record.done_units >= record.units then
    record.state, record.decided_by, record.decided_at_ms = state, actor, S.now
  else
    record.state, record.decided_by, record.decided_at_ms = 'open', '', 0
  end
  change(S, record, actor, S.action_id)
end

-- A plain move was made: whether it brings back what was asked for, {reservation, units}.
function refunds.of_move(S, op)
  if op[3] ~= 'return' or op[6] ~= 'shipped' or (op[10] or '') == '' then return end
  refunds.moved(S, op[10], op[4], op[5], 'returned', op[8])
end

-- The reservation that an action's units came back of, where they did: its undo takes them off again.
function refunds.inverse(S, op)
  if op[3] ~= 'return' or op[6] ~= 'shipped' or (op[10] or '') == '' or not refunds.known(S, op[10]) then return nil end
  return op[10]
end

function refunds.undone(S, record, actor)
  local id = record.inverse.refund
  if not id then return end
  for _, row in ipairs(record.effect) do
    refunds.moved(S, id, row[1], row[4] == 'returned' and -row[2] or row[2], 'returned', actor)
  end
end

-- The request of somebody who is forgotten: the pseudonym's, without what was said.
function refunds.unsay(S, record, name)
  record.user, record.reason, record.note = name, '', ''
  S.refunds_changed = S.refunds_changed or {}
  S.refunds_changed[record.reservation] = record
end

function refunds.write(S)
  if not S.refunds_changed then return end
  local base, fields = S.base, {}
  for id, record in pairs(S.refunds_changed) do
    fields[#fields + 1] = id
    fields[#fields + 1] = cmsgpack.pack(record)
    local is_open = record.state == 'open'
    redis.call('ZREM', base .. (is_open and ':refunds_over' or ':refunds_open'), id)
    redis.call('ZADD', base .. (is_open and ':refunds_open' or ':refunds_over'),
      is_open and record.asked_at_ms or record.decided_at_ms, id)
  end
  call_in_chunks('HSET', base .. ':refunds', fields)
  local over = base .. ':refunds_over'
  local surplus = redis.call('ZCARD', over) - (S.params.refund_requests_kept_max or 10000)
  local popped, gone = surplus > 0 and redis.call('ZPOPMIN', over, surplus) or {}, {}
  for i = 1, #popped, 2 do gone[#gone + 1] = popped[i] end
  call_in_chunks('HDEL', base .. ':refunds', gone)
end
