"""What happens to a reservation after it holds units. Parts (`ship`, `cancel_paid`, `fulfil`) happen once under a key;
the other steps are safe to repeat as they are."""

from __future__ import annotations

from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Fulfil, Pay, Refund, Ship
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import UNSAID


async def pay(book: StockBook, reservation: str, *, actor: str) -> Outcome:
    """Payment has begun: the hold is extended, once."""
    return await book.apply(Pay(reservation, actor))


async def confirm(
    book: StockBook, reservation: str, *, reference: str, actor: str, paid_minor: int = UNSAID, currency: str = ""
) -> Outcome:
    """Payment has arrived. After expiry it takes units anew, or is PAID_NO_STOCK and waits for a refund.

    `paid_minor` is what was paid for all its units, in `currency` (empty: that of the price).
    """
    return await book.apply(Confirm(reservation, reference, actor, paid_minor, currency))


async def cancel(book: StockBook, reservation: str, *, user: str, actor: str, reason: str) -> Outcome:
    """Give a live hold back; `user` is whose it must be, empty for anybody's."""
    return await book.apply(Cancel(reservation, user, actor, reason))


async def refund(
    book: StockBook, reservation: str, *, actor: str, reason: str, refunded_minor: int = UNSAID
) -> Outcome:
    """The money of a payment without stock went back, all of it where no amount is said."""
    return await book.apply(Refund(reservation, actor, reason, refunded_minor))


async def ship(book: StockBook, key: str, reservation: str, units: int, *, actor: str, reference: str) -> Outcome:
    """Sold units leave the house; 0 are all that are left."""
    return await book.apply(Ship(key, reservation, units, actor, reference))


async def cancel_paid(
    book: StockBook,
    key: str,
    reservation: str,
    units: int,
    *,
    actor: str,
    reason: str,
    refunded_minor: int = UNSAID,
) -> Outcome:
    """Take paid, unshipped units back into stock; 0 are all that are left. Their part of what was paid goes back, where
    no amount is said."""
    return await book.apply(CancelPaid(key, reservation, units, actor, reason, refunded_minor))


async def fulfil(book: StockBook, key: str, reservation: str, *, actor: str) -> Outcome:
    """Goods for a paid presale order are there: they become sold units."""
    return await book.apply(Fulfil(key, reservation, actor))
