"""What viewers, hosts and operators ask of a room: reservations go to the book, a merchant's requests to their use
cases, and questions are answered from the state."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from msgspec import UNSET, UnsetType

from shelfcast import metrics
from shelfcast.barrier import note_fault
from shelfcast.errors import InvalidInput
from shelfcast.merchant import alerts, show
from shelfcast.merchant.statuses import why_refused
from shelfcast.protocol.access import missing
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code, Retry
from shelfcast.protocol.from_client import (
    Acknowledge,
    AcknowledgeAlert,
    Ask,
    Cancel,
    ClientMessage,
    FreezeRoom,
    Reserve,
    SayCue,
    SayNotice,
    SetFreeze,
    SetSpotlight,
    SetStatus,
    SnoozeAlert,
    UndoAction,
)
from shelfcast.protocol.from_server import Answer, Cancelled, Confirmed, Done, Refused, Reserved, ServerMessage
from shelfcast.protocol.states import Level, ReservationState, RoomStatus
from shelfcast.room.admission import Admission
from shelfcast.room.answers import answer_text
from shelfcast.room.audience import Listener
from shelfcast.room.refusals import RefusalCount
from shelfcast.room.reservation_queue import ReservationQueue
from shelfcast.room.session import Session, act_of
from shelfcast.room.state import RoomState
from shelfcast.stock.actions import By
from shelfcast.stock.book import UNAVAILABLE, StockBook
from shelfcast.stock.operations import Cancel as CancelHold
from shelfcast.stock.operations import Reserve as ReserveUnits
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import show_id

GUEST = "guest:"
"""What the made-up names of anonymous customers begin with, in rooms that let them reserve."""

ON_AIR = frozenset({RoomStatus.LIVE, RoomStatus.PAUSED})
"""A room's statuses while its show is on."""


class AskedRoom(Protocol):
    """What requests need of their room; `room.live` is the one implementation."""

    name: str
    state: RoomState

    def now_ms(self) -> int:
        """The engine's time, as well as it is known here."""

    def tell(self, listener: Listener, *messages: ServerMessage) -> None:
        """Send to one connection."""

    def welcome_guest(self, listener: Listener, user: str) -> None:
        """An anonymous viewer of a demonstration room becomes a customer."""


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
        self._queue = queue
        self._admission = admission
        self._refusals = refusals
        self._under_way: set[asyncio.Task[None]] = set()
        """A merchant's requests; each connection has a bounded number of them."""
        self._handlers: dict[type[ClientMessage], Callable[[Listener, Session, Any], None]] = {
            Reserve: self._reserve,
            Cancel: self._cancel,
            Ask: self._ask,
            SayCue: self._cue,
            SayNotice: self._notice,
            Acknowledge: self._acknowledge,
            AcknowledgeAlert: self._acknowledge_alert,
            SnoozeAlert: self._snooze_alert,
            SetSpotlight: self._spotlight,
            SetStatus: self._status,
            SetFreeze: self._freeze,
            FreezeRoom: self._freeze_room,
            UndoAction: self._undo,
        }

    def take(self, listener: Listener, session: Session, message: ClientMessage) -> None:
        """Carry out a message, or refuse it. The answer goes to the listener, now or when the book has decided."""
        if missing(listener.principal, act_of(message), pool=self._book.pool, room=self._room.name):
            self.refuse(listener, message.id, Code.FORBIDDEN)
        else:
            self._handlers[type(message)](listener, session, message)

    def limit(self, listener: Listener, session: Session, message: ClientMessage) -> None:
        """Refuse a message of a connection that says too much."""
        if isinstance(message, Reserve):
            self._count_refusal(session, message, Code.RATE_LIMITED)
        self.refuse(listener, message.id, Code.RATE_LIMITED, retry_after_ms=session.retry_after_ms())

    def refuse(
        self,
        listener: Listener,
        request_id: str,
        code: Code,
        *,
        by: str = "edge",
        retry_after_ms: int | UnsetType = UNSET,
        available: int | UnsetType = UNSET,
        field: str | UnsetType = UNSET,
        why: str = "",
    ) -> None:
        """Answer `refused`. `by` says who decided: the edge (this process) or the book; `why` says more than the code
        does."""
        metrics.REFUSALS.labels(code, by).inc()
        message = Refused(
            id=request_id,
            code=code,
            message=why or EXPLANATION[code],
            retry=RETRY[code],
            retry_after_ms=retry_after_ms,
            available=available,
            field=field,
        )
        self._room.tell(listener, message)

    # --- viewers ------------------------------------------------------------------------------------------

    def _reserve(self, listener: Listener, session: Session, message: Reserve) -> None:
        state = self._room.state
        if not session.user and state.config.open_reservations:
            session.user = GUEST + secrets.token_urlsafe(9)
            self._room.welcome_guest(listener, session.user)
        if not session.user:
            self._count_refusal(session, message, Code.FORBIDDEN)
            self.refuse(listener, message.id, Code.FORBIDDEN)
            return
        shelf = state.shelves.get(message.sku)
        new = not message.again and message.id not in session.unanswered
        if new and shelf is not None and state.live and shelf.certainly_sold_out():
            self._count_refusal(session, message, Code.SOLD_OUT)
            self.refuse(listener, message.id, Code.SOLD_OUT, available=0)
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
                self._refuse_outcome(listener, message.id, refusal.code, refusal, by="edge")

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
            self._refuse_outcome(listener, message.id, code, outcome)

    def _cancel(self, listener: Listener, session: Session, message: Cancel) -> None:
        if not session.user:
            self.refuse(listener, message.id, Code.FORBIDDEN)
        elif self._begin(listener, session, message.id):
            op = CancelHold(message.id, session.user, session.user, room=self._room.name)
            self._queue.cancel(op, partial(self._cancelled, listener, session, message))

    def _cancelled(self, listener: Listener, session: Session, message: Cancel, outcome: Outcome) -> None:
        cancelled = outcome.code is Code.OK
        session.answered(message.id, ReservationState.CANCELLED if cancelled else None)
        if cancelled:
            answer = Cancelled(id=message.id, sku=outcome.sku, qty=outcome.qty, seq=outcome.seq)
            self._room.tell(listener, answer)
        else:
            self._refuse_outcome(listener, message.id, outcome.code, outcome)

    def _ask(self, listener: Listener, session: Session, message: Ask) -> None:
        shelf = self._room.state.shelves.get(message.sku)
        if shelf is None:
            self.refuse(listener, message.id, Code.UNKNOWN_SKU)
            return
        left, level = shelf.row.available, shelf.level
        text = answer_text(listener.language, level, left)
        self._room.tell(listener, Answer(id=message.id, sku=message.sku, text=text, left=left, level=Level(level)))

    # --- hosts and operators --------------------------------------------------------------------------------

    def _cue(self, listener: Listener, session: Session, message: SayCue) -> None:
        self._carry_out(listener, session, message.id, partial(show.say_cue, text=message.text, sku=message.sku))

    def _notice(self, listener: Listener, session: Session, message: SayNotice) -> None:
        self._carry_out(listener, session, message.id, partial(show.say_notice, text=message.text))

    def _acknowledge(self, listener: Listener, session: Session, message: Acknowledge) -> None:
        self._carry_out(listener, session, message.id, partial(show.acknowledge, cue=message.cue))

    def _acknowledge_alert(self, listener: Listener, session: Session, message: AcknowledgeAlert) -> None:
        use_case = partial(alerts.acknowledge, alert=message.alert, note=message.note)
        self._carry_out(listener, session, message.id, use_case)

    def _snooze_alert(self, listener: Listener, session: Session, message: SnoozeAlert) -> None:
        use_case = partial(alerts.snooze, alert=message.alert, minutes=message.minutes)
        self._carry_out(listener, session, message.id, use_case)

    def _spotlight(self, listener: Listener, session: Session, message: SetSpotlight) -> None:
        self._carry_out(listener, session, message.id, partial(show.set_spotlight, sku=message.sku))

    def _status(self, listener: Listener, session: Session, message: SetStatus) -> None:
        self._carry_out(
            listener,
            session,
            message.id,
            partial(show.set_status, status=message.status, continues=message.continue_show),
        )

    def _freeze(self, listener: Listener, session: Session, message: SetFreeze) -> None:
        use_case = partial(show.freeze, sku=message.sku, frozen=message.frozen, reason=message.reason)
        self._carry_out(listener, session, message.id, use_case)

    def _freeze_room(self, listener: Listener, session: Session, message: FreezeRoom) -> None:
        use_case = partial(show.freeze_room, frozen=message.frozen, reason=message.reason)
        self._carry_out(listener, session, message.id, use_case)

    def _undo(self, listener: Listener, session: Session, message: UndoAction) -> None:
        use_case = partial(show.undo, action=message.action, principal=listener.principal)
        self._carry_out(listener, session, message.id, use_case)

    def _carry_out(
        self, listener: Listener, session: Session, request_id: str, use_case: Callable[..., Awaitable[Outcome]]
    ) -> None:
        if self._begin(listener, session, request_id):
            task = asyncio.get_running_loop().create_task(self._finish(listener, session, request_id, use_case))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _finish(
        self, listener: Listener, session: Session, request_id: str, use_case: Callable[..., Awaitable[Outcome]]
    ) -> None:
        try:
            outcome = await use_case(self._book, By(request_id, session.user, self._room.name))
        except InvalidInput as error:
            outcome = Outcome(code=Code.BAD_MESSAGE, field=error.field)
        except Exception:
            # Whatever it is, whoever asked gets an answer, and may ask again.
            note_fault("room.request")
            outcome = UNAVAILABLE
        self._carried_out(listener, session, request_id, outcome)

    def _carried_out(self, listener: Listener, session: Session, request_id: str, outcome: Outcome) -> None:
        session.answered(request_id, None)
        if outcome.code is Code.OK:
            self._room.tell(listener, Done(id=request_id))
        else:
            self._refuse_outcome(listener, request_id, outcome.code, outcome)

    # --- parts ------------------------------------------------------------------------------------------------

    def _count_refusal(self, session: Session, message: Reserve, code: Code) -> None:
        """A customer of the show that is on did not get it. What is not on the shelf is nobody's demand: anybody may
        make such names up."""
        state = self._room.state
        show = show_id(state.room, state.config.show)
        if show and state.config.status in ON_AIR and message.sku in state.shelves:
            self._refusals.refused(show, message.sku, code, message.qty, session.user)

    def _begin(self, listener: Listener, session: Session, request_id: str) -> bool:
        if session.begin(request_id):
            return True
        self.refuse(listener, request_id, Code.RATE_LIMITED, retry_after_ms=session.retry_after_ms())
        return False

    def _refuse_outcome(
        self, listener: Listener, request_id: str, code: Code, outcome: Outcome, *, by: str = "book"
    ) -> None:
        """Refuse as the outcome says; whoever is to come again with the same id gets a time of its own for it."""
        retry_after_ms: int | UnsetType = UNSET
        if outcome.retry_at_ms:
            retry_after_ms = max(0, outcome.retry_at_ms - self._room.now_ms())
        elif RETRY[code] is Retry.SAME_ID:
            retry_after_ms = self._admission.retry_after_ms(asyncio.get_running_loop().time())
        self.refuse(
            listener,
            request_id,
            code,
            by=by,
            retry_after_ms=retry_after_ms,
            available=outcome.available if outcome.available >= 0 else UNSET,
            field=outcome.field or UNSET,
            why=why_refused(outcome),
        )
