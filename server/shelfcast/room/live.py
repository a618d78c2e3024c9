"""One live room in this process: it follows the stock feed, keeps the state, and tells its audience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from random import Random, SystemRandom

import structlog

from shelfcast import metrics
from shelfcast.errors import EngineError
from shelfcast.protocol.access import ROLES, Right
from shelfcast.protocol.codec import Encoding, decode_client
from shelfcast.protocol.codes import EXPLANATION, Close, Code
from shelfcast.protocol.from_server import Error, Holding, Me, Metrics, ServerMessage
from shelfcast.room.admission import Admission
from shelfcast.room.audience import Audience, Listener
from shelfcast.room.backstage import Backstage
from shelfcast.room.broadcast_schedule import BroadcastSchedule
from shelfcast.room.bulletin import framed_all
from shelfcast.room.clock import EngineClock
from shelfcast.room.conflation import Airtime
from shelfcast.room.heartbeat import Heartbeat
from shelfcast.room.holdings import Holdings
from shelfcast.room.notices_and_cues import cue
from shelfcast.room.refusals import RefusalCount
from shelfcast.room.requests import Requests
from shelfcast.room.reservation_queue import ReservationQueue
from shelfcast.room.state import ROOM_KEY, RoomState
from shelfcast.settings import Settings
from shelfcast.stock.alerts import PaceNews
from shelfcast.stock.changes import FeedMessage, HoldEvent
from shelfcast.stock.pools import Pool
from shelfcast.stock.records import Reservation, RoomView

_log = structlog.get_logger(__name__)

VIEW_PAUSE_S = 0.1
"""A room whose shelf is being rebuilt reads its view anew at most this often."""

READ_PAUSE_S = 0.05
"""Between two reads of users' reservations. Those who come meanwhile share the next one: in a crowd each would have one
of its own."""

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
        self._holdings: Holdings[Listener] = Holdings()
        # Whoever could foretell the lobby's draw could win it.
        self._queue = ReservationQueue(pool.book, admission, self, settings, SystemRandom())
        self._refusals = RefusalCount(pool.book, settings)
        self._requests = Requests(self, pool.book, self._queue, admission, self._refusals)
        self.heartbeat = Heartbeat(self.now_ms)
        self._window_timer: asyncio.TimerHandle | None = None
        self._view_timer: asyncio.TimerHandle | None = None
        self._unread: dict[str, None] = {}
        """Users whose reservations are to be read, in the order they came."""
        self._one_by_one: dict[str, None] = {}
        """Those whose batch could not be read: one of them is at fault, and the others are not to pay for it."""
        self._reader: asyncio.Task[None] | None = None
        self._metrics_at = 0.0
        self._unfollow: Callable[[], None] = pool.feed.follow(name, self)

    def close(self) -> None:
        """Stop following. Whoever is still here hears nothing more."""
        self._unfollow()
        self._queue.close()
        self._refusals.close()
        self._schedule.close()
        for timer in (self._window_timer, self._view_timer):
            if timer is not None:
                timer.cancel()
        if self._reader is not None:
            self._reader.cancel()
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
        for user in self._holdings.doubt():
            self._want(user)
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
        for event in message.holds:
            if event.room == self.name:
                self._tell_hold(event, message.seq)
        if message.config:
            self._arm_window()
        if self.state.incomplete and self._view_timer is None:
            self._view_timer = self._loop.call_later(VIEW_PAUSE_S, self._follow_anew)
        self._schedule.changed(urgent)

    def _tell_hold(self, event: HoldEvent, seq: int) -> None:
        try:
            for listener, messages in self._holdings.hold(event, seq):
                if listener.session is None or not listener.session.knows(event.id, event.state):
                    self.tell(listener, *messages)
        except Exception:
            # One customer's fault must not cost the room its counts.
            _log.exception("room.user_untold", room=self.name)

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
        if principal.user and self._holdings.join(principal.user, listener):
            self._want(principal.user)
        first = self._schedule.snapshot(encoding)
        listener.told = self._schedule.edition
        rest: list[ServerMessage] = []
        if not self.state.live:
            rest.append(STALE)
        if backstage:
            rest += self._backstage_now()
        if principal.user:
            if (me := self._holdings.me(principal.user)) is not None:
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
                self._holdings.leave(user, listener)

    def answered(self, listener: Listener, number: int) -> bool:
        """A connection has answered a numbered ping, so what it was sent before has arrived. False where no such ping
        waits for its pong."""
        return self._schedule.answered(listener, number)

    def welcome_guest(self, listener: Listener, user: str) -> None:
        """An anonymous viewer of a demonstration room becomes a customer; nothing is held for it yet."""
        self._holdings.join(user, listener)
        self._holdings.read(user, ())

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
            state.shelves, state.paces, viewers=viewers, at_ms=self.now_ms(), everything=everything
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

    # --- users' reservations ----------------------------------------------------------------------------------------

    def _want(self, user: str) -> None:
        """Read a user's reservations soon: those who come while a read is under way share the next one."""
        self._unread[user] = None
        if self._reader is None:
            self._reader = self._loop.create_task(self._read_reservations(), name=f"reservations in {self.name}")

    def _next_to_read(self) -> list[str]:
        """Whose reservations are read in one go; one whose batch could not be read stands alone."""
        first = next(iter(self._unread))
        alone = first in self._one_by_one
        users = [first] if alone else list(islice(self._unread, self._settings.me_batch_users))
        for user in users:
            del self._unread[user]
            self._one_by_one.pop(user, None)
        return users

    async def _read_reservations(self) -> None:
        try:
            while self._unread:
                users = self._next_to_read()
                try:
                    read = await self.pool.book.reservations_of(users)
                except EngineError as error:
                    _log.warning("room.reservations_unread", room=self.name, error=str(error))
                    self._unread.update(dict.fromkeys(users))
                    await asyncio.sleep(self._settings.retry_after_ms / 1000)
                    continue
                except Exception:
                    if len(users) > 1:
                        # Something is wrong with one of them: alone, each shows whether it is the one.
                        self._one_by_one.update(dict.fromkeys(users))
                        self._unread = dict.fromkeys(users) | self._unread
                    else:
                        _log.exception("room.reservations_unreadable", room=self.name)
                    continue
                for user, reservations in read.items():
                    # Wanted anew meanwhile: the feed had a gap, and this may be from before it.
                    if user not in self._unread:
                        self._tell_me(user, reservations)
                if len(self._unread) < self._settings.me_batch_users:
                    await asyncio.sleep(READ_PAUSE_S)
        finally:
            self._reader = None

    def _tell_me(self, user: str, reservations: Iterable[Reservation]) -> None:
        try:
            self._tell_held(user, reservations)
        except Exception:
            # One customer's fault must not cost the others of the batch theirs.
            _log.exception("room.user_untold", room=self.name)

    def _tell_held(self, user: str, reservations: Iterable[Reservation]) -> None:
        held = [
            Holding(id=r.id, sku=r.sku, qty=r.qty, state=r.state, expires_at_ms=r.expires_at_ms)
            for r in reservations
            if r.room == self.name
        ]
        for listener in self._holdings.read(user, held):
            if (me := self._holdings.me(user)) is not None:
                self.tell(listener, me)
