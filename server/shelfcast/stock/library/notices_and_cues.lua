-- What the operator says in a room: the notice to everybody, and the cues to the host. They are kept beside the
-- configuration, and are not part of it: reservations read a room's configuration, and never these. No unit moves, so
-- the ledger and the sequence know nothing of them.
--
-- Of a room it is one map:
--   notice        {id, text, at_ms}, absent where it was taken back
--   notice_ids    list of the ids of the last NOTICE_IDS_MAX notices, also of those that took one back: a notice that is
--                 sent again does not come back over a newer one. Absent before the first, and in what version 2 wrote
--   cues          list of {id, text, sku, at_ms} that nobody has acknowledged, oldest first, at most cues_max
--   acknowledged  list of {cue, by, at_ms}, the last cues_max: a cue that is sent again does not come back

local NOTICE_IDS_MAX = 20

-- The notice and cues of a room, or nil where there is no such room.
local function notices_and_cues_of(S, room)
  if not config(S, 'room', '', room) then return nil end
  return config(S, 'notices_and_cues', '', room) or { cues = {}, acknowledged = {} }
end

local function set_notices_and_cues(S, room, said)
  keep_config(S, 'notices_and_cues', '', room, said)
  S.notices_and_cues[room] = said
end

-- Where in a list the item stands whose field has this value.
local function place_of(list, field, value)
  for i = 1, #list do
    if list[i][field] == value then return i end
  end
  return nil
end

local function push(list, item, max)
  list[#list + 1] = item
  if #list > max then table.remove(list, 1) end
end

local function contains(list, value)
  for i = 1, #list do
    if list[i] == value then return true end
  end
  return false
end

-- {'notice', id, room, text, by}: what everybody reads from now on; an empty text takes the last one back.
function operations.notice(S, op)
  local id, room, text = op[2], op[3], op[4]
  local said = notices_and_cues_of(S, room)
  if not said then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  local notice = said.notice
  if notice and notice.id == id then
    if notice.text ~= text then return refuse(S, 'ID_CONFLICT', nil, nil, 'text') end
    return done(S)
  end
  -- Without it a notice that version 2 of this library wrote would be forgotten when the next one takes its place.
  said.notice_ids = said.notice_ids or { notice and notice.id }
  if contains(said.notice_ids, id) then return done(S) end
  push(said.notice_ids, id, NOTICE_IDS_MAX)
  said.notice = text ~= '' and { id = id, text = text, at_ms = S.now } or nil
  set_notices_and_cues(S, room, said)
  return actions.of_words(S, 'notice', room, room, text, op[5], done(S))
end

-- {'cue', id, room, text, sku, by}: sku '' where it is about none, else one on the room's shelf.
function operations.cue(S, op)
  local id, room, text, sku = op[2], op[3], op[4], op[5]
  local said = notices_and_cues_of(S, room)
  if not said then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  if place_of(said.acknowledged, 'cue', id) then return done(S) end
  local known = said.cues[place_of(said.cues, 'id', id) or 0]
  if known then
    if known.text ~= text then return refuse(S, 'ID_CONFLICT', nil, nil, 'text') end
    if known.sku ~= sku then return refuse(S, 'ID_CONFLICT', nil, nil, 'sku') end
    return done(S)
  end
  if sku ~= '' and not config(S, 'listing', room, sku) then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  push(said.cues, { id = id, text = text, sku = sku, at_ms = S.now }, S.params.cues_max)
  set_notices_and_cues(S, room, said)
  return actions.of_words(S, 'cue', room, sku ~= '' and sku or room, text, op[6], done(S))
end

-- {'acknowledge', id, room, cue, actor}: the first one counts.
function operations.acknowledge(S, op)
  local room, cue, actor = op[3], op[4], op[5]
  local said = notices_and_cues_of(S, room)
  if not said then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
  if place_of(said.acknowledged, 'cue', cue) then return done(S) end
  local place = place_of(said.cues, 'id', cue)
  if not place then return refuse(S, 'NOT_FOUND', nil, nil, 'cue') end
  table.remove(said.cues, place)
  push(said.acknowledged, { cue = cue, by = actor, at_ms = S.now }, S.params.cues_max)
  set_notices_and_cues(S, room, said)
  return done(S)
end
