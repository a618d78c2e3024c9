-- Series and pace: what the duty that watches shows keeps of each minute of a show, and what its successor goes on from.
--
--   :series:<show>:<hour>  hash  <minute of the hour> US <sku> → packed row (insight/series.py), only of SKUs that changed;
--                                with the sku '' that of the show. <hour>: hours since 1970
--   :shown:<show>:<hour>   hash  <minute of the hour> US <kind> US <sku> → packed row: what the pages showed besides, of what changed.
--                                Apart from the series, which servers of before read, too
--   :series_of:<show>      hash  bytes: how many are kept; h<hour>: the hours there are; full: the first minute (since 1970) that
--                                was not kept any more; archived: of how many minutes the archive has all, and the engine none
--   :pace:<show>           hash  sku → MessagePack [units a minute or false, taken, minute, units by minute,
--                                orders, taken by place, spread, minutes of it] (stock/alerts.py);
--                                '' → the number of the last minute that was written whole, and the pool's sequence
--                                up to which orders are in it
--
-- There is a bound of hours and of bytes a show: behind it nothing more is kept of the minutes, and the pace goes on.

local series = { hours_default = 12, bytes_default = 64 * 1024 * 1024, row_overhead = 16,
  array_of_3 = '\147' } -- MessagePack's header

-- {'minute', fence, room, show, minute, [[sku, row], …], [paid, [code, …]] or false, [[sku, pace or false, kept], …], through, seq}
-- minute: minutes since 1970; at most moves_a_call_max rows, where a name that begins with US is <US, kind, US, sku> of a row of
-- what was shown; through: the last minute that is complete with this part, -1
-- where more follow; seq: up to where orders are counted. The same rows again change nothing.
-- → data: true, or false where the series is full
function operations.minute(S, op)
  local refusal = alerts.refuse_fence(S, op[2])
  if refusal then return refusal end
  local room = config(S, 'room', '', op[3])
  if not room then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  if not shows.of(S, op[4]) then return refuse(S, 'NOT_FOUND', nil, nil, 'show') end
  local part = { room = op[3], show = op[4], minute = op[5], rows = op[6], total = op[7], paces = op[8], through = op[9],
    seq = op[10] or 0 }
  local meter = redis.call('HMGET', S.base .. ':series_of:' .. part.show, 'bytes', 'full', 'archived',
    'h' .. math.floor(part.minute / 60))
  local hours = redis.call('HLEN', S.base .. ':series_of:' .. part.show)
  for i = 1, 3 do hours = hours - (meter[i] and 1 or 0) end
  part.archived = meter[3]
  part.kept = not part.archived and tonumber(meter[1] or 0) < (S.params.series_bytes_max or series.bytes_default)
    and (meter[4] and true or hours < (S.params.series_hours_max or series.hours_default))
  S.series[#S.series + 1] = part
  return done(S, part.kept or part.archived and true or false)
end

-- {'series_drop', show, through, minutes}
-- The archive has the minutes of a show that is over, all `minutes` of them; `through` is the last minute (since 1970) that was
-- written when they were read. STALE where it has gone on since, or may yet: then nothing is dropped. Once a show.
-- → data: of how many minutes the archive has all
function operations.series_drop(S, op)
  local id, of = op[2], S.base .. ':series_of:' .. op[2]
  local show = shows.of(S, id)
  if not show then return refuse(S, 'NOT_FOUND', nil, nil, 'show') end
  local archived = redis.call('HGET', of, 'archived')
  if archived then return done(S, tonumber(archived)) end
  local last = string.match(redis.call('HGET', S.base .. ':pace:' .. id, '') or '', '^(%-?%d+) ')
  if show.ended_at_ms == 0 or S.now - show.ended_at_ms <= (S.params.show_continue_max_ms or shows.continue_default_ms)
    or tonumber(last or -1) ~= op[3] then
    return refuse(S, 'STALE', nil, nil, 'show')
  end
  S.series_dropped[#S.series_dropped + 1] = { show = id, minutes = op[4] }
  return done(S, op[4])
end

-- The keys of the hours of a show that there are.
function series.keys(S, show)
  local keys = {}
  for _, field in ipairs(redis.call('HKEYS', S.base .. ':series_of:' .. show)) do
    local hour = string.match(field, '^h(%d+)$')
    if hour then
      keys[#keys + 1] = S.base .. ':series:' .. show .. ':' .. hour
      keys[#keys + 1] = S.base .. ':shown:' .. show .. ':' .. hour
    end
  end
  return keys
end

-- The viewers of a room in all processes now (presence.lua).
function series.viewers(S, room)
  local total, time = 0, redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  for _, said in ipairs(redis.call('HVALS', S.base .. ':viewers:' .. room)) do
    local number, ends = string.match(said, '^(%d+) (%d+)$')
    if number and tonumber(ends) > now then total = total + tonumber(number) end
  end
  return total
end

-- The show's own row, as the duty says it, with what the engine knows: the viewers, and of each code it asks for how often
-- the show has refused with it.
function series.total(S, part)
  local refused = {}
  for _, code in ipairs(part.total[2]) do
    local said = redis.call('HGET', S.base .. ':refused:' .. part.show, US .. code)
    if said then refused[code] = tonumber(string.match(said, '^%d+')) end
  end
  return series.array_of_3 .. cmsgpack.pack(series.viewers(S, part.room), part.total[1]) .. series.packed_map(refused)
end

-- A map as MessagePack also where it is empty, which a table would not be.
function series.packed_map(values)
  return next(values) and cmsgpack.pack(values) or '\128'
end

function series.write_rows(S, part)
  local hour, minute = math.floor(part.minute / 60), part.minute % 60
  local of, behind = S.base .. ':series_of:' .. part.show, ':' .. part.show .. ':' .. hour
  local fields, shown, bytes = {}, {}, 0
  local function add(sku, row)
    local kept, name = fields, sku
    if string.sub(sku, 1, 1) == US then kept, name = shown, string.sub(sku, 2) end
    local field = string.format('%d', minute) .. US .. name
    kept[#kept + 1] = field
    kept[#kept + 1] = row
    bytes = bytes + #field + #row + series.row_overhead
  end
  for _, row in ipairs(part.rows) do add(row[1], cmsgpack.pack(row[2])) end
  if part.total then
    add('', series.total(S, part))
  end
  if #fields + #shown == 0 then return end
  call_in_chunks('HSET', S.base .. ':series' .. behind, fields)
  call_in_chunks('HSET', S.base .. ':shown' .. behind, shown)
  redis.call('HINCRBY', of, 'bytes', bytes)
  redis.call('HSET', of, 'h' .. string.format('%d', hour), 1)
end

series.spread, series.counted = 7, 8 -- where in a kept pace these stand; one of before has none

-- Write the minutes of this call, and tell the paces: ["pace", room, at_ms, [[sku, units a minute], …], [[sku, spread, minutes], …]].
function series.write(S)
  for _, part in ipairs(S.series) do
    if part.kept then
      series.write_rows(S, part)
    elseif not part.archived then
      redis.call('HSETNX', S.base .. ':series_of:' .. part.show, 'full', string.format('%d', part.minute))
    end
    local fields, told, spreads = {}, {}, {}
    for _, row in ipairs(part.paces) do
      fields[#fields + 1] = row[1]
      fields[#fields + 1] = cmsgpack.pack(row[3])
      if row[2] then
        told[#told + 1] = { row[1], row[2] }
        local counted = row[3][series.counted]
        if counted then spreads[#spreads + 1] = { row[1], row[3][series.spread], counted } end
      end
    end
    if part.through >= 0 then
      fields[#fields + 1] = ''
      fields[#fields + 1] = string.format('%d %d', part.through, part.seq)
    end
    call_in_chunks('HSET', S.base .. ':pace:' .. part.show, fields)
    if #told > 0 then S.news[#S.news + 1] = { 'pace', part.room, S.now, told, spreads } end
  end
  for _, dropped in ipairs(S.series_dropped) do
    local of, hours = S.base .. ':series_of:' .. dropped.show, { 'bytes' }
    for _, key in ipairs(series.keys(S, dropped.show)) do redis.call('UNLINK', key) end
    for _, field in ipairs(redis.call('HKEYS', of)) do
      if string.match(field, '^h%d+$') then hours[#hours + 1] = field end
    end
    redis.call('HDEL', of, unpack(hours))
    redis.call('HSET', of, 'archived', string.format('%d', dropped.minutes))
  end
end

-- The paces of a show: [[sku, units a minute], …], [[sku, spread, minutes], …].
function series.paces(S, show)
  local paces, spreads, flat = {}, {}, redis.call('HGETALL', S.base .. ':pace:' .. show)
  for i = 1, #flat, 2 do
    local kept = flat[i] ~= '' and cmsgpack.unpack(flat[i + 1])
    if kept and kept[1] then
      paces[#paces + 1] = { flat[i], kept[1] }
      if kept[series.counted] then spreads[#spreads + 1] = { flat[i], kept[series.spread], kept[series.counted] } end
    end
  end
  return paces, spreads
end

shows.forgets[#shows.forgets + 1] = function(S, show)
  for _, key in ipairs(series.keys(S, show)) do redis.call('UNLINK', key) end
  redis.call('UNLINK', S.base .. ':series_of:' .. show, S.base .. ':pace:' .. show)
  for _, list in ipairs({ S.series, S.series_dropped }) do
    for i = #list, 1, -1 do
      if list[i].show == show then table.remove(list, i) end
    end
  end
end
