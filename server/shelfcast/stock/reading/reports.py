"""Reading which reports the shows have, what was noted for them, and what SKUs came to in their last shows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shelfcast.stock.reading.book_keys import SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import pairs
from shelfcast.stock.reports import ReportRecord, SkuHistory, StoredHistory, history_from, record_from

_decode_rows = msgspec.msgpack.Decoder(list[StoredHistory]).decode


class ReportsReader(BookKeys):
    """What a `StockBook` reads of reports."""

    async def report_record(self, show: str) -> ReportRecord:
        """The reports of a show; one without any where there are none yet."""
        blob = await self._read("HGET", ":reports", show)
        return record_from(blob) if blob else ReportRecord(show=show)

    async def report_records(self) -> dict[str, ReportRecord]:
        """The reports of all shows that are kept and have any, by show."""
        return {show.decode(): record_from(blob) for show, blob in pairs(await self._read("HGETALL", ":reports"))}

    async def forecast(self, show: str) -> dict[str, int]:
        """The units that the plan expected of each SKU when a show began, of those that it said it of."""
        return await self._numbers(f":forecast:{show}")

    async def waited_at_end(self, show: str) -> dict[str, int]:
        """How many people waited for each SKU when a show ended."""
        return await self._numbers(f":waited:{show}")

    async def histories(self, skus: Sequence[str]) -> dict[str, list[SkuHistory]]:
        """What these SKUs came to in their last shows, the latest first; without those that were in none."""
        found: dict[str, list[SkuHistory]] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            blobs = await self._read("HMGET", ":history", *some)
            found |= {
                sku: list(map(history_from, _decode_rows(blob))) for sku, blob in zip(some, blobs, strict=True) if blob
            }
        return found

    async def rows_of(self, show: str, skus: Sequence[str]) -> dict[str, SkuHistory]:
        """What those of these SKUs came to in one show whose history has it."""
        found: dict[str, SkuHistory] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            blobs = await self._read("HMGET", ":history", *some)
            for sku, blob in zip(some, blobs, strict=True):
                for row in _decode_rows(blob) if blob else ():
                    if row[0] == show:
                        found[sku] = history_from(row)
        return found

    async def _numbers(self, suffix: str) -> dict[str, int]:
        return {name.decode(): int(n) for name, n in pairs(await self._read("HGETALL", suffix))}
