"""What of the engine's memory a pool's ledgers take."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.reading.book_keys import BookKeys
from shelfcast.stock.records import Stream


class LedgerMemory(Struct, frozen=True):
    """A ledger in the engine: how many entries, and about how many bytes of memory they take."""

    entries: int
    bytes: int


class MemoryReader(BookKeys):
    """What a `StockBook` says of its own size."""

    async def ledger_memory(self, stream: Stream) -> LedgerMemory:
        """What a ledger takes, by a sample. Raises EngineError."""
        key = f"{self.base}:{stream}"
        taken = await self._engine.command("MEMORY", "USAGE", key, key=key)
        return LedgerMemory(await self._read("XLEN", f":{stream}"), taken or 0)
