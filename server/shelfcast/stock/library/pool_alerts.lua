-- Alerts of a pool where there is no show: a room that is about to begin one and whose checklist fails, a count that was short.
-- They are records like those of shows (alerts.lua), and are acknowledged and put aside like them; what makes and ends them is
-- another thing. Nobody but these knows:
--
--   :alerts:       hash  id → record; over pool_alerts_kept_max the oldest that are over go
--   :alerts_last:  hash  rule US room US sku → id of the last one
--   meta's `pool_alerts` counts them: an id is <pool>:<count>
--
-- A record has `about` besides: the occasion, such as the planned start of a show. Of one occasion it rings once for each
-- threshold, lower and lower, whoever had acknowledged the former.

local pool_alerts = { kept_default = 500, kept_share = 0.9 }

function pool_alerts.number_of(id)
  return tonumber(string.match(id, ':(%d+)$'))
end

-- A release of before cannot read a room's view with one, nor the feed.
function pool_alerts.may_ring(S)
  return S.format >= 4
end

function pool_alerts.next_id(S)
  local count = S.pool_alert_count or tonumber(redis.call('HGET', S.base .. ':meta', 'pool_alerts') or 0)
  S.pool_alert_count = count + 1
  return string.match(S.base, '{(.*)}') .. ':' .. string.format('%d', S.pool_alert_count)
end

-- What it says now.
function pool_alerts.set_numbers(record, said)
  record.value, record.remaining, record.offered = said.value, said.remaining, said.offered
  record.peak = math.max(record.peak or said.value, said.value)
end

function pool_alerts.is_as_said(record, said)
  return record.value == said.value and record.remaining == said.remaining and record.offered == said.offered
end

-- It is for a later threshold, or another occasion.
function pool_alerts.ring_again(S, record, said)
  record.state, record.acknowledged_by, record.note, record.snoozed_until_ms = 'firing', '', '', 0
  record.rang_at_ms, record.about, record.threshold = S.now, said.about, said.threshold
  record.severity, record.advice = said.severity, said.advice
  alerts.note_change(S, record)
  alerts.tell(S, record, 'fired')
end

-- Ring, where this occasion has not rung for this threshold yet; one that stands and has rung says what is so now. said: rule,
-- room, sku, about, severity, value, threshold, remaining, offered, advice. Returns the record, false where it has rung and is
-- over; or nil and how many there may be.
function pool_alerts.ring(S, said)
  local field = alerts.field({ show = '', rule = said.rule, room = said.room, sku = said.sku })
  local last = alerts.last(S, '', field)
  local has_rung = last and last.about == said.about and last.threshold <= said.threshold
  if alerts.stands(last) then
    if has_rung and pool_alerts.is_as_said(last, said) then return last end
    pool_alerts.set_numbers(last, said)
    if not has_rung then pool_alerts.ring_again(S, last, said) end
    return alerts.change(S, last, true)
  end
  if has_rung then return false end
  local most = S.params.pool_alerts_kept_max or pool_alerts.kept_default
  local standing = tonumber(redis.call('HGET', S.base .. ':alerting', '') or 0) + (S.alerting[''] or 0)
  if standing >= most then return nil, most end
  local record = { id = pool_alerts.next_id(S), show = '', room = said.room, rule = said.rule, sku = said.sku, tier_percent = 0,
    since_ms = S.now, actions = {}, resolved_at_ms = 0, unsteady = false, changes = last and last.changes or {} }
  pool_alerts.set_numbers(record, said)
  S.alerts[record.id] = record
  S.alerts_last[''][field] = record.id
  pool_alerts.ring_again(S, record, said)
  return alerts.change(S, record, false)
end

-- {'pool_alert', fence, rule, room, sku, about, severity, value, threshold, remaining, offered, advice}
-- → data: the record, false where this occasion has rung for this threshold and is over, the room is on air, or nothing rings in this pool yet
function operations.pool_alert(S, op)
  local refusal = alerts.refuse_fence(S, op[2])
  if refusal then return refusal end
  if not pool_alerts.may_ring(S) then return done(S, false) end
  local room = op[4] ~= '' and config(S, 'room', '', op[4])
  if op[4] ~= '' and not room then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  if room and op[3] == 'gate' and shows.on_air[shows.status_of(room)] then return done(S, false) end
  local record, most = pool_alerts.ring(S, { rule = op[3], room = op[4], sku = op[5], about = op[6], severity = op[7],
    value = op[8], threshold = op[9], remaining = op[10], offered = op[11], advice = op[12] })
  if record == nil then return refuse(S, 'SHELF_FULL', most, nil, 'alert') end
  return done(S, record)
end

-- The alerts of the pool that have gone are those that were over first.
function pool_alerts.forget_oldest(S)
  local key, over = S.base .. ':alerts:', {}
  local excess = redis.call('HLEN', key) - math.floor(pool_alerts.kept_share * (S.params.pool_alerts_kept_max
    or pool_alerts.kept_default))
  for _, blob in ipairs(redis.call('HVALS', key)) do
    local record = cmsgpack.unpack(blob)
    if not alerts.stands(record) then over[#over + 1] = record end
  end
  table.sort(over, function(a, b) return pool_alerts.number_of(a.id) < pool_alerts.number_of(b.id) end)
  for i = 1, math.min(excess, #over) do
    local last_key, field = S.base .. ':alerts_last:', alerts.field(over[i])
    redis.call('HDEL', key, over[i].id)
    if redis.call('HGET', last_key, field) == over[i].id then redis.call('HDEL', last_key, field) end
  end
end

-- Behind `alerts.write`.
function pool_alerts.write(S)
  if not S.pool_alert_count then return end
  redis.call('HSET', S.base .. ':meta', 'pool_alerts', string.format('%d', S.pool_alert_count))
  local most = S.params.pool_alerts_kept_max or pool_alerts.kept_default
  if redis.call('HLEN', S.base .. ':alerts:') > most then pool_alerts.forget_oldest(S) end
end

-- It is over, if it stands.
function pool_alerts.finish(S, rule, room, sku)
  local record = alerts.last(S, '', alerts.field({ show = '', rule = rule, room = room, sku = sku }))
  if not alerts.stands(record) then return end
  alerts.resolve(S, record)
  alerts.change(S, record, true)
  alerts.tell(S, record, 'resolved')
end

-- A count that was applied was short of units that are sold or held, until the SKU is counted again and is not.
function pool_alerts.note_shortage(S, count, row)
  if not pool_alerts.may_ring(S) then return end
  if row.shortage == 0 then return pool_alerts.finish(S, 'shortage', '', row.sku) end
  pool_alerts.ring(S, { rule = 'shortage', room = '', sku = row.sku, about = count, severity = 'critical', value = row.shortage,
    threshold = 0, remaining = row.counted, offered = row.on_hand,
    advice = string.format('%d units are promised and not there: receive some, substitute, or take orders back', row.shortage) })
end

-- A room whose show begins needs no reminder of its checklist any more.
shows.begins_with[#shows.begins_with + 1] = function(S, room)
  pool_alerts.finish(S, 'gate', room, '')
end
