-- Presence: how many viewers each process has in a room. One number a process, which lapses where it is not renewed.

-- Say how many viewers a process has in some rooms, and learn how many there are in all.
--   ARGV[1] the process, or '' to read only; ARGV[2] how long its numbers count, in ms
--   ARGV[3…] room, count, room, count, …
--   result  [total, …] in the order of the rooms
local function viewers(keys, args)
  local process, lasts_ms = args[1], tonumber(args[2])
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local totals = {}
  for i = 3, #args, 2 do
    local key, count = keys[1] .. ':viewers:' .. args[i], tonumber(args[i + 1])
    local total, said, said_until, lapsed = 0, 0, 0, {}
    local flat = redis.call('HGETALL', key)
    for j = 1, #flat, 2 do
      local number, ends = string.match(flat[j + 1], '^(%d+) (%d+)$')
      number, ends = tonumber(number), tonumber(ends)
      if flat[j] == process then
        said, said_until = number, ends
      elseif ends > now then
        total = total + number
      else
        lapsed[#lapsed + 1] = flat[j]
      end
    end
    if process ~= '' then
      total = total + count
      -- What stands unchanged is written again only when half its time is over: a write costs a flush.
      if count == 0 and said_until > 0 then
        lapsed[#lapsed + 1] = process
      elseif count > 0 and (count ~= said or said_until - now < lasts_ms / 2) then
        redis.call('HSET', key, process, string.format('%d %d', count, now + lasts_ms))
        redis.call('PEXPIRE', key, lasts_ms * 2)
      end
      for _, gone in ipairs(lapsed) do redis.call('HDEL', key, gone) end
    end
    totals[#totals + 1] = total
  end
  return cmsgpack.pack(totals)
end

redis.register_function('shelfcast_viewers', viewers)
