"""Charts of a report, as the geometry of SVG pictures: a template draws them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shelfcast.exports.words import word
from shelfcast.merchant.report_items import Report, ReportEvent
from shelfcast.sheets.columns import Language, Naming, local_time

WIDTH, HEIGHT = 1_000, 132
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 18, 20
"""Between the edges of a picture and its plot, in units of the picture."""
BARS_MAX = 30
"""SKUs of the chart of bars: as many as a printed page has room for."""
BAR_HEIGHT, BAR_LEFT = 17, 240
MARKS_MAX = 60
"""Events that are drawn: more hide the lines."""
_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_TICKS_MAX = 14
_MINUTE_MS = 60_000


class Tick(NamedTuple):
    """A place on an axis, and what stands there."""

    at: float
    text: str


class Mark(NamedTuple):
    """An event over the lines: where, of which kind, and what is said of it."""

    at: float
    kind: str
    text: str


class Line(NamedTuple):
    """A picture of one number, minute by minute."""

    name: str
    points: str
    across: list[Tick]
    up: list[Tick]
    marks: list[Mark]
    most: str


class Bar(NamedTuple):
    """Of a SKU: how long its parts are, and what they come to."""

    y: float
    text: str
    sold_width: float
    left_width: float
    sold: int
    left: int


class Bars(NamedTuple):
    """The SKUs that sold most; `others` are not drawn."""

    bars: list[Bar]
    height: float
    others: int


def lines(report: Report, zone: ZoneInfo, language: Language) -> list[Line]:
    """Units sold so far and in each minute, and viewers, one below the other; none where no minute is known."""
    minutes = report.minutes
    if not minutes:
        return []
    begins, ends = min(report.started_at_ms, minutes[0].at_ms), max(report.ended_at_ms, minutes[-1].at_ms)
    span = _Span(begins, max(ends, begins + _MINUTE_MS))
    paid = [minute.paid for minute in minutes]
    paces = [now - before for now, before in zip(paid, [0, *paid], strict=False)]
    series = (
        (Naming("units sold so far", "累计售出（件）"), paid),
        (Naming("units sold a minute", "每分钟售出（件）"), paces),
        (Naming("viewers", "观看人数"), [minute.viewers for minute in minutes]),
    )
    marks = [_mark(event, span, zone, language) for event in report.events if begins <= event.at_ms <= ends][:MARKS_MAX]
    across = _times(span, zone)
    times = [minute.at_ms for minute in minutes]
    return [_line(name.of(language), times, values, span, across, marks) for name, values in series]


def bars(report: Report) -> Bars:
    """The SKUs that sold most, of stock and ahead of it, with what is left of them."""
    sold = sorted(report.skus, key=lambda sku: (-_sold(sku.sold), sku.sku))
    shown = sold[:BARS_MAX]
    most = max((_sold(sku.sold) + sku.left_to_sell for sku in shown), default=0)
    room = WIDTH - BAR_LEFT - 90
    drawn = [
        Bar(
            place * BAR_HEIGHT,
            f"{sku.sku} {sku.title}",
            room * _sold(sku.sold) / most if most else 0,
            room * sku.left_to_sell / most if most else 0,
            sku.sold,
            sku.left_to_sell,
        )
        for place, sku in enumerate(shown)
    ]
    return Bars(drawn, len(drawn) * BAR_HEIGHT, len(sold) - len(shown))


class _Span(NamedTuple):
    begins_ms: int
    ends_ms: int

    def x(self, at_ms: int) -> float:
        share = (at_ms - self.begins_ms) / (self.ends_ms - self.begins_ms)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _sold(units: int) -> int:
    return max(0, units)


def _line(
    name: str, times: Sequence[int], values: Sequence[int], span: _Span, across: list[Tick], marks: list[Mark]
) -> Line:
    most = nice_most(max(values))
    points = " ".join(f"{span.x(at)},{_y(value, most)}" for at, value in zip(times, values, strict=True))
    up = [Tick(_y(part * most / 2, most), f"{part * most // 2:,}") for part in ((0, 1, 2) if most > 1 else (0, 2))]
    return Line(name, points, across, up, marks, f"{max(values):,}")


def _y(value: float, most: int) -> float:
    share = max(0.0, value) / most
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def nice_most(most: int) -> int:
    """The top of an axis: 1, 2, 4, 6, 10 or a tenfold of them, at least `most`."""
    if most <= 1:
        return 1
    power = 10 ** int(math.log10(most))
    return int(next(step * power for step in (1, 2, 4, 6, 10) if step * power >= most))


def _times(span: _Span, zone: ZoneInfo) -> list[Tick]:
    minutes = (span.ends_ms - span.begins_ms) / _MINUTE_MS
    step = next((step for step in _STEPS_MIN if minutes / step <= _TICKS_MAX), _STEPS_MIN[-1])
    begins = local_time(span.begins_ms, zone)
    past = begins.hour * 60 + begins.minute + begins.second / 60
    first_ms = span.begins_ms + round((math.ceil(past / step) * step - past) * _MINUTE_MS)
    found = range(first_ms, span.ends_ms + 1, step * _MINUTE_MS)
    return [Tick(span.x(at), local_time(at, zone).strftime("%H:%M")) for at in found][: 2 * _TICKS_MAX]


def _mark(event: ReportEvent, span: _Span, zone: ZoneInfo, language: Language) -> Mark:
    at = local_time(event.at_ms, zone).strftime("%H:%M")
    said = " ".join(filter(None, (word(event.kind, language), event.sku, word(event.text, language))))
    return Mark(span.x(event.at_ms), event.kind, f"{at} {said}")
