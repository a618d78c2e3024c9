"""Which report of a show is due, and what it waits for.

Rules: docs/rules.md#report.
"""

from __future__ import annotations

from collections import deque

from shelfcast.merchant.report_archive import final_after_ms
from shelfcast.protocol.states import ReservationState
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.reports import ReportRecord, ReportState
from shelfcast.stock.show import ShowRecord

PENDING = (ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING, ReservationState.PAID_NO_STOCK)
"""States in which a reservation is neither sold nor over."""


def due_report(
    show: ShowRecord, record: ReportRecord, now_ms: int, *, is_pending: bool, settings: Settings
) -> ReportState | None:
    """The report of a show that is to be written now; None where there is none. `is_pending`: a reservation that the
    provisional one waits for is not seen resolved."""
    if not show.ended_at_ms or record.final is not None:
        return None
    if now_ms > final_after_ms(show, settings):
        return ReportState.FINAL
    if record.provisional is None or record.continued != show.continued:
        return ReportState.PROVISIONAL
    may_continue = now_ms - show.ended_at_ms <= settings.show_continue_max_ms
    return None if may_continue or is_pending else ReportState.FINAL


async def still_pending(book: StockBook, pending: deque[str], most: int) -> None:
    """Take those that are resolved off the front, as far as one that is not; at most so many are looked at. Raises
    EngineError."""
    some = [pending[place] for place in range(min(most, len(pending)))]
    states = {reservation.id: reservation.state for reservation in await book.reservations(some)}
    while some and states.get(some[0]) not in PENDING:
        pending.popleft()
        some.pop(0)
