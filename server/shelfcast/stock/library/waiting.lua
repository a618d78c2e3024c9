-- The waitlist: who was too late gets what comes free, in the order of coming. Rules: docs/rules.md#waitlist.
--
-- A wait has a number; numbers grow over the whole pool and are the order of turns. Waits of a SKU stand in groups, one for each
-- room and quantity: all of a group can be served, or none, so that a turn is found by looking at the heads of groups, however many wait.
--
--   :waits           hash  id → record [state, SKU, units, user, room, number, source, code], kept as long as reservations are
--   :waits_of        hash  user → ids of the waits that stand, by spaces
--   :waiting_skus    set   SKUs that somebody waits for;  :serving  set  those whose free units could not all be offered in one call
--   :waiting:<SKU>   hash  "<room> US <units>" → group [people, last number, source, cut, code, [[up to number, since], …]]
--   :wait:<room>:<units>:<SKU>  zset  id → number: a group
--   :wait_order:<source>:<SKU>  zset  the same of all that compete for the same units: rooms on one dedicated channel, or, with
--                                     the source '', on any shared one. It tells places.
--   meta's `waits`: the last number;  a SKU's own field `waiting`: people, in all rooms
--
-- The source of a record is where it was put; the cut of a group and a room's waits_until are the last number that does not wait any
-- more, with the code why. Those before it are taken out in steps. The last part of a group says since when its waits are passed over:
-- each up to a number, the earliest first.

waiting.page, waiting.passed_max, waiting.skips_max, waiting.rounds_max = 64, 64, 64, 64
waiting.groups_max = 500 -- of a SKU: a room and a quantity each
waiting.skus_a_look, waiting.effect_max, waiting.lists_max = 200, 500, 2000
waiting.offer_default_ms, waiting.skip_default_ms = 90000, 30000
waiting.bands = { 10, 50, 100, 500, 1000, 5000 } -- the last places of the bands but the last; stock/changes.py has the same
waiting.cursors = {} -- base → where the next look at the lists goes on

waiting.WAITING, waiting.OFFERED, waiting.LEFT, waiting.OVER = 1, 2, 3, 4
waiting.states = { 'waiting', 'offered', 'left', 'over' }
waiting.serves_itself = { 'serve_waiting' } -- what elastic.decide is told: a draw as any other

-- What a call knows of waits is made when it first asks: most calls never do.
function waiting.begin(S)
  if S.waits then return end
  S.waits, S.waits_of, S.waitlists = {}, {}, {}
end

-- Records -----------------------------------------------------------------------------------------------------

function waiting.unpack(id, blob)
  local row = cmsgpack.unpack(blob)
  return { id = id, state = row[1], sku = row[2], qty = row[3], user = row[4], room = row[5], number = row[6],
    source = row[7], code = row[8] }
end

function waiting.pack(w)
  return cmsgpack.pack({ w.state, w.sku, w.qty, w.user, w.room, w.number, w.source, w.code })
end

-- The record of a wait, or false.
function waiting.of(S, id)
  waiting.begin(S)
  local w = S.waits[id]
  if w == nil then
    local blob = redis.call('HGET', S.base .. ':waits', id)
    w = blob and waiting.unpack(id, blob) or false
    S.waits[id] = w
  end
  return w
end

-- Many of them in one command.
function waiting.load(S, ids)
  waiting.begin(S)
  local unread = {}
  for _, id in ipairs(ids) do
    if S.waits[id] == nil then unread[#unread + 1] = id end
  end
  local blobs = {}
  read_many(S.base .. ':waits', unread, blobs)
  for _, id in ipairs(unread) do S.waits[id] = blobs[id] and waiting.unpack(id, blobs[id]) or false end
end

-- A user's standing waits: a list of ids.
function waiting.ids_of(S, user)
  waiting.begin(S)
  local slot = S.waits_of[user]
  if not slot then
    slot = waiting.slot_of(redis.call('HGET', S.base .. ':waits_of', user))
    S.waits_of[user] = slot
  end
  return slot
end

function waiting.slot_of(stored)
  local slot = { ids = {} }
  for id in string.gmatch(stored or '', '%S+') do slot.ids[#slot.ids + 1] = id end
  return slot
end

-- The same of many users in one command.
function waiting.load_ids(S, users)
  local stored = {}
  read_many(S.base .. ':waits_of', users, stored)
  for user, ids in pairs(stored) do
    if not S.waits_of[user] then S.waits_of[user] = waiting.slot_of(ids) end
  end
end

-- Lists -------------------------------------------------------------------------------------------------------

-- Who waits for a SKU: { stock, groups = {field → group}, serving }.
function waiting.list(S, stock)
  waiting.begin(S)
  local list = S.waitlists[stock.sku]
  if list then return list end
  list = { stock = stock, groups = {}, serving = false, gone = {}, added = {}, ordered = {} }
  if (stock.units.waiting or 0) > 0 then
    local flat = redis.call('HGETALL', S.base .. ':waiting:' .. stock.sku)
    for i = 1, #flat, 2 do
      local room, qty = string.match(flat[i], '^(.*)' .. US .. '(%d+)$')
      local row = cmsgpack.unpack(flat[i + 1])
      list.groups[flat[i]] = waiting.new_group(stock, room, tonumber(qty), row)
    end
  end
  -- Also a list without anybody is there while orders are owed units.
  list.was_serving = stock.watched and redis.call('SISMEMBER', S.base .. ':serving', stock.sku) == 1 or false
  list.serving = list.was_serving
  S.waitlists[stock.sku] = list
  return list
end

function waiting.new_group(stock, room, qty, row)
  return { sku = stock.sku, room = room, qty = qty, people = row[1], last = row[2], source = row[3], cut = row[4],
    code = row[5], skips = row[6], items = {}, first = 1, page = 1, read_to = 0, is_read = row[1] == 0, gone = {}, added = {} }
end

function waiting.key(S, group)
  return S.base .. ':wait:' .. group.room .. ':' .. string.format('%d', group.qty) .. ':' .. group.sku
end

-- Whose turns a room's waits compete with.
function waiting.source_of(S, channel)
  local settings = config(S, 'channel', '', channel)
  return settings and settings.kind == 'dedicated' and channel or ''
end

function waiting.count_people(S, list, n)
  local stock = list.stock
  stock.units.waiting = (stock.units.waiting or 0) + n
  stock.dirty.waiting, stock.watched = true, true
  S.touched[stock.sku] = stock
end

function waiting.tell(S, w)
  S.wait_events = S.wait_events or {}
  S.wait_events[#S.wait_events + 1] = { w.id, w.user, w.room, w.sku, w.qty, waiting.states[w.state], w.number, w.code }
end

-- A wait takes its place, the last one.
function waiting.join(S, list, lot, id, sku, qty, user, room)
  local number = waiting.last_number(S) + 1
  S.wait_number = number
  local w = { id = id, state = waiting.WAITING, sku = sku, qty = qty, user = user, room = room, number = number,
    source = waiting.source_of(S, lot.room.channel), code = '', dirty = true }
  S.waits[id] = w
  local slot = waiting.ids_of(S, user)
  slot.ids[#slot.ids + 1], slot.dirty = id, true
  local field = room .. US .. string.format('%d', qty)
  local group = list.groups[field]
  if not group then
    group = waiting.new_group(list.stock, room, qty, { 0, 0, '', 0, '', {} })
    list.groups[field] = group
  end
  group.people, group.last, group.source, group.dirty = group.people + 1, number, w.source, true
  group.added[#group.added + 1] = { id = id, number = number }
  list.added[#list.added + 1] = w
  waiting.count_people(S, list, 1)
  waiting.tell(S, w)
  return w
end

-- A wait is over, in whatever way: it leaves its place.
function waiting.leave(S, w, state, code)
  local stock = stock_of(S, w.sku)
  local list = waiting.list(S, stock)
  local group = list.groups[w.room .. US .. string.format('%d', w.qty)]
  w.state, w.code, w.dirty = state, code or '', true
  group.people, group.dirty = group.people - 1, true
  group.gone[#group.gone + 1] = w.id
  list.gone[#list.gone + 1] = w
  local slot = waiting.ids_of(S, w.user)
  for i, id in ipairs(slot.ids) do
    if id == w.id then table.remove(slot.ids, i); break end
  end
  slot.dirty = true
  waiting.count_people(S, list, -1)
  waiting.tell(S, w)
  if state ~= waiting.OFFERED then finish(S, 'w' .. w.id) end
end

function waiting.last_number(S)
  if not S.wait_number then S.wait_number = tonumber(redis.call('HGET', S.base .. ':meta', 'waits') or 0) end
  return S.wait_number
end

-- The last number of a group that does not wait any more, and why.
function waiting.cut_of(S, group)
  local room, listing = config(S, 'room', '', group.room), config(S, 'listing', group.room, group.sku)
  if not room or not listing or (listing.closes_at_ms and listing.closes_at_ms <= S.now) then return math.huge, 'SALE_ENDED' end
  local cut, code = group.cut, group.code
  if (room.waits_until or 0) > cut then cut, code = room.waits_until, room.waits_over end
  return cut, code
end

-- A wait that is over by its room, its listing or the clock, and stands nevertheless, ends now.
function waiting.end_if_over(S, w)
  if w.state ~= waiting.WAITING then return w end
  local group = waiting.list(S, stock_of(S, w.sku)).groups[w.room .. US .. string.format('%d', w.qty)]
  local cut, code = waiting.cut_of(S, group)
  if w.number <= cut then waiting.leave(S, w, waiting.OVER, code) end
  return w
end

-- All that wait for a SKU in a room do not any more: it has left the shelf there, or its sale had ended.
function waiting.unlisted(S, room, sku)
  local stock = stock_of(S, sku)
  if not stock or (stock.units.waiting or 0) == 0 then return end
  for _, group in pairs(waiting.list(S, stock).groups) do
    if group.room == room then group.cut, group.code, group.dirty = group.last, 'SALE_ENDED', true end
  end
  S.touched[sku] = stock
end

-- A room is to become `new`: nobody waits there any more where its show is over, or it keeps no list from now on.
function waiting.follow_room(S, old, new)
  if not old then return end
  local ends = shows.status_of(new) == 'ended' and shows.status_of(old) ~= 'ended'
  if not ends and not (old.waitlist and not new.waitlist) then return end
  local number = waiting.last_number(S)
  if number > (new.waits_until or 0) then
    new.waits_until, new.waits_over = number, ends and 'SALE_ENDED' or 'FORBIDDEN'
  end
end

-- Places ------------------------------------------------------------------------------------------------------

function waiting.order_key(S, source, sku)
  return S.base .. ':wait_order:' .. source .. ':' .. sku
end

-- How many of those that this call has added to a list, or taken out of it, stand before a wait. All of a call's are asked for
-- behind its last operation: they are put in order once.
function waiting.before(list, name, w)
  local all, key = list[name], name .. US .. w.source
  local known = list.ordered[key]
  if not known or known.of ~= #all then
    known = { of = #all }
    for _, other in ipairs(all) do
      if other.source == w.source then known[#known + 1] = other.number end
    end
    table.sort(known)
    list.ordered[key] = known
  end
  local low, high = 0, #known
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if known[middle] < w.number then low = middle else high = middle - 1 end
  end
  return low
end

-- The band of a wait's place: its first and its last place.
function waiting.band(S, w)
  local list = waiting.list(S, stock_of(S, w.sku))
  local place = 1 + redis.call('ZCOUNT', waiting.order_key(S, w.source, w.sku), '-inf', string.format('(%d', w.number))
  place = place + waiting.before(list, 'added', w) - waiting.before(list, 'gone', w)
  local first = 1
  for _, last in ipairs(waiting.bands) do
    if place <= last then return first, last end
    first = last + 1
  end
  return first, math.max(first, S.params.waits_a_sku_max or 10000)
end

-- What the feed tells of a list, after it was written: [serving, [[room, people], …], [[source, [number at the edge of a band, …]], …]];
-- nil where nobody waits and nothing is kept for anybody.
function waiting.row(S, stock)
  local list = waiting.list(S, stock)
  if (stock.units.waiting or 0) == 0 and not list.serving then return nil end
  local people, rooms, sources, edges = {}, {}, {}, {}
  for _, group in pairs(list.groups) do
    if group.people > 0 then
      people[group.room] = (people[group.room] or 0) + group.people
      sources[group.source] = true
    end
  end
  for room, n in pairs(people) do rooms[#rooms + 1] = { room, n } end
  table.sort(rooms, function(a, b) return a[1] < b[1] end)
  for source in pairs(sources) do
    local numbers, key = {}, waiting.order_key(S, source, stock.sku)
    for _, last in ipairs(waiting.bands) do
      local found = redis.call('ZRANGE', key, last - 1, last - 1, 'WITHSCORES')
      if not found[2] then break end
      numbers[#numbers + 1] = tonumber(found[2])
    end
    edges[#edges + 1] = { source, numbers }
  end
  return { list.serving, rooms, edges }
end
