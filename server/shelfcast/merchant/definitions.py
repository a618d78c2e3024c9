"""Definitions: SKUs, channels, batches, users, rooms and listings, written whole or in part.

Where a write says which revision it `expected`, and the definition is at another, the outcome is STALE, and its data
says both (`stock.operations.Put`). `by` is whose write it is: it becomes an action.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from shelfcast.errors import InvalidInput
from shelfcast.merchant import gate
from shelfcast.protocol.text import normalized, sku_fault
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ANY_REVISION, ElasticMode, ElasticRule, What
from shelfcast.stock.operations import Drop, put
from shelfcast.stock.outcomes import Outcome

_LEFT_ALONE: Mapping[What, frozenset[str]] = {What.ROOM: frozenset({"status", "spotlight", "gate"})}
"""Stating the whole of a definition without these leaves them alone: what a running show has become is no part of it,
and nobody opens a gate by not naming it."""

_TEXTS = frozenset({"title", "barcode", "category", "zone", "supplier", "handover"})
"""Fields that people write and search: kept in one form, as a spreadsheet's are."""


async def change(
    book: StockBook,
    what: What,
    key: str,
    given: Mapping[str, Any],
    *,
    by: By,
    parent: str = "",
    expected: int = ANY_REVISION,
    continues: bool = False,
    override: str = "",
) -> Outcome:
    """Set the `given` fields, those given as None to their defaults; leave the others. `parent` is a listing's room;
    `continues` says of a room that becomes live that its last show is to go on, `override` why a show may begin though
    the room's checklist fails. A write that begins one goes through the gate, whoever asks (`merchant.gate`)."""
    op = put(what, key, _in_one_form(given), parent=parent, expected=expected, by=by, continues=continues)
    return await gate.passed(book, op, override) if gate.may_begin_show(op) else await book.apply(op)


async def state(
    book: StockBook,
    what: What,
    key: str,
    given: Mapping[str, Any],
    fields: Iterable[str],
    *,
    by: By,
    parent: str = "",
    expected: int = ANY_REVISION,
    override: str = "",
) -> Outcome:
    """Set the `given` fields, and all other `fields` of the definition to their defaults."""
    kept = _LEFT_ALONE.get(what, frozenset())
    defaults: dict[str, Any] = {name: None for name in fields if name not in kept}
    values = defaults | dict(given)
    return await change(book, what, key, values, by=by, parent=parent, expected=expected, override=override)


async def change_many(
    book: StockBook, what: What, rows: Sequence[tuple[str, Mapping[str, Any]]], *, by: By, parent: str = ""
) -> list[Outcome]:
    """`change` of each (key, given), all on their way at once; no transaction, and one action. Raises InvalidInput as
    `check_once`."""
    check_once([key for key, _ in rows])
    # Who names a link number comes before those who get the lowest free one, which might be that.
    order = sorted(range(len(rows)), key=lambda row: rows[row][1].get("link") is None)
    found = await asyncio.gather(*[change(book, what, *rows[row], by=by, parent=parent) for row in order])
    outcomes = dict(zip(order, found, strict=True))
    return [outcomes[row] for row in range(len(rows))]


async def take_off_shelf(book: StockBook, room: str, sku: str, *, by: By, expected: int = ANY_REVISION) -> Outcome:
    """Take a SKU off a room's shelf; its live reservations stay."""
    return await book.apply(Drop(room, sku, expected, by))


def check_once(skus: Sequence[str]) -> None:
    """Raises InvalidInput where a bulk request names a SKU twice: which row counts would be chance."""
    seen: set[str] = set()
    for row, sku in enumerate(skus):
        if sku in seen:
            raise InvalidInput(f"{sku!r} is in this request twice", field=f"skus[{row}].sku")
        seen.add(sku)


async def check_new_skus(book: StockBook, skus: Sequence[tuple[str, str]]) -> None:
    """Refuse a SKU that could be taken for another: in another normal form, or with what cannot be seen in it.

    `skus` are pairs of the SKU and its field. What the pool has under such a name already can be changed and sold.
    Raises InvalidInput.
    """
    for sku, field in skus:
        fault = sku_fault(sku)
        if fault and await book.sku(sku) is None:
            raise InvalidInput(fault, field=field)


def check_rule(rule: ElasticRule, field: str = "") -> None:
    """Raises InvalidInput where a rule of an elastic reserve contradicts itself; `field` is where it stands."""
    within = f"{field}." if field else ""
    has_trigger = (rule.at_units, rule.at_share_percent, rule.at_eta_minutes) != (None, None, None)
    if rule.mode is not ElasticMode.OFF and not has_trigger:
        expected = "off, or at_units, at_share_percent or at_eta_minutes beside it"
        raise InvalidInput(f"expected {expected}: nothing says when {rule.mode} is", field=f"{within}mode")


def _in_one_form(given: Mapping[str, Any]) -> dict[str, Any]:
    formed = dict(given) | _one_rule(given)
    for name, value in given.items():
        if name in _TEXTS and isinstance(value, str):
            formed[name] = unicodedata.normalize("NFC", value)
        elif name == "aliases" and value is not None:
            formed[name] = [normalized(alias) for alias in value]
        elif name == "weights" and value is not None:
            formed[name] = {unicodedata.normalize("NFC", category): weight for category, weight in value.items()}
        elif name == "run_order" and value is not None:
            formed[name] = [_slot(slot) for slot in value]
    return formed


def _slot(slot: str | Struct) -> str | dict[str, Any]:
    """A place in a run order as it is kept: by its name where it has nothing but its SKU."""
    if isinstance(slot, str):
        return slot
    said = {name: value for name, value in asdict(slot).items() if value not in (None, "")}
    if "note" in said:
        said["note"] = unicodedata.normalize("NFC", said["note"])
    return said if len(said) > 1 else said["sku"]


def _one_rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """The rule of an elastic reserve in the one form it is kept in: what `elastic_release_at` can say stands there, any
    other in `elastic`, and what is written of one of them replaces the other. Raises InvalidInput."""
    rule, at = given.get("elastic"), given.get("elastic_release_at")
    if rule is not None and at is not None:
        said = "expected none beside elastic, which says when the reserve is released"
        raise InvalidInput(said, field="elastic_release_at")
    if at is not None:
        return {"elastic": None}
    if rule is not None:
        rule = ElasticRule(**asdict(rule))
        check_rule(rule, "elastic")
        if rule == ElasticRule(mode=ElasticMode.AUTO, at_units=rule.at_units):
            return {"elastic": None, "elastic_release_at": rule.at_units}
        return {"elastic": rule, "elastic_release_at": None}
    return {"elastic_release_at": None} if "elastic" in given else {}
