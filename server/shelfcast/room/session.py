"""What one connection may say now. Pure: it decides, others do. Made when a client first speaks."""

from __future__ import annotations

from enum import Enum, auto

from shelfcast.protocol.access import Act, Right, Touches
from shelfcast.protocol.from_client import (
    Acknowledge,
    AcknowledgeAlert,
    Ask,
    Cancel,
    ClientMessage,
    Decline,
    FreezeRoom,
    Reserve,
    SayCue,
    SayNotice,
    SetFreeze,
    SetSpotlight,
    SetStatus,
    SnoozeAlert,
    UndoAction,
    Wait,
)
from shelfcast.protocol.states import ReservationState
from shelfcast.settings import Settings
from shelfcast.stock.changes import WaitState

ACTS: dict[type[ClientMessage], Act] = {
    Reserve: Act(Right.HOLD),
    Cancel: Act(Right.HOLD),
    Wait: Act(Right.HOLD),
    Decline: Act(Right.HOLD),
    Ask: Act(Right.LOOK),
    SayCue: Act(Right.DIRECT),
    SayNotice: Act(Right.DIRECT),
    Acknowledge: Act(Right.ACKNOWLEDGE),
    AcknowledgeAlert: Act(Right.ACKNOWLEDGE),
    SnoozeAlert: Act(Right.ACKNOWLEDGE),
    SetSpotlight: Act(Right.SPOTLIGHT),
    SetStatus: Act(Right.KEEP),
    SetFreeze: Act(Right.FREEZE, Touches.POOL),
    FreezeRoom: Act(Right.FREEZE),
    UndoAction: Act(Right.KEEP),
}
"""The right that each message takes, and what it touches. What an undo takes besides depends on what it takes back."""

_THAWS: dict[type[ClientMessage], Act] = {SetFreeze: Act(Right.KEEP, Touches.POOL), FreezeRoom: Act(Right.KEEP)}
"""As the move `unfreeze`."""

Told = ReservationState | WaitState
"""What a connection can have been told of an id."""
_TOLD_MAX = 256


def act_of(message: ClientMessage) -> Act:
    """What this message asks for."""
    if isinstance(message, SetFreeze | FreezeRoom) and not message.frozen:
        return _THAWS[type(message)]
    return ACTS[type(message)]


class FrameVerdict(Enum):
    """What to do with the next frame of a connection."""

    TAKE = auto()
    LIMIT = auto()
    """Refuse it with RATE_LIMITED."""
    CLOSE = auto()
    """It goes on and on: close the connection."""


class Session:
    """The limits and the open requests of one connection.

    `user` is whom it reserves for: the token's user, or a guest's made-up name in a demonstration room.
    """

    __slots__ = ("_allowance", "_at_s", "_overtaken", "_settings", "_strikes", "_told", "unanswered", "user")

    def __init__(self, settings: Settings, user: str, now_s: float) -> None:
        self.user = user
        self.unanswered: set[str] = set()
        """Ids of requests the book has not answered yet."""
        self._settings = settings
        self._allowance = float(settings.messages_burst)
        self._at_s = now_s
        self._strikes = 0
        self._told: set[tuple[str, Told]] = set()
        self._overtaken: set[tuple[str, WaitState]] = set()
        """What the feed has told of waits whose request the book has still to answer."""

    def admit(self, now_s: float) -> FrameVerdict:
        """Count a frame. A token bucket; who overdraws it by another whole burst is not listened to any more."""
        settings = self._settings
        refill = (now_s - self._at_s) * settings.messages_a_second
        self._at_s = now_s
        self._allowance = min(float(settings.messages_burst), self._allowance + refill) - 1
        if self._allowance >= 0:
            return FrameVerdict.TAKE
        return FrameVerdict.LIMIT if self._allowance >= -settings.messages_burst else FrameVerdict.CLOSE

    def retry_after_ms(self) -> int:
        """How long until the next message is taken."""
        return max(0, int((1 - self._allowance) * 1000 / self._settings.messages_a_second))

    def strike(self) -> bool:
        """Count a message that could not be understood. True when there were too many: close."""
        self._strikes += 1
        return self._strikes > self._settings.bad_messages_max

    def begin(self, request_id: str) -> bool:
        """Note a request that goes to the book. False when too many are unanswered; the same id counts once."""
        if len(self.unanswered) >= self._settings.unanswered_reservations_max and request_id not in self.unanswered:
            return False
        if self._overtaken and request_id not in self.unanswered:
            self._overtaken = {(other, state) for other, state in self._overtaken if other != request_id}
        self.unanswered.add(request_id)
        return True

    def answered(self, request_id: str, told: Told | None) -> None:
        """The book has answered; `told` is the state this connection has been told with it."""
        self.unanswered.discard(request_id)
        if told is not None:
            if len(self._told) >= _TOLD_MAX:
                self._told.clear()
            self._told.add((request_id, told))

    def knows(self, request_id: str, state: ReservationState) -> bool:
        """Whether this connection asked for the change itself, so that its answer is all it needs to hear of it.

        Asked once a change: what was told is forgotten with it.
        """
        if (request_id, state) in self._told:
            self._told.discard((request_id, state))
            return True
        return request_id in self.unanswered and state in (ReservationState.ACTIVE, ReservationState.CANCELLED)

    def hears(self, request_id: str, state: WaitState) -> bool:
        """Whether this connection is to be told what has become of a wait: unless an answer has told it, which is asked
        once. Where the answer is still to come, this stands for it."""
        if (request_id, state) in self._told:
            self._told.discard((request_id, state))
            return False
        if request_id in self.unanswered:
            self._overtaken.add((request_id, state))
        return True

    def overtaken(self, request_id: str, state: WaitState) -> bool:
        """Whether the feed was quicker than an answer that says this: it has told it, and perhaps what came of it."""
        if (request_id, state) in self._overtaken:
            self._overtaken.discard((request_id, state))
            return True
        return False

    def at_rest(self, now_s: float) -> bool:
        """Whether forgetting this session would change nothing: all answered, the bucket full again."""
        full_s = (self._settings.messages_burst - self._allowance) / self._settings.messages_a_second
        return not self.unanswered and now_s - self._at_s >= full_s
