"""Which pools there are, and which pool a room belongs to. Two small keys for the whole engine."""

from __future__ import annotations

import asyncio

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings

REFRESH_MS = 250
"""Unknown rooms ask the engine at most this often, however many ask for them; meanwhile they wait."""


class Directory:
    """The pools and rooms of an engine; rooms are cached, because a room never changes its pool."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._pools_key = f"{settings.key_prefix}:pools"
        self._rooms_key = f"{settings.key_prefix}:rooms"
        self._rooms: dict[str, str] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def pools(self) -> list[str]:
        """All pools, by name."""
        names = await self._engine.command("SMEMBERS", self._pools_key, key=self._pools_key)
        return sorted(name.decode() for name in names)

    async def has_pool(self, pool: str) -> bool:
        """Whether the pool exists."""
        return bool(await self._engine.command("SISMEMBER", self._pools_key, pool, key=self._pools_key))

    async def create_pool(self, pool: str) -> bool:
        """Make a pool; False when it was there already."""
        return bool(await self._engine.command("SADD", self._pools_key, pool, key=self._pools_key))

    async def create_room(self, room: str, pool: str) -> str:
        """Claim a room's name for a pool; returns the pool that owns it now (another's when it was taken)."""
        await self._engine.command("HSETNX", self._rooms_key, room, pool, key=self._rooms_key)
        owner: bytes = await self._engine.command("HGET", self._rooms_key, room, key=self._rooms_key)
        self._rooms[room] = owner.decode()
        return owner.decode()

    async def rooms(self) -> dict[str, str]:
        """Every room with its pool."""
        flat = await self._engine.command("HGETALL", self._rooms_key, key=self._rooms_key)
        self._rooms = {room.decode(): pool.decode() for room, pool in zip(flat[::2], flat[1::2], strict=True)}
        return dict(sorted(self._rooms.items()))

    async def room_pool(self, room: str) -> str | None:
        """The pool of a room, or None where there is no such room."""
        if room not in self._rooms:
            loop = asyncio.get_running_loop()
            asked_at = loop.time()
            async with self._reading:
                # Another server may have made the room a moment ago: only a read that began after we were asked counts.
                if room not in self._rooms and asked_at >= self._read_at:
                    await asyncio.sleep(self._read_at + REFRESH_MS / 1000 - loop.time())
                    begun_at = loop.time()
                    await self.rooms()
                    self._read_at = begun_at
        return self._rooms.get(room)
