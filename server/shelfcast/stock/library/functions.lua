-- The functions the server calls. KEYS[1] is the pool's base in all of them; payloads are MessagePack.

local function commit(S)
  local names = people.of_call(S)
  write_stock(S)
  -- What is forgotten goes first: its id may have come again in the same batch.
  call_in_chunks('HDEL', S.base .. ':reservations', S.retired)
  call_in_chunks('HDEL', S.base .. ':moves', S.retired_moves)
  if S.retired_waits then call_in_chunks('HDEL', S.base .. ':waits', S.retired_waits) end
  write_slots(S.base .. ':reservations', S.reservations_changed, function(r) return pack_record(r) end)
  batches.write_forgotten(S)
  windows.write(S)
  write_slots(S.base .. ':live', S.live, function(slot) return slot.ids ~= '' and slot.ids or nil end)
  write_slots(S.base .. ':moves', S.moves_changed, function(move)
    return cmsgpack.pack({ op = move.op, said = move.said, outcome = move.outcome })
  end)
  write_config(S)
  write_indexes(S)
  batches.write(S)
  shows.write(S)
  elastic.write(S)
  counters.write(S)
  if S.clock_stepped then redis.call('HSET', S.base .. ':meta', 'clock_steps', S.clock_steps) end
  format.write(S)
  freezes.write(S)
  append_entries(S.base .. ':ledger', S.entries, S.ledger_before, S.now, names)
  append_entries(S.base .. ':presale', S.presale_entries, S.presale_before, S.now, names)
  if #S.entries > 0 or #S.presale_entries > 0 then
    redis.call('HSET', S.base .. ':meta', 'ledger', S.ledger, 'presale', S.presale)
  end
  people.write(S)
  counts.write(S)
  actions.write(S)
  events.write(S)
  refusals.write(S)
  alerts.write(S)
  pool_alerts.write(S)
  series.write(S)
  allocation.write(S)
  waiting.write(S)
  settling.write(S)
  lots.write(S)
  receipts.write(S)
  erp_levels.write(S)
  refunds.write(S)
  archiving.write(S)
  archiving.write_days(S)
  settling.write_kept(S)
  shows.reports.write(S)
  publish(S)
end

-- Read what a batch will ask for, a command for each structure instead of one for each operation.
local function load_ahead(S, batch)
  local ids, users, units = {}, {}, {}
  for i = 1, #batch do
    local op = batch[i]
    local kind = op[1]
    if kind == 'reserve' or kind == 'wait' then
      ids[#ids + 1] = op[2]
      users[#users + 1] = op[6]
      local lot = stamping.lot(S, op[3], op[4])
      if lot then
        windows.note(units, lot.stamps, op[6], op[4])
        local stock = stock_of(S, op[4])
        if stock.batches then batches.note_user(S, units, stock, lot.room.channel, op[6]) end
      end
    elseif kind == 'confirm' or kind == 'cancel' or kind == 'decline' then
      ids[#ids + 1] = op[2]
    end
  end
  load_reservations(S, ids)
  load_users(S, users)
  windows.load(S, units)
end

-- Decide and write a batch.
--   ARGV[1]  array of operations (stock/operations.py)
--   ARGV[2]  map: hold_ms, payment_extension_ms, live_max, remember_ms, order_qty_max, cues_max, and how many there
--            may be: skus_a_room_max, skus_a_pool_max, channels_a_pool_max, batches_planned_max, rooms_a_pool_max; how
--            many batches may be open at a time: batches_open_max;
--            how many are kept: events_kept_max, actions_a_pool_max, batches_opened_kept_max, shows_kept_max; how long
--            after its end a show can go on: show_continue_max_ms; what one call may do and say: moves_a_call_max,
--            feed_message_max_bytes; of the waitlist: offer_ms, wait_skip_ms, waits_a_sku_max, waits_a_user_max; and which format the server writes, and when the pool's is raised to it
--            (format.lua): format, format_quiet_ms
--   result   [epoch, seq before, seq, now, [outcomes in the same order]]; an outcome's last field is its action, where it
--            made one: [id, whether something undoes it]
local function apply(keys, args)
  local batch = cmsgpack.unpack(args[1])
  local S = begin(keys[1], cmsgpack.unpack(args[2]))
  format.hear(S, S.params.format)
  format.raise(S)
  load_ahead(S, batch)
  shows.adopt_some(S)
  local outcomes, asked = {}, nil
  for i = 1, #batch do
    local op = batch[i]
    outcomes[i] = (operations[op[1]] or move_once)(S, op)
    if S.elastic_due then elastic.decide(S, op) end
    if S.waiting_due then waiting.settle(S) end
    if S.wait_asked then
      asked = asked or {}
      asked[i], S.wait_asked = S.wait_asked, nil
    end
  end
  waiting.look_around(S)
  for i, w in pairs(asked or {}) do outcomes[i] = waiting.answer(S, w) end
  for i = 1, #outcomes do format.told(S, outcomes[i]) end
  S.reservations_changed = only_tables(S.reservations)
  S.moves_changed = only_tables(S.moves)
  commit(S)
  return cmsgpack.pack({ S.epoch, S.ledger_before + S.presale_before, seq(S), S.now, outcomes })
end

-- A room with its whole shelf.
--   ARGV[1] room
--   result  [epoch, seq, now, room config, channel config,
--            [[sku, listing, sku config, stock row, base row of the show or false, units sold in the show], …],
--            notices and cues, the current or last show or false, [alert of that show, or of the room besides, that stands, …],
--            [[sku, units a minute], …], whether the pool is frozen, [[sku, spread of its pace, minutes of that], …]],
--            or '' where the room does not exist
local function room_view(keys, args)
  local S = begin(keys[1], {})
  local room = config(S, 'room', '', args[1])
  if not room then return '' end
  local channel = config(S, 'channel', '', room.channel)
  local flat = redis.call('HGETALL', config_key(S, 'listing', args[1]))
  local show, skus = shows.last_of(S, args[1], room), {}
  local bases, sold = shows.rows(S, show)
  for i = 1, #flat, 2 do
    local sku = flat[i]
    local stock = stock_of(S, sku)
    if stock then
      skus[#skus + 1] = { sku, cmsgpack.unpack(flat[i + 1]), config(S, 'sku', '', sku), stock_row(S, stock),
        bases[sku] and cmsgpack.unpack(bases[sku]) or false, tonumber(sold[sku] or 0) }
    end
  end
  local paces, spreads = {}, {}
  if show then paces, spreads = series.paces(S, show.id) end
  return cmsgpack.pack({ S.epoch, seq(S), S.now, room, channel, skus, notices_and_cues_of(S, args[1]), show,
    alerts.standing(S, args[1], show), paces, S.pool_frozen, spreads })
end

-- A page of the catalogue by name, with the units.
--   ARGV[1] the name to go on behind; ARGV[2] how many
--   result  [[sku, config, [bucket, units, …]], …]
local function catalogue(keys, args)
  local S = begin(keys[1], {})
  local rows, behind = {}, args[1] == '' and '-' or '(' .. args[1]
  for _, sku in ipairs(redis.call('ZRANGE', sku_names(S), behind, '+', 'BYLEX', 'LIMIT', 0, args[2])) do
    rows[#rows + 1] = { sku, config(S, 'sku', '', sku), redis.call('HGETALL', S.base .. ':sku:' .. sku) }
  end
  return cmsgpack.pack(rows)
end

-- A page of the catalogue by name, with each SKU's units as the feed tells them.
--   ARGV[1] the name to go on behind; ARGV[2] how many
--   result  [epoch, seq, now, [stock row, …]]
local function units_page(keys, args)
  local S = begin(keys[1], {})
  local rows, behind = {}, args[1] == '' and '-' or '(' .. args[1]
  for _, sku in ipairs(redis.call('ZRANGE', sku_names(S), behind, '+', 'BYLEX', 'LIMIT', 0, args[2])) do
    local stock = stock_of(S, sku)
    if stock then rows[#rows + 1] = stock_row(S, stock) end
  end
  return cmsgpack.pack({ S.epoch, seq(S), S.now, rows })
end

-- What is in a batch, a page of its SKUs.
--   ARGV[1] batch; ARGV[2] cursor; ARGV[3] about how many
--   result  [next cursor, [[sku, units, taken, holding], …]]
local function batch_units(keys, args)
  local S, place = begin(keys[1], {}), 'batch:' .. args[1]
  local found, rows = redis.call('SSCAN', S.base .. ':' .. place, args[2], 'COUNT', args[3]), {}
  for _, sku in ipairs(found[2]) do
    local n = redis.call('HMGET', S.base .. ':sku:' .. sku, place, 'taken:' .. place, 'holding:' .. place)
    rows[#rows + 1] = { sku, tonumber(n[1] or 0), tonumber(n[2] or 0), tonumber(n[3] or 0) }
  end
  return cmsgpack.pack({ found[1], rows })
end

-- A page of the book with the sequence at which it was read, for the audit.
--   ARGV[1] 'reservations', 'waits', 'refunds', 'actions', 'live', 'units', 'skus' or 'sold:<show>'; ARGV[2] cursor; ARGV[3] about
--           how many
--   result  [seq, next cursor, [name, value, name, value, …]]; of a SKU the value is [name, units, …],
--           of the first four kinds the record
local PACKED = { reservations = true, waits = true, refunds = true, actions = true }

local function page(keys, args)
  local S = begin(keys[1], {})
  local found = redis.call('HSCAN', S.base .. ':' .. args[1], args[2], 'COUNT', args[3])
  local items = found[2]
  if PACKED[args[1]] then
    for i = 2, #items, 2 do items[i] = cmsgpack.unpack(items[i]) end
  elseif args[1] == 'skus' then
    for i = 1, #items, 2 do items[i + 1] = redis.call('HGETALL', S.base .. ':sku:' .. items[i]) end
  end
  return cmsgpack.pack({ seq(S), found[1], items })
end

-- The engine's clock for this pool.
--   ARGV[1] the format that the server writes; one of before does not say it
--   result  [epoch, seq, now]
local function clock(keys, args)
  local S = begin(keys[1], {})
  format.hear(S, tonumber(args[1]))
  return cmsgpack.pack({ S.epoch, seq(S), S.now })
end

-- The same, and how often this clock was found to step: [now, steps]; steps is -1 for a clock that stands.
local function time(keys)
  local S = begin(keys[1], {})
  return cmsgpack.pack({ S.now, S.clock_stands and -1 or S.clock_steps })
end

redis.register_function('shelfcast_time', time)
redis.register_function('shelfcast_apply', apply)
redis.register_function('shelfcast_room', room_view)
redis.register_function('shelfcast_catalogue', catalogue)
redis.register_function('shelfcast_units', units_page)
redis.register_function('shelfcast_page', page)
redis.register_function('shelfcast_batch_units', batch_units)
redis.register_function('shelfcast_clock', clock)
