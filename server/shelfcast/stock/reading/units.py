"""Reading units: the catalogue with what is where, batches, and what the split goes by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from shelfcast.errors import EngineUnavailable
from shelfcast.stock import library
from shelfcast.stock.configuration import SkuConfig
from shelfcast.stock.places import SAFETY, Buckets
from shelfcast.stock.proposals import DemandPage, ProposalRecord, decode_demand, proposal_from
from shelfcast.stock.reading.book_keys import SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import buckets_from, pairs, text
from shelfcast.stock.records import BatchUnits, Owed, UnitsPage

DEMAND_COUNT = 100
"""SKUs of a page of demand: some 2 ms of the engine."""

_decode_catalogue = msgspec.msgpack.Decoder(list[tuple[str, SkuConfig, list[str]]]).decode
_decode_config = msgspec.msgpack.Decoder(SkuConfig).decode
_decode_units = msgspec.msgpack.Decoder(UnitsPage).decode
_decode_owed = msgspec.msgpack.Decoder(list[Owed]).decode
_decode_batch = msgspec.msgpack.Decoder(tuple[str, list[tuple[str, int, int, int]]]).decode


class UnitsReader(BookKeys):
    """What a `StockBook` reads of its units."""

    async def sku_count(self) -> int:
        """How many SKUs the catalogue has."""
        return int(await self._read("HLEN", ":skus"))

    async def sku(self, sku: str) -> tuple[SkuConfig, Buckets] | None:
        """A SKU's catalogue entry and its units; None where the catalogue does not have it."""
        config = await self._config(":skus", sku, SkuConfig)
        return (config, await self._buckets(sku)) if config else None

    async def sku_configs(self, skus: Sequence[str]) -> dict[str, SkuConfig]:
        """The catalogue entries of those of these SKUs that are in the catalogue."""
        found: dict[str, SkuConfig] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            blobs = await self._read("HMGET", ":skus", *some)
            found |= {sku: _decode_config(blob) for sku, blob in zip(some, blobs, strict=True) if blob}
        return found

    async def sku_terms(self) -> AsyncIterator[dict[str, SkuConfig]]:
        """The catalogue's entries without units, page by page in no order; one may come twice."""
        cursor = b"0"
        while True:
            cursor, flat = await self._read("HSCAN", ":skus", cursor, "COUNT", SCAN_COUNT)
            yield {text(sku): _decode_config(blob) for sku, blob in pairs(flat)}
            if cursor == b"0":
                return

    async def skus(self, after: str = "", limit: int = 100) -> list[tuple[str, SkuConfig, Buckets]]:
        """A page of the catalogue by name: the first `limit` SKUs behind `after`."""
        raw = await self._engine.call(library.CATALOGUE, self.base, after, limit)
        return [(name, config, buckets_from(pairs(flat))) for name, config, flat in _decode_catalogue(raw)]

    async def units(self, after: str = "", limit: int = 100) -> UnitsPage:
        """The units of a page of the catalogue by name, of one moment: the first `limit` SKUs behind `after`."""
        raw = await self._engine.call(library.UNITS, self.base, after, limit)
        try:
            return _decode_units(raw)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the units of pool {self.pool} cannot be read: {error}") from error

    async def frozen_skus(self) -> AsyncIterator[list[str]]:
        """The SKUs whose own flag is set, page by page of the whole catalogue."""
        async for _, items in self.pages("skus"):
            yield [text(sku) for sku, flat in pairs(items) if dict(pairs(flat)).get("frozen") in ("1", b"1")]

    async def batch_units(self, batch: str) -> dict[str, BatchUnits]:
        """What is in a batch and what of it was taken, by SKU; empty of one that is closed. Read in pages."""
        found: dict[str, BatchUnits] = {}
        cursor = "0"
        while True:
            raw = await self._engine.call(library.BATCH_UNITS, self.base, batch, cursor, SCAN_COUNT)
            cursor, rows = _decode_batch(raw)
            found |= {sku: BatchUnits(*units) for sku, *units in rows}
            if cursor == "0":
                return dict(sorted(found.items()))

    async def safety_units(self, skus: Sequence[str]) -> dict[str, int]:
        """What is in the safety buffer of each of these."""
        found: dict[str, int] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            units = await asyncio.gather(*[self._read("HGET", f":sku:{sku}", SAFETY) for sku in some])
            found |= {sku: int(n or 0) for sku, n in zip(some, units, strict=True)}
        return found

    async def owed(self, skus: Sequence[str]) -> dict[str, Owed]:
        """What is owed of these, of those that the catalogue has. Read in pages."""
        found: dict[str, Owed] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            raw = await self._engine.call(library.OWED, self.base, *skus[first : first + SCAN_COUNT])
            found |= {row.sku: row for row in _decode_owed(raw)}
        return found

    async def catalogue(self, page: int) -> AsyncIterator[list[tuple[str, SkuConfig, Buckets]]]:
        """The whole catalogue by name, page by page; no page is empty."""
        after = ""
        while rows := await self.skus(after, page):
            yield rows
            after = rows[-1][0]

    async def _buckets(self, sku: str) -> Buckets:
        return buckets_from(pairs(await self._read("HGETALL", f":sku:{sku}")))

    async def proposals(self) -> list[ProposalRecord]:
        """The proposals that are kept, newest first."""
        found = [proposal_from(blob) for blob in await self._read("HVALS", ":proposals")]
        return sorted(found, key=lambda proposal: -proposal.n)

    async def proposal(self, id: str) -> ProposalRecord | None:  # noqa: A002 - the field's own name
        """One proposal; None where it is not known, or not any more."""
        blob = await self._read("HGET", ":proposals", id)
        return proposal_from(blob) if blob else None

    async def demand(self, cursor: str, pause_ms: int) -> DemandPage:
        """A page of the SKUs that sold within the split's window, without those that pause."""
        raw = await self._engine.call(library.DEMAND, self.base, cursor, DEMAND_COUNT, pause_ms)
        try:
            return decode_demand(raw)
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the demand of pool {self.pool} cannot be read: {error}") from error
