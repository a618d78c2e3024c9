"""The days of a merchant, which begin at an hour of their own in the pool's time zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache
from importlib import resources

from shelfcast.errors import InvalidInput
from shelfcast.stock.configuration import PoolConfig

UTC = "UTC"
_DAY = dt.timedelta(days=1)
_SECOND = dt.timedelta(seconds=1)
_SUNDAY = 7


def check_time_zone(name: str) -> None:
    """Raises InvalidInput where this is no time zone that every server knows."""
    if name not in _time_zones():
        raise InvalidInput("expected an IANA time zone such as Asia/Shanghai", field="time_zone")


@cache
def _time_zones() -> frozenset[str]:
    """The names in `tzdata`, which is installed with every server: what a machine has besides, another may not have."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) & zoneinfo.available_timezones()


def date_of(at_ms: int, time_zone: str) -> dt.date:
    """The day of the calendar at a moment, in a pool's time zone (empty: UTC): what an expiry date is held against."""
    return dt.datetime.fromtimestamp(at_ms / 1000, zoneinfo.ZoneInfo(time_zone or UTC)).date()


def day_said(text: str, field: str) -> dt.date:
    """A day as YYYY-MM-DD. Raises InvalidInput where there is no such day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"there is no day {text!r}; expected one as YYYY-MM-DD", field=field) from None


def day_begins_ms(date: dt.date, pool: PoolConfig) -> int:
    """When a business day begins: at the first moment at which the clocks of the pool's time zone show its
    `day_starts`, or more. Of an hour that comes twice that is the first one; where there is no such hour it is the
    moment at which the clocks jump over it."""
    zone = zoneinfo.ZoneInfo(pool.time_zone or UTC)
    wall = dt.datetime.combine(date, dt.time.fromisoformat(pool.day_starts))
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        moment = _jump(zone, wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC), moment)
    return int(moment.timestamp()) * 1000


def business_day(at_ms: int, pool: PoolConfig) -> dt.date:
    """The business day that a moment is in."""
    date = date_of(at_ms, pool.time_zone) + _DAY
    while at_ms < day_begins_ms(date, pool):
        date -= _DAY
    return date


def _jump(zone: zoneinfo.ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The moment between these two, of which one is before and one after, at which the clocks are put forward."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def ends_week(date: str) -> bool:
    """Whether this day is the last of its week, which begins with Monday."""
    return dt.date.fromisoformat(date).isoweekday() == _SUNDAY
