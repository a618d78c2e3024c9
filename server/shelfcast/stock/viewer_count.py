"""How many viewers a room has over all processes: each says its own number, and reads the sum."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

import msgspec

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings
from shelfcast.stock import library

LASTS_INTERVALS = 5
"""A number counts for so many intervals after it was last said: a process that died is soon left out."""
ROOMS_A_CALL_MAX = 500

_decode_totals = msgspec.msgpack.Decoder(list[int]).decode


class ViewerCount:
    """The viewer counts of one process, as the others see them."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._process = secrets.token_hex(8)
        self._lasts_ms = settings.viewers_interval_ms * LASTS_INTERVALS

    async def share(self, base: str, counts: Mapping[str, int]) -> dict[str, int]:
        """Say how many viewers this process has in rooms of the pool with this base, and learn how many there are in
        all. Raises EngineError."""
        return await self._ask(self._process, base, counts)

    async def read(self, base: str, rooms: Iterable[str]) -> dict[str, int]:
        """How many viewers rooms of this pool have in all processes. Raises EngineError."""
        return await self._ask("", base, dict.fromkeys(rooms, 0))

    async def _ask(self, process: str, base: str, counts: Mapping[str, int]) -> dict[str, int]:
        totals: dict[str, int] = {}
        rooms = list(counts)
        for begin in range(0, len(rooms), ROOMS_A_CALL_MAX):
            some = rooms[begin : begin + ROOMS_A_CALL_MAX]
            pairs: list[str | int] = [part for room in some for part in (room, counts[room])]
            raw = await self._engine.call(library.VIEWERS, base, process, self._lasts_ms, *pairs)
            totals.update(zip(some, _decode_totals(raw), strict=True))
        return totals
