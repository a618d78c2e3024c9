-- Windows of customer limits: where a user's net units of a SKU count, and for how long. Rules: docs/rules.md#customer-limits.
--
--   listing     window, of a record   kept in
--   "show"      's'                   :units:<show>  hash  user US sku → units, until remember_ms after the show
--   "<n>d"      '<n>d:<hour>'         :units_days    hash  user US sku → 'hour units hour units …', hours since 1970: units that
--                                                          were taken in hour h count while fewer than 24 n hours have begun since
--   "ever"      ''                    :units         hash  user US sku → units; so too where the room has no show yet, and at
--                                                          format 1
--   :windows    zset  show → when to look whether its units can go
--
-- A give-back goes where its units were counted. Where those are gone already there is nothing to take it from.

local windows = { days_max = 30, swept_fields = 100 }
windows.cursors = {} -- base → where the next sweep of the days goes on

-- The window of a listing now.
function windows.of(S, show, listing)
  local kind = listing.limit_window or 'show'
  if kind == 'ever' or (kind == 'show' and show == 0) then return '' end
  if kind == 'show' then return 's' end
  return kind .. ':' .. math.floor(S.now / HOUR_MS)
end

-- Where its units are kept: the end of the key.
function windows.key(window, room_name, show)
  if window == '' then return ':units' end
  return window == 's' and ':units:' .. room_name .. '.' .. show or ':units_days'
end

function windows.hour_of(window)
  return tonumber(string.match(window, ':(%d+)$'))
end

-- Where the units of a record are counted, as `used` takes it.
function windows.of_record(S, r)
  local room = r.window == 's' and config(S, 'room', '', r.room)
  return { window = r.window, units_key = windows.key(r.window, r.room, r.show),
    also_ever = room and room.upgraded_show == r.show }
end

-- A reservation will ask for this user's units. wanted: key → fields.
function windows.note(wanted, of, user, sku)
  if not of then return end
  local field = user .. US .. sku
  local fields = wanted[of.units_key]
  if not fields then fields = {}; wanted[of.units_key] = fields end
  fields[#fields + 1] = field
  if of.also_ever then
    fields = wanted[':units'] or {}
    wanted[':units'] = fields
    fields[#fields + 1] = field
  end
end

-- Read what was noted, in one command a key.
function windows.load(S, wanted)
  for key, fields in pairs(wanted) do
    local before = S.units_before[key] or {}
    S.units_before[key] = before
    read_many(S.base .. key, fields, before)
  end
end

-- { n, dirty }, or of days { hours = {hour → n}, dirty }.
function windows.slot_of(S, key, user, sku)
  local slots = S.units[key]
  if not slots then slots = {}; S.units[key] = slots end
  local field = user .. US .. sku
  local slot = slots[field]
  if not slot then
    local stored = S.units_before[key] and S.units_before[key][field]
    if stored == nil then stored = redis.call('HGET', S.base .. key, field) end
    if key == ':units_days' then
      slot = { hours = {}, dirty = false }
      for hour, n in string.gmatch(stored or '', '(%d+) (%d+)') do slot.hours[tonumber(hour)] = tonumber(n) end
    else
      slot = { n = stored and tonumber(stored) or 0, dirty = false }
    end
    slots[field] = slot
  end
  return slot
end

-- A user's net units of a SKU in a window: live, paid and shipped; given back ones do not count.
-- of: {window, units_key, also_ever: the show was live when the book was raised to format 2, so that what was bought before
-- counts, too}.
function windows.used(S, of, user, sku)
  local slot = windows.slot_of(S, of.units_key, user, sku)
  if slot.n then return slot.n + (of.also_ever and windows.slot_of(S, ':units', user, sku).n or 0) end
  local hour, used = math.floor(S.now / HOUR_MS), 0
  local hours = tonumber(string.match(of.window, '^(%d+)d')) * 24
  for at, n in pairs(slot.hours) do
    if hour - at < hours then used = used + n end
  end
  return used
end

-- Units of r are taken (n > 0) or given back.
function windows.add(S, r, n)
  local key = r.units_key or windows.key(r.window, r.room, r.show)
  local slot = windows.slot_of(S, key, r.user, r.sku)
  if n > 0 and slot.n then
    slot.n = slot.n + n
    if r.window == 's' then S.shows_used[key] = true end
  elseif slot.hours then
    local hour = windows.hour_of(r.window)
    local left = (slot.hours[hour] or 0) + n
    slot.hours[hour] = left > 0 and left or nil
  elseif n < 0 and slot.n + n < 0 and key ~= ':units' then
    return -- the window is gone
  else
    slot.n = slot.n + n
  end
  slot.dirty = true
end

-- Whether the units of r's show are still counted.
function windows.is_kept(S, r)
  return r.window ~= 's' or redis.call('ZSCORE', S.base .. ':windows', r.room .. '.' .. r.show) ~= false
end

-- r is taken anew, now: it counts from now on where it is days that count.
function windows.renew(S, r)
  if not windows.hour_of(r.window) then return end
  r.window = string.match(r.window, '^%d+d:') .. math.floor(S.now / HOUR_MS)
  r.tail, r.units_key = false, false
end

function windows.stored_hours(slot)
  local parts = {}
  for hour, n in pairs(slot.hours) do parts[#parts + 1] = hour .. ' ' .. n end
  return parts[1] and table.concat(parts, ' ') or nil
end

function windows.stored_units(slot)
  return slot.n ~= 0 and slot.n or nil
end

function windows.write(S)
  for key, slots in pairs(S.units) do
    write_slots(S.base .. key, slots, key == ':units_days' and windows.stored_hours or windows.stored_units)
  end
  for key in pairs(S.shows_used) do
    redis.call('ZADD', S.base .. ':windows', 'NX', S.now, string.sub(key, #':units:' + 1))
  end
end

-- Forget what no limit looks at any more: the units of shows that ended remember_ms ago, and a part of the days.
function windows.retire(S)
  local due = redis.call('ZRANGEBYSCORE', S.base .. ':windows', '-inf', string.format('%d', S.now), 'LIMIT', 0, 10)
  for _, show in ipairs(due) do
    local record = shows.of(S, show)
    local ended_at = record and record.ended_at_ms or 0
    local look_at = (ended_at > 0 and ended_at or S.now) + S.params.remember_ms
    if not record or (ended_at > 0 and look_at <= S.now) then
      redis.call('UNLINK', S.base .. ':units:' .. show)
      redis.call('ZREM', S.base .. ':windows', show)
      S.units[':units:' .. show] = nil
    else
      redis.call('ZADD', S.base .. ':windows', string.format('%d', look_at), show)
    end
  end
  local found = redis.call('HSCAN', S.base .. ':units_days', windows.cursors[S.base] or 0, 'COUNT', windows.swept_fields)
  windows.cursors[S.base] = found[1]
  local oldest = math.floor(S.now / HOUR_MS) - windows.days_max * 24
  for i = 1, #found[2], 2 do
    local user, sku = string.match(found[2][i], '^(.*)' .. US .. '(.*)$')
    local slot = windows.slot_of(S, ':units_days', user, sku)
    for hour in pairs(slot.hours) do
      if hour <= oldest then slot.hours[hour] = nil; slot.dirty = true end
    end
  end
end

-- No limit looks at the units of a show that is not kept any more.
shows.forgets[#shows.forgets + 1] = function(S, show)
  redis.call('UNLINK', S.base .. ':units:' .. show)
  redis.call('ZREM', S.base .. ':windows', show)
  S.units[':units:' .. show] = nil
end
