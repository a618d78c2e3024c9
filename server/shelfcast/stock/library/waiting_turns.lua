-- Turns: to whom of those who wait the free units go, and who is passed over. Rules: docs/rules.md#waitlist.

-- Read on in a group, more each time: of most groups the head is all that is looked at, or as many as units are there for. False where there is nothing more. What an
-- offer will ask for comes with it where a lot is given.
function waiting.read_on(S, group, lot)
  if group.is_read then return false end
  local page = group.page
  group.page = math.min(waiting.page, page * 4)
  local flat = redis.call('ZRANGE', waiting.key(S, group), string.format('(%d', group.read_to), '+inf', 'BYSCORE', 'LIMIT',
    0, page, 'WITHSCORES')
  local ids, users, units = {}, {}, {}
  for i = 1, #flat, 2 do ids[#ids + 1] = flat[i] end
  waiting.load(S, ids)
  for i = 1, #flat, 2 do group.items[#group.items + 1] = { id = flat[i], number = tonumber(flat[i + 1]) } end
  if lot then
    load_reservations(S, ids)
    for _, id in ipairs(ids) do
      users[#users + 1] = S.waits[id].user
      windows.note(units, lot.stamps, S.waits[id].user, group.sku)
    end
    load_users(S, users)
    waiting.load_ids(S, users)
    windows.load(S, units)
  end
  if #ids > 0 then group.read_to = group.items[#group.items].number end
  group.is_read = #ids < page
  return true
end

-- The place in group.items of the first wait from `from` on whose turn can come, nil where there is none. The waits that this very
-- call has put in come behind those that are stored.
function waiting.next_of(S, group, from, cut, round, lot)
  local at = from
  while true do
    local item = group.items[at]
    if not item then
      if not waiting.read_on(S, group, lot) then
        if #group.added == 0 then return nil end
        for _, added in ipairs(group.added) do group.items[#group.items + 1] = added end
        group.written = group.written or {}
        for _, added in ipairs(group.added) do group.written[#group.written + 1] = added end
        group.added = {}
      end
    elseif S.waits[item.id].state == waiting.WAITING and item.number > cut and (not round or item.passed ~= round) then
      return at
    else
      at = at + 1
    end
  end
end

-- The groups of a list that can sell now, with their first wait; passed over are those whose room is paused, frozen or not open.
function waiting.open_groups(S, list)
  local open, stock = {}, list.stock
  for _, group in pairs(list.groups) do
    local lot = group.people > 0 and stamping.lot(S, group.room, group.sku)
    if lot and (lot.room.status or 'scheduled') == 'live' and not stock.frozen and not lot.frozen
      and (lot.listing.opens_at_ms or 0) <= S.now then
      while group.items[group.first] and S.waits[group.items[group.first].id].state ~= waiting.WAITING do
        group.first = group.first + 1
      end
      group.lot, group.cut_now, group.at = lot, waiting.cut_of(S, group), group.first
      if #group.items == 0 and group.cut_now < math.huge then group.read_to = math.max(group.read_to, group.cut_now) end
      if group.last > group.cut_now then open[#open + 1] = group end
    end
  end
  return open
end

-- Groups by what they draw from: [{ presale, channel, groups, there: units that can be sold now, nil where that is to be looked up }, …].
function waiting.pots_of(groups)
  local pots, by_name = {}, {}
  for _, group in ipairs(groups) do
    local channel, presale = group.lot.room.channel, group.lot.listing.presale or false
    local name = presale and US or channel
    local pot = by_name[name]
    if not pot then
      pot = { presale = presale, channel = channel, groups = {} }
      by_name[name], pots[#pots + 1] = pot, pot
    end
    group.pot, pot.groups[#pot.groups + 1] = pot, group
  end
  return pots
end

-- The units that can be sold from a pot now.
function waiting.there_in(S, stock, pot)
  if not pot.there then
    if pot.presale then pot.there = stock.units.presale or 0 else pot.there = drawing.remaining(S, stock, pot.channel) end
  end
  return pot.there
end

-- The first wait of a group in this round: an item, or nil.
function waiting.head_of(S, list, group, there)
  if group.passed_in == list.round and group.passed >= waiting.passed_max then return nil end
  local fits = math.floor(there / group.qty)
  group.page = math.max(1, math.min(waiting.page, fits))
  local at = waiting.next_of(S, group, group.at, group.cut_now, list.round, fits > 0 and group.lot)
  if not at then group.at = #group.items + 1; return nil end
  group.at = at
  return group.items[at]
end

-- Since when a wait is passed over; nil where it is not.
function waiting.skipped_since(S, group, number)
  for _, skip in ipairs(group.skips) do
    if skip[1] >= number then
      if skip[2] > S.now then skip[2] = S.now end -- of a clock that went back
      return skip[2]
    end
  end
  return nil
end

-- The waits of a group up to a number are passed over, from now on where they were not before.
function waiting.skip(S, group, first, upto)
  upto = math.min(upto, group.last)
  local skips = group.skips
  if upto < first or (#skips > 0 and skips[#skips][1] >= upto) then return end
  group.dirty, S.touched[group.sku] = true, stock_of(S, group.sku)
  local latest = skips[#skips]
  if latest and latest[2] == S.now and latest[1] >= first then latest[1] = upto; return end
  local kept, due_before = {}, S.now - (S.params.wait_skip_ms or waiting.skip_default_ms)
  for i, skip in ipairs(skips) do
    -- Of those that have waited long enough one entry says all; those before the first wait say nothing any more.
    local next_is_due = skips[i + 1] and skips[i + 1][2] <= due_before
    if skip[1] >= first and not next_is_due then kept[#kept + 1] = skip end
  end
  if #kept < waiting.skips_max then kept[#kept + 1] = { upto, S.now } else kept[#kept][1] = upto end
  group.skips = kept
end

-- An offer to a wait: n units are held for it, or it is over where it may not have them any more. False where the units are
-- there, but not for this user (a batch's limit).
function waiting.offer(S, list, group, item, n)
  local w, lot, stock = S.waits[item.id], group.lot, list.stock
  if reservation_of(S, w.id) then waiting.leave(S, w, waiting.OVER, 'ID_CONFLICT'); return true end
  local refusal = reserving.refuse_by_rule(S, lot, stock, w.user, w.sku, n)
  if refusal then waiting.leave(S, w, waiting.OVER, refusal[1]); return true end
  local offer_ms = S.params.offer_ms or waiting.offer_default_ms
  local r = reserving.hold(S, lot, stock, w.id, w.sku, n, w.user, offer_ms, n < w.qty)
  if not r then return false end
  waiting.leave(S, w, waiting.OFFERED)
  return true
end

-- The heads of groups stand in the order of their numbers. Those of pots that have units join them; whether any has.
function waiting.line_up(S, list, pots, order)
  local found = false
  for _, pot in ipairs(pots) do
    local there = not pot.stands and waiting.there_in(S, list.stock, pot) or 0
    if there > 0 then
      pot.stands, found = true, true
      for _, group in ipairs(pot.groups) do
        group.head = waiting.head_of(S, list, group, there)
        if group.head then order[#order + 1] = group end
      end
    end
  end
  if found then table.sort(order, function(a, b) return a.head.number < b.head.number end) end
  return found
end

-- A group stands where the number of its head is.
function waiting.insert(order, group)
  local low, high = 1, #order
  while low <= high do
    local middle = math.floor((low + high) / 2)
    if order[middle].head.number < group.head.number then low = middle + 1 else high = middle - 1 end
  end
  table.insert(order, low, group)
end

-- The place of the first head in this order whose turn it is, and how many units it gets; nil where it is nobody's.
function waiting.first_in(S, stock, order, due_before)
  for at = 1, #order do
    local group = order[at]
    local there = waiting.there_in(S, stock, group.pot)
    if there >= group.qty then return at, group.qty end
    if there > 0 then
      local since = waiting.skipped_since(S, group, group.head.number)
      if since and since <= due_before then return at, there end
    end
  end
  return nil
end

-- Everybody whose turn it is gets an offer, as long as this call has some left; then the list is `serving`, and the free units are
-- nobody else's.
function waiting.serve(S, stock)
  local list = waiting.list(S, stock)
  list.serving = not settling.serve(S, stock)
  if list.serving or (stock.units.waiting or 0) == 0 or not settling.has_free_units(stock) then return end
  local due_before = S.now - (S.params.wait_skip_ms or waiting.skip_default_ms)
  local pots, order = waiting.pots_of(waiting.open_groups(S, list)), {}
  list.round = (list.round or 0) + 1
  while true do
    local at, n = waiting.first_in(S, stock, order, due_before)
    if not at then
      if not waiting.line_up(S, list, pots, order) then break end
    else
      if S.offers_left <= 0 then list.serving = true; return end
      S.offers_left = S.offers_left - 1
      local group = table.remove(order, at)
      local item = group.head
      if waiting.offer(S, list, group, item, n) then
        if S.waits[item.id].state == waiting.OFFERED then
          for i = 1, at - 1 do
            local other = order[i]
            if waiting.there_in(S, stock, other.pot) > 0 then waiting.skip(S, other, other.head.number, item.number - 1) end
          end
        end
        for _, pot in ipairs(pots) do pot.there = nil end
      else
        item.passed = list.round
        group.passed = (group.passed_in == list.round and group.passed or 0) + 1
        group.passed_in = list.round
      end
      group.head = waiting.head_of(S, list, group, waiting.there_in(S, stock, group.pot))
      if group.head then waiting.insert(order, group) end
    end
  end
  for _, group in ipairs(order) do
    local there = waiting.there_in(S, stock, group.pot)
    if there > 0 and there < group.qty then waiting.skip(S, group, group.head.number, group.last) end
  end
end

-- Serve what operations have freed, until neither a turn nor a reserve's rule has anything to do.
function waiting.settle(S)
  for _ = 1, waiting.rounds_max do
    local due, skus = S.waiting_due, {}
    if not due then return end
    S.waiting_due = nil
    for sku in pairs(due) do skus[#skus + 1] = sku end
    table.sort(skus)
    for _, sku in ipairs(skus) do waiting.serve(S, due[sku]) end
    S.waiting_due = nil -- an offer frees nothing
    if S.elastic_due then elastic.decide(S, waiting.serves_itself) end
  end
end

-- A SKU's units, or what may be done with them, have changed.
function waiting.note(S, stock)
  S.waiting_due = S.waiting_due or {}
  S.waiting_due[stock.sku] = stock
end

-- At the end of a call: what was told anew without a move (a batch that opened), and after a definition all that somebody waits for,
-- or that is owed.
function waiting.look_around(S)
  for _, stock in pairs(S.touched) do
    if stock.watched then waiting.note(S, stock) end
  end
  if S.defined then
    for _, sku in ipairs(redis.call('SRANDMEMBER', S.base .. ':waiting_skus', waiting.skus_a_look)) do
      waiting.note(S, stock_of(S, sku))
    end
    for _, sku in ipairs(settling.skus(S)) do waiting.note(S, stock_of(S, sku)) end
  end
  if S.waiting_due then waiting.settle(S) end
  -- Rooms must know, whether units have moved or not.
  for sku, list in pairs(S.waitlists or {}) do
    if list.serving ~= list.was_serving then S.touched[sku] = list.stock end
  end
end

-- A reservation of somebody who does not wait: those who do, and whose quantity fits, come first, and so do orders that are owed
-- units where the pool settles by itself. Returns a refusal, or nil.
function waiting.let_pass(S, lot, stock, id)
  if (stock.units.waiting or 0) > 0 and waiting.of(S, id) then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
  local there = lot.listing.presale and stock.units.presale or drawing.remaining(S, stock, lot.room.channel)
  if (there or 0) == 0 then return nil end
  waiting.serve(S, stock)
  if waiting.list(S, stock).serving then return refuse(S, 'ALL_HELD', 0) end
  return nil
end
