-- Shows: a show is one stretch of a room from live to ended. The table of a room's statuses is here, and what the book
-- keeps of a show. Rules: docs/rules.md#shows.
--
--   :shows       hash  id → record; the id is <room>.<n>, n counts the room's shows from 1
--   :shows_order zset  ids by when they began;  :shows_began  hash  id → the sequence then (archiving.lua)
--   :show:<id>   hash  sku → its base row [seq, at_ms, pool, own, presale, pool_held, own_held, presale_held]: of each
--                      place what was taken from it before the show's beginning, or the SKU's listing if that came later;
--                      live holds count as taken since. Then what was in those. At the end, where a batch was open of which
--                      the SKU had something: {batch → [the same of it, what was in those]}
--   :sold:<id>   hash  sku → net units confirmed (counters.lua)
--
-- A record is a map: id, room, n, channel; planned_start_ms (0: none), planned_minutes (0: none), time_zone, as the room
-- has them while the show is on; started_at_ms, started_seq, started_by; ended_at_ms, ended_seq, ended_by (0 and '' until
-- then); history [[status, at_ms, actor], …] and spotlight [[sku, from_ms, to_ms or 0], …], the last shows.history_max and
-- shows.spotlight_max; continued: how often it went on after it had ended; upgraded: true of one that was live in
-- a book of before, whose customers' limits count what they had bought by then (windows.lua). Books of before have no shows: a room that was live
-- then begins its first one when the book is first written to.

local batches = {} -- batches.lua fills it
local shows = { kept_default = 400, continue_default_ms = 600000, rooms_a_look = 20, history_max = 200,
  spotlight_max = 1000 }
shows.looked_at = {} -- base → how far this load of the library has looked for live rooms without a show; false: all

-- status → what it may become. A new room is scheduled or live.
shows.next_statuses = {
  scheduled = { 'live' },
  live = { 'paused', 'ended' },
  paused = { 'live', 'ended' },
  ended = { 'live' },
}
shows.first_statuses = { 'scheduled', 'live' }
shows.on_air = { live = true, paused = true }
-- What a show is kept in beside its record.
shows.keys = { ':show:', ':sold:' }
shows.begins_with = {} -- what a room's next show begins with: functions of the state, the room's name, the room and the show
shows.ends_with = {} -- what is noted when a show ends: functions of the state, the room's name and the show
shows.reports = {} -- reports.lua fills it
shows.forgets = {} -- what else goes with a show: functions of the state and its id. Who adds to it writes nothing for a
-- show that is not kept any more.

function shows.status_of(room)
  return room.status or 'scheduled'
end

function shows.is_in(list, value)
  for i = 1, #list do
    if list[i] == value then return true end
  end
  return false
end

function shows.id(room, n)
  return room .. '.' .. string.format('%d', n)
end

-- The record of a show, or false.
function shows.of(S, id)
  local record = S.shows[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':shows', id)
    record = blob and cmsgpack.unpack(blob) or false
    S.shows[id] = record
  end
  return record
end

-- The record of a room's current or last show, or false.
function shows.last_of(S, name, room)
  return (room.show or 0) > 0 and shows.of(S, shows.id(name, room.show))
end

-- Whether one write takes a room from a status to another and another one back again.
function shows.may_turn_back(old, new)
  local before, after = shows.status_of(old), shows.status_of(new)
  return before == after or shows.is_in(shows.next_statuses[after], before)
end

-- Why a room may not be written so: a field and what is told of it, or nil. `continues`: the last show is to go on.
--   status         [status before, status asked for, the statuses allowed from there]
--   channel        [status before]: it is fixed while the show is on
--   continue_show  ['status' | 'none' | 'channel' | 'late', how long it may have been over in ms]
function shows.fault(S, name, old, new, continues)
  local after = shows.status_of(new)
  if not old then
    if not shows.is_in(shows.first_statuses, after) then return 'status', { '', after, shows.first_statuses } end
    if continues then return 'continue_show', { 'none', 0 } end
    return nil
  end
  local before = shows.status_of(old)
  if before ~= after and not shows.is_in(shows.next_statuses[before], after) then
    return 'status', { before, after, shows.next_statuses[before] }
  end
  if shows.on_air[before] and old.channel ~= new.channel then return 'channel', { before } end
  if continues and before ~= after then
    local most = S.params.show_continue_max_ms or shows.continue_default_ms
    local last = shows.last_of(S, name, old)
    local why
    if before ~= 'ended' or after ~= 'live' then why = 'status'
    elseif not last then why = 'none'
    elseif last.channel ~= new.channel then why = 'channel'
    elseif S.now - last.ended_at_ms > most then why = 'late' end
    if why then return 'continue_show', { why, most } end
  end
  return nil
end

-- Whether a write of a room (old: false where it is new) begins a show: not one that is paused, or goes on after its end.
function shows.begins(old, new, continues)
  local was_on_air = old and shows.on_air[shows.status_of(old)]
  return shows.on_air[shows.status_of(new)] and not was_on_air and not continues
end

-- The SKUs on a room's shelf, with those that operations of this very batch have listed, without those they took off.
function shows.listed_in(S, name)
  local slot, skus = config_slot(S, 'listing', name), {}
  for _, sku in ipairs(redis.call('HKEYS', config_key(S, 'listing', name))) do
    if not slot.dirty[sku] then skus[#skus + 1] = sku end
  end
  for sku in pairs(slot.dirty) do
    if slot.values[sku] then skus[#skus + 1] = sku end
  end
  return skus
end

-- Base rows of some SKUs as of now; those that are there stay as they are.
function shows.note_bases(S, record, skus)
  if #skus == 0 then return end
  local own = 'channel:' .. record.channel
  local names = { 'taken:pool', 'holding:pool', 'taken:' .. own, 'holding:' .. own, 'taken:presale', 'holding:presale' }
  local open = batches.open_names(S)
  for _, batch in ipairs(open) do
    names[#names + 1] = 'taken:batch:' .. batch
    names[#names + 1] = 'holding:batch:' .. batch
  end
  local at, now, rows, key = seq(S), S.now, S.bases[record.id] or {}, S.base .. ':sku:'
  for i = 1, #skus do
    local sku = skus[i]
    local stock, n = S.stock[sku], nil
    if stock then
      n = {}
      for place = 1, #names do n[place] = stock.units[names[place]] or 0 end
    else
      n = redis.call('HMGET', key .. sku, unpack(names))
      for place = 1, #names do n[place] = tonumber(n[place] or 0) end
    end
    local row = { at, now, n[1] - n[2], n[3] - n[4], n[5] - n[6], n[2], n[4], n[6] }
    for i, batch in ipairs(open) do
      local taken, held = n[5 + 2 * i], n[6 + 2 * i]
      if taken ~= 0 then
        row[9] = row[9] or {}
        row[9][batch] = { taken - held, held }
      end
    end
    rows[sku] = rows[sku] or cmsgpack.pack(row)
  end
  S.bases[record.id] = rows
end

function shows.keep(S, record)
  S.shows[record.id] = record
  S.shows_changed[record.id] = record
end

function shows.begin_next(S, name, room, actor)
  room.show = (room.show or 0) + 1
  local id = shows.id(name, room.show)
  local record = { id = id, room = name, n = room.show, channel = room.channel, planned_start_ms = 0, planned_minutes = 0,
    time_zone = '', started_at_ms = S.now, started_seq = seq(S), started_by = actor, ended_at_ms = 0, ended_seq = 0,
    ended_by = '', history = {}, spotlight = {}, continued = 0 }
  shows.note_bases(S, record, shows.listed_in(S, name))
  S.shows_begun[#S.shows_begun + 1] = record
  for _, begin_with in ipairs(shows.begins_with) do begin_with(S, name, room, record) end
  return record
end

-- The last show goes on as if it had not ended. What was listed meanwhile has its base as of now.
function shows.go_on(S, name, room)
  local record = shows.last_of(S, name, room)
  record.ended_at_ms, record.ended_seq, record.ended_by = 0, 0, ''
  record.continued = record.continued + 1
  shows.reports.withdraw(S, record.id)
  local known, later = {}, {}
  for _, sku in ipairs(redis.call('HKEYS', S.base .. ':show:' .. record.id)) do known[sku] = true end
  for _, sku in ipairs(shows.listed_in(S, name)) do
    if not known[sku] then later[#later + 1] = sku end
  end
  shows.note_bases(S, record, later)
  return record
end

function shows.push_row(list, row, most)
  list[#list + 1] = row
  if #list > most then table.remove(list, 1) end
end

function shows.shine(S, record, sku)
  local last = record.spotlight[#record.spotlight]
  local lit = last and last[3] == 0 and last[1] or nil
  if lit == sku then return end
  if lit then last[3] = S.now end
  if sku then shows.push_row(record.spotlight, { sku, S.now, 0 }, shows.spotlight_max) end
end

-- A room is to become `new` (old: false where it is made): its show follows. Changes `new`, whose show it sets. Returns
-- the record where a show went on that had ended.
function shows.follow(S, name, old, new, actor, continues)
  new.show = old and old.show or nil
  if S.format < 2 then return nil end
  local before, after = old and shows.status_of(old) or 'scheduled', shows.status_of(new)
  local begins = shows.on_air[after] and not shows.on_air[before]
  local record, went_on
  if begins and continues then
    record = shows.go_on(S, name, new)
    went_on = record
  elseif begins then
    record = shows.begin_next(S, name, new, actor)
  elseif shows.on_air[before] then
    -- One that was live in a book of before begins its first show with this write.
    record = shows.last_of(S, name, new)
    if not record then
      record = shows.begin_next(S, name, new, actor)
      record.upgraded, new.upgraded_show = true, new.show
    end
  else
    return nil
  end
  if before ~= after or #record.history == 0 then shows.push_row(record.history, { after, S.now, actor }, shows.history_max) end
  if after == 'ended' then
    record.ended_at_ms, record.ended_seq, record.ended_by = S.now, seq(S), actor
    for _, end_with in ipairs(shows.ends_with) do end_with(S, name, record) end
  end
  shows.shine(S, record, shows.on_air[after] and new.spotlight or nil)
  record.planned_start_ms, record.planned_minutes = new.planned_start_ms or 0, new.planned_minutes or 0
  record.time_zone = new.time_zone or ''
  shows.keep(S, record)
  return went_on
end

-- A room that is on air in a book of before begins its first show. Returns the room as it is then.
function shows.adopt(S, name, room)
  if S.format < 2 or not shows.on_air[shows.status_of(room)] or (room.show or 0) > 0 then return room end
  local adopted = {}
  for field, value in pairs(room) do adopted[field] = value end
  shows.follow(S, name, room, adopted, '')
  set_config(S, 'room', '', name, adopted)
  return adopted
end

-- The same of all rooms, a few a call, from the first call on after each load of the library.
function shows.adopt_some(S)
  local cursor = shows.looked_at[S.base]
  if S.format < 2 or cursor == false then return end
  local found = redis.call('HSCAN', config_key(S, 'room', ''), cursor or '0', 'COUNT', shows.rooms_a_look)
  for i = 1, #found[2], 2 do shows.adopt(S, found[2][i], config(S, 'room', '', found[2][i])) end
  if found[1] == '0' then shows.looked_at[S.base] = false else shows.looked_at[S.base] = found[1] end
end

-- A SKU has come onto a room's shelf: while its show is on, the shares of the SKU count from here.
function shows.listed(S, name, sku)
  local room = S.format >= 2 and config(S, 'room', '', name)
  if not room or not shows.on_air[shows.status_of(room)] then return end
  local record = shows.last_of(S, name, shows.adopt(S, name, room))
  if record then shows.note_bases(S, record, { sku }) end
end

-- The oldest shows that are over go where there are more than are kept.
function shows.forget_oldest(S, excess)
  for _, id in ipairs(redis.call('ZRANGE', S.base .. ':shows_order', 0, -1)) do
    if excess <= 0 then return end
    local record = shows.of(S, id)
    if not record or record.ended_at_ms > 0 then
      redis.call('HDEL', S.base .. ':shows', id)
      redis.call('ZREM', S.base .. ':shows_order', id)
      redis.call('HDEL', S.base .. ':shows_began', id)
      for _, suffix in ipairs(shows.keys) do redis.call('UNLINK', S.base .. suffix .. id) end
      for _, forget in ipairs(shows.forgets) do forget(S, id) end
      S.shows[id] = false -- what this very call has yet to write of it is not written
      excess = excess - 1
    end
  end
end

-- The base rows, packed, and the units sold, by SKU, of a show or of none (false).
function shows.rows(S, show)
  local bases, sold = {}, {}
  if not show then return bases, sold end
  for suffix, values in pairs({ [':show:'] = bases, [':sold:'] = sold }) do
    local flat = redis.call('HGETALL', S.base .. suffix .. show.id)
    for i = 1, #flat, 2 do values[flat[i]] = flat[i + 1] end
  end
  return bases, sold
end

function shows.write(S)
  local order = S.base .. ':shows_order'
  for id, record in pairs(S.shows_changed) do redis.call('HSET', S.base .. ':shows', id, cmsgpack.pack(record)) end
  for _, record in ipairs(S.shows_begun) do
    redis.call('ZADD', order, string.format('%d', record.started_at_ms), record.id)
    redis.call('HSET', S.base .. ':shows_began', record.id, record.started_seq)
  end
  for id, rows in pairs(S.bases) do
    local key, fields = S.base .. ':show:' .. id, {}
    local is_new = redis.call('EXISTS', key) == 0
    for sku, row in pairs(rows) do
      if is_new then
        fields[#fields + 1] = sku
        fields[#fields + 1] = row
      else
        redis.call('HSETNX', key, sku, row)
      end
    end
    call_in_chunks('HSET', key, fields)
  end
  if #S.shows_begun > 0 then
    shows.forget_oldest(S, redis.call('ZCARD', order) - (S.params.shows_kept_max or shows.kept_default))
  end
end
