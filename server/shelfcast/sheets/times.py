"""Times as exports write them. Which of two numbers is the day is decided over a whole file, or asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shelfcast.errors import InvalidInput
from shelfcast.sheets.table import Cell, Kind, Sheet, quoted


class DateOrder(StrEnum):
    """What the first two numbers of 12/1/2010 are."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"


class Written(NamedTuple):
    """A time as it stands in a file. `first` and `second` are day and month, in the file's order."""

    line: int
    text: str
    first: int
    second: int
    year: int
    clock: dt.timedelta
    zone: dt.timedelta | None
    order: DateOrder | None
    """None where only the file as a whole can say."""
    is_typed: bool
    """Whether the file holds it as a date, rather than as text."""


_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
_CLOCK = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?:(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<by>[-/.])(?P<a>\d{1,2})(?P=by)(?P<b>\d{1,2})" + _CLOCK, re.ASCII)
_CHINESE = re.compile(
    r"(?P<year>\d{4})年(?P<a>\d{1,2})月(?P<b>\d{1,2})日" + _CLOCK.replace("[T ,]", "[T ,]?"), re.ASCII
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<by>[-/.])(?P<b>\d{1,2})(?P=by)(?P<year>\d{4})" + _CLOCK, re.ASCII)
_NAMED = re.compile(
    r"(?:(?P<a>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})|(?P<name2>[A-Za-z]{3,9}) (?P<b>\d{1,2}),?)[- ,]\s*(?P<year>\d{4})"
    + _CLOCK,
    re.ASCII,
)
_EXPECTED = "a time such as 2011-12-05 08:38:00"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def written(cell: Cell, line: int) -> Written:
    """The time in a cell. Raises ValueError for what is none, whichever number is the day."""
    if cell.kind is Kind.FAULT:
        raise ValueError(cell.fault)
    text = " ".join(cell.text.split())
    wrong = ValueError(f"expected {_EXPECTED}, not {quoted(text)}")
    if cell.kind is Kind.NUMBER:
        raise wrong
    match = _YEAR_FIRST.fullmatch(text) or _CHINESE.fullmatch(text)
    order: DateOrder | None = DateOrder.MONTH_FIRST
    if match is not None:
        first, second = int(match["a"]), int(match["b"])
    elif (match := _NAMED.fullmatch(text)) is not None:
        month = _MONTHS.get((match["name"] or match["name2"]).lower()[:3])
        if month is None:
            raise wrong
        first, second = month, int(match["a"] or match["b"])
    elif (match := _YEAR_LAST.fullmatch(text)) is not None:
        first, second = int(match["a"]), int(match["b"])
        # Points are between day and month only where the day stands first.
        order = DateOrder.DAY_FIRST if match["by"] == "." else None
    else:
        raise wrong
    clock, zone = _clock(match)
    found = Written(line, text, first, second, int(match["year"]), clock, zone, order, cell.kind is Kind.MOMENT)
    orders = [order] if order is not None else list(DateOrder)
    if clock >= dt.timedelta(days=1) or not any(_date(found, each) for each in orders):
        raise wrong
    return found


def moment(time: Written, order: DateOrder) -> dt.datetime:
    """The moment in UTC, read in this order where it has none of its own. Raises ValueError where that is no date."""
    date = _date(time, time.order or order)
    if date is None:
        raise ValueError(f"{quoted(time.text)} is no date with --dates {order}")
    try:
        return date + time.clock - (time.zone or dt.timedelta())
    except OverflowError:
        raise ValueError(f"expected {_EXPECTED}, not {quoted(time.text)}") from None


def moment_ms(time: Written, order: DateOrder, zone: str) -> int:
    """The moment in milliseconds since 1970; one that names no time zone is in this one (IANA).

    Raises ValueError as `moment`, and where it is before 1970.
    """
    found = moment(time, order)
    if time.zone is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    if found < _EPOCH:
        raise ValueError(f"expected {_EXPECTED}, not {quoted(time.text)}")
    return round(found.timestamp() * 1000)


def shown_moment(at_ms: int, zone: str) -> str:
    """A moment as a person in this time zone reads it, such as 2026-12-01 20:00."""
    found = dt.datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
    return f"{found:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def order_of(name: str, times: Iterable[Written], given: DateOrder | None) -> DateOrder:
    """The order of a file's dates: `given`, or what all of them together allow. Raises InvalidInput where that is not
    one; `name` is the file's."""
    every = list(times)
    if given is not None:
        return given
    open_ = [time for time in every if time.order is None]
    _refuse_exchanged(name, every, open_)
    _refuse_some_zones(name, every)
    possible = {order: next((time for time in open_ if _date(time, order) is None), None) for order in DateOrder}
    fitting = [order for order, against in possible.items() if against is None]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        lines = " and ".join(f"{quoted(time.text)} (line {time.line})" for time in possible.values() if time)
        raise InvalidInput(
            f"{name}: in some dates the day stands first, in others the month: {lines}; mend the file, or say --dates "
            "mdy or --dates dmy, and what does not fit is left out"
        )
    unclear = next((time for time in open_ if time.first != time.second), None)
    if unclear is None:
        return DateOrder.MONTH_FIRST
    readings = " or ".join(f"{date:%Y-%m-%d}" for order in DateOrder if (date := _date(unclear, order)))
    raise InvalidInput(
        f"{name}: line {unclear.line}: {quoted(unclear.text)} may be {readings}, and no date of the file tells which; "
        "say --dates mdy (month first) or --dates dmy (day first)"
    )


def times_of(sheet: Sheet, columns: Iterable[str]) -> list[Written]:
    """The times in some columns of a file, without what is none."""
    times = []
    for column in columns:
        for row in sheet.rows:
            if not row.cells[column].is_empty:
                with suppress(ValueError):
                    times.append(written(row.cells[column], row.line))
    return times


def order_choices(times: Iterable[Written]) -> list[str]:
    """What may be said of the dates of a file: both orders where one of them does not say its own, else nothing."""
    return list(DateOrder) if any(time.order is None for time in times) else []


def _refuse_exchanged(name: str, every: list[Written], open_: list[Written]) -> None:
    """A spreadsheet that takes the month for the day makes dates of what can be one, and leaves the rest as text."""
    typed = next((time for time in every if time.is_typed), None)
    if typed is not None and open_:
        raise InvalidInput(
            f"{name}: {quoted(typed.text)} (line {typed.line}) is a date, {quoted(open_[0].text)} (line "
            f"{open_[0].line}) is text: the spreadsheet read some dates with day and month "
            "exchanged; take the file it was made of, or say --dates mdy or --dates dmy for those that are text"
        )


def _refuse_some_zones(name: str, every: list[Written]) -> None:
    shifted = next((time for time in every if time.zone), None)
    bare = next((time for time in every if time.zone is None), None)
    if shifted is not None and bare is not None:
        raise InvalidInput(
            f"{name}: {quoted(shifted.text)} (line {shifted.line}) has a time zone, {quoted(bare.text)} "
            f"(line {bare.line}) has none; give all times one"
        )


def _date(time: Written, order: DateOrder) -> dt.datetime | None:
    month, day = (time.first, time.second) if order is DateOrder.MONTH_FIRST else (time.second, time.first)
    try:
        return dt.datetime(time.year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None


def _clock(match: re.Match[str]) -> tuple[dt.timedelta, dt.timedelta | None]:
    """The time of day and the zone's offset. Hours of 24 and more come out as a day and more."""
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if minute > 59 or second > 59 or (match["half"] and not 1 <= hour <= 12):
        return dt.timedelta(days=1), None
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    micros = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    clock = dt.timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)
    given = match["zone"]
    if given is None:
        return clock, None
    if given[0] not in "+-":
        return clock, dt.timedelta()
    offset = dt.timedelta(hours=int(given[1:3]), minutes=int(given[-2:]))
    return clock, offset if given[0] == "+" else -offset
