-- Lease: one process at a time does what one is enough for, or what must not be done twice. Taking, renewing and giving
-- up are one step each; a fence tells one holder's time from the next one's.
--
-- KEYS[1] is the lease, `<prefix>:lease:<name>`, a string "<owner> <lasts_ms>" that runs out by itself. Beside it, in the
-- same slot by its hash tag, stands `{<KEYS[1]>}:fence`, which stays: the highest fence ever given.
-- Servers before version 5 of this library take the same key by SET NX, with their name alone in it: they and later ones
-- keep each other out. They give no fence; the next holder's is higher all the same.

-- How long the lease lasts yet. What lasts longer than it was given for was given before the engine's clock was set back:
-- it is over, or the others would wait for somebody who may be gone as long as the clock was set back.
local function lease_left_ms(key, given_ms)
  local left = redis.call('PTTL', key)
  if left < 0 or (given_ms and left > given_ms) then return 0 end
  return left
end

-- A fence grows with each change of the holder, also where the engine lost the last ones given (a backup, a replica that
-- had not heard of them): it is at least the time in ms. So it is no count, and gaps say nothing.
local function next_fence(key)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local fence = math.max((tonumber(redis.call('GET', key)) or 0) + 1, now)
  redis.call('SET', key, string.format('%d', fence))
  return fence
end

-- Take the lease, renew it, or give it up.
--   ARGV[1] 'hold' or 'release'; ARGV[2] the owner, a name without spaces; ARGV[3] how long it is to last, in ms
--   result  hold:    [fence, ms it lasts]: the owner holds it. Renewed, the fence is that of the taking
--                    [0, ms until it runs out by itself]: another one holds it
--           release: [1, 0]: it was the owner's and is free; [0, ms]: it was not, and stays as it is
local function lease(keys, args)
  local key, owner, lasts_ms = keys[1], args[2], tonumber(args[3])
  local fence_key = '{' .. key .. '}:fence'
  local holder, given_ms = string.match(redis.call('GET', key) or '', '^(%S*) ?(%d*)$')
  local left = lease_left_ms(key, tonumber(given_ms))
  local is_own = holder == owner and left > 0
  if args[1] == 'release' then
    if is_own then redis.call('DEL', key) end
    return cmsgpack.pack({ is_own and 1 or 0, is_own and 0 or left })
  end
  if left > 0 and not is_own then return cmsgpack.pack({ 0, left }) end
  local fence = is_own and tonumber(redis.call('GET', fence_key)) or next_fence(fence_key)
  redis.call('SET', key, owner .. ' ' .. args[3], 'PX', lasts_ms)
  return cmsgpack.pack({ fence, lasts_ms })
end

redis.register_function('shelfcast_lease', lease)
