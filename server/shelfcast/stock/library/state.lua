-- The working state of one call. Operations read through it and change only it; `commit` writes what changed
-- after every operation has been decided. So an error anywhere leaves the book as it was, and a batch costs
-- one write a structure instead of one a reservation.

local epochs = {} -- base → the epoch this engine process has begun; gone when the engine or the library restarts

-- A start of the engine or a promoted replica begins a new epoch: what was published a moment before may not
-- have reached this copy. Epochs grow even where the data was lost, because they follow the clock.
local function begin(base, params)
  local meta = redis.call('HMGET', base .. ':meta', 'epoch', 'ledger', 'presale', 'rehearsal_clock_ms', 'clock_steps',
    'events', 'format', 'frozen', 'counting')
  local time = redis.call('TIME')
  local engine_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local now, clock_stands = engine_ms, false
  if meta[4] then
    clock_stands = not string.find(meta[4], '^[+-]')
    now = (clock_stands and 0 or engine_ms) + tonumber(meta[4])
  end
  local epoch = tonumber(meta[1] or 0)
  local ledger, presale = tonumber(meta[2] or 0), tonumber(meta[3] or 0)
  if epochs[base] ~= epoch or epoch == 0 then
    epoch = math.max(epoch + 1, (epochs[base] or 0) + 1, engine_ms)
    redis.call('HSET', base .. ':meta', 'epoch', string.format('%d', epoch))
    redis.call('RPUSH', base .. ':epochs', string.format('%d %d', epoch, ledger + presale))
    redis.call('LTRIM', base .. ':epochs', -EPOCHS_KEPT, -1)
    epochs[base] = epoch
  end
  return {
    base = base, params = params, format = tonumber(meta[7] or 1), pool_frozen = meta[8] == '1', now = now,
    clock_stands = clock_stands,
    clock_steps = tonumber(meta[5] or 0), counting = tonumber(meta[9] or 0), epoch = epoch, ledger = ledger, presale = presale,
    ledger_before = ledger, presale_before = presale,
    stock = {}, config = {}, reservations = {}, stamps = {}, shelves = {}, units = {}, live = {}, moves = {}, places = {},
    standing_blobs = {}, units_before = {}, live_before = {},
    entries = {}, presale_entries = {}, holds = {}, config_events = {},
    events = {}, event_seqs = {}, event_count = tonumber(meta[6] or 0),
    actions = {}, actions_changed = {}, actions_made = {}, bulk_ids = {},
    due = {}, due_done = {}, finished = {}, finished_done = {}, unfilled = {}, batched = {},
    batches_emptied = {}, batches_forgotten = {},
    batches_changed = {}, open_lists = {},
    batch_taken = {}, batch_known = {}, moves_left = params.moves_a_call_max or MOVES_A_CALL,
    touched = {}, retired = {}, retired_moves = {}, notices_and_cues = {}, refused = {},
    shows_used = {}, shows = {}, shows_changed = {}, shows_begun = {}, bases = {}, sold = {}, sold_in = {},
    alerts = {}, alerts_last = {}, alert_counts = {}, alerts_changed = {}, alerting = {}, series = {}, series_dropped = {}, news = {},
    proposals = {}, proposals_changed = {}, paused = {}, demand = {},
    offers_left = math.ceil((params.moves_a_call_max or MOVES_A_CALL) * OFFERS_OF_MOVES),
  }
end

-- The pool's sequence: how many entries both ledgers have.
local function seq(S)
  return S.ledger + S.presale
end

-- Configuration -------------------------------------------------------------------------------------------

local CONFIG_KEYS = { sku = ':skus', channel = ':channels', room = ':rooms', batch = ':batches', user = ':users',
  notices_and_cues = ':words', dropped = ':dropped', pool = ':pool' }

local function config_key(S, what, parent)
  if what == 'listing' then return S.base .. ':listing:' .. parent end
  return S.base .. CONFIG_KEYS[what]
end

local function config_slot(S, what, parent)
  local slots = S.config[what]
  if not slots then slots = {}; S.config[what] = slots end
  local slot = slots[parent]
  if not slot then
    slot = { what = what, parent = parent, values = {}, dirty = {}, added = 0 }
    slots[parent] = slot
  end
  return slot
end

-- The configuration as a table, or false.
local function config(S, what, parent, key)
  local slots = S.config[what]
  local slot = slots and slots[parent] or config_slot(S, what, parent)
  local values = slot.values[key]
  if values == nil then
    local blob = redis.call('HGET', config_key(S, what, parent), key)
    values = blob and cmsgpack.unpack(blob) or false
    slot.values[key] = values
  end
  return values
end

-- values: the whole new table, or false to drop it.
local function set_config(S, what, parent, key, values)
  local slot = config_slot(S, what, parent)
  if values and not config(S, what, parent, key) then slot.added = slot.added + 1 end
  slot.values[key] = values
  slot.dirty[key] = true
  S.stamps, S.shelves, S.open_lists = {}, {}, {}
  if what == 'batch' then S.open_names = nil end
  S.defined = true
  S.config_events[#S.config_events + 1] = { what, parent, key, values or nil }
end

-- The same, without telling anybody: for what is no definition.
local function keep_config(S, what, parent, key, values)
  local slot = config_slot(S, what, parent)
  slot.values[key] = values
  slot.dirty[key] = true
  if what == 'batch' then S.open_lists, S.open_names = {}, nil end
end

-- Raise a definition's revision: what anybody has read of it is old now.
local function raise_revision(values, name)
  values[name] = (values[name] or 0) + 1
end

-- Where the revisions are kept that dropped definitions had: one that is made anew goes on from there, so that what was
-- read before the drop is stale after it.
local function dropped_key(what, parent)
  return what == 'listing' and 'listing:' .. parent or what
end

local function drop_config(S, what, parent, key, values)
  local kept = dropped_key(what, parent)
  local highest = (config(S, 'dropped', '', kept) or {}).revision or 0
  keep_config(S, 'dropped', '', kept, { revision = math.max(highest, values.revision or 0) })
  set_config(S, what, parent, key, false)
end

-- How many there are of one kind, with those that operations of this very batch have added. Who leaves with one of
-- them still counts: a bound is never passed.
local function config_count(S, what, parent)
  return redis.call('HLEN', config_key(S, what, parent)) + config_slot(S, what, parent).added
end

-- The names of a channel's places.
local function places_of(S, channel)
  local places = S.places[channel]
  if not places then
    places = { own = 'channel:' .. channel, own_taken = 'taken:channel:' .. channel,
      own_holding = 'holding:channel:' .. channel, held = 'held:' .. channel, sold = 'sold:' .. channel,
      presale_held = 'presale_held:' .. channel, presale_sold = 'presale_sold:' .. channel }
    S.places[channel] = places
  end
  return places
end

-- Stock -----------------------------------------------------------------------------------------------------

-- { sku, units = {name → n}, frozen, dirty = {name → true}, watched: whether somebody waits for what comes free, batches = {name → true}: those that it has, or had, something
-- in, nil without one } of a SKU of the catalogue, or false.
local function stock_of(S, sku)
  local stock = S.stock[sku]
  if stock == nil then
    if not config(S, 'sku', '', sku) then return false end
    local flat = redis.call('HGETALL', S.base .. ':sku:' .. sku)
    stock = { sku = sku, units = {}, frozen = false, dirty = {} }
    for i = 1, #flat, 2 do
      local place, units = flat[i], tonumber(flat[i + 1])
      if place == 'frozen' then stock.frozen = units == 1 else stock.units[place] = units end
      local batch_at = string.find(place, 'batch:', 1, true)
      if batch_at then
        stock.batches = stock.batches or {}
        stock.batches[string.sub(place, batch_at + 6)] = true
      end
      if units == 0 and place ~= 'frozen' then stock.dirty[place] = true end -- a book of before keeps empty places
    end
    -- Set only where it is true: a nil in a new field would make the table anew.
    if stock.units.waiting or stock.units.owed then stock.watched = true end
    S.stock[sku] = stock
  end
  return stock
end

-- Read a hash's fields in one command into `values`: field → value or false.
local function read_many(key, fields, values)
  for first = 1, #fields, WRITE_CHUNK do
    local found = redis.call('HMGET', key, unpack(fields, first, math.min(first + WRITE_CHUNK - 1, #fields)))
    for i = 1, #found do values[fields[first + i - 1]] = found[i] end
  end
end

-- What reservations will ask of their users, read before the first is decided. Their units: windows.lua.
-- users: each as often as it comes.
local function load_users(S, users)
  read_many(S.base .. ':users', users, S.standing_blobs)
  read_many(S.base .. ':live', users, S.live_before)
end

local function standing_of(S, user)
  local changed = config_slot(S, 'user', '').values[user] -- by an operation of this very batch
  if not changed and S.standing_blobs[user] == false then return nil end -- read, and there is none: the usual case
  local settings = changed or config(S, 'user', '', user)
  return settings and settings.standing
end

-- The ids of a user's live holds: { ids = "id id", count }.
local function live_of(S, user)
  local slot = S.live[user]
  if not slot then
    local ids = S.live_before[user]
    if ids == nil then ids = redis.call('HGET', S.base .. ':live', user) end
    if ids then
      local _, spaces = string.gsub(ids, ' ', '')
      slot = { ids = ids, count = spaces + 1, dirty = false }
    else
      slot = { ids = '', count = 0, dirty = false }
    end
    S.live[user] = slot
  end
  return slot
end

local function add_live(S, user, id)
  local slot = live_of(S, user)
  slot.ids = slot.ids == '' and id or slot.ids .. ' ' .. id
  slot.count = slot.count + 1
  slot.dirty = true
end

local function remove_live(S, user, id)
  local slot = live_of(S, user)
  local padded = ' ' .. slot.ids .. ' '
  local from, to = string.find(padded, ' ' .. id .. ' ', 1, true)
  if from then
    local rest = string.sub(padded, 1, from) .. string.sub(padded, to + 1)
    slot.ids = string.match(rest, '^ *(.-) *$')
    slot.count = slot.count - 1
    slot.dirty = true
  end
end

local function finish(S, mark)
  local hour = math.floor(S.now / HOUR_MS)
  local list = S.finished[hour]
  if not list then list = {}; S.finished[hour] = list end
  list[#list + 1] = mark
end

local elastic = {} -- elastic.lua fills it
local waiting = {} -- waiting.lua and those behind it fill it
local settling = {} -- settling.lua fills it
local counts = {} -- counts.lua and those behind it fill it
local lots = {} -- lots.lua fills it
local receipts = {} -- receipts.lua fills it
local erp_levels = {} -- erp_levels.lua fills it
local refunds = {} -- refund_requests.lua fills it
local archiving = {} -- archiving.lua fills it
local people = {} -- people.lua fills it

-- Ledger ----------------------------------------------------------------------------------------------------

-- Move `qty` units of `stock` and note the entry. about: {id, channel, user, ref, actor, reason}, and where it is about a
-- reservation, at format 2, rest: ref, actor, reason and what follows, packed; once: the same, for the first of its entries.
-- `presale` entries go to their own ledger; an entry's id is its place there, then the pool's sequence. A place that would
-- run below zero is a defect of the caller.
local function transfer(S, stock, kind, qty, from, to, about, presale)
  local units, dirty = stock.units, stock.dirty
  if qty ~= 0 then
    local left = (units[from] or 0) - qty
    if left < 0 and not MAY_BE_NEGATIVE[from] then
      error('book: ' .. kind .. ' of ' .. qty .. ' would leave ' .. left .. ' in ' .. from .. ' of ' .. stock.sku)
    end
    units[from] = left
    units[to] = (units[to] or 0) + qty
    dirty[from] = true
    dirty[to] = true
    units.outside = nil
    dirty.outside = nil
    if stock.watched then waiting.note(S, stock) end
    -- The rule of a reserve is held against what is left once the operation is decided.
    if units.elastic and not presale then elastic.note(S, stock, from, to) end
  end
  S.touched[stock.sku] = stock
  S.moves_left = S.moves_left - 1
  local entries
  if presale then
    S.presale = S.presale + 1
    entries = S.presale_entries
  else
    S.ledger = S.ledger + 1
    entries = S.entries
  end
  entries[#entries + 1] = { kind, stock.sku, qty, from, to, about, seq(S) }
end

-- Writing ---------------------------------------------------------------------------------------------------

local function call_in_chunks(command, key, list)
  for first = 1, #list, WRITE_CHUNK do
    redis.call(command, key, unpack(list, first, math.min(first + WRITE_CHUNK - 1, #list)))
  end
end

-- One packed field an entry: an argument less is a third of a microsecond less, on the one core that sells.
local ARRAY_OF_12, ARRAY_OF_20 = '\156', '\220\0\20' -- MessagePack's headers; cmsgpack packs values one behind the other

-- [now, id, kind, sku, qty, from, to, channel, user, ref, actor, reason], and of a reservation's, at format 2:
-- room, show, price_minor, currency, limit, window, paid_minor, refunded_minor (records.lua)
-- names: user → pseudonym, which an entry has instead of the user from format 5 on (people.lua)
local function append_entries(key, entries, first, now, names)
  for i = 1, #entries do
    local e = entries[i]
    local about = e[6]
    local rest = about.once
    if rest then about.once = nil else rest = about.rest end
    local packed
    if rest then
      packed = ARRAY_OF_20 .. cmsgpack.pack(now, about.id, e[1], e[2], e[3], e[4], e[5], about.channel,
        names[about.user] or about.user) .. rest
    else
      packed = ARRAY_OF_12 .. cmsgpack.pack(now, about.id, e[1], e[2], e[3], e[4], e[5], about.channel or '',
        names[about.user or ''] or about.user or '', about.ref or '', about.actor or '', about.reason or '')
    end
    redis.call('XADD', key, first + i .. '-' .. e[7], 'e', packed)
  end
end

-- A place without units leaves the hash: what is read of a SKU grows with the places it is in, not with those it has
-- been in (every batch there ever was).
local function write_stock(S)
  for sku, stock in pairs(S.touched) do
    local key, fields, empty = S.base .. ':sku:' .. sku, { 'frozen', stock.frozen and '1' or '0' }, {}
    for name in pairs(stock.dirty) do
      local units = stock.units[name]
      if units == 0 then
        empty[#empty + 1] = name
      else
        fields[#fields + 1] = name
        fields[#fields + 1] = units
      end
    end
    redis.call('HSET', key, unpack(fields))
    if empty[1] then call_in_chunks('HDEL', key, empty) end
  end
end

-- The sorted set of the catalogue's names, made anew where it is not whole: in a book of before, or where a server of
-- before has added SKUs. SKUs never leave a catalogue, so the counts tell.
local function sku_names(S)
  local index, skus = S.base .. ':sku_names', config_key(S, 'sku', '')
  if redis.call('ZCARD', index) ~= redis.call('HLEN', skus) then
    local members = {}
    for _, name in ipairs(redis.call('HKEYS', skus)) do
      members[#members + 1] = 0
      members[#members + 1] = name
    end
    redis.call('DEL', index)
    call_in_chunks('ZADD', index, members)
  end
  return index
end

-- slots: field → { dirty, value }; an absent value deletes the field.
local function write_slots(key, slots, value_of)
  local set, delete = {}, {}
  for field, slot in pairs(slots) do
    if slot.dirty then
      local value = value_of(slot)
      if value then
        set[#set + 1] = field
        set[#set + 1] = value
      else
        delete[#delete + 1] = field
      end
    end
  end
  call_in_chunks('HSET', key, set)
  call_in_chunks('HDEL', key, delete)
end

-- Ids known to be absent are remembered as `false` while a call is decided; only records are written.
local function only_tables(slots)
  local tables = {}
  for name, slot in pairs(slots) do
    if slot then tables[name] = slot end
  end
  return tables
end

local function write_config(S)
  for _, slots in pairs(S.config) do
    for _, slot in pairs(slots) do
      local key = config_key(S, slot.what, slot.parent)
      for name in pairs(slot.dirty) do
        local values = slot.values[name]
        if values then redis.call('HSET', key, name, cmsgpack.pack(values)) else redis.call('HDEL', key, name) end
        if slot.what == 'sku' then redis.call('ZADD', S.base .. ':sku_names', 0, name) end
      end
    end
  end
end

local function write_indexes(S)
  local base = S.base
  for at, ids in pairs(S.due) do
    local at_text = string.format('%d', at)
    redis.call('ZADD', base .. ':due', at_text, at_text)
    call_in_chunks('RPUSH', base .. ':due:' .. at_text, ids)
  end
  for at_text, done in pairs(S.due_done) do
    redis.call('LTRIM', base .. ':due:' .. at_text, done.count, -1)
    -- A step of the clock may have moved others to this very time.
    if done.all and not S.due[tonumber(at_text)] then redis.call('ZREM', base .. ':due', at_text) end
  end
  for hour, done in pairs(S.finished_done) do
    redis.call('LTRIM', base .. ':finished:' .. hour, done.count, -1)
    if done.all then redis.call('ZREM', base .. ':finished', hour) end
  end
  for hour, marks in pairs(S.finished) do
    local hour_text = string.format('%d', hour)
    redis.call('ZADD', base .. ':finished', hour_text, hour_text)
    call_in_chunks('RPUSH', base .. ':finished:' .. hour_text, marks)
  end
  for batch in pairs(S.batches_emptied) do redis.call('DEL', base .. ':batch:' .. batch) end
  for batch, skus in pairs(S.batched) do -- closing a batch empties its entry: what is here came after
    for sku in pairs(skus) do redis.call('SADD', base .. ':batch:' .. batch, sku) end
  end
  for id, at in pairs(S.unfilled) do
    if at then redis.call('HSET', base .. ':unfilled', id, at) else redis.call('HDEL', base .. ':unfilled', id) end
  end
end
