"""Business days are totalled, as a job of the duty; and what is read of them, as jobs of whoever asks."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.heavy.kind import Work
from shelfcast.merchant.day_figures import DaysAsked, day_figures
from shelfcast.merchant.day_items import DayTotals, SlowMovers
from shelfcast.merchant.day_totals import make_days
from shelfcast.merchant.slow_movers import last_week, note_week, slow_movers


class TotalDays:
    """Makes the totals of every day that is over and has none, in order. Its progress counts ledger entries.

    Begun again it goes on behind the last day that was noted."""

    name = "day_totals"

    async def run(self, work: Work) -> dict[str, Any]:
        """The days that were made."""
        store = work.archive
        days = make_days(work.book, store, work.settings.day_totals_kept, work.progress.say)
        made = [day.head.date async for day in days]
        await note_week(work.book, store)
        return {"days": made}


class DayFigures:
    """Reads days from the archive. Its progress counts days."""

    name = "day_figures"

    async def run(self, work: Work) -> DayTotals:
        """The days that are asked for."""
        asked = msgspec.json.decode(work.job.parameters, type=DaysAsked)
        return await day_figures(work.book, work.archive, asked, work.progress.say)


class WhichWeek(Struct, frozen=True, kw_only=True):
    """Whether the list that the last week ended with is asked for, not that of now."""

    weekly: bool = False


class FindSlowMovers:
    """Says what does not sell."""

    name = "slow_movers"

    async def run(self, work: Work) -> SlowMovers:
        """The list."""
        asked = msgspec.json.decode(work.job.parameters, type=WhichWeek)
        look = last_week if asked.weekly else slow_movers
        return await look(work.book, work.archive)
