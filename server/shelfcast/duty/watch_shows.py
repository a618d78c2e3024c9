"""Duty: shows are watched, so that every alert is one and the same for everybody, and no minute of them is lost.

One process watches, under the lease; it follows the feed, so an alert rings within milliseconds of the change, whoever
made it. What it knows stands in the engine, so its successor goes on where it stopped.
"""

from __future__ import annotations

import structlog

from shelfcast.duty.room_watch import RoomWatch
from shelfcast.merchant import alerts
from shelfcast.merchant.minutes import MinuteQueue
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import What
from shelfcast.stock.pools import Pool
from shelfcast.stock.show import ON_AIR, room_of, show_id

_log = structlog.get_logger(__name__)


class WatchShows:
    """Watches the shows of every pool while this process has the lease."""

    name = "watch_shows"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.interval_ms = settings.duty_interval_ms
        self._watches: dict[str, PoolWatch] = {}

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Begin to watch the pool, where that is not under way under this fence, and do what each second brings."""
        if fence is None:
            raise ValueError("shows are watched under a lease alone")
        watch = self._watches.get(pool.book.pool)
        if watch is None or watch.fence != fence:
            self.let_go(pool)
            watch = self._watches[pool.book.pool] = PoolWatch(pool, fence, self._settings)
        await watch.tick()

    def let_go(self, pool: Pool) -> None:
        """Watch the pool no longer."""
        watch = self._watches.pop(pool.book.pool, None)
        if watch is not None:
            watch.close()


class PoolWatch:
    """Watches the rooms of one pool that are on air; a `stock.feed.PoolFollower`."""

    def __init__(self, pool: Pool, fence: int, settings: Settings) -> None:
        self.fence = fence
        self._pool = pool
        self._settings = settings
        self._rooms: dict[str, RoomWatch] = {}
        self._minutes = MinuteQueue(fence)
        self._is_read = False
        self._full: set[str] = set()
        """Shows whose series has reached its bound."""
        self._unfollow = pool.feed.follow_pool(self)

    def close(self) -> None:
        """Stop, at once."""
        self._unfollow()
        for watch in self._rooms.values():
            watch.close()
        self._rooms.clear()

    def begin(self, epoch: int, seq: int) -> None:
        """The feed begins, or begins again: a room may have gone on air meanwhile."""
        self._is_read = False

    def change(self, message: FeedMessage) -> None:
        """A room goes on air at once."""
        for event in message.config:
            if event.what is What.ROOM and event.values is not None and event.values.get("status") in ON_AIR:
                self._watch(event.key)

    def lost(self) -> None:
        """Each room hears of it by itself."""

    async def tick(self) -> None:
        """Once a second. Raises EngineError."""
        book = self._pool.book
        if not self._is_read:
            self._is_read = True
            try:
                await self._find_rooms()
            except BaseException:
                self._is_read = False
                raise
        _, _, now_ms = await book.clock()
        for room, watch in list(self._rooms.items()):
            watch.tick(now_ms)
            if watch.finished:
                del self._rooms[room]
        await self._minutes.submit(book, self._is_full)

    async def _find_rooms(self) -> None:
        """Those on air, and those of whose last show an alert stands."""
        book = self._pool.book
        rooms = await book.rooms()
        for room, config in rooms.items():
            if config.status in ON_AIR:
                self._watch(room)
        for show in await book.alerting():
            if not show:
                continue  # the pool's own, which another duty looks after
            room = room_of(show)
            if room in rooms and show == show_id(room, rooms[room].show):
                self._watch(room)
            else:
                await alerts.end_all(book, self.fence, show)

    def _watch(self, room: str) -> None:
        watch = self._rooms.get(room)
        if watch is None or watch.finished:
            self._rooms[room] = RoomWatch(self._pool, room, self.fence, self._minutes, self._settings, self._read_again)

    def _read_again(self) -> None:
        """A show has begun: what stands of the room's last one ends."""
        self._is_read = False

    def _is_full(self, show: str) -> None:
        if show not in self._full:
            self._full.add(show)
            _log.warning("watch.series_full", show=show)
