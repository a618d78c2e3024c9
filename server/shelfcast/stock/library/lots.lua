-- Lots: goods of a SKU that were made, and expire, together. Rules: docs/rules.md#receipts.
--
--   :lots         hash  sku → its lots, an array of maps as in stock/receipts.py, and `as_of_seq`: the pool's sequence as of
--                       which they are; those that expire first in front, those that never do behind
--   :lots_expire  zset  sku → the day on which the first of its lots expires that is not all pulled, as the number YYYYMMDD
--
-- A lot has besides, while its SKU is on an open count, `pulls`: [[seq, units], …] that were pulled meanwhile, below zero where they
-- went back. A count says how many there were at a line; what was pulled since, was pulled of these.
--
-- Nobody knows of which lot a unit was that is sold: a lot's units are those it had when it came or was counted, and the
-- places of units know nothing of lots.

local FOREVER = '9' -- behind every day
local PULLS_MAX = 50 -- of a lot that are noted one by one

-- A SKU's lots as this call leaves them: { list, dirty }.
function lots.of(S, sku)
  S.lots = S.lots or {}
  local slot = S.lots[sku]
  if not slot then
    local blob = redis.call('HGET', S.base .. ':lots', sku)
    slot = { list = blob and cmsgpack.unpack(blob) or {}, dirty = false }
    S.lots[sku] = slot
  end
  return slot
end

function lots.find(S, sku, lot, expires_on)
  for _, each in ipairs(lots.of(S, sku).list) do
    if each.lot == lot and each.expires_on == expires_on then return each end
  end
  return nil
end

function lots.has(line)
  return line.lot ~= '' or line.expires_on ~= ''
end

-- Units of a lot, beside those it had.
local function add(S, sku, lot, expires_on, units, source)
  local slot = lots.of(S, sku)
  local known = lots.find(S, sku, lot, expires_on)
  if not known then
    known = { sku = sku, lot = lot, expires_on = expires_on, units = 0, pulled = 0 }
    slot.list[#slot.list + 1] = known
  end
  known.units, known.as_of_ms, known.as_of_seq, known.source = known.units + units, S.now, seq(S), source
  slot.dirty = true
end

-- So many units of a lot were pulled (below zero: went back).
local function note_pull(S, lot, units)
  lot.pulled = math.max(0, math.min(lot.units, lot.pulled + units))
  local pulls = counts.on(S, { lot.sku })[lot.sku] and (lot.pulls or {}) or nil
  if pulls then
    -- Of many the oldest are one.
    if #pulls >= PULLS_MAX then pulls[2][2] = pulls[2][2] + table.remove(pulls, 1)[2] end
    pulls[#pulls + 1] = { seq(S), units }
  end
  lot.pulls = pulls
  lots.of(S, lot.sku).dirty = true
end

local function pulled_since(lot, last_seq)
  local units = 0
  for _, pull in ipairs(lot and lot.pulls or {}) do
    if pull[1] > last_seq then units = units + pull[2] end
  end
  return units
end

-- In order, and as many as may be known: those that expire last go.
local function settle(S, sku)
  local list, most = lots.of(S, sku).list, S.params.lots_a_sku_max or 50
  table.sort(list, function(a, b)
    local on_a, on_b = a.expires_on ~= '' and a.expires_on or FOREVER, b.expires_on ~= '' and b.expires_on or FOREVER
    if on_a ~= on_b then return on_a < on_b end
    return a.lot < b.lot
  end)
  for i = #list, most + 1, -1 do list[i] = nil end
end

-- Goods came in. line: {sku, good, lot, expires_on}; bad ones are of no lot, for nobody will sell them.
function lots.received(S, line, source)
  if not lots.has(line) or line.good == 0 then return end
  add(S, line.sku, line.lot, line.expires_on, line.good, source)
  settle(S, line.sku)
end

-- A SKU was counted. lines: of its last round, {good, lot, expires_on} each; source: 'count:<id>'. The lots that they name are
-- all there were at the last of them: those that came since stay as they are, and what was pulled of a lot since its last line stays
-- pulled. Lines that name none say nothing of lots, unless
-- nothing was found at all.
function lots.counted(S, sku, lines, source)
  local found, names_lots, last_seq, last_of = 0, false, 0, {}
  for _, line in ipairs(lines) do
    local key = line.lot .. US .. line.expires_on
    last_of[key] = math.max(last_of[key] or 0, line.seq)
    last_seq = math.max(last_seq, line.seq)
    found = found + line.good
    names_lots = names_lots or lots.has(line)
  end
  if not names_lots and found > 0 then return end
  local slot = lots.of(S, sku)
  if #slot.list == 0 and not names_lots then return end
  local stay, stays, pulled = {}, {}, {}
  for _, lot in ipairs(slot.list) do
    local key = lot.lot .. US .. lot.expires_on
    if (lot.as_of_seq or 0) > last_seq then
      stay[#stay + 1], stays[key] = lot, true
    else
      pulled[key] = pulled_since(lot, last_of[key] or last_seq)
    end
  end
  slot.list, slot.dirty = stay, true
  for _, line in ipairs(lines) do
    if lots.has(line) and line.good > 0 and not stays[line.lot .. US .. line.expires_on] then
      add(S, sku, line.lot, line.expires_on, line.good, source)
    end
  end
  for _, lot in ipairs(slot.list) do
    local units = pulled[lot.lot .. US .. lot.expires_on]
    if units then lot.pulled = math.max(0, math.min(lot.units, units)) end
  end
  settle(S, sku)
end

-- {'pull_lot', id, sku, lot, expires_on, qty, actor, reason}
function moves.pull_lot(S, op)
  local sku, qty = op[3], op[6]
  local stock = stock_of(S, sku)
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local lot = lots.find(S, sku, op[4], op[5])
  if not lot then return refuse(S, 'NOT_FOUND', nil, nil, 'lot') end
  if qty > lot.units - lot.pulled then return refuse(S, 'INSUFFICIENT', lot.units - lot.pulled, nil, 'lot') end
  local free = 0
  for _, place in ipairs(counts.unsold_places(S, stock)) do free = free + stock.units[place] end
  if qty > free then return refuse(S, 'INSUFFICIENT', free) end
  local note = { id = op[2], actor = op[7], reason = op[8], ref = lot.lot ~= '' and lot.lot or lot.expires_on }
  counts.take_unsold(S, stock, 'quarantine', qty, 'unsellable', note)
  note_pull(S, lot, qty)
  return done(S)
end

-- Which lot an action has pulled from: its undo puts as many units back.
function lots.inverse(op)
  return { lot = op[4], expires_on = op[5] }
end

-- The units of a pull went back, or with the undo of that once more the other way. A lot that was counted since, or has gone,
-- is as that says.
function lots.undone(S, record)
  local which = record.inverse.lot
  if not which then return end
  for _, row in ipairs(record.effect) do
    local lot = lots.find(S, row[1], which.lot, which.expires_on)
    if lot then
      note_pull(S, lot, row[4] == 'unsellable' and -row[2] or row[2])
    end
  end
end

function lots.write(S)
  if not S.lots then return end
  local key, index = S.base .. ':lots', S.base .. ':lots_expire'
  for sku, slot in pairs(S.lots) do
    if slot.dirty then
      local first
      for _, lot in ipairs(slot.list) do
        if not first and lot.expires_on ~= '' and lot.units > lot.pulled then first = string.gsub(lot.expires_on, '-', '') end
      end
      if #slot.list > 0 then redis.call('HSET', key, sku, cmsgpack.pack(slot.list)) else redis.call('HDEL', key, sku) end
      if first then redis.call('ZADD', index, first, sku) else redis.call('ZREM', index, sku) end
    end
  end
end
