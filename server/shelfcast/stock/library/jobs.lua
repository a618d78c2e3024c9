-- Jobs: work too heavy for a process that serves, done one at a time by the server's process for it. The records stand
-- here, so that any process of any node can make a job, answer about it and cancel it, and a successor can take over
-- what a process that died had begun.
--
--   <base>:jobs          hash    id → record, a MessagePack map (stock/jobs.py: Job)
--   <base>:jobs_made     string  how many there were ever: their order
--   <base>:result:<id>   string  what a job found, compressed JSON; gone with the record at the latest
--   <base>:upload:<name> hash    number → piece of a file that a job reads, compressed; gone by itself, or with the
--                                job's end
--
-- queued → running → done | failed | cancelled. Running is a claim with an end, which whoever works renews; where it ran
-- out, the next one takes the job again, with a fence that is higher by one. Nobody else's fence is believed.
-- The engine's own clock counts; a pool's clock for rehearsals has no say in it.

local jobs = {} -- what imports.lua needs of them

do
  -- Kinds of which a pool has one under way at a time: the one writes anew, without what was said of a person, what the other
  -- has read before and writes later.
  local ALONE = { archive = true, erase_person = true }

  function jobs.now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end

  -- The job of this id, or nil.
  function jobs.read(base, id)
    local packed = redis.call('HGET', base .. ':jobs', id)
    return packed and cmsgpack.unpack(packed) or nil
  end

  local function write_job(base, job)
    redis.call('HSET', base .. ':jobs', job.id, cmsgpack.pack(job))
  end

  function jobs.is_open(job)
    return job.state == 'queued' or job.state == 'running'
  end

  -- A claim that lasts longer than it was given for was given before the engine's clock was set back.
  local function claim_is_over(job, now)
    return job.until_ms <= now or job.until_ms - now > job.lasts_ms
  end

  local function finish_job(base, job, state, now, keep_ms, reason, code)
    job.state, job.ended_at_ms, job.keep_until_ms = state, now, now + keep_ms
    job.reason, job.code = reason or '', code or ''
    if job.upload ~= '' then redis.call('DEL', base .. ':upload:' .. job.upload) end
    write_job(base, job)
  end

  local function forget_job(base, job)
    redis.call('HDEL', base .. ':jobs', job.id)
    redis.call('DEL', base .. ':result:' .. job.id)
  end

  -- All jobs in the order in which they were made, without those that were kept for long enough.
  local function jobs_of(base, now, kept_max)
    local found, finished = {}, 0
    local flat = redis.call('HGETALL', base .. ':jobs')
    for i = 2, #flat, 2 do
      local job = cmsgpack.unpack(flat[i])
      if not jobs.is_open(job) and job.keep_until_ms <= now then
        forget_job(base, job)
      else
        found[#found + 1] = job
        if not jobs.is_open(job) then finished = finished + 1 end
      end
    end
    table.sort(found, function(one, other) return one.number < other.number end)
    local left = {}
    for _, job in ipairs(found) do
      if finished > kept_max and not jobs.is_open(job) then
        forget_job(base, job)
        finished = finished - 1
      else
        left[#left + 1] = job
      end
    end
    return left
  end

  local actions = {}

  -- Make a job.
  --   args    id, kind, parameters (JSON text), upload's name or '', who asks, how many may be open, how many finished
  --           ones are kept
  --   result  ['made', job], ['same', job]: the id did this before, ['conflict', job]: or something else; ['full']
  function jobs.make(base, args)
    local id, kind, parameters, upload, asked_by, open_max, kept_max = unpack(args, 2)
    local now = jobs.now()
    local open = 0
    for _, job in ipairs(jobs_of(base, now, tonumber(kept_max))) do
      if job.id == id then
        local same = job.kind == kind and job.parameters == parameters
        return { same and 'same' or 'conflict', job }
      end
      if jobs.is_open(job) then open = open + 1 end
    end
    if open >= tonumber(open_max) then return { 'full' } end
    local job = {
      number = redis.call('INCR', base .. ':jobs_made'), id = id, kind = kind, parameters = parameters,
      upload = upload, asked_by = asked_by, state = 'queued', made_at_ms = now, started_at_ms = 0, ended_at_ms = 0,
      done = 0, total = 0, fence = 0, losses = 0, until_ms = 0, lasts_ms = 0, keep_until_ms = 0,
      cancel_wanted = false, reason = '', code = '',
    }
    write_job(base, job)
    return { 'made', job }
  end

  -- Take the first job that waits, or that whoever had it has not renewed; not of the kinds that are ALONE while one of these is
  -- under way.
  --   args    how long the claim lasts, how often one may have been lost, how long what is finished is kept, how many
  --           finished ones are kept, and the kinds that are asked for, by spaces
  --   result  [open jobs, job], or [open jobs] where there is none to take now
  function actions.take(base, args)
    local lasts_ms, losses_max, keep_ms = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    local kinds = ' ' .. args[6] .. ' '
    local now, open, is_one_alone, taken = jobs.now(), 0, false, nil
    local found = jobs_of(base, now, tonumber(args[5]))
    for _, job in ipairs(found) do
      if job.state == 'running' and claim_is_over(job, now) then
        job.losses = job.losses + 1
        if job.cancel_wanted then
          finish_job(base, job, 'cancelled', now, keep_ms)
        elseif job.losses > losses_max then
          local reason = string.format('the process that did it was lost %d times', job.losses)
          finish_job(base, job, 'failed', now, keep_ms, reason, 'UNAVAILABLE')
        else
          job.state = 'queued'
          write_job(base, job)
        end
      end
      if jobs.is_open(job) then open = open + 1 end
      if job.state == 'running' and ALONE[job.kind] then is_one_alone = true end
    end
    for _, job in ipairs(found) do
      local waits = job.state ~= 'queued' or (is_one_alone and ALONE[job.kind])
      if not waits and string.find(kinds, ' ' .. job.kind .. ' ', 1, true) then
        taken = job
        break
      end
    end
    if not taken then return { open } end
    taken.state, taken.fence, taken.done = 'running', taken.fence + 1, 0
    if taken.started_at_ms == 0 then taken.started_at_ms = now end
    taken.until_ms, taken.lasts_ms = now + lasts_ms, lasts_ms
    write_job(base, taken)
    return { open, taken }
  end

  local function own_job(base, id, fence)
    local job = jobs.read(base, id)
    if job and job.state == 'running' and job.fence == tonumber(fence) then return job end
    return nil
  end

  -- Say how far a job is, and renew the claim.
  --   args    id, fence, done, total, how long the claim lasts
  --   result  ['go'], ['cancel']: nobody wants it any more, or ['lost']: somebody else has it, or it is gone
  function actions.report(base, args)
    local job = own_job(base, args[2], args[3])
    if not job then return { 'lost' } end
    if job.cancel_wanted then return { 'cancel' } end
    job.done, job.total, job.lasts_ms = tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
    job.until_ms = jobs.now() + job.lasts_ms
    write_job(base, job)
    return { 'go' }
  end

  -- End a job. What was cancelled meanwhile is cancelled, and its result dropped.
  --   args    id, fence, 'done', 'failed' or 'cancelled', reason and code where it failed, result, how long it is kept
  --   result  [state it ended with], or ['lost']
  function actions.finish(base, args)
    local job, keep_ms = own_job(base, args[2], args[3]), tonumber(args[8])
    if not job then return { 'lost' } end
    local state = job.cancel_wanted and 'cancelled' or args[4]
    if state == 'done' then
      job.done = job.total
      redis.call('SET', base .. ':result:' .. job.id, args[7], 'PX', keep_ms)
    end
    local failed = state == 'failed'
    finish_job(base, job, state, jobs.now(), keep_ms, failed and args[5], failed and args[6])
    return { state }
  end

  -- Give a job back that was begun: whoever has it stops.
  --   args    id, fence, how long a cancelled one is kept
  --   result  ['queued'], ['cancelled'] or ['lost']
  function actions.give_back(base, args)
    local job = own_job(base, args[2], args[3])
    if not job then return { 'lost' } end
    if job.cancel_wanted then
      finish_job(base, job, 'cancelled', jobs.now(), tonumber(args[4]))
    else
      job.state = 'queued'
      write_job(base, job)
    end
    return { job.state }
  end

  -- Cancel a job: at once where it waits, else whoever does it stops when it next looks. Ended ones stay as they are.
  --   args    id, how long it is kept
  --   result  [job], or [] where there is none
  function jobs.cancel(base, args)
    local job = jobs.read(base, args[2])
    if not job then return {} end
    if job.state == 'queued' then
      finish_job(base, job, 'cancelled', jobs.now(), tonumber(args[3]))
    elseif job.state == 'running' then
      job.cancel_wanted = true
      write_job(base, job)
    end
    return { job }
  end

  -- All jobs, in the order in which they were made.
  --   args    how many finished ones are kept
  --   result  [job, …]
  function actions.list(base, args)
    return jobs_of(base, jobs.now(), tonumber(args[2]))
  end

  actions.make, actions.cancel = jobs.make, jobs.cancel

  -- One of these with a pool's jobs.
  --   KEYS[1] the pool's base; ARGV[1] the action's name, and then its args
  redis.register_function('shelfcast_job', function(keys, args)
    return cmsgpack.pack(actions[args[1]](keys[1], args))
  end)
end
