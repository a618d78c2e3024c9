"""Reading what is known of a pool's archive, and where its ledgers begin in the engine."""

from __future__ import annotations

import msgspec

from shelfcast.errors import EntriesArchived
from shelfcast.stock.archived import Archived, Checkpoint, LedgerPlace
from shelfcast.stock.reading.book_keys import BookKeys
from shelfcast.stock.records import Stream

_decode_checkpoint = msgspec.msgpack.Decoder(Checkpoint).decode


class ArchivedReader(BookKeys):
    """What a `StockBook` knows of its archive."""

    async def archived(self) -> Archived:
        """Its checkpoints, and up to where entries left the engine. Raises EngineError."""
        # The cut first: it only moves up to checkpoints, which are there before.
        cut = await self.cut()
        found = [_decode_checkpoint(blob) for blob in await self._read("HVALS", ":checkpoints")]
        return Archived(cut=cut, checkpoints=sorted(found, key=lambda one: one.place.seq))

    async def cut(self) -> LedgerPlace:
        """Up to where entries left the engine. Raises EngineError."""
        seq, ledger, presale = await self._read("HMGET", ":meta", "cut_seq", "cut_ledger", "cut_presale")
        return LedgerPlace(seq=int(seq or 0), ledger=int(ledger or 0), presale=int(presale or 0))

    async def has_all_behind(self, seq: int) -> None:
        """Make sure that no entry behind a sequence of the pool has left the engine.

        Raises EntriesArchived, EngineError."""
        cut = await self.cut()
        if seq < cut.seq:
            raise EntriesArchived(self.pool, Stream.STOCK, cut.ledger, cut.seq)

    async def has_entries_behind(self, stream: Stream, after_seq: int) -> None:
        """Make sure that no entry of a ledger behind a sequence has left the engine.

        Raises EntriesArchived, EngineError."""
        cut = await self.cut()
        if after_seq < cut.of(stream):
            raise EntriesArchived(self.pool, stream, cut.of(stream), cut.seq)

    async def _rows_behind(self, stream: Stream, after_seq: int, limit: int) -> list[tuple[bytes, list[bytes]]]:
        """Entries of a ledger as they stand, behind a sequence, in order.

        Raises EntriesArchived where the first of them has left the engine, also a moment ago."""
        rows: list[tuple[bytes, list[bytes]]] = await self._read(
            "XRANGE", f":{stream}", f"{after_seq + 1}-0", "+", "COUNT", limit
        )
        # Numbers have no gap: another one than the next tells that some are gone, and so may none.
        if not rows or int(rows[0][0].partition(b"-")[0]) != after_seq + 1:
            await self.has_entries_behind(stream, after_seq)
        return rows
