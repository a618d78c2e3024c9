-- Names: the keys of a pool, its buckets and accounts, and the constants the rules share.
--
-- All keys of a pool begin with KEYS[1], its base `<prefix>:{<pool>}`; the hash tag keeps them in one slot.
--
--   :meta            hash    format (format.lua); frozen (freezes.lua); epoch; ledger, presale and events, the last number of each of these streams;
--                            rehearsal_clock_ms, a clock for rehearsals and tests, standing, or with a sign so far
--                            from the engine's: absent, the engine's decides; clock_steps, how often it stepped
--   :epochs          list    "<epoch> <the sequence it began at>", the latest last
--   :skus            hash    sku → SkuConfig                :sku:<sku>     hash  bucket or account → units; `frozen`;
--                            counters of what was taken from a place (counters.lua)
--   :sku_names       zset    the names of the catalogue, by name (pages of it)
--   :channels        hash    channel → ChannelConfig        :batches       hash  batch → BatchConfig
--   :rooms           hash    room → RoomConfig              :listing:<room> hash sku → Listing
--   :users           hash    user → UserConfig              :batch:<batch> set   SKUs that have had units in it
--   :batches_planned, :batches_open, :batches_opened  zsets  indexes of the batches (batches.lua)
--   :people, :people_back  hashes  users and their pseudonyms (people.lua); meta's `people_from`
--   :units:batch:<batch> hash  user US sku → net units drawn from it (batches.lua)
--   :frozen          hash    the flags that are set, and by whom (freezes.lua); meta's `flags_noted`
--   :words           hash    room → its notice and cues (notices_and_cues.lua)
--   :pool            hash    '' → PoolConfig, the settings of the pool
--   :dropped         hash    what definitions were dropped of ('listing:<room>') → the highest revision they had
--   :reservations    hash    id → record                    :unfilled      hash  ids of the PAID_NO_STOCK queue → time
--   :units           hash    user US sku → net units        :live          hash  user → ids of live holds, by spaces
--   :units:<show>, :units_days  hashes, the same of a window (windows.lua); :windows zset, which shows have one
--   :due             zset    expiry times                   :due:<ms>      list  ids whose hold ends then
--   :moves           hash    move id → body and outcome
--   :finished        zset    hours                          :finished:<h>  list  "r<id>" or "m<id>" finished then
--   :ledger          stream  stock entries                  :presale       stream presale entries
--                            an entry's id is <its number in this ledger>-<the pool's sequence>,
--                            its one field `e` a MessagePack array (state.lua)
--   :events          stream  what happened besides (events.lua); an entry's id as in the ledgers; meta's `events` counts them
--   :actions         hash    id → an operator's write (actions.lua); :actions_order and :actions_order_minor are zsets of
--                            their ids, by number
--   :refused:<show>  hash    refusals by SKU and code, with a HyperLogLog for each beside it (refusals.lua)
--   :shows, :shows_order, :shows_began, :show:<id>, :sold:<id>  the shows of the rooms (shows.lua)
--   :waits, :waits_of, :waiting_skus, :serving, :waiting:<sku>, :wait:…, :wait_order:…  who waits (waiting.lua); meta's `waits`
--   :unfilled_of:<sku>, :oversold_of:<sku>, :owing  orders that units are owed to (settling.lua)
--   :on_air          zset    the shows that are on (elastic.lua)
--   :alerts:<show>, :alerts_last:<show>, :alerting  the alerts of the shows (alerts.lua), and of no show (pool_alerts.lua)
--   :series:<show>:<hour>, :shown:<show>:<hour>, :series_of:<show>, :pace:<show>  their minutes (series.lua)
--   :demand, :proposals, :split_skus  what the split knows and proposes (allocation.lua)
--   :counts, :counts_over, :counts_leaving, :count:<id>:rows, :count:<id>:names, :count:<id>:keys, :counting, :counted, :unsigned  counts of the stock
--                            (counts.lua); meta's `counting`: how many are open, `drafts`: of them those of moves
--   :viewers:<room>  hash    process → its viewers, and until when they count (presence.lua)
--   :receipts, :receipts_open, :receipts_over, :receipt:<id>  goods that arrive (receipts.lua)
--   :lots, :lots_expire  what was made, and expires, together (lots.lua);  :erp_levels  what an ERP says is there (erp_levels.lua)
--   :refunds, :refunds_open, :refunds_over  refunds that were asked for (refund_requests.lua)
--   :checkpoints     hash  what the archive has (archiving.lua); meta's `cut_seq`, `cut_ledger`, `cut_presale`
--   :reports, :forecast:<show>, :waited:<show>, :history  the shows' reports, and what SKUs came to (reports.lua)
--   :external_orders  zset  ids of orders from files that are known when their records are over (paid_orders.lua)
--   :days  business days whose totals are in the archive (days.lua); meta's `day`, `days_seq`
--   :writable        string  written by readiness checks in a Cluster; goes by itself
--   :feed            sharded pub/sub channel
--
-- Jobs for the process that does heavy work have keys of their own (jobs.lua), and so have imports (imports.lua), which
-- nothing else here reads.
-- The lease of the duties is no pool's and has a key and a fence of its own (lease.lua).
--
-- Configuration values are MessagePack maps with a `revision` that each change raises, from 1; what a server of before has
-- written has none, which is 0. Records are MessagePack arrays (records.lua).

local US = '\31'
local EXPIRY_STEP_MS = 250
local HOUR_MS = 3600000
local EPOCHS_KEPT = 64
-- Where a server of before does not say it.
local MOVES_A_CALL, FEED_MESSAGE_MAX_BYTES = 500, 1048576
-- Of the moves of a call so many may be offers, each of which costs two of them; and of the holds that a call may end so many
-- do, where each may go on to somebody who waits.
local OFFERS_OF_MOVES, EXPIRIES_WITH_OFFERS = 0.5, 0.2
local SAFETY_PERCENT_DEFAULT = 10 -- of a pool that names none
local WRITE_CHUNK = 2000 -- arguments of one command; Lua's C stack holds 8,000

-- What may run below zero: the other ends of the book. Everything else is checked before anything is written.
local MAY_BE_NEGATIVE = { supplier = true, count_gain = true, promise = true, outside = true }

-- Fields of configuration that the book keeps for itself: nobody defines them.
local OWN_FIELDS = { changed_at_ms = true, closed_at_ms = true, closed_by = true, closing = true, drawn = true,
  elastic_steps = true, erasing = true, ended_at_ms = true, frozen = true, leftover_to = true, missed = true, opened_at_ms = true,
  opened_by = true, opening = true, revision = true, show = true, state_revision = true, telling = true,
  upgraded_show = true, waits_over = true, waits_until = true }

-- Where units of a SKU can physically be; `prefix:` stands for all names that begin so.
local ON_HAND = { unsellable = true, safety = true, elastic = true, pool = true,
  ['batch:'] = true, ['channel:'] = true, ['held:'] = true, ['sold:'] = true }

-- Places that were taken apart already: every call asks of every place of every SKU it touches.
local known_places = { kinds = {}, names = {}, count = 0, most = 2000 }

-- 'channel:live' → 'channel:', 'live'; 'pool' → 'pool', nil
local function place_kind(place)
  local known = known_places
  local kind = known.kinds[place]
  if kind then return kind, known.names[place] end
  if known.count >= known.most then known.kinds, known.names, known.count = {}, {}, 0 end
  local colon = string.find(place, ':', 1, true)
  local name
  kind = place
  if colon then kind, name = string.sub(place, 1, colon), string.sub(place, colon + 1) end
  known.kinds[place], known.names[place], known.count = kind, name, known.count + 1
  return kind, name
end
