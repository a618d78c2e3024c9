-- Batches: what one is at a moment of the engine's clock, which of a SKU a channel may draw from, and where units go that
-- come back. Opening and closing them: batch_windows.lua. Rules: docs/rules.md#batches.
--
-- A batch is planned, open or closed. It is open from when it was opened by hand, or from opens_at_ms on, until it is closed or
-- closes_at_ms comes: the clock decides in every draw. Beside its definition the book keeps of it:
--   opened_at_ms, closed_at_ms  when a hand, or a look of the duty, opened and closed it; 0 or absent: not yet
--   missed       true where its whole window went by before anybody looked, and nothing was drawn from it
--   leftover_to  the place its units went to, for what comes back later
--   drawn        the pool's sequence before the first unit was drawn from it; absent before that
--   telling, closing, opening, closed_by, opened_by  of an opening or a closing over several calls (batch_windows.lua)
--
-- Three indexes follow from that, so that neither what is due nor how many there are is counted over all batches:
--   :batches_planned  zset  batch → when to look at it; +inf where it waits for a hand alone, 0 while a call goes on with it
--   :batches_open     zset  the same of those that a hand or a look has opened
--   :batches_opened   zset  batch → when it was closed
-- :units:batch:<batch>  hash  user US sku → units drawn from it, less what was given back; it goes with the batch's definition.
--
-- At format 2 no batch is ever open: one that is opened is closed at once, and its units go to its target.

batches.kept_default, batches.open_default, batches.followed_max = 500, 32, 64
batches.indexed = {} -- base → true once this load of the library has made its indexes

-- The channel it serves; '' where it serves all shared channels. Releases of before had a target instead.
function batches.channel_of(batch)
  if batch.channel and batch.channel ~= '' then return batch.channel end
  local _, channel = place_kind(batch.target or 'pool')
  return channel or ''
end

function batches.is_closed(batch)
  return (batch.closed_at_ms or 0) > 0
end

function batches.is_opened(batch)
  return (batch.opened_at_ms or 0) > 0
end

-- Whether nothing is drawn from it any more, nor comes back to it.
function batches.is_over(S, batch)
  if (batch.closed_at_ms or 0) > 0 or batch.closing or batch.opening then return true end
  if S.format < 3 then return (batch.opened_at_ms or 0) > 0 end
  return batch.closes_at_ms ~= nil and batch.closes_at_ms <= S.now
end

function batches.is_open(S, batch)
  if S.format < 3 or batches.is_over(S, batch) then return false end
  return (batch.opened_at_ms or 0) > 0 or (batch.opens_at_ms ~= nil and batch.opens_at_ms <= S.now)
end

-- Orders of other platforms draw from batches of their own channel alone.
function batches.serves(batch, channel, shared, external)
  local own = batches.channel_of(batch)
  if own ~= '' then return own == channel end
  return shared and not external
end

-- The open batches of a SKU that a channel may draw from, in the order of drawing: the one that closes first, then by name. nil
-- where there is none; and whether one of them keeps the pool for later. stock.batches is not nil.
function batches.open_for(S, stock, channel, shared, external)
  local key = stock.sku .. US .. channel .. (external and US or '')
  local list = S.open_lists[key]
  if list == nil then
    list = {}
    for name in pairs(stock.batches) do
      local batch = config(S, 'batch', '', name)
      if batch and batches.is_open(S, batch) and batches.serves(batch, channel, shared, external) then
        local place = 'batch:' .. name
        list[#list + 1] = { name = name, place = place, taken = 'taken:' .. place, holding = 'holding:' .. place,
          closes = batch.closes_at_ms or math.huge, exclusive = batch.exclusive, limit = batch.limit_per_user }
      end
    end
    table.sort(list, function(a, b)
      if a.closes ~= b.closes then return a.closes < b.closes end
      return a.name < b.name
    end)
    if #list == 0 then list = false end
    S.open_lists[key] = list
  end
  if not list then return nil, false end
  local units = stock.units
  for i = 1, #list do
    local one = list[i]
    if one.exclusive and ((units[one.place] or 0) ~= 0 or (units[one.taken] or 0) ~= 0) then return list, true end
  end
  return list, false
end

-- A place got units of a SKU: of a batch its entry follows.
function batches.note(S, stock, place)
  local kind, name = place_kind(place)
  if kind ~= 'batch:' then return end
  local skus = S.batched[name]
  if not skus then skus = {}; S.batched[name] = skus end
  skus[stock.sku] = true
  if not stock.batches then stock.batches = {} end
  if not stock.batches[name] then
    stock.batches[name] = true
    S.open_lists = {}
  end
end

-- Where a user's net units from a batch are counted: { n, dirty }.
function batches.used(S, name, user, sku)
  return windows.slot_of(S, ':units:batch:' .. name, user, sku)
end

-- A reservation will ask for this user's units from the open batches. wanted: key → fields, as of windows.note.
function batches.note_user(S, wanted, stock, channel, user)
  local settings = config(S, 'channel', '', channel)
  local shared = not (settings and settings.kind == 'dedicated')
  for _, one in ipairs((batches.open_for(S, stock, channel, shared, false)) or {}) do
    local key = ':units:batch:' .. one.name
    wanted[key] = wanted[key] or {}
    table.insert(wanted[key], user .. US .. stock.sku)
  end
end

function batches.counts_user(r)
  return r.user ~= '' and not r.external
end

-- Units of an open batch that r may draw.
function batches.allowed(S, stock, r, one)
  local there = stock.units[one.place] or 0
  if not one.limit or there == 0 or not batches.counts_user(r) then return there end
  return math.max(0, math.min(there, one.limit - batches.used(S, one.name, r.user, r.sku).n))
end

-- r drew n units from a batch.
function batches.drew(S, r, name, n)
  r.rest = false -- its record says from which
  r.batches = r.batches or {}
  local known
  for _, drawn in ipairs(r.batches) do
    if drawn[1] == name then known = drawn end
  end
  if known then known[2] = known[2] + n else r.batches[#r.batches + 1] = { name, n } end
  if batches.counts_user(r) then
    local slot = batches.used(S, name, r.user, r.sku)
    slot.n, slot.dirty = slot.n + n, true
  end
  local batch = config(S, 'batch', '', name)
  if not batch.drawn then
    batch.drawn = seq(S) - 1
    keep_config(S, 'batch', '', name, batch)
  end
end

-- n of them came back. Where its definition went meanwhile, the count went with it.
function batches.gave_back(S, r, name, n)
  if not batches.counts_user(r) then return end
  local slot = batches.used(S, name, r.user, r.sku)
  if slot.n >= n then slot.n, slot.dirty = slot.n - n, true end
end

-- Where the units of a batch go once it is over.
function batches.leftover_place(S, name, batch)
  if batch.leftover_to then return batch.leftover_to end
  local work = batch.closing or batch.opening
  if work then return work.to or batch.target or 'pool' end
  if S.format < 3 then return batch.target or 'pool' end
  if batch.leftover == 'elastic' then return 'elastic' end
  local following = batch.leftover == 'next' and batches.following(S, name, batch)
  return following and 'batch:' .. following or 'pool'
end

-- Where a unit goes that comes back from a batch: to it while it is not over, else to where its leftover goes.
function batches.home(S, name)
  for _ = 1, batches.followed_max do
    local batch = config(S, 'batch', '', name)
    if not batch then return 'pool' end
    if not batches.is_over(S, batch) then return 'batch:' .. name end
    local place = batches.leftover_place(S, name, batch)
    local kind, following = place_kind(place)
    if kind ~= 'batch:' then return place end
    name = following
  end
  return 'pool'
end

-- Indexes ---------------------------------------------------------------------------------------------------

-- Which index a batch stands in, and with which score.
function batches.index_of(batch)
  if batches.is_closed(batch) then return ':batches_opened', string.format('%d', batch.closed_at_ms) end
  local at = '+inf'
  if batch.closing or batch.opening or batch.telling then
    at = 0
  else
    local first = batch.closes_at_ms
    if not batches.is_opened(batch) and batch.opens_at_ms then first = math.min(batch.opens_at_ms, first or math.huge) end
    if first then at = string.format('%d', first) end
  end
  return batches.is_opened(batch) and ':batches_open' or ':batches_planned', at
end

batches.indexes = { ':batches_planned', ':batches_open', ':batches_opened' }

-- Make the indexes anew, before the first use after each start of the engine or load of the library: books of before have
-- none, and an older library that ran in between knew nothing of them.
function batches.index(S)
  if batches.indexed[S.base] then return end
  local lists = {}
  for _, suffix in ipairs(batches.indexes) do lists[suffix] = {} end
  local flat = redis.call('HGETALL', S.base .. ':batches')
  for i = 1, #flat, 2 do
    local suffix, score = batches.index_of(cmsgpack.unpack(flat[i + 1]))
    local list = lists[suffix]
    list[#list + 1] = score
    list[#list + 1] = flat[i]
  end
  for suffix, list in pairs(lists) do
    redis.call('DEL', S.base .. suffix)
    call_in_chunks('ZADD', S.base .. suffix, list)
  end
  batches.indexed[S.base] = true
end

-- How many an index has once this call is written, whoever changes batches in it.
function batches.count(S, suffix)
  batches.index(S)
  local slot = config_slot(S, 'batch', '')
  local count = redis.call('ZCARD', S.base .. suffix)
  for name in pairs(slot.dirty) do
    local known = S.batch_known[suffix .. name]
    if known == nil then
      known = redis.call('ZSCORE', S.base .. suffix, name) and true or false
      S.batch_known[suffix .. name] = known
    end
    local batch = slot.values[name]
    count = count + (batch and batches.index_of(batch) == suffix and 1 or 0) - (known and 1 or 0)
  end
  return count
end

-- The names of batches that are not closed, as this call leaves them so far; their definitions are read in one command.
function batches.names(S)
  batches.index(S)
  local slot, names, unread = config_slot(S, 'batch', ''), {}, {}
  for _, suffix in ipairs({ ':batches_planned', ':batches_open' }) do
    for _, name in ipairs(redis.call('ZRANGE', S.base .. suffix, 0, -1)) do
      if not slot.dirty[name] then names[#names + 1] = name end
      if slot.values[name] == nil then unread[#unread + 1] = name end
    end
  end
  for name in pairs(slot.dirty) do
    local batch = slot.values[name]
    if batch and not batches.is_closed(batch) then names[#names + 1] = name end
  end
  local blobs = unread[1] and redis.call('HMGET', S.base .. ':batches', unpack(unread)) or {}
  for i, name in ipairs(unread) do slot.values[name] = blobs[i] and cmsgpack.unpack(blobs[i]) or false end
  table.sort(names)
  return names
end

-- The names of those that are open now, looked for once a call: every SKU that is listed in a show that is on asks.
function batches.open_names(S)
  local open = S.open_names
  if open then return open end
  open = {}
  S.open_names = open
  if S.format < 3 then return open end
  for _, name in ipairs(batches.names(S)) do
    if batches.is_open(S, config(S, 'batch', '', name)) then open[#open + 1] = name end
  end
  return open
end

-- The next batch of the same channel that opens behind this one and is not over; nil where there is none.
function batches.following(S, name, batch)
  local channel, found, found_at = batches.channel_of(batch), nil, nil
  local from = batch.opens_at_ms or batch.opened_at_ms or 0
  for _, other in ipairs(batches.names(S)) do
    local candidate = config(S, 'batch', '', other)
    local at = candidate.opens_at_ms
    if other ~= name and at and (at > from or (at == from and other > name)) and (not found_at or at < found_at)
      and batches.channel_of(candidate) == channel and not batches.is_over(S, candidate) then
      found, found_at = other, at
    end
  end
  return found
end

-- Before units are written: what was counted of batches that are forgotten goes with them.
function batches.write_forgotten(S)
  for name in pairs(S.batches_forgotten) do redis.call('UNLINK', S.base .. ':units:batch:' .. name) end
end

-- The indexes follow what this call has written of batches, whichever operation it was.
function batches.write(S)
  local slot = S.config.batch and S.config.batch['']
  for name in pairs(slot and slot.dirty or {}) do
    local batch, place, score = slot.values[name], nil, nil
    if batch then place, score = batches.index_of(batch) end
    for _, suffix in ipairs(batches.indexes) do
      if suffix == place then redis.call('ZADD', S.base .. suffix, score, name)
      else redis.call('ZREM', S.base .. suffix, name) end
    end
  end
  for name, skus in pairs(S.batch_taken) do call_in_chunks('SREM', S.base .. ':batch:' .. name, skus) end
end

-- Batches of before have handed their units out when they opened: they count as closed. One that was being opened goes on
-- as one that is being closed, which is the same.
format.raised[#format.raised + 1] = function(S, before)
  if before >= 3 then return end
  local flat = redis.call('HGETALL', S.base .. ':batches')
  for i = 1, #flat, 2 do
    local batch = config(S, 'batch', '', flat[i])
    if batch and not batches.is_closed(batch) and (batch.opening or batches.is_opened(batch)) then
      if batch.opening then
        batch.closing, batch.opening = batch.opening, nil
        batch.closing.kind, batch.closing.to = 'open_batch', batch.target or 'pool'
      else
        batch.closed_at_ms, batch.leftover_to = batch.opened_at_ms, batch.target or 'pool'
      end
      keep_config(S, 'batch', '', flat[i], batch)
    end
  end
end
