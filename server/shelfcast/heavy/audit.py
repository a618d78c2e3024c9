"""The audit of a pool, as a job."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from shelfcast.heavy.kind import Work
from shelfcast.merchant.archive_audit import archive_audit


class Options(Struct, frozen=True, kw_only=True):
    """Whether all entries are folded that ever were: those that left the engine from the archive."""

    archive: bool = False


class Audit:
    """Folds the pool's ledgers and holds the book against them. Its progress counts ledger entries. Where entries have
    left the engine it begins at the archive's checkpoint there."""

    name = "audit"

    async def run(self, work: Work) -> dict[str, Any]:
        """The report: `AuditReport`, and `ok`."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        report = await archive_audit(work.book, work.archive, work.progress.say, whole=options.archive)
        return {"ok": report.ok, **asdict(report)}
