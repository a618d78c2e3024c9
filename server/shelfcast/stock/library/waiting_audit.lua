-- The audit of the waitlists: what is wrong with them, a page at a time. Waits are in no ledger, so each page is held against the
-- lists within its own call, and what is wrong is no race.

-- Whether a wait stands on a list, at its number.
local function on_list(key, id, number)
  return tonumber(redis.call('ZSCORE', key, id) or -1) == number
end

local pages = {}

-- A wait that stands is on the list of its room and quantity, in the order of its SKU, and once among its user's.
function pages.waits(S, cursor, count, wrong)
  local found = redis.call('HSCAN', S.base .. ':waits', cursor, 'COUNT', count)
  local standing = 0
  waiting.begin(S)
  for i = 1, #found[2], 2 do
    local w = waiting.unpack(found[2][i], found[2][i + 1])
    S.waits[w.id] = w
    if waiting.states[w.state] == 'waiting' then
      standing = standing + 1
      if not on_list(waiting.key(S, w), w.id, w.number) then wrong[#wrong + 1] = { 'list', w.id, w.sku } end
      if not on_list(waiting.order_key(S, w.source, w.sku), w.id, w.number) then wrong[#wrong + 1] = { 'order', w.id, w.sku } end
      local ids, mine, same = waiting.ids_of(S, w.user).ids, 0, 0
      waiting.load(S, ids)
      for _, id in ipairs(ids) do
        local other = S.waits[id]
        if id == w.id then mine = mine + 1 elseif other and other.sku == w.sku then same = same + 1 end
      end
      if mine ~= 1 then wrong[#wrong + 1] = { 'user', w.id, w.user } end
      if same > 0 then wrong[#wrong + 1] = { 'twice', w.id, w.user } end
    end
  end
  return found[1], standing
end

-- What stands among a user's waits is one that stands, and that user's.
function pages.users(S, cursor, count, wrong)
  local found = redis.call('HSCAN', S.base .. ':waits_of', cursor, 'COUNT', count)
  for i = 1, #found[2], 2 do
    local ids = {}
    for id in string.gmatch(found[2][i + 1], '%S+') do ids[#ids + 1] = id end
    waiting.load(S, ids)
    for _, id in ipairs(ids) do
      local w = S.waits[id]
      local stands = w and waiting.states[w.state] == 'waiting' and w.user == found[2][i]
      if not stands then wrong[#wrong + 1] = { 'index', id, found[2][i] } end
    end
  end
  return found[1], 0
end

-- A SKU counts as many people as its groups do, a group as many as stand on its list, and the orders as many as all of them.
local function check_sku(S, sku, wrong)
  local base = S.base
  local counted = tonumber(redis.call('HGET', base .. ':sku:' .. sku, 'waiting') or 0)
  local flat = redis.call('HGETALL', base .. ':waiting:' .. sku)
  local grouped, ordered, sources = 0, 0, {}
  for i = 1, #flat, 2 do
    local room, units = string.match(flat[i], '^(.*)' .. US .. '(%d+)$')
    local group = waiting.new_group({ sku = sku }, room, tonumber(units), cmsgpack.unpack(flat[i + 1]))
    local there = redis.call('ZCARD', waiting.key(S, group))
    grouped = grouped + group.people
    if there ~= group.people then wrong[#wrong + 1] = { 'group', sku, room, group.people, there } end
  end
  for _, channel in ipairs(redis.call('HKEYS', base .. ':channels')) do sources[#sources + 1] = channel end
  sources[#sources + 1] = ''
  for _, source in ipairs(sources) do ordered = ordered + redis.call('ZCARD', waiting.order_key(S, source, sku)) end
  if grouped ~= counted then wrong[#wrong + 1] = { 'count', sku, 'the lists of its rooms', counted, grouped } end
  if ordered ~= counted then wrong[#wrong + 1] = { 'count', sku, 'the order of turns', counted, ordered } end
  if (redis.call('SISMEMBER', base .. ':waiting_skus', sku) == 1) ~= (counted > 0) then wrong[#wrong + 1] = { 'known', sku, '' } end
end

-- And it is owed to as many orders as stand in the queues of it.
local function check_owed(S, sku, wrong)
  local base = S.base
  local counted = tonumber(redis.call('HGET', base .. ':sku:' .. sku, 'owed') or 0)
  local queued = redis.call('ZCARD', base .. settling.keys.unfilled .. sku) + redis.call('ZCARD', base .. settling.keys.oversold .. sku)
  if counted ~= queued then wrong[#wrong + 1] = { 'owed', sku, '', counted, queued } end
end

function pages.skus(S, cursor, count, wrong)
  local behind = cursor == '0' and '-' or '(' .. string.sub(cursor, 2)
  local skus = redis.call('ZRANGE', sku_names(S), behind, '+', 'BYLEX', 'LIMIT', 0, count)
  for _, sku in ipairs(skus) do
    check_sku(S, sku, wrong)
    check_owed(S, sku, wrong)
  end
  return #skus < tonumber(count) and '0' or '>' .. skus[#skus], 0
end

-- A page of what is to be checked.
--   ARGV[1] 'waits', 'users' or 'skus'; ARGV[2] cursor, '0' the first; ARGV[3] about how many
--   result  [next cursor, waits that stand, [[what is wrong, subject, of whom or what, counted, found], …]]
local function audit_waits(keys, args)
  local S, wrong = begin(keys[1], {}), {}
  local cursor, standing = pages[args[1]](S, args[2], args[3], wrong)
  return cmsgpack.pack({ cursor, standing, wrong })
end

redis.register_function('shelfcast_audit_waits', audit_waits)
