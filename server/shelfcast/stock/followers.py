"""Who follows a pool over all processes: each says its own followers, and learns of all."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shelfcast.engine.connection import Engine
from shelfcast.settings import Settings
from shelfcast.stock import library

LASTS_INTERVALS = 15
"""What a process says counts for so many intervals: one that died is soon left out."""


class Follower(Struct, array_like=True, frozen=True):
    """Somebody who follows a pool: so many `connections` as this user with this role, the first since `since_ms`."""

    user: str
    role: str
    connections: int
    since_ms: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[list[Follower]]).decode


class Followers:
    """The followers of this process's pools, as the other processes see them."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._process = secrets.token_hex(8)
        self._most = settings.pool_sockets_a_pool_max
        self._lasts_ms = settings.viewers_interval_ms * LASTS_INTERVALS

    async def share(self, base: str, here: Sequence[Follower]) -> list[Follower]:
        """Say who follows the pool with this base in this process, and learn who does in all, the longest first; at
        most `pool_sockets_a_pool_max`. Raises EngineError."""
        said = _encode(here) if here else b""
        raw = await self._engine.call(library.FOLLOWERS, base, self._process, self._lasts_ms, said)
        return merged(_decode(raw))[: self._most]


def merged(of_processes: Iterable[Sequence[Follower]]) -> list[Follower]:
    """What several processes say, one row a user and role, the longest first."""
    found: dict[tuple[str, str], Follower] = {}
    for rows in of_processes:
        for row in rows:
            known = found.get((row.user, row.role))
            if known is not None:
                connections, since_ms = known.connections + row.connections, min(known.since_ms, row.since_ms)
                row = replace(known, connections=connections, since_ms=since_ms)  # noqa: PLW2901
            found[row.user, row.role] = row
    return sorted(found.values(), key=lambda row: (row.since_ms, row.user, row.role))
