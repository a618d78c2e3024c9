-- Configuration: catalogue, channels, batches, rooms and their listings, users; and forgetting what is over.

-- Kind → the parameter that says how many there may be, of a pool or (listings) of a room.
local MOST = { sku = 'skus_a_pool_max', channel = 'channels_a_pool_max', batch = 'batches_a_pool_max',
  room = 'rooms_a_pool_max', listing = 'skus_a_room_max' }

-- What a piece of configuration needs to be there. Returns a refusal or nil.
local function refuse_put(S, what, parent, key, new, old)
  if what == 'room' then
    if not new.channel or not config(S, 'channel', '', new.channel) then
      return refuse(S, 'NOT_FOUND', nil, nil, 'channel')
    end
    if new.spotlight and not config(S, 'listing', key, new.spotlight) then
      return refuse(S, 'UNKNOWN_SKU', nil, nil, 'spotlight')
    end
    -- What the run order named before may have left the shelf since, and stays in it.
    local former = {}
    for _, sku in ipairs(old and old.run_order or {}) do former[sku] = true end
    for _, sku in ipairs(new.run_order or {}) do
      if not former[sku] and not config(S, 'listing', key, sku) then
        return refuse(S, 'UNKNOWN_SKU', nil, nil, 'run_order')
      end
    end
  elseif what == 'listing' then
    if not config(S, 'room', '', parent) then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
    if not config(S, 'sku', '', key) then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  elseif what == 'batch' then
    local kind, channel = place_kind(new.target or 'pool')
    if kind ~= 'pool' and not (kind == 'channel:' and config(S, 'channel', '', channel)) then
      return refuse(S, 'NOT_FOUND', nil, nil, 'target')
    end
  end
  local most = MOST[what] and S.params[MOST[what]]
  if most and not old and config_count(S, what, parent) >= most then
    return refuse(S, 'SHELF_FULL', most, nil, what == 'listing' and 'sku' or what)
  end
  return nil
end

-- {'put', what, parent, key, values, clear, revision, by}: set the fields of `values`, drop those named in `clear`.
-- by: {id, actor, room}, whose write it is; servers of the release before do not say it.
function operations.put(S, op)
  local what, parent, key, values, clear, by = op[2], op[3], op[4], op[5], op[6], op[8]
  local old = config(S, what, parent, key)
  local new = {}
  for field, value in pairs(old or {}) do new[field] = value end
  for field, value in pairs(values) do new[field] = value end
  for _, field in ipairs(clear) do new[field] = nil end
  new.changed_at_ms = S.now -- which also keeps the map from being empty: that would be packed as an array
  local refusal = refuse_put(S, what, parent, key, new, old)
  if refusal then return refusal end
  if what == 'room' then
    local was_ended = old and old.status == 'ended'
    if new.status ~= 'ended' then new.ended_at_ms = nil elseif not was_ended then new.ended_at_ms = S.now end
  end
  set_config(S, what, parent, key, new)
  events.written(S, what, parent, key, old, new, by)
  return done(S)
end

-- {'drop', room, sku, revision, by}: the SKU leaves the room's shelf; live holds stay.
function operations.drop(S, op)
  local room, sku, by = op[2], op[3], op[5]
  local settings, listing = config(S, 'room', '', room), config(S, 'listing', room, sku)
  if not settings or not listing then return refuse(S, 'NOT_FOUND') end
  if settings.spotlight == sku then
    settings.spotlight = nil
    set_config(S, 'room', '', room, settings)
    events.add(S, 'spotlight', room, room, { sku = '', before = sku }, by and by[2], by and by[1])
  end
  set_config(S, 'listing', room, sku, false)
  events.written(S, 'listing', room, sku, listing, false, by)
  return done(S)
end

-- The hour in which an id may be forgotten: nil when it may be now, false when it is not over at all.
local function hour_to_forget(S, r)
  if not r or LIVE[r.state] or r.state == 'paid_no_stock' or left_of(r) > 0 or r.oversold > 0 then return false end
  local room = r.room ~= '' and config(S, 'room', '', r.room)
  if not room then return nil end
  if room.status ~= 'ended' then return math.floor(S.now / HOUR_MS) end
  if room.ended_at_ms + S.params.remember_ms > S.now then return math.floor(room.ended_at_ms / HOUR_MS) end
  return nil
end

-- {'retire', limit} → data: ids forgotten. An id is kept for as long as its show, and the remembrance after it.
function operations.retire(S, op)
  local limit, forgotten = op[2], 0
  local last = math.floor((S.now - S.params.remember_ms) / HOUR_MS) - 1
  local hours = redis.call('ZRANGEBYSCORE', S.base .. ':finished', '-inf', last, 'LIMIT', 0, limit)
  for _, hour in ipairs(hours) do
    if limit <= 0 then break end
    local key = S.base .. ':finished:' .. hour
    local marks = redis.call('LRANGE', key, 0, limit - 1)
    for _, mark in ipairs(marks) do
      local id = string.sub(mark, 2)
      if string.sub(mark, 1, 1) == 'm' then
        S.retired_moves[#S.retired_moves + 1] = id
        S.moves[id] = false
        forgotten = forgotten + 1
      else
        local keep_until = hour_to_forget(S, reservation_of(S, id))
        if keep_until == nil then
          S.retired[#S.retired + 1] = id
          S.reservations[id] = false
          forgotten = forgotten + 1
        elseif keep_until then
          local later = S.finished[keep_until] or {}
          later[#later + 1] = mark
          S.finished[keep_until] = later
        end
      end
    end
    S.finished_done[hour] = { count = #marks, all = redis.call('LLEN', key) <= #marks }
    limit = limit - #marks
  end
  return done(S, forgotten)
end
