-- Counters: what is kept beside a SKU's buckets, in its hash and in the same call, so that shares, paces and sell-through
-- rates need no ledger. They are no buckets: no unit is in them, and whoever lists buckets leaves them out.
--
--   taken:<place>    units that holds and sales took from pool, channel:<c>, batch:<b> or presale, less what ended holds gave
--                    back; of a batch that is closed there is none any more;
--                    a paid order that is cancelled is an arrival, as goods from a supplier are
--   holding:<place>  those of them that are in a live hold now, whoever's
--   :sold:<show>     hash  sku → net units confirmed of the reservations stamped with that show
--
-- Only counted reservations are in them: those that were made once the pool had them (r.counted). Rules:
-- docs/rules.md#indicators; the audit folds them from the ledger (invariant 8).

local counters = {}

-- r took n units from the place of these two counters (below 0: its hold gives them back), into a hold or (`to` is
-- 'sold') at once for good.
function counters.took(stock, r, taken, holding, n, to)
  if not r.counted or n == 0 then return end
  local units, dirty = stock.units, stock.dirty
  units[taken] = (units[taken] or 0) + n
  dirty[taken] = true
  if to == 'held' then
    units[holding] = (units[holding] or 0) + n
    dirty[holding] = true
  end
end

-- A hold gives n units back that it drew from a batch. Its closing has taken the count of a closed one away: of one that is
-- not, more was taken than is held.
function counters.left_batch(stock, r, place, n)
  if not r.counted then return end
  local taken, holding = 'taken:' .. place, 'holding:' .. place
  local units, dirty = stock.units, stock.dirty
  if (units[taken] or 0) > 0 then units[taken], dirty[taken] = units[taken] - n, true end
  units[holding], dirty[holding] = (units[holding] or 0) - n, true
end

-- A hold's n units from the place of this counter are paid.
function counters.paid(stock, r, holding, n)
  if not r.counted or n == 0 then return end
  stock.units[holding] = (stock.units[holding] or 0) - n
  stock.dirty[holding] = true
end

-- n units of r were confirmed, or (below 0) taken back after that: they count to the show that is stamped on it.
function counters.sold(S, r, n)
  if not r.counted or r.show == 0 or n == 0 then return end
  local show = r.room .. '.' .. string.format('%d', r.show)
  local skus = S.sold[show]
  if not skus then skus = {}; S.sold[show] = skus end
  skus[r.sku] = (skus[r.sku] or 0) + n
end

-- Before the feed is told: S.sold_in says what the counters of shows have become. A show that is not kept any more has none.
function counters.write(S)
  for show, skus in pairs(S.sold) do
    if redis.call('HEXISTS', S.base .. ':shows', show) == 1 then
      for sku, n in pairs(skus) do
        if n ~= 0 then
          local told = S.sold_in[sku]
          if not told then told = {}; S.sold_in[sku] = told end
          told[#told + 1] = { show, redis.call('HINCRBY', S.base .. ':sold:' .. show, sku, n) }
        end
      end
    end
  end
end
