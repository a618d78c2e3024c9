"""Orders of another platform in a file: what each would do to the book, and booking them.

An order's SKU has an id that its channel, number and SKU make, so the same file twice books nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.sheets.platform_orders import PlatformOrder
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ChannelConfig, ChannelKind
from shelfcast.stock.imports import RefusedImportRow
from shelfcast.stock.operations import CancelPaid, External
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import CHANNEL, POOL, Buckets
from shelfcast.stock.reading.book_keys import NAMES_APART, SCAN_COUNT
from shelfcast.stock.records import UNSAID, Reservation

DAY_MS = 86_400_000
KEPT_MS = 31 * DAY_MS
"""How long the book knows the ids of such orders at least."""
AGE_MAX_MS = 30 * DAY_MS
"""Older orders are booked by no file: whether they were before is not known any more."""
_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


class OrderRow(Struct, frozen=True, kw_only=True):
    """What the units of a SKU in an order are to do: `book` so many, then take `cancel` of them back, after which
    `cancelled` of them are."""

    line: int
    id: str
    order: str
    sku: str
    book: int
    cancel: int
    cancelled: int
    paid_minor: int | None
    currency: str


class OrderVerdict(StrEnum):
    """What an order in a file is to the book."""

    NEW = "new"
    CHANGED = "changed"
    """It is booked, and some of it was cancelled since."""
    SAME = "same"


@dataclass
class OrderEffect:
    """What the new orders of a file take of the channel's stock, as it is now, in units: some are there, the others
    would be oversold. `short` has these by SKU: asked for, there."""

    orders: int = 0
    units: int = 0
    cancelled: int = 0
    oversold: int = 0
    short: dict[str, tuple[int, int]] = field(default_factory=dict)


def order_id(channel: str, order: str, sku: str) -> str:
    """The id of the units of a SKU in an order of a channel."""
    return f"order:{sha256(f'{channel}{NAMES_APART}{order}{NAMES_APART}{sku}'.encode()).hexdigest()[:40]}"


async def known_orders(book: StockBook, ids: Sequence[str], now_ms: int) -> tuple[dict[str, Reservation], set[str]]:
    """The records of those of these that are booked, and the ids of those whose record is over. Raises EngineError."""
    records, over = dict[str, Reservation](), set[str]()
    for first in range(0, len(ids), SCAN_COUNT):
        some = list(ids[first : first + SCAN_COUNT])
        records |= {record.id: record for record in await book.reservations(some)}
        over |= await book.kept_orders(some, now_ms)
    return records, over - records.keys()


def against(
    order: PlatformOrder, name: str, record: Reservation | None, *, is_over: bool
) -> tuple[OrderVerdict, OrderRow] | str:
    """What an order, whose id is `name`, is to the book, and what is to be done; or what stands against it."""

    def row(book: int, cancel: int) -> OrderRow:
        return OrderRow(
            line=order.line,
            id=name,
            order=order.order,
            sku=order.sku,
            book=book,
            cancel=cancel,
            cancelled=order.cancelled,
            paid_minor=order.paid_minor,
            currency=order.currency,
        )

    left = order.qty - order.cancelled
    if record is None:
        # What was cancelled before anybody heard of it never takes units.
        return (OrderVerdict.SAME, row(0, 0)) if is_over or not left else (OrderVerdict.NEW, row(left, 0))
    if not record.external:
        return f"the book has a reservation {name!r} that is none of another platform"
    if not 0 <= order.qty - record.qty <= order.cancelled:
        return f"it is booked with {record.qty:,} units; the file has {order.qty:,}"
    gone = record.qty - record.left - record.shipped - record.oversold
    cancelled = order.cancelled - (order.qty - record.qty)
    if cancelled > gone + record.left + record.oversold:
        return f"{record.shipped:,} of its units have left: what comes back is a return, not a cancellation"
    if cancelled > gone:
        return OrderVerdict.CHANGED, row(0, cancelled - gone)
    return OrderVerdict.SAME, row(0, 0)


def effect_of(
    rows: Iterable[OrderRow], channel: str, config: ChannelConfig, units: Mapping[str, Buckets]
) -> OrderEffect:
    """What rows would take; what the channel has is its own units and, where it is shared, the pool's."""
    effect, asked = OrderEffect(), Counter[str]()
    orders = set[str]()
    for row in rows:
        asked[row.sku] += row.book
        effect.cancelled += row.cancel
        if row.book:
            orders.add(row.order)
    for sku, wanted in asked.items():
        buckets = units.get(sku, {})
        there = buckets.get(CHANNEL + channel, 0)
        if config.kind is not ChannelKind.DEDICATED:
            there += buckets.get(POOL, 0)
        effect.units += wanted
        if wanted > there:
            effect.oversold += wanted - there
            effect.short[sku] = wanted, there
    effect.orders = len(orders)
    return effect


async def book_orders(book: StockBook, rows: Sequence[OrderRow], channel: str, actor: str) -> list[RefusedImportRow]:
    """Do these rows; those that the book refused. Done again, nothing happens twice. Raises EngineUnavailable where the
    book did not decide."""
    outcomes = await asyncio.gather(*[_do(book, row, channel, actor) for row in rows])
    if any(outcome.code in _NOT_DONE for outcome in outcomes):
        raise EngineUnavailable("the book did not decide about orders of a file")
    return [
        RefusedImportRow(line=row.line, sku=row.sku, code=outcome.code, reason=_reason(outcome))
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome.code is not Code.OK
    ]


async def _do(book: StockBook, row: OrderRow, channel: str, actor: str) -> Outcome:
    if row.book:
        paid = UNSAID if row.paid_minor is None else row.paid_minor
        currency = "" if row.paid_minor is None else row.currency
        return await book.apply(
            External(row.id, channel, row.sku, row.book, "", row.order, actor, paid, currency, KEPT_MS)
        )
    if row.cancel:
        return await book.apply(CancelPaid(f"{row.id}:{row.cancelled}", row.id, row.cancel, actor, "cancelled there"))
    return Outcome(Code.OK)


def _reason(outcome: Outcome) -> str:
    if outcome.code is Code.ID_CONFLICT:
        return f"somebody has booked it otherwise since the preview ({outcome.field})"
    if outcome.code is Code.INSUFFICIENT:
        return f"{outcome.available:,} of its units are left to be cancelled"
    field = f" ({outcome.field})" if outcome.field else ""
    return EXPLANATION[outcome.code] + field
