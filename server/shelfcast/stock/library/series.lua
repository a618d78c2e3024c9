-- Series and pace: what the duty that watches shows keeps of each minute of a show, and what its successor goes on from.
--
--   :series:<show>:<hour>  hash  <minute of the hour> US <sku> → packed row (insight/series.py), only of SKUs that changed;
--                                with the sku '' that of the show. <hour>: hours since 1970
--   :series_of:<show>      hash  bytes: how many are kept; h<hour>: the hours there are
--   :pace:<show>           hash  sku → MessagePack [units a minute or false, taken, minute, units by minute,
--                                orders, taken by place, spread, minutes of it] (stock/alerts.py);
--                                '' → the number of the last minute that was written whole, and the pool's sequence
--                                up to which orders are in it
--
-- There is a bound of hours and of bytes a show: behind it nothing more is kept of the minutes, and the pace goes on.

local ARRAY_OF_3 = '\147' -- MessagePack's header
local series = { hours_default = 12, bytes_default = 64 * 1024 * 1024, row_overhead = 16 }

-- {'minute', fence, room, show, minute, [[sku, row], …], [paid, [code, …]] or false, [[sku, pace or false, kept], …], through, seq}
-- minute: minutes since 1970; at most moves_a_call_max rows; through: the last minute that is complete with this part, -1
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
  local meter = redis.call('HMGET', S.base .. ':series_of:' .. part.show, 'bytes', 'h' .. math.floor(part.minute / 60))
  local hours = redis.call('HLEN', S.base .. ':series_of:' .. part.show) - (meter[1] and 1 or 0)
  part.kept = tonumber(meter[1] or 0) < (S.params.series_bytes_max or series.bytes_default)
    and (meter[2] and true or hours < (S.params.series_hours_max or series.hours_default))
  S.series[#S.series + 1] = part
  return done(S, part.kept)
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
  return ARRAY_OF_3 .. cmsgpack.pack(series.viewers(S, part.room), part.total[1]) .. series.packed_map(refused)
end

-- A map as MessagePack also where it is empty, which a table would not be.
function series.packed_map(values)
  return next(values) and cmsgpack.pack(values) or '\128'
end

function series.write_rows(S, part)
  local hour, minute = math.floor(part.minute / 60), part.minute % 60
  local of, key = S.base .. ':series_of:' .. part.show, S.base .. ':series:' .. part.show .. ':' .. hour
  local fields, bytes = {}, 0
  local function add(sku, row)
    local field = string.format('%d', minute) .. US .. sku
    fields[#fields + 1] = field
    fields[#fields + 1] = row
    bytes = bytes + #field + #row + series.row_overhead
  end
  for _, row in ipairs(part.rows) do add(row[1], cmsgpack.pack(row[2])) end
  if part.total then
    add('', series.total(S, part))
  end
  if #fields == 0 then return end
  call_in_chunks('HSET', key, fields)
  redis.call('HINCRBY', of, 'bytes', bytes)
  redis.call('HSET', of, 'h' .. string.format('%d', hour), 1)
end

series.spread, series.counted = 7, 8 -- where in a kept pace these stand; one of before has none

-- Write the minutes of this call, and tell the paces: ["pace", room, at_ms, [[sku, units a minute], …], [[sku, spread, minutes], …]].
function series.write(S)
  for _, part in ipairs(S.series) do
    if part.kept then series.write_rows(S, part) end
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
  local of = S.base .. ':series_of:' .. show
  for _, field in ipairs(redis.call('HKEYS', of)) do
    local hour = string.match(field, '^h(%d+)$')
    if hour then redis.call('UNLINK', S.base .. ':series:' .. show .. ':' .. hour) end
  end
  redis.call('UNLINK', of, S.base .. ':pace:' .. show)
  for i = #S.series, 1, -1 do
    if S.series[i].show == show then table.remove(S.series, i) end
  end
end
