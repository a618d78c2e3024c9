"""One pool that is followed in this process: it reads the book, hears the feed, and tells its views once a tick."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import structlog

from shelfcast import metrics
from shelfcast.barrier import note_fault
from shelfcast.errors import EngineError
from shelfcast.merchant import alerts
from shelfcast.pool.crew import CrewHere
from shelfcast.pool.state import ACTIONS_SHOWN_MAX, PoolState
from shelfcast.pool.view import PoolView
from shelfcast.protocol.pool_messages import Topic
from shelfcast.room.audience import Listener
from shelfcast.room.clock import EngineClock
from shelfcast.room.conflation import Airtime, Conflation
from shelfcast.room.heartbeat import Heartbeat
from shelfcast.settings import Settings
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.followers import Followers
from shelfcast.stock.pools import Pool
from shelfcast.stock.viewer_count import ViewerCount

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)

RETRY_S = 0.2
"""Pause before what could not be read is asked for again."""
CREW_PAUSE_S = 0.05
"""Least time between two calls about the crew."""
GOODBYE_S = 1.0
"""Longest time for the last one."""
CREW_UNREAD_INTERVALS = 5
"""Where nobody has chosen the crew, who is here is said again once in so many intervals: in time before it lapses."""


class LivePool:
    """A pool that is followed here. Made and kept by `pool.hub`; a `stock.feed.PoolFollower`.

    A topic is read from the book when somebody first chooses it, and anew whenever the feed begins anew.
    """

    def __init__(
        self,
        pool: Pool,
        viewer_count: ViewerCount,
        followers: Followers,
        settings: Settings,
        airtime: Airtime,
    ) -> None:
        self.name = pool.book.pool
        self.state = PoolState()
        self.heartbeat = Heartbeat(self.now_ms)
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        """Done when the feed has begun for the first time, and the engine's clock was heard."""
        self._starting: asyncio.Task[None] | None = None
        self.emptied: Callable[[], None] = lambda: None
        """Called when the last follower has gone."""
        self._loop = loop
        self._book = pool.book
        self._viewer_count = viewer_count
        self._all_followers = followers
        self._crew = CrewHere()
        self._crew_due = asyncio.Event()
        """Set where the crew is to be said, or read, at once."""
        self._keeping_crew: asyncio.Task[None] | None = None
        """Goes on as long as somebody follows it here."""
        self._settings = settings
        self._clock = EngineClock()
        self._views: dict[frozenset[Topic], PoolView] = {}
        tick_s, tick_max_s = settings.tick_ms / 1000, settings.tick_max_ms / 1000
        self._conflation = Conflation(tick_s=tick_s, tick_max_s=tick_max_s, airtime=airtime)
        self._timer: asyncio.TimerHandle | None = None
        self._readers: dict[Topic, asyncio.Task[None]] = {}
        self._again = False
        """Whether the units are to be read once more when the last page has been."""
        self._gauge = metrics.POOL_FOLLOWERS.labels(self.name)
        self._unfollow = pool.feed.follow_pool(self)

    def close(self) -> None:
        """Stop following."""
        self._unfollow()
        if self._timer is not None:
            self._timer.cancel()
        for reader in self._readers.values():
            reader.cancel()
        for task in (self._starting, self._keeping_crew):
            if task is not None:
                task.cancel()
        self.ready.cancel()
        metrics.POOL_FOLLOWERS.remove(self.name)

    @property
    def followers(self) -> int:
        """How many follow it here."""
        return sum(view.followers for view in self._views.values())

    def now_ms(self) -> int:
        """The engine's time, as well as it is known here."""
        return self._clock.now_ms(self._loop.time())

    def view(self, topics: tuple[Topic, ...]) -> PoolView:
        """What those who choose these topics are told."""
        key = frozenset(topics)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = PoolView(self, topics, self._settings.pool_page_rows)
        for topic in key - self.state.wanted:
            self.state.wanted.add(topic)
            if self.state.live:
                self._read(topic)
        return view

    def entered(self, listener: Listener) -> None:
        """There is another follower."""
        self._gauge.set(self.followers)
        self._crew.enter(listener.principal, self.now_ms())
        self._crew_due.set()
        if self._keeping_crew is None:
            self._keeping_crew = self._loop.create_task(self._keep_crew(), name=f"crew of {self.name}")

    def left(self, listener: Listener) -> None:
        """A follower is gone."""
        self._gauge.set(self.followers)
        self._crew.leave(listener.principal)
        self._crew_due.set()
        if not self.followers:
            self.emptied()

    async def say_goodbye(self) -> None:
        """The process ends: the others need not wait until what it said of the crew lapses."""
        if self._keeping_crew is not None:
            self._keeping_crew.cancel()
            with suppress(EngineError, TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._all_followers.share(self._book.base, [])

    # --- stock.feed.PoolFollower ------------------------------------------------------------------------------------

    def begin(self, epoch: int, seq: int) -> None:
        """The feed begins, or begins again."""
        is_new = self.state.begin(epoch, seq)
        if is_new:
            for view in self._views.values():
                view.restart()
        for topic in self.state.wanted:
            # A gap while the units are read does not begin them anew: with many gaps the last pages would never come.
            if topic is Topic.UNITS and not is_new and self._is_reading(topic):
                self._again = True
            else:
                self._read(topic)
        if self._starting is None:
            self._starting = self._loop.create_task(self._start(), name=f"start of {self.name}")
        self._changed()

    def change(self, message: FeedMessage) -> None:
        """Something of the pool changed."""
        self._clock.heard(message.at_ms, self._loop.time())
        self.state.apply(message)
        self._changed()

    def lost(self) -> None:
        """The feed is away: say so, and keep the last state."""
        self.state.lost()
        for reader in self._readers.values():
            reader.cancel()
        self._readers.clear()
        for view in self._views.values():
            view.lost()

    # --- telling ------------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Something is to be told: now, or when the tick is over."""
        if self._timer is None:
            due = self._conflation.due(self._loop.time())
            self._timer = self._loop.call_at(due, self._publish)

    def _publish(self) -> None:
        self._timer = None
        started = self._loop.time()
        begun = time.thread_time()
        self.state.rows.publish()
        for view in self._views.values():
            view.published()
        self._conflation.flushed(started, self._loop.time(), time.thread_time() - begun)

    # --- reading ------------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        """The first frame has the time in it."""
        _, _, at_ms = await self._until_read(self._book.clock)
        self._clock.heard(at_ms, self._loop.time())
        if not self.ready.done():
            self.ready.set_result(None)

    def _read(self, topic: Topic) -> None:
        """Read a topic from the book, from its beginning."""
        if topic is Topic.CREW:
            return self._crew_due.set()
        former = self._readers.pop(topic, None)
        if former is not None:
            former.cancel()
        read = {
            Topic.UNITS: self._read_units,
            Topic.PEOPLE: self._read_people,
            Topic.ACTIONS: self._read_actions,
            Topic.ALERTS: self._read_alerts,
        }
        self._readers[topic] = self._loop.create_task(read[topic](), name=f"{topic} of {self.name}")
        return None

    def _is_reading(self, topic: Topic) -> bool:
        reader = self._readers.get(topic)
        return reader is not None and not reader.done()

    async def _read_units(self) -> None:
        """Page by page, while the book goes on selling: what changes meanwhile the feed tells."""
        behind, rows_max = "", self._settings.pool_page_rows
        self._again = False
        while True:
            page = await self._until_read(partial(self._book.units, behind, rows_max))
            self._clock.heard(page.at_ms, self._loop.time())
            self.state.read_units(page)
            if not page.rows and self._again:
                behind, self._again = "", False
                continue
            if not page.rows:
                self.state.units_complete()
                self._changed()
                return
            behind = page.rows[-1].sku
            self._changed()

    async def _read_people(self) -> None:
        """The rooms, and how many watch them from then on."""
        self.state.read_rooms(await self._until_read(self._book.rooms))
        while True:
            rooms = list(self.state.rooms)
            self.state.count(await self._until_read(partial(self._viewer_count.read, self._book.base, rooms)))
            self._changed()
            await asyncio.sleep(self._settings.viewers_interval_ms / 1000)

    async def _read_actions(self) -> None:
        """The last events; what happens from then on the feed tells."""
        self.state.read_actions(await self._until_read(partial(self._book.last_events, ACTIONS_SHOWN_MAX)))
        self._changed()

    async def _read_alerts(self) -> None:
        """Those that stand; what becomes of them from then on the feed tells."""
        self.state.read_alerts(await self._until_read(partial(alerts.of_pool, self._book)))
        self._changed()

    async def _keep_crew(self) -> None:
        """Say who follows the pool here, whatever they have chosen, and learn who does elsewhere; at once where that
        changes, but no flood of connections is one of calls."""
        while True:
            self._crew_due.clear()
            here = self._crew.rows()
            all_there_are = await self._until_read(partial(self._all_followers.share, self._book.base, here))
            if Topic.CREW in self.state.wanted and self.state.live:
                self.state.read_crew(all_there_are)
                self._changed()
            await asyncio.sleep(CREW_PAUSE_S)
            pause_s = self._settings.viewers_interval_ms / 1000
            if Topic.CREW not in self.state.wanted:
                pause_s *= CREW_UNREAD_INTERVALS
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._crew_due.wait()

    async def _until_read(self, read: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """What the engine says, when it says it."""
        while True:
            try:
                return await read()
            except EngineError as error:
                _log.warning("pool.unread", pool=self.name, error=str(error))
            except Exception:
                # A defect. Without this task the topic would never be complete.
                note_fault("pool.read", pool=self.name)
            await asyncio.sleep(RETRY_S)
