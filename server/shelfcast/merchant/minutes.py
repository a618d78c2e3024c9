"""The minutes of a show: what the duty that watches it has kept, and reading that."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import ShowMinute, SkuMinute, unpack, unpack_show
from shelfcast.protocol.codes import Code
from shelfcast.stock.alert_operations import KeepMinute
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.book import StockBook

ROWS_A_WRITE_MAX = 500
"""Rows that one engine call keeps, and there is one a second: nobody waits long behind it."""

PARTS_MAX = 5_000
"""Parts that wait while the engine is away; of more the latest are dropped."""
MORE_FOLLOWS = -1

REFUSED_CODES = (
    Code.SOLD_OUT,
    Code.ALL_HELD,
    Code.INSUFFICIENT,
    Code.BATCH_EXHAUSTED,
    Code.NOT_OPEN,
    Code.SALE_ENDED,
    Code.FROZEN,
    Code.PAUSED,
    Code.LIMIT_PER_ORDER,
    Code.LIMIT_PER_USER,
    Code.REVIEW,
    Code.BLOCKED,
    Code.OVERLOADED,
    Code.UNAVAILABLE,
    Code.RATE_LIMITED,
)
"""Refusals of customers that a show's minutes count."""


@dataclass(frozen=True, kw_only=True)
class EndedMinute:
    """An ended minute (since 1970) of a room's show; nothing more happened behind it, up to `through`.

    `rows` are of the SKUs that changed in it, `shown` what the pages showed otherwise than before, `paces` what is
    kept of the paces, with that to tell (False where it is as it was), `paid` the units paid so far, `seq`
    the pool's sequence up to which orders are counted in the paces."""

    room: str
    show: str
    minute: int
    through: int
    rows: Sequence[tuple[str, SkuMinute]]
    shown: Sequence[tuple[str, tuple[object, ...]]] = ()
    paces: Sequence[tuple[str, float | bool, KeptPace]]
    paid: int
    seq: int


@dataclass
class MinuteQueue:
    """Ended minutes of a pool that are to be kept, in bounded parts. `submit` is called once a second."""

    fence: int
    _parts: deque[KeepMinute] = field(default_factory=lambda: deque(maxlen=PARTS_MAX))

    def add(self, ended: EndedMinute) -> None:
        """Keep this one, too."""
        rows: list[tuple[str, tuple[object, ...]]] = [*ended.rows, *ended.shown]
        paces = list(ended.paces)
        parts = max(1, -(-max(len(rows), len(paces)) // ROWS_A_WRITE_MAX))
        for part in range(parts):
            some = slice(part * ROWS_A_WRITE_MAX, (part + 1) * ROWS_A_WRITE_MAX)
            last = part == parts - 1
            self._parts.append(
                KeepMinute(
                    self.fence,
                    ended.room,
                    ended.show,
                    ended.minute,
                    rows[some],
                    (ended.paid, list(REFUSED_CODES)) if last else False,
                    paces[some],
                    ended.through if last else MORE_FOLLOWS,
                    ended.seq,
                )
            )

    async def submit(self, book: StockBook, is_full: Callable[[str], None]) -> None:
        """Write as much as one engine call may; what could not be written comes first the next time. `is_full` is
        called with a show of which nothing more is kept."""
        size, some = 0, list[KeepMinute]()
        while self._parts and (not some or size + _size(self._parts[0]) <= ROWS_A_WRITE_MAX):
            some.append(self._parts.popleft())
            size += _size(some[-1])
        outcomes = await asyncio.gather(*(book.apply(part) for part in some))
        for part, outcome in zip(reversed(some), reversed(outcomes), strict=True):
            if outcome.code in (Code.UNAVAILABLE, Code.OVERLOADED):
                self._parts.appendleft(part)
            elif outcome.code is Code.OK and outcome.data is False:
                is_full(part.show)

    def __len__(self) -> int:
        return len(self._parts)


def _size(part: KeepMinute) -> int:
    return max(1, len(part.rows), len(part.paces))


class SeriesPage(Struct, frozen=True, kw_only=True):
    """The minutes of a show in some hours: of each SKU those in which it changed, [minute's beginning, SKU, values at
    its end], and of the show all."""

    skus: list[tuple[int, str, SkuMinute]]
    show: list[tuple[int, ShowMinute]]


async def series(book: StockBook, show: str, hours: Sequence[int]) -> SeriesPage:
    """What is kept of a show in these hours (since 1970), in order. Raises EngineError."""
    page = SeriesPage(skus=[], show=[])
    for hour in hours:
        for minute, sku, blob in await book.series(show, hour):
            if sku:
                page.skus.append((minute * MINUTE_MS, sku, unpack(blob)))
            else:
                page.show.append((minute * MINUTE_MS, unpack_show(blob)))
    return page
