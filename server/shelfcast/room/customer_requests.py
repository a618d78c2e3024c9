"""What customers ask of a room: reservations and waits go to the book, and questions are answered from the state."""

from __future__ import annotations

import secrets
from functools import partial

from msgspec import UNSET

from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_client import Ask, Cancel, ClientMessage, Decline, Reserve, Wait
from shelfcast.protocol.from_server import Answer, Cancelled, Confirmed, Offer, Reserved, ServerMessage, Waiting
from shelfcast.protocol.states import Level, ReservationState, RoomStatus
from shelfcast.room.answers import answer_text
from shelfcast.room.audience import Listener
from shelfcast.room.holdings import wait_over
from shelfcast.room.refusals import RefusalCount
from shelfcast.room.refusing import AskedRoom, Handler, Refusing
from shelfcast.room.reservation_queue import ReservationQueue
from shelfcast.room.session import Session
from shelfcast.stock.changes import WaitState
from shelfcast.stock.operations import Cancel as CancelHold
from shelfcast.stock.operations import Decline as DeclineWait
from shelfcast.stock.operations import Reserve as ReserveUnits
from shelfcast.stock.operations import Wait as WaitForUnits
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import show_id

GUEST = "guest:"
"""What the made-up names of anonymous customers begin with, in rooms that let them reserve."""

ON_AIR = frozenset({RoomStatus.LIVE, RoomStatus.PAUSED})
"""A room's statuses while its show is on."""


class CustomerRequests:
    """Those of one room."""

    def __init__(self, room: AskedRoom, queue: ReservationQueue, refusing: Refusing, refusals: RefusalCount) -> None:
        self._room = room
        self._queue = queue
        self._refusing = refusing
        self._refusals = refusals
        self.handlers: dict[type[ClientMessage], Handler] = {
            Reserve: self._reserve,
            Cancel: self._cancel,
            Wait: self._wait,
            Decline: self._decline,
            Ask: self._ask,
        }

    def limit(self, listener: Listener, session: Session, message: ClientMessage) -> None:
        """Refuse a message of a connection that says too much."""
        if isinstance(message, Reserve):
            self._count_refusal(session, message, Code.RATE_LIMITED)
        self._refusing.refuse(listener, message.id, Code.RATE_LIMITED, retry_after_ms=session.retry_after_ms())

    # --- reservations -----------------------------------------------------------------------------------------

    def _reserve(self, listener: Listener, session: Session, message: Reserve) -> None:
        state = self._room.state
        if not self._is_customer(listener, session):
            self._count_refusal(session, message, Code.FORBIDDEN)
            self._refusing.refuse(listener, message.id, Code.FORBIDDEN)
            return
        shelf = state.shelves.get(message.sku)
        new = not message.again and message.id not in session.unanswered
        if new and shelf is not None and state.live and shelf.certainly_sold_out():
            self._count_refusal(session, message, Code.SOLD_OUT)
            self._refusing.refuse(listener, message.id, Code.SOLD_OUT, available=0)
        elif not session.begin(message.id):
            self.limit(listener, session, message)
        else:
            op = ReserveUnits(message.id, state.room, message.sku, message.qty, session.user)
            terms = shelf.listing if shelf is not None else None
            done = partial(self._reserved, listener, session, message)
            refusal = self._queue.reserve(op, terms, done, again=message.again)
            if refusal is not None:
                session.answered(message.id, None)
                self._count_refusal(session, message, refusal.code)
                self._refusing.refuse_outcome(listener, message.id, refusal.code, refusal, by="edge")

    def _reserved(self, listener: Listener, session: Session, message: Reserve, outcome: Outcome) -> None:
        answer: ServerMessage | None = None
        code = outcome.code
        if code is Code.OK:
            answer = Reserved(
                id=message.id,
                sku=message.sku,
                qty=message.qty,
                state=ReservationState(outcome.state),
                expires_at_ms=outcome.expires_at_ms,
                seq=outcome.seq,
                at_ms=self._room.now_ms(),
            )
        elif code is Code.ALREADY_CONFIRMED:
            answer = Confirmed(id=message.id, sku=message.sku, qty=message.qty, seq=outcome.seq)
        session.answered(message.id, ReservationState.ACTIVE if isinstance(answer, Reserved) else None)
        if answer is not None:
            self._room.tell(listener, answer)
        else:
            self._count_refusal(session, message, code)
            self._refusing.refuse_outcome(listener, message.id, code, outcome)

    def _cancel(self, listener: Listener, session: Session, message: Cancel) -> None:
        if not session.user:
            self._refusing.refuse(listener, message.id, Code.FORBIDDEN)
        elif self._refusing.begin(listener, session, message.id):
            op = CancelHold(message.id, session.user, session.user, room=self._room.name)
            self._queue.cancel(op, partial(self._cancelled, listener, session, message))

    def _cancelled(self, listener: Listener, session: Session, message: Cancel, outcome: Outcome) -> None:
        cancelled = outcome.code is Code.OK
        session.answered(message.id, ReservationState.CANCELLED if cancelled else None)
        if cancelled:
            answer = Cancelled(id=message.id, sku=outcome.sku, qty=outcome.qty, seq=outcome.seq)
            self._room.tell(listener, answer)
        else:
            self._refusing.refuse_outcome(listener, message.id, outcome.code, outcome)

    # --- waits ------------------------------------------------------------------------------------------------

    def _wait(self, listener: Listener, session: Session, message: Wait) -> None:
        """It always goes to the book: who is too late here may be the first who gets what comes free meanwhile."""
        if not self._is_customer(listener, session):
            self._refusing.refuse(listener, message.id, Code.FORBIDDEN)
        elif self._refusing.begin(listener, session, message.id):
            op = WaitForUnits(message.id, self._room.name, message.sku, message.qty, session.user)
            refusal = self._queue.wait(op, partial(self._waited, listener, session, message))
            if refusal is not None:
                session.answered(message.id, None)
                self._refusing.refuse_outcome(listener, message.id, refusal.code, refusal, by="edge")

    def _waited(self, listener: Listener, session: Session, message: Wait, outcome: Outcome) -> None:
        code = outcome.code
        if code is Code.OK:
            waits = outcome.state == WaitState.WAITING
            state = WaitState.WAITING if waits else WaitState.OFFERED
            if session.overtaken(message.id, state):
                session.answered(message.id, None)
                return
            session.answered(message.id, state)
            self._room.tell(listener, self._waiting(message, outcome) if waits else self._offer(message, outcome))
            return
        session.answered(message.id, None)
        if code is Code.ALREADY_CONFIRMED:
            qty = outcome.qty or message.qty
            self._room.tell(listener, Confirmed(id=message.id, sku=message.sku, qty=qty, seq=outcome.seq))
        else:
            self._refusing.refuse_outcome(listener, message.id, code, outcome)

    def _waiting(self, message: Wait, outcome: Outcome) -> Waiting:
        _, first, last = outcome.data
        _, stopped = self._room.state.queue_of(message.sku)
        return Waiting(
            id=message.id,
            sku=message.sku,
            qty=message.qty,
            first=first,
            last=last,
            stopped=UNSET if stopped is None else stopped,
        )

    def _offer(self, message: Wait, outcome: Outcome) -> Offer:
        return Offer(
            id=message.id,
            sku=message.sku,
            qty=outcome.qty,
            asked=message.qty,
            expires_at_ms=outcome.expires_at_ms,
            seq=outcome.seq,
            at_ms=self._room.now_ms(),
        )

    def _decline(self, listener: Listener, session: Session, message: Decline) -> None:
        if not session.user:
            self._refusing.refuse(listener, message.id, Code.FORBIDDEN)
        elif self._refusing.begin(listener, session, message.id):
            op = DeclineWait(message.id, session.user, self._room.name)
            self._queue.decline(op, partial(self._declined, listener, session, message))

    def _declined(self, listener: Listener, session: Session, message: Decline, outcome: Outcome) -> None:
        if outcome.code is not Code.OK:
            session.answered(message.id, None)
            self._refusing.refuse_outcome(listener, message.id, outcome.code, outcome)
        elif outcome.state == WaitState.LEFT:
            overtaken = session.overtaken(message.id, WaitState.LEFT)
            session.answered(message.id, None if overtaken else WaitState.LEFT)
            if not overtaken:
                self._room.tell(listener, wait_over(message.id, outcome.sku, outcome.qty, Code.OK))
        else:
            session.answered(message.id, ReservationState.CANCELLED)
            answer = Cancelled(id=message.id, sku=outcome.sku, qty=outcome.qty, seq=outcome.seq)
            self._room.tell(listener, answer)

    # --- parts ------------------------------------------------------------------------------------------------

    def _ask(self, listener: Listener, session: Session, message: Ask) -> None:
        shelf = self._room.state.shelves.get(message.sku)
        if shelf is None:
            self._refusing.refuse(listener, message.id, Code.UNKNOWN_SKU)
            return
        left, level = shelf.available, shelf.level
        text = answer_text(listener.language, level, left)
        self._room.tell(listener, Answer(id=message.id, sku=message.sku, text=text, left=left, level=Level(level)))

    def _is_customer(self, listener: Listener, session: Session) -> bool:
        """Whether it can have something; in a demonstration anybody becomes a customer who asks for it."""
        if not session.user and self._room.state.config.open_reservations:
            session.user = GUEST + secrets.token_urlsafe(9)
            self._room.welcome_guest(listener, session.user)
        return bool(session.user)

    def _count_refusal(self, session: Session, message: Reserve, code: Code) -> None:
        """A customer of the show that is on did not get it. What is not on the shelf is nobody's demand: anybody may
        make such names up."""
        state = self._room.state
        show = show_id(state.room, state.config.show)
        if show and state.config.status in ON_AIR and message.sku in state.shelves:
            self._refusals.refused(show, message.sku, code, message.qty, session.user)
