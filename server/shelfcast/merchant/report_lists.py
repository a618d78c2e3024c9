"""Which reports a pool has, what was decided because of them, and what its SKUs came to in their last shows."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from msgspec import Struct

from shelfcast.merchant.report_archive import mark_of
from shelfcast.merchant.report_items import Decision
from shelfcast.stock.book import StockBook
from shelfcast.stock.reports import Decided, ReportState, SkuHistory


class Listed(Struct, frozen=True, kw_only=True):
    """The latest report of a show: `checksum` is its SHA-256, `seq` the pool's sequence as of which it was read, and
    `pending` how many of the show's reservations it waits for."""

    show: str
    room: str
    title: str
    started_at_ms: int
    ended_at_ms: int
    state: ReportState
    seq: int
    at_ms: int
    checksum: str
    pending: int


class SkuShow(Struct, frozen=True, kw_only=True):
    """What a SKU came to in one show: units that were `expected` (null: no plan) and sold net, and their difference;
    people and units refused for lack of stock; the difference that a count found (null: not counted), and the pool's
    units at the end. `decision` is null where nobody has decided."""

    show: str
    started_at_ms: int
    expected: int | None
    sold: int
    forecast_error: int | None
    lost_people: int
    lost_units: int
    variance: int | None
    closing: int
    sold_out_at_ms: int | None
    decision: Decision | None


class SkuMeans(Struct, frozen=True, kw_only=True):
    """Means over a SKU's shows: of the units sold, of the forecast error with its sign and without it (over the shows
    with a plan, null without one), of the units refused for lack of stock, and of the counted differences (null where
    none was counted)."""

    shows: int
    sold: float
    forecast_error: float | None
    forecast_error_size: float | None
    lost_units: float
    variance: float | None


class SkuShows(Struct, frozen=True, kw_only=True):
    """A SKU's last shows, at most ten, the latest first; `means` is null before the first."""

    sku: str
    shows: list[SkuShow]
    means: SkuMeans | None


async def listed(book: StockBook, *, room: str | None = None) -> list[Listed]:
    """The latest reports of the shows that are kept, those of the last shows first; of one room alone where it is
    named. Raises EngineError."""
    records = await book.report_records()
    rooms = await book.rooms()
    rows = []
    for show in await book.shows_of(list(records)):
        found = mark_of(records[show.id])
        if found is None or (room is not None and show.room != room):
            continue
        state, mark = found
        config = rooms.get(show.room)
        rows.append(
            Listed(
                show=show.id,
                room=show.room,
                title=config.title if config else "",
                started_at_ms=show.started_at_ms,
                ended_at_ms=show.ended_at_ms,
                state=state,
                seq=mark.seq,
                at_ms=mark.at_ms,
                checksum=mark.checksum,
                pending=len(records[show.id].pending),
            )
        )
    return sorted(rows, key=lambda row: (-row.started_at_ms, row.show))


async def decisions_of(book: StockBook, show: str) -> dict[str, Decision]:
    """What was decided about the SKUs of a show, by name. Raises EngineError."""
    rows = await book.rows_of(show, await book.show_skus(show))
    return {sku: decision_of(row) for sku, row in sorted(rows.items()) if row.decided is not None}


def decision_of(row: SkuHistory) -> Decision:
    """What was decided; `keep` where nothing was."""
    return Decision(
        kind=row.decided or Decided.KEEP,
        units=row.decided_units,
        note=row.decided_note,
        by=row.decided_by,
        at_ms=row.decided_at_ms or 0,
    )


def means_of(sku: str, rows: Sequence[SkuHistory]) -> SkuShows:
    """A SKU's last shows with their means."""
    shows = [
        SkuShow(
            show=row.show,
            started_at_ms=row.started_at_ms,
            expected=row.expected,
            sold=row.sold,
            forecast_error=None if row.expected is None else row.sold - row.expected,
            lost_people=row.lost_people,
            lost_units=row.lost_units,
            variance=row.variance,
            closing=row.closing,
            sold_out_at_ms=row.sold_out_at_ms,
            decision=decision_of(row) if row.decided is not None else None,
        )
        for row in rows
    ]
    errors = [show.forecast_error for show in shows if show.forecast_error is not None]
    means = SkuMeans(
        shows=len(shows),
        sold=fmean(show.sold for show in shows),
        forecast_error=_mean(errors),
        forecast_error_size=_mean([abs(error) for error in errors]),
        lost_units=fmean(show.lost_units for show in shows),
        variance=_mean([show.variance for show in shows if show.variance is not None]),
    ) if shows else None  # fmt: skip
    return SkuShows(sku=sku, shows=shows, means=means)


def _mean(values: Sequence[int]) -> float | None:
    return fmean(values) if values else None
