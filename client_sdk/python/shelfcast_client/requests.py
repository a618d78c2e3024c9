"""What was asked and not yet answered: bounded, paced, sent again where that is safe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from shelfcast_client import messages as m
from shelfcast_client.errors import UsageError

ID = re.compile(r"[A-Za-z0-9_.:~-]{1,64}", re.ASCII)
ACTION_ID = re.compile(r"[A-Za-z0-9_.:~-]{1,128}", re.ASCII)
ALERT_ID = re.compile(r"[a-z0-9_-]{1,64}(?:\.[0-9]{1,9})?:[0-9]{1,9}", re.ASCII)
TEXT = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", re.ASCII)
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""What may stand in a header (a token of RFC 9110), also as a subprotocol."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
QTY_MAX = 1_000_000
LINE_MAX = 500
REASON_MAX = 200
SNOOZE_MINUTES = 10
"""How long an alert is left aside, where nothing is said."""
SNOOZE_MINUTES_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """No answer came in time, or the connection ended first. It is not known whether the request was executed:
    ask again with the same id to learn, which is safe as often as you like."""

    ok = False
    id: str
    reason: str


Answered = m.Reserved | m.Confirmed | m.Cancelled | m.Waiting | m.Offer | m.WaitOver | m.Answer | m.Done | m.Refused
Result = Answered | Unanswered

ANSWERS: Mapping[type[m.ClientMessage], tuple[type[Answered], ...]] = {
    m.Reserve: (m.Reserved, m.Confirmed, m.Refused),
    m.Cancel: (m.Cancelled, m.Refused),
    m.Wait: (m.Waiting, m.Offer, m.Confirmed, m.Refused),
    m.Decline: (m.WaitOver, m.Cancelled, m.Refused),
    m.Ask: (m.Answer, m.Refused),
    m.SayCue: (m.Done, m.Refused),
    m.SayNotice: (m.Done, m.Refused),
    m.Acknowledge: (m.Done, m.Refused),
    m.AcknowledgeAlert: (m.Done, m.Refused),
    m.SnoozeAlert: (m.Done, m.Refused),
    m.SetSpotlight: (m.Done, m.Refused),
    m.SetStatus: (m.Done, m.Refused),
    m.SetFreeze: (m.Done, m.Refused),
    m.FreezeRoom: (m.Done, m.Refused),
    m.UndoAction: (m.Done, m.Refused),
}
"""What answers each request, besides an `error` with its id. What is asked for again may be paid by now;
a `decline` ends a wait, or gives back what was offered."""


@dataclass(slots=True)
class Request:
    """One request. `in_flight` means sent on the present connection; `refusal` is the last one that allows a retry."""

    message: m.ClientMessage
    deadline_s: float
    not_before_s: float = 0.0
    in_flight: bool = False
    attempts: int = 0
    refusal: m.Refused | None = None

    def sent(self) -> m.ClientMessage:
        """Note that it goes out now; returns what to send. A reservation says that its id was sent before.

        What it was refused with before says nothing any more: it may be granted this time.
        """
        self.in_flight = True
        self.refusal = None
        self.attempts += 1
        if self.attempts > 1 and isinstance(self.message, m.Reserve):
            return replace(self.message, again=True)
        return self.message

    def is_answer(self, message: m.ServerMessage) -> bool:
        """Whether this message answers the request (its id is known to match)."""
        return isinstance(message, ANSWERS[type(self.message)])

    def given_up(self, reason: str) -> Result:
        """What the caller gets when there will be no answer."""
        return self.refusal or Unanswered(id=self.message.id, reason=reason)


@dataclass(slots=True)
class Outstanding:
    """The unanswered requests, in the order they were made; at most `limit`."""

    limit: int
    _by_id: dict[str, Request] = field(default_factory=dict)

    def add(self, request: Request) -> None:
        """Remember a request. Raises UsageError for an id in use and when there are too many."""
        request_id = request.message.id
        if request_id in self._by_id:
            raise UsageError(f"a request with id {request_id!r} is still unanswered; await it first")
        if len(self._by_id) >= self.limit:
            raise UsageError(f"{self.limit} requests are unanswered; await some of them first")
        self._by_id[request_id] = request

    def get(self, request_id: str) -> Request | None:
        """The unanswered request of this id."""
        return self._by_id.get(request_id)

    def remove(self, request: Request) -> None:
        """It was answered or given up."""
        del self._by_id[request.message.id]

    def __iter__(self) -> Iterator[Request]:
        """The requests as they are now: removing some meanwhile is allowed."""
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)


@dataclass(slots=True)
class RequestPace:
    """A token bucket that keeps this client under the server's messages a second, even when it sends all it has
    again after a reconnect."""

    a_second: float
    burst: float
    _tokens: float = field(init=False)
    _at_s: float = 0.0

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def take(self, now_s: float) -> bool:
        """Whether a message may go out now; if so it is counted."""
        self._tokens = min(self.burst, self._tokens + (now_s - self._at_s) * self.a_second)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def ready_at_s(self) -> float:
        """When the next message may go out."""
        # A hair late rather than a hair early: a timer that fires a rounding error too soon would fire again at once.
        return self._at_s + max(0.0, 1 - self._tokens) / self.a_second + 0.001


def check(message: m.ClientMessage) -> None:
    """Refuse a request that the server could only refuse. Raises UsageError saying what was expected."""
    _check_text("id", message.id, ID, "1 to 64 of A-Z a-z 0-9 _ . : ~ -")
    sku = getattr(message, "sku", None)
    if sku is not None or isinstance(message, m.Reserve | m.Wait | m.Ask | m.SetFreeze):
        _check_text("sku", sku, TEXT, "1 to 128 printable characters without a space at either end")
    if isinstance(message, m.Reserve | m.Wait):
        _check_qty(message.qty)
    elif isinstance(message, m.SayCue | m.SayNotice):
        _check_length("text", message.text, 1 if isinstance(message, m.SayCue) else 0, LINE_MAX)
    elif isinstance(message, m.Acknowledge):
        _check_text("cue", message.cue, ID, "the id of a cue: 1 to 64 of A-Z a-z 0-9 _ . : ~ -")
    elif isinstance(message, m.AcknowledgeAlert | m.SnoozeAlert):
        _check_about_alert(message)
    elif isinstance(message, m.UndoAction):
        _check_text("action", message.action, ACTION_ID, "the id of an action: 1 to 128 of A-Z a-z 0-9 _ . : ~ -")
    elif isinstance(message, m.SetStatus):
        if message.status not in list(m.RoomStatus):
            raise UsageError(f"status: expected one of {', '.join(m.RoomStatus)}, got {message.status!r}")
        _check_flag("continue_show", message.continue_show)
    elif isinstance(message, m.SetFreeze | m.FreezeRoom):
        _check_length("reason", message.reason, 0, REASON_MAX)
        _check_flag("frozen", message.frozen)


def _check_about_alert(message: m.AcknowledgeAlert | m.SnoozeAlert) -> None:
    _check_text("alert", message.alert, ALERT_ID, "the id of an alert, as evening.3:17")
    if isinstance(message, m.AcknowledgeAlert):
        _check_length("note", message.note, 0, REASON_MAX)
    elif type(message.minutes) is not int or not 1 <= message.minutes <= SNOOZE_MINUTES_MAX:
        raise UsageError(f"minutes: expected a whole number from 1 to {SNOOZE_MINUTES_MAX}, got {message.minutes!r}")


def check_name(what: str, name: object) -> None:
    """Refuse what cannot be the name of a room or pool. Raises UsageError."""
    _check_text(what, name, NAME, "1 to 64 of a-z 0-9 _ -, beginning and ending with a letter or digit")


def check_token(token: object) -> None:
    """Refuse what cannot be a token. What was given is not shown: it may be a secret in the wrong place."""
    if not isinstance(token, str) or TOKEN.fullmatch(token) is None:
        raise UsageError("token: expected a JSON Web Token")


def _check_text(name: str, value: object, pattern: re.Pattern[str], expected: str) -> None:
    if not _is_text(value) or pattern.fullmatch(value) is None:
        raise UsageError(f"{name}: expected {expected}, got {value!r}")


def _is_text(value: object) -> TypeGuard[str]:
    """Whether it can be sent at all: half of a surrogate pair has no UTF-8."""
    return isinstance(value, str) and LONE_SURROGATE.search(value) is None


def _check_qty(qty: object) -> None:
    if type(qty) is not int or not 1 <= qty <= QTY_MAX:
        raise UsageError(f"qty: expected a whole number from 1 to {QTY_MAX:,}, got {qty!r}")


def _check_flag(name: str, value: object) -> None:
    if type(value) is not bool:
        raise UsageError(f"{name}: expected True or False, got {value!r}")


def _check_length(name: str, value: object, least: int, most: int) -> None:
    if not _is_text(value) or not least <= len(value) <= most:
        raise UsageError(f"{name}: expected {least} to {most} characters, got {value!r:.80}")
