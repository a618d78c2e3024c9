-- Business days whose totals are in the archive. Rules: docs/rules.md#days.
--
--   :days   hash  date (YYYY-MM-DD) → { date, through = { seq, ledger, presale }, from_ms, to_ms, at_ms, name, checksum, skus }
--   meta's  day: the date of the last one; days_seq: the pool's sequence that it ends at. In a pool that has days (one that is
--           no rehearsal) no entry behind it leaves the ledgers

local META_FIELDS = { 'day', 'days_seq' }

-- Of days that a batch notes one after the other each is behind the one before it.
local function last_noted(S)
  if not S.days_last then
    local found = redis.call('HMGET', S.base .. ':meta', unpack(META_FIELDS))
    S.days_last = { date = found[1] or '', seq = tonumber(found[2] or 0) }
  end
  return S.days_last
end

local function known_day(S, date)
  local day = S.days and S.days[date]
  if day then return day end
  local blob = redis.call('HGET', S.base .. ':days', date)
  return blob and cmsgpack.unpack(blob) or nil
end

-- {'note_day', date, seq, ledger, presale, from_ms, to_ms, name, checksum, skus, kept} → data: how many are kept
function operations.note_day(S, op)
  local date, through, last = op[2], op[3], last_noted(S)
  local kept = redis.call('HLEN', S.base .. ':days')
  if date == last.date then
    local known = known_day(S, date)
    if not known or known.checksum ~= op[9] then return refuse(S, 'STALE', nil, nil, 'date') end
    return done(S, kept)
  end
  if date < last.date then return refuse(S, 'STALE', nil, nil, 'date') end
  if through < last.seq then return refuse(S, 'STALE', nil, nil, 'seq') end
  if through > seq(S) then return refuse(S, 'BAD_MESSAGE', nil, nil, 'seq') end
  S.days = S.days or {}
  S.days[date] = { date = date, through = { seq = through, ledger = op[4], presale = op[5] }, from_ms = op[6], to_ms = op[7],
    at_ms = S.now, name = op[8], checksum = op[9], skus = op[10] }
  S.days_last, S.days_kept = { date = date, seq = through }, op[11]
  return done(S, math.min(kept + 1, op[11]))
end

-- What has no totals yet stays.
archiving.held_back_by[#archiving.held_back_by + 1] = function(S, at)
  local pool = config(S, 'pool', '', '')
  if pool and pool.rehearsal then return nil end
  return at > last_noted(S).seq and 'days' or nil
end

function archiving.write_days(S)
  if not S.days then return end
  local key, fields = S.base .. ':days', {}
  for date, day in pairs(S.days) do
    fields[#fields + 1] = date
    fields[#fields + 1] = cmsgpack.pack(day)
  end
  call_in_chunks('HSET', key, fields)
  redis.call('HSET', S.base .. ':meta', 'day', S.days_last.date, 'days_seq', S.days_last.seq)
  local dates = redis.call('HKEYS', key)
  table.sort(dates)
  call_in_chunks('HDEL', key, { unpack(dates, 1, math.max(0, #dates - S.days_kept)) })
end
