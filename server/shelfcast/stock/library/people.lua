-- People: a user stands in what stays (both ledgers, events) under a pseudonym from format 5 on. Rules: docs/rules.md#people.
--
--   :people       hash  user → pseudonym           :people_back  hash  pseudonym → user
--   :erased       hash  pseudonym of somebody who was forgotten → when
--   meta's `people_from`: the pool's sequence behind which entries name nobody
--
-- A pseudonym is the beginning of a digest of what nobody can guess: a secret that each server draws when it starts and says
-- with its calls, kept nowhere; a count; the time. The user is no part of it.

local PSEUDONYM_LENGTH, DRAWS_MAX = 16, 64
local NOBODY = {}
local secret, drawn = '', 0 -- the last secret that a server has said to this engine process; one of before says none

format.raised[#format.raised + 1] = function(S, before)
  if before < 5 then S.people_from = seq(S) end
end

local function draw(S, user)
  if S.params.people_secret then secret = S.params.people_secret end
  local name
  for _ = 1, DRAWS_MAX do
    drawn = drawn + 1
    local time = redis.call('TIME')
    name = string.sub(redis.sha1hex(table.concat({ secret, drawn, time[1], time[2], tostring({}), S.base }, ' ')), 1,
      PSEUDONYM_LENGTH)
    if not string.find(name, user, 1, true) then break end
  end
  return name
end

-- Those of these names that are the pseudonyms of somebody who was forgotten: what is said of their orders goes on with them.
local function keep_erased(S, users, names)
  local found, strangers = {}, {}
  read_many(S.base .. ':erased', users, found)
  for _, user in ipairs(users) do
    if found[user] then names[user] = user else strangers[#strangers + 1] = user end
  end
  return strangers
end

-- Users without a pseudonym get one each, unlike all others there are.
local function give(S, users, names)
  S.people_new = S.people_new or { of = {}, users = {} }
  local new, without = S.people_new, keep_erased(S, users, names)
  while #without > 0 do
    local tried, taken, erased, again = {}, {}, {}, {}
    for i, user in ipairs(without) do tried[i] = draw(S, user) end
    read_many(S.base .. ':people_back', tried, taken)
    read_many(S.base .. ':erased', tried, erased)
    for i, user in ipairs(without) do
      local name = tried[i]
      if taken[name] or erased[name] or new.of[name] then
        again[#again + 1] = user
      else
        names[user], new.of[name] = name, user
        new.users[#new.users + 1] = user
      end
    end
    without = again
  end
end

-- The pseudonyms of users, a map; who has none gets one. users: each at least once.
function people.named(S, users)
  S.people = S.people or {}
  local names, unread, without = S.people, {}, {}
  for i = 1, #users do
    local user = users[i]
    if names[user] == nil then
      names[user] = false
      unread[#unread + 1] = user
    end
  end
  if #unread == 0 then return names end
  read_many(S.base .. ':people', unread, names)
  for i = 1, #unread do
    if not names[unread[i]] then without[#without + 1] = unread[i] end
  end
  if #without > 0 then give(S, without, names) end
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
  local users, count = {}, 0
  for _, entries in ipairs({ S.entries, S.presale_entries }) do
    for i = 1, #entries do
      local user = entries[i][6].user
      if user and user ~= '' then
        count = count + 1
        users[count] = user
      end
    end
  end
  for _, row in ipairs(S.events) do users[#users + 1] = person_of(S, row) end
  return #users > 0 and people.named(S, users) or NOBODY
end

-- An event as it is kept: one about a person without what was said of them; true behind it says that its subject is a pseudonym.
function people.kept_event(S, row)
  local user = S.format >= 5 and person_of(S, row)
  if not user then return row end
  local name, data = people.named(S, { user })[user], {}
  for field, value in pairs(row[6]) do
    if field ~= 'text' then data[field] = field == 'key' and name or value end
  end
  return { row[1], row[2], row[3], row[4], name, data, row[7], row[8], true }
end

function people.write(S)
  local new = S.people_new
  if not new then return end
  local forth, back = {}, {}
  for _, user in ipairs(new.users) do
    local name = S.people[user]
    forth[#forth + 1], forth[#forth + 2] = user, name
    back[#back + 1], back[#back + 2] = name, user
  end
  call_in_chunks('HSET', S.base .. ':people', forth)
  call_in_chunks('HSET', S.base .. ':people_back', back)
end

-- {'people', [user, …]} → data: their pseudonyms, in order
function operations.people(S, op)
  if S.format < 5 then return refuse(S, 'UNAVAILABLE') end
  local names, told = people.named(S, op[2]), {}
  for i, user in ipairs(op[2]) do told[i] = names[user] end
  return done(S, told)
end
