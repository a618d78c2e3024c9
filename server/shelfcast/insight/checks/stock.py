"""Whether there is enough of a SKU, and what could be given where there is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shelfcast.insight.checklist import Check, Cure, CureKind, Item, Level
from shelfcast.insight.checks.facts import RoomFacts, SkuFacts
from shelfcast.insight.checks.wording import units
from shelfcast.stock.places import BATCH, CHANNEL, ELASTIC, POOL

RELEASED_BY_ITSELF, RELEASED_WHEN_ASKED = "auto", "ask"
"""Modes of an elastic reserve that bring it on sale during the show."""


def stock_items(room: RoomFacts, sku: SkuFacts) -> Iterator[Item]:
    """Whether it is listed, frozen, and there."""
    if sku.in_run_order or not sku.listed:
        yield _listed(sku)
    if sku.listed:
        yield _frozen(sku)
        yield _presale_quota(sku) if sku.presale else _stock(room, sku)


def _listed(sku: SkuFacts) -> Item:
    if sku.listed:
        return Item(Check.LISTED, Level.PASS, "listed", "it stands in the run order and on the shelf")
    says = "it stands in the run order, but not on the room's shelf: nobody could reserve it"
    cures = (Cure(CureKind.LIST_SKUS, {"sku": sku.sku}), Cure(CureKind.SET_RUN_ORDER))
    return Item(Check.LISTED, Level.FAIL, "not_listed", says, {}, cures)


def _frozen(sku: SkuFacts) -> Item:
    if not sku.frozen:
        return Item(Check.FREEZE, Level.PASS, "none", "it is not frozen")
    cure = Cure(CureKind.THAW, {"sku": sku.sku})
    return Item(Check.FREEZE, Level.FAIL, "sku", "it is frozen: nobody can reserve it", {}, (cure,))


def _stock(room: RoomFacts, sku: SkuFacts) -> Item:
    """Enough for the plan, or at all where nothing is planned."""
    there, wanted = sku.available, sku.expected_units
    values: dict[str, Any] = {"available": there}
    if wanted is not None:
        values["expected"] = wanted
    if there > 0 and wanted is None:
        return Item(Check.STOCK, Level.PASS, "in_stock", f"{units(there)} on sale", values)
    if there > 0 and wanted is not None and there >= wanted:
        says = f"{units(there)} on sale, {wanted:,} expected to go"
        return Item(Check.STOCK, Level.PASS, "enough", says, values)
    short = max(1, (wanted or 0) - there)
    if there > 0 and sku.elastic >= short and sku.elastic_mode in (RELEASED_BY_ITSELF, RELEASED_WHEN_ASKED):
        return _with_reserve(sku, values | {"short": short, "elastic": sku.elastic})
    cures = _givings(room, sku, short)
    givable = sum(cure.about["units"] for cure in cures)
    values |= {"short": short, "givable": givable}
    begins = "there is none of it" if there <= 0 else f"{units(there)} on sale"
    if wanted is not None:
        begins += f", {wanted:,} expected to go"
    if not cures:
        return _nothing_left(sku, begins, values)
    cures += (Cure(CureKind.LOWER_PLAN, {"sku": sku.sku}),) if wanted is not None and there > 0 else ()
    says = f"{begins}; {units(givable)} could be given"
    return Item(Check.STOCK, Level.FAIL, "none" if there <= 0 else "short", says, values, cures)


def _with_reserve(sku: SkuFacts, values: dict[str, Any]) -> Item:
    begins = f"{units(sku.available)} on sale, {values['expected']:,} expected to go"
    if sku.elastic_mode == RELEASED_BY_ITSELF:
        says = f"{begins}; the elastic reserve of {sku.elastic:,} is released by itself"
        return Item(Check.STOCK, Level.PASS, "with_reserve", says, values)
    says = f"{begins}; the elastic reserve of {sku.elastic:,} is released when somebody says so"
    cure = _release(sku, POOL, values["short"])
    return Item(Check.STOCK, Level.WARN, "with_reserve", says, values, (cure,))


def _nothing_left(sku: SkuFacts, begins: str, values: dict[str, Any]) -> Item:
    """A dead end: what people can do who are not this server."""
    elsewhere = sum(other.units for other in sku.elsewhere) + sku.pool
    values |= {"elsewhere": elsewhere, "safety": sku.safety, "held": sku.held}
    ways = []
    if elsewhere:
        ways.append(f"move some of the {elsewhere:,} that others sell from")
    if sku.safety:
        ways.append(f"decide to sell from the safety buffer of {sku.safety:,}")
    if sku.held:
        ways.append(f"wait for the {sku.held:,} in checkouts, which may come back")
    ways += ["book what arrives", "count it, if there should be more", "plan fewer", "take it off the shelf"]
    says = f"{begins}; nothing is left that could be given to the room: {', '.join(ways[:-1])}, or {ways[-1]}"
    cures = [Cure(CureKind.RECEIVE, {"sku": sku.sku}), Cure(CureKind.OPEN_COUNT, {"sku": sku.sku})]
    if sku.expected_units is not None:
        cures.append(Cure(CureKind.LOWER_PLAN, {"sku": sku.sku}))
    return Item(Check.STOCK, Level.FAIL, "nothing_left", says, values, tuple(cures))


def _givings(room: RoomFacts, sku: SkuFacts, short: int) -> tuple[Cure, ...]:
    """Moves that bring what is lacking, each with the units that it brings; first what takes nothing from anybody."""
    own = POOL if room.shared else CHANNEL + room.channel
    found: list[Cure] = []
    left = short
    if not room.shared and sku.pool > 0:
        qty = min(left, sku.pool)
        found.append(Cure(CureKind.ALLOCATE, {"sku": sku.sku, "units": qty, "source": POOL, "target": own}))
        left -= qty
    if left > 0 and sku.elastic > 0:
        cure = _release(sku, own, left)
        found.append(cure)
        left -= cure.about["units"]
    for batch in sku.batches:
        if left > 0:
            # It opens as a whole: what is in it beyond that is on sale, too.
            about = {"sku": sku.sku, "units": batch.units, "source": BATCH + batch.batch, "batch": batch.batch}
            found.append(Cure(CureKind.OPEN_BATCH, about))
            left -= batch.units
    for other in sku.elsewhere if room.shared else ():
        if left > 0:
            qty = min(left, other.units)
            about = {"sku": sku.sku, "units": qty, "source": CHANNEL + other.channel, "target": POOL}
            found.append(Cure(CureKind.TAKE_BACK, about))
            left -= qty
    return tuple(found)


def _release(sku: SkuFacts, target: str, most: int) -> Cure:
    qty = min(most, sku.elastic)
    return Cure(CureKind.RELEASE_ELASTIC, {"sku": sku.sku, "units": qty, "source": ELASTIC, "target": target})


def _presale_quota(sku: SkuFacts) -> Item:
    """A presale listing sells its quota, and nothing that is on hand."""
    values: dict[str, Any] = {"available": sku.available}
    wanted = sku.expected_units
    if wanted is not None:
        values["expected"] = wanted
    if sku.available >= max(1, wanted or 0):
        return Item(Check.STOCK, Level.PASS, "presale_quota", f"{units(sku.available)} of presale quota", values)
    says = f"{units(sku.available)} of presale quota"
    if wanted is not None:
        says += f", {wanted:,} expected to go"
    why = "no_quota" if sku.available <= 0 else "short_quota"
    qty = max(1, (wanted or 0) - sku.available)
    cure = Cure(CureKind.SET_QUOTA, {"sku": sku.sku, "units": qty} if wanted is not None else {"sku": sku.sku})
    return Item(Check.STOCK, Level.FAIL, why, says, values, (cure,))
