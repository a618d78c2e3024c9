"""What a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shelfcast_client.messages.states import RoomStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Hold `qty` units. The client makes the id and keeps it until it is answered.

    `again` says that the id was sent before, so that its reservation may be there already.
    """

    type: ClassVar[str] = "reserve"
    id: str
    sku: str
    qty: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give the reservation `id` back."""

    type: ClassVar[str] = "cancel"
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Wait for `qty` units that come free. The client makes the id and keeps it until it is answered.

    It becomes the id of the reservation when it is the user's turn.
    """

    type: ClassVar[str] = "wait"
    id: str
    sku: str
    qty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Wait no more under this id, or give back what was offered under it: the next one gets it."""

    type: ClassVar[str] = "decline"
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """How many are left?"""

    type: ClassVar[str] = "ask"
    id: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayCue:
    """Operator: tell the host something."""

    type: ClassVar[str] = "cue"
    id: str
    text: str
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayNotice:
    """Operator: tell everybody something, or, with an empty text, take the last notice back."""

    type: ClassVar[str] = "notice"
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Host or operator: the cue of this id is noted."""

    type: ClassVar[str] = "acknowledge"
    id: str
    cue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert:
    """Host or operator: this alert is noted, and rings no more unless it becomes graver."""

    type: ClassVar[str] = "acknowledge_alert"
    id: str
    alert: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeAlert:
    """Host or operator: leave this alert aside for 1 to 30 minutes; then it rings again, if it still stands."""

    type: ClassVar[str] = "snooze_alert"
    id: str
    alert: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpotlight:
    """Operator or host: show this SKU, or none."""

    type: ClassVar[str] = "spotlight"
    id: str
    sku: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Operator: start, pause, resume or end the show. `continue_show`: a room that has ended and becomes live goes on
    with its last show, where it would begin the next one."""

    type: ClassVar[str] = "status"
    id: str
    status: RoomStatus
    continue_show: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFreeze:
    """Operator: stop or resume sales of one SKU in every room of the pool; a service may resume them."""

    type: ClassVar[str] = "freeze"
    id: str
    sku: str
    frozen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeRoom:
    """Operator: stop or resume all sales in this room; a service may resume them."""

    type: ClassVar[str] = "freeze_room"
    id: str
    frozen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAction:
    """Operator: take back what was done in this room; `action` is the id of the message that did it, or of an undo."""

    type: ClassVar[str] = "undo"
    id: str
    action: str


ClientMessage = (
    Reserve
    | Cancel
    | Wait
    | Decline
    | Ask
    | SayCue
    | SayNotice
    | Acknowledge
    | AcknowledgeAlert
    | SnoozeAlert
    | SetSpotlight
    | SetStatus
    | SetFreeze
    | FreezeRoom
    | UndoAction
)
