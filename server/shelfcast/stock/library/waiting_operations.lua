-- What is asked of the waitlist: to wait and to go, looks of a duty, writing, and reading. Rules: docs/rules.md#waitlist.

-- How a wait stands: what `wait` is answered.
function waiting.answer(S, w)
  if w.state == waiting.WAITING then
    local first, last = waiting.band(S, w)
    return { 'OK', seq(S), w.sku, w.qty, 'waiting', 0, -1, 0, '', 0, { w.number, first, last } }
  end
  if w.state == waiting.OVER then return refuse(S, w.code) end
  if w.state == waiting.LEFT then return { 'ALREADY_CANCELLED', seq(S), w.sku, w.qty, 'left', 0, -1, 0, '', 0 } end
  local r = reservation_of(S, w.id)
  return r and reserving.answer_state(S, r) or refuse(S, 'EXPIRED')
end

-- Why somebody may not wait who could reserve, or nil.
function waiting.refuse_wait(S, stock, user, sku, room, qty)
  local ids = waiting.ids_of(S, user).ids
  waiting.load(S, ids)
  for _, id in ipairs({ unpack(ids) }) do
    local w = waiting.end_if_over(S, S.waits[id])
    if w.state == waiting.WAITING and w.sku == sku then return refuse(S, 'LIMIT_PER_USER', 0, 0, 'waiting') end
  end
  if #ids >= (S.params.waits_a_user_max or 20) then return refuse(S, 'LIMIT_PER_USER', 0, 0, 'waiting') end
  local most = S.params.waits_a_sku_max or 10000
  if (stock.units.waiting or 0) >= most then return refuse(S, 'SHELF_FULL', most, 0, 'waiting') end
  local list, groups = waiting.list(S, stock), 0
  if not list.groups[room .. US .. string.format('%d', qty)] then
    for _, group in pairs(list.groups) do groups = groups + (group.people > 0 and 1 or 0) end
    -- Every call that touches the SKU looks at all of them.
    if groups >= waiting.groups_max then return refuse(S, 'SHELF_FULL', waiting.groups_max, 0, 'waiting') end
  end
  return nil
end

-- {'wait', id, room, sku, qty, user}. The answer is that of the end of the call.
function operations.wait(S, op)
  local id, room, sku, qty, user = op[2], op[3], op[4], op[5], op[6]
  local w = waiting.of(S, id)
  if w then
    for _, field in ipairs({ 'user', 'room', 'sku', 'qty' }) do
      local said = field == 'user' and user or field == 'room' and room or field == 'sku' and sku or qty
      if w[field] ~= said then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    end
    waiting.end_if_over(S, w)
    if w.state == waiting.OFFERED then reserving.expire_if_over(S, reservation_of(S, id)) end
    S.wait_asked = w
    return done(S)
  end
  if reservation_of(S, id) then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
  local lot, refusal = reserving.lot_or_refusal(S, room, sku)
  if not lot then return refusal end
  if not lot.room.waitlist then return refuse(S, 'FORBIDDEN', nil, nil, 'waitlist') end
  local stock = stock_of(S, sku)
  refusal = reserving.refuse_by_rule(S, lot, stock, user, sku, qty) or waiting.refuse_wait(S, stock, user, sku, room, qty)
  if refusal then return refusal end
  w = waiting.join(S, waiting.list(S, stock), lot, id, sku, qty, user, room)
  waiting.note(S, stock)
  S.wait_asked = w
  return done(S)
end

-- {'decline', id, user, room or ''}
function operations.decline(S, op)
  local id, user, room = op[2], op[3], op[4] or ''
  local w = waiting.of(S, id)
  if not w or w.user ~= user or (room ~= '' and w.room ~= room) then return refuse(S, 'NOT_FOUND') end
  waiting.end_if_over(S, w)
  if w.state == waiting.WAITING then waiting.leave(S, w, waiting.LEFT) end
  if w.state == waiting.LEFT then return { 'OK', seq(S), w.sku, w.qty, 'left', 0, -1, 0, '', 0 } end
  if w.state == waiting.OVER then return refuse(S, w.code) end
  return operations.cancel(S, { 'cancel', id, user, user, '', room })
end

-- Those of a group that do not wait any more are taken out, as long as this call has some left.
function waiting.sweep(S, list, group)
  local cut, code = waiting.cut_of(S, group)
  local flat = redis.call('ZRANGE', waiting.key(S, group), '-inf', cut == math.huge and '+inf' or string.format('%d', cut),
    'BYSCORE', 'LIMIT', 0, math.max(0, S.offers_left))
  waiting.load(S, flat)
  for _, id in ipairs(flat) do
    if S.waits[id].state == waiting.WAITING then
      S.offers_left = S.offers_left - 1
      waiting.leave(S, S.waits[id], waiting.OVER, code)
    end
  end
end

-- {'serve_waiting', limit} → data: lists that were looked at; the limit, where there is more to do at once
function operations.serve_waiting(S, op)
  local base, skus, known = S.base, {}, {}
  local function add(sku)
    if not known[sku] then known[sku], skus[#skus + 1] = true, sku end
  end
  if redis.call('EXISTS', base .. ':waiting_skus', base .. ':serving') == 0 then return done(S, 0) end
  for _, sku in ipairs(redis.call('SRANDMEMBER', base .. ':serving', waiting.skus_a_look)) do add(sku) end
  local found = redis.call('SSCAN', base .. ':waiting_skus', waiting.cursors[base] or '0', 'COUNT', waiting.skus_a_look)
  waiting.cursors[base] = found[1]
  for _, sku in ipairs(found[2]) do add(sku) end
  local more = false
  for _, sku in ipairs(skus) do
    local stock = stock_of(S, sku)
    local list = waiting.list(S, stock)
    for _, group in pairs(list.groups) do
      if group.people > 0 then waiting.sweep(S, list, group) end
    end
    waiting.serve(S, stock)
    more = more or list.serving or S.offers_left <= 0
  end
  return done(S, more and op[2] or #skus)
end

-- Writing -----------------------------------------------------------------------------------------------------

function waiting.write(S)
  if not S.waits then return end
  local base = S.base
  for sku, list in pairs(S.waitlists) do
    local orders = {}
    for _, w in ipairs(list.added) do
      if w.state == waiting.WAITING then
        local order = orders[w.source] or { put = {}, gone = {} }
        orders[w.source] = order
        order.put[#order.put + 1] = string.format('%d', w.number)
        order.put[#order.put + 1] = w.id
      end
    end
    for _, w in ipairs(list.gone) do
      local order = orders[w.source] or { put = {}, gone = {} }
      orders[w.source] = order
      order.gone[#order.gone + 1] = w.id
    end
    for source, order in pairs(orders) do
      call_in_chunks('ZADD', waiting.order_key(S, source, sku), order.put)
      call_in_chunks('ZREM', waiting.order_key(S, source, sku), order.gone)
    end
    local set, dropped = {}, {}
    for field, group in pairs(list.groups) do
      if group.dirty then
        local put = {}
        for _, items in ipairs({ group.written or {}, group.added }) do
          for _, item in ipairs(items) do
            if S.waits[item.id].state == waiting.WAITING then
              put[#put + 1] = string.format('%d', item.number)
              put[#put + 1] = item.id
            end
          end
        end
        call_in_chunks('ZADD', waiting.key(S, group), put)
        call_in_chunks('ZREM', waiting.key(S, group), group.gone)
        if group.people > 0 then
          set[#set + 1] = field
          set[#set + 1] = cmsgpack.pack({ group.people, group.last, group.source, group.cut, group.code, group.skips })
        else
          dropped[#dropped + 1] = field
        end
      end
    end
    call_in_chunks('HSET', base .. ':waiting:' .. sku, set)
    call_in_chunks('HDEL', base .. ':waiting:' .. sku, dropped)
    if list.serving ~= list.was_serving then redis.call(list.serving and 'SADD' or 'SREM', base .. ':serving', sku) end
    if #list.added > 0 or #list.gone > 0 then
      redis.call((list.stock.units.waiting or 0) > 0 and 'SADD' or 'SREM', base .. ':waiting_skus', sku)
    end
  end
  write_slots(base .. ':waits', only_tables(S.waits), waiting.pack)
  write_slots(base .. ':waits_of', S.waits_of, function(slot) return #slot.ids > 0 and table.concat(slot.ids, ' ') or nil end)
  if S.wait_number then redis.call('HSET', base .. ':meta', 'waits', string.format('%d', S.wait_number)) end
end

-- Reading -----------------------------------------------------------------------------------------------------

-- How many of those who wait so many units more would serve in a place, and with how many units: those, and what is free there already and
-- was too little. At most effect_max turns are looked at. It is an outlook: limits are checked when a turn comes.
function waiting.effect(S, stock, units, target)
  local list, kind, channel = waiting.list(S, stock), place_kind(target)
  local order, free, serves, given = {}, {}, 0, 0
  if units == 0 or (stock.units.waiting or 0) == 0 then return 0, 0 end
  local function look(group, from)
    group.seen = waiting.next_of(S, group, from, group.cut_now)
    group.head = group.seen and group.items[group.seen]
    return group.head
  end
  for _, group in ipairs(waiting.open_groups(S, list)) do
    local its = group.lot.room.channel
    local draws = kind == 'channel:' and its == channel or kind == 'pool' and drawing.looks_at_pool(S, stock, its)
    if draws and not group.lot.listing.presale then
      free[its] = free[its] or drawing.remaining(S, stock, its)
      group.there = units + free[its]
      if group.qty <= group.there and look(group, group.first) then order[#order + 1] = group end
    end
  end
  table.sort(order, function(a, b) return a.head.number < b.head.number end)
  while serves < waiting.effect_max and order[1] do
    local group = table.remove(order, 1)
    -- What does not fit now fits no more: there are ever less.
    if group.qty <= group.there - given then
      serves, given = serves + 1, given + group.qty
      if look(group, group.seen + 1) then waiting.insert(order, group) end
    end
  end
  return serves, given
end

-- Who waits for a SKU, and what putting units up would do.
--   ARGV[1] SKU; ARGV[2] units; ARGV[3] where to: pool or channel:<c>
--   result  [people, units they wait for, [[room, people], …], people it serves, units they get], or '' where there is no such SKU
local function waitlist(keys, args)
  local S = begin(keys[1], {})
  local stock = stock_of(S, args[1])
  if not stock then return '' end
  local people, wanted = 0, 0
  for _, group in pairs(waiting.list(S, stock).groups) do
    people, wanted = people + group.people, wanted + group.people * group.qty
  end
  local serves, given = waiting.effect(S, stock, tonumber(args[2]), args[3])
  return cmsgpack.pack({ people, wanted, (waiting.row(S, stock) or { false, {} })[2], serves, given })
end

-- What is waited for, at most lists_max SKUs.
--   ARGV[1] the room, or '' for all
--   result  [[sku, people, units they wait for], …] by name
local function waitlists(keys, args)
  local S, rows, skus = begin(keys[1], {}), {}, redis.call('SMEMBERS', keys[1] .. ':waiting_skus')
  table.sort(skus)
  for _, sku in ipairs(skus) do
    local stock, people, wanted = stock_of(S, sku), 0, 0
    for _, group in pairs(waiting.list(S, stock).groups) do
      if args[1] == '' or group.room == args[1] then
        people, wanted = people + group.people, wanted + group.people * group.qty
      end
    end
    if people > 0 then rows[#rows + 1] = { sku, people, wanted } end
    if #rows >= waiting.lists_max then break end
  end
  return cmsgpack.pack(rows)
end

redis.register_function('shelfcast_waitlist', waitlist)
redis.register_function('shelfcast_waitlists', waitlists)
