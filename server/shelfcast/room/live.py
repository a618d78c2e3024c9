"""One live room in this process: it follows the stock feed, keeps the state, and tells its audience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random, SystemRandom

from shelfcast import metrics
from shelfcast.protocol.access import ROLES, Right
from shelfcast.protocol.codec import Encoding, decode_client
from shelfcast.protocol.codes import EXPLANATION, Close, Code
from shelfcast.protocol.from_server import Error, Me, Metrics, ServerMessage
from shelfcast.room.admission import Admission
from shelfcast.room.audience import Audience, Listener
from shelfcast.room.backstage import Backstage
from shelfcast.room.broadcast_schedule import BroadcastSchedule
from shelfcast.room.bulletin import framed_all
from shelfcast.room.clock import EngineClock
from shelfcast.room.conflation import Airtime
from shelfcast.room.customers import Customers
from shelfcast.room.heartbeat import Heartbeat
from shelfcast.room.notices_and_cues import cue
from shelfcast.room.paced import Paced
from shelfcast.room.refusals import RefusalCount
from shelfcast.room.requests import Requests
from shelfcast.room.reservation_queue import ReservationQueue
from shelfcast.room.state import ROOM_KEY, RoomState
from shelfcast.settings import Settings
from shelfcast.stock.alerts import PaceNews
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.pools import Pool
from shelfcast.stock.records import RoomView

VIEW_PAUSE_S = 0.1
"""A room whose shelf is being rebuilt reads its view anew at most this often."""

STALE = Error(code=Code.UNAVAILABLE, message="these counts may be old: " + EXPLANATION[Code.UNAVAILABLE])
"""Tells the audience that what it sees is not live; a snapshot takes it back."""
NOTHING_HELD = Me(reservations=[])


class Room:
    """A room that is open here. Made and kept by `room.hub`; a `stock.feed.Follower`.

    All of it runs on the loop, and none of it waits: the book and the feed call back.
    """

    def __init__(self, name: str, pool: Pool, settings: Settings, airtime: Airtime, admission: Admission) -> None:
        self.name = name
        self.pool = pool
        self.state = RoomState(name, settings.last_n_default)
        self.audience = Audience(settings.broadcast_chunk_connections)
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[bool] = loop.create_future()
        """True with the first view, False when there is no such room."""
        self.is_gone = False
        """Whether the room was found not to exist any more; nobody may enter it."""
        self._loop = loop
        self._settings = settings
        self._clock = EngineClock()
        self._schedule = BroadcastSchedule(self.state, self.audience, settings, airtime, self.now_ms, Random())  # noqa: S311 - spreads a sample
        self._backstage = Backstage()
        self._customers = Customers(self, pool.book, settings)
        # Whoever could foretell the lobby's draw could win it.
        self._queue = ReservationQueue(pool.book, admission, self, settings, SystemRandom())
        self._refusals = RefusalCount(pool.book, settings)
        self._requests = Requests(self, pool.book, self._queue, admission, self._refusals)
        self.heartbeat = Heartbeat(self.now_ms)
        self._window_timer: asyncio.TimerHandle | None = None
        self._view_timer: asyncio.TimerHandle | None = None
        self._waitlist_news = Paced(self._tell_waitlist, settings.waitlist_told_ms / 1000)
        self._metrics_at = 0.0
        self._unfollow: Callable[[], None] = pool.feed.follow(name, self)

    def close(self) -> None:
        """Stop following. Whoever is still here hears nothing more."""
        self._unfollow()
        self._queue.close()
        self._refusals.close()
        self._schedule.close()
        self._customers.close()
        self._waitlist_news.close()
        for timer in (self._window_timer, self._view_timer):
            if timer is not None:
                timer.cancel()
        if not self.ready.done():
            self.ready.set_result(False)

    def now_ms(self) -> int:
        """The engine's time, as well as it is known here."""
        return self._clock.now_ms(self._loop.time())

    def call_at_ms(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back at this time of the engine, as well as it is known; returns what cancels it."""
        return self._loop.call_at(self._clock.monotonic_s(at_ms), callback).cancel

    # --- the feed ---------------------------------------------------------------------------------------------

    def reset(self, view: RoomView) -> None:
        """A fresh view: the first, or one that mends a gap."""
        self._hear_time(view.at_ms)
        self.state.reset(view)
        self.tell_backstage(self.state.take_backstage())
        self._backstage.note(self.state.shelves)
        self._customers.doubt()
        if not self.ready.done():
            self.ready.set_result(True)
        self._arm_window()
        self._schedule.changed((ROOM_KEY,))

    def change(self, message: FeedMessage) -> None:
        """Something of the pool changed; perhaps something of this room."""
        self._hear_time(message.at_ms)
        urgent = self.state.apply(message)
        self.tell_backstage(self.state.take_backstage())
        self._backstage.note(stock.sku for stock in message.stock)
        for news in message.news:
            if isinstance(news, PaceNews) and news.room == self.name:
                self._backstage.note(sku for sku, _ in news.paces)
        self._customers.change(message)
        if message.config:
            self._arm_window()
        if self.state.incomplete and self._view_timer is None:
            self._view_timer = self._loop.call_later(VIEW_PAUSE_S, self._follow_anew)
        if self.state.numbers_waiting:
            self._waitlist_news.want()
        self._schedule.changed(urgent)

    def _tell_waitlist(self) -> None:
        """How many wait has changed, and it is time to tell it."""
        news = self.state.numbers_waiting.take(self.state.shelves)
        if news is not None:
            self.state.say(news)
            self._schedule.changed()

    def lost(self) -> None:
        """The feed is away: say so, and keep showing the last state."""
        self.state.lost()
        self.announce(STALE)

    def gone(self) -> None:
        """The room does not exist (any more)."""
        if not self.ready.done():
            self.ready.set_result(False)
        self.is_gone = True
        self.state.lost()
        for listener in list(self.audience.everybody):
            listener.close(Close.ROOM_GONE, "the room does not exist any more")

    def _follow_anew(self) -> None:
        self._view_timer = None
        self._unfollow()
        self._unfollow = self.pool.feed.follow(self.name, self)

    # --- the audience -------------------------------------------------------------------------------------------

    def enter(self, listener: Listener) -> bytes:
        """Take a connection in; returns the frames it must be sent first."""
        principal, encoding = listener.principal, listener.encoding
        backstage = principal.role in ROLES[Right.BACKSTAGE]
        self.audience.join(listener, backstage=backstage)
        if principal.user:
            self._customers.join(principal.user, listener)
        first = self._schedule.snapshot(encoding)
        listener.told = self._schedule.edition
        rest: list[ServerMessage] = []
        if not self.state.live:
            rest.append(STALE)
        if backstage:
            rest += self._backstage_now()
        if principal.user:
            if (me := self._customers.me(principal.user)) is not None:
                rest.append(me)
        elif self.state.config.open_reservations:
            # A guest of before this connection may have held something: it was that connection's.
            rest.append(NOTHING_HELD)
        return first + framed_all(rest, encoding) if rest else first

    def leave(self, listener: Listener) -> None:
        """A connection is closed, or closing."""
        if self.audience.leave(listener):
            self._schedule.leave(listener)
            user = listener.session.user if listener.session else listener.principal.user
            if user:
                self._customers.leave(user, listener)

    def answered(self, listener: Listener, number: int) -> bool:
        """A connection has answered a numbered ping, so what it was sent before has arrived. False where no such ping
        waits for its pong."""
        return self._schedule.answered(listener, number)

    def welcome_guest(self, listener: Listener, user: str) -> None:
        """An anonymous viewer of a demonstration room becomes a customer; nothing is held for it yet."""
        self._customers.welcome(user, listener)

    def hear(self, listener: Listener, payload: bytes | bytearray | memoryview, *, limited: bool) -> None:
        """A connection says something; one that says too much (`limited`) is refused. Raises InvalidInput that says
        what was expected."""
        message = decode_client(payload, listener.encoding)
        metrics.MESSAGES_IN.labels(message.__struct_config__.tag).inc()
        session = listener.begin_session()
        if limited:
            self._requests.limit(listener, session, message)
        else:
            self._requests.take(listener, session, message)

    def catch_up(self, listener: Listener) -> None:
        """A connection that was skipped has drained: a fresh snapshot mends what it missed."""
        metrics.SNAPSHOTS_RESENT.inc()
        listener.told = self._schedule.edition
        listener.refresh(self._schedule.snapshot(listener.encoding))

    def tell(self, listener: Listener, *messages: ServerMessage) -> None:
        """Send to one connection, behind whatever it was sent before; never dropped while it is open."""
        if messages:
            listener.write(framed_all(messages, listener.encoding))

    def tell_backstage(self, messages: Sequence[ServerMessage]) -> None:
        """Send to the hosts and operators. They are few, so nothing is chunked, and nothing is dropped."""
        if not messages:
            return
        frames = {encoding: framed_all(messages, encoding) for encoding in Encoding}
        for listener in list(self.audience.backstage):
            listener.write(frames[listener.encoding])

    def announce(self, message: ServerMessage) -> None:
        """Send to everybody, soon."""
        self.state.say(message)
        self._schedule.changed((ROOM_KEY,))

    def beat(self, count: int) -> None:
        """Once in a while: say how many viewers there are in all processes, and the metrics when it is time."""
        metrics.VIEWERS.labels(self.name).set(self.audience.viewers)
        metrics.WAITING.labels(self.name).set(self.state.waiting)
        metrics.TICK_SECONDS.labels(self.name).set(self._schedule.tick_s)
        self._schedule.recount(count)
        now = self._loop.time()
        if now - self._metrics_at >= self._settings.metrics_interval_ms / 1000:
            self._metrics_at = now
            changed = self._metrics(count)
            if changed is not None and len(self.audience.backstage):
                self.tell_backstage([changed])

    def _backstage_now(self) -> list[ServerMessage]:
        """What somebody who comes backstage must know: all metrics, the alerts and cues that stand."""
        everything = self._metrics(self.state.viewers, everything=True)
        first: list[ServerMessage] = [] if everything is None else [everything]
        cues = [cue(kept) for kept in self.state.notices_and_cues.cues]
        return [*first, *self.state.alerts.all(), *cues]

    def _metrics(self, viewers: int, *, everything: bool = False) -> Metrics | None:
        state = self.state
        return self._backstage.metrics(
            state.shelves, state.paces, state.spreads, viewers=viewers, at_ms=self.now_ms(), everything=everything
        )

    def _hear_time(self, at_ms: int) -> None:
        """The engine said it was `at_ms`. Whatever waits for a time of its clock is timed anew where that was set."""
        if self._clock.heard(at_ms, self._loop.time()):
            self._queue.clock_stepped()
            self._arm_window()

    # --- sale windows ---------------------------------------------------------------------------------------------

    def _arm_window(self) -> None:
        if self._window_timer is not None:
            self._window_timer.cancel()
            self._window_timer = None
        opens_at_ms = self.state.next_opening_ms()
        if opens_at_ms is not None:
            self._window_timer = self._loop.call_at(self._clock.monotonic_s(opens_at_ms), self._open_window)

    def _open_window(self) -> None:
        self._window_timer = None
        if self.state.open_due(self.now_ms()):
            self._schedule.changed((ROOM_KEY,))
        self._arm_window()
