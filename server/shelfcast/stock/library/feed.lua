-- The feed: one message a call, with the absolute new values of all it changed.
-- [epoch, previous seq, seq, now, [sku rows], [hold rows], [configuration rows], [[room, its words], …], [events]]

-- [sku, pool, frozen, locked, presale, [[channel, allocated, held, sold, presale held, presale sold], …]]
local function stock_row(S, stock)
  local units = stock.units
  local locked = 0
  for _, batch in ipairs(config_names(S, 'batch')) do locked = locked + (units['batch:' .. batch] or 0) end
  local channels = {}
  for _, name in ipairs(config_names(S, 'channel')) do
    local row = { name, units['channel:' .. name] or 0, units['held:' .. name] or 0, units['sold:' .. name] or 0,
      units['presale_held:' .. name] or 0, units['presale_sold:' .. name] or 0 }
    if row[2] + row[3] + row[4] + row[5] + row[6] > 0 then channels[#channels + 1] = row end
  end
  return { stock.sku, units.pool or 0, stock.frozen, locked, units.presale or 0, channels }
end

local function publish(S)
  local rows = {}
  for _, stock in pairs(S.touched) do rows[#rows + 1] = stock_row(S, stock) end
  local words = {}
  for room, all in pairs(S.words) do words[#words + 1] = { room, all } end
  if #rows == 0 and #S.holds == 0 and #S.config_events == 0 and #words == 0 and #S.events == 0 then return end
  redis.call('SPUBLISH', S.base .. ':feed', cmsgpack.pack({
    S.epoch, S.ledger_before + S.presale_before, seq(S), S.now, rows, S.holds, S.config_events, words, S.events }))
end
