"""Reports in the archive: written, read back and noted in the book; and what is decided because of them.

Rules: docs/rules.md#report.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, EngineUnavailable
from shelfcast.merchant.report_items import Report
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Op
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.report_operations import NO_UNITS, Decide, KeepHistory, NoteReport
from shelfcast.stock.reports import (
    Decided,
    ReportMark,
    ReportRecord,
    ReportState,
    SkuHistory,
    stored_history,
)
from shelfcast.stock.show import ShowRecord

SHOW_REPORT = "show_report"
"""The kind of job that writes reports."""
HISTORY_SKUS_A_CALL = 150
"""SKUs whose history is written in one call, with the ten shows of each: some milliseconds of the engine."""
_CHECKSUM = b'"checksum":"'


def final_after_ms(show: ShowRecord, settings: Settings) -> int:
    """When a show's report is final, whatever is pending."""
    return show.ended_at_ms + max(settings.report_final_after_ms, settings.show_continue_max_ms + 1)


def sealed(report: Report) -> Report:
    """The report with its checksum."""
    return replace(report, checksum=_sha256(msgspec.json.encode(replace(report, checksum=""))))


def is_intact(content: bytes) -> bool:
    """Whether a report's JSON has the checksum that it says: the SHA-256 of all its bytes but the checksum's own."""
    before, _, said = content.rpartition(_CHECKSUM)
    checksum, _, behind = said.partition(b'"')
    return bool(before) and _sha256(before + _CHECKSUM + b'"' + behind) == checksum.decode(errors="replace")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def keep(book: StockBook, store: ArchiveStore, report: Report, pending: Sequence[str]) -> Outcome:
    """Write a sealed report, read it back, and note it. The outcome is STALE where the show has gone on meanwhile.
    Raises ArchiveError, EngineError."""
    name = names.report(report.pool, report.show, report.state, report.continued)
    content = await asyncio.to_thread(msgspec.json.encode, report)
    await store.keep(name, content)
    noted = NoteReport(report.show, report.state, report.continued, report.seq, name, report.checksum, list(pending))
    return await _decided(book, noted)


async def keep_history(book: StockBook, show: str, rows: Mapping[str, SkuHistory]) -> None:
    """Keep what the SKUs of a show came to. Raises EngineError."""
    stored = [(sku, stored_history(row)) for sku, row in rows.items()]
    for first in range(0, len(stored), HISTORY_SKUS_A_CALL):
        await _decided(book, KeepHistory(show, stored[first : first + HISTORY_SKUS_A_CALL]))


async def decide(
    book: StockBook, show: str, sku: str, kind: Decided, *, units: int | None, note: str, by: By
) -> Outcome:
    """Note what is to become of a SKU after a show; the last decision stands."""
    return await book.apply(Decide(show, sku, kind, NO_UNITS if units is None else units, note, by))


def mark_of(record: ReportRecord, state: ReportState | None = None) -> tuple[ReportState, ReportMark] | None:
    """The report of a show in this state, or (None) its latest one; None where there is none."""
    marks = {ReportState.FINAL: record.final, ReportState.PROVISIONAL: record.provisional}
    for which, mark in marks.items():
        if mark is not None and state in (None, which):
            return which, mark
    return None


async def read(store: ArchiveStore, mark: ReportMark) -> bytes:
    """A report's JSON as it was written. Raises ArchiveError."""
    content = await store.get(mark.name)
    if content is None:
        raise ArchiveDamaged(f"{mark.name} is not there")
    if not await asyncio.to_thread(is_intact, content):
        raise ArchiveDamaged(f"{mark.name} does not have the checksum that it says")
    return content


async def _decided(book: StockBook, op: Op) -> Outcome:
    """The book's decision. Raises EngineUnavailable where it made none."""
    outcome = await book.apply(op)
    if outcome.code in (Code.UNAVAILABLE, Code.OVERLOADED):
        raise EngineUnavailable("the book did not decide about a report")
    return outcome
