-- Moves of the merchant's side: between buckets, of whole batches, and stocktakes; those of paid orders stand in
-- paid_orders.lua. Each has an id of its own; the same id and body gets the same answer, another body ID_CONFLICT with
-- the field that differs.
-- Rules: docs/rules.md#moves.

-- kind → from → to. `name:` stands for any channel or batch of the pool.
local MOVES = {
  receive = { supplier = { pool = true, unsellable = true, safety = true, elastic = true, ['channel:'] = true, ['batch:'] = true } },
  carve = {
    pool = { safety = true, elastic = true, ['batch:'] = true },
    safety = { pool = true }, elastic = { pool = true }, ['batch:'] = { pool = true },
  },
  allocate = { pool = { ['channel:'] = true }, ['channel:'] = { pool = true } },
  release_elastic = { elastic = { pool = true, ['channel:'] = true } },
  ['return'] = { shipped = { returned = true }, returned = { pool = true, unsellable = true } },
  quarantine = {
    pool = { unsellable = true }, safety = { unsellable = true }, elastic = { unsellable = true },
    ['channel:'] = { unsellable = true }, ['batch:'] = { unsellable = true }, unsellable = { pool = true },
  },
  write_off = {
    unsellable = { written_off = true }, pool = { written_off = true }, safety = { written_off = true },
    elastic = { written_off = true }, ['channel:'] = { written_off = true }, ['batch:'] = { written_off = true },
  },
}

-- The parts of a body that make it the same body, by operation; actor and wording may differ. By name: the place in the
-- operation of one that servers of the release before do not say.
local BODY = {
  move = { 'kind', 'sku', 'qty', 'source', 'target' },
  release_elastic = { 'sku', 'units', 'target' }, open_batch = { 'batch' }, close_batch = { 'batch' },
  release_lot = { 'room', 'sku', 'qty' }, count = { 'sku', 'counted' }, freeze = { 'sku', 'frozen', scope = 8 },
  ship = { 'reservation', 'qty' }, cancel_paid = { 'reservation', 'qty', refunded_minor = 7 }, quota = { 'sku', 'qty' },
  pull_lot = { 'sku', 'lot', 'expires_on', 'qty' },
  fulfil = { 'reservation' }, settle = { 'reservation', 'qty' }, undo = { 'action' },
  propose = {},
}

local moves = {}

-- What is remembered of the move of this id; false where none was carried out.
local function known_move(S, id)
  if S.moves[id] == nil then
    local blob = redis.call('HGET', S.base .. ':moves', id)
    S.moves[id] = blob and cmsgpack.unpack(blob) or false
  end
  return S.moves[id]
end

-- The recorded outcome of this id, a conflict, or nil when the id is new.
local function answer_move(S, op)
  local kind, id = op[1], op[2]
  local known = known_move(S, id)
  if not known then return nil end
  local before = known.op
  if before[1] ~= kind then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
  for i, field in ipairs(BODY[kind]) do
    if before[i + 1] ~= op[i + 2] then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
  end
  for field, place in pairs(BODY[kind]) do
    if type(field) == 'string' and (known.said and known.said[field] or -1) ~= (op[place] or -1) then
      return refuse(S, 'ID_CONFLICT', nil, nil, field)
    end
  end
  return known.outcome
end

local function remember_move(S, op, outcome)
  local body = { op[1] }
  for i in ipairs(BODY[op[1]]) do body[i + 1] = op[i + 2] end
  local said
  for field, place in pairs(BODY[op[1]]) do
    if type(field) == 'string' and (op[place] or -1) ~= -1 then said = { [field] = op[place] } end
  end
  S.moves[op[2]] = { op = body, said = said, outcome = outcome, dirty = true }
  finish(S, 'm' .. op[2])
end

-- Whether a place is one: its channel or batch exists, and what goes to a batch comes before it is over.
-- Returns the kind of place, or nil and the refusal.
local function check_place(S, place, field, is_target)
  local kind, name = place_kind(place)
  if kind == 'channel:' and not config(S, 'channel', '', name) then return nil, refuse(S, 'NOT_FOUND', nil, nil, field) end
  if kind == 'batch:' then
    local batch = config(S, 'batch', '', name)
    if not batch then return nil, refuse(S, 'NOT_FOUND', nil, nil, field) end
    if is_target and batches.is_over(S, batch) then return nil, refuse(S, 'BAD_MESSAGE', nil, nil, field) end
  end
  return kind
end

do
  local NO_PLACES = { waiting = true, owed = true } -- of a SKU's numbers

  -- Whether a SKU has had units: where they went, there is something, if only below zero.
  local function has_had_units(stock)
    for place, n in pairs(stock.units) do
      if n ~= 0 and not NO_PLACES[place] then return true end
    end
    return false
  end

  -- {'move', id, kind, sku, qty, source, target, actor, reason, reference, by or nil: of which bulk write it is a row,
  -- opening: true of the first units of a SKU, which is STALE once it has had some; behind: the id of the move whose units these
  -- are, or '': STALE where that was not carried out}
  function moves.move(S, op)
    local kind, sku, qty, source, target = op[3], op[4], op[5], op[6], op[7]
    local stock = stock_of(S, sku)
    if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
    if op[12] and has_had_units(stock) then return refuse(S, 'STALE', nil, nil, 'opening') end
    if kind == 'receive' and not receipts.may_receive(S, op, has_had_units(stock)) then
      return refuse(S, 'NEEDS_APPROVAL', nil, nil, 'kind')
    end
    if (op[13] or '') ~= '' and not known_move(S, op[13]) then return refuse(S, 'STALE', nil, nil, 'opening') end
    local from, refusal = check_place(S, source, 'source', false)
    if not from then return refusal end
    local to
    to, refusal = check_place(S, target, 'target', true)
    if not to then return refusal end
    local targets = MOVES[kind] and MOVES[kind][from]
    if not targets then return refuse(S, 'BAD_MESSAGE', nil, nil, MOVES[kind] and 'source' or 'kind') end
    if not targets[to] then return refuse(S, 'BAD_MESSAGE', nil, nil, 'target') end
    local there = stock.units[source] or 0
    if there < qty and not MAY_BE_NEGATIVE[source] then return refuse(S, 'INSUFFICIENT', there) end
    if kind == 'write_off' then
      local on_hand = counts.on_hand(stock)
      local row = { sku = sku, write_off_from = source,
        lines = { { good = on_hand - qty, bad = 0, on_hand = on_hand, unsellable = 0 } } }
      local unsigned = counts.refuse_unsigned(S, op, sku, -qty, row, op[8], op[9])
      if unsigned then return unsigned end
    end
    local channel = from == 'channel:' and source or to == 'channel:' and target or ''
    local _, channel_name = place_kind(channel)
    -- A return that names its order says whose it was.
    local returned = kind == 'return' and S.format >= 5 and (op[10] or '') ~= '' and reservation_of(S, op[10])
    transfer(S, stock, kind, qty, source, target, { id = op[2], channel = channel_name, actor = op[8], reason = op[9],
      ref = op[10], user = returned and returned.user or nil })
    batches.note(S, stock, target)
    if kind == 'release_elastic' then elastic.count_step(S, sku) end
    if kind == 'return' then refunds.of_move(S, op) end
    return done(S)
  end
end

moves.open_batch = batches.open
moves.close_batch = batches.close
moves.release_lot = batches.release

-- {'count', id, sku, counted, actor, reason} → data: {units the book had, difference, shortage}
function moves.count(S, op)
  local stock = stock_of(S, op[3])
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local on_hand = counts.on_hand(stock)
  local difference = op[4] - on_hand
  local row = { sku = op[3], lines = { { good = op[4], bad = 0, on_hand = on_hand, unsellable = 0 } } }
  local refusal = counts.refuse_unsigned(S, op, op[3], difference, row, op[5], op[6])
  if refusal then return refusal end
  local missing = counts.move_difference(S, stock, difference, { id = op[2], actor = op[5], reason = op[6] })
  return done(S, { on_hand, difference, missing })
end

-- {'freeze', id, name, frozen, actor, reason, room: where it was asked for, or nil, scope}
-- scope: channel, room or pool (name ''); false, or nil from servers of before: name is a SKU.
function moves.freeze(S, op)
  local scope, name = op[8] or 'sku', op[3]
  local refusal = freezes.unknown(S, scope, name)
  if refusal then return refusal end
  if freezes.is_set(S, scope, name) ~= op[4] then
    freezes.change(S, scope, name, op[4], op[4] and 'freeze' or 'unfreeze', { id = op[2], actor = op[5], reason = op[6] })
  end
  return done(S)
end

-- {'quota', id, sku, qty (negative lowers it), actor, reason}
function moves.quota(S, op)
  local stock = stock_of(S, op[3])
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local qty, free = op[4], stock.units.presale or 0
  if free + qty < 0 then return refuse(S, 'INSUFFICIENT', free) end
  local note = { id = op[2], actor = op[5], reason = op[6] }
  if qty > 0 then transfer(S, stock, 'quota', qty, 'promise', 'presale', note, true) end
  if qty < 0 then transfer(S, stock, 'quota', -qty, 'presale', 'promise', note, true) end
  return done(S)
end

-- A move's own id makes it happen once.
local function move_once(S, op)
  local before = answer_move(S, op)
  if before then return before end
  local mark = actions.mark(S)
  S.action_id = actions.free_id(S, op[2])
  local outcome, goes_on = moves[op[1]](S, op)
  if outcome[1] == 'OK' and not goes_on then
    outcome = actions.of_move(S, op, mark, outcome)
    remember_move(S, op, outcome)
  end
  return outcome
end

-- {'note_flags', [[scope, name], …], is_last}: flags that are set, which a release of before has not noted (freezes.lua).
function operations.note_flags(S, op)
  for _, flag in ipairs(op[2]) do
    local scope, name = flag[1], flag[2]
    local is_known = redis.call('HEXISTS', S.base .. ':frozen', scope .. US .. name) == 1
    if not is_known and not freezes.unknown(S, scope, name) and freezes.is_set(S, scope, name) then
      freezes.note(S, scope, name, { 0, '', '', '' })
    end
  end
  S.flags_noted = op[3]
  return done(S)
end
