-- The elastic reserve. Rules: docs/rules.md#moves.

-- The elastic reserve joins the main stock once that is at the SKU's threshold. What counts is what is left, never the size
-- of a request: one that could not be served with the reserve either releases nothing. An order
-- that is taken in any case (`partly`) leaves what it leaves.
function elastic.release_if_short(S, stock, channel, qty, partly)
  local elastic = stock.units.elastic or 0
  if elastic == 0 then return end
  local threshold = config(S, 'sku', '', stock.sku).elastic_release_at
  if not threshold then return end
  local own, pool, shared = drawing.sellable(S, stock, channel)
  local left = own + pool - (partly and qty or 0)
  if left <= threshold and (partly or qty <= own + pool + elastic) then
    transfer(S, stock, 'release_elastic', elastic, 'elastic', shared and 'pool' or places_of(S, channel).own,
      { id = '', channel = channel, actor = 'book', reason = 'main stock is short' })
  end
end
