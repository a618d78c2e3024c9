-- Refusals: what a show's customers asked for and did not get, by SKU and code. They are statistics and no ledger: no unit
-- moves, the sequence knows nothing of them, and what a process could not add is missing. So they say "at least".
--
--   :refused:<show>              hash  "<SKU> US <code>" → "<count> <units>"; without a SKU the show's total of the code
--   :refused:<show>:<code>:<SKU> HyperLogLog of the users, of the total without a SKU
--
-- A show has rows for refusal_rows_a_show_max pairs of SKU and code. Refusals beyond are in the totals alone. All of it goes
-- with its show, or refusals_kept_ms after the first.

local refusals = { rows_default = 5000, kept_ms_default = 35 * 24 * HOUR_MS }

local function users_key(S, show, sku, code)
  return S.base .. ':refused:' .. show .. ':' .. code .. ':' .. sku
end

-- The row as this call has it so far, or nil where the show has no place for one more.
function refusals.row(S, show, sku, code)
  local of_show = S.refused[show]
  if not of_show then
    of_show = { rows = {}, count = redis.call('HLEN', S.base .. ':refused:' .. show) }
    S.refused[show] = of_show
  end
  local field = sku .. US .. code
  local row = of_show.rows[field]
  if row then return row end
  local stored = redis.call('HGET', S.base .. ':refused:' .. show, field)
  if not stored then
    if sku ~= '' and of_show.count >= (S.params.refusal_rows_a_show_max or refusals.rows_default) then return nil end
    of_show.count = of_show.count + 1
  end
  local count, units = string.match(stored or '0 0', '^(%d+) (%d+)$')
  row = { sku = sku, code = code, count = tonumber(count), units = tonumber(units), users = {}, is_new = not stored }
  of_show.rows[field] = row
  return row
end

function refusals.add(row, count, units, users)
  row.count, row.units = row.count + count, row.units + units
  for i = 1, #users do row.users[#row.users + 1] = users[i] end
end

function refusals.write(S)
  for show, of_show in pairs(S.refused) do
    local key, kept_ms = S.base .. ':refused:' .. show, S.params.refusals_kept_ms or refusals.kept_ms_default
    local set, fresh = {}, { key }
    for field, row in pairs(of_show.rows) do
      set[#set + 1] = field
      set[#set + 1] = string.format('%d %d', row.count, row.units)
      local users = users_key(S, show, row.sku, row.code)
      if row.is_new then
        redis.call('PFADD', users) -- also where nobody is named yet: what is made later would get no time to go
        fresh[#fresh + 1] = users
      end
      call_in_chunks('PFADD', users, row.users)
    end
    call_in_chunks('HSET', key, set)
    for _, name in ipairs(fresh) do redis.call('PEXPIRE', name, kept_ms, 'NX') end
  end
end

shows.forgets[#shows.forgets + 1] = function(S, show)
  local key = S.base .. ':refused:' .. show
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local sku, code = string.match(field, '^(.*)' .. US .. '(.*)$')
    redis.call('UNLINK', users_key(S, show, sku, code))
  end
  redis.call('UNLINK', key)
  S.refused[show] = nil
end

-- {'refusals', [[show, sku, code, count, units, [user, …]], …]}: a process adds what it has refused. Users are digests of
-- their names, each at least once for a row.
function operations.refusals(S, op)
  for _, given in ipairs(op[2]) do
    local show, sku, code, count, units, users = unpack(given)
    local row = refusals.row(S, show, sku, code)
    if row then refusals.add(row, count, units, users) end
    refusals.add(refusals.row(S, show, '', code), count, units, users)
  end
  return done(S)
end

do
  -- How many people each group of rows is about; somebody in several rows of a group counts once.
  --   ARGV[1] the show; ARGV[2] groups, [[[sku, code], …], …]
  --   result  [people, …] in the order of the groups
  local function refused_people(keys, args)
    local people = {}
    for i, group in ipairs(cmsgpack.unpack(args[2])) do
      local names = {}
      for _, row in ipairs(group) do names[#names + 1] = users_key({ base = keys[1] }, args[1], row[1], row[2]) end
      people[i] = #names > 0 and redis.call('PFCOUNT', unpack(names)) or 0
    end
    return cmsgpack.pack(people)
  end

  redis.register_function('shelfcast_refused_people', refused_people)
end
