"""Where business days begin: in every zone, also where the clocks are put forward and back."""

from __future__ import annotations

import datetime as dt

import pytest
from shelfcast.merchant.days import business_day, day_begins_ms
from shelfcast.stock.configuration import PoolConfig

HOUR_MS = 3_600_000


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()) * 1000


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "starts", "date", "begins"),
    [
        ("UTC", "04:00", "2026-11-30", "2026-11-30T04:00:00"),
        ("Asia/Shanghai", "04:00", "2026-11-30", "2026-11-29T20:00:00"),
        ("Asia/Kathmandu", "00:00", "2026-11-30", "2026-11-29T18:15:00"),
        # The clocks jump from 02:00 to 03:00 at 01:00 UTC: there is no 02:30.
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:00:00"),
        ("Europe/Berlin", "03:00", "2026-03-29", "2026-03-29T01:00:00"),
        ("Europe/Berlin", "03:30", "2026-03-29", "2026-03-29T01:30:00"),
        # They go back from 03:00 to 02:00 at 01:00 UTC: 02:30 comes at 00:30 and at 01:30 UTC.
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "03:00", "2026-10-25", "2026-10-25T02:00:00"),
        # The day begins at a midnight that does not exist.
        ("America/Santiago", "00:00", "2026-09-06", "2026-09-06T04:00:00"),
        # There was no 30th of December: it is the hours from the jump on.
        ("Pacific/Apia", "04:00", "2011-12-30", "2011-12-30T10:00:00"),
        ("Pacific/Apia", "04:00", "2011-12-31", "2011-12-30T14:00:00"),
        # Half an hour forward.
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:30:00"),
    ],
)
def test_a_day_begins_at_the_first_moment_that_shows_its_hour(zone: str, starts: str, date: str, begins: str) -> None:
    assert day_begins_ms(day(date), PoolConfig(time_zone=zone, day_starts=starts)) == utc(begins)


@pytest.mark.parametrize(
    ("starts", "date", "hours"),
    [
        ("04:00", "2026-03-28", 23),
        ("04:00", "2026-10-24", 25),
        ("04:00", "2026-07-01", 24),
        ("00:00", "2026-03-29", 23),
    ],
)
def test_a_day_in_which_the_clocks_are_changed_has_23_or_25_hours(starts: str, date: str, hours: int) -> None:
    pool = PoolConfig(time_zone="Europe/Berlin", day_starts=starts)
    begins, ends = (day_begins_ms(day(date) + dt.timedelta(days=n), pool) for n in (0, 1))
    assert ends - begins == hours * HOUR_MS


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize("starts", ["00:00", "02:30", "04:00", "23:59"])
def test_every_moment_is_in_one_day(zone: str, starts: str) -> None:
    pool = PoolConfig(time_zone=zone, day_starts=starts)
    for first in ("2011-12-28", "2026-03-27", "2026-10-23"):
        for n in range(5):
            date = day(first) + dt.timedelta(days=n)
            begins, ends = (day_begins_ms(date + dt.timedelta(days=more), pool) for more in (0, 1))
            if begins == ends:
                continue  # there was no such day, and its midnight and the next one's are one moment
            assert begins < ends
            assert business_day(begins, pool) == business_day(ends - 1, pool) == date
            if day_begins_ms(date - dt.timedelta(days=1), pool) < begins:
                assert business_day(begins - 1, pool) == date - dt.timedelta(days=1)
