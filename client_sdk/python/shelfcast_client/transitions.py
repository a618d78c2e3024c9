"""What can happen to a connection, what follows, and what the caller of a session must do then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from shelfcast_client.events import Event, State
from shelfcast_client.requests import Result


class Input(Enum):
    """What can happen to the connection."""

    DIAL = auto()
    """It is time to connect."""
    OPENED = auto()
    """The handshake succeeded."""
    FAILED = auto()
    """No connection came about, or the server said to come back (429, 5xx)."""
    REJECTED = auto()
    """The server said no for good (401, 403, 404 …)."""
    LOST = auto()
    """The connection ended in a way that allows another."""
    DISMISSED = auto()
    """The connection ended with a close code that forbids another."""
    CLOSE = auto()
    """The owner is done."""


TRANSITIONS: dict[tuple[State, Input], State] = {
    (State.DISCONNECTED, Input.DIAL): State.CONNECTING,
    (State.DISCONNECTED, Input.CLOSE): State.CLOSED,
    (State.CONNECTING, Input.OPENED): State.CONNECTED,
    (State.CONNECTING, Input.FAILED): State.DISCONNECTED,
    (State.CONNECTING, Input.REJECTED): State.CLOSED,
    (State.CONNECTING, Input.CLOSE): State.CLOSED,
    (State.CONNECTED, Input.LOST): State.DISCONNECTED,
    (State.CONNECTED, Input.DISMISSED): State.CLOSED,
    (State.CONNECTED, Input.CLOSE): State.CLOSED,
    # Closing takes the socket a moment, in which the network may still have its say; nothing follows from it.
    (State.CLOSED, Input.OPENED): State.CLOSED,
    (State.CLOSED, Input.FAILED): State.CLOSED,
    (State.CLOSED, Input.REJECTED): State.CLOSED,
    (State.CLOSED, Input.LOST): State.CLOSED,
    (State.CLOSED, Input.DISMISSED): State.CLOSED,
    (State.CLOSED, Input.CLOSE): State.CLOSED,
}
"""Every transition there is. An input that has no row here is a defect of the caller, and raises UsageError."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a connection; then call `opened`, `failed` or `refused`."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this payload on the open connection: text is a text frame, bytes a binary one."""

    payload: str | bytes


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close the connection with this code; `lost` follows when it is closed."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Emit:
    """Show this event to whoever iterates over the room."""

    event: Event


@dataclass(frozen=True, slots=True)
class Settle:
    """The request with this id has its result."""

    id: str
    result: Result


Action = Dial | Send | Hangup | Emit | Settle
