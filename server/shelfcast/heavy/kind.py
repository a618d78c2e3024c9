"""What a kind of job is."""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import Struct

from shelfcast.archive.store import ArchiveStore
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.jobs import Job, Jobs


class Progress(Struct):
    """How far a job is, in a unit of its kind; 0 of 0 is not known. Read a few times a second."""

    done: int = 0
    total: int = 0

    def say(self, done: int, total: int) -> None:
        """It is so far."""
        self.done, self.total = done, total


class Work(Struct, frozen=True, kw_only=True):
    """All that a kind needs to do one job."""

    job: Job
    jobs: Jobs
    book: StockBook
    settings: Settings
    progress: Progress

    @property
    def archive(self) -> ArchiveStore:
        """The archive of what is finished."""
        return ArchiveStore(self.settings)


class Kind(Protocol):
    """A kind of job. What takes longer than a moment at a time goes into a thread: the loop keeps the claim."""

    name: str

    async def run(self, work: Work) -> Any:
        """Do it, also where it was begun before; the result, which JSON can say.

        Raises InvalidInput where it cannot be done, with what a person can mend, ArchiveError, and EngineError.
        """
