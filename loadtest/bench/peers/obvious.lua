-- KEYS[1] units left of the SKU, KEYS[2] the reservation, KEYS[3] when holds end
-- ARGV[1] id, ARGV[2] user, ARGV[3] sku, ARGV[4] qty, ARGV[5] end of the hold (ms)
-- Returns "OK", "SOLD_OUT" or "INSUFFICIENT". The same id gets the same answer.
if redis.call('EXISTS', KEYS[2]) == 1 then
    return 'OK'
end
local left = tonumber(redis.call('GET', KEYS[1]) or '0')
local qty = tonumber(ARGV[4])
if left < qty then
    return left == 0 and 'SOLD_OUT' or 'INSUFFICIENT'
end
redis.call('DECRBY', KEYS[1], qty)
redis.call('HSET', KEYS[2], 'user', ARGV[2], 'sku', ARGV[3], 'qty', qty, 'state', 'active', 'expires_at_ms', ARGV[5])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
return 'OK'
