-- The audit of the counts: their indexes and numbers, a page at a time, each held against the others within its own call.

local pages = {}

-- meta's `counting` is how many are open, `drafts` how many of them are of moves, and what is leaving was cancelled. subject: the ids, for the pages of their rows.
function pages.counts(S, _, _, wrong)
  local open, drafts, ids = 0, 0, {}
  for _, id in ipairs(redis.call('HKEYS', S.base .. ':counts')) do
    ids[#ids + 1] = id
    local record = counts.known(S, id)
    if counts.is_open(record) then
      open, drafts = open + 1, drafts + (record.kind == 'draft' and 1 or 0)
    end
  end
  if open ~= S.counting then wrong[#wrong + 1] = { 'open', '', '', S.counting, open } end
  local noted = counts.open_drafts(S)
  if drafts ~= noted then wrong[#wrong + 1] = { 'drafts', '', '', noted, drafts } end
  for _, id in ipairs(redis.call('SMEMBERS', S.base .. ':counts_leaving')) do
    local record = counts.known(S, id)
    if not record or record.state ~= 'cancelled' then wrong[#wrong + 1] = { 'leaving', id, '' } end
  end
  return '0', ids
end

-- A SKU that is on a count is on a row of it that was not applied; the count is open, or its SKUs are leaving it.
function pages.counting(S, cursor, limit, wrong)
  local found = redis.call('HSCAN', S.base .. ':counting', cursor, 'COUNT', limit)
  for i = 1, #found[2], 2 do
    local sku, id = found[2][i], found[2][i + 1]
    local record = counts.known(S, id)
    local row = record and counts.rows(S, id, { sku })[sku]
    local leaves = record and record.state == 'cancelled' and redis.call('SISMEMBER', S.base .. ':counts_leaving', id) == 1
    if not row or row.status == 'applied' or not (leaves or counts.is_open(record)) then wrong[#wrong + 1] = { 'on', sku, id } end
  end
  return found[1], {}
end

-- A SKU of an open count is on it, unless it is applied. Tells what these rows add to the count's numbers, and the record of now,
-- with a digest: where that is the same for all pages, the sums are of one moment.
function pages.rows(S, cursor, limit, wrong, id)
  local record = counts.known(S, id)
  if not record then return '0', { '', {}, {} } end
  local found = redis.call('HSCAN', S.base .. ':count:' .. id .. ':rows', cursor, 'COUNT', limit)
  local skus, sums = {}, { rows = 0, lines = 0 }
  for i = 1, #found[2], 2 do skus[#skus + 1] = found[2][i] end
  local on = counts.on(S, skus)
  for i = 1, #found[2], 2 do
    local sku, row = found[2][i], cmsgpack.unpack(found[2][i + 1])
    local is_done = row.status == 'applied' or record.behind and sku <= record.behind
    if counts.is_open(record) and not is_done and on[sku] ~= id then wrong[#wrong + 1] = { 'off', sku, id } end
    if counts.is_open(record) and redis.call('ZSCORE', S.base .. ':count:' .. id .. ':names', sku) == false then
      wrong[#wrong + 1] = { 'name', sku, id }
    end
    sums.rows, sums.lines = sums.rows + 1, sums.lines + #(row.lines or {})
    for name, n in pairs(counts.tally(row)) do sums[name] = (sums[name] or 0) + n end
  end
  return found[1], { redis.sha1hex(redis.call('HGET', S.base .. ':counts', id)), sums, record }
end

-- A page of what is to be checked.
--   ARGV[1] 'counts', 'counting' or 'rows'; ARGV[2] cursor, '0' the first; ARGV[3] about how many; ARGV[4] of rows, the count
--   result  [next cursor, [[what is wrong, SKU or count, count, counted, found], …], what else the page says]
local function audit_counts(keys, args)
  local S, wrong = begin(keys[1], {}), {}
  local cursor, said = pages[args[1]](S, args[2], args[3], wrong, args[4])
  return cmsgpack.pack({ cursor, wrong, said })
end

redis.register_function('shelfcast_audit_counts', audit_counts)
