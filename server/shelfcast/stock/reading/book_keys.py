"""What all readers of a book begin with: one piece of configuration, and pages of a whole hash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from shelfcast.stock import library
from shelfcast.stock.pool_keys import PoolKeys
from shelfcast.stock.reading.rows import pairs

SCAN_COUNT = 500
"""Names read from a hash, or entries of a ledger, at a time."""

NAMES_APART = "\x1f"
"""Between two names in one field of a hash."""

_C = TypeVar("_C", bound=Struct)
_decode_page = msgspec.msgpack.Decoder(tuple[int, str, list[Any]]).decode


class BookKeys(PoolKeys):
    """The keys of a book's definitions and records."""

    async def pages(self, what: str) -> AsyncIterator[tuple[int, list[Any]]]:
        """All of `reservations`, `live`, `units`, `skus` or `sold:<show>`, page by page: (sequence, names and values).

        Each page is of one moment, told by the pool's sequence then; what is there throughout is in some page.
        """
        cursor = "0"
        while True:
            raw = await self._engine.call(library.PAGE, self.base, what, cursor, SCAN_COUNT)
            seq, cursor, items = _decode_page(raw)
            yield seq, items
            if cursor == "0":
                return

    async def _config(self, suffix: str, name: str, kind: type[_C]) -> _C | None:
        blob = await self._read("HGET", suffix, name)
        return msgspec.msgpack.decode(blob, type=kind) if blob else None

    async def _configs(self, suffix: str, kind: type[_C]) -> dict[str, _C]:
        flat = await self._read("HGETALL", suffix)
        decoder = msgspec.msgpack.Decoder(kind)
        return {name.decode(): decoder.decode(blob) for name, blob in sorted(pairs(flat))}
