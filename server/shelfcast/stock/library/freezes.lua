-- Freezes: four flags, each set and taken back for itself. A listing is frozen while its SKU, its room, the channel of that
-- or the pool is. Rules: docs/rules.md#freeze.
--
--   sku            `frozen` in the SKU's hash
--   channel, room  the field `frozen` of its configuration, which raises no revision
--   pool           the same of the pool's settings, and meta's `frozen`, which every call reads with the rest of it
--
-- Those that are set stand together besides, with who did it: `:frozen`, a hash of <scope> US <name> → [at_ms, actor, reason,
-- action]; at_ms is 0 where a release of before has set it. Of these meta's `flags_noted` says that all were found.

freezes.entries_from_format, freezes.told_from_format = 3, 3

-- What has the flag: the configuration of a channel, a room or the pool; {} of a pool that has no settings yet.
function freezes.config_of(S, scope, name)
  if scope == 'pool' then return config(S, 'pool', '', '') or {} end
  return config(S, scope, '', name)
end

-- A refusal where there is no such thing; or nil.
function freezes.unknown(S, scope, name)
  if scope == 'sku' then
    if not stock_of(S, name) then return refuse(S, 'UNKNOWN_SKU', nil, nil, 'sku') end
  elseif not freezes.config_of(S, scope, name) then
    return refuse(S, 'NOT_FOUND', nil, nil, scope)
  end
  return nil
end

-- Whether this flag is set.
function freezes.is_set(S, scope, name)
  if scope == 'pool' then return S.pool_frozen end
  if scope == 'sku' then return stock_of(S, name).frozen end
  return freezes.config_of(S, scope, name).frozen or false
end

-- Whether a flag other than the SKU's own stops what is listed in a room. room: its configuration, or false.
function freezes.stop(S, room, channel)
  if S.pool_frozen or room and room.frozen then return true end
  local settings = config(S, 'channel', '', channel)
  return settings and settings.frozen or false
end

local function keep_flag(S, scope, name, frozen)
  local settings = freezes.config_of(S, scope, name)
  settings.frozen = frozen -- false, too: a map with nothing in it would be written as an array
  if scope ~= 'pool' then return set_config(S, scope, '', name, settings) end
  S.pool_frozen, S.pool_freeze_changed, S.shelves = frozen, true, {}
  -- Servers of before can read nothing of a pool's settings: they, and all others, read anew.
  local keep = S.format >= freezes.told_from_format and set_config or keep_config
  keep(S, 'pool', '', '', settings)
  S.read_anew = S.read_anew or keep == keep_config
end

-- An entry about what is no SKU: it moves nothing, and its reference says what it is about.
local function note_entry(S, kind, scope, name, about)
  if S.format < freezes.entries_from_format then return end
  about.channel = scope == 'channel' and name or ''
  about.ref = about.ref or (scope == 'pool' and scope or scope .. ':' .. name)
  S.ledger = S.ledger + 1
  S.moves_left = S.moves_left - 1
  S.entries[#S.entries + 1] = { kind, '', 0, 'outside', 'outside', about, seq(S) }
end

-- What is said of a flag that is set; false of one that is not.
function freezes.note(S, scope, name, said)
  S.flags = S.flags or {}
  S.flags[scope .. US .. name] = said
end

-- Set a flag, or take it back; it was not so before. about: of its entry, as in transfer.
function freezes.change(S, scope, name, frozen, kind, about)
  if scope == 'sku' then
    local stock = stock_of(S, name)
    stock.frozen = frozen
    transfer(S, stock, kind, 0, 'outside', 'outside', about)
  else
    keep_flag(S, scope, name, frozen)
    note_entry(S, kind, scope, name, about)
  end
  S.flag_changed_by = S.action_id
  freezes.note(S, scope, name, frozen and { S.now, about.actor or '', about.reason or '', S.action_id or '' })
  events.add(S, frozen and 'frozen' or 'unfrozen', scope == 'room' and name or '', scope == 'pool' and scope or name,
    { frozen = frozen, scope = scope }, about.actor, S.action_id)
end

function freezes.write(S)
  if S.pool_freeze_changed then redis.call('HSET', S.base .. ':meta', 'frozen', S.pool_frozen and '1' or '0') end
  for field, said in pairs(S.flags or {}) do
    if said then
      redis.call('HSET', S.base .. ':frozen', field, cmsgpack.pack(said))
    else
      redis.call('HDEL', S.base .. ':frozen', field)
    end
  end
  if S.flags_noted then redis.call('HSET', S.base .. ':meta', 'flags_noted', '1') end
end
