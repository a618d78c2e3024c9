"""The registry: every duty of a server, named once. A new duty is a file beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shelfcast.duty.archive_ledgers import ArchiveLedgers
from shelfcast.duty.duty import Duty
from shelfcast.duty.expire_holds import ExpireHolds
from shelfcast.duty.open_batches import OpenBatches
from shelfcast.duty.remind_of_gate import RemindOfGate
from shelfcast.duty.retire_ids import RetireIds
from shelfcast.duty.serve_waiting import ServeWaiting
from shelfcast.duty.split_stock import SplitStock
from shelfcast.duty.total_days import TotalDays
from shelfcast.duty.watch_shows import WatchShows
from shelfcast.duty.write_reports import WriteReports
from shelfcast.settings import Settings

MakeDuty = Callable[[Settings], Duty]


class Registry:
    """What makes the duties of a process."""

    def __init__(self, makers: Iterable[MakeDuty] = ()) -> None:
        self._makers = list(makers)

    def register(self, make: MakeDuty) -> None:
        """Add a duty to those of every keeper that is made from now on."""
        self._makers.append(make)

    def duties(self, settings: Settings) -> list[Duty]:
        """The duties of one process. Raises ValueError where two have the same name."""
        made = [make(settings) for make in self._makers]
        names = [duty.name for duty in made]
        if len(set(names)) < len(names):
            raise ValueError(f"two duties have the same name: {sorted(names)}")
        return made


REGISTRY = Registry(
    [
        ExpireHolds,
        OpenBatches,
        ServeWaiting,
        RetireIds,
        WatchShows,
        SplitStock,
        RemindOfGate,
        TotalDays,
        WriteReports,
        ArchiveLedgers,
    ]
)
