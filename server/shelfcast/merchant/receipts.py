"""Goods that arrive: entered by one person or by two, their lots, and what an ERP says is there.

Rules: docs/rules.md#receipts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.merchant.days import date_of, day_said
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import EXPIRY_DAYS
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import unsold
from shelfcast.stock.receipt_operations import CancelReceipt, EnterReceipt, NoteErpLevels, OpenReceipt, PullLot
from shelfcast.stock.receipts import Lot, ReceiptEntry, ReceiptExpected, ReceiptLine, ReceiptRecord, ReceiptState

LEVELS_A_STEP = 500
"""Figures of an ERP in one call of the book."""
UNKNOWN_TOLD_MAX = 1_000
"""SKUs that the catalogue has not, of those that an answer names."""
_OVER = frozenset({ReceiptState.RECEIVED, ReceiptState.CANCELLED})


class ErpNoted(NamedTuple):
    """SKUs whose figures were noted, those of them that differ from the book, and the names that it has not."""

    noted: int
    differing: int
    unknown: list[str]


class Expiring(NamedTuple):
    """Lots that expire within `days`, the first to expire first, and whether there are more; the day that they are
    counted from; and of each SKU how many units could be pulled now."""

    days: int
    lots: list[Lot]
    more: bool
    today: dt.date
    free: dict[str, int]


async def open_receipt(
    book: StockBook,
    key: str,
    *,
    supplier: str,
    reference: str,
    note: str,
    expected: Sequence[ReceiptExpected],
    by: By,
) -> Outcome:
    """Make a receipt. Raises InvalidInput for a SKU that is expected twice."""
    _check_once([row.sku for row in expected], "expected")
    return await book.apply(OpenReceipt(key, supplier, reference, note, list(expected), by))


async def enter(
    book: StockBook, receipt: str, lines: Sequence[ReceiptLine], *, done: bool, user: str, by: By
) -> Outcome:
    """All lines of one person, in place of those it had. Raises InvalidInput for a day that is none."""
    for index, line in enumerate(lines):
        if line.expires_on:
            day_said(line.expires_on, f"lines[{index}].expires_on")
    return await book.apply(EnterReceipt(receipt, list(lines), done, user, by))


async def cancel(book: StockBook, receipt: str, *, by: By) -> Outcome:
    """Nothing comes of it."""
    return await book.apply(CancelReceipt(receipt, by))


def is_over(receipt: ReceiptRecord) -> bool:
    """Whether nothing of it will change any more."""
    return receipt.state in _OVER


def may_enter(receipt: ReceiptRecord, role: Role) -> bool:
    """Whether somebody may enter lines: where two people do, a program is none of them."""
    return not receipt.by_two or role is not Role.SERVICE


def may_see_lines(receipt: ReceiptRecord, entry: ReceiptEntry, user: str) -> bool:
    """Whether somebody may see what an entry found: its own lines, and others' once the receipt is over."""
    return entry.by == user or is_over(receipt)


def may_see_expected(receipt: ReceiptRecord, role: Role) -> bool:
    """Whether somebody may see what the supplier announced: nobody who could still be one of two, and never whoever
    only counts."""
    return role is not Role.COUNTER and (is_over(receipt) or not receipt.by_two)


def received_units(receipt: ReceiptRecord) -> Counter[str]:
    """How many units of each SKU came in with it, the bad ones too: what the one says who has received it."""
    found: Counter[str] = Counter()
    for entry in receipt.entries:
        if receipt.state is ReceiptState.RECEIVED and entry.by == receipt.received_by:
            for line in entry.lines:
                found[line.sku] += line.good + line.bad
    return found


async def expiring(book: StockBook, *, within_days: int | None, limit: int) -> Expiring:
    """Lots that expire within so many days of today, by the calendar of the pool's time zone; None takes its own
    `expiry_days`. Those that have expired are among them."""
    pool = await book.pool_config()
    days = within_days if within_days is not None else pool.expiry_days or EXPIRY_DAYS
    today = date_of(await book.now_ms(), pool.time_zone)
    lots, more = await book.expiring_lots((today + dt.timedelta(days=days)).isoformat(), limit)
    skus = list(dict.fromkeys(lot.sku for lot in lots))
    buckets = await asyncio.gather(*map(book.buckets, skus))
    return Expiring(days, lots, more, today, {sku: unsold(found) for sku, found in zip(skus, buckets, strict=True)})


async def pull_lot(
    book: StockBook, key: str, sku: str, lot: str, expires_on: str, units: int, *, actor: str, reason: str = ""
) -> Outcome:
    """Make units of a lot unsellable, from wherever they are free. Raises InvalidInput where no lot is named."""
    if not lot and not expires_on:
        raise InvalidInput("expected the lot, or the day on which it expires", field="lot")
    if expires_on:
        day_said(expires_on, "expires_on")
    return await book.apply(PullLot(key, sku, lot, expires_on, units, actor, reason))


async def note_erp_levels(
    book: StockBook,
    rows: Sequence[tuple[str, int]],
    *,
    actor: str,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> ErpNoted | Outcome:
    """What an ERP says is on hand, [SKU, units]; the first refusal where the book cannot be asked. `told` hears how
    many rows of all are done.

    Raises InvalidInput for a SKU that stands twice; nothing is written before."""
    _check_once([sku for sku, _ in rows], "levels")
    noted, differing, unknown = 0, 0, list[str]()
    for first in range(0, len(rows), LEVELS_A_STEP):
        outcome = await book.apply(NoteErpLevels(list(rows[first : first + LEVELS_A_STEP]), actor))
        if outcome.code is not Code.OK:
            return outcome
        noted += outcome.data[0]
        unknown += outcome.data[1]
        differing += outcome.data[2]
        told(min(first + LEVELS_A_STEP, len(rows)), len(rows))
    return ErpNoted(noted, differing, unknown)


def _check_once(skus: Sequence[str], rows: str) -> None:
    """Raises InvalidInput for a SKU that stands twice."""
    seen: set[str] = set()
    for index, sku in enumerate(skus):
        if sku in seen:
            raise InvalidInput(f"SKU {sku!r} stands twice", field=f"{rows}[{index}].sku")
        seen.add(sku)
