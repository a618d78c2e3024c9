"""The users who are connected to one live room: what they hold and wait for is read from the book, and told to them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

import structlog

from shelfcast import metrics
from shelfcast.errors import EngineError
from shelfcast.protocol.from_server import Holding, Me, ServerMessage
from shelfcast.protocol.states import ReservationState
from shelfcast.room.audience import Listener
from shelfcast.room.holdings import LIVE_STATES, Holdings, waiting
from shelfcast.room.paced import Paced
from shelfcast.room.places import Places, Wait
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage, HoldEvent, WaitEvent, WaitState
from shelfcast.stock.records import Reservation
from shelfcast.stock.waitlist import WaitRecord

_log = structlog.get_logger(__name__)

READ_PAUSE_S = 0.05
"""Between two reads of what users have. Those who come meanwhile share the next one: in a crowd each would have one of
its own."""
PLACES_A_TURN_MAX = 300
"""Users who are told their new place in one turn of the loop. When a SKU is frozen, all 10,000 who wait for it are
told, and others must be served meanwhile."""
_BECAME = {
    ReservationState.CONFIRMED: "confirmed",
    ReservationState.CANCELLED: "declined",
    ReservationState.EXPIRED: "lapsed",
}
"""What is counted of a reservation that the waitlist gave."""


class _Read(NamedTuple):
    """What the book has said of some users."""

    reservations: dict[str, list[Reservation]]
    waits: dict[str, list[WaitRecord]]
    offered: Collection[str]


class CustomersRoom(Protocol):
    """What customers need of their room; `room.live` is the one implementation."""

    name: str
    state: RoomState

    def tell(self, listener: Listener, *messages: ServerMessage) -> None:
        """Send to one connection."""


class Customers:
    """The connected users of one room. `close` after use."""

    def __init__(self, room: CustomersRoom, book: StockBook, settings: Settings) -> None:
        self._room = room
        self._book = book
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._places = Places(room.state.queue_of, settings.waits_a_sku_max)
        self._holdings: Holdings[Listener] = Holdings(self._places)
        self._unread: dict[str, None] = {}
        """Users who are to be read, in the order they came."""
        self._one_by_one: dict[str, None] = {}
        """Those whose batch could not be read: one of them is at fault, and the others are not to pay for it."""
        self._reader: asyncio.Task[None] | None = None
        self._moved = Paced(self._tell_places, settings.waitlist_told_ms / 1000)
        self._to_tell: deque[Wait] = deque()
        """Those whose place may be another than the one they know."""
        self._telling: asyncio.Handle | None = None

    def close(self) -> None:
        """Tell nobody anything more."""
        self._moved.close()
        if self._reader is not None:
            self._reader.cancel()
        if self._telling is not None:
            self._telling.cancel()

    # --- who is here ------------------------------------------------------------------------------------------

    def join(self, user: str, listener: Listener) -> None:
        """A connection of this user opened."""
        if self._holdings.join(user, listener):
            self._want(user)

    def welcome(self, user: str, listener: Listener) -> None:
        """A connection becomes that of a user who is new, and has nothing yet."""
        self._holdings.join(user, listener)
        self._holdings.read(user, ())

    def leave(self, user: str, listener: Listener) -> None:
        """A connection of this user closed."""
        self._holdings.leave(user, listener)

    def me(self, user: str) -> Me | None:
        """What the user holds and waits for; None while that has not been read."""
        return self._holdings.me(user)

    # --- the feed ---------------------------------------------------------------------------------------------

    def doubt(self) -> None:
        """Changes may have been missed: read all of them anew."""
        for user in self._holdings.doubt():
            self._want(user)

    def change(self, message: FeedMessage) -> None:
        """Something changed, and the room's state has it already: tell those whom it concerns."""
        told = frozenset(self._tell_waits(message)) if message.waits else frozenset()
        for event in message.holds:
            if event.room == self._room.name and id(event) not in told:
                self._tell_hold(event, message.seq)
        if message.stock or message.config:
            moved = self._places.check(None if message.config else [stock.sku for stock in message.stock])
            if moved:
                self._moved.want()

    def _tell_waits(self, message: FeedMessage) -> list[int]:
        """Tell what has become of waits; returns the identities of the events of reservations that are told with it.
        Who came and got some at once, in the same call of the book, has not waited."""
        holds: dict[str, HoldEvent] = {}
        for hold in message.holds:
            if hold.state in LIVE_STATES:
                holds.setdefault(hold.id, hold)
        offers = []
        last = {event.id: event for event in message.waits}
        for event in message.waits:
            if event.room != self._room.name or not self._holdings.listeners(event.user):
                continue
            metrics.WAITS.labels(event.state.value).inc()
            if event is not last[event.id]:
                continue
            offer = holds.get(event.id) if event.state is WaitState.OFFERED else None
            if offer is not None:
                offers.append(id(offer))
            self._tell_wait(event, offer, message)
        return offers

    def _tell_hold(self, event: HoldEvent, seq: int) -> None:
        try:
            if event.state in _BECAME and self._holdings.was_offered(event.user, event.id):
                metrics.OFFERS.labels(_BECAME[event.state]).inc()
            for listener, messages in self._holdings.hold(event, seq):
                if listener.session is None or not listener.session.knows(event.id, event.state):
                    self._room.tell(listener, *messages)
        except Exception:
            # One customer's fault must not cost the room its counts.
            _log.exception("room.user_untold", room=self._room.name)

    def _tell_wait(self, event: WaitEvent, hold: HoldEvent | None, message: FeedMessage) -> None:
        try:
            for listener, messages in self._holdings.wait(event, hold, message.seq, message.at_ms):
                if listener.session is None or listener.session.hears(event.id, event.state):
                    self._room.tell(listener, *messages)
        except Exception:
            _log.exception("room.user_untold", room=self._room.name)

    # --- places -----------------------------------------------------------------------------------------------

    def _tell_places(self) -> None:
        """Places have changed, and it is time to tell it."""
        self._to_tell.extend(self._places.take())
        if self._telling is None:
            self._tell_some()

    def _tell_some(self) -> None:
        self._telling = None
        told = 0
        while self._to_tell and told < PLACES_A_TURN_MAX:
            wait = self._to_tell.popleft()
            place = self._places.news(wait)
            if place is None:
                continue
            told += 1
            self._places.told(wait, place)
            try:
                for listener in self._holdings.listeners(wait.user):
                    self._room.tell(listener, waiting(place))
            except Exception:
                _log.exception("room.user_untold", room=self._room.name)
        if self._to_tell:
            self._telling = self._loop.call_soon(self._tell_some)
        if self._places.check(()):
            self._moved.want()

    # --- reading ----------------------------------------------------------------------------------------------

    def _want(self, user: str) -> None:
        """Read a user soon: those who come while a read is under way share the next one."""
        self._unread[user] = None
        if self._reader is None:
            self._reader = self._loop.create_task(self._read(), name=f"customers of {self._room.name}")

    def _next_to_read(self) -> list[str]:
        """Who is read in one go; one whose batch could not be read stands alone."""
        first = next(iter(self._unread))
        alone = first in self._one_by_one
        users = [first] if alone else list(islice(self._unread, self._settings.me_batch_users))
        for user in users:
            del self._unread[user]
            self._one_by_one.pop(user, None)
        return users

    async def _read(self) -> None:
        try:
            while self._unread:
                users = self._next_to_read()
                try:
                    read = await self._read_book(users)
                except EngineError as error:
                    _log.warning("room.reservations_unread", room=self._room.name, error=str(error))
                    self._unread.update(dict.fromkeys(users))
                    await asyncio.sleep(self._settings.retry_after_ms / 1000)
                    continue
                except Exception:
                    if len(users) > 1:
                        # Something is wrong with one of them: alone, each shows whether it is the one.
                        self._one_by_one.update(dict.fromkeys(users))
                        self._unread = dict.fromkeys(users) | self._unread
                    else:
                        _log.exception("room.reservations_unreadable", room=self._room.name)
                    continue
                for user in users:
                    # Wanted anew meanwhile: the feed had a gap, and this may be from before it.
                    if user not in self._unread:
                        self._tell_me(user, read)
                if len(self._unread) < self._settings.me_batch_users:
                    await asyncio.sleep(READ_PAUSE_S)
        finally:
            self._reader = None

    async def _read_book(self, users: Sequence[str]) -> _Read:
        """What these users have. In this order: a wait that becomes a reservation meanwhile is read twice, and not not
        at all. Nobody is asked for waits where the stock says that nobody waits here: those of later come as events."""
        state = self._room.state
        waits = await self._book.waits_of(users) if state.waiting else {}
        reservations = await self._book.reservations_of(list(users))
        held = [r.id for of_user in reservations.values() for r in of_user if r.room == self._room.name]
        offered = await self._book.offered(held) if held and state.config.waitlist else ()
        return _Read(reservations, waits, offered)

    def _tell_me(self, user: str, read: _Read) -> None:
        try:
            self._tell_read(user, read.reservations.get(user, ()), read.waits.get(user, ()), read.offered)
        except Exception:
            # One customer's fault must not cost the others of the batch theirs.
            _log.exception("room.user_untold", room=self._room.name)

    def _tell_read(
        self, user: str, reservations: Iterable[Reservation], waits: Iterable[WaitRecord], offered: Collection[str]
    ) -> None:
        room = self._room.name
        held = [
            Holding(id=r.id, sku=r.sku, qty=r.qty, state=r.state, expires_at_ms=r.expires_at_ms)
            for r in reservations
            if r.room == room
        ]
        here = [Wait(w.id, user, w.sku, w.qty, w.number) for w in waits if w.room == room]
        for listener in self._holdings.read(user, held, here, [h.id for h in held if h.id in offered]):
            if (me := self._holdings.me(user)) is not None:
                self._room.tell(listener, me)
