"""The feed of one pool: what changes in the engine, delivered to the rooms of this process without a gap.

A follower first gets a view of its whole room, then every change behind it, in order. Whatever breaks that
(a lost subscription, a message that does not follow on the last one, a new epoch) is mended by a new view.

Two heartbeats watch it. The subscription pings the process at its other end (`engine.subscription`); that process may
be well and yet have nothing to say any more, a primary that was replaced for example. So the feed also asks the book
once a second how far it is, and what the book has written must arrive.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec
import structlog

from shelfcast import metrics
from shelfcast.barrier import barrier, note_fault
from shelfcast.engine.connection import Engine
from shelfcast.engine.subscription import HELD_UP_S, Subscription
from shelfcast.errors import EngineError, EngineUnavailable
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.records import RoomView

_log = structlog.get_logger(__name__)
_decode = msgspec.msgpack.Decoder(FeedMessage).decode

RETRY_MS = 200
"""Pause before a lost feed is subscribed anew, or a view that could not be read is asked for again."""
BACKLOG_MAX = 1_000
"""Messages kept for a follower while its view is being read; more than that, and the view is read once more."""


class Follower(Protocol):
    """A room that follows a pool. All calls come from the loop, in order."""

    def reset(self, view: RoomView) -> None:
        """Forget everything and begin from this view."""

    def change(self, message: FeedMessage) -> None:
        """Something changed behind the last view or change."""

    def lost(self) -> None:
        """The feed is away: what is known may be old. A reset follows when it is back."""

    def gone(self) -> None:
        """The room does not exist (any more); nothing follows."""


class PoolFollower(Protocol):
    """Who follows all of a pool, and reads what there is by itself. All calls come from the loop, in order."""

    def begin(self, epoch: int, seq: int) -> None:
        """Changes behind `seq` follow. What was known before may have missed some: read it anew."""

    def change(self, message: FeedMessage) -> None:
        """Something changed."""

    def lost(self) -> None:
        """The feed is away: what is known may be old. `begin` follows when it is back."""


class StockFeed:
    """One pool's subscription in this process, shared by its rooms and whoever follows the whole pool."""

    def __init__(self, engine: Engine, book: StockBook, settings: Settings) -> None:
        self._engine = engine
        self._book = book
        self._beat_s = settings.engine_quiet_ms / 1000
        self._patience_s = settings.engine_ping_timeout_ms / 1000
        self._followings: set[_Following] = set()
        self._pool_followings: set[_PoolFollowing] = set()
        self._runner: asyncio.Task[None] | None = None
        self._live = False
        self._at = (0, 0)
        """Epoch and sequence the feed has reached."""
        self._reason = ""
        """Why it could not be subscribed the last time."""
        self._moved = asyncio.Event()
        self._losses = metrics.FEED_LOSSES.labels(book.pool)
        self._gauge = metrics.FEED_LIVE.labels(book.pool)
        self._gaps = metrics.FEED_GAPS.labels(book.pool)

    @property
    def live(self) -> bool:
        """Whether changes arrive now."""
        return self._live

    def start(self) -> None:
        """Subscribe, and stay subscribed until `close`."""
        self._runner = asyncio.get_running_loop().create_task(self._run(), name=f"feed {self._book.pool}")

    async def close(self) -> None:
        """Stop; followers hear nothing more."""
        for following in list(self._followings):
            following.stop()
        if self._runner:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        self._live = False
        self._gauge.set(0)

    def follow(self, room: str, follower: Follower) -> Callable[[], None]:
        """Deliver a room's views and changes to `follower`; the returned function ends it."""
        following = _Following(self._book, room, follower, self._gaps.inc)
        self._followings.add(following)
        if self.live:
            following.read_view()

        def unfollow() -> None:
            self._followings.discard(following)
            following.stop()

        return unfollow

    def follow_pool(self, follower: PoolFollower) -> Callable[[], None]:
        """Deliver every change of the pool to `follower`; the returned function ends it."""
        following = _PoolFollowing(self._book.pool, follower, self._gaps.inc)
        self._pool_followings.add(following)
        if self.live:
            following.begin(*self._at)
        return lambda: self._pool_followings.discard(following)

    def _everybody(self) -> list[_Following | _PoolFollowing]:
        return [*self._followings, *self._pool_followings]

    async def _run(self) -> None:
        while True:
            try:
                async with self._engine.subscribe(f"{self._book.base}:feed") as subscription:
                    self._at = (await self._book.clock())[:2]
                    self._begin()
                    await self._listen(subscription)
            except EngineError as error:
                self._end(error)
            except Exception as error:
                # A defect of ours or of a follower. Without a feed every room would show old counts for ever.
                _log.exception("feed.failed", pool=self._book.pool)
                self._end(error)
            await asyncio.sleep(RETRY_MS / 1000)

    async def _listen(self, subscription: Subscription) -> None:
        """Deliver what comes, and keep an eye on the book, until one of them raises."""
        loop = asyncio.get_running_loop()
        tasks = (loop.create_task(self._hear(subscription)), loop.create_task(self._keep_up()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, subscription: Subscription) -> None:
        async for payload in subscription:
            epoch = self._at[0]
            self._deliver(payload)
            if self._at[0] != epoch:
                # A promotion, perhaps of another engine: what it publishes reaches a former primary too, for as long as
                # that is its replica.
                raise EngineUnavailable("a new epoch has begun: subscribed anew at whoever is the primary")

    async def _keep_up(self) -> None:
        """Raise EngineUnavailable when the book moves on and the feed does not say so."""
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                epoch, seq, _ = await self._book.clock()
            except EngineError:
                continue  # As long as the book does not answer there is nothing to be behind of.
            while self._at[0] != epoch or self._at[1] < seq:
                if not await self._moves():
                    where = "another epoch" if self._at[0] != epoch else f"{seq}, the feed at {self._at[1]}"
                    raise EngineUnavailable(f"the feed is silent: the book is at {where}")

    async def _moves(self) -> bool:
        """Whether anything arrives within the time. Who has much to read is behind, and not silent."""
        self._moved.clear()
        try:
            async with asyncio.timeout(self._patience_s):
                await self._moved.wait()
        except TimeoutError:
            await asyncio.sleep(HELD_UP_S)
        return self._moved.is_set()

    def _begin(self) -> None:
        self._live = True
        self._reason = ""
        self._gauge.set(1)
        _log.info("feed.live", pool=self._book.pool, epoch=self._at[0], seq=self._at[1])
        for following in self._followings:
            following.read_view()
        for pool_following in list(self._pool_followings):
            pool_following.begin(*self._at)

    def _end(self, reason: Exception) -> None:
        if not self._live:
            if self._reason != str(reason):  # Tried five times a second, told once.
                self._reason = str(reason)
                _log.warning("feed.not_subscribed", pool=self._book.pool, error=self._reason)
            return
        self._live = False
        self._gauge.set(0)
        self._losses.inc()
        _log.warning("feed.lost", pool=self._book.pool, error=str(reason))
        for following in self._everybody():
            with barrier("feed.follower", pool=self._book.pool):
                following.lose()

    def _deliver(self, payload: bytes) -> None:
        try:
            message = _decode(payload)
        except msgspec.DecodeError as error:
            # Not ours, or of a newer library: what it said is read from the book instead.
            _log.error("feed.unreadable", pool=self._book.pool, error=str(error))
            for room_following in self._followings:
                room_following.stop()  # What it reads now may be older than what could not be read.
                room_following.read_view()
            for pool_following in list(self._pool_followings):
                pool_following.begin(*self._at)
            return
        if message.too_long:
            _log.info("feed.too_long", pool=self._book.pool, seq=message.seq)
        self._at = (message.epoch, message.seq)
        self._moved.set()
        self._book.saw(message.epoch, message.seq)
        for following in self._everybody():
            following.take(message)


class _Following:
    """One follower's place in the stream: reading its view (with a backlog), or in step with the feed."""

    def __init__(self, book: StockBook, room: str, follower: Follower, count_gap: Callable[[], None]) -> None:
        self._book = book
        self._room = room
        self._follower = follower
        self._count_gap = count_gap
        self._reader: asyncio.Task[None] | None = None
        self._backlog: deque[FeedMessage] | None = None
        self._epoch = 0
        self._seq = 0

    def read_view(self, pause_s: float = 0.0) -> None:
        """Begin again from a fresh view; one reading at a time."""
        self._backlog = deque()
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read(pause_s), name=f"view of {self._room}")

    def lose(self) -> None:
        self.stop()
        self._backlog = None
        self._follower.lost()

    def stop(self) -> None:
        if self._reader:
            self._reader.cancel()
            self._reader = None

    def take(self, message: FeedMessage) -> None:
        if self._backlog is not None:
            if len(self._backlog) < BACKLOG_MAX:
                self._backlog.append(message)
            else:
                self._backlog.clear()
                self.stop()
                self.read_view()
            return
        if message.epoch == self._epoch and message.too_long:
            if message.seq >= self._seq:  # Else the view was read later.
                self.read_view()
            return
        if message.epoch != self._epoch or message.previous_seq > self._seq:
            self._count_gap()
            _log.info("feed.gap", pool=self._book.pool, room=self._room, seq=self._seq, next=message.previous_seq)
            self.read_view()
            return
        if message.seq < self._seq:
            return
        self._seq = message.seq
        try:
            self._follower.change(message)
        except Exception:
            # The other rooms go on. This one may have taken half of it: it begins again, after a pause.
            note_fault("feed.follower", pool=self._book.pool, room=self._room)
            self.read_view(RETRY_MS / 1000)

    async def _read(self, pause_s: float = 0.0) -> None:
        await asyncio.sleep(pause_s)
        while True:
            try:
                view = await self._book.room_view(self._room)
                self._begin_at(view)
            except EngineError as error:
                _log.warning("feed.view_failed", room=self._room, error=str(error))
            except Exception:
                note_fault("feed.view", pool=self._book.pool, room=self._room)
                self._backlog = self._backlog if self._backlog is not None else deque()
                self._reader = asyncio.current_task()
            else:
                return
            await asyncio.sleep(RETRY_MS / 1000)

    def _begin_at(self, view: RoomView | None) -> None:
        self._reader = None
        backlog, self._backlog = self._backlog or deque(), None
        if view is None:
            self._follower.gone()
            return
        self._epoch, self._seq = view.epoch, view.seq
        self._follower.reset(view)
        while backlog and self._backlog is None:
            message = backlog.popleft()
            if message.epoch == self._epoch and message.seq >= self._seq:
                self.take(message)


class _PoolFollowing:
    """The place in the stream of one who follows the whole pool. There is no backlog: each value says its sequence, so
    a change may come before or behind the page that it is a part of."""

    def __init__(self, pool: str, follower: PoolFollower, count_gap: Callable[[], None]) -> None:
        self._pool = pool
        self._follower = follower
        self._count_gap = count_gap
        self._epoch = self._seq = 0

    def begin(self, epoch: int, seq: int) -> None:
        self._epoch, self._seq = epoch, seq
        with barrier("feed.follower", pool=self._pool):
            self._follower.begin(epoch, seq)

    def lose(self) -> None:
        self._follower.lost()

    def take(self, message: FeedMessage) -> None:
        if message.epoch == self._epoch and message.too_long:
            self.begin(message.epoch, message.seq)
            return
        if message.epoch != self._epoch or message.previous_seq > self._seq:
            if not message.too_long:
                self._count_gap()
                _log.info("feed.gap", pool=self._pool, seq=self._seq, next=message.previous_seq)
            self.begin(message.epoch, message.seq)
        elif message.seq < self._seq:
            return
        self._seq = message.seq
        try:
            self._follower.change(message)
        except Exception:
            note_fault("feed.follower", pool=self._pool)
            self.begin(message.epoch, message.seq)
