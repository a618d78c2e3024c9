-- Accounts: people who sign in by a name and a password; sessions of everybody who has signed in, by a password or a link;
-- and the counts that slow the guessing of passwords. They belong to no pool: their hash tag is no pool's name.
--
-- KEYS[1] is their base, `<prefix>:{.accounts}`.
--   :accounts          hash    name → account, a MessagePack map (stock/accounts.py: _AccountRecord)
--   :session:<digest>  string  a session, a MessagePack map (_SessionRecord); gone by itself at its end
--   :sessions:<holder> zset    digests of a holder's sessions, by when they were begun (microseconds)
--   :ended:<digest>    string  a link whose session was signed out, until the link expires
--   :browsers:<name>   zset    digests of the browsers that have logged in under a name, by when they last did (ms)
--   :tries:<whose>     string  failed logins of a name, an address or a browser, until their time is over
--
-- Of secrets (a session's id, a link, a browser's cookie) the engine has digests alone: who reads it can use none.

do
  local function engine_us()
    local time = redis.call('TIME')
    return time[1] * 1000000 + time[2]
  end

  local function engine_ms()
    return math.floor(engine_us() / 1000)
  end

  local function read_packed(packed)
    return packed and cmsgpack.unpack(packed) or nil
  end

  local function session_key(base, digest)
    return base .. ':session:' .. digest
  end

  local function holder_of(name)
    return 'password:' .. name
  end

  local function drop_session(base, holder, digest)
    redis.call('DEL', session_key(base, digest))
    redis.call('ZREM', base .. ':sessions:' .. holder, digest)
  end

  -- End all sessions of a holder; how many there were.
  local function drop_sessions(base, holder)
    local key, dropped = base .. ':sessions:' .. holder, 0
    for _, digest in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      dropped = dropped + redis.call('DEL', session_key(base, digest))
    end
    redis.call('DEL', key)
    return dropped
  end

  -- Make room for one more session: what has ended by itself leaves the index, then whatever was begun first ends.
  local function trim_sessions(base, holder, most)
    local open = {}
    for _, digest in ipairs(redis.call('ZRANGE', base .. ':sessions:' .. holder, 0, -1)) do
      if redis.call('EXISTS', session_key(base, digest)) == 1 then
        open[#open + 1] = digest
      else
        drop_session(base, holder, digest)
      end
    end
    for i = 1, #open - most + 1 do drop_session(base, holder, open[i]) end
  end

  -- -1: whatever it is at; -2: whatever it is at, but there has to be one.
  local function revision_fits(record, expected)
    local found = record and record.revision or -1
    return expected == -1 or (expected == -2 and found >= 0) or expected == found, found
  end

  local actions = {}

  -- Write an account. Whoever has signed in under its name is signed out where the role, the scope or the password is
  -- another than before.
  --   args    name, role, pools and rooms by spaces ('' is every one), hash of the password or '' to keep it,
  --           who writes, revision expected, how many accounts there may be
  --   result  ['made' | 'changed' | 'same', account, sessions ended], ['stale', revision], ['full'], or
  --           ['unset']: a new one needs a password
  function actions.write(base, args)
    local name, role, pools, rooms, hash, by = unpack(args, 2, 7)
    local expected, most = tonumber(args[8]), tonumber(args[9])
    local key, now = base .. ':accounts', engine_ms()
    local old = read_packed(redis.call('HGET', key, name))
    local fits, found = revision_fits(old, expected)
    if not fits then return { 'stale', found } end
    if not old and redis.call('HLEN', key) >= most then return { 'full' } end
    if not old and hash == '' then return { 'unset' } end
    if old and hash == '' and old.role == role and old.pools == pools and old.rooms == rooms then
      return { 'same', old, 0 }
    end
    local account = {
      role = role, pools = pools, rooms = rooms, hash = hash ~= '' and hash or old.hash,
      revision = (old and old.revision or 0) + 1, made_at_ms = old and old.made_at_ms or now,
      changed_at_ms = now, changed_by = by,
    }
    redis.call('HSET', key, name, cmsgpack.pack(account))
    -- A browser that knew the old password is a strange one to the new.
    if hash ~= '' then redis.call('DEL', base .. ':browsers:' .. name) end
    return { old and 'changed' or 'made', account, drop_sessions(base, holder_of(name)) }
  end

  -- Delete an account, and end its sessions.
  --   args    name, revision expected
  --   result  ['deleted', sessions ended], ['stale', revision] or ['none']
  function actions.delete(base, args)
    local name, key = args[2], base .. ':accounts'
    local old = read_packed(redis.call('HGET', key, name))
    if not old then return { 'none' } end
    local fits, found = revision_fits(old, tonumber(args[3]))
    if not fits then return { 'stale', found } end
    redis.call('HDEL', key, name)
    redis.call('DEL', base .. ':browsers:' .. name)
    return { 'deleted', drop_sessions(base, holder_of(name)) }
  end

  -- Begin a session.
  --   args    digest of its id; holder, whose sessions are counted together; user, role, pools and rooms by spaces; way
  --           ('password', 'link', 'demo'); how long it lasts at the most, in ms; sessions of a holder at the most;
  --           of a password: the revision at which the account was looked at and when that was made, in ms, else 0 and 0:
  --           one that was deleted and made anew begins at the same revision;
  --           of a link: its digest, else '', and when it expires, in ms, else 0
  --   result  ['begun', session], ['changed']: the account is another by now, ['ended']: a session of the link was signed
  --           out, or ['expired']
  function actions.begin(base, args)
    local digest, holder, user, role, pools, rooms, way = unpack(args, 2, 8)
    local lasts_ms, most, revision, made_at_ms = tonumber(args[9]), tonumber(args[10]), tonumber(args[11]), tonumber(args[12])
    local link, link_until_ms = args[13], tonumber(args[14])
    local begun_us = engine_us()
    local now = math.floor(begun_us / 1000)
    if way == 'password' then
      local account = read_packed(redis.call('HGET', base .. ':accounts', user))
      if not account or account.revision ~= revision or account.made_at_ms ~= made_at_ms then return { 'changed' } end
    end
    local expires_at_ms = now + lasts_ms
    if link ~= '' then
      if redis.call('EXISTS', base .. ':ended:' .. link) == 1 then return { 'ended' } end
      expires_at_ms = math.min(expires_at_ms, link_until_ms)
      if expires_at_ms <= now then return { 'expired' } end
    end
    trim_sessions(base, holder, most)
    local session = {
      holder = holder, user = user, role = role, pools = pools, rooms = rooms, way = way, made_at_ms = now,
      expires_at_ms = expires_at_ms, link = link, link_until_ms = link_until_ms,
    }
    redis.call('SET', session_key(base, digest), cmsgpack.pack(session), 'PX', expires_at_ms - now)
    local index = base .. ':sessions:' .. holder
    local index_left_ms = redis.call('PTTL', index)
    redis.call('ZADD', index, string.format('%d', begun_us), digest)
    redis.call('PEXPIRE', index, math.max(index_left_ms, expires_at_ms - now))
    return { 'begun', session }
  end

  -- End a session. One that is signed out takes its link with it, which begins no other from then on.
  --   args    digest of its id; '1' where it is signed out, '0' where another one takes its place; how long after its
  --           expiry a link may still be believed, in ms
  --   result  [1], or [0] where there was none
  function actions.finish(base, args)
    local digest = args[2]
    local session = read_packed(redis.call('GET', session_key(base, digest)))
    if not session then return { 0 } end
    drop_session(base, session.holder, digest)
    if args[3] == '1' and session.link ~= '' then
      local kept_ms = session.link_until_ms - engine_ms() + tonumber(args[4])
      if kept_ms > 0 then redis.call('SET', base .. ':ended:' .. session.link, '1', 'PX', kept_ms) end
    end
    return { 1 }
  end

  local function tries_key(base, whose)
    return base .. ':tries:' .. whose
  end

  -- How often it was tried, and how long that counts yet.
  local function tried(base, whose)
    local key = tries_key(base, whose)
    return tonumber(redis.call('GET', key)) or 0, math.max(redis.call('PTTL', key), 0)
  end

  local function try_once_more(base, whose, window_ms)
    local key = tries_key(base, whose)
    if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, window_ms) end
  end

  local function take_back(base, whose)
    local key = tries_key(base, whose)
    if (tonumber(redis.call('GET', key)) or 0) > 0 then redis.call('DECR', key) end
  end

  local function is_known(base, name, browser)
    return browser ~= '' and redis.call('ZSCORE', base .. ':browsers:' .. name, browser) ~= false
  end

  -- A login is tried: it is counted as failed before the password is looked at, so that of many at once none is free. A
  -- browser that has logged in under the name before is counted for itself, and not for its name and address.
  --   args    name, digest of the name, address, digest of the browser's cookie or ''; failures of a name, of an
  --           address and of a known browser at the most; within how many ms
  --   result  ['known' | 'strange', 0]: it may be tried, or ['wait', ms]
  function actions.try(base, args)
    local name, whose_name, address, browser = unpack(args, 2, 5)
    local name_max, address_max, browser_max, window_ms =
      tonumber(args[6]), tonumber(args[7]), tonumber(args[8]), tonumber(args[9])
    if is_known(base, name, browser) and tried(base, 'browser:' .. browser) < browser_max then
      try_once_more(base, 'browser:' .. browser, window_ms)
      return { 'known', 0 }
    end
    local of_name, name_left_ms = tried(base, 'name:' .. whose_name)
    local of_address, address_left_ms = tried(base, 'address:' .. address)
    local wait_ms = math.max(of_name >= name_max and name_left_ms or 0, of_address >= address_max and address_left_ms or 0)
    if of_name >= name_max or of_address >= address_max then return { 'wait', math.max(wait_ms, 1) } end
    try_once_more(base, 'name:' .. whose_name, window_ms)
    try_once_more(base, 'address:' .. address, window_ms)
    return { 'strange', 0 }
  end

  -- A login has succeeded: what it was counted for is taken back, and its browser is known from now on.
  --   args    name, digest of the name, address, digest of the cookie that the browser had or '', how it was tried
  --           ('known', 'strange'), digest of the cookie that it gets, how many browsers are known, for how many ms
  --   result  [1]
  function actions.welcome(base, args)
    local name, whose_name, address, browser, how, new_browser = unpack(args, 2, 7)
    local most, kept_ms = tonumber(args[8]), tonumber(args[9])
    if how == 'known' then
      redis.call('DEL', tries_key(base, 'browser:' .. browser))
    else
      -- The address keeps the failures of before: somebody with an account of their own would wipe them out.
      redis.call('DEL', tries_key(base, 'name:' .. whose_name))
      take_back(base, 'address:' .. address)
    end
    local key, now = base .. ':browsers:' .. name, engine_ms()
    if browser ~= '' then redis.call('ZREM', key, browser) end
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - kept_ms)
    redis.call('ZADD', key, now, new_browser)
    redis.call('ZREMRANGEBYRANK', key, 0, -most - 1)
    redis.call('PEXPIRE', key, kept_ms)
    return { 1 }
  end

  -- One of these.
  --   KEYS[1] the base; ARGV[1] the action's name, and then its args
  redis.register_function('shelfcast_account', function(keys, args)
    return cmsgpack.pack(actions[args[1]](keys[1], args))
  end)
end
