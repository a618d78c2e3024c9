"""A show's minutes played one behind the other, from what was kept of them: the state of its pages at the end of each.

Pure. Rules: docs/rules.md#replay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shelfcast.archive.minutes import MinuteState, SkuNamed, SkuUnits, StoodAlert, by_place
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import (
    NOTICE,
    SHOWN,
    TERMS,
    ShowMinute,
    SkuTerms,
    unpack,
    unpack_notice,
    unpack_show,
    unpack_shown,
    unpack_terms,
)
from shelfcast.protocol.states import Level, RoomStatus
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.reading.shows import minutes_of, shown_of
from shelfcast.stock.show import ShowRecord


@dataclass
class KeptRows:
    """What was kept of one minute. What SKUs have is as the book has it: of most minutes nobody asks, and a hundred
    thousand objects would keep the collector of garbage busy, and with it the loop."""

    show: ShowMinute | None = None
    notice: str | None = None
    units: dict[str, bytes] = field(default_factory=dict)
    """SkuMinute."""
    shown: dict[str, bytes] = field(default_factory=dict)
    """SkuShown."""
    terms: dict[str, bytes] = field(default_factory=dict)
    """SkuTerms."""


NO_ROWS = KeptRows()


def rows_by_minute(hour: int, series: Mapping[bytes, bytes], shown: Mapping[bytes, bytes]) -> dict[int, KeptRows]:
    """What the book has of an hour (`StockBook.series_packed`, `shown_packed`), by minute since 1970. Kinds that a
    later release may add are passed over."""
    found: dict[int, KeptRows] = {}
    for minute, sku, blob in minutes_of(hour, series):
        rows = found.setdefault(minute, KeptRows())
        if sku:
            rows.units[sku] = blob
        else:
            rows.show = unpack_show(blob)
    for minute, kind, sku, blob in shown_of(hour, shown):
        rows = found.setdefault(minute, KeptRows())
        if kind == SHOWN:
            rows.shown[sku] = blob
        elif kind == TERMS:
            rows.terms[sku] = blob
        elif kind == NOTICE:
            rows.notice = unpack_notice(blob)
    return found


class ShowReel:
    """The minutes of a show, which are `play`ed in order, each once. `alerts` are all that the show has."""

    def __init__(self, record: ShowRecord, alerts: Sequence[AlertRecord]) -> None:
        self.first = record.started_at_ms // MINUTE_MS
        """The minute, since 1970, in which the show began."""
        self.terms_now: dict[str, SkuTerms] = {}
        """What SKUs are called and cost now: of those that are `unnamed`."""
        self._record = record
        self._alerts = alerts
        self._show = ShowMinute()
        self._notice = ""
        self._units: dict[str, bytes] = {}
        self._shown: dict[str, bytes] = {}
        self._terms: dict[str, bytes] = {}
        self._minute = self.first - 1
        self._stood: list[StoodAlert] | None = None
        self._told: dict[str, SkuUnits] = {}

    def play(self, rows: Mapping[int, KeptRows], through: int) -> Iterator[MinuteState]:
        """The minutes behind the last one that was played, up to `through` (since 1970), each as it differs from the
        one before it. `rows` are those of these minutes. Raises msgspec.DecodeError."""
        while self._minute < through:
            self._minute += 1
            yield self._next(rows.get(self._minute, NO_ROWS))

    def pass_over(self, rows: Mapping[int, KeptRows], through: int) -> None:
        """The same minutes, of which nobody wants to know."""
        if self._minute >= through:
            return
        while self._minute < through:
            self._minute += 1
            self._take(rows.get(self._minute, NO_ROWS))
        self._told = {row.sku: row for row in self._on_shelf(self._units)}
        self._stood = self._standing()

    def unnamed(self, rows: Mapping[int, KeptRows]) -> set[str]:
        """The SKUs of these minutes of which it was not kept what they were called and cost when they came."""
        found: set[str] = set()
        named = self._terms.keys() | self.terms_now.keys()
        for minute in sorted(rows):
            named |= rows[minute].terms.keys()
            found |= rows[minute].units.keys() - named
        return found

    def whole(self) -> MinuteState:
        """The whole state at the end of the last minute that was played."""
        on_shelf = self._on_shelf(self._units)
        named = sorted((self._named(row.sku) for row in on_shelf), key=by_place)
        return self._state(on_shelf, named, [], self._standing())

    def _take(self, rows: KeptRows) -> None:
        self._show = rows.show or self._show
        self._notice = self._notice if rows.notice is None else rows.notice
        self._units |= rows.units
        self._shown |= rows.shown
        self._terms |= rows.terms

    def _next(self, rows: KeptRows) -> MinuteState:
        self._take(rows)
        touched = dict.fromkeys([*rows.units, *rows.shown, *rows.terms])
        on_shelf = self._on_shelf(sku for sku in touched if sku in self._units)
        seen, told = {row.sku for row in on_shelf}, self._told
        gone = [sku for sku in touched if sku not in seen and sku in told]
        named = [self._named(sku) for sku in touched if sku in seen and (sku in rows.terms or sku not in told)]
        differing = [row for row in on_shelf if told.get(row.sku) != row]
        for sku in gone:
            del told[sku]
        told |= {row.sku: row for row in on_shelf}
        stood = self._standing()
        alerts = None if stood == self._stood else stood
        self._stood = stood
        return self._state(differing, named, gone, alerts)

    def _state(
        self, units: list[SkuUnits], terms: list[SkuNamed], gone: list[str], alerts: list[StoodAlert] | None
    ) -> MinuteState:
        return MinuteState(
            minute=self._minute - self.first,
            minute_ms=self._minute * MINUTE_MS,
            status=self._status(),
            spotlight=self._spotlight(),
            notice=self._notice,
            viewers=self._show.viewers,
            paid=self._show.paid,
            refused=self._show.refused,
            alerts=alerts,
            units=units,
            terms=terms,
            gone=gone,
        )

    # --- what is known by the millisecond -------------------------------------------------------------------------

    @property
    def _end_ms(self) -> int:
        """What happens from here on is of the next minute."""
        return (self._minute + 1) * MINUTE_MS

    def _status(self) -> RoomStatus:
        until = [row.status for row in self._record.history if row.at_ms < self._end_ms]
        return until[-1] if until else RoomStatus.LIVE

    def _spotlight(self) -> str | None:
        end_ms = self._end_ms
        lit = (row.sku for row in self._record.spotlight if row.from_ms < end_ms <= (row.to_ms or end_ms))
        return next(lit, None)

    def _standing(self) -> list[StoodAlert]:
        end_ms = self._end_ms
        return [
            StoodAlert(
                id=record.id,
                rule=record.rule,
                sku=record.sku,
                severity=record.severity,
                tier_percent=record.tier_percent,
                since_ms=record.since_ms,
            )
            for record in self._alerts
            if record.since_ms < end_ms and (record.stands or record.resolved_at_ms >= end_ms)
        ]

    # --- SKUs -----------------------------------------------------------------------------------------------------

    def _on_shelf(self, skus: Iterable[str]) -> list[SkuUnits]:
        """The rows of these, of those that were on the shelf."""
        found = []
        for sku in skus:
            units, kept = unpack(self._units[sku]), self._shown.get(sku)
            shown = None if kept is None else unpack_shown(kept)
            if shown is None:
                found.append(SkuUnits(sku, *units, None, None))
            elif shown.level:
                pace = None if shown.units_a_minute is False else float(shown.units_a_minute)
                found.append(SkuUnits(sku, *units, Level(shown.level), pace))
        return found

    def _named(self, sku: str) -> SkuNamed:
        kept = self._terms.get(sku)
        terms = self.terms_now[sku] if kept is None else unpack_terms(kept)
        return SkuNamed(
            sku=sku,
            place=terms.place,
            link=terms.link or None,
            title=terms.title,
            price_minor=terms.price_minor,
            currency=terms.currency,
            as_of_then=kept is not None,
        )
