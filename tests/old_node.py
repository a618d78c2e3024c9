"""A server of a release before, as the engine sees it: what it says of itself with each call."""

from __future__ import annotations

import msgspec
from shelfcast.protocol.codes import Code
from shelfcast.stock import library
from shelfcast.stock.operations import Op
from shop import Shop

OLD_PARAMETERS = {"hold_ms": 300_000, "payment_extension_ms": 300_000, "live_max": 1_000, "remember_ms": 86_400_000,
                  "order_qty_max": 1_000_000}  # fmt: skip


class OldNode:
    """Calls as a server of a release before does: it says its format, 3 or later, or none."""

    def __init__(self, shop: Shop, format: int | None = None) -> None:  # noqa: A002 - the field's own name
        self._engine, self._base = shop.engine, shop.book.base
        self._says = [] if format is None else [format]
        self._parameters = OLD_PARAMETERS if format is None else OLD_PARAMETERS | {"format": format}

    async def apply(self, op: Op) -> Code:
        encode = msgspec.msgpack.encode
        raw = await self._engine.call(library.APPLY, self._base, encode([op]), encode(self._parameters))
        return Code(msgspec.msgpack.decode(raw)[4][0][0])

    async def clock(self) -> None:
        await self._engine.call(library.CLOCK, self._base, *self._says)


async def format_of(shop: Shop) -> int:
    """The format of its book."""
    key = f"{shop.book.base}:meta"
    return int(await shop.engine.command("HGET", key, "format", key=key) or 1)


async def make_old(shop: Shop, old: OldNode, format: int | None = None) -> None:  # noqa: A002 - the field's own name
    """As if a release before had written the book so far, in its format, until now."""
    key = f"{shop.book.base}:meta"
    await shop.receive(100)
    await shop.engine.command("HDEL", key, "people_from", key=key)
    if format is None:
        await shop.engine.command("HDEL", key, "format", key=key)
    else:
        await shop.engine.command("HSET", key, "format", format, key=key)
    await shop.advance(0)
    await old.clock()
