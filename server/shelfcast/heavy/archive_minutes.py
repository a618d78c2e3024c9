"""The minutes of a show go to the archive, as a job."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import InvalidInput
from shelfcast.heavy.kind import Work
from shelfcast.merchant.show_minutes import archive_minutes


class Of(Struct, frozen=True, kw_only=True):
    """Which show is meant."""

    show: str


class ArchivedMinutes(Struct, frozen=True, kw_only=True):
    """Of how many minutes the archive has all; 0 where none were kept."""

    show: str
    minutes: int


class ArchiveMinutes:
    """Writes a show's minutes to the archive and takes them out of the engine. Its progress counts minutes."""

    name = "archive_minutes"

    async def run(self, work: Work) -> ArchivedMinutes:
        """How many minutes the archive has."""
        show = msgspec.json.decode(work.job.parameters, type=Of).show
        record = await work.book.show(show)
        if record is None:
            raise InvalidInput("the show is not kept any more", field="show")
        minutes = await archive_minutes(work.book, ArchiveStore(work.settings), record, work.progress.say)
        return ArchivedMinutes(show=show, minutes=minutes)
