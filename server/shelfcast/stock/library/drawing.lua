-- Drawing: the places that a channel sells from, taking units from them and giving them back, and why there are none.
-- Rules: docs/rules.md#selling.

local drawing = {}

-- Where units are while `held` or `sold`.
function drawing.stage(S, r, name)
  local places = places_of(S, r.channel)
  if not r.presale then return places[name] end
  return name == 'held' and places.presale_held or places.presale_sold
end

-- What a channel's kind gives it, in the order of drawing: its own units, the open batches (a list as batches.open_for has it, or
-- nil), the pool's units, 0 where it sells none of them; whether it is shared, whether an exclusive batch keeps the pool for
-- later, and its configuration. external: for an order of another platform.
function drawing.by_kind(S, stock, channel, external)
  local own = stock.units[places_of(S, channel).own] or 0
  local settings = config(S, 'channel', '', channel)
  local shared = not (settings and settings.kind == 'dedicated')
  local pool = shared and (stock.units.pool or 0) or 0
  if not stock.batches then return own, nil, pool, shared, false, settings end
  local open, keeps_pool = batches.open_for(S, stock, channel, shared, external)
  return own, open, keeps_pool and 0 or pool, shared, keeps_pool, settings
end

-- Units in so many own ones, open batches and pool.
function drawing.sum(stock, own, open, pool)
  local left = own + pool
  for i = 1, open and #open or 0 do left = left + (stock.units[open[i].place] or 0) end
  return left
end

-- The low mark that a channel has come below: fixed, share or stop; or nil. An order of another platform is sold already, and
-- no mark holds for it.
function drawing.mark(stock, settings, external, own, open, pool)
  if not settings or not settings.low_mark_units or external then return nil end
  if drawing.sum(stock, own, open, pool) >= settings.low_mark_units then return nil end
  return settings.low_mark or 'fixed'
end

-- Where a channel sells from now: what its kind gives it, less or more below its low mark.
function drawing.sources(S, stock, channel, external)
  local own, open, pool, shared, keeps_pool, settings = drawing.by_kind(S, stock, channel, external)
  local mark = drawing.mark(stock, settings, external, own, open, pool)
  if not mark then return own, open, pool, shared end
  if mark == 'stop' then return 0, nil, 0, shared end
  return own, open, mark == 'share' and not keeps_pool and stock.units.pool or 0, shared
end

-- Whether the pool is one of the places that a channel sells from, also where its low mark keeps the units there for others.
function drawing.looks_at_pool(S, stock, channel, external)
  local own, open, pool, shared, keeps_pool, settings = drawing.by_kind(S, stock, channel, external)
  if shared or keeps_pool then return shared and not keeps_pool end
  return drawing.mark(stock, settings, external, own, open, pool) == 'share'
end

-- What a channel can sell of a SKU now.
function drawing.remaining(S, stock, channel, external)
  local own, open, pool = drawing.sources(S, stock, channel, external)
  return drawing.sum(stock, own, open, pool)
end

-- n units for r go into `to`: from its channel's own, from open batches, then from the pool, which have them. limited:
-- whether the batches' limits of a user hold.
function drawing.draw(S, stock, r, to, kind, note, n, own, open, limited)
  local stage, rest = drawing.stage(S, r, to), n
  local take = math.min(own, rest)
  if take > 0 then
    local places = places_of(S, r.channel)
    transfer(S, stock, kind, take, places.own, stage, note)
    counters.took(stock, r, places.own_taken, places.own_holding, take, to)
    r.from_channel, rest = r.from_channel + take, rest - take
  end
  for i = 1, open and #open or 0 do
    local one = open[i]
    take = math.min(rest, limited and batches.allowed(S, stock, r, one) or stock.units[one.place] or 0)
    if take > 0 then
      transfer(S, stock, kind, take, one.place, stage, note)
      counters.took(stock, r, one.taken, one.holding, take, to)
      batches.drew(S, r, one.name, take)
      rest = rest - take
    end
  end
  if rest > 0 then
    transfer(S, stock, kind, rest, 'pool', stage, note)
    counters.took(stock, r, 'taken:pool', 'holding:pool', rest, to)
    r.from_pool = r.from_pool + rest
  end
end

-- Take `r.qty` units (or with `partly`, as many as there are) for r into `to`. Returns the units taken, those that are left or
-- (where none were taken) that r could have had, and a code where it is not for lack of them. What is taken is noted in r and
-- in the ledger.
function drawing.take(S, stock, r, to, kind, note, partly)
  if r.presale then
    local free = stock.units.presale or 0
    if free < r.qty then return 0, free end
    r.from_channel, r.from_pool = 0, r.qty
    transfer(S, stock, kind, r.qty, 'presale', drawing.stage(S, r, to), note, true)
    counters.took(stock, r, 'taken:presale', 'holding:presale', r.qty, to)
    return r.qty, free - r.qty
  end
  local own, open, pool = drawing.sources(S, stock, r.channel, r.external)
  local free, withheld = own + pool, 0
  for i = 1, open and #open or 0 do
    local allowed = batches.allowed(S, stock, r, open[i])
    free, withheld = free + allowed, withheld + (stock.units[open[i].place] or 0) - allowed
  end
  local take = math.min(r.qty, free)
  if take < r.qty and not partly then return 0, free, free + withheld >= r.qty and 'LIMIT_PER_USER' or nil end
  r.from_channel, r.from_pool = 0, 0
  if r.batches then r.batches = false end
  drawing.draw(S, stock, r, to, kind, note, take, own, open, true)
  return take, free - take
end

-- `n` units of r go from where they are (`held` or `sold`) back home, in the reverse order of drawing: to the pool, to the
-- batches (or where their leftover goes), then to the channel.
function drawing.give_back(S, stock, r, from, kind, n, note)
  local stage, to_pool = drawing.stage(S, r, from), math.min(n, r.from_pool)
  local rest = n - to_pool
  if to_pool > 0 then
    local place = r.presale and 'presale' or 'pool'
    transfer(S, stock, kind, to_pool, stage, place, note, r.presale)
    if from == 'held' then counters.took(stock, r, 'taken:' .. place, 'holding:' .. place, -to_pool, 'held') end
    r.from_pool = r.from_pool - to_pool
  end
  if r.batches and rest > 0 then
    rest = rest - drawing.reduce_batches(r, rest, function(name, back)
      local place, home = 'batch:' .. name, batches.home(S, name)
      transfer(S, stock, kind, back, stage, home, note)
      batches.note(S, stock, home)
      if from == 'held' then counters.left_batch(stock, r, place, back) end
      batches.gave_back(S, r, name, back)
    end)
  end
  if rest > 0 then
    local places = places_of(S, r.channel)
    transfer(S, stock, kind, rest, stage, places.own, note)
    if from == 'held' then counters.took(stock, r, places.own_taken, places.own_holding, -rest, 'held') end
    r.from_channel = r.from_channel - rest
  end
  if from ~= 'held' then counters.sold(S, r, -n) end
  if r.user ~= '' and not r.external then windows.add(S, r, -n) end
end

-- At most n of r's units from batches are its no more, those drawn last first; each(batch, units) is told of them. Returns how
-- many.
function drawing.reduce_batches(r, n, each)
  local rest = n
  for i = #r.batches, 1, -1 do
    local drawn = r.batches[i]
    local take = math.min(rest, drawn[2])
    if take > 0 then
      drawn[2], rest = drawn[2] - take, rest - take
      if each then each(drawn[1], take) end
    end
    if drawn[2] == 0 then table.remove(r.batches, i) end
  end
  if #r.batches == 0 then r.batches = false end
  return n - rest
end

-- Units of r have left the warehouse.
function drawing.shipped(r, n)
  local from_pool = math.min(n, r.from_pool)
  r.from_pool = r.from_pool - from_pool
  local rest = n - from_pool
  if r.batches and rest > 0 then rest = rest - drawing.reduce_batches(r, rest) end
  r.from_channel = r.from_channel - rest
  r.shipped = r.shipped + n
end

-- Units in checkouts that come back to where r draws from, whoever's they are. Holds of before the counters are in
-- none of them: of those the channel's own are seen.
function drawing.held_for(S, stock, r)
  local units = stock.units
  local held = units['holding:presale'] or 0
  if not r.presale then
    local _, open = drawing.by_kind(S, stock, r.channel, r.external)
    held = (units[places_of(S, r.channel).own_holding] or 0)
    for i = 1, open and #open or 0 do held = held + (units[open[i].holding] or 0) end
    if drawing.looks_at_pool(S, stock, r.channel, r.external) then held = held + (units['holding:pool'] or 0) end
  end
  return math.max(held, units[drawing.stage(S, r, 'held')] or 0)
end

-- Why nothing can be had: units in checkouts may come back, units may come that r may draw, or it is over. Units come with a
-- batch that opens, and with one that closes and has kept the pool for later, or has something left.
function drawing.shortage(S, stock, r, available)
  if available > 0 then return 'INSUFFICIENT', 0 end
  if drawing.held_for(S, stock, r) > 0 then return 'ALL_HELD', 0 end
  if r.presale or not stock.batches then return 'SOLD_OUT', 0 end
  local earliest, waiting = 0, false
  local function wait(at)
    waiting = true
    if at > S.now and (earliest == 0 or at < earliest) then earliest = at end
  end
  local _, open, pool, shared = drawing.by_kind(S, stock, r.channel, r.external)
  for name in pairs(stock.batches) do
    local batch = (stock.units['batch:' .. name] or 0) > 0 and config(S, 'batch', '', name)
    if batch and not batches.is_open(S, batch) and batches.serves(batch, r.channel, shared, r.external) then
      wait(batches.is_over(S, batch) and 0 or batch.opens_at_ms or 0)
    end
  end
  if shared and pool == 0 and (stock.units.pool or 0) > 0 then
    for i = 1, open and #open or 0 do
      if open[i].exclusive then wait(open[i].closes < math.huge and open[i].closes or 0) end
    end
  end
  if waiting then return 'BATCH_EXHAUSTED', earliest end
  return 'SOLD_OUT', 0
end
