-- Undo: take an action back, all of it or nothing, in one call. It is an action itself, whose inverse is the redo.
--
-- An inverse is a map by its `type`:
--   units        the action's entries the other way round, if each place they went to still holds as many free units: units
--                are alike. batch, closed_at_ms: this batch is open again, or planned, as it was before it was closed (to: what
--                was left went there; taken: its counters then, by SKU). batch, opened_at_ms: of format 2, it is locked again
--                proposal: what this one had moved is undone, or done again; lot: they were pulled from it; refund: of this
--                reservation's request they were, which waits for them again
--   opened       batch, opened_at_ms: it is planned again, if nothing was drawn from it and its window has not come
--   open_batch, close_batch  batch is opened or closed again, with whatever is in it
--   frozen       the SKU is frozen or not, as it was before; scope: it is a channel, a room or the pool
--   definition   what, parent, key; values to set and fields to clear: those that changed, as they were. was: the revisions
--                it has to be at. gone: it was dropped, and comes back; spotlight: it was in the room's spotlight;
--                continues: the room's show had ended with it, and goes on
--   drop         parent, key, was: the listing leaves its room again

-- The revisions that a write of these fields has raised; of a room the running show has one of its own.
local function versions_of(what, values, fields)
  local was = { revision = #fields == 0 and values.revision or nil }
  for _, field in ipairs(fields) do
    local name = what == 'room' and OF_THE_SHOW[field] and 'state_revision' or 'revision'
    was[name] = values[name] or 0
  end
  return was
end

local function is_at(values, was)
  for name, revision in pairs(was) do
    if (values[name] or 0) ~= revision then return false end
  end
  return true
end

-- What brings the former definition back; nil where it was made, or (and 'status') where a room's statuses do not go that
-- way. Only a listing that was made can go again: other things may be in use. Every user and every pool has a definition,
-- written about or not.
function undo.of_definition(what, parent, key, old, new, fields)
  if not old and what == 'listing' then
    return { type = 'drop', parent = parent, key = key, was = versions_of(what, new, fields) }
  elseif not old and what ~= 'user' and what ~= 'pool' then
    return nil
  end
  if what == 'room' and new and not shows.may_turn_back(old, new) then return nil, 'status' end
  local values, clear = {}, {}
  for _, field in ipairs(fields) do
    -- What takes two people is two people's to say.
    if what == 'pool' and counts.loosened[field] then return nil, 'signed' end
    local before = nil
    if old then before = old[field] end
    if what == 'sku' and field == 'currency' then before = before or 'CNY' end -- left out, it would be the pool's now
    if before == nil then clear[#clear + 1] = field else values[field] = before end
  end
  return { type = 'definition', what = what, parent = parent, key = key, clear = clear,
    values = next(values) and values or nil, gone = not new or nil,
    continues = what == 'room' and new and new.status == 'ended' and old.status ~= 'ended' or nil,
    was = new and versions_of(what, new, fields) or nil }
end

local function stale(S, field)
  return refuse(S, 'STALE', nil, nil, field)
end

-- Whether it can be undone now, by the type of its inverse: a refusal or nil. Nothing is written.
local checks = {}

function checks.units(S, record)
  local inverse = record.inverse
  if inverse.batch then
    local batch = config(S, 'batch', '', inverse.batch)
    local closed, is_as_it_was = inverse.closed_at_ms, false
    if batch and closed then
      is_as_it_was = batch.closed_at_ms == closed and (batch.closes_at_ms or math.huge) > S.now
    elseif batch then
      is_as_it_was = batch.opened_at_ms == inverse.opened_at_ms and (batch.opens_at_ms or math.huge) > S.now
    end
    if not is_as_it_was then return stale(S, 'batch:' .. inverse.batch) end
    local crowd = closed and batches.is_opened(batch)
      and batches.refuse_crowd(S, inverse.batch, batch.opened_at_ms, batch.closes_at_ms)
    if crowd then return crowd end
  end
  local needs = {}
  for _, row in ipairs(record.effect) do
    local sku, qty, from, to = row[1], row[2], row[3], row[4]
    if from ~= 'batch:' .. (inverse.batch or '') and not check_place(S, from, from, true) then return stale(S, from) end
    needs[sku] = needs[sku] or {}
    needs[sku][to] = (needs[sku][to] or 0) + qty
    local there = stock_of(S, sku).units[to] or 0
    if there < needs[sku][to] and not MAY_BE_NEGATIVE[to] then
      local refusal = refuse(S, 'INSUFFICIENT', there, nil, to)
      refusal[3] = sku
      return refusal
    end
  end
  return counts.refuse_unsigned_undo(S, record.effect)
end

function checks.opened(S, record)
  local inverse = record.inverse
  local batch = config(S, 'batch', '', inverse.batch)
  if not batch or batch.opened_at_ms ~= inverse.opened_at_ms or batch.drawn or batches.is_over(S, batch)
    or (batch.opens_at_ms or math.huge) <= S.now then
    return stale(S, 'batch:' .. inverse.batch)
  end
  return nil
end

-- A redo is one call: it closes no batch that was filled meanwhile with more than a call moves.
function checks.close_batch(S, record)
  local name = record.inverse.batch
  if S.moves_left <= 0 then return refuse(S, 'OVERLOADED') end -- other operations have taken this call's part
  local batch = config(S, 'batch', '', name)
  if not batch or batches.is_over(S, batch) then return stale(S, 'batch:' .. name) end
  local _, later = batches.skus_to_empty(S, name)
  if later > 0 then return stale(S, 'batch:' .. name) end
  return nil
end

function checks.open_batch(S, record)
  local name = record.inverse.batch
  local batch = config(S, 'batch', '', name)
  if not batch or batches.is_opened(batch) or batches.is_over(S, batch) then return stale(S, 'batch:' .. name) end
  if S.format < 3 then return checks.close_batch(S, record) end
  return batches.refuse_crowd(S, name, S.now, batch.closes_at_ms)
end

function checks.frozen(S, record)
  local inverse = record.inverse
  if freezes.is_set(S, inverse.scope or 'sku', record.subject) == inverse.frozen then return stale(S, 'frozen') end
  return nil
end

function checks.definition(S, record)
  local inverse = record.inverse
  local what, parent, key = inverse.what, inverse.parent, inverse.key
  local now = config(S, what, parent, key)
  if inverse.gone then
    if now then return stale(S, key) end
  elseif not now or not is_at(now, inverse.was) then
    return stale(S, record.subject)
  end
  local then_again = merged(now, inverse.values or {}, inverse.clear)
  return refuse_put(S, what, parent, key, then_again, now, inverse.continues)
    or refuse_gate(S, what, then_again, now, inverse.continues)
end

function checks.drop(S, record)
  local listing = config(S, 'listing', record.inverse.parent, record.inverse.key)
  if not listing or not is_at(listing, record.inverse.was) then return stale(S, record.inverse.key) end
  return nil
end

-- Do it, after the check; `redo` becomes the inverse of the undo. Returns its record, or nil where it is to be made.
local steps = {}

-- What a closed batch had counted counts again; an entry says so, though no unit of the SKU comes back.
local function restore_taken(S, name, record, note)
  local place, has_row = 'batch:' .. name, {}
  for _, row in ipairs(record.effect) do has_row[row[1]] = true end
  for sku, taken in pairs(record.inverse.taken or {}) do
    local stock = stock_of(S, sku)
    if not has_row[sku] then transfer(S, stock, 'undo', 0, record.inverse.to, place, note) end
    stock.units['taken:' .. place], stock.dirty['taken:' .. place] = taken, true
    batches.note(S, stock, place)
  end
end

-- In one call, as the check has seen to it.
local function close_again(S, record, note, name, batch, kind, to)
  local work = batches.new_work(note.id, note.actor, S.action_id, kind, to)
  work.undone = record.id
  batches.empty(S, name, batch, work)
end

function steps.units(S, record, note)
  counts.note_unsigned_undo(S, record.effect)
  for i = #record.effect, 1, -1 do
    local sku, qty, from, to = unpack(record.effect[i])
    local _, channel = place_kind(string.match(from .. ' ' .. to, 'channel:%S+') or '')
    note.channel = channel
    local presale = string.find(from, '^presale') or string.find(to, '^presale')
    transfer(S, stock_of(S, sku), 'undo', qty, to, from, note, presale and true)
    batches.note(S, stock_of(S, sku), from)
  end
  lots.undone(S, record)
  refunds.undone(S, record, note.actor)
  local name, inverse = record.inverse.batch, record.inverse
  if not name then return nil, { type = 'units', proposal = inverse.proposal, lot = inverse.lot, refund = inverse.refund } end
  local batch = config(S, 'batch', '', name)
  batch.closed_at_ms, batch.closed_by, batch.leftover_to, batch.missed = nil, nil, nil, nil
  local closed = record.inverse.closed_at_ms
  if not closed then batch.opened_at_ms, batch.opened_by = nil, nil end
  raise_revision(batch, 'revision')
  set_config(S, 'batch', '', name, batch)
  restore_taken(S, name, record, note)
  return nil, { type = closed and 'close_batch' or 'open_batch', batch = name }
end

function steps.opened(S, record)
  local name = record.inverse.batch
  local batch = config(S, 'batch', '', name)
  batch.opened_at_ms, batch.telling = nil, nil
  raise_revision(batch, 'revision')
  set_config(S, 'batch', '', name, batch)
  batches.tell(S, name, batch)
  return nil, { type = 'open_batch', batch = name }
end

function steps.open_batch(S, record, note)
  local name = record.inverse.batch
  local batch = config(S, 'batch', '', name)
  if S.format < 3 then
    close_again(S, record, note, name, batch, 'open_batch', batch.target or 'pool')
  else
    batches.note_open(S, name, batch, S.now, note.actor, S.action_id)
  end
  return nil, batches.inverse(S, 'open_batch', name)
end

function steps.close_batch(S, record, note)
  local name = record.inverse.batch
  local batch = config(S, 'batch', '', name)
  close_again(S, record, note, name, batch, 'close_batch', batches.leftover_place(S, name, batch))
  return nil, batches.inverse(S, 'close_batch', name)
end

function steps.frozen(S, record, note)
  local frozen, scope = record.inverse.frozen, record.inverse.scope
  freezes.change(S, scope or 'sku', record.subject, frozen, 'undo', note)
  return nil, { type = 'frozen', frozen = not frozen, scope = scope }
end

function steps.definition(S, record, note, by)
  local inverse = record.inverse
  operations.put(S, { 'put', inverse.what, inverse.parent, inverse.key, inverse.values or {}, inverse.clear, nil, by,
    inverse.continues })
  local room = inverse.spotlight and config(S, 'room', '', inverse.parent)
  if room and not room.spotlight then
    local lit = merged(room, { spotlight = inverse.key }, {})
    raise_revision(lit, 'state_revision')
    shows.follow(S, inverse.parent, room, lit, note.actor)
    set_config(S, 'room', '', inverse.parent, lit)
    events.written(S, 'room', '', inverse.parent, room, lit, { 'spotlight' }, note.actor, S.action_id)
  end
  return actions.known(S, S.action_id)
end

function steps.drop(S, record, _, by)
  operations.drop(S, { 'drop', record.inverse.parent, record.inverse.key, nil, by })
  return actions.known(S, S.action_id)
end

-- Why an action cannot be undone now: a refusal, or nil. One without an inverse says why in the refusal's data.
function undo.refusal(S, record)
  if record.inverse then return checks[record.inverse.type](S, record) end
  local refusal = refuse(S, 'BAD_MESSAGE', nil, nil, 'action')
  refusal[11] = record.why
  return refusal
end

-- {'undo', id, action, actor}: an action is undone once, by the same id whoever asks.
function moves.undo(S, op)
  local record = actions.known(S, op[3])
  if not record then return refuse(S, 'NOT_FOUND', nil, nil, 'action') end
  local before = record.undone_by and actions.known(S, record.undone_by)
  if before then return actions.tell(done(S), before) end
  if record.undone_by then return done(S) end
  local refusal = undo.refusal(S, record)
  if refusal then return refusal end
  local mark = actions.mark(S)
  local note = { id = op[2], actor = op[4], ref = record.id }
  local made, redo = steps[record.inverse.type](S, record, note, { S.action_id, op[4], record.room, '', record.id })
  if not made then
    made = actions.record(S, { id = S.action_id, actor = op[4], kind = 'undo', room = record.room,
      subject = record.subject, what = redo.scope, undoes = record.id, inverse = redo }, actions.effect_since(S, mark))
  end
  if record.inverse.proposal then allocation.turned(S, record.inverse.proposal, made) end
  return actions.tell(done(S), made)
end

-- Reading ---------------------------------------------------------------------------------------------------

-- [record, refusal or false]: whether an action can be undone now.
local function shown(S, record)
  return { record, not record.undone_by and undo.refusal(S, record) or false }
end

-- Actions by their ids, those that are known.
--   ARGV    ids
--   result  [[record, refusal or false], …]
local function read_actions(keys, args)
  local S = begin(keys[1], {})
  local rows = {}
  for _, id in ipairs(args) do
    local record = actions.known(S, id)
    if record then rows[#rows + 1] = shown(S, record) end
  end
  return cmsgpack.pack(rows)
end

-- The latest actions, newest first.
--   ARGV[1] those before this number, or 0 for all; ARGV[2] how many; ARGV[3] of which room alone, or ''
--   result  as above
local function latest_actions(keys, args)
  local S = begin(keys[1], {})
  local before, limit, room = tonumber(args[1]), tonumber(args[2]), args[3]
  local order, rows = {}, {}
  for _, suffix in ipairs({ ':actions_order', ':actions_order_minor' }) do
    local flat = redis.call('ZRANGE', S.base .. suffix, 0, -1, 'WITHSCORES')
    for i = 1, #flat, 2 do
      local n = tonumber(flat[i + 1])
      if before == 0 or n < before then order[#order + 1] = { n, flat[i] } end
    end
  end
  table.sort(order, function(a, b) return a[1] > b[1] end)
  for _, place in ipairs(order) do
    if #rows >= limit then break end
    local record = actions.known(S, place[2])
    if record and (room == '' or record.room == room) then rows[#rows + 1] = shown(S, record) end
  end
  return cmsgpack.pack(rows)
end

redis.register_function('shelfcast_actions', latest_actions)
redis.register_function('shelfcast_actions_of', read_actions)
