"""The live reservations of the users who are connected to a room, for `me` and for their other connections. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from shelfcast.protocol.from_server import Cancelled, Confirmed, Expired, Holding, Me, ServerMessage
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.changes import HoldEvent

LIVE_STATES = frozenset((ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING))

_VERDICTS: dict[ReservationState, type[Cancelled | Confirmed | Expired]] = {
    ReservationState.CANCELLED: Cancelled,
    ReservationState.CONFIRMED: Confirmed,
    ReservationState.EXPIRED: Expired,
}

L = TypeVar("L")


class _Customer(Generic[L]):
    """One user's connections and reservations.

    Until they are `known`, `holdings` and `over` collect what events say while the book is being read.
    """

    __slots__ = ("holdings", "known", "listeners", "over", "wanted")

    def __init__(self) -> None:
        self.listeners: list[L] = []
        self.holdings: dict[str, Holding] = {}
        self.over: set[str] = set()
        self.known = False
        self.wanted = False
        """Whether somebody is already going to read them."""

    def doubt(self) -> None:
        self.holdings.clear()
        self.over.clear()
        self.known = False
        self.wanted = True


class Holdings(Generic[L]):
    """Users by name, each with its listeners, while it has one."""

    __slots__ = ("_customers",)

    def __init__(self) -> None:
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

    def doubt(self) -> list[str]:
        """Changes may have been missed: everyone's reservations must be read again. Returns whose."""
        for customer in self._customers.values():
            customer.doubt()
        return list(self._customers)

    def read(self, user: str, holdings: Iterable[Holding]) -> list[L]:
        """The book has told a user's live reservations. Returns the listeners to tell; newer events win."""
        customer = self._customers.get(user)
        if customer is None:
            return []
        if not customer.known:
            read = {holding.id: holding for holding in holdings if holding.id not in customer.over}
            customer.holdings = read | customer.holdings
            customer.over.clear()
            customer.known = True
        return list(customer.listeners)

    def me(self, user: str) -> Me | None:
        """All live reservations of the user; None while they have not been read."""
        customer = self._customers.get(user)
        if customer is None or not customer.known:
            return None
        return Me(reservations=list(customer.holdings.values()))

    def hold(self, event: HoldEvent, seq: int) -> Iterator[tuple[L, list[ServerMessage]]]:
        """A reservation changed: what to tell which of its user's listeners."""
        customer = self._customers.get(event.user)
        if customer is None:
            return
        if event.state in LIVE_STATES:
            customer.holdings[event.id] = Holding(
                id=event.id, sku=event.sku, qty=event.qty, state=event.state, expires_at_ms=event.expires_at_ms
            )
        else:
            customer.holdings.pop(event.id, None)
            if not customer.known:
                customer.over.add(event.id)
        messages: list[ServerMessage] = []
        if (verdict := _VERDICTS.get(event.state)) is not None:
            messages.append(verdict(id=event.id, sku=event.sku, qty=event.qty, seq=seq))
        if (me := self.me(event.user)) is not None:
            messages.append(me)
        for listener in list(customer.listeners):
            yield listener, messages
