"""The audit of a pool, as a job."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from shelfcast.heavy.kind import Work
from shelfcast.stock.audit import audit


class Audit:
    """Folds the pool's ledgers and holds the book against them. Its progress counts ledger entries."""

    name = "audit"

    async def run(self, work: Work) -> dict[str, Any]:
        """The report: `AuditReport`, and `ok`."""
        report = await audit(work.book, work.progress.say)
        return {"ok": report.ok, **asdict(report)}
