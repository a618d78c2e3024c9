-- Forgetting a person, in steps that a job asks for one after another (heavy/erase_person.py). Rules: docs/rules.md#people.
--
-- {'erase', user, step, names} → data: [pseudonym, how many of the names were changed]
--
--   begin         the user can reserve nothing from here on, and waits no more; refused while a hold is live
--   give_up       as it was before `begin`: something is still open
--   hide          what was said of that person in entries is not read any more; the map still knows who it is
--   reservations, waits, refunds, actions   names: ids of records. The user becomes the pseudonym; free text goes
--   units         names: [the end of a key, SKU] of net units (windows.lua), which are the pseudonym's then
--   end           the map and the standing go
--
-- Each step may come again. While it goes on the standing is `blocked`, with `erasing`: the settings of before, or false.

local steps = {}

local function refuse_hold(S, user)
  local live = live_of(S, user)
  if live.count == 0 then return nil end
  local refusal = refuse(S, 'STALE', nil, nil, 'live')
  refusal[11] = string.match(live.ids, '%S+')
  return refusal
end

function steps.begin(S, user)
  local refusal = refuse_hold(S, user)
  if refusal then return nil, refusal end
  for _, id in ipairs({ unpack(waiting.ids_of(S, user).ids) }) do
    local w = waiting.of(S, id)
    if w then waiting.end_if_over(S, w) end
    if w and w.state == waiting.WAITING then waiting.leave(S, w, waiting.LEFT) end
  end
  local settings = config(S, 'user', '', user)
  if not (settings and settings.erasing ~= nil) then
    set_config(S, 'user', '', user, { standing = 'blocked', erasing = settings or false,
      revision = settings and settings.revision or nil })
  end
  return 0
end

function steps.give_up(S, user)
  local settings = config(S, 'user', '', user)
  if settings and settings.erasing ~= nil then set_config(S, 'user', '', user, settings.erasing) end
  return 0
end

function steps.hide(S, _, name)
  people.forget(S, name)
  return 0
end

function steps.reservations(S, user, name, names)
  local changed = 0
  load_reservations(S, names)
  for _, id in ipairs(names) do
    local r = reservation_of(S, id)
    if r and r.user == user and not LIVE[r.state] then
      r.user, r.dirty, changed = name, true, changed + 1
    end
  end
  return changed
end

function steps.waits(S, user, name, names)
  local changed = 0
  waiting.load(S, names)
  for _, id in ipairs(names) do
    local w = S.waits[id]
    if w and w.user == user and w.state ~= waiting.WAITING then
      w.user, w.dirty, changed = name, true, changed + 1
    end
  end
  return changed
end

function steps.refunds(S, user, name, names)
  local changed = 0
  for _, id in ipairs(names) do
    local record = refunds.known(S, id)
    if record and record.user == user then
      refunds.unsay(S, record, name)
      changed = changed + 1
    end
  end
  return changed
end

-- An action about a standing is that of the pseudonym, and nothing undoes it; one about an order says nothing of why.
function steps.actions(S, user, name, names)
  local changed = 0
  for _, id in ipairs(names) do
    local record = actions.known(S, id)
    if record then
      if record.what == 'user' and record.subject == user then
        record.subject, record.inverse, record.why = name, nil, 'erased'
      end
      record.text = nil
      actions.change(S, record)
      changed = changed + 1
    end
  end
  return changed
end

function steps.units(S, user, name, names)
  for _, place in ipairs(names) do
    local key, sku = place[1], place[2]
    local from, to = windows.slot_of(S, key, user, sku), windows.slot_of(S, key, name, sku)
    if from.hours then
      for hour, n in pairs(from.hours) do to.hours[hour] = (to.hours[hour] or 0) + n end
      from.hours = {}
    else
      from.n, to.n = 0, to.n + from.n
    end
    from.dirty, to.dirty = true, true
  end
  return #names
end

steps['end'] = function(S, user, name)
  local refusal = refuse_hold(S, user)
  if refusal then return nil, refusal end
  people.forget(S, name, user)
  if config(S, 'user', '', user) then set_config(S, 'user', '', user, false) end
  return 0
end

function operations.erase(S, op)
  local user, step = op[2], steps[op[3]]
  if S.format < 5 then return refuse(S, 'UNAVAILABLE') end
  if not step then return refuse(S, 'BAD_MESSAGE', nil, nil, 'step') end
  local name = people.named(S, { user })[user]
  local changed, refusal = step(S, user, name, op[4])
  return refusal or done(S, { name, changed })
end
