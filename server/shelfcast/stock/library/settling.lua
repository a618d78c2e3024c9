-- Settling by itself: where a pool is set so, units that come free go first to orders that are paid and have none.
-- Rules: docs/rules.md#waitlist.
--
--   :unfilled_of:<SKU>   zset  ids of the PAID_NO_STOCK queue → the pool's sequence when they came into it; below 0 of those that an older
--                              library put there
--   :oversold_of:<SKU>   zset  ids of external orders with units owed → the sequence when they came
--   :owing  set  SKUs with some of them;  a SKU's own field `owed`: how many of both

settling.page = 64
settling.keys = { unfilled = ':unfilled_of:', oversold = ':oversold_of:' }
settling.before_all = -1e15 -- a time of the engine added to it stays below every sequence

-- An order comes to a queue of its SKU, or leaves it. One that is there or gone already changes nothing.
function settling.mark(S, r, kind, stands, score)
  local stock = stock_of(S, r.sku)
  if not stock then return end
  S.owed = S.owed or {}
  local owed = S.owed[r.sku]
  if not owed then owed = { unfilled = {}, oversold = {} }; S.owed[r.sku] = owed end
  local known = owed[kind][r.id]
  if known == nil then
    known = redis.call('ZSCORE', S.base .. settling.keys[kind] .. r.sku, r.id)
    known = known and tonumber(known)
  end
  if (known and true or false) == stands then return end
  owed[kind][r.id] = stands and (score or seq(S)) or false
  stock.units.owed = (stock.units.owed or 0) + (stands and 1 or -1)
  stock.dirty.owed, stock.watched = true, true
  S.touched[r.sku] = stock
end

-- A reservation comes into the PAID_NO_STOCK queue, or leaves it.
function settling.unfilled(S, r, stands)
  S.unfilled[r.id] = stands and S.now
  settling.mark(S, r, 'unfilled', stands)
end

-- So many units are owed to an external order now.
function settling.oversold(S, r)
  settling.mark(S, r, 'oversold', r.oversold > 0)
end

-- The queue of before is put in order when a pool begins to settle by itself.
function settling.index(S)
  local flat = redis.call('HGETALL', S.base .. ':unfilled')
  for i = 1, #flat, 2 do
    local r = S.unfilled[flat[i]] == nil and reservation_of(S, flat[i])
    if r and r.state == 'paid_no_stock' then
      settling.mark(S, r, 'unfilled', true, settling.before_all + tonumber(flat[i + 1]))
    end
  end
end

-- qty units are there for an external order that is owed as many.
function settling.settle(S, stock, r, qty, note)
  local own, open = drawing.sources(S, stock, r.channel, true)
  drawing.draw(S, stock, r, 'sold', 'settle', note, qty, own, open, false)
  transfer(S, stock, 'settle', qty, 'external_oversold:' .. r.channel, 'outside', note)
  r.oversold = r.oversold - qty
  r.dirty = true
  settling.oversold(S, r)
end

function settling.has_free_units(stock)
  for place, n in pairs(stock.units) do
    local kind = n > 0 and place_kind(place)
    if kind == 'pool' or kind == 'presale' or kind == 'channel:' or kind == 'batch:' then return true end
  end
  return false
end

-- The ids of a queue, the oldest first, with those that this very call has put in and without those that it took out.
function settling.queue(S, sku, kind)
  local changed, ids, later = S.owed and S.owed[sku] and S.owed[sku][kind] or {}, {}, {}
  for _, id in ipairs(redis.call('ZRANGE', S.base .. settling.keys[kind] .. sku, 0, -1)) do
    if changed[id] == nil then ids[#ids + 1] = id end
  end
  for id, score in pairs(changed) do
    if score then later[#later + 1] = { id, score } end
  end
  table.sort(later, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  for _, one in ipairs(later) do ids[#ids + 1] = one[1] end
  return ids
end

-- Units for one order, where there are some. Returns whether it got any.
function settling.give(S, stock, r, kind)
  if kind == 'unfilled' then
    local there = r.presale and (stock.units.presale or 0) or drawing.remaining(S, stock, r.channel)
    return r.state == 'paid_no_stock' and there >= r.qty and reserving.confirm_anew(S, r, r.ref, 'book')
  end
  local qty = math.min(r.oversold, drawing.remaining(S, stock, r.channel, true))
  if qty <= 0 or stock.frozen or freezes.stop(S, false, r.channel) then return false end
  settling.settle(S, stock, r, qty, about(r, 'book', ''))
  return true
end

function settling.by_itself(S)
  local pool = config(S, 'pool', '', '')
  return pool and pool.auto_settle or false
end

-- The SKUs to look at where a definition has changed, as many as one look takes.
function settling.skus(S)
  if not settling.by_itself(S) then return {} end
  return redis.call('SRANDMEMBER', S.base .. ':owing', waiting.skus_a_look)
end

-- What is free of a SKU goes to the orders that it is owed to, as long as this call has some left: false where it has not, and
-- there may be more to give.
function settling.serve(S, stock)
  if (stock.units.owed or 0) == 0 or not settling.by_itself(S) then return true end
  for _, kind in ipairs({ 'unfilled', 'oversold' }) do
    local ids = settling.has_free_units(stock) and settling.queue(S, stock.sku, kind) or {}
    for first = 1, #ids, settling.page do
      local page = { unpack(ids, first, math.min(first + settling.page - 1, #ids)) }
      load_reservations(S, page)
      for _, id in ipairs(page) do
        if S.offers_left <= 0 then return false end
        local r = reservation_of(S, id)
        if r and settling.give(S, stock, r, kind) then S.offers_left = S.offers_left - 1 end
      end
      if not settling.has_free_units(stock) then break end
    end
  end
  return true
end

function settling.write(S)
  for sku, owed in pairs(S.owed or {}) do
    redis.call((stock_of(S, sku).units.owed or 0) > 0 and 'SADD' or 'SREM', S.base .. ':owing', sku)
    for kind, changed in pairs(owed) do
      for id, score in pairs(changed) do
        local key = S.base .. settling.keys[kind] .. sku
        if score then redis.call('ZADD', key, string.format('%d', score), id) else redis.call('ZREM', key, id) end
      end
    end
  end
end
