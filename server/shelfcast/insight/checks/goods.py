"""What of a SKU's units is spoken for, set aside, or not fit to be sold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shelfcast.insight.checklist import Check, Cure, CureKind, Item, Level
from shelfcast.insight.checks.facts import LotFacts, RoomFacts, SkuFacts
from shelfcast.insight.checks.wording import count, units


def goods_items(room: RoomFacts, sku: SkuFacts) -> Iterator[Item]:
    """Owed, booked, unsellable, and the safety buffer."""
    if not sku.listed:
        return
    yield _owed(sku)
    if sku.presale:
        return
    yield _set_aside(sku)
    yield _unsellable(room, sku)
    yield _safety_buffer(sku)


def _owed(sku: SkuFacts) -> Item:
    values = {"oversold": sku.oversold, "unfilled": sku.unfilled}
    parts = []
    if sku.oversold:
        parts.append(f"{units(sku.oversold)} owed to orders of other platforms")
    if sku.unfilled:
        parts.append(f"{count(sku.unfilled, 'order')} paid for it without stock")
    if not parts:
        return Item(Check.OWED, Level.PASS, "none", "nobody is owed any of it", values)
    why = "oversold" if sku.oversold else "paid_no_stock"
    says = " and ".join(parts) + ": they come before the show"
    return Item(Check.OWED, Level.FAIL, why, says, values, (Cure(CureKind.SETTLE, {"sku": sku.sku}),))


def _set_aside(sku: SkuFacts) -> Item:
    says = f"{units(sku.sold)} sold and not shipped, {sku.held:,} in checkouts: they are not on sale"
    return Item(Check.SET_ASIDE, Level.PASS, "set_aside", says, {"sold": sku.sold, "held": sku.held})


def _unsellable(room: RoomFacts, sku: SkuFacts) -> Item:
    soon = [lot for lot in sku.lots if lot.days_left <= room.expiry_days]
    pulls = _pulls(soon, sku.free)
    values: dict[str, Any] = {"unsellable": sku.unsellable}
    if not pulls:
        says = f"{units(sku.unsellable)} set aside as unsellable, and no lot on sale that expires"
        return Item(Check.UNSELLABLE, Level.PASS, "pulled", says, values)
    first, most = pulls[0][0], sum(qty for _, qty in pulls)
    values |= {"lots": len(pulls), "units": most, "lot": first.lot, "days_left": first.days_left}
    when = f"expired {count(-first.days_left, 'day')} ago" if first.days_left < 0 else _in_days(first.days_left)
    says = f"up to {units(most)} of {count(len(pulls), 'lot')} may be on sale, the first of which {when}"
    values["expires_on"] = first.expires_on
    cures = tuple(
        Cure(CureKind.PULL_LOT, {"sku": sku.sku, "lot": lot.lot, "expires_on": lot.expires_on, "units": qty})
        for lot, qty in pulls
    )
    return Item(Check.UNSELLABLE, Level.FAIL, "expires", says, values, cures)


def _in_days(days: int) -> str:
    return "expires today" if days == 0 else f"expires in {count(days, 'day')}"


def _pulls(lots: list[LotFacts], free: int) -> list[tuple[LotFacts, int]]:
    """What is to be pulled of each lot, the first to expire first, out of what is still free."""
    found = []
    for lot in sorted(lots, key=lambda lot: (lot.expires_on, lot.lot)):
        qty = min(lot.units, free)
        if qty > 0:
            found.append((lot, qty))
            free -= qty
    return found


def _safety_buffer(sku: SkuFacts) -> Item:
    if sku.safety or not sku.safety_wanted:
        return Item(Check.SAFETY_BUFFER, Level.PASS, "set", f"{units(sku.safety)} set aside", {"safety": sku.safety})
    says = f"no safety buffer; it should have {sku.safety_wanted:,}"
    cures: tuple[Cure, ...] = ()
    if sku.pool >= sku.safety_wanted:
        cures = (Cure(CureKind.SET_ASIDE, {"sku": sku.sku, "units": sku.safety_wanted}),)
    else:
        says += ", and the pool has too few of it to set them aside"
    values = {"safety": 0, "wanted": sku.safety_wanted}
    return Item(Check.SAFETY_BUFFER, Level.WARN, "missing", says, values, cures)
