"""Auditing a pool whose first entries have left the engine: from a checkpoint on, or from the archive's beginning."""

from __future__ import annotations

from collections.abc import AsyncIterator

from shelfcast.archive import checkpoints
from shelfcast.archive.ledgers import LedgerPart, Numbered, entries_between
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, EntriesArchived
from shelfcast.stock.audit import AuditReport, Progress, audit
from shelfcast.stock.book import StockBook

TRIES = 3
"""How often an audit is begun that entries leave under."""


async def archive_audit(
    book: StockBook, store: ArchiveStore, progress: Progress = lambda done, total: None, *, whole: bool = False
) -> AuditReport:
    """Audit a pool. The archive is asked where entries have left the engine: for the checkpoint up to which they have;
    with `whole` for all entries that it has, which are folded from the first on. Raises ArchiveError, EngineError."""
    for _ in range(TRIES - 1):
        try:
            return await _audited(book, store, progress, whole=whole)
        except EntriesArchived:
            continue  # more have left since it began
    return await _audited(book, store, progress, whole=whole)


async def _audited(book: StockBook, store: ArchiveStore, progress: Progress, *, whole: bool) -> AuditReport:
    archived = await book.archived()
    if whole:
        if not archived.checkpoints:
            return await audit(book, progress)
        last = archived.checkpoints[-1]
        saved = await checkpoints.load(store, book.pool, last)
        return await audit(book, progress, earlier=_entries(store, book.pool, saved.parts, 0, last.place.seq))
    cut = archived.cut
    if cut.seq == 0:
        return await audit(book, progress)
    begin = checkpoints.newest_before(archived, cut.seq)
    behind = next((one for one in archived.checkpoints if one.place.seq >= cut.seq), None)
    if begin is None or begin.place.seq < cut.seq:
        # A trim is under way, or was left: it goes up to the next checkpoint.
        if behind is None:
            raise ArchiveDamaged(f"the book of pool {book.pool} has no checkpoint at sequence {cut.seq:,} or behind it")
        begin = behind
    saved = await checkpoints.load(store, book.pool, begin)
    return await audit(book, progress, begin=saved.state)


async def _entries(
    store: ArchiveStore, pool: str, parts: list[LedgerPart], behind: int, through: int
) -> AsyncIterator[Numbered]:
    async for page in entries_between(store, pool, parts, behind, through):
        for one in page:
            yield one
