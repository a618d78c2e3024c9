-- The feed: one message a call, with the absolute new values of all it changed.
-- [epoch, previous seq, seq, now, [sku rows], [hold rows], [configuration rows], [[room, its notices and cues], …], [events]]
-- A message longer than feed_message_max_bytes says only that all is to be read anew: its previous sequence is higher than
-- its own, which is a gap to every follower, to one of the release before, too. Every process gets every message, whatever
-- rooms it has open; a view is read for those alone.

-- [sku, pool, frozen, locked, presale, [[channel, allocated, held, sold, presale held, presale sold], …]]
-- Channels come by name, those that have something of the SKU. It walks the SKU's own places with units in them: every
-- call does this for every SKU it touches, however many batches and channels the pool has had.
local CHANNEL_COLUMNS = { ['channel:'] = 2, ['held:'] = 3, ['sold:'] = 4, ['presale_held:'] = 5, ['presale_sold:'] = 6 }

local function stock_row(stock)
  local units, locked, channels, row_of = stock.units, 0, {}, {}
  for place, n in pairs(units) do
    if n ~= 0 then
      local kind, name = place_kind(place)
      local column = CHANNEL_COLUMNS[kind]
      if column then
        local row = row_of[name]
        if not row then
          row = { name, 0, 0, 0, 0, 0 }
          row_of[name] = row
          channels[#channels + 1] = row
        end
        row[column] = n
      elseif kind == 'batch:' then
        locked = locked + n
      end
    end
  end
  if #channels > 1 then table.sort(channels, function(a, b) return a[1] < b[1] end) end
  return { stock.sku, units.pool or 0, stock.frozen, locked, units.presale or 0, channels }
end

local function publish(S)
  local rows = {}
  for _, stock in pairs(S.touched) do rows[#rows + 1] = stock_row(stock) end
  local said = {}
  for room, all in pairs(S.notices_and_cues) do said[#said + 1] = { room, all } end
  if #rows == 0 and #S.holds == 0 and #S.config_events == 0 and #said == 0 and #S.events == 0 then return end
  local message = cmsgpack.pack({ S.epoch, S.ledger_before + S.presale_before, seq(S), S.now, rows, S.holds,
    S.config_events, said, S.events })
  if #message > (S.params.feed_message_max_bytes or FEED_MESSAGE_MAX_BYTES) then
    message = cmsgpack.pack({ S.epoch, seq(S) + 1, seq(S), S.now, {}, {}, {}, {}, {} })
  end
  redis.call('SPUBLISH', S.base .. ':feed', message)
end
