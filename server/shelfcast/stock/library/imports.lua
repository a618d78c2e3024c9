-- Imports: files that somebody has sent up, what they would change, and how far that has been written. The records stand
-- here, so that every process can answer about them, and the process for heavy work goes on after it was killed.
--
--   <base>:imports             hash  id → record, a MessagePack map (stock/imports.py: Import), and besides: `asked`, what
--                                    made it; `upload`, the file's name (jobs.lua); `attempt`, how often it was begun to be
--                                    read or applied; `reading`, the number of what was read last; `job`, which does that now
--   <base>:import:<id>:rows    hash  number → piece of the rows to write        :preview   the same of what is shown
--   <base>:import:<id>:refused hash  how far it was then → rows that were refused, JSON
--
-- reading → ready | failed; ready, stopped → applying → applied | stopped; all but applying and applied → reading.
-- Whoever reads or applies has a job, whose claim and fence decide whether it is believed (jobs.lua).

do
  local REFUSED_KEPT = 1000 -- at least: those of a step that begins before; all are counted
  local SLACK_MS = 60000 -- what lies beside a record goes by itself a little later than the record
  local BEGUN_BY = { reading = 'failed', applying = 'stopped' } -- what becomes of it when its job ends without a word

  local function piece_keys(base, record)
    local own = base .. ':import:' .. record.id
    return own .. ':rows', own .. ':preview', own .. ':refused', base .. ':upload:' .. record.upload
  end

  local function write_import(base, record, kept_ms)
    record.expires_at_ms = jobs.now() + kept_ms
    redis.call('HSET', base .. ':imports', record.id, cmsgpack.pack(record))
    for _, key in ipairs({ base .. ':imports', piece_keys(base, record) }) do
      redis.call('PEXPIRE', key, kept_ms + SLACK_MS)
    end
  end

  local function forget_import(base, record)
    redis.call('HDEL', base .. ':imports', record.id)
    redis.call('DEL', piece_keys(base, record))
  end

  -- An import of a release of before has no number.
  local function reading_of(record)
    return record.reading or 1
  end

  local function begun(record)
    return BEGUN_BY[record.state] ~= nil
  end

  -- What there is of an import now: nil where its time is over. Its job may have ended without a word.
  local function settled(base, record, now)
    if not begun(record) then
      if record.expires_at_ms > now then return record end
      forget_import(base, record)
      return nil
    end
    local job = jobs.read(base, record.job)
    if job and jobs.is_open(job) then return record end
    record.reason = job and job.reason ~= '' and job.reason or job and job.state == 'cancelled' and 'it was cancelled'
      or 'the server failed at it; its log says how'
    record.state = BEGUN_BY[record.state]
    redis.call('HSET', base .. ':imports', record.id, cmsgpack.pack(record))
    return record
  end

  local function read_import(base, id)
    local packed = redis.call('HGET', base .. ':imports', id)
    return packed and settled(base, cmsgpack.unpack(packed), jobs.now()) or nil
  end

  -- All imports in the order in which they were made.
  local function imports_of(base)
    local found, now, flat = {}, jobs.now(), redis.call('HGETALL', base .. ':imports')
    for i = 2, #flat, 2 do
      local record = settled(base, cmsgpack.unpack(flat[i]), now)
      if record then found[#found + 1] = record end
    end
    table.sort(found, function(one, other)
      if one.made_at_ms ~= other.made_at_ms then return one.made_at_ms < other.made_at_ms end
      return one.id < other.id
    end)
    return found
  end

  -- Make the job that reads or applies an import; false where too many are open.
  --   limits  how many jobs may be open, how many finished ones are kept
  local function begin(base, record, kind, asked_by, limits)
    record.attempt = record.attempt + 1
    -- Its job before may be kept longer than an import, and this one have the id of one that was forgotten.
    local made_before = redis.call('GET', base .. ':jobs_made') or '0'
    local id = redis.sha1hex(record.id .. '/' .. record.attempt .. '/' .. made_before)
    local made = jobs.make(base, { '', id, kind, '{"import":"' .. record.id .. '"}', '', asked_by, limits[1], limits[2] })
    if made[1] ~= 'made' then return false end
    record.job, record.reason = id, ''
    return true
  end

  local actions = {}

  -- Make an import of a file that is kept, and have it read.
  --   args    id, what makes it (any text), record (MessagePack), how many may be open, how long it is kept, how many jobs
  --           may be open, how many finished ones are kept
  --   result  ['made', import], ['same', import], ['conflict'], ['full'], ['busy']: too many jobs
  function actions.make(base, args)
    local id, asked, packed, open_max, kept_ms, jobs_max, jobs_kept = unpack(args, 2)
    open_max = tonumber(open_max)
    local open, done = 0, {}
    for _, other in ipairs(imports_of(base)) do
      if other.id == id then return { other.asked == asked and 'same' or 'conflict', other } end
      if other.state == 'applied' then done[#done + 1] = other else open = open + 1 end
    end
    if open >= open_max then return { 'full' } end
    local record = cmsgpack.unpack(packed)
    record.id, record.asked, record.state, record.made_at_ms = id, asked, 'reading', jobs.now()
    record.attempt, record.cursor, record.done, record.of, record.refused_count = 0, 0, 0, 0, 0
    record.reading, record.action = 1, ''
    if not begin(base, record, 'read_import', record.made_by, { jobs_max, jobs_kept }) then return { 'busy' } end
    for i = 1, #done - open_max do forget_import(base, done[i]) end
    write_import(base, record, tonumber(kept_ms))
    return { 'made', record }
  end

  -- Have it read anew, as it is said now.
  --   args    id, options that are said (MessagePack map), who asks, how long it is kept, and of jobs as in make
  --   result  ['made', import], ['gone'], ['state', import]: it is or was applied, ['busy']
  function actions.change(base, args)
    local id, options, asked_by, kept_ms, jobs_max, jobs_kept = unpack(args, 2)
    local record = read_import(base, id)
    if not record then return { 'gone' } end
    if record.state == 'applying' or record.state == 'applied' then return { 'state', record } end
    local before = record.state == 'reading' and record.job
    if not begin(base, record, 'read_import', asked_by, { jobs_max, jobs_kept }) then return { 'busy' } end
    if before then jobs.cancel(base, { '', before, kept_ms }) end
    for name, value in pairs(cmsgpack.unpack(options)) do record[name] = value end
    record.state, record.cursor, record.done, record.of, record.refused_count = 'reading', 0, 0, 0, 0
    record.reading = reading_of(record) + 1
    local rows, preview, refused = piece_keys(base, record)
    redis.call('DEL', rows, preview, refused)
    write_import(base, record, tonumber(kept_ms))
    return { 'made', record }
  end

  -- Have it applied, or go on with that.
  --   args    id, the number of the reading that is meant (0: any), the id of the action where it has none yet, who asks,
  --           how long it is kept, and of jobs as in make
  --   result  as in change; ['stale', import]: it is read otherwise now; ['same', import]: that goes on, or is done;
  --           ['state', import]: it has not been read
  function actions.apply(base, args)
    local id, reading, action, asked_by, kept_ms, jobs_max, jobs_kept = unpack(args, 2)
    local record = read_import(base, id)
    if not record then return { 'gone' } end
    if reading ~= '0' and tonumber(reading) ~= reading_of(record) then return { 'stale', record } end
    if record.state == 'applying' or record.state == 'applied' then return { 'same', record } end
    if record.state ~= 'ready' and record.state ~= 'stopped' then return { 'state', record } end
    if not begin(base, record, 'import', asked_by, { jobs_max, jobs_kept }) then return { 'busy' } end
    record.state = 'applying'
    if record.applied_by == '' then record.applied_by, record.action = asked_by, action end
    write_import(base, record, tonumber(kept_ms))
    return { 'made', record }
  end

  -- The import that a job is about, where whoever asks has that job.
  local function own_import(base, id, job_id, fence)
    local job, record = jobs.read(base, job_id), read_import(base, id)
    local is_own = job and record and record.job == job_id and job.state == 'running' and job.fence == tonumber(fence)
    return is_own and record or nil
  end

  -- Keep a piece of what was read.
  --   args    id, job, fence, 'rows' or 'preview', number (0: the first, before which others go), piece, how long
  --   result  ['go'] or ['lost']
  function actions.keep(base, args)
    local id, job_id, fence, what, number, piece, kept_ms = unpack(args, 2)
    local record = own_import(base, id, job_id, fence)
    if not record then return { 'lost' } end
    local key = base .. ':import:' .. id .. ':' .. what
    if number == '0' then redis.call('DEL', key) end
    redis.call('HSET', key, number, piece)
    redis.call('PEXPIRE', key, kept_ms + SLACK_MS)
    return { 'go' }
  end

  -- It has been read.
  --   args    id, job, fence, 'ready' or 'failed', reason, rows to write, how long it is kept
  --   result  ['go'] or ['lost']
  function actions.found(base, args)
    local id, job_id, fence, state, reason, of, kept_ms = unpack(args, 2)
    local record = own_import(base, id, job_id, fence)
    if not record then return { 'lost' } end
    record.state, record.reason, record.of = state, reason, tonumber(of)
    write_import(base, record, tonumber(kept_ms))
    return { 'go' }
  end

  -- So far it has been applied.
  --   args    id, job, fence, cursor, rows that are done, refused rows of this step (JSON) and how many, how long it is
  --           kept, '1' where that was all
  --   result  ['go'] or ['lost']
  function actions.step(base, args)
    local id, job_id, fence, cursor, done, refused, refused_count, kept_ms, is_all = unpack(args, 2)
    local record = own_import(base, id, job_id, fence)
    if not record then return { 'lost' } end
    if tonumber(cursor) <= record.cursor and (is_all ~= '1' or record.state == 'applied') then return { 'go' } end -- said twice
    if refused_count ~= '0' and record.refused_count < REFUSED_KEPT then
      redis.call('HSET', base .. ':import:' .. id .. ':refused', cursor, refused)
    end
    record.cursor, record.done = tonumber(cursor), tonumber(done)
    record.refused_count = record.refused_count + refused_count
    if is_all == '1' then
      record.state = 'applied'
      redis.call('DEL', base .. ':import:' .. id .. ':rows', base .. ':upload:' .. record.upload)
    end
    write_import(base, record, tonumber(kept_ms))
    return { 'go' }
  end

  -- Forget it; what it has written stays.
  --   args    id, how long its job is kept
  --   result  ['gone'] where it was not there, or ['dropped']
  function actions.drop(base, args)
    local record = read_import(base, args[2])
    if not record then return { 'gone' } end
    if begun(record) then jobs.cancel(base, { '', record.job, args[3] }) end
    forget_import(base, record)
    return { 'dropped' }
  end

  -- → [import], or [] where there is none of this id
  function actions.get(base, args)
    return { read_import(base, args[2]) }
  end

  -- → [import, …], in the order in which they were made
  function actions.list(base)
    return imports_of(base)
  end

  -- One of these with a pool's imports.
  --   KEYS[1] the pool's base; ARGV[1] the action's name, and then its args
  redis.register_function('shelfcast_import', function(keys, args)
    return cmsgpack.pack(actions[args[1]](keys[1], args))
  end)
end
