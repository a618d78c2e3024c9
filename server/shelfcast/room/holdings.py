"""What the users who are connected to a room hold and wait for, for `me` and for their other connections. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from msgspec.structs import replace

from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.protocol.from_server import (
    Cancelled,
    Confirmed,
    Expired,
    Holding,
    Me,
    Offer,
    Place,
    ServerMessage,
    Waiting,
    WaitOver,
)
from shelfcast.protocol.states import ReservationState
from shelfcast.room.places import Places, Wait
from shelfcast.stock.changes import HoldEvent, WaitEvent, WaitState

LIVE_STATES = frozenset((ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING))

_VERDICTS: dict[ReservationState, type[Cancelled | Confirmed | Expired]] = {
    ReservationState.CANCELLED: Cancelled,
    ReservationState.CONFIRMED: Confirmed,
    ReservationState.EXPIRED: Expired,
}

WENT = "you wait no more"

L = TypeVar("L")


class _Customer(Generic[L]):
    """One user's connections, reservations and waits.

    Until they are `known`, `holdings`, `waits` and the two of what is over collect what events say while the book is
    being read.
    """

    __slots__ = ("holdings", "known", "listeners", "offered", "over", "waits", "waits_over", "wanted")

    def __init__(self) -> None:
        self.listeners: list[L] = []
        self.holdings: dict[str, Holding] = {}
        self.over: set[str] = set()
        self.waits: dict[str, Wait] = {}
        self.waits_over: set[str] = set()
        self.offered: set[str] = set()
        """Ids of the holdings that the waitlist gave."""
        self.known = False
        self.wanted = False
        """Whether somebody is already going to read them."""

    def doubt(self) -> None:
        for collected in (self.holdings, self.over, self.waits, self.waits_over, self.offered):
            collected.clear()
        self.known = False
        self.wanted = True


class Holdings(Generic[L]):
    """Users by name, each with its listeners, while it has one. What they wait for is in `places`, too."""

    __slots__ = ("_customers", "places")

    def __init__(self, places: Places) -> None:
        self.places = places
        self._customers: dict[str, _Customer[L]] = {}

    def __len__(self) -> int:
        return len(self._customers)

    def join(self, user: str, listener: L) -> bool:
        """A connection of this user opened. True when its reservations must be read."""
        customer = self._customers.setdefault(user, _Customer())
        customer.listeners.append(listener)
        wanted, customer.wanted = customer.wanted, True
        return not wanted

    def leave(self, user: str, listener: L) -> None:
        """A connection of this user closed."""
        customer = self._customers.get(user)
        if customer is None or listener not in customer.listeners:
            return
        customer.listeners.remove(listener)
        if not customer.listeners:
            del self._customers[user]
            self._forget_waits(customer)

    def doubt(self) -> list[str]:
        """Changes may have been missed: all that everyone has must be read again. Returns whose."""
        for customer in self._customers.values():
            self._forget_waits(customer)
            customer.doubt()
        return list(self._customers)

    def read(
        self, user: str, holdings: Iterable[Holding], waits: Iterable[Wait] = (), offered: Iterable[str] = ()
    ) -> list[L]:
        """The book has told a user's live reservations, which of them were `offered`, and what it waits for. Returns
        the listeners to tell `me`; newer events win."""
        customer = self._customers.get(user)
        if customer is None:
            return []
        if not customer.known:
            read = {holding.id: holding for holding in holdings if holding.id not in customer.over}
            customer.holdings = read | customer.holdings
            customer.offered = (customer.offered | set(offered)) & customer.holdings.keys()
            # One that is a reservation by now was read as a wait before.
            over = customer.waits_over | customer.holdings.keys() | customer.waits.keys()
            for wait in waits:
                if wait.id not in over:
                    self._put(customer, wait)
            customer.over.clear()
            customer.waits_over.clear()
            customer.known = True
        for wait in customer.waits.values():
            self.places.told(wait, self.places.of(wait))
        return list(customer.listeners)

    def me(self, user: str) -> Me | None:
        """All live reservations of the user, and its places; None while they have not been read."""
        customer = self._customers.get(user)
        if customer is None or not customer.known:
            return None
        holdings = customer.holdings.values()
        return Me(
            reservations=[replace(held, offered=True) if held.id in customer.offered else held for held in holdings],
            waiting=[self.places.of(wait) for wait in customer.waits.values()],
        )

    def listeners(self, user: str) -> list[L]:
        """The user's connections."""
        customer = self._customers.get(user)
        return list(customer.listeners) if customer else []

    def was_offered(self, user: str, id: str) -> bool:  # noqa: A002 - the field's own name
        """Whether the waitlist gave this reservation to a user who is connected."""
        customer = self._customers.get(user)
        return customer is not None and id in customer.offered

    def hold(self, event: HoldEvent, seq: int) -> Iterator[tuple[L, list[ServerMessage]]]:
        """A reservation changed: what to tell which of its user's listeners."""
        customer = self._customers.get(event.user)
        if customer is None:
            return
        self._merge(customer, event)
        messages: list[ServerMessage] = []
        if (verdict := _VERDICTS.get(event.state)) is not None:
            messages.append(verdict(id=event.id, sku=event.sku, qty=event.qty, seq=seq))
        if (me := self.me(event.user)) is not None:
            messages.append(me)
        for listener in list(customer.listeners):
            yield listener, messages

    def wait(
        self, event: WaitEvent, hold: HoldEvent | None, seq: int, at_ms: int
    ) -> Iterator[tuple[L, list[ServerMessage]]]:
        """A wait is new, or over: what to tell which of its user's listeners. Where it was offered, `hold` is the
        reservation that it has become."""
        customer = self._customers.get(event.user)
        if customer is None:
            return
        if event.state is WaitState.WAITING:
            wait = Wait(event.id, event.user, event.sku, event.qty, event.number)
            self._put(customer, wait)
            place = self.places.of(wait)
            self.places.told(wait, place)
            messages: list[ServerMessage] = [waiting(place)]
        else:
            messages = self._wait_over(customer, event, hold, seq, at_ms)
        for listener in list(customer.listeners):
            yield listener, messages

    # --- parts ------------------------------------------------------------------------------------------------

    def _put(self, customer: _Customer[L], wait: Wait) -> None:
        if (known := customer.waits.get(wait.id)) is not None:
            self.places.drop(known)
        customer.waits[wait.id] = wait
        self.places.put(wait)

    def _forget_waits(self, customer: _Customer[L]) -> None:
        for wait in customer.waits.values():
            self.places.drop(wait)

    def _merge(self, customer: _Customer[L], event: HoldEvent) -> None:
        if event.state in LIVE_STATES:
            customer.holdings[event.id] = Holding(
                id=event.id, sku=event.sku, qty=event.qty, state=event.state, expires_at_ms=event.expires_at_ms
            )
        else:
            customer.holdings.pop(event.id, None)
            customer.offered.discard(event.id)
            if not customer.known:
                customer.over.add(event.id)

    def _wait_over(
        self, customer: _Customer[L], event: WaitEvent, hold: HoldEvent | None, seq: int, at_ms: int
    ) -> list[ServerMessage]:
        wait = customer.waits.pop(event.id, None)
        if wait is not None:
            self.places.drop(wait)
        if not customer.known:
            customer.waits_over.add(event.id)
        if event.state is not WaitState.OFFERED:
            return [wait_over(event.id, event.sku, event.qty, Code(event.code or Code.OK))]
        customer.offered.add(event.id)
        if hold is None:
            return []
        self._merge(customer, hold)
        offer = Offer(
            id=event.id,
            sku=event.sku,
            qty=hold.qty,
            asked=event.qty,
            expires_at_ms=hold.expires_at_ms,
            seq=seq,
            at_ms=at_ms,
        )
        me = self.me(event.user)
        return [offer] if me is None else [offer, me]


def waiting(place: Place) -> Waiting:
    """The place, as it is told when it is new."""
    return Waiting(id=place.id, sku=place.sku, qty=place.qty, first=place.first, last=place.last, stopped=place.stopped)


def wait_over(id: str, sku: str, qty: int, code: Code) -> WaitOver:  # noqa: A002 - the field's own name
    """That a wait is over: its user went (OK), or the code says why."""
    message = WENT if code is Code.OK else EXPLANATION[code]
    return WaitOver(id=id, sku=sku, qty=qty, code=code, message=message)
