"""The terms of a SKU in the room: window, price, limit, link number."""

from __future__ import annotations

from collections.abc import Iterator

from shelfcast.insight.checklist import Check, Cure, CureKind, Item, Level
from shelfcast.insight.checks.facts import RoomFacts, SkuFacts
from shelfcast.insight.checks.wording import span, units


def terms_items(room: RoomFacts, sku: SkuFacts) -> Iterator[Item]:
    """Of a SKU that is listed."""
    if sku.listed:
        yield _window(room, sku)
        yield _price(room, sku)
        yield _limit(sku)
        yield _link(sku)


def _window(room: RoomFacts, sku: SkuFacts) -> Item:
    cures = (Cure(CureKind.SET_WINDOW, {"sku": sku.sku}),)
    opens, closes, end_ms = sku.opens_at_ms, sku.closes_at_ms, room.planned_end_ms
    values = {"opens_at_ms": opens, "closes_at_ms": closes}
    if closes is not None and closes <= room.now_ms:
        says = f"its sale was over {span(room.now_ms - closes)} ago"
        return Item(Check.WINDOW, Level.FAIL, "over", says, values, cures)
    if closes is not None and closes <= room.start_ms:
        says = f"its sale is over {span(room.start_ms - closes)} before the show is planned to begin"
        return Item(Check.WINDOW, Level.FAIL, "closes_before_start", says, values, cures)
    if opens is not None and end_ms is not None and opens >= end_ms:
        says = f"its sale opens {span(opens - end_ms)} after the planned end of the show"
        return Item(Check.WINDOW, Level.WARN, "opens_after_end", says, values, cures)
    if opens is not None and opens > room.start_ms:
        says = f"its sale opens {span(opens - room.start_ms)} into the show"
        return Item(Check.WINDOW, Level.PASS, "opens_during", says, values)
    return Item(Check.WINDOW, Level.PASS, "open", "its sale is open when the show begins", values)


def _price(room: RoomFacts, sku: SkuFacts) -> Item:
    cures = (Cure(CureKind.SET_PRICE, {"sku": sku.sku}),)
    values = {"price_minor": sku.price_minor, "currency": sku.currency}
    if sku.price_minor <= 0:
        return Item(Check.PRICE, Level.FAIL, "zero", "its price is 0: it would be given away", values, cures)
    if sku.currency != room.currency:
        says = f"its price is in {sku.currency}, the pool's currency is {room.currency}"
        return Item(Check.PRICE, Level.WARN, "other_currency", says, values | {"pool": room.currency}, cures)
    return Item(Check.PRICE, Level.PASS, "set", "it has a price", values)


def _limit(sku: SkuFacts) -> Item:
    if sku.limit_per_user is None:
        says = "no limit per customer: one could buy all of it"
        return Item(Check.LIMIT, Level.WARN, "not_set", says, {}, (Cure(CureKind.SET_LIMIT, {"sku": sku.sku}),))
    values = {"limit": sku.limit_per_user, "window": sku.limit_window}
    return Item(Check.LIMIT, Level.PASS, "set", f"at most {units(sku.limit_per_user)} a customer", values)


def _link(sku: SkuFacts) -> Item:
    if sku.link is not None:
        return Item(Check.LINK, Level.PASS, "set", f"link {sku.link}", {"link": sku.link})
    if sku.free_link is None:
        says = "it has no link number, and none is free in the room: take something off the shelf"
        return Item(Check.LINK, Level.FAIL, "none_free", says)
    says = f"it has no link number to call it by; {sku.free_link} is free"
    cure = Cure(CureKind.SET_LINK, {"sku": sku.sku, "link": sku.free_link})
    return Item(Check.LINK, Level.FAIL, "none", says, {"free": sku.free_link}, (cure,))
