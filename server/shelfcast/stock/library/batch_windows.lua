-- Batches that open and close: by hand, and by the looks of a duty. Rules: docs/rules.md#batches.
--
-- An opening moves nothing and is done at once: the batch's SKUs are told to the feed, `telling` says the cursor where a look
-- goes on that has more of them than a call's moves. A closing moves what is left, at most moves_a_call_max moves a call, each as
-- long as the stock of one call may keep everybody waiting; the batch counts as closed with the last of them. Between them
-- its `closing` says {id, actor, action, skus so far, kind, to, missed}, and it is due: where nobody goes on, the duty does.
-- `closed_by` says {id, skus} afterwards. At format 2 an opening is a closing that goes to the target: `opening`, `opened_by`.

-- The SKUs of a batch to look at in this call, and how many stay for the next one.
function batches.skus_to_empty(S, name)
  local key = S.base .. ':batch:' .. name
  local stored = redis.call('SRANDMEMBER', key, S.moves_left)
  local later = redis.call('SCARD', key) - #stored
  local skus, known = {}, {}
  for _, sku in ipairs(stored) do
    skus[#skus + 1] = sku
    known[sku] = true
  end
  for sku in pairs(S.batched[name] or {}) do -- of operations of this very call
    if not known[sku] then
      if #skus < S.moves_left then skus[#skus + 1] = sku else later = later + 1 end
    end
  end
  return skus, later
end

-- The SKUs of a batch are told, as many as one look does. Returns how many of them have units in it, with those of later
-- looks, which are counted as if they had.
function batches.tell(S, name, batch)
  local found = redis.call('SSCAN', S.base .. ':batch:' .. name, batch.telling or '0', 'COUNT', math.max(1, S.moves_left))
  local before, told = batch.telling, 0
  local skus = {}
  for _, sku in ipairs(found[2]) do skus[sku] = true end
  for sku in pairs(S.batched[name] or {}) do skus[sku] = true end
  for sku in pairs(skus) do
    local stock = stock_of(S, sku)
    if (stock.units['batch:' .. name] or 0) > 0 then told = told + 1 end
    S.touched[sku] = stock
  end
  S.moves_left = S.moves_left - #found[2]
  batch.telling = found[1] ~= '0' and found[1] or nil
  if batch.telling ~= before then keep_config(S, 'batch', '', name, batch) end
  if batch.telling then told = told + math.max(0, redis.call('SCARD', S.base .. ':batch:' .. name) - #found[2]) end
  return told
end

-- The oldest of the closed batches go where there are more than are kept. Nothing is in them.
function batches.forget_oldest(S)
  local kept = S.params.batches_opened_kept_max or batches.kept_default
  local excess = batches.count(S, ':batches_opened') - kept
  if excess <= 0 then return end
  local dirty = config_slot(S, 'batch', '').dirty
  for _, name in ipairs(redis.call('ZRANGE', S.base .. ':batches_opened', 0, excess - 1)) do
    local batch = config(S, 'batch', '', name)
    if batch and batches.is_closed(batch) and not dirty[name] then
      drop_config(S, 'batch', '', name, batch)
      events.written(S, 'batch', '', name, batch, false, {}, 'book')
      S.batches_forgotten[name] = true
      S.units[':units:batch:' .. name] = nil
      S.units_before[':units:batch:' .. name] = nil
    end
  end
end

batches.leftovers = { pool = true, next = true, elastic = true }

-- Why a batch may not be defined so, or nil.
function batches.refuse_definition(S, name, new, old)
  local kind, channel = place_kind(new.target or 'pool')
  if kind ~= 'pool' and not (kind == 'channel:' and config(S, 'channel', '', channel)) then
    return refuse(S, 'NOT_FOUND', nil, nil, 'target')
  end
  if (new.channel or '') ~= '' and not config(S, 'channel', '', new.channel) then
    return refuse(S, 'NOT_FOUND', nil, nil, 'channel')
  end
  local opens, closes = new.opens_at_ms, new.closes_at_ms
  if opens and closes and closes <= opens then return refuse(S, 'BAD_MESSAGE', nil, nil, 'closes_at_ms') end
  if new.limit_per_user and new.limit_per_user < 1 then return refuse(S, 'BAD_MESSAGE', nil, nil, 'limit_per_user') end
  if not batches.leftovers[new.leftover or 'pool'] then return refuse(S, 'BAD_MESSAGE', nil, nil, 'leftover') end
  if batches.is_closed(new) then return nil end
  local from = batches.is_opened(new) and new.opened_at_ms or opens
  local was = old and (batches.is_opened(old) and old.opened_at_ms or old.opens_at_ms)
  if not from or (closes and closes <= S.now) or (old and from == was and closes == old.closes_at_ms) then return nil end
  return batches.refuse_crowd(S, name, from, closes)
end

-- Opening ---------------------------------------------------------------------------------------------------

-- Note that a batch is open since `at`, and tell it. Returns how many SKUs it has.
function batches.note_open(S, name, batch, at, actor, action)
  batch.opened_at_ms, batch.telling = at, nil
  raise_revision(batch, 'revision')
  set_config(S, 'batch', '', name, batch)
  local skus = batches.tell(S, name, batch)
  events.add(S, 'batch_opened', '', name, { skus = skus }, actor, action)
  return skus
end

-- Why a batch may not be open from then on until `to` (nil: for ever), or nil: so many others are at some moment of that.
function batches.refuse_crowd(S, name, from, to)
  local most = S.params.batches_open_max or batches.open_default
  to = to or math.huge
  local edges = {}
  for _, other in ipairs(batches.names(S)) do
    local batch = config(S, 'batch', '', other)
    local begins, ends = batch.opened_at_ms or batch.opens_at_ms, batch.closes_at_ms or math.huge
    if other ~= name and begins and not batches.is_over(S, batch) and begins < to and ends > from then
      edges[#edges + 1] = { math.max(begins, from), 1 }
      edges[#edges + 1] = { ends, -1 }
    end
  end
  table.sort(edges, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2] -- one that closes makes room for one that opens
  end)
  local open = 1
  for _, edge in ipairs(edges) do
    open = open + edge[2]
    if open > most then return refuse(S, 'SHELF_FULL', most, nil, 'batch') end
  end
  return nil
end

-- {'open_batch', id, batch, actor} → data: its SKUs. At format 2 left: SKUs still locked in it, for whoever asks again with the
-- same id; until there are none the move is not done, and not remembered.
function batches.open(S, op)
  local name = op[3]
  local batch = config(S, 'batch', '', name)
  if not batch then return refuse(S, 'NOT_FOUND', nil, nil, 'batch') end
  if S.format < 3 then return batches.hand_out(S, op, batch) end
  if batches.is_opened(batch) or batches.is_over(S, batch) then return done(S, 0) end
  local refusal = batches.refuse_crowd(S, name, S.now, batch.closes_at_ms)
  if refusal then return refusal end
  S.batches_changed[name] = op[2]
  return done(S, batches.note_open(S, name, batch, S.now, op[4], S.action_id))
end

-- What undoes an opening or a closing that this call has done (undo.lua).
function batches.inverse(S, kind, name)
  local batch = config(S, 'batch', '', name)
  if kind == 'close_batch' then
    local taken = S.batches_emptied[name]
    return { type = 'units', batch = name, closed_at_ms = batch.closed_at_ms, to = batch.leftover_to,
      taken = next(taken) and taken or nil }
  end
  return { type = S.format < 3 and 'units' or 'opened', batch = name, opened_at_ms = batch.opened_at_ms }
end

-- Closing ---------------------------------------------------------------------------------------------------

-- What a closing is: `kind` of its entries, and where the units go.
function batches.new_work(id, actor, action, kind, to)
  return { id = id, actor = actor, action = action, skus = 0, kind = kind, to = to }
end

-- What is left in a batch, of every SKU, goes where `work` says: as much as this call has moves for. Its counters begin anew
-- with that: an entry says so, though nothing was left. Returns how many SKUs have given some since it began, and how many
-- are still in it (0: it is closed).
function batches.empty(S, name, batch, work)
  if S.moves_left <= 0 or S.batch_taken[name] then return work.skus, 1 end -- this call has had its part
  local opens = work.kind == 'open_batch'
  local skus, later = batches.skus_to_empty(S, name)
  local place, to = 'batch:' .. name, work.to or batch.target or 'pool'
  local _, channel = place_kind(to)
  local taken_before = {}
  for _, sku in ipairs(skus) do
    local stock = stock_of(S, sku)
    local qty, taken = stock.units[place] or 0, stock.units['taken:' .. place] or 0
    if qty > 0 or taken ~= 0 then
      transfer(S, stock, work.undone and opens and 'undo' or work.kind, qty, place, to,
        { id = work.id, channel = place_kind(to) == 'channel:' and channel or '', actor = work.actor, ref = work.undone })
      batches.note(S, stock, to)
      if taken ~= 0 then
        stock.units['taken:' .. place], stock.dirty['taken:' .. place] = 0, true
        taken_before[sku] = taken
      end
      if qty > 0 then work.skus = work.skus + 1 end
    end
  end
  local went_on = batch.closing or batch.opening
  if later > 0 then
    S.batch_taken[name] = skus
    for _, sku in ipairs(skus) do
      if S.batched[name] then S.batched[name][sku] = nil end
    end
    batch[S.format < 3 and 'opening' or 'closing'] = work
    keep_config(S, 'batch', '', name, batch)
    return work.skus, later
  end
  batch.closing, batch.opening, batch.telling = nil, nil, nil
  batch.closed_at_ms, batch.leftover_to, batch.missed = S.now, to, work.missed or nil
  if opens then batch.opened_at_ms = S.now end
  if went_on then batch[opens and 'opened_by' or 'closed_by'] = { id = work.id, skus = work.skus } end
  raise_revision(batch, 'revision')
  set_config(S, 'batch', '', name, batch)
  S.batched[name] = nil
  S.batches_emptied[name] = taken_before
  S.batches_changed[name] = work.id
  if opens then
    events.add(S, 'batch_opened', '', name, { skus = work.skus }, work.actor, work.action)
  else
    events.add(S, 'batch_closed', '', name, { skus = work.skus, to = to, missed = work.missed or nil }, work.actor, work.action)
  end
  if went_on and work.action ~= '' then -- whoever has ended it
    actions.record(S, { id = work.action, actor = work.actor, kind = work.kind, room = '', subject = name,
      why = 'many' }).rows = work.skus
  end
  batches.forget_oldest(S)
  return work.skus, 0
end

-- What is said of a closing by hand (at format 2 of an opening) that is over already; by: closed_by or opened_by.
function batches.answer_again(S, op, by)
  local mine = by and by.id == op[2]
  local outcome = done(S, mine and by.skus or 0)
  local record = mine and actions.known(S, op[2])
  return record and actions.tell(outcome, record) or outcome
end

function batches.go_on(S, name, batch, work)
  local skus, later = batches.empty(S, name, batch, work)
  local outcome = done(S, skus)
  outcome[10] = later
  return outcome, later > 0
end

-- Opening at format 2.
function batches.hand_out(S, op, batch)
  if batches.is_opened(batch) then return batches.answer_again(S, op, batch.opened_by) end
  local work = batch.opening or batches.new_work(op[2], op[4], S.action_id, 'open_batch', batch.target or 'pool')
  work.kind, work.to = 'open_batch', batch.target or 'pool'
  return batches.go_on(S, op[3], batch, work)
end

-- {'close_batch', id, batch, actor} → data: SKUs that had something left; left: SKUs still to do, as of `batches.open`
function batches.close(S, op)
  local name = op[3]
  local batch = config(S, 'batch', '', name)
  if not batch then return refuse(S, 'NOT_FOUND', nil, nil, 'batch') end
  if S.format < 3 then return refuse(S, 'UNAVAILABLE') end -- a release of before could not read what it writes
  if batches.is_closed(batch) then return batches.answer_again(S, op, batch.closed_by) end
  local work = batch.closing
    or batches.new_work(op[2], op[4], S.action_id, 'close_batch', batches.leftover_place(S, name, batch))
  return batches.go_on(S, name, batch, work)
end

-- Looks -----------------------------------------------------------------------------------------------------

function batches.due(S, limit)
  batches.index(S)
  local slot, names, most = config_slot(S, 'batch', ''), {}, limit
  for _ in pairs(slot.dirty) do most = most + 1 end
  local now = string.format('%d', S.now)
  for _, suffix in ipairs({ ':batches_open', ':batches_planned' }) do
    for _, name in ipairs(redis.call('ZRANGEBYSCORE', S.base .. suffix, '-inf', now, 'LIMIT', 0, most)) do
      if not slot.dirty[name] then names[#names + 1] = name end
    end
  end
  for name in pairs(slot.dirty) do
    local batch = slot.values[name]
    if batch and not batches.is_closed(batch) then
      local _, at = batches.index_of(batch)
      if at ~= '+inf' and tonumber(at) <= S.now then names[#names + 1] = name end
    end
  end
  return names
end

-- When a batch came open by the clock: its window may have been defined later than that.
function batches.came_open_at(S, batch)
  return math.min(S.now, math.max(batch.opens_at_ms, batch.changed_at_ms or 0))
end

-- Look at a batch that is due. Returns whether more of it is to be done.
function batches.look(S, name, batch)
  local by = 'batch:' .. name
  if S.format < 3 then
    local work = batch.opening or batches.new_work(by, 'book', '', 'open_batch', batch.target or 'pool')
    work.kind, work.to = 'open_batch', batch.target or 'pool'
    local _, later = batches.empty(S, name, batch, work)
    return later > 0
  end
  local is_new = not batches.is_opened(batch) and batch.opens_at_ms ~= nil and batch.opens_at_ms <= S.now
  if batch.closing or batches.is_over(S, batch) then
    local work = batch.closing
    if not work then
      if S.moves_left <= 0 then return true end
      work = batches.new_work(by, 'book', '', 'close_batch', batches.leftover_place(S, name, batch))
      if is_new then
        work.missed = not batch.drawn or nil
        local skus = redis.call('SCARD', S.base .. ':batch:' .. name)
        batch.opened_at_ms = math.min(batch.opens_at_ms, S.now)
        events.add(S, 'batch_opened', '', name, { skus = skus, missed = work.missed }, 'book')
      end
    end
    local _, later = batches.empty(S, name, batch, work)
    return later > 0
  end
  if S.moves_left <= 0 then return true end
  if is_new then batches.note_open(S, name, batch, batches.came_open_at(S, batch), 'book', '')
  elseif batch.telling then batches.tell(S, name, batch) end
  return batch.telling ~= nil
end

-- {'open_due', limit} → data: batches that were opened or closed; the limit, where one of them goes on in the next call
function operations.open_due(S, op)
  local looked_at = 0
  for _, name in ipairs(batches.due(S, op[2])) do
    if looked_at >= op[2] then break end
    local batch = config(S, 'batch', '', name)
    if batch and batches.look(S, name, batch) then return done(S, op[2]) end
    looked_at = looked_at + 1
  end
  return done(S, looked_at)
end

-- Lots on call ----------------------------------------------------------------------------------------------

-- {'release_lot', id, room, sku, qty, actor, reason}: so many units more go on sale in a room: of the batches without times that it
-- may draw from, by name; without one, of the pool where its channel is dedicated.
function batches.release(S, op)
  local sku, qty = op[4], op[5]
  local room = config(S, 'room', '', op[3])
  if not room then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  local stock = stock_of(S, sku)
  if not stock or not config(S, 'listing', op[3], sku) then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local channel = config(S, 'channel', '', room.channel)
  local shared = not (channel and channel.kind == 'dedicated')
  local own, lots, there = places_of(S, room.channel).own, {}, 0
  for name in pairs(stock.batches or {}) do
    local batch, n = config(S, 'batch', '', name), stock.units['batch:' .. name] or 0
    if batch and n > 0 and not batch.opens_at_ms and not batch.closes_at_ms and not batches.is_opened(batch)
      and not batches.is_over(S, batch) and batches.serves(batch, room.channel, shared, false) then
      lots[#lots + 1] = { name, n, batches.channel_of(batch) }
      there = there + n
    end
  end
  if #lots == 0 and shared then
    local refusal = refuse(S, 'BAD_MESSAGE', nil, nil, 'sku')
    refusal[11] = 'on_sale'
    return refusal
  end
  if #lots == 0 then there = stock.units.pool or 0 end
  if qty > there then return refuse(S, 'INSUFFICIENT', there) end
  table.sort(lots, function(a, b) return a[1] < b[1] end)
  local note = { id = op[2], channel = room.channel, actor = op[6], reason = op[7] }
  if #lots == 0 then transfer(S, stock, 'release_lot', qty, 'pool', own, note) end
  for _, lot in ipairs(lots) do
    local take = math.min(qty, lot[2])
    if take > 0 then
      transfer(S, stock, 'release_lot', take, 'batch:' .. lot[1], lot[3] ~= '' and 'channel:' .. lot[3] or 'pool', note)
      qty = qty - take
    end
  end
  return done(S)
end
