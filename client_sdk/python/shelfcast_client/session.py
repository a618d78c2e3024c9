"""One client of one room or pool, without I/O: what happened goes in, what to do comes out.

The caller owns the socket and the clock. It tells the session what happened (`start`, `opened`, `received`,
`unreadable`, `lost`, `failed`, `refused`, `tick`, `close`), with the time of its monotonic clock in seconds, and
carries out the actions each of them returns, in order. At `wake_at()` it calls `tick`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from shelfcast_client import messages as m
from shelfcast_client.backoff import Backoff
from shelfcast_client.clock import ServerClock
from shelfcast_client.codec import Encoding, UnknownMessage, decode, encode
from shelfcast_client.codes import Close, Code, Retry, may_reconnect, retry_of
from shelfcast_client.errors import ClientError, ClosedByServer, ProtocolError, Rejected, UsageError
from shelfcast_client.events import State, StateChange
from shelfcast_client.mirror import Mirror
from shelfcast_client.requests import Outstanding, Request, RequestPace, Result, check
from shelfcast_client.transitions import TRANSITIONS, Action, Dial, Emit, Hangup, Input, Send, Settle

ALIVE_MIN_S, ALIVE_MAX_S = 1.0, 600.0
"""The bounds of what a server may promise: it can neither end each connection at once nor keep a dead one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The bounds of a session."""

    unanswered_max: int = 64
    """Requests waiting for an answer; the server's own limit (`unanswered_reservations_max`)."""
    same_id_attempts_max: int = 8
    """Times a request is sent that keeps being refused as not executed, before the refusal is returned."""
    messages_a_second: float = 16.0
    """A little under the server's limit (`messages_a_second`, 20), which closes a connection that goes on above it."""
    messages_burst: float = 32.0
    open_timeout_s: float = 10.0
    """How long a connection may take to open, the token included."""
    stable_after_s: float = 5.0
    """A connection that lasted this long was a good one: back-off begins anew after it."""
    silence_max_s: float = 75.0
    """A connection that says nothing for this long is dead; from its first `alive` on, what that promises decides."""
    silence_share: float = 1.5
    """How many times the promised time may pass in silence."""
    unreadable_max: int = 3
    """Connections in a row that ended because the server sent something unreadable, before giving up."""


class Kept(Protocol):
    """What a session keeps up to date: a mirror of a room, or of a pool."""

    current: bool
    epoch: int
    seq: int

    def apply(self, message: Any) -> bool:
        """Take over what a message says. False: it is older than what is shown."""

    def connected(self) -> None:
        """Another connection."""

    def disconnected(self) -> None:
        """The connection is gone: what is known stays, but it is no longer current."""

    def forget_reservations(self) -> None:
        """Another user: what was held, and the places on waitlists, are not theirs."""


M = TypeVar("M", bound=Kept)


@dataclass(slots=True, kw_only=True)
class ClientSession(ABC, Generic[M]):
    """The state machine. `mirror` is the room or pool as known; `error` is why the server ended a closed session."""

    encoding: Encoding = Encoding.MSGPACK
    policy: Policy = field(default_factory=Policy)
    random: Random = field(default_factory=Random)
    state: State = field(init=False, default=State.DISCONNECTED)
    mirror: M = field(init=False)
    clock: ServerClock = field(init=False, default_factory=ServerClock)
    error: ClientError | None = field(init=False, default=None)
    ignored: int = field(init=False, default=0)
    """Messages of a type this version does not know."""
    outstanding: Outstanding = field(init=False)
    _request_pace: RequestPace = field(init=False)
    _backoff: Backoff = field(init=False)
    _dial_at_s: float | None = field(init=False, default=None)
    _opened_at_s: float = field(init=False, default=0.0)
    _heard_at_s: float = field(init=False, default=0.0)
    _silence_s: float = field(init=False, default=0.0)
    _deaf: bool = field(init=False, default=False)
    _unreadable: int = field(init=False, default=0)
    _unreadable_reason: str = field(init=False, default="")
    _drain_floor_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.mirror = self._make_mirror()
        self.outstanding = Outstanding(self.policy.unanswered_max)
        self._request_pace = RequestPace(self.policy.messages_a_second, self.policy.messages_burst)
        self._backoff = Backoff(self.random)

    @abstractmethod
    def _make_mirror(self) -> M:
        """What it keeps up to date."""

    @abstractmethod
    def _decode(self, payload: str | bytes) -> Any:
        """What the server says. Raises ProtocolError, or UnknownMessage."""

    # --- what happens to the connection -------------------------------------------------------------

    def start(self, now_s: float) -> list[Action]:
        """Connect for the first time, at once."""
        self._dial_at_s = now_s
        return self.tick(now_s)

    def opened(self, now_s: float) -> list[Action]:
        """The handshake succeeded. All that is unanswered goes out (again)."""
        if self._move(Input.OPENED) is State.CLOSED:
            return []
        self._opened_at_s, self._deaf, self._drain_floor_s = now_s, False, 0.0
        self.mirror.connected()
        self._heard_at_s, self._silence_s = now_s, self.policy.silence_max_s
        return [Emit(StateChange(state=self.state)), *self._pump(now_s)]

    def failed(self, reason: str, now_s: float, retry_after_s: float = 0.0) -> list[Action]:
        """No connection came about; `retry_after_s` is the server's wish, where it gave one."""
        if self._move(Input.FAILED) is State.CLOSED:
            return []
        return self._wait(reason, now_s, retry_after_s)

    def refused(self, error: Rejected | ProtocolError | UsageError) -> list[Action]:
        """The server refused the handshake for good, or the owner asked for what cannot be."""
        before = self.state
        self._move(Input.REJECTED)
        return self._ended(error) if before is not State.CLOSED else []

    def lost(self, code: int, reason: str, now_s: float, *, has_fresh_token: bool = False) -> list[Action]:
        """The open connection ended; 1006 where no close code was seen. An expired token is no end where there can be
        a fresh one."""
        may_return = may_reconnect(code) or (has_fresh_token and code == Close.TOKEN_EXPIRED)
        if self._deaf and self._unreadable >= self.policy.unreadable_max:
            error: ClientError = ProtocolError(
                f"gave up after {self._unreadable} unreadable connections: {self._unreadable_reason}"
            )
        elif not self._deaf and not may_return:
            error = ClosedByServer(code, reason)
        else:
            return self._lost(f"{reason or 'connection lost'} ({code})", now_s)
        before = self.state
        self._move(Input.DISMISSED)
        return self._ended(error) if before is not State.CLOSED else []

    def _lost(self, reason: str, now_s: float) -> list[Action]:
        if self._move(Input.LOST) is State.CLOSED:
            return []
        if now_s - self._opened_at_s >= self.policy.stable_after_s:
            self._backoff.reset()
            self._unreadable = self._unreadable if self._deaf else 0
        actions = self._wait(reason, now_s, self._drain_floor_s)
        for request in self.outstanding:
            request.in_flight = False
        return actions

    def close(self) -> list[Action]:
        """The owner is done. What is unanswered stays so."""
        before = self.state
        self._move(Input.CLOSE)
        if before is State.CLOSED:
            return []
        return [*self._ended(None), Hangup(Close.NORMAL, "")]

    def tick(self, now_s: float) -> list[Action]:
        """Time has come for something: connect, send, or give up."""
        late = [request for request in self.outstanding if request.deadline_s <= now_s]
        actions: list[Action] = [self._settle(each, each.given_up("no answer in time")) for each in late]
        if self.state is State.DISCONNECTED and self._dial_at_s is not None and self._dial_at_s <= now_s:
            self._dial_at_s = None
            self._move(Input.DIAL)
            actions += [Emit(StateChange(state=self.state)), Dial()]
        if self._listening and self._heard_at_s + self._silence_s <= now_s:
            # The network may have died without a word: nothing that is shown can be believed from here on.
            self._deaf = True
            self.mirror.disconnected()
            actions.append(Hangup(Close.SILENT, "no sign of life"))
        return actions + self._pump(now_s)

    def wake_at(self) -> float | None:
        """When to call `tick` next, if nothing else happens before."""
        times = [request.deadline_s for request in self.outstanding]
        if self.state is State.DISCONNECTED and self._dial_at_s is not None:
            times.append(self._dial_at_s)
        if self._listening:
            times.append(self._heard_at_s + self._silence_s)
            waiting = [request.not_before_s for request in self.outstanding if not request.in_flight]
            if waiting:
                times.append(max(min(waiting), self._request_pace.ready_at_s()))
        return min(times, default=None)

    # --- messages ---------------------------------------------------------------------------------------

    def request(self, message: m.ClientMessage, now_s: float, timeout_s: float) -> list[Action]:
        """Ask for something; a Settle with the message's id follows, within `timeout_s`. While there is no connection
        the request waits for one. Raises UsageError, or the session's error where the server ended it."""
        check(message)
        if not timeout_s > 0:  # nor where it is no number
            raise UsageError(f"timeout_s: expected more than 0, got {timeout_s!r}")
        if self.state is State.CLOSED:
            raise self.error or UsageError("the room is closed")
        self.outstanding.add(Request(message, deadline_s=now_s + timeout_s))
        return self._pump(now_s)

    def abandon(self, reason: str) -> list[Action]:
        """Give up what is unanswered."""
        return [self._settle(each, each.given_up(reason)) for each in self.outstanding]

    def another_user(self) -> list[Action]:
        """Whoever connects now holds nothing of what the one before held, and asks for nothing in their name."""
        self.mirror.forget_reservations()
        return self.abandon("another user")

    def received(self, payload: str | bytes, now_s: float) -> list[Action]:
        """A frame came. An unreadable one ends the connection: what it said is unknown, and a new snapshot mends it."""
        if not self._listening:
            return []
        self._heard_at_s = now_s
        try:
            message = self._decode(payload)
        except UnknownMessage:
            self.ignored += 1
            return []
        except ProtocolError as error:
            return self.unreadable(str(error))
        return self._take(message, now_s)

    def unreadable(self, reason: str) -> list[Action]:
        """What came is no frame (too large, say) or no message: nothing after it can be believed."""
        if not self._listening:
            return []
        self._deaf = True
        self._unreadable += 1
        self._unreadable_reason = reason
        # A close frame holds 123 bytes of reason; four bytes is the longest character.
        return [Hangup(Close.UNREADABLE, reason[:30])]

    def _take(self, message: Any, now_s: float) -> list[Action]:
        if getattr(message, "epoch", self.mirror.epoch) != self.mirror.epoch:
            self.clock.forget()
        self.clock.observe(getattr(message, "at_ms", 0), now_s)
        if isinstance(message, m.Draining):
            self._drain_floor_s = message.reconnect_after_ms / 1000
        elif isinstance(message, m.Alive):
            next_s = min(ALIVE_MAX_S, max(ALIVE_MIN_S, message.next_ms / 1000))
            self._silence_s = next_s * self.policy.silence_share
            return []
        if not self.mirror.apply(message):
            return []
        if isinstance(message, m.Error):
            return self._error(message, now_s)
        request = self.outstanding.get(getattr(message, "id", ""))
        if request is None or not request.is_answer(message):
            return [Emit(message)]
        if isinstance(message, m.Refused) and self._again(request, message, now_s):
            return self._pump(now_s)
        return [self._settle(request, message), Emit(message)]

    def _error(self, error: m.Error, now_s: float) -> list[Action]:
        """An `error` with the id of a request refuses that request; a traffic one without an id says to slow down,
        and whatever it was said of is sent again."""
        request = self.outstanding.get(error.id) if error.id is not None else None
        if request is not None:
            refusal = m.Refused(
                id=request.message.id,
                code=error.code,
                message=error.message,
                retry=retry_of(error.code),
                retry_after_ms=error.retry_after_ms,
            )
            if self._again(request, refusal, now_s):
                return self._pump(now_s)
            return [self._settle(request, refusal), Emit(error)]
        if error.id is None and error.code == Code.RATE_LIMITED:
            for unanswered in self.outstanding:
                if unanswered.in_flight:
                    unanswered.in_flight = False
                    unanswered.not_before_s = now_s + self._pause_s(unanswered, error.retry_after_ms)
        return [Emit(error)]

    def _again(self, request: Request, refusal: m.Refused, now_s: float) -> bool:
        """Whether the request is to be sent again with its id; then it waits for its time."""
        if refusal.retry != Retry.SAME_ID or request.attempts >= self.policy.same_id_attempts_max:
            return False
        not_before_s = now_s + self._pause_s(request, refusal.retry_after_ms)
        if not_before_s >= request.deadline_s:
            return False
        request.in_flight, request.not_before_s, request.refusal = False, not_before_s, refusal
        return True

    def _pause_s(self, request: Request, retry_after_ms: int | None) -> float:
        floor_s = 0.0 if retry_after_ms is None else retry_after_ms / 1000
        return Backoff(self.random, attempt=max(0, request.attempts - 1)).next_s(floor_s)

    # --- the machinery ------------------------------------------------------------------------------------

    @property
    def _listening(self) -> bool:
        return self.state is State.CONNECTED and not self._deaf

    def _move(self, happened: Input) -> State:
        after = TRANSITIONS.get((self.state, happened))
        if after is None:
            raise UsageError(f"{happened.name.lower()} cannot happen while {self.state.value}")
        self.state = after
        return after

    def _wait(self, reason: str, now_s: float, floor_s: float) -> list[Action]:
        delay_s = self._backoff.next_s(floor_s)
        self._dial_at_s = now_s + delay_s
        self.mirror.disconnected()
        return [Emit(StateChange(state=self.state, reason=reason, retry_in_s=delay_s))]

    def _ended(self, error: ClientError | None) -> list[Action]:
        self.error = error
        self.mirror.disconnected()
        reason = str(error) if error is not None else "closed by its owner"
        return [*self.abandon(reason), Emit(StateChange(state=self.state, reason=reason))]

    def _settle(self, request: Request, result: Result) -> Settle:
        self.outstanding.remove(request)
        return Settle(request.message.id, result)

    def _pump(self, now_s: float) -> list[Action]:
        """Send what waits and may go out."""
        actions: list[Action] = []
        if not self._listening:
            return actions
        for request in self.outstanding:
            if request.in_flight or request.not_before_s > now_s:
                continue
            if not self._request_pace.take(now_s):
                break
            actions.append(Send(encode(request.sent(), self.encoding)))
        return actions


@dataclass(slots=True, kw_only=True)
class Session(ClientSession[Mirror]):
    """The session of a room."""

    def _make_mirror(self) -> Mirror:
        return Mirror()

    def _decode(self, payload: str | bytes) -> m.ServerMessage:
        return decode(payload, self.encoding)
