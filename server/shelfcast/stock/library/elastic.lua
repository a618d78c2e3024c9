-- The elastic reserve: the rule of a SKU, the step it releases, and releases by hand. Rules: docs/rules.md#elastic-reserve.
--
-- The rule is `elastic` of a SKU's definition: {mode: off, ask or auto; at_units, at_share_percent, at_eta_minutes;
-- step_units, none: all there is}. `elastic_release_at` without it is {mode: auto, at_units: that}. What is left is looked
-- at here, in the operation that changed it; how long that lasts the duty that watches shows knows, and so does whether an
-- `ask` has to ring (insight/alert_rules.py).
--
-- The SKU's own field elastic_steps counts its releases, whoever made them. So one that the rule makes or an alert offers
-- has a number, and happens once: its action's id is elastic:<sku>:<number>.
--
--   :on_air  zset  show → when it began: those that have not ended, an index of :shows for the lowest share

elastic.shows_max = 64 -- looked at for the lowest share, those that began last
elastic.indexed = {} -- base → true once this load of the library has made its index
elastic.sku_in_id_max = 64
-- Places whose units are what is left for somebody, or can become it, and those where customers have them.
elastic.sold_from = { pool = true, elastic = true, ['channel:'] = true, ['batch:'] = true }
elastic.of_customers = { ['held:'] = true, ['sold:'] = true }

-- What is no change for the rule to answer: a release that somebody asked for, and an undo, which would be undone by it.
elastic.by_hand = { undo = true, release_elastic = true, elastic_step = true }

function elastic.rule(settings)
  if settings.elastic then return settings.elastic end
  return settings.elastic_release_at and { mode = 'auto', at_units = settings.elastic_release_at } or nil
end

-- The id of a SKU's release. A SKU may have characters that an id may not, and more of them.
function elastic.id(sku, step)
  local name = sku
  if #sku > elastic.sku_in_id_max or string.find(sku, '[^A-Za-z0-9_.:~-]') then
    name = '~' .. string.sub(redis.sha1hex(sku), 1, 16)
  end
  return 'elastic:' .. name .. ':' .. string.format('%d', step)
end

-- One more release: returns its number.
function elastic.count_step(S, sku)
  local settings = config(S, 'sku', '', sku)
  settings.elastic_steps = (settings.elastic_steps or 0) + 1
  keep_config(S, 'sku', '', sku, settings)
  return settings.elastic_steps
end

-- How many units a release by the rule brings.
function elastic.step_units(rule, reserve)
  return math.min(reserve, rule and rule.step_units or reserve)
end

-- Where a release to what this channel sells from goes.
function elastic.target(S, channel)
  local settings = config(S, 'channel', '', channel)
  local shared = not (settings and settings.kind == 'dedicated')
  return shared and 'pool' or places_of(S, channel).own, shared
end

-- Whether a release would be sold in this channel now: an exclusive batch may keep the pool's units for later.
function elastic.reaches(S, stock, channel)
  if not stock.batches then return true end
  local _, shared = elastic.target(S, channel)
  return not (shared and select(2, batches.open_for(S, stock, channel, shared)))
end

-- Shows that are on air ---------------------------------------------------------------------------------------

-- Make the index anew, before the first use after each start of the engine or load of the library: books of before have
-- none, and an older library that ran in between knew nothing of it.
function elastic.index(S)
  if elastic.indexed[S.base] then return end
  local on_air = {}
  local flat = redis.call('HGETALL', S.base .. ':shows')
  for i = 1, #flat, 2 do
    local show = cmsgpack.unpack(flat[i + 1])
    if show.ended_at_ms == 0 then
      on_air[#on_air + 1] = string.format('%d', show.started_at_ms)
      on_air[#on_air + 1] = flat[i]
    end
  end
  redis.call('DEL', S.base .. ':on_air')
  call_in_chunks('ZADD', S.base .. ':on_air', on_air)
  elastic.indexed[S.base] = true
end

-- The records of the shows that are on air as this call leaves them so far.
function elastic.shows_on_air(S)
  if not S.on_air then
    elastic.index(S)
    S.on_air = redis.call('ZREVRANGE', S.base .. ':on_air', 0, elastic.shows_max - 1)
  end
  local found = {}
  for _, show in pairs(S.shows_changed) do
    if show.ended_at_ms == 0 then found[#found + 1] = show end
  end
  for _, id in ipairs(S.on_air) do
    local show = not S.shows_changed[id] and shows.of(S, id)
    if show and show.ended_at_ms == 0 then found[#found + 1] = show end
  end
  return found
end

-- The index follows what this call has written of shows, whichever operation it was.
function elastic.write(S)
  for id, show in pairs(S.shows_changed) do
    if show.ended_at_ms == 0 then
      redis.call('ZADD', S.base .. ':on_air', string.format('%d', show.started_at_ms), id)
    else
      redis.call('ZREM', S.base .. ':on_air', id)
    end
  end
end

-- The base row of a SKU in a show, unpacked once a call; false where there is none. A row that is there stays as it is.
function elastic.base_of(S, show, sku)
  S.elastic_bases = S.elastic_bases or {}
  local rows = S.elastic_bases[show] or {}
  S.elastic_bases[show] = rows
  if not rows[sku] then
    local packed = S.bases[show] and S.bases[show][sku] or redis.call('HGET', S.base .. ':show:' .. show, sku)
    rows[sku] = packed and cmsgpack.unpack(packed) or false
  end
  return rows[sku]
end

-- What a show that a release reaches can sell of a SKU, and what it was offered since it began; nil where it does not sell
-- from stock.
function elastic.left_of_offered(S, stock, show)
  local listing = config(S, 'listing', show.room, stock.sku)
  if not listing or listing.presale then return nil end
  local base, units = elastic.base_of(S, show.id, stock.sku), stock.units
  if not base then return nil end
  local _, open = drawing.by_kind(S, stock, show.channel)
  local taken = (units[places_of(S, show.channel).own_taken] or 0) - base[4]
  for i = 1, open and #open or 0 do
    local before = base[9] and base[9][open[i].name]
    taken = taken + (units[open[i].taken] or 0) - (before and before[1] or 0)
  end
  if drawing.looks_at_pool(S, stock, show.channel) then taken = taken + (units['taken:pool'] or 0) - base[3] end
  local left = drawing.remaining(S, stock, show.channel)
  return left, left + taken
end

-- The rule -----------------------------------------------------------------------------------------------------

-- Units of a SKU with a reserve have moved: which channels may have another number of them now. Those that leave or come
-- back to a checkout are that channel's; what else changes a place that several sell from is about the shared ones on air.
function elastic.note(S, stock, from, to)
  local from_kind, from_name = place_kind(from)
  local to_kind, to_name = place_kind(to)
  if not elastic.sold_from[from_kind] and not elastic.sold_from[to_kind] then return end
  S.elastic_due = S.elastic_due or {}
  local due = S.elastic_due[stock.sku]
  if not due then
    due = { stock = stock, channels = {} }
    S.elastic_due[stock.sku] = due
  end
  local taker = elastic.of_customers[from_kind] and from_name or elastic.of_customers[to_kind] and to_name
  if taker then due.channels[taker] = true; return end
  if from_kind == 'channel:' then due.channels[from_name] = true end
  if to_kind == 'channel:' then due.channels[to_name] = true end
  for _, place in ipairs({ { from_kind, from_name }, { to_kind, to_name } }) do
    local kind, batch = place[1], place[1] == 'batch:' and config(S, 'batch', '', place[2])
    local its = batch and batches.channel_of(batch) or ''
    if its ~= '' then -- what is filled before it opens is nobody's yet
      if batches.is_open(S, batch) or batches.is_over(S, batch) then due.channels[its] = true end
    elseif kind ~= 'channel:' and elastic.sold_from[kind] then
      due.on_air = true
    end
  end
end

-- The channel with the least left of those that the change is about, and how much that is.
function elastic.least_left(S, due)
  local least, of
  local function look(channel, only_shared)
    local _, shared = elastic.target(S, channel)
    if (only_shared and not shared) or not elastic.reaches(S, due.stock, channel) then return end
    local left = drawing.remaining(S, due.stock, channel)
    if not least or left < least or (left == least and channel < of) then least, of = left, channel end
  end
  for channel in pairs(due.channels) do look(channel) end
  for _, show in ipairs(due.on_air and elastic.shows_on_air(S) or {}) do
    local listing = config(S, 'listing', show.room, due.stock.sku)
    if listing and not listing.presale then look(show.channel, true) end
  end
  return least, of
end

-- The channel of the show on air with the lowest share left of a SKU, with units left and offered; nil where there is none.
function elastic.lowest_share(S, stock)
  local left, offered, of
  for _, show in ipairs(elastic.shows_on_air(S)) do
    local its_left, its_offered
    if elastic.reaches(S, stock, show.channel) then its_left, its_offered = elastic.left_of_offered(S, stock, show) end
    if its_left and its_offered > 0 then
      local difference = left and its_left * offered - left * its_offered or -1
      if difference < 0 or (difference == 0 and show.channel < of) then
        left, offered, of = its_left, its_offered, show.channel
      end
    end
  end
  return left, offered, of
end

-- The channel that needs the reserve, and by which of the rule's triggers; nil where none does.
function elastic.triggered(S, rule, due)
  if rule.at_units then
    local left, channel = elastic.least_left(S, due)
    if left and left <= rule.at_units then return channel, 'at_units' end
  end
  if rule.at_share_percent then
    local left, offered, channel = elastic.lowest_share(S, due.stock)
    if left and 100 * left <= rule.at_share_percent * offered then return channel, 'at_share_percent' end
  end
  return nil
end

-- The book or a duty releases one step. Returns its action.
function elastic.release_step(S, stock, units, target, channel, actor, reason)
  local step = elastic.count_step(S, stock.sku)
  local id, mark = elastic.id(stock.sku, step), actions.mark(S)
  transfer(S, stock, 'release_elastic', units, 'elastic', target,
    { id = id, channel = channel, actor = actor, reason = reason })
  return actions.record(S, { id = actions.free_id(S, id), actor = actor, kind = 'release_elastic', room = '',
    subject = stock.sku, text = reason, inverse = { type = 'units' } }, actions.effect_since(S, mark))
end

-- An operation has changed SKUs with a reserve: of each that needs it one step joins what is sold.
function elastic.decide(S, op)
  local due, skus = S.elastic_due, {}
  S.elastic_due = nil
  if elastic.by_hand[op[1]] or (op[1] == 'move' and op[3] == 'release_elastic') then return end
  for sku in pairs(due) do skus[#skus + 1] = sku end
  table.sort(skus)
  for _, sku in ipairs(skus) do
    local stock, rule = due[sku].stock, elastic.rule(config(S, 'sku', '', sku))
    local reserve = stock.units.elastic or 0
    if rule and rule.mode == 'auto' and reserve > 0 then
      local channel, trigger = elastic.triggered(S, rule, due[sku])
      if channel then
        local target, shared = elastic.target(S, channel)
        elastic.release_step(S, stock, elastic.step_units(rule, reserve), target, shared and '' or channel, 'book', trigger)
      end
    end
  end
  S.elastic_due = nil -- a release is no change that is answered by another one
end

-- What an alert offers: the next release, how much it makes of what remains, and how long that lasts at the show's pace as
-- the last ended minute left it.
function elastic.answer(S, room_name, room, stock, target, remaining)
  local settings = config(S, 'sku', '', stock.sku)
  local step, units = (settings.elastic_steps or 0) + 1, elastic.step_units(elastic.rule(settings), stock.units.elastic)
  local kept = redis.call('HGET', S.base .. ':pace:' .. shows.id(room_name, room.show or 0), stock.sku)
  local pace = kept and cmsgpack.unpack(kept)[1]
  local minutes = pace and pace > 0 and math.floor(units / pace + 0.5) or nil
  return { id = 'release_elastic:' .. string.format('%d', step), sku = stock.sku, qty = units, source = 'elastic',
    target = target, remaining_after = remaining + units, step = step, minutes_more = minutes }
end

-- Whether the release that an alert offers was made, by whomever.
function elastic.is_answered(S, record)
  local settings = record.sku ~= '' and config(S, 'sku', '', record.sku)
  local made, offered = settings and settings.elastic_steps or 0, 0
  for _, action in ipairs(record.actions) do offered = math.max(offered, action.step or 0) end
  return offered > 0 and offered <= made
end

-- Releases by hand, and by the duty -----------------------------------------------------------------------------

-- {'release_elastic', id, sku, units or 0: a step of the rule, or all, target, actor, reason} → data: {units released, of
-- which release}
function moves.release_elastic(S, op)
  local stock = stock_of(S, op[3])
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local to, refusal = check_place(S, op[5], 'target', true)
  if not to then return refusal end
  if not MOVES.release_elastic.elastic[to] then return refuse(S, 'BAD_MESSAGE', nil, nil, 'target') end
  local there = stock.units.elastic or 0
  local units = op[4] > 0 and op[4] or elastic.step_units(elastic.rule(config(S, 'sku', '', op[3])), there)
  if units == 0 or there < units then return refuse(S, 'INSUFFICIENT', there, nil, 'units') end
  local _, channel = place_kind(op[5])
  transfer(S, stock, 'release_elastic', units, 'elastic', op[5],
    { id = op[2], channel = channel, actor = op[6], reason = op[7] })
  return done(S, { units, elastic.count_step(S, op[3]) })
end

-- {'elastic_step', sku, step, units or 0: as the rule says, target, actor, reason, fence or 0}: the SKU's release of that number,
-- made once, whoever asks. With a fence it is the duty's, by the rule: where that does not say so any more, nothing is done.
-- → data: units released, 0 where it was made before
function operations.elastic_step(S, op)
  local sku, step, target, fence = op[2], op[3], op[5], op[8]
  local refusal = fence > 0 and alerts.refuse_fence(S, fence)
  if refusal then return refusal end
  local stock = stock_of(S, sku)
  if not stock then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  local settings = config(S, 'sku', '', sku)
  local rule, made = elastic.rule(settings), settings.elastic_steps or 0
  if step <= made then
    local record = actions.known(S, elastic.id(sku, step))
    return record and actions.tell(done(S, 0), record) or done(S, 0)
  end
  if step > made + 1 then return refuse(S, 'BAD_MESSAGE', nil, nil, 'step') end
  if fence > 0 and not (rule and rule.mode == 'auto' and rule.at_eta_minutes) then return done(S, 0) end
  local to
  to, refusal = check_place(S, target, 'target', true)
  if not to then return refusal end
  if not MOVES.release_elastic.elastic[to] then return refuse(S, 'BAD_MESSAGE', nil, nil, 'target') end
  local there = stock.units.elastic or 0
  local units = op[4] > 0 and op[4] or elastic.step_units(rule, there)
  if units == 0 or there < units then return refuse(S, 'INSUFFICIENT', there) end
  local _, channel = place_kind(target)
  local record = elastic.release_step(S, stock, units, target, channel or '', op[6], op[7])
  return actions.tell(done(S, units), record)
end
