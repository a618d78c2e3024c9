"""Whether the book's figure of a SKU is what lies there: counts, and what an ERP says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shelfcast.insight.checklist import Check, Cure, CureKind, Item, Level
from shelfcast.insight.checks.facts import OpenCountFacts, RoomFacts, SkuFacts
from shelfcast.insight.checks.wording import HOUR_MS, span, units

COUNTED_WITHIN_MS = 24 * HOUR_MS
"""A count holds for so long before a show."""
ERP_WITHIN_MS = 2 * HOUR_MS
"""What an ERP says is believed for so long."""


def counting_items(room: RoomFacts, sku: SkuFacts) -> Iterator[Item]:
    """Of a SKU whose units lie somewhere; presale sells nothing that does."""
    if sku.presale or not sku.listed:
        return
    yield _counted(room, sku)
    yield _open_count(sku.sku, sku.open_count)
    if room.hears_erp:
        yield _erp(room, sku)


def _counted(room: RoomFacts, sku: SkuFacts) -> Item:
    counted, received_at_ms = sku.counted, sku.received_at_ms
    if counted is not None and room.now_ms - counted.at_ms <= COUNTED_WITHIN_MS:
        says = f"counted {span(room.now_ms - counted.at_ms)} ago: {units(counted.counted)}"
        values = {"at_ms": counted.at_ms, "count": counted.count, "counted": counted.counted}
        return Item(Check.COUNTED, Level.PASS, "counted", says, values)
    if received_at_ms is not None and room.now_ms - received_at_ms <= COUNTED_WITHIN_MS:
        says = f"all of it came within {span(room.now_ms - received_at_ms)}, counted by two people"
        return Item(Check.COUNTED, Level.PASS, "received", says, {"at_ms": received_at_ms})
    on = sku.open_count
    cure = Cure(CureKind.FINISH_COUNT, {"count": on.count}) if on is not None else Cure(CureKind.OPEN_COUNT)
    most = f"a show begins on counts of the last {span(COUNTED_WITHIN_MS)}"
    if counted is None:
        return Item(Check.COUNTED, Level.FAIL, "never", f"never counted; {most}", {}, (cure,))
    says = f"last counted {span(room.now_ms - counted.at_ms)} ago; {most}"
    values = {"at_ms": counted.at_ms, "count": counted.count, "counted": counted.counted}
    return Item(Check.COUNTED, Level.FAIL, "old", says, values, (cure,))


def _open_count(sku: str, count: OpenCountFacts | None) -> Item:
    if count is None:
        return Item(Check.OPEN_COUNT, Level.PASS, "none", "it is on no count that goes on")
    values: dict[str, Any] = {"count": count.count, "state": count.state}
    if count.in_review and count.difference:
        says = f"count {count.count} found a difference of {count.difference:+,} that waits for signatures"
        cure = Cure(CureKind.SIGN_COUNT, {"count": count.count, "sku": sku})
        values |= {"difference": count.difference}
        return Item(Check.OPEN_COUNT, Level.FAIL, "needs_signatures", says, values, (cure,))
    says = f"it is on count {count.count}, which is not applied"
    cure = Cure(CureKind.FINISH_COUNT, {"count": count.count, "sku": sku})
    return Item(Check.OPEN_COUNT, Level.WARN, "counting", says, values, (cure,))


def _erp(room: RoomFacts, sku: SkuFacts) -> Item:
    cure = Cure(CureKind.SEND_ERP_LEVELS, {"sku": sku.sku})
    erp = sku.erp
    if erp is None:
        says = "the ERP has not said how many there are"
        return Item(Check.ERP, Level.WARN, "not_told", says, {}, (cure,))
    values = {"at_ms": erp.at_ms, "erp": erp.units, "book": erp.on_hand}
    if erp.units != erp.on_hand:
        more = erp.units - erp.on_hand
        says = f"the ERP said {erp.units:,} where the book had {erp.on_hand:,}: {more:+,}"
        cures = (Cure(CureKind.OPEN_COUNT, {"sku": sku.sku}), cure)
        return Item(Check.ERP, Level.FAIL, "differs", says, values | {"difference": more}, cures)
    age_ms = room.now_ms - erp.at_ms
    if age_ms > ERP_WITHIN_MS:
        says = f"the ERP agreed {span(age_ms)} ago; it is believed for {span(ERP_WITHIN_MS)}"
        return Item(Check.ERP, Level.FAIL, "old", says, values | {"age_ms": age_ms}, (cure,))
    says = f"the ERP said {erp.units:,}, as the book, {span(age_ms)} ago"
    return Item(Check.ERP, Level.PASS, "agrees", says, values)
