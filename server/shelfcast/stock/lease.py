"""A lease in the engine: one process at a time does what one is enough for."""

from __future__ import annotations

import secrets

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings


class Lease:
    """Held by whoever set its key last, until it runs out; renewed by asking again.

    It saves work, it does not guard it: a process that stalls for longer than the lease may act beside the next
    holder. So only what is safe to do twice may depend on it.
    """

    def __init__(self, engine: Engine, name: str, settings: Settings) -> None:
        self._engine = engine
        self._key = f"{settings.key_prefix}:lease:{name}"
        self._owner = secrets.token_hex(8)
        self._lasts_ms = settings.duty_lease_ms

    async def hold(self) -> bool:
        """Take or renew the lease; False while another process holds it. Raises EngineError."""
        taken = await self._engine.command("SET", self._key, self._owner, "NX", "PX", self._lasts_ms, key=self._key)
        if taken:
            return True
        holder = await self._engine.command("GET", self._key, key=self._key)
        if holder != self._owner.encode():
            return False
        return bool(await self._engine.command("PEXPIRE", self._key, self._lasts_ms, key=self._key))

    async def release(self) -> None:
        """Let the next one have it at once. Raises EngineError."""
        if await self._engine.command("GET", self._key, key=self._key) == self._owner.encode():
            await self._engine.command("DEL", self._key, key=self._key)
