"""The keys of one pool in the engine, and reading them."""

from __future__ import annotations

from typing import Any

from shelfcast.engine.connection import Engine


class PoolKeys:
    """What everybody begins with who reads a pool's book."""

    def __init__(self, engine: Engine, pool: str, key_prefix: str) -> None:
        self._engine = engine
        self.pool = pool
        self.base = f"{key_prefix}:{{{pool}}}"
        """What every key of the pool begins with; its hash tag keeps them on one node."""

    async def _read(self, command: str, suffix: str, *args: bytes | str | int) -> Any:
        key = self.base + suffix
        return await self._engine.command(command, key, *args, key=key)
