"""Reading what is defined: the pool, its rooms with their shelves, channels, batches, users."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from shelfcast.errors import EngineUnavailable
from shelfcast.stock import library
from shelfcast.stock.configuration import (
    BatchConfig,
    ChannelConfig,
    FreezeScope,
    Listing,
    PoolConfig,
    RoomConfig,
    SkuConfig,
    UserConfig,
)
from shelfcast.stock.reading.book_keys import NAMES_APART, SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import pairs, text
from shelfcast.stock.records import Flag, RoomView

_decode_flag = msgspec.msgpack.Decoder(Flag).decode
_decode_view = msgspec.msgpack.Decoder(RoomView).decode


class _Drawn(Struct, frozen=True):
    """What the book notes of a batch that was drawn from: the pool's sequence before that."""

    drawn: int = -1


class DefinitionsReader(BookKeys):
    """What a `StockBook` reads of its definitions."""

    async def room_view(self, room: str) -> RoomView | None:
        """A room with its whole shelf, of one moment; None where there is no such room."""
        raw = await self._engine.call(library.ROOM, self.base, room)
        try:
            return _decode_view(raw) if raw else None
        except msgspec.DecodeError as error:
            raise EngineUnavailable(f"the view of room {room} cannot be read: {error}") from error

    async def pool_config(self) -> PoolConfig:
        """The pool's own settings."""
        return await self._config(":pool", "", PoolConfig) or PoolConfig()

    async def room_config(self, room: str) -> RoomConfig | None:
        """One room's configuration."""
        return await self._config(":rooms", room, RoomConfig)

    async def rooms(self) -> dict[str, RoomConfig]:
        """All rooms of the pool."""
        return await self._configs(":rooms", RoomConfig)

    async def channels(self) -> dict[str, ChannelConfig]:
        """All channels of the pool."""
        return await self._configs(":channels", ChannelConfig)

    async def batches(self) -> dict[str, BatchConfig]:
        """All batches of the pool."""
        return await self._configs(":batches", BatchConfig)

    async def batches_drawn(self) -> dict[str, int]:
        """The batches that were drawn from, with the pool's sequence before the first time."""
        found = await self._configs(":batches", _Drawn)
        return {name: batch.drawn for name, batch in found.items() if batch.drawn >= 0}

    async def listings(self, room: str) -> dict[str, Listing]:
        """The terms of every SKU on a room's shelf."""
        return await self._configs(f":listing:{room}", Listing)

    async def listing(self, room: str, sku: str) -> Listing | None:
        """One SKU's terms in a room."""
        return await self._config(f":listing:{room}", sku, Listing)

    async def links(self, room: str, skus: Sequence[str]) -> dict[str, int]:
        """The numbers that a room calls these SKUs by, of those that have one there."""
        found: dict[str, int] = {}
        for first in range(0, len(skus), SCAN_COUNT):
            some = skus[first : first + SCAN_COUNT]
            blobs = await self._read("HMGET", f":listing:{room}", *some)
            for sku, blob in zip(some, blobs, strict=True):
                link = msgspec.msgpack.decode(blob, type=Listing).link if blob else None
                if link is not None:
                    found[sku] = link
        return found

    async def listed_skus(self, room: str) -> list[str]:
        """The SKUs on a room's shelf."""
        return [text(sku) for sku in await self._read("HKEYS", f":listing:{room}")]

    async def is_frozen(self, scope: FreezeScope, name: str) -> bool | None:
        """Whether this very flag is set; None where there is nothing of that name. That of the pool has none."""
        if scope is FreezeScope.POOL:
            return (await self.pool_config()).frozen
        if scope is FreezeScope.SKU:
            if await self._config(":skus", name, SkuConfig) is None:
                return None
            return bool(await self._read("HGET", f":sku:{name}", "frozen") == b"1")
        found: ChannelConfig | RoomConfig | None
        if scope is FreezeScope.CHANNEL:
            found = await self._config(":channels", name, ChannelConfig)
        else:
            found = await self.room_config(name)
        return None if found is None else found.frozen

    async def flags(self, most: int) -> list[tuple[FreezeScope, str, Flag]]:
        """The flags that are set, with who did it, in no order; somewhat more than `most` at most. Those that a release
        of before has set are not there while `flags_are_noted` says no."""
        found: dict[bytes, bytes] = {}
        cursor = b"0"
        while True:
            cursor, flat = await self._read("HSCAN", ":frozen", cursor, "COUNT", SCAN_COUNT)
            found |= dict(pairs(flat))
            if cursor == b"0" or len(found) >= most:
                break
        flags = []
        for field, blob in found.items():
            scope, _, name = field.decode().partition(NAMES_APART)
            flags.append((FreezeScope(scope), name, _decode_flag(blob)))
        return flags

    async def flag_count(self) -> int:
        """How many flags are set."""
        return int(await self._read("HLEN", ":frozen"))

    async def flags_are_noted(self) -> bool:
        """Whether `flags` has those that a release of before has set."""
        return bool(await self._read("HGET", ":meta", "flags_noted"))

    async def user(self, user: str) -> UserConfig:
        """What the operator decided about a user."""
        return await self._config(":users", user, UserConfig) or UserConfig()
