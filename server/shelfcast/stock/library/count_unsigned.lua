-- What takes two people: larger moves of one become drafts, slices count as what they come to, and one alone does not say how much
-- one may move. Rules: docs/rules.md#moves-that-two-people-sign.

local DAY_HOURS, NO_RECOUNT = 24, 2147483647

-- Units of a SKU that one person alone may move, where the pool says how many.
function counts.limit(S)
  local pool = config(S, 'pool', '', '')
  return pool and pool.sign_over_units
end

local function remembered(S, field)
  local known = counts.of(S).unsigned
  if known[field] == nil then
    local blob = redis.call('HGET', S.base .. ':unsigned', field)
    known[field] = { value = blob and cmsgpack.unpack(blob) or false }
  end
  return known[field]
end

-- Units of a SKU that one person alone has moved within 24 hours, cut by the hour; 0 where the pool does not ask.
function counts.unsigned(S, sku)
  if not counts.limit(S) then return 0 end
  local units, oldest = 0, math.floor(S.now / HOUR_MS) - DAY_HOURS
  for _, row in ipairs(remembered(S, sku).value or {}) do
    if row[1] >= oldest then units = units + row[2] end
  end
  return units
end

function counts.note_unsigned(S, sku, units)
  if not counts.limit(S) then return end
  local slot, kept, hour = remembered(S, sku), {}, math.floor(S.now / HOUR_MS)
  for _, row in ipairs(slot.value or {}) do
    if row[1] >= hour - DAY_HOURS and row[1] ~= hour then
      kept[#kept + 1] = row
    elseif row[1] == hour then
      units = units + row[2]
    end
  end
  kept[#kept + 1] = { hour, units }
  slot.value, slot.dirty = kept, true
end

-- The draft of a move: its id is as long as an id may be, whatever the move's is.
local function draft_id(move)
  local id = 'draft.' .. move
  return #id <= 64 and id or 'draft.' .. redis.sha1hex(move)
end

local function make_draft(S, op, row, sign_over, actor, reason)
  local id = draft_id(op[2])
  local record = counts.new_record(S, id, { kind = 'draft', state = 'review', room = '', zone = '', category = '', blind = false,
    recount_over = NO_RECOUNT, sign_over = sign_over, note = reason, made_by = actor, closed_at_ms = S.now, closed_by = actor,
    move = op[2], op = { op[1], op[2], unpack(op, 3, 2 + #BODY[op[1]]) }, lines = 1, last_line = 1 })
  local line = row.lines[1]
  line.n, line.round, line.by, line.note = 1, 1, actor, reason
  line.begun_seq, line.begun_at_ms, line.seq, line.at_ms = seq(S), S.now, seq(S), S.now
  row.status, row.round, row.from_seq, row.two = 'uncounted', 1, seq(S), true
  row.reason, row.reason_note, row.reason_by = 'other', reason ~= '' and reason or op[1] == 'count' and 'count' or 'write_off', actor
  counts.put_row(S, record, row)
  counts.weigh(S, record, row)
  return record
end

-- A move of one person that changes what is on hand of a SKU by `difference` units. Where the pool says that two have to sign for so
-- many, it becomes a draft, and is refused: the refusal's data is the id of the count where it is decided (field `count`:
-- one that the SKU is on already; `id`: it was decided, and takes another id). Otherwise it is noted, and nil. row: of the draft, its line and where it takes from.
function counts.refuse_unsigned(S, op, sku, difference, row, actor, reason)
  local most, units = counts.limit(S), math.abs(difference)
  -- What has become a draft is decided there alone, however little it would be by now: it would be done twice.
  local before = (most or S.counting > 0) and counts.known(S, draft_id(op[2]))
  if before and (most or counts.is_open(before)) then
    if before.op[1] ~= op[1] then return refuse(S, 'ID_CONFLICT', nil, nil, 'kind') end
    for i, field in ipairs(BODY[op[1]]) do
      if before.op[i + 2] ~= op[i + 2] then return refuse(S, 'ID_CONFLICT', nil, nil, field) end
    end
    return counts.refused(S, 'NEEDS_APPROVAL', counts.is_open(before) and '' or 'id', most or before.sign_over, before.id)
  end
  if not most or units == 0 then return nil end
  if units + counts.unsigned(S, sku) <= most then
    counts.note_unsigned(S, sku, units)
    counts.weigh_again(S, sku)
    return nil
  end
  local other = counts.on(S, { sku })[sku]
  if other then return counts.refused(S, 'NEEDS_APPROVAL', 'count', most, other) end
  local crowd = counts.refuse_crowd(S, 'drafts')
  if crowd then return crowd end
  return counts.refused(S, 'NEEDS_APPROVAL', '', most, make_draft(S, op, row, most, actor, reason).id)
end

-- Units of each SKU that leave what is on hand where an action's entries go back, [[sku, units], …].
local function leaving(effect)
  local rows, row_of = {}, {}
  for _, entry in ipairs(effect) do
    local sku, qty, from, to = unpack(entry)
    local was, is = ON_HAND[place_kind(to)], ON_HAND[place_kind(from)]
    if was ~= is then
      local row = row_of[sku]
      if not row then
        row = { sku, 0 }
        row_of[sku], rows[#rows + 1] = row, row
      end
      row[2] = row[2] + (was and qty or -qty)
    end
  end
  return rows
end

-- An action is to be undone that brought units: that takes them off as a write-off does, but becomes no draft. A refusal where it
-- takes two people, or nil.
function counts.refuse_unsigned_undo(S, effect)
  local most = counts.limit(S)
  for _, row in ipairs(most and leaving(effect) or {}) do
    if row[2] > 0 and row[2] + counts.unsigned(S, row[1]) > most then
      local refusal = refuse(S, 'NEEDS_APPROVAL', most)
      refusal[3] = row[1]
      return refusal
    end
  end
  return nil
end

function counts.note_unsigned_undo(S, effect)
  for _, row in ipairs(counts.limit(S) and leaving(effect) or {}) do
    if row[2] > 0 then
      counts.note_unsigned(S, row[1], row[2])
      counts.weigh_again(S, row[1])
    end
  end
end

-- What takes two people, so that no less does: each setting of the pool that says it, and whether what it is to be is looser.
counts.loosened = {
  sign_over_units = function(before, after) return before and (not after or after > before) end,
  receipts_by_two = function(before, after) return before and not after end,
}
local IN_ORDER = { 'sign_over_units', 'receipts_by_two' }

-- The pool's settings are to ask for two people less often than before: the first who says so is remembered for a day, and another
-- one has to say the same. A refusal, or nil: then it is done.
function counts.refuse_loosening(S, old, new, by)
  local wanted, first = {}, nil
  for _, field in ipairs(IN_ORDER) do
    local before, after = old and old[field] or false, new[field] or false
    if counts.loosened[field](before, after) then
      wanted[#wanted + 1] = field .. ' ' .. tostring(before) .. ' ' .. tostring(after)
      first = first or field
    end
  end
  if not first then return nil end
  local who, slot, said = by and by[2] or '', remembered(S, ''), table.concat(wanted, ', ')
  local asked = slot.value
  if asked and asked.said == said and asked.at_ms > S.now - DAY_HOURS * HOUR_MS and who ~= '' then
    if asked.by == who then return refuse(S, 'SAME_SIGNER', nil, nil, 'user') end
    slot.value, slot.dirty = false, true
    return nil
  end
  if who ~= '' then slot.value, slot.dirty = { said = said, by = who, at_ms = S.now }, true end
  return refuse(S, 'NEEDS_APPROVAL', tonumber(old[first]), nil, first)
end
