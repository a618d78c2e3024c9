-- Actions: every write of an operator, with who did it, its effect in units, and what would undo it (undo.lua). Recorded in
-- the same call as the write.
--
-- A record is a map:
--   id, n (the number of its event: they are in that order), at_ms, actor, kind, subject
--   room     '' where it is the whole pool's
--   effect   [[sku, qty, from, to], …], its ledger entries that moved units, the first EFFECT_ROWS_MAX; rows: how many there
--            were, or of a bulk write how many rows were written
--   freezes  true where an undo is a freeze
--   what, fields   of a definition: its kind, and the names of what changed; of a freeze of what is no SKU: its kind
--   text     the reason that was given, or what was said
--   reservation  of a return: the order that it names
--   inverse  what undoes it (undo.lua); where there is none:
--   why      reservation, said, dismissed, bulk, made, nothing, many, too_large, status, counted,
--            signed, receipt, erased, decided
--   undoes   the action that this one undid; undone_by: the one that undid this
--
-- by, of a write: {id, who asked, room, bulk: the kind of the bulk write it is a row of, or ''; undoes: an action, or nil}.
-- Writes about reservations are many where parcels leave: they have a share of the log, and push out nothing else.

local EFFECT_ROWS_MAX, INVERSE_BYTES_MAX = 200, 16384
local actions = { most_default = 500, reservations_share = 0.2, effect_told_max = 3 }
local undo = {} -- undo.lua fills it
local allocation = {} -- allocation.lua fills it

-- The operation of a move → where in it stand its subject, who asked, the reason and the room; why it has no inverse.
local MOVE_FORMS = {
  move = { subject = 4, actor = 8, text = 9 },
  open_batch = { subject = 3, actor = 4 },
  close_batch = { subject = 3, actor = 4 },
  release_lot = { subject = 4, actor = 6, text = 7, room = 3 },
  count = { subject = 3, actor = 5, text = 6 },
  release_elastic = { subject = 3, actor = 6, text = 7 },
  pull_lot = { subject = 3, actor = 7, text = 8 },
  freeze = { subject = 3, actor = 5, text = 6, room = 7 },
  quota = { subject = 3, actor = 5, text = 6 },
  ship = { subject = 3, actor = 5, why = 'reservation' },
  cancel_paid = { subject = 3, actor = 5, text = 6, why = 'reservation' },
  fulfil = { subject = 3, actor = 4, why = 'reservation' },
  settle = { subject = 3, actor = 5, why = 'reservation' },
  external = { subject = 2, actor = 8, why = 'reservation' },
}

-- The record of this id, or false.
function actions.known(S, id)
  local record = S.actions[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':actions', id)
    record = blob and cmsgpack.unpack(blob) or false
    S.actions[id] = record
  end
  return record
end

-- The id of a new action: the write's own, and behind it a number where another action has that (a page may count its
-- messages anew).
function actions.free_id(S, id)
  return actions.known(S, id) and id .. '~' .. S.event_count + 1 or id
end

function actions.change(S, record)
  S.actions[record.id] = record
  S.actions_changed[record.id] = record
end

-- What an outcome says of an action: its id, and whether something undoes it.
function actions.tell(outcome, record)
  outcome[11] = outcome[11] or false -- a hole would make the array a map
  outcome[12] = { record.id, record.inverse ~= nil }
  return outcome
end

-- What its event says of an action: enough to show it in a list. Those about reservations are many, and say less.
function actions.event_data(record, effect)
  local data = { kind = record.kind, what = record.what, undoable = record.inverse ~= nil, undoes = record.undoes }
  if record.why == 'reservation' then return data end
  if #effect > 0 then
    data.rows, data.effect = #effect, {}
    for i = 1, math.min(#effect, actions.effect_told_max) do data.effect[i] = effect[i] end
  end
  if record.text and record.text ~= '' then data.text = record.text end
  return data
end

-- Record an action: a table of the fields above, without those that are made here.
function actions.record(S, record, effect)
  effect = effect or {}
  record.n, record.at_ms, record.rows, record.effect = S.event_count + 1, S.now, #effect, {}
  for i = 1, math.min(#effect, EFFECT_ROWS_MAX) do record.effect[i] = effect[i] end
  if record.inverse and #effect > EFFECT_ROWS_MAX then record.inverse, record.why = nil, 'many' end
  if record.inverse and #cmsgpack.pack(record.inverse) > INVERSE_BYTES_MAX then
    record.inverse, record.why = nil, 'too_large'
  end
  record.freezes = record.inverse and record.inverse.frozen or nil
  actions.change(S, record)
  S.actions_made[#S.actions_made + 1] = record
  events.add(S, 'action', record.room, record.subject, actions.event_data(record, effect), record.actor, record.id)
  local undone = record.undoes and actions.known(S, record.undoes)
  if undone then
    undone.undone_by = record.id
    actions.change(S, undone)
    events.add(S, 'undone', undone.room, undone.subject, { kind = undone.kind, undone = undone.id }, record.actor,
      record.id)
  end
  return record
end

-- Count one more row of a bulk write, whose action is made with the first.
function actions.add_row(S, by, room)
  local id, kind = S.bulk_ids[by[1]] or by[1], by[4]
  local record = actions.known(S, id)
  if not record or record.kind ~= kind then
    record = actions.record(S, { id = actions.free_id(S, id), actor = by[2], kind = kind, room = room, subject = room,
      why = 'bulk' })
    S.bulk_ids[by[1]] = record.id
  end
  record.rows = record.rows + 1
  actions.change(S, record)
  return record
end

-- How far both ledgers are: an action's effect is what comes behind.
function actions.mark(S)
  return { #S.entries, #S.presale_entries }
end

function actions.effect_since(S, mark)
  local effect = {}
  for i, entries in ipairs({ S.entries, S.presale_entries }) do
    for place = mark[i] + 1, #entries do
      local e = entries[place]
      if e[3] ~= 0 then effect[#effect + 1] = { e[2], e[3], e[4], e[5] } end
    end
  end
  return effect
end

-- A move was made under S.action_id: record it, and tell the outcome. What changed nothing is none: a freeze of what was
-- frozen, a batch that was open.
function actions.of_move(S, op, mark, outcome)
  local kind = op[1]
  local form = MOVE_FORMS[kind]
  if not form then return outcome end -- an undo has told it already
  local by = kind == 'move' and op[11]
  if by and by[4] ~= '' then return actions.tell(outcome, actions.add_row(S, by, '')) end
  local record = { id = S.action_id, actor = op[form.actor] or '', subject = op[form.subject], text = op[form.text or 0],
    room = op[form.room or 0] or '', why = form.why, kind = kind == 'move' and op[3] or kind }
  if kind == 'move' and op[3] == 'return' then record.reservation = op[10] end
  local effect = actions.effect_since(S, mark)
  if kind == 'freeze' then
    if S.flag_changed_by ~= S.action_id then return outcome end
    record.kind, record.what = op[4] and 'freeze' or 'unfreeze', op[8] or nil
    record.inverse = { type = 'frozen', frozen = not op[4], scope = op[8] or nil }
    if op[8] == 'room' then record.room = op[3] elseif op[8] == 'pool' then record.subject = 'pool' end
  elseif kind == 'open_batch' or kind == 'close_batch' then
    if S.batches_changed[op[3]] ~= op[2] then return outcome end
    local made = S.actions_changed[S.action_id] -- of one over several calls
    if made then return actions.tell(outcome, made) end
    record.inverse = batches.inverse(S, kind, op[3])
  elseif form.why then
    local r = S.reservations[record.subject]
    record.room = r and r.room or ''
  elseif #effect == 0 then
    record.why = 'nothing'
  else
    record.inverse = { type = 'units', lot = kind == 'pull_lot' and lots.inverse(op) or nil,
      refund = kind == 'move' and refunds.inverse(S, op) or nil }
  end
  return actions.tell(outcome, actions.record(S, record, effect))
end

-- A definition was written (old: false where it is new) or dropped (new: false), and `fields` of it changed. by: whose it
-- was, nil where it is not said; text: the reason that was given, or nil. Returns the record, or nil; a write that changes nothing finds the one it was before.
function actions.of_definition(S, what, parent, key, old, new, fields, by, text)
  if not by then return nil end
  local room = what == 'room' and key or what == 'listing' and parent or by[3] or ''
  if old and new and #fields == 0 then return by[4] == '' and actions.known(S, by[1]) or nil end
  if by[4] ~= '' then return actions.add_row(S, by, room) end
  local kind = 'define'
  if #fields == 1 and what == 'room' and (fields[1] == 'status' or fields[1] == 'spotlight') then kind = fields[1] end
  if not new then kind = 'unlist' end
  local record = { id = actions.free_id(S, by[1]), actor = by[2], kind = by[5] and 'undo' or kind, room = room,
    subject = key ~= '' and key or what, what = what, fields = fields, text = text, undoes = by[5] }
  local why
  record.inverse, why = undo.of_definition(what, parent, key, old, new, fields)
  if not record.inverse then record.why = why or 'made' end
  return actions.record(S, record)
end

-- Something was said in a room.
function actions.of_words(S, kind, room, subject, text, by, outcome)
  if not by then return outcome end
  return actions.tell(outcome, actions.record(S, { id = actions.free_id(S, by[1]), actor = by[2], kind = kind,
    room = room, subject = subject, text = text, why = 'said' }))
end

-- The log keeps the last actions_a_pool_max, of which a share is for those about reservations.
function actions.write(S)
  if not next(S.actions_changed) then return end
  local key, most = S.base .. ':actions', S.params.actions_a_pool_max or actions.most_default
  local minor_most = math.max(1, math.floor(most * actions.reservations_share))
  local orders = { { ':actions_order', most - minor_most, {} }, { ':actions_order_minor', minor_most, {} } }
  local fields, gone = {}, {}
  for id, record in pairs(S.actions_changed) do
    fields[#fields + 1] = id
    fields[#fields + 1] = cmsgpack.pack(record)
  end
  for _, record in ipairs(S.actions_made) do
    local added = orders[record.why == 'reservation' and 2 or 1][3]
    added[#added + 1] = record.n
    added[#added + 1] = record.id
  end
  call_in_chunks('HSET', key, fields)
  for _, order in ipairs(orders) do
    if #order[3] > 0 then
      local order_key = S.base .. order[1]
      call_in_chunks('ZADD', order_key, order[3])
      local over = redis.call('ZCARD', order_key) - order[2]
      local popped = over > 0 and redis.call('ZPOPMIN', order_key, over) or {}
      for i = 1, #popped, 2 do gone[#gone + 1] = popped[i] end
    end
  end
  call_in_chunks('HDEL', key, gone)
end
