"""A pool's archive is written, as a job."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.heavy.kind import Work
from shelfcast.merchant.archive import ARCHIVE, ArchiveRun, Archiving


class Options(Struct, frozen=True, kw_only=True):
    """How long entries stay in the engine that the archive has; None: as the server is set. `anew`: whatever the engine
    has is written once more."""

    kept_ms: int | None = None
    anew: bool = False


class ArchivePool:
    """Writes what the archive has not yet, and takes out of the engine what it has. Its progress counts entries, each
    as often as it is gone through. Begun again it goes on behind the last checkpoint that the book has noted."""

    name = ARCHIVE

    async def run(self, work: Work) -> ArchiveRun:
        """What was done. Where the archive is away or damaged, the job fails and says so."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        archiving = Archiving(
            work.book,
            work.archive,
            work.settings,
            kept_ms=options.kept_ms,
            anew=options.anew,
            said=work.progress.say,
        )
        return await archiving.run()
