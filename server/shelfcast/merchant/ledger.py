"""What happened, for people: the story of a reservation, and stretches of a ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from shelfcast.errors import EntriesArchived
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.reading.story import Story
from shelfcast.stock.records import LedgerEntry, Stream

MILLIS_MAX = 2**53 - 1
"""Later than any entry."""


async def story(book: StockBook, reservation: str, settings: Settings, *, near: int = 0, after: int = 0) -> Story:
    """All that happened to a reservation, or what did behind the pool's sequence `after`; `near` is the sequence of any
    of its entries, where one is known. At most `ledger_search_max` entries are looked at. Raises EngineError."""
    record = await book.reservation(reservation)
    room = await book.room_config(record.room) if record and record.room else None
    hold_ms = (room.hold_ms if room else 0) or settings.hold_ms
    longer_ms = (room.payment_extension_ms if room else 0) or settings.payment_extension_ms
    holds = (hold_ms, hold_ms + longer_ms, settings.offer_ms, settings.offer_ms + longer_ms)
    return await book.story(
        reservation, record, holds_ms=holds, look_max=settings.ledger_search_max, near=near, after=after
    )


class Stretch(NamedTuple):
    """A stretch of a ledger: what is behind entry `after`, up to entry `last`."""

    stream: Stream
    after: int
    last: int

    @property
    def length(self) -> int:
        """Its entries."""
        return max(0, self.last - self.after)


async def stretch(book: StockBook, stream: Stream, from_ms: int | None, to_ms: int | None) -> Stretch:
    """The entries of a ledger from one time to another, both included; up to now where `to_ms` is None. Raises
    EntriesArchived where some of them may have left the engine, EngineError."""
    archived = await book.archived()
    after, cut = 0 if from_ms is None else await book.ledger_seq_at(stream, from_ms - 1), archived.cut.of(stream)
    # The cut is at a checkpoint or on its way to one: no entry that left is later than that one's last.
    left_until_ms = next((one.last_at_ms for one in archived.checkpoints if one.place.seq >= archived.cut.seq), 0)
    if after <= cut and cut and (from_ms is None or from_ms <= left_until_ms):
        hint = f"ask with a from_ms of more than {left_until_ms}"
        raise EntriesArchived(book.pool, stream, cut, archived.cut.seq, hint=hint)
    return Stretch(stream, after, await book.ledger_seq_at(stream, MILLIS_MAX if to_ms is None else to_ms))


async def entries_of(book: StockBook, part: Stretch, page: int) -> AsyncIterator[list[LedgerEntry]]:
    """Its entries with users, for people, page by page; no page is empty. Raises EngineError."""
    after = part.after
    while after < part.last and (entries := await book.ledger(part.stream, after, min(page, part.last - after))):
        yield await book.named(entries)
        after = entries[-1].seq
