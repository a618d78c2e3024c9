-- The split: what each place of a SKU sold in the last half hour, the proposals that follow from it, and what becomes of
-- them. A proposal is worked out in insight/allocation.py; here it is held against the book. Rules: docs/rules.md#split.
--
--   :demand      hash  sku → {place → [minute, taken, minute, taken, …]}: what had ever been taken from a place at each of the
--                      last minutes (since 1970) in which that changed, and at the one before them. A place that is not
--                      there had 0. '' → [the last minute that was sampled whole, the places that were]
--   :proposals   hash  id `<pool>.<n>` → record, the last proposals_kept_max
--   :split_skus  zset  SKU → when a proposal with it was last made or decided, within the pause
--   meta's `proposals` counts the proposals, `split_ms` is when the duty last worked out the split
--
-- A record is a map (stock/proposals.py): id, n, made_at_ms, made_by, lapses_at_ms, seq, state (open, applied, dismissed,
-- undone), moves [[sku, qty, source, target, minutes of cover of the source before and after, of the target], …] (a cover
-- without end is false), decided_at_ms, decided_by, reason, action (the one that applied it).

local MINUTE_MS = 60000
allocation.window_minutes = 30 -- WINDOW_MINUTES of insight/allocation.py
allocation.lapse_default_ms, allocation.pause_default_ms, allocation.kept_default = 600000, 600000, 50

-- The places that take part: the pool, and the dedicated channels by name (with `thawed` those that are not frozen). all:
-- every channel's definition.
function allocation.places(S, thawed)
  local places, all, flat = { 'pool' }, {}, redis.call('HGETALL', config_key(S, 'channel', ''))
  for i = 1, #flat, 2 do
    local channel = config(S, 'channel', '', flat[i])
    if channel then
      all[flat[i]] = channel
      if channel.kind == 'dedicated' and not (thawed and channel.frozen) then places[#places + 1] = places_of(S, flat[i]).own end
    end
  end
  table.sort(places)
  return places, all
end

-- [the last minute that was sampled whole or -1, {place → true} of what was].
function allocation.sampled(S)
  local blob = redis.call('HGET', S.base .. ':demand', '')
  local minute, names, places = -1, {}, {}
  if blob then minute, names = unpack(cmsgpack.unpack(blob)) end
  for _, place in ipairs(names) do places[place] = true end
  return minute, places
end

-- Note what has been taken from a place by now. Returns its series, and whether it is another one. before: the last minute
-- that was sampled whole, nil where nothing is known of that time.
local function noted(series, minute, taken, before)
  if not series then
    if taken == 0 then return nil, false end
    return before and { before, 0, minute, taken } or { minute, taken }, true
  end
  if not before then return { minute, taken }, true end
  local last, changed = #series, false
  if series[last] ~= taken then
    if series[last - 1] == minute then last = last - 2 end
    series[last + 1], series[last + 2] = minute, taken
    changed = true
  end
  while series[3] and series[3] <= minute - allocation.window_minutes do
    table.remove(series, 1)
    table.remove(series, 1)
    changed = true
  end
  return series, changed
end

-- {'sample_demand', fence, after, limit}: note for the next SKUs by name behind `after` what has been taken from their places.
-- Nothing is noted in a pool whose split is off, or without dedicated channels.
-- → data: [the name to go on behind, '' where all are done; when the split was worked out last]
function operations.sample_demand(S, op)
  local refusal = alerts.refuse_fence(S, op[2])
  if refusal then return refusal end
  local round_ms = tonumber(redis.call('HGET', S.base .. ':meta', 'split_ms') or 0)
  local pool = config(S, 'pool', '', '')
  if not pool or (pool.split or 'off') == 'off' then return done(S, { '', round_ms }) end
  local places = allocation.places(S)
  if #places == 1 then return done(S, { '', round_ms }) end
  local minute, last, known = math.floor(S.now / MINUTE_MS), allocation.sampled(S)
  local goes_on = last >= 0 and minute >= last and minute - last <= allocation.window_minutes
  local fields = {}
  for i, place in ipairs(places) do fields[i] = 'taken:' .. place end
  local behind = op[3] == '' and '-' or '(' .. op[3]
  local names = redis.call('ZRANGE', sku_names(S), behind, '+', 'BYLEX', 'LIMIT', 0, op[4])
  local records = {}
  read_many(S.base .. ':demand', names, records)
  for _, sku in ipairs(names) do
    local record, changed, fresh = records[sku] and cmsgpack.unpack(records[sku]) or {}, false, {}
    for i, taken in ipairs(redis.call('HMGET', S.base .. ':sku:' .. sku, unpack(fields))) do
      local place, is_other = places[i], nil
      fresh[place], is_other = noted(record[place], minute, tonumber(taken or 0), goes_on and known[place] and last or nil)
      changed = changed or is_other
    end
    for place in pairs(record) do changed = changed or not fresh[place] end
    if changed then S.demand[sku] = next(fresh) and cmsgpack.pack(fresh) or false end
  end
  local is_whole = #names < op[4]
  if is_whole then S.demand[''] = cmsgpack.pack({ minute, places }) end
  return done(S, { is_whole and '' or names[#names], round_ms })
end

-- What was taken within the window, of so many that have ever been.
local function taken_lately(series, minute, taken, is_known)
  if not series then return is_known and taken or 0 end
  local base = series[2]
  for i = 1, #series, 2 do
    if series[i] <= minute - allocation.window_minutes then base = series[i + 1] end
  end
  return math.max(0, taken - base)
end

-- What open batches have of a SKU, by the place that it is sold beside: the batch's channel, or the pool.
function allocation.in_batches(S, stock)
  local found = {}
  for name in pairs(stock.batches or {}) do
    local batch = config(S, 'batch', '', name)
    if batch and batches.is_open(S, batch) then
      local channel = batches.channel_of(batch)
      local place = channel == '' and 'pool' or places_of(S, channel).own
      found[place] = (found[place] or 0) + (stock.units['batch:' .. name] or 0)
    end
  end
  return found
end

-- A page of the SKUs that sold within the window, without those that were in a proposal a moment ago, and what is frozen:
-- the SKU, the pool, a channel.
--   ARGV[1] cursor; ARGV[2] about how many; ARGV[3] how long a SKU pauses, in ms
--   result  [seq, next cursor, [[sku, category, [[place, units, taken lately, in open batches], …]], …]]
local function demand_page(keys, args)
  local S = begin(keys[1], {})
  local rows, places, minute = {}, allocation.places(S, true), math.floor(S.now / MINUTE_MS)
  local last, known = allocation.sampled(S)
  local found = redis.call('HSCAN', S.base .. ':demand', args[1], 'COUNT', args[2])
  for i = 1, #found[2], 2 do
    local sku = found[2][i]
    local settings = sku ~= '' and not S.pool_frozen and last >= 0 and math.abs(minute - last) <= allocation.window_minutes
      and not allocation.pauses(S, sku, tonumber(args[3])) and config(S, 'sku', '', sku)
    local stock = settings and stock_of(S, sku)
    if stock and not stock.frozen then
      local record, row, total = cmsgpack.unpack(found[2][i + 1]), {}, 0
      local units, in_batches = stock.units, allocation.in_batches(S, stock)
      for n, place in ipairs(places) do
        local taken = taken_lately(record[place], minute, units['taken:' .. place] or 0, known[place])
        row[n] = { place, units[place] or 0, taken, in_batches[place] or 0 }
        total = total + taken
      end
      if total > 0 then rows[#rows + 1] = { sku, settings.category or '', row } end
    end
  end
  return cmsgpack.pack({ seq(S), found[1], rows })
end

redis.register_function('shelfcast_demand', demand_page)

-- Proposals -------------------------------------------------------------------------------------------------

function allocation.known(S, id)
  local record = S.proposals[id]
  if record == nil then
    local blob = redis.call('HGET', S.base .. ':proposals', id)
    record = blob and cmsgpack.unpack(blob) or false
    S.proposals[id] = record
  end
  return record
end

-- Whether a proposal with this SKU was made or decided a moment ago.
function allocation.pauses(S, sku, pause_ms)
  local at = S.paused[sku] or tonumber(redis.call('ZSCORE', S.base .. ':split_skus', sku))
  return at and at > S.now - pause_ms
end

-- A proposal was made or changed: write and tell it.
function allocation.change(S, record, actor, action)
  S.proposals[record.id], S.proposals_changed[record.id] = record, record
  local units = 0
  for _, move in ipairs(record.moves) do
    units = units + move[2]
    S.paused[move[1]] = S.now
  end
  events.add(S, 'proposal', '', record.id, { state = record.state, moves = #record.moves, units = units }, actor, action)
end

-- What stays in a place whatever happens, and what it may have at most (nil: no cap).
function allocation.bounds(all, place)
  local kind, name = place_kind(place)
  if kind == 'channel:' then return all[name].floor_units or 0, all[name].cap_units end
  local floor_units = 0
  for _, channel in pairs(all) do
    if channel.kind ~= 'dedicated' then floor_units = floor_units + (channel.floor_units or 0) end
  end
  return floor_units, nil
end

-- The SKUs of which some move cannot be made as things are: sku → { place, how many it could give or take }.
function allocation.hindered(S, moves)
  local _, all = allocation.places(S)
  local balance, hindered = {}, {}
  for _, move in ipairs(moves) do
    local of = balance[move[1]] or {}
    balance[move[1]] = of
    of[move[3]] = (of[move[3]] or 0) - move[2]
    of[move[4]] = (of[move[4]] or 0) + move[2]
  end
  for sku, of in pairs(balance) do
    local stock = stock_of(S, sku)
    for place, change in pairs(of) do
      local kind, name = place_kind(place)
      if not stock or (kind == 'channel:' and not (all[name] and all[name].kind == 'dedicated')) then
        hindered[sku] = { place, 0 }
      else
        local floor_units, cap_units = allocation.bounds(all, place)
        local there = stock.units[place] or 0
        local most = change < 0 and there - floor_units or change > 0 and cap_units and cap_units - there
        if most and math.abs(change) > most then hindered[sku] = { place, math.max(0, most) } end
      end
    end
  end
  return hindered
end

-- {'propose', id or '', fence or -1, seq, moves, actor, round}: moves as in a record. What cannot be moved any more, or was
-- in a proposal a moment ago, is left out. round: the duty has worked out the split. The same id gets the same answer.
-- → data: the proposal's id, '' where nothing is left to propose
function operations.propose(S, op)
  local id, fence = op[2], op[3]
  local refusal = fence >= 0 and alerts.refuse_fence(S, fence) or nil
  if refusal then return refusal end
  local before = id ~= '' and answer_move(S, op) or nil
  if before then return before end
  if op[7] then S.split_ms = S.now end
  local moves_left, hindered = {}, allocation.hindered(S, op[5])
  local pause_ms = S.params.split_pause_ms or allocation.pause_default_ms
  for _, move in ipairs(op[5]) do
    if not hindered[move[1]] and not allocation.pauses(S, move[1], pause_ms) then moves_left[#moves_left + 1] = move end
  end
  local outcome = done(S, '')
  if #moves_left > 0 then
    if not S.proposal_count then S.proposal_count = tonumber(redis.call('HGET', S.base .. ':meta', 'proposals') or 0) end
    S.proposal_count = S.proposal_count + 1
    local record = { n = S.proposal_count, id = string.match(S.base, '{(.*)}$') .. '.' .. string.format('%d', S.proposal_count),
      made_at_ms = S.now, made_by = op[6], lapses_at_ms = S.now + (S.params.proposal_lapses_ms or allocation.lapse_default_ms),
      seq = op[4], state = 'open', moves = moves_left }
    allocation.change(S, record, op[6])
    outcome = done(S, record.id)
  end
  if id ~= '' then remember_move(S, op, outcome) end
  return outcome
end

-- The proposal, while it can be decided about; or nil and the refusal.
local function open_proposal(S, id)
  local record = allocation.known(S, id)
  if not record then return nil, refuse(S, 'NOT_FOUND', nil, nil, 'proposal') end
  if record.state ~= 'open' then return nil, refuse(S, 'STALE', nil, nil, record.state) end
  if record.lapses_at_ms <= S.now then return nil, refuse(S, 'STALE', nil, nil, 'lapsed') end
  return record
end

local function decide(S, record, state, actor, reason, made)
  record.state, record.decided_at_ms, record.decided_by, record.reason = state, S.now, actor, reason
  allocation.change(S, record, actor, made.id)
  return actions.tell(done(S, record.id), made)
end

-- What has been decided already is answered the same.
local function decided(S, id, state)
  local record = allocation.known(S, id)
  if not record or record.state ~= state then return nil end
  local made = actions.known(S, record.action)
  return made and actions.tell(done(S, id), made) or done(S, id)
end

-- {'apply_proposal', id of the action, proposal, actor, fence or -1}: all its moves, or none of them: STALE where it was decided
-- otherwise, has lapsed, or (field: the place, with the SKU) one cannot give or take as much any more.
-- → data: the proposal's id
function operations.apply_proposal(S, op)
  local id, actor = op[3], op[4]
  local refusal = op[5] >= 0 and alerts.refuse_fence(S, op[5]) or nil
  if refusal then return refusal end
  local before = decided(S, id, 'applied')
  if before then return before end
  local record, not_open = open_proposal(S, id)
  if not record then return not_open end
  local hindered = allocation.hindered(S, record.moves)
  for _, move in ipairs(record.moves) do
    local hindrance = hindered[move[1]]
    if hindrance then
      refusal = refuse(S, 'STALE', hindrance[2], nil, hindrance[1])
      refusal[3] = move[1]
      return refusal
    end
  end
  local most = S.params.moves_a_call_max or MOVES_A_CALL
  if S.moves_left < #record.moves and S.moves_left < most then return refuse(S, 'OVERLOADED') end
  local mark = actions.mark(S)
  S.action_id = actions.free_id(S, op[2])
  for _, move in ipairs(record.moves) do
    local place = move[4] == 'pool' and move[3] or move[4]
    local _, channel = place_kind(place)
    transfer(S, stock_of(S, move[1]), 'allocate', move[2], move[3], move[4],
      { id = S.action_id, channel = channel, actor = actor, ref = id })
  end
  local made = actions.record(S, { id = S.action_id, actor = actor, kind = 'apply_proposal', room = '', subject = id,
    inverse = { type = 'units', proposal = id } }, actions.effect_since(S, mark))
  record.action = made.id
  return decide(S, record, 'applied', actor, '', made)
end

-- {'dismiss_proposal', id of the action, proposal, actor, reason} → data: the proposal's id
function operations.dismiss_proposal(S, op)
  local id, actor, reason = op[3], op[4], op[5]
  local before = decided(S, id, 'dismissed')
  if before then return before end
  local record, refusal = open_proposal(S, id)
  if not record then return refusal end
  S.action_id = actions.free_id(S, op[2])
  local made = actions.record(S, { id = S.action_id, actor = actor, kind = 'dismiss_proposal', room = '', subject = id,
    text = reason, why = 'dismissed' })
  record.action = made.id
  return decide(S, record, 'dismissed', actor, reason, made)
end

-- The action that applied a proposal was undone, or that was: made is the action which did so.
function allocation.turned(S, id, made)
  local record = allocation.known(S, id)
  if not record then return end
  record.state = record.state == 'applied' and 'undone' or 'applied'
  if record.state == 'applied' then record.action = made.id end
  record.decided_at_ms, record.decided_by = S.now, made.actor
  allocation.change(S, record, made.actor, made.id)
end

-- Writing ---------------------------------------------------------------------------------------------------

function allocation.write(S)
  local base = S.base
  if S.split_ms then redis.call('HSET', base .. ':meta', 'split_ms', string.format('%d', S.split_ms)) end
  local set, delete = {}, {}
  for sku, packed in pairs(S.demand) do
    if packed then
      set[#set + 1] = sku
      set[#set + 1] = packed
    else
      delete[#delete + 1] = sku
    end
  end
  call_in_chunks('HSET', base .. ':demand', set)
  call_in_chunks('HDEL', base .. ':demand', delete)
  if not next(S.proposals_changed) then return end
  for id, record in pairs(S.proposals_changed) do redis.call('HSET', base .. ':proposals', id, cmsgpack.pack(record)) end
  if S.proposal_count then
    redis.call('HSET', base .. ':meta', 'proposals', S.proposal_count)
    local gone, kept = {}, S.params.proposals_kept_max or allocation.kept_default
    for _, id in ipairs(redis.call('HKEYS', base .. ':proposals')) do
      if tonumber(string.match(id, '(%d+)$')) <= S.proposal_count - kept then gone[#gone + 1] = id end
    end
    call_in_chunks('HDEL', base .. ':proposals', gone)
  end
  local paused = {}
  for sku, at in pairs(S.paused) do
    paused[#paused + 1] = string.format('%d', at)
    paused[#paused + 1] = sku
  end
  call_in_chunks('ZADD', base .. ':split_skus', paused)
  local over = S.now - (S.params.split_pause_ms or allocation.pause_default_ms)
  redis.call('ZREMRANGEBYSCORE', base .. ':split_skus', '-inf', string.format('%d', over))
end
