-- Configuration: the pool, its catalogue, channels, batches, rooms and their listings, users; and forgetting what is over.

-- Kind → the parameter that says how many there may be, of a pool or (listings) of a room.
local MOST = { sku = 'skus_a_pool_max', channel = 'channels_a_pool_max', batch = 'batches_planned_max',
  room = 'rooms_a_pool_max', listing = 'skus_a_room_max' }

-- Fields of a room that are its running show rather than its definition, with a revision of their own: a host who moves
-- the spotlight makes nobody's edit of the room stale.
local OF_THE_SHOW = { status = true, spotlight = true, ended_at_ms = true, show = true }
local WRITTEN_HERE = { changed_at_ms = true, revision = true, state_revision = true, waits_until = true, waits_over = true }

-- Link numbers: what hosts call a listing by. A number is one listing's in its room and stays with it; who names none gets
-- the lowest free one, and where all are taken none.
local links = { last = 999 }

-- link → SKU, of a room as this call leaves it so far. Read from all its listings, so that there is no index that could
-- be wrong; only a write that gives or changes a number does that, and once a call.
function links.taken(S, room)
  S.links = S.links or {}
  local taken = S.links[room]
  if taken then return taken end
  taken = {}
  local seen = config_slot(S, 'listing', room).values
  local flat = redis.call('HGETALL', config_key(S, 'listing', room))
  for i = 1, #flat, 2 do
    local listing = seen[flat[i]]
    if listing == nil then listing = cmsgpack.unpack(flat[i + 1]) end
    if listing and listing.link then taken[listing.link] = flat[i] end
  end
  for sku, listing in pairs(seen) do
    if listing and listing.link then taken[listing.link] = sku end
  end
  S.links[room] = taken
  return taken
end

-- The number of a listing that is written: the one that is named, the one it has, or the lowest free one.
function links.settle(S, room, new, old)
  new.link = new.link or old and old.link or nil
  if new.link then return end
  local taken = links.taken(S, room)
  for link = 1, links.last do
    if not taken[link] then new.link = link; return end
  end
end

-- Another listing has the number: a refusal that names it, or nil.
function links.refusal(S, room, sku, new, old)
  if not new.link or (old and old.link == new.link) then return nil end
  local owner = links.taken(S, room)[new.link]
  if not owner or owner == sku then return nil end
  local refusal = refuse(S, 'ID_CONFLICT', nil, nil, 'link')
  refusal[3] = owner
  return refusal
end

-- A listing has another number now, or has left (new: false).
function links.note(S, room, sku, new, old)
  local taken = S.links and S.links[room]
  if not taken then return end
  if old and old.link then taken[old.link] = nil end
  if new and new.link then taken[new.link] = sku end
end

-- The first SKU of a list that is neither there nor was named before; nil where there is none. What a definition named
-- before may be gone since, and stays in it. names: SKUs, or slots of a run order.
local function unknown_sku(S, names, former_names, is_there)
  local former = {}
  for _, name in ipairs(former_names or {}) do former[type(name) == 'table' and name.sku or name] = true end
  for _, name in ipairs(names or {}) do
    local sku = type(name) == 'table' and name.sku or name
    if not former[sku] and not is_there(sku) then return sku end
  end
  return nil
end

local function refuse_unknown(S, sku, field)
  local refusal = refuse(S, 'UNKNOWN_SKU', nil, nil, field)
  refusal[3] = sku
  return refusal
end

-- Whether a write changes what is defined, and whether it changes the running show.
local function differences(what, old, new)
  local defined, of_the_show = false, false
  for _, fields in ipairs({ old, new }) do
    for field in pairs(fields) do
      if not WRITTEN_HERE[field] and not events.same(old[field], new[field]) then
        if what == 'room' and OF_THE_SHOW[field] then of_the_show = true else defined = true end
      end
    end
  end
  return defined, of_the_show
end

-- STALE where the definition is not at the expected revision; its data: {expected, revision or -1 where there is none}.
-- expected: -1, none is; -2, one that every definition there is has (If-Match: *); -3, that of what is not there.
local function refuse_stale(S, what, old, expected)
  local MUST_BE_THERE, MUST_BE_NEW = -2, -3
  if not expected or expected == -1 then return nil end
  local revision = old and (old.revision or 0) or -1
  -- Every user has a standing, and every pool settings, written about or not.
  if not old and (what == 'user' or what == 'pool') then revision = 0 end
  if revision == expected or (expected == MUST_BE_THERE and revision >= 0) then return nil end
  if expected == MUST_BE_NEW and not old then return nil end
  local refusal = refuse(S, 'STALE')
  refusal[11] = { expected, revision }
  return refusal
end

-- A SKU that names no currency has that of the pool at that moment: a pool that takes another one reinterprets no price.
-- In books of before, and where a pool names none either, that is CNY, which is kept as nothing.
local function settle_currency(S, named, cleared, new, old)
  if not named and (cleared or not old) then
    local pool = config(S, 'pool', '', '')
    new.currency = pool and pool.currency or nil
  end
  if (new.currency or 'CNY') == (old and old.currency or 'CNY') then new.currency = old and old.currency or nil end
end

-- A channel or a pool whose numbers contradict each other. Returns a refusal or nil.
local function refuse_numbers(S, what, new)
  if what == 'channel' and (new.low_mark or 'fixed') ~= 'fixed' and not new.low_mark_units then
    return refuse(S, 'BAD_MESSAGE', nil, nil, 'low_mark_units')
  end
  if what == 'channel' and new.cap_units then
    if new.kind ~= 'dedicated' then return refuse(S, 'BAD_MESSAGE', nil, nil, 'cap_units') end
    if new.cap_units < (new.floor_units or 0) then return refuse(S, 'BAD_MESSAGE', new.floor_units, nil, 'cap_units') end
  elseif what == 'pool' then
    local most = 100 - (new.safety_percent or SAFETY_PERCENT_DEFAULT)
    if (new.elastic_percent or 0) > most then return refuse(S, 'BAD_MESSAGE', most, nil, 'elastic_percent') end
  end
  return nil
end

-- A show that begins, in a room whose gate is to refuse: GATE where nobody has looked at the checklist, or it fails and nobody
-- has said why it may. gate: {fails, warns, why it may}. A write that opens the gate does not go through it at once.
local function refuse_gate(S, what, new, old, continues, gate)
  if what ~= 'room' or not shows.begins(old, new, continues) then return nil end
  if (old and old.gate or 'off') ~= 'refuse' and new.gate ~= 'refuse' then return nil end
  if gate and (gate[1] == 0 or gate[3] ~= '') then return nil end
  return refuse(S, 'GATE', nil, nil, 'status')
end

-- What a piece of configuration needs to be there. Returns a refusal or nil. continues: of a room, its last show goes on.
local function refuse_put(S, what, parent, key, new, old, continues)
  if what == 'room' then
    local field, data = shows.fault(S, key, old, new, continues)
    if field then
      local refusal = refuse(S, 'BAD_MESSAGE', nil, nil, field)
      refusal[11] = data
      return refusal
    end
    if not new.channel or not config(S, 'channel', '', new.channel) then
      return refuse(S, 'NOT_FOUND', nil, nil, 'channel')
    end
    if new.spotlight and not config(S, 'listing', key, new.spotlight) then
      return refuse(S, 'UNKNOWN_SKU', nil, nil, 'spotlight')
    end
    local unknown = unknown_sku(S, new.run_order, old and old.run_order, function(sku)
      return config(S, 'listing', key, sku)
    end)
    if unknown then return refuse_unknown(S, unknown, 'run_order') end
  elseif what == 'sku' then
    local unknown = unknown_sku(S, new.substitutes, old and old.substitutes, function(sku)
      return config(S, 'sku', '', sku)
    end)
    if unknown then return refuse_unknown(S, unknown, 'substitutes') end
  elseif what == 'listing' then
    if not config(S, 'room', '', parent) then return refuse(S, 'NOT_FOUND', nil, nil, 'room') end
    if not config(S, 'sku', '', key) then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
    local taken = links.refusal(S, parent, key, new, old)
    if taken then return taken end
  elseif what == 'batch' then
    local refusal = batches.refuse_definition(S, key, new, old)
    if refusal then return refusal end
  elseif what == 'pool' and (old and old.rehearsal or false) ~= (new.rehearsal or false) and seq(S) > 0 then
    -- What was sold for real stays so, and a drill never becomes a sale.
    return refuse(S, 'BAD_MESSAGE', nil, nil, 'rehearsal')
  end
  local contradiction = refuse_numbers(S, what, new)
  if contradiction then return contradiction end
  local most = MOST[what] and S.params[MOST[what]]
  if most and not old and (what == 'batch' and batches.count(S, ':batches_planned') or config_count(S, what, parent)) >= most then
    return refuse(S, 'SHELF_FULL', most, nil, what == 'listing' and 'sku' or what)
  end
  return nil
end

-- A definition with some fields set and others cleared.
local function merged(old, values, clear)
  local new = {}
  for field, value in pairs(old or {}) do new[field] = value end
  for field, value in pairs(values) do new[field] = value end
  for _, field in ipairs(clear) do new[field] = nil end
  return new
end

-- A definition was written (old: false where it is new) or dropped (new: false), or was as it shall be: record and tell what
-- changed. why: the reason that was given, or nil. Returns the outcome, and the action where there is one.
local function note_defined(S, what, parent, key, old, new, by, data, why)
  local fields = events.changed_fields(old or {}, new or {})
  local record = actions.of_definition(S, what, parent, key, old, new, fields, by, why)
  events.written(S, what, parent, key, old, new, fields, by and by[2], record and record.id)
  local outcome = done(S, data)
  return record and actions.tell(outcome, record) or outcome, record
end

-- {'put', what, parent, key, values, clear, expected, by, continues, gate}: set the fields of `values`, drop those named in `clear`; refused
-- where the definition is not at the `expected` revision, unless it is as it shall be already: that changes nothing, and
-- is told to nobody. by: whose write it is (actions.lua). continues: the write takes a room live again, and its last show
-- goes on, where it may (shows.lua). gate: of one that begins a show, what its checklist says (refuse_gate). Servers of before say
-- none of these.
-- → data: {revision, state_revision of a room}
function operations.put(S, op)
  local what, parent, key, values, clear, by, continues, gate = op[2], op[3], op[4], op[5], op[6], op[8], op[9], op[10]
  local old = config(S, what, parent, key)
  local new, cleared = merged(old, values, clear), {}
  for _, field in ipairs(clear) do cleared[field] = true end
  if what == 'sku' then settle_currency(S, values.currency, cleared.currency, new, old) end
  if what == 'listing' then links.settle(S, parent, new, old) end
  if what == 'room' then
    local was_ended = old and old.status == 'ended'
    if new.status ~= 'ended' then new.ended_at_ms = nil elseif not was_ended then new.ended_at_ms = S.now end
  end
  local defined, of_the_show = true, what == 'room'
  if old then defined, of_the_show = differences(what, old, new) end
  if not defined and not of_the_show then
    return note_defined(S, what, parent, key, old, old, by, { old.revision or 0, old.state_revision or 0 })
  end
  local refusal = refuse_put(S, what, parent, key, new, old, continues) or refuse_stale(S, what, old, op[7])
    or (what == 'pool' and counts.refuse_loosening(S, old, new, by))
    or refuse_gate(S, what, new, old, continues, gate)
  if refusal then return refusal end
  local before = old or config(S, 'dropped', '', dropped_key(what, parent)) or {}
  new.revision, new.state_revision = before.revision, before.state_revision
  if defined then raise_revision(new, 'revision') end
  if of_the_show then raise_revision(new, 'state_revision') end
  new.changed_at_ms = S.now
  S.defined = true
  if what == 'room' then waiting.follow_room(S, old, new) end
  if what == 'listing' and old and old.closes_at_ms and old.closes_at_ms <= S.now then waiting.unlisted(S, parent, key) end
  if what == 'pool' and new.auto_settle and not (old and old.auto_settle) then settling.index(S) end
  local went_on = what == 'room' and shows.follow(S, key, old, new, by and by[2] or '', continues)
  -- The feed's configuration is for rooms, which show nothing of the pool's settings, and servers of before could not
  -- read it; the events tell of it.
  local keep = what == 'pool' and keep_config or set_config
  keep(S, what, parent, key, new)
  if what == 'listing' then links.note(S, parent, key, new, old) end
  if what == 'listing' and not old then shows.listed(S, parent, key) end
  -- It moves nothing, but says what rooms may sell of its units, and when.
  if what == 'batch' and old and not batches.is_over(S, new) then batches.tell(S, key, new) end
  local overridden = what == 'room' and gate and gate[1] > 0 and gate[3] ~= '' and shows.begins(old, new, continues)
  local outcome, record = note_defined(S, what, parent, key, old, new, by, { new.revision or 0, new.state_revision or 0 },
    overridden and gate[3] or nil)
  if went_on then
    events.add(S, 'continued', key, went_on.id, { show = went_on.id, times = went_on.continued }, by and by[2],
      record and record.id)
  end
  if overridden then
    events.add(S, 'gate_overridden', key, key, { show = shows.id(key, new.show or 0), fails = gate[1], warns = gate[2],
      reason = gate[3] }, by and by[2], record and record.id)
  end
  return outcome
end

-- {'drop', room, sku, expected, by}: the SKU leaves the room's shelf; live holds stay. `expected` and `by` as in put.
function operations.drop(S, op)
  local room, sku, by = op[2], op[3], op[5]
  local settings, listing = config(S, 'room', '', room), config(S, 'listing', room, sku)
  if not settings or not listing then return refuse(S, 'NOT_FOUND') end
  local stale = refuse_stale(S, 'listing', listing, op[4])
  if stale then return stale end
  local was_lit = settings.spotlight == sku
  if was_lit then
    local dark = merged(settings, {}, { 'spotlight' })
    raise_revision(dark, 'state_revision')
    shows.follow(S, room, settings, dark, by and by[2] or '')
    set_config(S, 'room', '', room, dark)
  end
  waiting.unlisted(S, room, sku)
  drop_config(S, 'listing', room, sku, listing)
  links.note(S, room, sku, false, listing)
  local outcome, record = note_defined(S, 'listing', room, sku, listing, false, by)
  if was_lit then
    if record and record.inverse then record.inverse.spotlight = true end
    events.add(S, 'spotlight', room, room, { sku = '', before = sku }, by and by[2], record and record.id)
  end
  return outcome
end

-- The hour in which an id of a room ('': none) may be forgotten: nil when it may be now.
local function hour_of_room(S, name)
  local room = name ~= '' and config(S, 'room', '', name)
  if not room then return nil end
  if room.status ~= 'ended' then return math.floor(S.now / HOUR_MS) end
  if room.ended_at_ms + S.params.remember_ms > S.now then return math.floor(room.ended_at_ms / HOUR_MS) end
  return nil
end

-- The same of a reservation; false when it is not over at all.
local function hour_to_forget(S, r)
  if not r or LIVE[r.state] or r.state == 'paid_no_stock' or left_of(r) > 0 or r.oversold > 0 then return false end
  local hour = hour_of_room(S, r.room)
  if hour or r.show == 0 then return hour end
  return archiving.hour_of_report(S, shows.id(r.room, r.show))
end

-- {'retire', limit} → data: ids forgotten, and SKUs that left cancelled counts. An id is kept for as long as its show, and the remembrance after it,
-- and a reservation's until the show's final report (archiving.lua).
function operations.retire(S, op)
  local limit, forgotten = op[2], 0
  windows.retire(S)
  waiting.begin(S)
  S.retired_waits = {}
  local last = math.floor((S.now - S.params.remember_ms) / HOUR_MS) - 1
  local hours = redis.call('ZRANGEBYSCORE', S.base .. ':finished', '-inf', last, 'LIMIT', 0, limit)
  for _, hour in ipairs(hours) do
    if limit <= 0 then break end
    local key = S.base .. ':finished:' .. hour
    local marks, ids = redis.call('LRANGE', key, 0, limit - 1), {}
    for i, mark in ipairs(marks) do ids[i] = string.sub(mark, 2) end
    waiting.load(S, ids)
    for i, mark in ipairs(marks) do
      local kind, id = string.sub(mark, 1, 1), ids[i]
      if kind == 'm' then
        S.retired_moves[#S.retired_moves + 1] = id
        S.moves[id] = false
        forgotten = forgotten + 1
      else
        local w, keep_until = S.waits[id], nil
        if kind ~= 'w' then
          keep_until = hour_to_forget(S, reservation_of(S, id))
        elseif w then
          keep_until = hour_of_room(S, w.room)
        end
        if keep_until == nil then
          if kind ~= 'w' then
            S.retired[#S.retired + 1] = id
            S.reservations[id] = false
          end
          -- A reservation takes the wait along that it came of, and no other one of its id.
          if w and (kind == 'w' or w.state == waiting.OFFERED) then
            S.retired_waits[#S.retired_waits + 1] = id
            S.waits[id] = false
          end
          forgotten = forgotten + 1
        elseif keep_until then
          local later = S.finished[keep_until] or {}
          later[#later + 1] = mark
          S.finished[keep_until] = later
        end
      end
    end
    S.finished_done[hour] = { count = #marks, all = redis.call('LLEN', key) <= #marks }
    limit = limit - #marks
  end
  if limit > 0 then forgotten = forgotten + counts.sweep(S, limit) end
  return done(S, forgotten)
end

-- A book of before sold all that came in: its imports go on setting nothing aside, unless the pool says how much.
format.raised[#format.raised + 1] = function(S, before)
  if before >= 3 then return end
  local pool = config(S, 'pool', '', '') or {}
  if seq(S) == 0 or pool.safety_percent then return end
  pool.safety_percent = 0
  keep_config(S, 'pool', '', '', pool)
end
