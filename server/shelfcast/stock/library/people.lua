-- People: a user stands in what stays (both ledgers, events) under a pseudonym from format 5 on. Rules: docs/rules.md#people.
--
--   :people       hash  user → pseudonym
--   :people_back  hash  pseudonym → user, or '' of somebody who was forgotten
--   meta's `people_from`: the pool's sequence behind which entries name nobody
--
-- A pseudonym is a part of a digest of what nobody can guess: a secret that each server draws when it starts and says with its
-- calls, kept nowhere; the time; a count. The user is no part of it.

local PSEUDONYM_LENGTH, A_DIGEST, DRAWS_MAX = 16, 2, 64
local NOBODY = {}
local secret, drawn = '', 0 -- the last secret that a server has said to this engine process; one of before says none

format.raised[#format.raised + 1] = function(S, before)
  if before < 5 then S.people_from = seq(S) end
end

-- Names for users, unlike them.
local function draw(S, users)
  local names, time = {}, redis.call('TIME')
  local seed = (S.params.people_secret or secret) .. time[1] .. ' ' .. time[2] .. ' '
  local digest, used = '', A_DIGEST
  for i = 1, #users do
    for _ = 1, DRAWS_MAX do
      if used == A_DIGEST then
        drawn, used = drawn + 1, 0
        digest = redis.sha1hex(seed .. drawn)
      end
      names[i], used = string.sub(digest, used * PSEUDONYM_LENGTH + 1, (used + 1) * PSEUDONYM_LENGTH), used + 1
      if not string.find(names[i], users[i], 1, true) then break end
    end
  end
  return names
end

-- Users without a pseudonym get one each, unlike all others there are. Who is the pseudonym of somebody forgotten stays: what is
-- said of those orders goes on under it.
local function give(S, users, names)
  local new = S.people_new
  if not new then new = { of = {}, forth = {}, back = {} }; S.people_new = new end
  local forth, back = new.forth, new.back
  while users[1] do
    local tried, again, asked, known = draw(S, users), {}, {}, {}
    for i = 1, #users do asked[2 * i - 1], asked[2 * i] = users[i], tried[i] end
    read_many(S.base .. ':people_back', asked, known)
    for i = 1, #users do
      local user, name = users[i], tried[i]
      if known[user] == '' then
        names[user] = user
      elseif known[name] or new.of[name] then
        again[#again + 1] = user
      else
        names[user], new.of[name] = name, user
        local n = #forth
        forth[n + 1], forth[n + 2] = user, name
        back[n + 1], back[n + 2] = name, user
      end
    end
    users = again
  end
end

-- Read what is known of users, and give the others a pseudonym.
local function read(S, users, names)
  local without
  for first = 1, #users, WRITE_CHUNK do
    local found = redis.call('HMGET', S.base .. ':people', unpack(users, first, math.min(first + WRITE_CHUNK - 1, #users)))
    for i = 1, #found do
      local user = users[first + i - 1]
      if found[i] then
        names[user] = found[i]
      else
        without = without or {}
        without[#without + 1] = user
      end
    end
  end
  if without then give(S, without, names) end
end

-- The pseudonyms of users, a map; who has none gets one. users: each at least once.
function people.named(S, users)
  local names, unread = S.people or {}, {}
  S.people = names
  for i = 1, #users do
    local user = users[i]
    if names[user] == nil then
      names[user] = false
      unread[#unread + 1] = user
    end
  end
  if unread[1] then read(S, unread, names) end
  return names
end

-- Whom an event is about: the subject of one of a standing, or nil.
local function person_of(S, row)
  local kind, data = row[3], row[6]
  local what = data.what
  if kind == 'undone' then
    local undone = actions.known(S, data.undone)
    what = undone and undone.what
  elseif kind ~= 'definition' and kind ~= 'action' then
    return nil
  end
  return what == 'user' and row[5] or nil
end

-- The pseudonyms of all that this call's entries and events are about, before anything is written.
function people.of_call(S)
  if S.format < 5 then return NOBODY end
  if S.params.people_secret then secret = S.params.people_secret end
  local names, unread, count, entries = S.people or {}, {}, 0, S.entries
  S.people, names[''] = names, ''
  for _ = 1, 2 do
    for i = 1, #entries do
      local user = entries[i][6].user
      if user and names[user] == nil then
        names[user], count = false, count + 1
        unread[count] = user
      end
    end
    entries = S.presale_entries
  end
  for _, row in ipairs(S.events) do
    local user = person_of(S, row)
    if user and names[user] == nil then
      names[user], count = false, count + 1
      unread[count] = user
    end
  end
  if count > 0 then read(S, unread, names) end
  return names
end

-- An event as it is kept: of a return without the reason; one about a person without what was said of that person, where true
-- behind it says that its subject is a pseudonym.
function people.kept_event(S, row)
  local user = S.format >= 5 and person_of(S, row)
  local is_return = S.format >= 5 and row[3] == 'action' and row[6].kind == 'return'
  if not user and not is_return then return row end
  local name, data = user and people.named(S, { user })[user] or row[5], {}
  for field, value in pairs(row[6]) do
    if field ~= 'text' then data[field] = field == 'key' and name or value end
  end
  return { row[1], row[2], row[3], row[4], name, data, row[7], row[8], user and true or nil }
end

-- Nobody is told any more whose a pseudonym is, nor what was said of that person; and where the user is named, the user has it no
-- more either.
function people.forget(S, name, user)
  S.people_forgotten = S.people_forgotten or {}
  S.people_forgotten[name] = user or S.people_forgotten[name] or false
end

function people.write(S)
  local new = S.people_new
  if new and new.forth[1] then
    call_in_chunks('HSET', S.base .. ':people', new.forth)
    call_in_chunks('HSET', S.base .. ':people_back', new.back)
  end
  for name, user in pairs(S.people_forgotten or NOBODY) do
    redis.call('HSET', S.base .. ':people_back', name, '')
    if user then redis.call('HDEL', S.base .. ':people', user) end
  end
end

-- {'people', [user, …]} → data: their pseudonyms, in order
function operations.people(S, op)
  if S.format < 5 then return refuse(S, 'UNAVAILABLE') end
  local names, told = people.named(S, op[2]), {}
  for i, user in ipairs(op[2]) do told[i] = names[user] end
  return done(S, told)
end
