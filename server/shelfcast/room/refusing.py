"""How a room refuses a request: with the code, a sentence, and when to come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import UNSET, UnsetType

from shelfcast import metrics
from shelfcast.merchant.statuses import why_refused
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code, Retry
from shelfcast.protocol.from_server import Refused, ServerMessage
from shelfcast.room.admission import Admission
from shelfcast.room.audience import Listener
from shelfcast.room.session import Session
from shelfcast.room.state import RoomState
from shelfcast.stock.outcomes import Outcome

Handler = Callable[[Listener, Session, Any], None]
"""Answers one kind of message, now or when the book has decided."""

_WHY_NO_WAIT = {
    (Code.FORBIDDEN, "waitlist"): "this room keeps no waitlist",
    (Code.LIMIT_PER_USER, "waiting"): "you wait for this already, or for as many things as one may",
    (Code.SHELF_FULL, "waiting"): "as many people wait for this as may",
}
"""By code and field."""


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


class Refusing:
    """The refusals of one room, and its bound on what each connection has under way."""

    def __init__(self, room: AskedRoom, admission: Admission) -> None:
        self._room = room
        self._admission = admission

    def begin(self, listener: Listener, session: Session, request_id: str) -> bool:
        """Note a request that goes to the book; refused where too many of the connection are unanswered."""
        if session.begin(request_id):
            return True
        self.refuse(listener, request_id, Code.RATE_LIMITED, retry_after_ms=session.retry_after_ms())
        return False

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

    def refuse_outcome(
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
            why=_WHY_NO_WAIT.get((code, outcome.field)) or why_refused(outcome),
        )
