"""When a pool's archive is to be written."""

from __future__ import annotations

from shelfcast.stock.book import StockBook

DAY_MS = 86_400_000


async def is_due(book: StockBook, now_ms: int, kept_ms: int) -> str:
    """Why the archive is to be written now, in a word that is another one for another reason; empty where it is not.

    A few small reads, as the duty asks often. Raises EngineError.
    """
    _, seq, _ = await book.clock()
    if seq == 0 or await book.people_from() is None:
        return ""
    archived = await book.archived()
    last = archived.checkpoints[-1] if archived.checkpoints else None
    old_ms = now_ms - kept_ms
    for one in reversed(archived.checkpoints):
        if one.place.seq > archived.cut.seq and one.last_at_ms <= old_ms:
            return f"trim {one.place.seq}"
    if seq <= archived.through.seq:
        return ""
    written_ms = last.at_ms if last else 0
    finals = [record.final.at_ms for record in (await book.report_records()).values() if record.final]
    reported_ms = max(finals, default=0)
    if reported_ms > written_ms:
        return f"report {reported_ms}"
    since_ms = last.at_ms if last else await book.first_entry_ms()
    if since_ms is not None and now_ms - since_ms >= DAY_MS:
        return f"day {now_ms // DAY_MS}"
    return ""
