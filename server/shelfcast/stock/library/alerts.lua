-- Alerts: one record of each in the pool, the same in every process and after every restart. The duty that watches shows
-- says what rings and what is over (insight/alert_rules.py); people acknowledge and put aside. No unit moves, so the ledger
-- and the sequence know nothing of them. Those of no show are the pool's (pool_alerts.lua): their show is ''.
--
--   :alerts:<show>       hash  id → record; nothing leaves it before its show does
--   :alerts_last:<show>  hash  rule US sku → id of the last alert of the rule for this SKU ('': for the show); of the pool's own
--                              rule US room US sku
--   :alerting            hash  show → how many of its alerts stand, where any does
--   meta's `watch_fence` is the highest fence of the lease under which the pool was watched: lower ones are refused
--
-- A record is a map (stock/alerts.py): id `<show>:<k>` (k counts the show's alerts from 1; the pool's are `<pool>:<k>`), show, room, rule, sku,
-- tier_percent, state, severity, value, threshold, peak, remaining, offered, since_ms, rang_at_ms, changed_at_ms, advice,
-- actions, acknowledged_by, acknowledged_at_ms, acted (the action that was carried out last), acted_by, acted_at_ms, note, snoozed_until_ms, resolved_at_ms, unsteady, changes (when its state changed, the last times).

local alerts = { most_default = 2000, changes_kept = 5, snooze_minutes_max = 30, rearmed_share = 0.24 }

-- The show of an id, '' of one that is the pool's.
function alerts.show_of(id)
  return string.match(id, '^(.*%.%d+):%d+$') or ''
end

-- Which one it is of those of its show.
function alerts.field(record)
  if record.show == '' then return record.rule .. US .. record.room .. US .. record.sku end
  return record.rule .. US .. record.sku
end

-- Refuses a fence that is lower than the highest one this pool has seen; 0 is nobody's.
function alerts.refuse_fence(S, fence)
  if not S.watch_fence then S.watch_fence = tonumber(redis.call('HGET', S.base .. ':meta', 'watch_fence') or 0) end
  if fence < S.watch_fence then return refuse(S, 'STALE', nil, nil, 'fence') end
  if fence > S.watch_fence then S.watch_fence, S.watch_fence_is_new = fence, true end
  return nil
end

function alerts.known(S, id)
  local record = S.alerts[id]
  if record == nil then
    local show = alerts.show_of(id)
    local blob = redis.call('HGET', S.base .. ':alerts:' .. show, id)
    record = blob and cmsgpack.unpack(blob) or false
    S.alerts[id] = record
  end
  return record
end

-- The last alert of a show, or of the pool (''), of a field as above; or false.
function alerts.last(S, show, field)
  local last = S.alerts_last[show] or {}
  S.alerts_last[show] = last
  if last[field] == nil then last[field] = redis.call('HGET', S.base .. ':alerts_last:' .. show, field) end
  return last[field] and alerts.known(S, last[field])
end

function alerts.count(S, show)
  if not S.alert_counts[show] then S.alert_counts[show] = redis.call('HLEN', S.base .. ':alerts:' .. show) end
  return S.alert_counts[show]
end

function alerts.stands(record)
  return record and record.state ~= 'resolved'
end

-- The record has changed: write and tell it. stood: whether it stood before.
function alerts.change(S, record, stood)
  record.changed_at_ms = S.now
  S.alerts_changed[record.id] = record
  local now = alerts.stands(record)
  if now and not stood then S.alerting[record.show] = (S.alerting[record.show] or 0) + 1 end
  if stood and not now then S.alerting[record.show] = (S.alerting[record.show] or 0) - 1 end
  return record
end

-- Its state has changed by what the numbers are: how often lately makes an alert unsteady.
function alerts.note_change(S, record)
  record.changes = record.changes or {}
  record.changes[#record.changes + 1] = S.now
  while #record.changes > alerts.changes_kept do table.remove(record.changes, 1) end
end

function alerts.tell(S, record, kind, actor)
  local subject = record.sku ~= '' and record.sku or record.room ~= '' and record.room or 'pool'
  events.add(S, 'alert.' .. kind, record.room, subject, { alert = record.id,
    rule = record.rule, sku = record.sku, tier_percent = record.tier_percent, severity = record.severity,
    state = record.state, value = record.value, threshold = record.threshold, show = record.show }, actor)
end

-- What answers an alert, each with its effect in units. As many units come to a dedicated channel as bring the share clear
-- of the mildest tier.
function alerts.answers(S, room_name, room, sku, remaining, offered)
  local answers, stock = {}, sku ~= '' and stock_of(S, sku)
  -- Who waits gets its units first.
  local function add(answer)
    local serves, given = 0, 0
    if stock and answer.qty and (stock.units.waiting or 0) > 0 then serves, given = waiting.effect(S, stock, answer.qty, answer.target) end
    if serves > 0 then answer.serves, answer.remaining_after = serves, answer.remaining_after - given end
    answers[#answers + 1] = answer
  end
  local listing = stock and config(S, 'listing', room_name, sku)
  if stock and listing and not listing.presale then
    local own = places_of(S, room.channel).own
    local _, _, _, shared = drawing.sources(S, stock, room.channel)
    local target = shared and 'pool' or own
    local reserve, pool = stock.units.elastic or 0, stock.units.pool or 0
    if reserve > 0 and elastic.reaches(S, stock, room.channel) then add(elastic.answer(S, room_name, room, stock, target, remaining)) end
    if not shared and pool > 0 then
      local short = math.ceil((alerts.rearmed_share * offered - remaining) / (1 - alerts.rearmed_share))
      local qty = math.min(pool, math.max(1, short))
      add({ id = 'allocate', sku = sku, qty = qty, source = 'pool', target = own, remaining_after = remaining + qty })
    end
    local names = {}
    for place, units in pairs(stock.units) do
      local kind, name = place_kind(place)
      if kind == 'batch:' and units > 0 then names[#names + 1] = name end
    end
    table.sort(names)
    for _, name in ipairs(names) do
      local batch = config(S, 'batch', '', name)
      if batch and not batches.is_open(S, batch) and not batches.is_over(S, batch)
        and batches.serves(batch, room.channel, shared, false) then
        local qty, to = stock.units['batch:' .. name], batches.channel_of(batch) ~= '' and own or 'pool'
        add({ id = 'open_batch:' .. name, sku = sku, qty = qty, source = 'batch:' .. name, target = to, batch = name,
          remaining_after = remaining + qty })
      end
    end
  end
  local following = alerts.next_of(S, room_name, room, sku)
  if following then
    add({ id = 'spotlight', sku = following.sku, remaining_after = following.left })
  end
  return answers
end

-- What a release makes of what is left, in words: the rule's own, unless people wait for its units.
function alerts.advice(rule, advice, answers)
  local release = rule == 'elastic' and answers[1]
  if not (release and release.step and release.serves) then return advice end
  return string.format('release %d: serves %d who wait, leaves %d', release.qty, release.serves, release.remaining_after)
end

-- The next of the run order behind what is shown, that has any left; nil where there is none.
function alerts.next_of(S, room_name, room, sku)
  local order, place = {}, 0
  for i, slot in ipairs(room.run_order or {}) do
    order[i] = type(slot) == 'table' and slot.sku or slot
    if order[i] == room.spotlight then place = i end
  end
  for i = place + 1, #order do
    local listing = order[i] ~= sku and config(S, 'listing', room_name, order[i])
    local stock = listing and stock_of(S, order[i])
    if stock and not stock.frozen and not freezes.stop(S, room, room.channel) then
      local left = listing.presale and (stock.units.presale or 0) or drawing.remaining(S, stock, room.channel)
      if left > 0 then return { sku = order[i], left = left } end
    end
  end
  return nil
end

-- {'alert_ring', fence, room, show, rule, sku, tier_percent, severity, value, threshold, remaining, offered, advice}
-- Nothing rings that stands already. → data: the record
function operations.alert_ring(S, op)
  local room_name, show, rule, sku = op[3], op[4], op[5], op[6]
  local refusal = alerts.refuse_fence(S, op[2])
  if refusal then return refusal end
  local room = config(S, 'room', '', room_name)
  if not room then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  if show ~= room_name .. '.' .. (room.show or 0) then return refuse(S, 'NOT_FOUND', nil, nil, 'show') end
  local last = alerts.last(S, show, rule .. US .. sku)
  if alerts.stands(last) then return done(S, last) end
  local count, most = alerts.count(S, show), S.params.alerts_a_show_max or alerts.most_default
  if count >= most then return refuse(S, 'SHELF_FULL', most, nil, 'alert') end
  S.alert_counts[show] = count + 1
  local answers = alerts.answers(S, room_name, room, sku, op[11], op[12])
  local record = { id = show .. ':' .. count + 1, show = show, room = room_name, rule = rule, sku = sku,
    tier_percent = op[7], state = 'firing', severity = op[8], value = op[9], threshold = op[10], peak = op[9],
    remaining = op[11], offered = op[12], since_ms = S.now, rang_at_ms = S.now,
    advice = alerts.advice(rule, op[13], answers), actions = answers, acknowledged_by = '', note = '',
    snoozed_until_ms = 0, resolved_at_ms = 0, unsteady = false, changes = last and last.changes or {} }
  S.alerts[record.id] = record
  S.alerts_last[show][rule .. US .. sku] = record.id
  alerts.note_change(S, record)
  alerts.change(S, record, false)
  alerts.tell(S, record, 'fired')
  return done(S, record)
end

local steps = {}

-- It rings again, whoever had acknowledged the milder tier.
function steps.graver(S, record)
  record.state, record.acknowledged_by, record.note, record.snoozed_until_ms = 'firing', '', '', 0
  record.rang_at_ms = S.now
  local room = config(S, 'room', '', record.room)
  if room then
    record.actions = alerts.answers(S, record.room, room, record.sku, record.remaining, record.offered)
    record.advice = alerts.advice(record.rule, record.advice, record.actions)
  end
  return 'fired'
end

function steps.milder() return nil end

-- What it offered was released, and more is needed: it rings again with the next release. The last one stays behind what
-- it offers now, so that whoever asks for that once more is told that it is done.
function steps.again(S, record)
  local former
  for _, action in ipairs(record.actions) do
    if action.step and not (former and former.step > action.step) then former = action end
  end
  steps.graver(S, record)
  record.actions[#record.actions + 1] = former
  return 'fired'
end

function alerts.resolve(S, record)
  record.state, record.resolved_at_ms, record.snoozed_until_ms, record.unsteady = 'resolved', S.now, 0, false
  return 'resolved'
end
steps.resolve = alerts.resolve

-- One entry that says so: the last one stands, and rings where it had been over or is graver now.
function steps.unsteady(S, record, rings)
  record.unsteady, record.resolved_at_ms = true, 0
  return rings and steps.graver(S, record) or nil
end

-- {'alert_change', fence, alert, step, tier_percent, severity, value, threshold, remaining, offered, advice, peak}
-- step: graver, milder, resolve, unsteady, steady: what the numbers say; again: what it offered was released; wake: it was put aside, and rings again;
-- peak: only that. What is so already is no change. Severity and advice '' and a value nil leave what there is.
-- → data: the record
function operations.alert_change(S, op)
  local step, tier = op[4], op[5]
  local refusal = alerts.refuse_fence(S, op[2])
  if refusal then return refusal end
  local record = alerts.known(S, op[3])
  if not record then return refuse(S, 'NOT_FOUND', nil, nil, 'alert') end
  local stood = alerts.stands(record)
  if not stood and step ~= 'unsteady' then return done(S, record) end
  local is_graver = tier > 0 and tier < record.tier_percent
  if (step == 'graver' and not is_graver) or (step == 'unsteady' and record.unsteady)
    or (step == 'steady' and not record.unsteady) or (step == 'wake' and record.snoozed_until_ms == 0)
    or (step == 'again' and not elastic.is_answered(S, record)) then
    return done(S, record)
  end
  record.peak = op[12] or record.peak
  if step == 'peak' then
    alerts.change(S, record, stood)
    return done(S, record)
  end
  if step == 'wake' then
    record.snoozed_until_ms = 0
    if record.state == 'firing' then record.rang_at_ms = S.now end
    alerts.change(S, record, stood)
    return done(S, record)
  end
  record.value, record.remaining, record.offered = op[7] or record.value, op[9], op[10]
  if step == 'steady' then
    record.unsteady = false
    alerts.change(S, record, stood)
    return done(S, record)
  end
  if step ~= 'resolve' then
    if tier > 0 then record.tier_percent, record.threshold = tier, op[8] end
    if op[6] ~= '' then record.severity = op[6] end
    if op[11] ~= '' then record.advice = op[11] end
  end
  if step ~= 'again' then alerts.note_change(S, record) end
  local kind = steps[step](S, record, not stood or is_graver)
  alerts.change(S, record, stood)
  if kind then alerts.tell(S, record, kind) end
  return done(S, record)
end

-- What somebody says about an alert of a room: the record, or a refusal.
local function asked_about(S, room, id)
  local record = alerts.known(S, id)
  if not record or record.room ~= room then return nil, refuse(S, 'NOT_FOUND', nil, nil, 'alert') end
  return record, nil
end

-- {'alert_acknowledge', id, room, alert, actor, note}: the first one counts, and it ends with the alert. → data: the record
function operations.alert_acknowledge(S, op)
  local record, refusal = asked_about(S, op[3], op[4])
  if refusal then return refusal end
  if record.state ~= 'firing' then return done(S, record) end
  record.state, record.acknowledged_by, record.note, record.snoozed_until_ms = 'acknowledged', op[5], op[6], 0
  record.acknowledged_at_ms = S.now
  alerts.change(S, record, true)
  alerts.tell(S, record, 'acknowledged', op[5])
  return done(S, record)
end

-- {'alert_snooze', id, room, alert, actor, minutes}: left aside until then. → data: the record
function operations.alert_snooze(S, op)
  local record, refusal = asked_about(S, op[3], op[4])
  if refusal then return refusal end
  if not alerts.stands(record) then return done(S, record) end
  local until_ms = S.now + math.min(op[6], alerts.snooze_minutes_max) * 60000
  if record.snoozed_until_ms == until_ms then return done(S, record) end
  record.snoozed_until_ms = until_ms
  alerts.change(S, record, true)
  return done(S, record)
end

-- {'alert_act', id, room, alert, action, actor}: one of its actions was carried out. → data: the record
function operations.alert_act(S, op)
  local record, refusal = asked_about(S, op[3], op[4])
  if refusal then return refusal end
  for _, action in ipairs(record.actions) do
    if action.id == op[5] then
      if not action.done_by then
        action.done_by = op[6]
        record.acted, record.acted_by, record.acted_at_ms = action.id, op[6], S.now
        alerts.change(S, record, alerts.stands(record))
      end
      return done(S, record)
    end
  end
  return refuse(S, 'NOT_FOUND', nil, nil, 'action')
end

-- Write what changed in this call, and tell it: ["alert", room, record].
function alerts.write(S)
  if S.watch_fence_is_new then
    redis.call('HSET', S.base .. ':meta', 'watch_fence', string.format('%d', S.watch_fence))
  end
  for id, record in pairs(S.alerts_changed) do
    redis.call('HSET', S.base .. ':alerts:' .. record.show, id, cmsgpack.pack(record))
    local last = S.alerts_last[record.show]
    local field = alerts.field(record)
    if last and last[field] == id then redis.call('HSET', S.base .. ':alerts_last:' .. record.show, field, id) end
    S.news[#S.news + 1] = { 'alert', record.room, record }
  end
  for show, more in pairs(S.alerting) do
    if more ~= 0 and redis.call('HINCRBY', S.base .. ':alerting', show, more) <= 0 then
      redis.call('HDEL', S.base .. ':alerting', show)
    end
  end
end

-- The alerts of a room that stand, of its show (false: none) and of the pool, for whoever opens it.
function alerts.standing(S, room, show)
  local standing = {}
  for _, of in ipairs({ '', show and show.id or nil }) do
    if redis.call('HEXISTS', S.base .. ':alerting', of) == 1 then
      for _, blob in ipairs(redis.call('HVALS', S.base .. ':alerts:' .. of)) do
        local record = cmsgpack.unpack(blob)
        if alerts.stands(record) and record.room == room then standing[#standing + 1] = record end
      end
    end
  end
  return standing
end

shows.forgets[#shows.forgets + 1] = function(S, show)
  redis.call('UNLINK', S.base .. ':alerts:' .. show, S.base .. ':alerts_last:' .. show)
  redis.call('HDEL', S.base .. ':alerting', show)
  S.alerting[show] = nil
  for id, record in pairs(S.alerts_changed) do
    if record.show == show then S.alerts_changed[id] = nil end
  end
end
