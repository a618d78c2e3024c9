"""Every message that a client sends on a room's socket. One definition decodes and validates MessagePack and JSON."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from shelfcast.protocol.fields import LINE_MAX, ActionId, AlertId, Id, Line, Qty, Sku, SnoozeMinutes
from shelfcast.protocol.states import RoomStatus


class Reserve(Struct, frozen=True, kw_only=True, tag="reserve"):
    """Hold `qty` units. The client makes the id and keeps it until it is answered.

    `again` says that the id was sent before: then the book is asked in any case, never the state of the room.
    """

    id: Id
    sku: Sku
    qty: Qty
    again: bool = False


class Cancel(Struct, frozen=True, kw_only=True, tag="cancel"):
    """Give the reservation `id` back."""

    id: Id


class Wait(Struct, frozen=True, kw_only=True, tag="wait"):
    """Wait for `qty` units that come free. The id becomes that of the reservation when it is the user's turn."""

    id: Id
    sku: Sku
    qty: Qty


class Decline(Struct, frozen=True, kw_only=True, tag="decline"):
    """Wait no more under this id, or give back what was offered under it: the next one gets it."""

    id: Id


class Ask(Struct, frozen=True, kw_only=True, tag="ask"):
    """How many are left?"""

    id: Id
    sku: Sku


class SayCue(Struct, frozen=True, kw_only=True, tag="cue"):
    """Operator: tell the host something."""

    id: Id
    text: Line
    sku: Sku | None = None


class SayNotice(Struct, frozen=True, kw_only=True, tag="notice"):
    """Operator: tell everybody something, or, with an empty text, take the last notice back."""

    id: Id
    text: Annotated[str, Meta(max_length=LINE_MAX)]


class Acknowledge(Struct, frozen=True, kw_only=True, tag="acknowledge"):
    """Host or operator: the cue of this id is noted."""

    id: Id
    cue: Id


class AcknowledgeAlert(Struct, frozen=True, kw_only=True, tag="acknowledge_alert"):
    """Host or operator: this alert is noted, and rings no more unless it becomes graver."""

    id: Id
    alert: AlertId
    note: Annotated[str, Meta(max_length=200)] = ""


class SnoozeAlert(Struct, frozen=True, kw_only=True, tag="snooze_alert"):
    """Host or operator: leave this alert aside for some minutes; then it rings again, if it still stands."""

    id: Id
    alert: AlertId
    minutes: SnoozeMinutes


class SetSpotlight(Struct, frozen=True, kw_only=True, tag="spotlight"):
    """Operator or host: show this SKU, or none."""

    id: Id
    sku: Sku | None


class SetStatus(Struct, frozen=True, kw_only=True, tag="status"):
    """Operator: start, pause, resume or end the show. `continue_show`: a room that has ended and becomes live goes on
    with its last show, where it would begin the next one."""

    id: Id
    status: RoomStatus
    continue_show: bool = False


class SetFreeze(Struct, frozen=True, kw_only=True, tag="freeze"):
    """Operator: stop or resume sales of one SKU, in every room of the pool."""

    id: Id
    sku: Sku
    frozen: bool
    reason: Annotated[str, Meta(max_length=200)] = ""


class FreezeRoom(Struct, frozen=True, kw_only=True, tag="freeze_room"):
    """Operator: stop or resume all sales in this room."""

    id: Id
    frozen: bool
    reason: Annotated[str, Meta(max_length=200)] = ""


class UndoAction(Struct, frozen=True, kw_only=True, tag="undo"):
    """Operator: take back what was done in this room; `action` is the id of the message that did it, or of an undo."""

    id: Id
    action: ActionId


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
