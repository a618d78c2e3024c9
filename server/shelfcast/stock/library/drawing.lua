-- Drawing: the places that a channel sells from, taking units from them and giving them back, and why there are none.
-- Rules: docs/rules.md#selling.

local drawing = {}

-- Where units are while `held` or `sold`.
function drawing.stage(S, r, name)
  local places = places_of(S, r.channel)
  if not r.presale then return places[name] end
  return name == 'held' and places.presale_held or places.presale_sold
end

function drawing.sellable(S, stock, channel)
  local own = stock.units[places_of(S, channel).own] or 0
  local settings = config(S, 'channel', '', channel)
  local shared = not (settings and settings.kind == 'dedicated')
  return own, shared and (stock.units.pool or 0) or 0, shared
end
-- Take `r.qty` units (or with `partly`, as many as there are) for r into `to`: own channel first, then the pool.
-- Returns the units taken; what is taken is noted in r and in the ledger.
function drawing.take(S, stock, r, to, kind, note, partly)
  if r.presale then
    local free = stock.units.presale or 0
    if free < r.qty then return 0, free end
    r.from_channel, r.from_pool = 0, r.qty
    transfer(S, stock, kind, r.qty, 'presale', drawing.stage(S, r, to), note, true)
    counters.took(stock, r, 'taken:presale', 'holding:presale', r.qty, to)
    return r.qty, free - r.qty
  end
  local own, pool = drawing.sellable(S, stock, r.channel)
  local take = math.min(r.qty, own + pool)
  if take < r.qty and not partly then return 0, own + pool end
  r.from_channel = math.min(own, take)
  r.from_pool = take - r.from_channel
  if r.from_channel > 0 then
    local places = places_of(S, r.channel)
    transfer(S, stock, kind, r.from_channel, places.own, drawing.stage(S, r, to), note)
    counters.took(stock, r, places.own_taken, places.own_holding, r.from_channel, to)
  end
  if r.from_pool > 0 then
    transfer(S, stock, kind, r.from_pool, 'pool', drawing.stage(S, r, to), note)
    counters.took(stock, r, 'taken:pool', 'holding:pool', r.from_pool, to)
  end
  return take, own + pool - take
end

-- `n` units of r go from where they are (`held` or `sold`) back home: to the pool first, then to the channel.
function drawing.give_back(S, stock, r, from, kind, n, note)
  local to_pool = math.min(n, r.from_pool)
  local to_channel = n - to_pool
  if to_pool > 0 then
    transfer(S, stock, kind, to_pool, drawing.stage(S, r, from), r.presale and 'presale' or 'pool', note, r.presale)
  end
  if to_channel > 0 then
    transfer(S, stock, kind, to_channel, drawing.stage(S, r, from), places_of(S, r.channel).own, note)
  end
  if from == 'held' then
    if to_pool > 0 then
      local place = r.presale and 'presale' or 'pool'
      counters.took(stock, r, 'taken:' .. place, 'holding:' .. place, -to_pool, 'held')
    end
    if to_channel > 0 then
      local places = places_of(S, r.channel)
      counters.took(stock, r, places.own_taken, places.own_holding, -to_channel, 'held')
    end
  else
    counters.sold(S, r, -n)
  end
  r.from_pool = r.from_pool - to_pool
  r.from_channel = r.from_channel - to_channel
  if r.user ~= '' and not r.external then windows.add(S, r, -n) end
end

-- Units in checkouts that come back to where r draws from, whoever's they are. Holds of before the counters are in
-- none of them: of those the channel's own are seen.
function drawing.held_for(S, stock, r)
  local units = stock.units
  local held = units['holding:presale'] or 0
  if not r.presale then
    local _, _, shared = drawing.sellable(S, stock, r.channel)
    held = (units[places_of(S, r.channel).own_holding] or 0) + (shared and units['holding:pool'] or 0)
  end
  return math.max(held, units[drawing.stage(S, r, 'held')] or 0)
end

-- Why nothing can be had: units in checkouts may come back, a batch may open whose units r may draw, or it is over.
function drawing.shortage(S, stock, r, available)
  if available > 0 then return 'INSUFFICIENT', 0 end
  if drawing.held_for(S, stock, r) > 0 then return 'ALL_HELD', 0 end
  if not r.presale then
    local earliest, waiting = 0, false
    local _, _, shared = drawing.sellable(S, stock, r.channel)
    for place, n in pairs(stock.units) do
      local kind, name = place_kind(place)
      local batch = kind == 'batch:' and n > 0 and config(S, 'batch', '', name)
      local target = batch and (batch.target or 'pool')
      if target and (target == places_of(S, r.channel).own or (shared and target == 'pool')) then
        waiting = true
        local opens = batch.opens_at_ms or 0
        if opens > 0 and (earliest == 0 or opens < earliest) then earliest = opens end
      end
    end
    if waiting then return 'BATCH_EXHAUSTED', earliest end
  end
  return 'SOLD_OUT', 0
end
