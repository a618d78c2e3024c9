-- Batches: which wait for their window, which were opened last, and opening one. Rules: docs/rules.md#moves.
--
-- Two indexes follow from the configuration, so that neither what is due nor how many there are is counted over all of it:
--   :batches_planned  zset  batch → when it is due; +inf where it opens by hand alone, 0 while it is being opened
--   :batches_opened   zset  batch → when it was opened
--
-- A call makes at most moves_a_call_max moves. A batch with more SKUs than that is opened over several calls, each as long
-- as the stock of one call may keep everybody waiting, and counts as opened with the last of them. Between them its
-- `opening` says {id, actor, action, skus so far}, and it is due: where nobody goes on, the duty does. `opened_by` says
-- {id, skus} afterwards.

local batches = { kept_default = 500 }
batches.indexed = {} -- base → true once this load of the library has made its indexes

function batches.is_opened(batch)
  return (batch.opened_at_ms or 0) > 0
end

function batches.due_at(batch)
  return batch.opening and 0 or batch.opens_at_ms or '+inf'
end

-- Make the indexes anew, before the first use after each start of the engine or load of the library: books of before have
-- none, and an older library that ran in between knew nothing of them.
function batches.index(S)
  if batches.indexed[S.base] then return end
  local planned, opened = {}, {}
  local flat = redis.call('HGETALL', S.base .. ':batches')
  for i = 1, #flat, 2 do
    local batch = cmsgpack.unpack(flat[i + 1])
    local list = batches.is_opened(batch) and opened or planned
    list[#list + 1] = batches.is_opened(batch) and batch.opened_at_ms or batches.due_at(batch)
    list[#list + 1] = flat[i]
  end
  redis.call('DEL', S.base .. ':batches_planned', S.base .. ':batches_opened')
  call_in_chunks('ZADD', S.base .. ':batches_planned', planned)
  call_in_chunks('ZADD', S.base .. ':batches_opened', opened)
  batches.indexed[S.base] = true
end

-- How many an index has once this call is written, whoever changes batches in it.
function batches.count(S, suffix, belongs)
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
    count = count + (batch and belongs(batch) and 1 or 0) - (known and 1 or 0)
  end
  return count
end

function batches.planned_count(S)
  return batches.count(S, ':batches_planned', function(batch) return not batches.is_opened(batch) end)
end

-- The oldest of the opened batches go where there are more than are kept. Nothing is in them.
function batches.forget_oldest(S)
  local kept = S.params.batches_opened_kept_max or batches.kept_default
  local excess = batches.count(S, ':batches_opened', batches.is_opened) - kept
  if excess <= 0 then return end
  local dirty = config_slot(S, 'batch', '').dirty
  for _, name in ipairs(redis.call('ZRANGE', S.base .. ':batches_opened', 0, excess - 1)) do
    local batch = config(S, 'batch', '', name)
    if batch and batches.is_opened(batch) and not dirty[name] then
      drop_config(S, 'batch', '', name, batch)
      events.written(S, 'batch', '', name, batch, false, {}, 'book')
    end
  end
end

-- The SKUs of a batch to look at in this call, and how many stay for the next one.
function batches.skus_to_open(S, name)
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

-- The units of a batch, of every SKU, go where it says: as many as this call has moves for. Where that is a redo, which
-- takes one call, `undone` is the undo. Returns how many SKUs have got some since it began, and how many are still locked
-- in it (0: it is opened).
function batches.open_units(S, name, id, actor, action, undone)
  local batch = config(S, 'batch', '', name)
  local opening = batch.opening or { id = id, actor = actor, action = action, skus = 0 }
  if S.moves_left <= 0 or S.batch_taken[name] then return opening.skus, 1 end -- this call has had its part
  local skus, later = batches.skus_to_open(S, name)
  local target = batch.target or 'pool'
  local _, channel = place_kind(target)
  for _, sku in ipairs(skus) do
    local stock = stock_of(S, sku)
    local qty = stock.units['batch:' .. name] or 0
    if qty > 0 then
      local note = { id = opening.id, channel = channel, actor = opening.actor, ref = undone }
      transfer(S, stock, undone and 'undo' or 'open_batch', qty, 'batch:' .. name, target, note)
      opening.skus = opening.skus + 1
    end
  end
  if later > 0 then
    S.batch_taken[name] = skus
    for _, sku in ipairs(skus) do
      if S.batched[name] then S.batched[name][sku] = nil end
    end
    batch.opening = opening
    keep_config(S, 'batch', '', name, batch)
    return opening.skus, later
  end
  batch.opened_at_ms = S.now
  local went_on = batch.opening
  if went_on then batch.opening, batch.opened_by = nil, { id = opening.id, skus = opening.skus } end
  raise_revision(batch, 'revision')
  set_config(S, 'batch', '', name, batch)
  S.batched[name] = nil
  S.batches_opened[name] = opening.id
  events.add(S, 'batch_opened', '', name, { skus = opening.skus }, opening.actor, opening.action)
  if went_on and opening.action ~= '' then -- whoever has ended it
    actions.record(S, { id = opening.action, actor = opening.actor, kind = 'open_batch', room = '', subject = name,
      why = 'many' }).rows = opening.skus
  end
  batches.forget_oldest(S)
  return opening.skus, 0
end

-- {'open_batch', id, batch, actor} → data: SKUs opened; left: SKUs still locked in it, for whoever asks again with the
-- same id. Until there are none the move is not done, and not remembered.
function batches.open(S, op)
  local batch = config(S, 'batch', '', op[3])
  if not batch then return refuse(S, 'NOT_FOUND', nil, nil, 'batch') end
  if batches.is_opened(batch) then
    local mine = batch.opened_by and batch.opened_by.id == op[2]
    local outcome = done(S, mine and batch.opened_by.skus or 0)
    local record = mine and actions.known(S, op[2])
    return record and actions.tell(outcome, record) or outcome
  end
  local skus, locked = batches.open_units(S, op[3], op[2], op[4], S.action_id)
  local outcome = done(S, skus)
  outcome[10] = locked
  return outcome, locked > 0
end

function batches.due(S, limit)
  batches.index(S)
  local slot, names, most = config_slot(S, 'batch', ''), {}, limit
  for _ in pairs(slot.dirty) do most = most + 1 end
  local key, now = S.base .. ':batches_planned', string.format('%d', S.now)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, most)) do
    if not slot.dirty[name] then names[#names + 1] = name end
  end
  for name in pairs(slot.dirty) do
    local batch = slot.values[name]
    local at = batch and not batches.is_opened(batch) and batches.due_at(batch)
    if at and at ~= '+inf' and at <= S.now then names[#names + 1] = name end
  end
  return names
end

-- {'open_due', limit} → data: batches opened; the limit, where one of them goes on in the next call
function operations.open_due(S, op)
  local opened = 0
  for _, name in ipairs(batches.due(S, op[2])) do
    if opened >= op[2] then break end
    local _, locked = batches.open_units(S, name, 'batch:' .. name, 'book', '')
    if locked > 0 then return done(S, op[2]) end
    opened = opened + 1
  end
  return done(S, opened)
end

-- The indexes follow what this call has written of batches, whichever operation it was.
function batches.write(S)
  local slot = S.config.batch and S.config.batch['']
  local planned, opened = S.base .. ':batches_planned', S.base .. ':batches_opened'
  for name in pairs(slot and slot.dirty or {}) do
    local batch = slot.values[name]
    if batch and batches.is_opened(batch) then
      redis.call('ZREM', planned, name)
      redis.call('ZADD', opened, string.format('%d', batch.opened_at_ms), name)
    elseif batch then
      redis.call('ZADD', planned, batches.due_at(batch), name)
      redis.call('ZREM', opened, name)
    else
      redis.call('ZREM', planned, name)
      redis.call('ZREM', opened, name)
    end
  end
  for name, skus in pairs(S.batch_taken) do call_in_chunks('SREM', S.base .. ':batch:' .. name, skus) end
end
