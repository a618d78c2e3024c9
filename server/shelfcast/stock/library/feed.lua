-- The feed: one message a call, with the absolute new values of all it changed.
-- [epoch, previous seq, seq, now, [sku rows], [hold rows], [configuration rows], [[room, its notices and cues], …], [events], [news],
-- [[id, user, room, sku, units, state, number, code] of waits]]
-- A message longer than feed_message_max_bytes says only that all is to be read anew: its previous sequence is higher than
-- its own, which is a gap to every follower, to one of the release before, too. Every process gets every message, whatever
-- rooms it has open; a view is read for those alone.

-- [sku, pool, frozen, locked, presale,
--  [[channel, allocated, held, sold, presale held, presale sold, taken, holding, locked for it], …],
--  pool taken, pool holding, presale taken, presale holding, [[show, units sold in it], …],
--  [[batch, its channel or '', units, taken, holding, exclusive, closes at or 0], …], [[channel or '', opens at or 0], …]]
-- The batches are those that are open now, by name, with units or a counter of the SKU; the openings are, of each channel, when the
-- first planned batch opens that has units of it (0: by hand). `locked` are the units of all batches that are not open, of a channel those
-- of them that serve it. Of shows
-- there are those alone whose counter this call has changed. Behind them, of a SKU with an elastic reserve alone:
-- [units in it, releases so far]; then, of one that somebody waits for alone, who (waiting.row); then, of one that has any alone, what
-- is set aside: [safety buffer, unsellable, [[batch that is not open, its channel or '', units], …]], by name.
-- Channels come by name, those that have something of the SKU, or a counter. It walks the SKU's own places with units in them: every
-- call does this for every SKU it touches, however many batches and channels the pool has had.
local CHANNEL_COLUMNS = { ['channel:'] = 2, ['held:'] = 3, ['sold:'] = 4, ['presale_held:'] = 5, ['presale_sold:'] = 6,
  ['taken:'] = 7, ['holding:'] = 8, locked = 9 }


local function channel_row(channels, row_of, name)
  local row = row_of[name]
  if not row then
    row = { name, 0, 0, 0, 0, 0, 0, 0, 0 }
    row_of[name] = row
    channels[#channels + 1] = row
  end
  return row
end

-- The batches of a SKU: rows of the open ones, the first openings, the units that wait, by channel those of them that serve it alone, and
-- rows of those they wait in (nil: none).
local function batches_of(S, stock)
  local open, openings, first, locked, in_channels, names, closed = {}, {}, {}, 0, {}, {}, nil
  for name in pairs(stock.batches) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local place, batch = 'batch:' .. name, config(S, 'batch', '', name) or {}
    local n, channel = stock.units[place] or 0, batches.channel_of(batch)
    if batches.is_open(S, batch) then
      local taken, holding = stock.units['taken:' .. place] or 0, stock.units['holding:' .. place] or 0
      if n ~= 0 or taken ~= 0 or holding ~= 0 then
        open[#open + 1] = { name, channel, n, taken, holding, batch.exclusive or false, batch.closes_at_ms or 0 }
      end
    elseif n ~= 0 then
      locked = locked + n
      closed = closed or {}
      closed[#closed + 1] = { name, channel, n }
      if channel ~= '' then in_channels[channel] = (in_channels[channel] or 0) + n end
      if not batches.is_over(S, batch) then
        local opens, row = batch.opens_at_ms or 0, first[channel]
        if not row then
          row = { channel, opens }
          first[channel], openings[#openings + 1] = row, row
        elseif opens > 0 and (row[2] == 0 or opens < row[2]) then
          row[2] = opens
        end
      end
    end
  end
  return open, openings, locked, in_channels, closed
end

local NOTHING = {}

local function stock_row(S, stock)
  local units, locked, channels, row_of = stock.units, 0, {}, {}
  for place, n in pairs(units) do
    if n ~= 0 then
      local kind, name = place_kind(place)
      local column = CHANNEL_COLUMNS[kind]
      if column then
        local channel = name
        if kind == 'taken:' or kind == 'holding:' then
          local of, its = place_kind(name)
          channel = of == 'channel:' and its or nil
        end
        if channel then channel_row(channels, row_of, channel)[column] = n end
      end
    end
  end
  local open, openings, closed = NOTHING, NOTHING, nil
  if stock.batches then
    local in_channels
    open, openings, locked, in_channels, closed = batches_of(S, stock)
    for channel, n in pairs(in_channels) do channel_row(channels, row_of, channel)[CHANNEL_COLUMNS.locked] = n end
  end
  if #channels > 1 then table.sort(channels, function(a, b) return a[1] < b[1] end) end
  local row = { stock.sku, units.pool or 0, stock.frozen, locked, units.presale or 0, channels,
    units['taken:pool'] or 0, units['holding:pool'] or 0, units['taken:presale'] or 0, units['holding:presale'] or 0,
    S.sold_in[stock.sku] or {}, open, openings }
  local reserve = units.elastic
  if reserve and reserve > 0 then
    row[#row + 1] = { reserve, config(S, 'sku', '', stock.sku).elastic_steps or 0 }
  end
  local waitlist = stock.watched and waiting.row(S, stock)
  if waitlist then
    row[14] = row[14] or { 0, 0 }
    row[15] = waitlist
  end
  local safety, unsellable = units.safety or 0, units.unsellable or 0
  if safety ~= 0 or unsellable ~= 0 or closed then
    row[14], row[15] = row[14] or { 0, 0 }, row[15] or NOTHING
    row[16] = { safety, unsellable, closed or NOTHING }
  end
  return row
end

local function publish(S)
  local rows = {}
  for _, stock in pairs(S.touched) do rows[#rows + 1] = stock_row(S, stock) end
  local said = {}
  for room, all in pairs(S.notices_and_cues) do said[#said + 1] = { room, all } end
  if #rows == 0 and #S.holds == 0 and #S.config_events == 0 and #said == 0 and #S.events == 0 and #S.news == 0
    and not S.wait_events then return end
  local message = cmsgpack.pack({ S.epoch, S.ledger_before + S.presale_before, seq(S), S.now, rows, S.holds,
    S.config_events, said, S.events, S.news, S.wait_events or NOTHING })
  if S.read_anew or #message > (S.params.feed_message_max_bytes or FEED_MESSAGE_MAX_BYTES) then
    message = cmsgpack.pack({ S.epoch, seq(S) + 1, seq(S), S.now, {}, {}, {}, {}, {}, {}, {} })
  end
  redis.call('SPUBLISH', S.base .. ':feed', message)
end
