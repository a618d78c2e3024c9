"""The rooms that are open in this process: opened when the first viewer comes, closed a while after the last."""

from __future__ import annotations

import asyncio

from shelfcast import metrics
from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.messages import Snapshot
from shelfcast.room.conflation import Airtime
from shelfcast.room.live import Room
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pools


class Hub:
    """Opens each room once, however many ask for it, and beats for all of them. `start` before use."""

    def __init__(self, pools: Pools, settings: Settings) -> None:
        self.rooms: dict[str, Room] = {}
        """The open rooms by name."""
        self._pools = pools
        self._settings = settings
        self._airtime = Airtime(settings.broadcast_share_max, settings.tick_ms / 1000)
        self._opening: dict[str, asyncio.Task[Room | None]] = {}
        self._empty_since: dict[str, float] = {}
        self._beat_timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._beat()

    async def close(self) -> None:
        """Close every room. Their connections must have been closed before."""
        if self._beat_timer is not None:
            self._beat_timer.cancel()
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

    def viewers(self, name: str) -> int:
        """Viewers of a room in this process; 0 where it is not open."""
        room = self.rooms.get(name)
        return 0 if room is None else room.audience.viewers

    async def _open(self, name: str) -> Room | None:
        pool = await self._pools.of_room(name)
        if pool is None:
            return None
        room = Room(name, pool, self._settings, self._airtime)
        try:
            async with asyncio.timeout(self._settings.room_open_timeout_ms / 1000):
                exists = await room.ready
        except TimeoutError:
            room.close()
            raise EngineUnavailable(f"room {name} could not be read in time") from None
        except asyncio.CancelledError:
            room.close()
            raise
        if not exists:
            room.close()
            return None
        self.rooms[name] = room
        return room

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        self._beat_timer = loop.call_later(self._settings.viewers_interval_ms / 1000, self._beat)
        now = loop.time()
        for name, room in list(self.rooms.items()):
            room.beat()
            if len(room.audience):
                self._empty_since.pop(name, None)
            elif room.is_gone or now - self._empty_since.setdefault(name, now) >= self._settings.room_linger_ms / 1000:
                self._close_room(name)

    def _close_room(self, name: str) -> None:
        self.rooms.pop(name).close()
        self._empty_since.pop(name, None)
        for gauge in (metrics.VIEWERS, metrics.TICK_SECONDS):
            gauge.remove(name)
