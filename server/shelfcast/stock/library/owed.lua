-- What is owed of some SKUs, and whether all that ever came of them came lately: for the checklist before a show, which
-- has the rest from the room's view. Nothing is changed.

-- What an account outside has given: those run below zero.
local function given(units, account)
  return -(units[account] or 0)
end

-- Some SKUs.
--   ARGV    SKUs, at most some hundred
--   result  [[sku, units owed to orders of other platforms, orders paid without stock, units that suppliers and counts ever
--           brought, those of them that counts did], …], of those that the catalogue has
local function owed_of(keys, args)
  local S, rows = begin(keys[1], {}), {}
  for _, sku in ipairs(args) do
    local stock = stock_of(S, sku)
    if stock then
      local oversold, unfilled = 0, 0
      for place, n in pairs(stock.units) do
        if place_kind(place) == 'external_oversold:' then oversold = oversold + n end
      end
      if (stock.units.owed or 0) > 0 then unfilled = redis.call('ZCARD', S.base .. settling.keys.unfilled .. sku) end
      local gained = given(stock.units, 'count_gain')
      rows[#rows + 1] = { sku, oversold, unfilled, given(stock.units, 'supplier') + gained, gained }
    end
  end
  return cmsgpack.pack(rows)
end

redis.register_function('shelfcast_owed', owed_of)
