-- Presence: how many viewers each process has in a room, and who follows a pool in it. What a process says lapses where it does not
-- say it again.

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

-- Say who follows a pool in a process, and learn who does in all. What is said lapses where it is not said again.
--   ARGV[1] the process; ARGV[2] how long what it says counts, in ms; ARGV[3] its rows, packed: [[user, role, connections, since], …],
--   '' where there are none
--   result  [rows of a process, …], its own among them
--   :crew   hash  process → "<until> <rows, packed>"
local function followers(keys, args)
  local key, process, lasts_ms, said = keys[1] .. ':crew', args[1], tonumber(args[2]), args[3]
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local all, before, before_until, lapsed = {}, '', 0, {}
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local space = string.find(flat[i + 1], ' ', 1, true)
    local ends, rows = tonumber(string.sub(flat[i + 1], 1, space - 1)), string.sub(flat[i + 1], space + 1)
    if flat[i] == process then
      before, before_until = rows, ends
    elseif ends > now then
      all[#all + 1] = cmsgpack.unpack(rows)
    else
      lapsed[#lapsed + 1] = flat[i]
    end
  end
  if said ~= '' then
    all[#all + 1] = cmsgpack.unpack(said)
    -- As above: what stands unchanged is written again only when half its time is over.
    if said ~= before or before_until - now < lasts_ms / 2 then
      redis.call('HSET', key, process, string.format('%d ', now + lasts_ms) .. said)
      redis.call('PEXPIRE', key, lasts_ms * 2)
    end
  elseif before ~= '' then
    lapsed[#lapsed + 1] = process
  end
  for _, gone in ipairs(lapsed) do redis.call('HDEL', key, gone) end
  return cmsgpack.pack(all)
end

redis.register_function('shelfcast_followers', followers)
