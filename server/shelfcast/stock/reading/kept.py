"""Reading which names a book keeps: what a fold of its ledgers has to keep, too."""

from __future__ import annotations

from shelfcast.stock.fold_state import Kept
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.reading.definitions import DefinitionsReader
from shelfcast.stock.reading.rows import text
from shelfcast.stock.reading.shows import ShowsReader


class KeptReader(DefinitionsReader, ShowsReader):
    """What a `StockBook` tells of what it has not forgotten."""

    async def _kept_behind(self, seq: int) -> Kept:
        """All names that are kept at a moment behind the sequence `seq`, which the book has reached."""
        names: set[str] = set()
        cursor: bytes | str = "0"
        while True:
            cursor, flat = await self._read("HSCAN", ":reservations", cursor, "COUNT", SCAN_COUNT)
            names.update(map(text, flat[::2]))
            if text(cursor) == "0":
                break
        return Kept(
            seq=seq,
            reservations=names,
            shows=set(await self.show_ids()),
            windows=set(await self.shows_with_units()),
            batches=set(await self.batches()),
        )
