"""What an ERP has on hand, in a file, as a job: the file is read, and held against the book."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.errors import EngineUnavailable
from shelfcast.heavy.file_shown import to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.receipts import UNKNOWN_TOLD_MAX, note_erp_levels
from shelfcast.sheets.levels import read_levels
from shelfcast.stock.outcomes import Outcome

FAULTS_TOLD_MAX = 1_000


class Options(Struct, frozen=True, kw_only=True):
    """How the file is meant, and who says it."""

    name: str
    encoding: str | None = None
    units: str | None = None
    actor: str = ""
    sha256: str = ""
    """Of the file: another one is another job."""


class ErpLevels:
    """Notes what the good rows of a file say; those with faults are named. Its progress counts rows. Begun twice, it
    notes them twice, of the later moment."""

    name = "erp_levels"

    async def run(self, work: Work) -> dict[str, Any]:
        """What was noted: see `http.routes.receipt_items.ErpLevelsNoted`."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        content = await work.jobs.upload(work.job.upload, work.settings.upload_max_bytes)
        levels = await to_the_end(
            lambda: read_levels(content, options.name, encoding=options.encoding, units=options.units)
        )
        noted = await note_erp_levels(work.book, levels.rows, actor=options.actor, told=work.progress.say)
        if isinstance(noted, Outcome):
            raise EngineUnavailable(f"the book answered {noted.code}")
        return {
            "noted": noted.noted,
            "differing": noted.differing,
            "unknown": noted.unknown[:UNKNOWN_TOLD_MAX],
            "unknown_count": len(noted.unknown),
            "faults": [fault._asdict() for fault in levels.faults[:FAULTS_TOLD_MAX]],
            "fault_count": len(levels.faults),
        }
