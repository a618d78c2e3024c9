"""What hosts and operators ask of a room: their requests go to the merchant's use cases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from shelfcast.barrier import note_fault
from shelfcast.errors import InvalidInput
from shelfcast.merchant import alerts, show, statuses
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_client import (
    Acknowledge,
    AcknowledgeAlert,
    ClientMessage,
    FreezeRoom,
    SayCue,
    SayNotice,
    SetFreeze,
    SetSpotlight,
    SetStatus,
    SnoozeAlert,
    UndoAction,
)
from shelfcast.protocol.from_server import Done
from shelfcast.room.audience import Listener
from shelfcast.room.refusing import AskedRoom, Handler, Refusing
from shelfcast.room.session import Session
from shelfcast.stock.actions import By
from shelfcast.stock.book import UNAVAILABLE, StockBook
from shelfcast.stock.outcomes import Outcome


class MerchantRequests:
    """Those of one room. Each connection has a bounded number of them under way."""

    def __init__(self, room: AskedRoom, book: StockBook, refusing: Refusing) -> None:
        self._room = room
        self._book = book
        self._refusing = refusing
        self._under_way: set[asyncio.Task[None]] = set()
        self.handlers: dict[type[ClientMessage], Handler] = {
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
            partial(statuses.set_status, wanted=message.status, continues=message.continue_show),
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
        if self._refusing.begin(listener, session, request_id):
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
            self._refusing.refuse_outcome(listener, request_id, outcome.code, outcome)
