"""A lease in the engine: one process at a time does what one is enough for, and a fence says whose time it is."""

from __future__ import annotations

import secrets
import time

import msgspec

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings
from shelfcast.stock import library

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where the system has such a clock: the lease runs out in the engine meanwhile."""

_decode = msgspec.msgpack.Decoder(tuple[int, int]).decode


class Lease:
    """Held by the process that took it last, until it runs out; renewed by asking again. The engine's clock decides.

    A process that stalls may still act for a moment when its lease is over. What must not be done twice therefore
    carries the fence: whatever it writes to refuses a fence lower than the highest it has seen.
    """

    def __init__(self, engine: Engine, name: str, settings: Settings) -> None:
        self._engine = engine
        self._key = f"{settings.key_prefix}:lease:{name}"
        self._owner = secrets.token_hex(8)
        self._lasts_ms = settings.duty_lease_ms
        self._fence = 0
        self._until_s = float("-inf")

    @property
    def fence(self) -> int | None:
        """The fence while the lease is this process's by its own clock; None when it is not, or may not be now."""
        return self._fence if self._fence and _now_s() < self._until_s else None

    @property
    def left_s(self) -> float:
        """How long the lease lasts yet, whoever holds it, by what the engine said last; 0 where nobody holds it."""
        return max(0.0, self._until_s - _now_s())

    async def hold(self) -> int | None:
        """Take or renew the lease: its fence, or None while another process holds it.

        The fence grows with each change of the holder and never falls. Raises EngineError: who holds it is unknown, and
        `fence` goes by the last answer until that has run out.
        """
        # It runs out in the engine no earlier than by this: it was renewed there after the question was asked.
        asked_s = _now_s()
        fence, left_ms = await self._ask("hold")
        self._fence, self._until_s = fence, asked_s + left_ms / 1000
        return self.fence

    async def release(self) -> None:
        """Let the next one have it at once; what another process holds stays. Raises EngineError."""
        self._fence = 0
        await self._ask("release")

    async def _ask(self, what: str) -> tuple[int, int]:
        return _decode(await self._engine.call(library.LEASE, self._key, what, self._owner, self._lasts_ms))


def _now_s() -> float:
    return time.clock_gettime(_CLOCK)
