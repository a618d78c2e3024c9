"""The rooms that are open in this process: opened when the first viewer comes, closed a while after the last."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

import structlog

from shelfcast import metrics
from shelfcast.barrier import barrier
from shelfcast.errors import EngineError, EngineUnavailable
from shelfcast.protocol.from_server import Snapshot
from shelfcast.room.admission import Admission
from shelfcast.room.conflation import Airtime
from shelfcast.room.live import Room
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pools

_log = structlog.get_logger(__name__)


class Hub:
    """Opens each room once, however many ask for it, and beats for all of them. `start` before use.

    Viewers are counted over all processes of the engine; each beat says how many are here.
    """

    def __init__(self, pools: Pools, settings: Settings) -> None:
        self.rooms: dict[str, Room] = {}
        """The open rooms by name."""
        self._pools = pools
        self._settings = settings
        self.airtime = Airtime(settings.broadcast_share_max, settings.tick_ms / 1000)
        """Of all that this process broadcasts."""
        self._admission = Admission(settings, random.random)
        self._opening: dict[str, asyncio.Task[Room | None]] = {}
        self._empty_since: dict[str, float] = {}
        self._elsewhere: dict[str, int] = {}
        """Viewers that other processes have in a room, when last heard of."""
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._beating = asyncio.get_running_loop().create_task(self._beat_on(), name="beat of the rooms")

    async def close(self) -> None:
        """Close every room. Their connections must have been closed before."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
            await self._share(dict.fromkeys(self.rooms, 0))
        for opening in list(self._opening.values()):
            opening.cancel()
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        for name in list(self.rooms):
            self._close_room(name)

    def opened(self, name: str) -> Room | None:
        """The room, if it is open here."""
        room = self.rooms.get(name)
        return None if room is None or room.is_gone else room

    def open(self, name: str) -> asyncio.Task[Room | None]:
        """Open a room, or join the opening of it. The task gives None where there is no such room, and raises
        EngineError when the room cannot be read in time."""
        opening = self._opening.get(name)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._open(name), name=f"open room {name}")
            self._opening[name] = opening
            opening.add_done_callback(lambda _: self._opening.pop(name, None))
        return opening

    async def enter(self, name: str) -> Room | None:
        """The open room; None where there is no such room. Raises EngineError when it cannot be read."""
        return self.opened(name) or await asyncio.shield(self.open(name))

    async def snapshot(self, name: str) -> Snapshot | None:
        """What a viewer who connects now would get first; None where there is no such room. Raises EngineError."""
        room = await self.enter(name)
        return None if room is None else room.state.snapshot()

    async def _open(self, name: str) -> Room | None:
        pool = await self._pools.of_room(name)
        if pool is None:
            return None
        room = Room(name, pool, self._settings, self.airtime, self._admission)
        try:
            async with asyncio.timeout(self._settings.room_open_timeout_ms / 1000):
                exists = await room.ready
        except TimeoutError:
            room.close()
            raise EngineUnavailable(f"room {name} could not be read in time") from None
        except BaseException:
            room.close()
            raise
        if not exists:
            room.close()
            return None
        self.rooms[name] = room
        return room

    async def _beat_on(self) -> None:
        while True:
            with barrier("hub.viewers"):
                counting = {name: room.audience.viewers for name, room in self.rooms.items() if self._counts(room)}
                await self._share(counting)
            metrics.RESERVATIONS_UNDER_WAY.set(self._admission.under_way)
            now = asyncio.get_running_loop().time()
            for name, room in list(self.rooms.items()):
                with barrier("hub.beat", room=name):
                    self._beat(name, room, now)
            await asyncio.sleep(self._settings.viewers_interval_ms / 1000)

    def _beat(self, name: str, room: Room, now: float) -> None:
        """Tell the room its viewers, and close it when nobody has been there for a while."""
        room.beat(room.audience.viewers + self._elsewhere.get(name, 0))
        linger_s = self._settings.room_linger_ms / 1000
        if len(room.audience):
            self._empty_since.pop(name, None)
        elif room.is_gone or now - self._empty_since.setdefault(name, now) >= linger_s:
            self._close_room(name)

    def _counts(self, room: Room) -> bool:
        """Whether anybody here sees the room's count, or did at the last beat."""
        return bool(len(room.audience)) or room.name not in self._empty_since

    async def _share(self, counts: Mapping[str, int]) -> None:
        """Say how many viewers are here, and learn how many are elsewhere. While the engine is away, what was heard
        last stands."""
        of_base: dict[str, dict[str, int]] = {}
        for name, count in counts.items():
            of_base.setdefault(self.rooms[name].pool.book.base, {})[name] = count
        await asyncio.gather(*(self._share_of_pool(base, of_pool) for base, of_pool in of_base.items()))

    async def _share_of_pool(self, base: str, counts: Mapping[str, int]) -> None:
        try:
            totals = await self._pools.viewer_count.share(base, counts)
        except EngineError as error:
            _log.warning("hub.viewers_unknown", error=str(error))
            return
        with barrier("hub.viewers"):
            self._elsewhere.update({name: totals[name] - counts[name] for name in totals if name in self.rooms})

    def _close_room(self, name: str) -> None:
        self.rooms.pop(name).close()
        self._empty_since.pop(name, None)
        self._elsewhere.pop(name, None)
        for gauge in (metrics.VIEWERS, metrics.WAITING, metrics.TICK_SECONDS):
            gauge.remove(name)
