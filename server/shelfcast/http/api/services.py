"""What the HTTP application needs of the rest of the process; `app` builds it, tests may build a part of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from prometheus_client import generate_latest

from shelfcast.archive.store import ArchiveStore
from shelfcast.http.api.allowance import Allowance
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.bodies import Ready, RoomOnAir
from shelfcast.http.api.kept import Kept
from shelfcast.http.api.passwords import Passwords
from shelfcast.http.built_pages import Pages
from shelfcast.origins import Origins
from shelfcast.pictures import read_image_origins
from shelfcast.protocol.from_server import Snapshot
from shelfcast.protocol.refusal import Refusal
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pools

Check = Callable[[], Awaitable[str]]
"""A readiness check: the empty string when all is well, else one line that says why not. Must not raise."""


Exposition = Callable[[], Awaitable[bytes]]
"""The metrics in Prometheus' text format. Raises TimeoutError."""


async def own_exposition() -> bytes:
    """The metrics of this process."""
    return generate_latest()


Entry = Callable[[str, Iterable[tuple[bytes, bytes]]], Awaitable[Refusal | None]]
"""Why the handshake for this room, with these headers (names in lower case), would be refused
now; None where it would not be. `gateway.entry` has it."""


PoolEntry = Callable[[str, bytes, Iterable[tuple[bytes, bytes]]], Awaitable[Refusal | None]]
"""The same for a pool, with the query of its handshake."""


class RoomWindow(Protocol):
    """What HTTP shows of live rooms; `room.hub.Hub` has this shape."""

    async def snapshot(self, room: str) -> Snapshot | None:
        """The frame a viewer who connects now would get first; None when the room does not exist.

        Raises EngineUnavailable when the room is not open here and cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts behind the routes.

    `checks` are what /readyz asks, by name (for example `engine`, `feeds`, `serving`); all must be content.
    `exposition` is what /metrics answers. `stopping` says whether the process is about to end: nobody is kept waiting.
    """

    settings: Settings
    pools: Pools
    hub: RoomWindow
    tokens: Tokens
    entry: Entry
    pool_entry: PoolEntry
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Mapping[str, Check] = field(default_factory=dict)
    """What /readyz says besides: it calls for people, and another process would serve no better."""
    open_house: frozenset[str] = frozenset()
    """Rooms whose host passes anybody may have: that of `shelfcast demo`."""
    guests: Allowance = field(default_factory=Allowance)
    """How many guest passes each address has had within the minute."""
    logins: Allowance = field(default_factory=Allowance)
    """How many sessions each address has begun within the minute."""
    exposition: Exposition = own_exposition
    pages: Pages = field(default_factory=Pages)
    stopping: Callable[[], bool] = bool
    streams: asyncio.Semaphore = field(init=False)
    """Places for answers that are streamed."""
    uploads: asyncio.Semaphore = field(init=False)
    """Places for files that come."""
    passwords: Passwords = field(init=False)
    on_air: Kept[list[RoomOnAir]] = field(init=False)
    """What anybody may ask for, as it was read last; so are the two below."""
    readiness: Kept[Ready] = field(init=False)
    numbers: Kept[bytes] = field(init=False)
    image_origins: Origins = field(init=False)
    """Of the pictures that a SKU may have."""

    def __post_init__(self) -> None:
        """Make what is kept, by the settings."""
        for name in ("on_air", "readiness", "numbers"):
            object.__setattr__(self, name, Kept(self.settings.public_reads_a_second_max))
        object.__setattr__(self, "passwords", Passwords(self.settings))
        object.__setattr__(self, "image_origins", read_image_origins(self.settings.image_origins))
        object.__setattr__(self, "streams", asyncio.Semaphore(self.settings.streams_at_once_max))
        object.__setattr__(self, "uploads", asyncio.Semaphore(self.settings.uploads_at_once_max))

    @property
    def archive(self) -> ArchiveStore:
        """The archive; opened when it is asked for first. Raises ConfigError where its place cannot be used."""
        return _archive(self.settings)


@lru_cache(maxsize=1)
def _archive(settings: Settings) -> ArchiveStore:
    return ArchiveStore(settings)
