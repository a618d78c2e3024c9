"""Reading counts (stock/library/counts.lua)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shelfcast.stock.count_audit import WrongCount, wrong_counts
from shelfcast.stock.counts import CountRecord, CountRow, CountState, LastCount, RowStatus
from shelfcast.stock.reading.book_keys import BookKeys
from shelfcast.stock.reading.rows import text

_STILL_COUNTED = (CountState.OPENING, CountState.COUNTING)


class _WhileCounting(Struct, frozen=True):
    """What a row says of itself while its count goes on."""

    while_counting: RowStatus = RowStatus.UNCOUNTED


_decode_record = msgspec.msgpack.Decoder(CountRecord).decode
_decode_row = msgspec.msgpack.Decoder(CountRow).decode
_decode_status = msgspec.msgpack.Decoder(_WhileCounting).decode
_decode_last = msgspec.msgpack.Decoder(LastCount).decode


class CountsReader(BookKeys):
    """What a `StockBook` reads of its counts."""

    async def counts(self) -> list[CountRecord]:
        """All counts that are open or still kept, the latest first."""
        records = [_decode_record(blob) for blob in await self._read("HVALS", ":counts")]
        return sorted(records, key=lambda record: (record.made_at_ms, record.id), reverse=True)

    async def count(self, id: str) -> CountRecord | None:  # noqa: A002 - the field's own name
        """One count; None where there is none of this id, or not any more."""
        blob = await self._read("HGET", ":counts", id)
        return _decode_record(blob) if blob else None

    async def count_rows(self, id: str, *, after: str = "", limit: int) -> list[CountRow]:  # noqa: A002
        """The next rows of a count behind a SKU, by name; none where there is no such count."""
        record = await self.count(id)
        begin = f"({after}" if after else "-"
        names = await self._read("ZRANGE", f":count:{id}:names", begin, "+", "BYLEX", "LIMIT", 0, limit)
        if record is None or not names:
            return []
        blobs = await self._read("HMGET", f":count:{id}:rows", *names)
        return [_row(record, blob) for blob in blobs if blob]

    async def count_row(self, id: str, sku: str) -> CountRow | None:  # noqa: A002
        """One SKU of a count; None where it is not on it."""
        record = await self.count(id)
        blob = await self._read("HGET", f":count:{id}:rows", sku)
        return _row(record, blob) if record and blob else None

    async def count_rows_of(self, id: str, skus: Sequence[str]) -> list[CountRow]:  # noqa: A002
        """Some SKUs of a count, those that are on it; none where there is no such count."""
        record = await self.count(id)
        blobs = await self._of_skus(f":count:{id}:rows", skus)
        return [] if record is None else [_row(record, blob) for _, blob in blobs]

    async def last_counts(self, skus: Sequence[str]) -> dict[str, LastCount]:
        """When these SKUs were counted last, those that ever were."""
        return {sku: _decode_last(blob) for sku, blob in await self._of_skus(":counted", skus)}

    async def counting(self, skus: Sequence[str]) -> dict[str, str]:
        """The open counts that these SKUs are on, of those that are on one."""
        on = {sku: text(count) for sku, count in await self._of_skus(":counting", skus)}
        named = sorted(set(on.values()))
        blobs = await self._read("HMGET", ":counts", *named) if named else []
        # Those of a large one that was cancelled leave it by and by.
        open_now = {name for name, blob in zip(named, blobs, strict=True) if blob and _decode_record(blob).is_open}
        return {sku: count for sku, count in on.items() if count in open_now}

    async def wrong_counts(self) -> list[WrongCount]:
        """What does not agree of the counts' own indexes and numbers; each is held against the others of its moment."""
        return await wrong_counts(self._engine, self.base)

    async def _of_skus(self, suffix: str, skus: Sequence[str]) -> list[tuple[str, bytes]]:
        found = await self._read("HMGET", suffix, *skus) if skus else []
        return [(sku, blob) for sku, blob in zip(skus, found, strict=True) if blob]


def _row(record: CountRecord, blob: bytes) -> CountRow:
    row = _decode_row(blob)
    return replace(row, status=_decode_status(blob).while_counting) if record.state in _STILL_COUNTED else row
