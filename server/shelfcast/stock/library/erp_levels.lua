-- What an ERP says is on hand, and what the book had when it said so. Rules: docs/rules.md#receipts.
--
--   :erp_levels  hash  sku → [when, the pool's sequence then, what the ERP says, what the book had]

-- {'erp_levels', [[sku, units], …], actor} → data: [noted, [SKU that the catalogue has not, …], how many differ]
function operations.erp_levels(S, op)
  local noted, unknown, differing = 0, {}, 0
  S.erp_levels = S.erp_levels or {}
  for _, row in ipairs(op[2]) do
    local sku, units = row[1], row[2]
    local stock = stock_of(S, sku)
    if stock then
      local on_hand = counts.on_hand(stock)
      S.erp_levels[sku] = { S.now, seq(S), units, on_hand }
      noted = noted + 1
      if units ~= on_hand then differing = differing + 1 end
    else
      unknown[#unknown + 1] = sku
    end
  end
  return done(S, { noted, unknown, differing })
end

function erp_levels.write(S)
  if not S.erp_levels then return end
  local fields = {}
  for sku, level in pairs(S.erp_levels) do
    fields[#fields + 1] = sku
    fields[#fields + 1] = cmsgpack.pack(level)
  end
  call_in_chunks('HSET', S.base .. ':erp_levels', fields)
end
