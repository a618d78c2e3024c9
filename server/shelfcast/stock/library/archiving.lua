-- Archives: up to where a pool's ledgers are kept elsewhere, and taking entries out of the engine that are. Rules: docs/rules.md#invariants.
--
--   :checkpoints  hash  the pool's sequence → a Checkpoint as in stock/archived.py; the last archiving.checkpoints_max, and the
--                       first one that is not before the cut: an audit begins there
--   meta          cut_seq, cut_ledger, cut_presale: the place up to which entries are gone; absent before the first is
--
-- A place is a sequence of the pool, and how many entries of each ledger are up to it: the two add up to it. The cut is
-- always one, also between two calls of a trim that takes several.

archiving.checkpoints_max = 50
archiving.format_from = 5 -- entries of before may name people, whom an archive must not
archiving.trimmed_max = 10000 -- entries that one call may take out
archiving.shows_a_call = 10 -- records of shows that one call looks at
local DAY_MS = 24 * HOUR_MS
archiving.report_late_ms = DAY_MS -- how long after its time a final report is still waited for before ids are forgotten

-- Up to where entries may go at all, beside the checkpoint. Who reads the ledgers at a pace of their own is asked here.
archiving.held_back_by = {} -- functions of the state and a sequence: why entries up to it have to stay, or nil

local function cut_of(S)
  if not S.cut then
    local meta = redis.call('HMGET', S.base .. ':meta', 'cut_seq', 'cut_ledger', 'cut_presale')
    S.cut = { seq = tonumber(meta[1] or 0), ledger = tonumber(meta[2] or 0), presale = tonumber(meta[3] or 0) }
  end
  return S.cut
end

-- All that are kept, oldest first, with those of this very call.
local function checkpoints_of(S)
  if not S.checkpoints then
    S.checkpoints = {}
    for i, blob in ipairs(redis.call('HVALS', S.base .. ':checkpoints')) do S.checkpoints[i] = cmsgpack.unpack(blob) end
    table.sort(S.checkpoints, function(a, b) return a.place.seq < b.place.seq end)
  end
  return S.checkpoints
end

local function known(S)
  return { cut = cut_of(S), checkpoints = checkpoints_of(S) }
end

-- How many entries of the stock's ledger are up to a sequence of the pool; they are looked for from number `low` to `high`.
local function ledger_at(S, at, low, high)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    local found = redis.call('XRANGE', S.base .. ':ledger', string.format('%d-0', middle), '+', 'COUNT', 1)[1]
    if found and tonumber(string.match(found[1], '-(%d+)$')) <= at then low = middle else high = middle - 1 end
  end
  return low
end

-- Which of these shows have no final report.
local function unreported(S, ids)
  local found = {}
  for first = 1, #ids, WRITE_CHUNK do
    local last = math.min(first + WRITE_CHUNK - 1, #ids)
    for i, blob in ipairs(redis.call('HMGET', S.base .. ':reports', unpack(ids, first, last))) do
      if not (blob and cmsgpack.unpack(blob).final) then found[#found + 1] = ids[first + i - 1] end
    end
  end
  return found
end

-- A show whose entries are not all in its final report yet, and that began before `at`: its id, or nil. Records may be long,
-- so when a show began stands apart; of those that a server of before has begun some are looked at in each call, and one
-- that was not yet counts as such a show.
function archiving.without_report(S, at)
  local ids, learned = unreported(S, redis.call('ZRANGE', S.base .. ':shows_order', 0, -1)), 0
  local began = {}
  read_many(S.base .. ':shows_began', ids, began)
  S.shows_learned = S.shows_learned or {}
  for _, id in ipairs(ids) do
    local seq_then = tonumber(began[id] or S.shows_learned[id])
    if not seq_then then
      if learned == archiving.shows_a_call then return id end
      local record = shows.of(S, id)
      learned, seq_then = learned + 1, record and record.started_seq or math.huge
      if record then S.shows_learned[id] = seq_then end
    end
    if seq_then < at then return id end
  end
  return nil
end

archiving.held_back_by[1] = archiving.without_report

-- {'checkpoint', seq, ledger, presale, name, hash, last_at_ms, behind} → data: what is known of the archive. `behind` is the
-- sequence of the last one that whoever wrote it knew of; another one has been noted since where it is not: STALE. -1: any.
function operations.checkpoint(S, op)
  local place = { seq = op[2], ledger = op[3], presale = op[4] }
  local kept, cut = checkpoints_of(S), cut_of(S)
  local last = kept[#kept]
  for _, one in ipairs(kept) do
    if one.place.seq == place.seq then
      if one.hash ~= op[6] then return refuse(S, 'ID_CONFLICT', nil, nil, 'hash') end
      return done(S, known(S))
    end
  end
  if place.seq <= (last and last.place.seq or cut.seq) then return refuse(S, 'STALE', nil, nil, 'seq') end
  if (op[8] or -1) >= 0 and op[8] ~= (last and last.place.seq or 0) then return refuse(S, 'STALE', nil, nil, 'behind') end
  -- What this very call has moved is not in the ledgers yet, and in no archive either.
  if place.seq > S.ledger_before + S.presale_before then return refuse(S, 'NOT_FOUND', nil, nil, 'seq') end
  local ledger = ledger_at(S, place.seq, cut.ledger, math.min(S.ledger_before, place.seq - cut.presale))
  if place.ledger ~= ledger then return refuse(S, 'BAD_MESSAGE', nil, nil, 'ledger') end
  if place.presale ~= place.seq - ledger then return refuse(S, 'BAD_MESSAGE', nil, nil, 'presale') end
  local one = { place = place, name = op[5], hash = op[6], at_ms = S.now, last_at_ms = op[7] }
  kept[#kept + 1] = one
  S.checkpoints_noted = S.checkpoints_noted or {}
  S.checkpoints_noted[#S.checkpoints_noted + 1] = one
  while #kept > archiving.checkpoints_max do
    local oldest = 1
    if kept[1].place.seq >= cut.seq then oldest = 2 end
    S.checkpoints_dropped = S.checkpoints_dropped or {}
    S.checkpoints_dropped[#S.checkpoints_dropped + 1] = string.format('%d', table.remove(kept, oldest).place.seq)
  end
  return done(S, known(S))
end

-- {'trim', seq, limit} → data: how many entries are still to go up to that checkpoint
function operations.trim(S, op)
  local at, limit = op[2], math.min(op[3], archiving.trimmed_max)
  local cut, target = cut_of(S), nil
  for _, one in ipairs(checkpoints_of(S)) do
    if one.place.seq == at then target = one.place end
  end
  if not target then return refuse(S, 'NOT_FOUND', nil, nil, 'seq') end
  if S.format < archiving.format_from then return refuse(S, 'GATE', nil, nil, 'format') end
  if limit < 1 then return refuse(S, 'BAD_MESSAGE', nil, nil, 'limit') end
  if at <= cut.seq then return done(S, 0) end
  for _, holds_back in ipairs(archiving.held_back_by) do
    local why = holds_back(S, at)
    if why then return refuse(S, 'GATE', nil, nil, why) end
  end
  local seq_then = math.min(at, cut.seq + limit - (S.trimmed or 0))
  if seq_then > cut.seq then
    local ledger = at == seq_then and target.ledger
      or ledger_at(S, seq_then, cut.ledger, math.min(target.ledger, cut.ledger + seq_then - cut.seq))
    S.trimmed = (S.trimmed or 0) + seq_then - cut.seq
    S.cut, S.is_cut = { seq = seq_then, ledger = ledger, presale = seq_then - ledger }, true
  end
  return done(S, at - seq_then)
end

function archiving.write(S)
  for _, one in ipairs(S.checkpoints_noted or {}) do
    redis.call('HSET', S.base .. ':checkpoints', string.format('%d', one.place.seq), cmsgpack.pack(one))
  end
  if S.checkpoints_dropped then call_in_chunks('HDEL', S.base .. ':checkpoints', S.checkpoints_dropped) end
  for id, seq_then in pairs(S.shows_learned or {}) do
    -- One that has gone in this very call leaves nothing.
    if S.shows[id] ~= false then redis.call('HSET', S.base .. ':shows_began', id, seq_then) end
  end
  if not S.is_cut then return end
  local cut = S.cut
  redis.call('HSET', S.base .. ':meta', 'cut_seq', cut.seq, 'cut_ledger', cut.ledger, 'cut_presale', cut.presale)
  redis.call('XTRIM', S.base .. ':ledger', 'MINID', string.format('%d-0', cut.ledger + 1))
  redis.call('XTRIM', S.base .. ':presale', 'MINID', string.format('%d-0', cut.presale + 1))
end

-- The hour in which to look again whether the ids of a show's reservations may be forgotten: nil when they may be now. Its final
-- report reads them; one that is not written so long after its time (the archive is away for days) is not waited for, and
-- neither are shows that are not kept any more.
function archiving.hour_of_report(S, show)
  local record = shows.of(S, show)
  if not record or record.ended_at_ms == 0 then return nil end
  S.finals = S.finals or {}
  if S.finals[show] == nil then
    local blob = redis.call('HGET', S.base .. ':reports', show)
    S.finals[show] = blob and cmsgpack.unpack(blob).final and true or false
  end
  if S.finals[show] then return nil end
  local until_ms = record.ended_at_ms + (S.params.report_final_after_ms or DAY_MS) + archiving.report_late_ms
  if until_ms <= S.now then return nil end
  return math.floor((S.now - S.params.remember_ms) / HOUR_MS) -- the next run looks at hours before this one
end
