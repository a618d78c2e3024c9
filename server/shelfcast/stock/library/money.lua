-- Money of reservations: what was paid, and what went back. Amounts are in minor units; -1 is one that nobody said.
-- Rules: docs/rules.md#money.

-- A payment said an amount for the whole of r: the first one counts. note: of the entry that tells it, once.
function money.pay(r, note, amount, currency)
  if r.format < 2 or (amount or -1) < 0 or r.paid >= 0 then return end
  r.paid, r.tail = amount, false
  if (currency or '') ~= '' then r.currency = currency end
  note.rest = stamping.entry_rest(r, note.ref, note.actor, note.reason, note.limit)
  note.once = stamping.entry_rest(r, note.ref, note.actor, note.reason, note.limit, amount)
end

-- What all of r cost: what was paid, or else its price; -1 where neither is known.
function money.total(r)
  if r.paid >= 0 then return r.paid end
  return r.price >= 0 and r.price * r.qty or -1
end

-- What goes back for `units` of r, of which `left` stay after them. amount: as it was said, or -1 for their part of what was
-- paid, where the last part gets what is left of it. Returns -1 where nobody knows, or nil and a refusal.
function money.part(S, r, units, left, amount)
  if r.format < 2 then return -1 end
  local total = money.total(r)
  local rest = math.max(0, total - r.refunded)
  if amount >= 0 then
    if r.paid >= 0 and amount > rest then return nil, refuse(S, 'BAD_MESSAGE', rest, nil, 'refunded_minor') end
    return amount
  end
  if total < 0 then return -1 end
  return left == 0 and rest or math.min(rest, math.floor(total * units / r.qty))
end

-- So much went back; note: as above.
function money.refund(r, note, amount)
  if amount < 0 then return end
  r.refunded, r.tail = r.refunded + amount, false
  note.once = stamping.entry_rest(r, note.ref, note.actor, note.reason, nil, nil, amount)
end
