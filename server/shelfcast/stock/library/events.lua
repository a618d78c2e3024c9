-- Events: what happened in a pool besides its moves, told in order beside the ledger and written in the same call. Whoever
-- follows the pool (webhooks, pages) keeps the number of the last one read, and misses none that is still kept.
--
-- A row is [n, at_ms, type, room, subject, data, actor, action]: n counts from 1 without a gap; room is '' where it is
-- the whole pool's; data is a map that is never empty; action is the id of the write behind it (actions.lua), or ''. One that
-- is about a person is kept under a pseudonym (people.lua); the feed tells the user.
--
--   type          subject   data
--   status        room      status, before
--   continued     show      show; times: how often that show went on after it had ended
--   gate_overridden  room   show, reason; fails, warns: how many items of its checklist did
--   spotlight     room      sku, before ('': none)
--   definition    its name  what, key, parent; fields: those that changed, by name; made or dropped: true
--   frozen, unfrozen  its name  frozen, and scope: sku, channel, room or pool, of which the name is 'pool'
--   batch_opened  batch     skus: how many it had units of (at format 2: that got some); missed, as below
--   batch_closed  batch     skus: how many had something left; to: the place it went; missed: true where its window went by unseen
--   proposal      its id    state; moves, units: how many of each
--   count         count     state, kind, revision: it was made or changed, once a call
--   count_applied count     gained, lost, shortage: units; rows: of how many SKUs
--   receipt       its id    state, by_two; entries, done: how many there are, and are done; received: units, bad, skus; differs:
--                           differing: how many SKUs
--   report.ready  show     show, state; seq: of the pool, as of which it is; pending: how many reservations it waits for
--   refund_request  the reservation  state, sku, units, done_units, age_ms
--   action        as of it  kind, undoable; what: of a definition; undoes: the action that it undid; rows, effect: how many entries it
--                           made that moved units, and the first of them; text: the reason, or what was said
--   undone        as of it  kind, undone: the action
--   alert.fired, alert.acknowledged, alert.resolved
--                 SKU, or room  alert, show, rule, sku, tier_percent, severity, state, value, threshold

local events = { kept_default = 50000 }

function events.add(S, kind, room, subject, data, actor, action)
  S.event_count = S.event_count + 1
  S.events[#S.events + 1] = { S.event_count, S.now, kind, room, subject, data, actor or '', action or '' }
  S.event_seqs[#S.event_seqs + 1] = seq(S)
end

-- Whether two values of a piece of configuration are the same: scalars, lists, or maps of them in whatever order.
function events.same(a, b)
  if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
  for key, value in pairs(a) do
    if not events.same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- The names of the fields in which two versions of a piece of configuration differ, in order; those that the book keeps
-- for itself are none.
function events.changed_fields(old, new)
  local fields = {}
  local function note(field, value, other)
    if not events.same(value, other) then fields[#fields + 1] = field end
  end
  for field, value in pairs(new) do note(field, value, old[field]) end
  for field, value in pairs(old) do
    if new[field] == nil then note(field, value, nil) end
  end
  local told = {}
  for _, field in ipairs(fields) do
    if not OWN_FIELDS[field] then told[#told + 1] = field end
  end
  table.sort(told)
  return told
end

-- A piece of configuration was written (old: false where it is new) or dropped (new: false), and these fields changed.
function events.written(S, what, parent, key, old, new, fields, actor, action)
  local room = what == 'room' and key or what == 'listing' and parent or ''
  local others = {}
  for _, field in ipairs(fields) do
    if what ~= 'room' or (field ~= 'status' and field ~= 'spotlight') then
      others[#others + 1] = field
    elseif field == 'status' then
      local before, now = old and old.status or 'scheduled', new.status or 'scheduled'
      if before ~= now then events.add(S, 'status', key, key, { status = now, before = before }, actor, action) end
    else
      local data = { sku = new.spotlight or '', before = old and old.spotlight or '' }
      events.add(S, 'spotlight', key, key, data, actor, action)
    end
  end
  if #others > 0 or not old or not new then
    events.add(S, 'definition', room, key ~= '' and key or what, { what = what, parent = parent, key = key, fields = others,
      made = not old or nil, dropped = not new or nil }, actor, action)
  end
end

-- An entry's id is <n>-<the pool's sequence then>, as in the ledger. The oldest go by whole nodes of the stream, so that
-- somewhat more than events_kept_max stay. Without an event nothing is asked of the engine.
function events.write(S)
  if #S.events == 0 then return end
  local key = S.base .. ':events'
  for i, row in ipairs(S.events) do
    redis.call('XADD', key, row[1] .. '-' .. S.event_seqs[i], 'e', cmsgpack.pack(people.kept_event(S, row)))
  end
  redis.call('XTRIM', key, 'MAXLEN', '~', S.params.events_kept_max or events.kept_default)
  redis.call('HSET', S.base .. ':meta', 'events', S.event_count)
end
