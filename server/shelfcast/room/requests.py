"""What is asked of a room over its sockets: who may ask for it, and who answers it."""

from __future__ import annotations

from shelfcast.protocol.access import missing
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_client import ClientMessage
from shelfcast.room.admission import Admission
from shelfcast.room.audience import Listener
from shelfcast.room.customer_requests import CustomerRequests
from shelfcast.room.merchant_requests import MerchantRequests
from shelfcast.room.refusals import RefusalCount
from shelfcast.room.refusing import AskedRoom, Refusing
from shelfcast.room.reservation_queue import ReservationQueue
from shelfcast.room.session import Session, act_of
from shelfcast.stock.book import StockBook


class Requests:
    """The requests of one room."""

    def __init__(
        self,
        room: AskedRoom,
        book: StockBook,
        queue: ReservationQueue,
        admission: Admission,
        refusals: RefusalCount,
    ) -> None:
        self._room = room
        self._book = book
        self._refusing = Refusing(room, admission)
        self._customers = CustomerRequests(room, queue, self._refusing, refusals)
        self._handlers = self._customers.handlers | MerchantRequests(room, book, self._refusing).handlers

    def take(self, listener: Listener, session: Session, message: ClientMessage) -> None:
        """Carry out a message, or refuse it. The answer goes to the listener, now or when the book has decided."""
        if missing(listener.principal, act_of(message), pool=self._book.pool, room=self._room.name):
            self._refusing.refuse(listener, message.id, Code.FORBIDDEN)
        else:
            self._handlers[type(message)](listener, session, message)

    def limit(self, listener: Listener, session: Session, message: ClientMessage) -> None:
        """Refuse a message of a connection that says too much."""
        self._customers.limit(listener, session, message)
