-- The format in which a pool's book is written: meta's `format`, absent or 1 in books of before. It is raised to the latest, and never
-- lowered, once no server of before is there to read what it could not understand; both are read for ever.
--
--   1   ledger entries and records in the form of library 6 and before; no counters, no shows
--   2   entries and records carry show, price and limit as fields (state.lua, records.lua)
--   3   batches are drawn from in place: entries name them, records say from which (batches.lua, records.lua)
--   4   alerts of no show, of the rules `gate` and `shortage` (pool_alerts.lua); entries `refund_only` (refund_requests.lua)
--   5   entries say a pseudonym instead of a user, and so do events about one (people.lua)
--
-- A server says its format with each call of `apply` and `clock`; one of before does not. When one was last seen is known to
-- this engine process alone: the first call after its start, a promotion or a load of the library counts as one, so that
-- what was not seen meanwhile is waited for. A pool without a ledger entry has nothing that one of before might read.

local format = { latest = 5, quiet_default_ms = 60000 }
format.old_seen = {} -- base → when a server of before may have called last
format.raised = {} -- what is to be done with a book when it is raised: functions of the state and the format before
format.old_called = {} -- base → true where one has, since this engine process began

-- A server called that writes `says` (nil or 0: one of before).
function format.hear(S, says)
  if S.format >= format.latest then return end
  if (says or 0) < format.latest then
    format.old_seen[S.base], format.old_called[S.base] = S.now, true
    return
  end
  local seen = format.old_seen[S.base]
  if not seen or seen > S.now then format.old_seen[S.base] = S.now end -- of a clock that went back, too
end

-- Raise the format where it is time. Returns whether it was raised; `commit` writes it.
function format.raise(S)
  if S.format >= format.latest or (S.params.format or 0) < format.latest then return false end
  local is_new = S.ledger + S.presale == 0 and not format.old_called[S.base]
  local quiet_ms = S.params.format_quiet_ms or format.quiet_default_ms
  if not is_new and S.now - format.old_seen[S.base] < quiet_ms then return false end
  local before = S.format
  S.format, S.format_raised = format.latest, true
  for _, follow in ipairs(format.raised) do follow(S, before) end
  return true
end

-- Codes that servers know from format 4: one of before is told another that it knows, and that is not tried again either.
local CODES_OF_4 = { NEEDS_APPROVAL = true, SAME_SIGNER = true, GATE = true }

-- An outcome as whoever called can read it.
function format.told(S, outcome)
  if CODES_OF_4[outcome[1]] and (S.params.format or 0) < 4 then outcome[1] = 'BAD_MESSAGE' end
end

function format.write(S)
  if S.format_raised then redis.call('HSET', S.base .. ':meta', 'format', S.format) end
  if S.people_from then redis.call('HSET', S.base .. ':meta', 'people_from', S.people_from) end
end
