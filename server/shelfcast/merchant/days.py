"""The days of a merchant, which begin at an hour of their own in the pool's time zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache
from importlib import resources

from shelfcast.errors import InvalidInput


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
    return dt.datetime.fromtimestamp(at_ms / 1000, zoneinfo.ZoneInfo(time_zone or "UTC")).date()


def day_said(text: str, field: str) -> dt.date:
    """A day as YYYY-MM-DD. Raises InvalidInput where there is no such day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"there is no day {text!r}; expected one as YYYY-MM-DD", field=field) from None
