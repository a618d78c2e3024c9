"""The asyncio client: a `Session` joined to a WebSocket of the `websockets` library."""

from __future__ import annotations

import asyncio
import inspect
import ssl
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import cast
from weakref import WeakSet

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException

from shelfcast_client import messages as m
from shelfcast_client.codec import Encoding
from shelfcast_client.dial import Address, NotNow, dial, socket_url, way_to
from shelfcast_client.errors import ClientError, ProtocolError, Rejected, Unreachable, UsageError
from shelfcast_client.events import EVENTS_MAX, Event, EventStream, State, StateChange
from shelfcast_client.identity import user_of
from shelfcast_client.mirror import SkuState
from shelfcast_client.proxies import read_proxy
from shelfcast_client.requests import Result, Unanswered, check_token
from shelfcast_client.session import Action, Dial, Emit, Hangup, Policy, Send, Session, Settle

Token = str | Callable[[], str | Awaitable[str]] | None
"""A token, or what gives a fresh one for each connection (plain or async), also when the server says that its last one
has expired; or None for an anonymous viewer."""

REQUEST_TIMEOUT_S = 20.0
ENTER_TIMEOUT_S = 30.0
FAULTS_SEEN_HERE = frozenset({1002, 1007, 1009})
"""Codes with which `websockets` ends a connection itself: the frames were malformed, no UTF-8, or too large."""


def connect(
    url: str,
    room: str,
    *,
    token: Token = None,
    encoding: str | Encoding = Encoding.MSGPACK,
    language: str | None = None,
    origin: str | None = None,
    ssl: ssl.SSLContext | None = None,
    enter_timeout_s: float | None = ENTER_TIMEOUT_S,
    ping_interval_s: float = 20.0,
    proxy: bool | str = True,
    policy: Policy | None = None,
) -> Room:
    """A room of the server at `url` (http, https, ws or wss), to be entered with `async with`.

    Entering waits for the first snapshot, at most `enter_timeout_s`; with None it does not wait at all.
    `encoding` is "msgpack" or "json"; `language` ("en", "zh") is that of answers to `ask`. `proxy` True takes the
    environment's (never to a server on this machine), False none, a URL that one. Raises UsageError.
    """
    names = {"json": Encoding.JSON, "msgpack": Encoding.MSGPACK}
    chosen = names.get(str(encoding)) or next((each for each in Encoding if each == encoding), None)
    if chosen is None:
        raise UsageError(f'encoding: expected "msgpack" or "json", got {encoding!r}')
    if not (token is None or isinstance(token, str) or callable(token)):
        raise UsageError(f"token: expected a string, a function or None, got {type(token).__name__}")
    socket = socket_url(url, room, language)
    if ssl is not None and not socket.startswith("wss:"):
        raise UsageError("ssl: expected with https or wss alone")
    if isinstance(proxy, str):
        read_proxy(proxy, "proxy")
    elif not isinstance(proxy, bool):
        raise UsageError(f"proxy: expected True, False or a proxy's URL, got {type(proxy).__name__}")
    address = Address(
        url=socket,
        encoding=chosen,
        origin=origin,
        ssl=ssl,
        ping_interval_s=ping_interval_s,
        proxy=proxy,
    )
    return Room(address, token, Session(encoding=chosen, policy=policy or Policy()), enter_timeout_s)


class Room:
    """A live room. Made by `connect`; usable inside `async with`.

    Reconnects by itself until it is left or the server says not to come back; then every call raises `error`.
    Its methods belong to one event loop.
    """

    def __init__(self, address: Address, token: Token, session: Session, enter_timeout_s: float | None) -> None:
        self._address = address
        self._token = token
        self._session = session
        self._enter_timeout_s = enter_timeout_s
        self._entered = False
        self._last_reason = ""
        self._user: str | None = None
        self._streams: WeakSet[EventStream] = WeakSet()
        self._waiting: dict[str, asyncio.Future[Result]] = {}
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._connection: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._outgoing: deque[str | bytes] = deque()
        self._outgoing_wake = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self.operator = Operator(self)

    # --- the room as it is known -----------------------------------------------------------------------

    @property
    def stock(self) -> Mapping[str, SkuState]:
        """SKU → its state, in the room's order. Read it as often as you like: it changes in place."""
        return self._session.mirror.stock

    @property
    def reservations(self) -> Mapping[str, m.Holding]:
        """This user's live reservations in this room, by id."""
        return self._session.mirror.reservations

    @property
    def title(self) -> str:
        """The room's title; empty where it has none."""
        return self._session.mirror.title

    @property
    def demonstration(self) -> bool:
        """Whether anybody may reserve here, and payment is for show."""
        return self._session.mirror.demonstration

    @property
    def status(self) -> m.RoomStatus | str:
        """Scheduled, live, paused or ended."""
        return self._session.mirror.status

    @property
    def spotlight(self) -> str | None:
        """The SKU the host shows now."""
        return self._session.mirror.spotlight

    @property
    def viewers(self) -> int:
        """How many viewers are connected."""
        return self._session.mirror.viewers

    @property
    def notice(self) -> m.StandingNotice | None:
        """The operator's notice, where there is one."""
        return self._session.mirror.notice

    @property
    def cues(self) -> Mapping[str, m.Cue]:
        """Backstage: the cues that nobody has acknowledged yet, by id, oldest first."""
        return self._session.mirror.cues

    @property
    def epoch(self) -> int:
        """The epoch of the numbers: within one, counts never run backwards."""
        return self._session.mirror.epoch

    @property
    def seq(self) -> int:
        """The pool's sequence the numbers are of."""
        return self._session.mirror.seq

    @property
    def state(self) -> State:
        """Disconnected, connecting, connected or closed."""
        return self._session.state

    @property
    def current(self) -> bool:
        """Whether the numbers can be believed now. False while disconnected, and while the server itself has lost sight
        of its stock book: then they are the last known ones."""
        return self._session.mirror.current

    @property
    def error(self) -> ClientError | None:
        """Why the server ended it, where it did."""
        return self._session.error

    @property
    def last_reason(self) -> str:
        """Why there was no connection the last time there was none; empty before."""
        return self._last_reason

    def server_now_ms(self) -> int | None:
        """The server's clock, in milliseconds since 1970, as well as it can be known from here: for countdowns to
        `opens_at_ms` and `expires_at_ms`. None before the first snapshot."""
        return self._session.clock.now_ms(time.monotonic())

    def events(self, events_max: int = EVENTS_MAX) -> EventStream:
        """Typed events from now on. Each call gives a stream of its own."""
        self._require_entered()
        stream = EventStream(events_max)
        if self.state is State.CLOSED:
            stream.end(self.error)
        else:
            self._streams.add(stream)
        return stream

    async def until(self, condition: Callable[[Room], object], *, timeout_s: float | None = None) -> None:
        """Wait until the condition holds of this room; it is asked again after every change.

        Raises TimeoutError, or the room's error (UsageError where it was left) if it closed first.
        """
        async with asyncio.timeout(timeout_s):
            while not condition(self):
                if self.state is State.CLOSED:
                    raise self.error or UsageError("the room is closed")
                self._changed.clear()
                await self._changed.wait()

    # --- asking for something ----------------------------------------------------------------------------

    async def reserve(
        self, sku: str, qty: int = 1, *, reservation_id: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.Reserved | m.Confirmed | m.Refused | Unanswered:
        """Hold units. The result is a value: `Reserved`, `Refused` with a code, or `Unanswered` after `timeout_s`
        (`Confirmed` where the id is of a reservation that is paid by now).

        The request outlives a lost connection: it is sent again with its id, and the server answers an id once.
        Pass the id of an `Unanswered` result, or of a `Refused` one whose `retry` is `same_id`, to learn what became of
        it: it may have been granted, and another id would hold a second time.
        """
        # An id that was given may be in the book: a room that is sold out is not to answer in the book's place.
        known = reservation_id is not None
        message = m.Reserve(id=reservation_id or uuid.uuid4().hex, sku=sku, qty=qty, again=known)
        return cast("m.Reserved | m.Confirmed | m.Refused | Unanswered", await self._ask(message, timeout_s))

    async def cancel(
        self, reservation_id: str, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.Cancelled | m.Refused | Unanswered:
        """Give a reservation back."""
        return cast("m.Cancelled | m.Refused | Unanswered", await self._ask(m.Cancel(id=reservation_id), timeout_s))

    async def ask(self, sku: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> m.Answer | m.Refused | Unanswered:
        """How many are left, as a line in the client's language."""
        message = m.Ask(id=uuid.uuid4().hex, sku=sku)
        return cast("m.Answer | m.Refused | Unanswered", await self._ask(message, timeout_s))

    async def _ask(self, message: m.ClientMessage, timeout_s: float) -> Result:
        self._require_entered()
        actions = self._session.request(message, time.monotonic(), timeout_s)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[message.id] = future
        self._perform(actions)
        return await future

    def _require_entered(self) -> None:
        if not self._entered:
            raise UsageError("the room is not entered; use `async with connect(...) as room:`")

    # --- coming and going --------------------------------------------------------------------------------

    async def __aenter__(self) -> Room:
        if self._entered:
            raise UsageError("a room is entered once; make another with connect()")
        self._entered = True
        self._perform(self._session.start(time.monotonic()))
        if self._enter_timeout_s is None:
            return self
        try:
            await self.until(lambda room: room.current, timeout_s=self._enter_timeout_s)
        except TimeoutError:
            reason = self._last_reason or "no snapshot came"
            await self.aclose()
            raise Unreachable(f"not entered within {self._enter_timeout_s:g} s: {reason}") from None
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Leave the room. Requests still waiting get `Unanswered`; event streams end. Safe to call twice."""
        self._perform(self._session.close())
        connection = self._connection
        if connection is not None and connection is not asyncio.current_task():
            if self._socket is None:
                connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)

    # --- carrying out what the session says --------------------------------------------------------------

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(payload):
                    self._outgoing.append(payload)
                    self._outgoing_wake.set()
                case Emit(event):
                    self._emit(event)
                case Settle(request_id, result):
                    future = self._waiting.pop(request_id)
                    if not future.done():
                        future.set_result(result)
                case Dial():
                    self._connection = asyncio.create_task(self._connect())
                case Hangup(code, reason):
                    if self._socket is not None and self._closing is None:
                        self._closing = asyncio.create_task(_hang_up(self._socket, code, reason))
        self._changed.set()
        self._set_timer()

    def _emit(self, event: Event) -> None:
        if isinstance(event, StateChange):
            self._last_reason = event.reason or self._last_reason
        for stream in tuple(self._streams):
            stream.put(event)
            if self.state is State.CLOSED:
                stream.end(self.error)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wake_at_s = self._session.wake_at()
        if wake_at_s is not None:
            # A condition may have passed meanwhile; call_later takes a negative delay as "soon".
            self._timer = asyncio.get_running_loop().call_later(wake_at_s - time.monotonic(), self._tick)

    def _tick(self) -> None:
        self._perform(self._session.tick(time.monotonic()))

    async def _connect(self) -> None:
        """One connection, from the handshake to its end. Nobody awaits this task, so whatever happens in it becomes
        another attempt or an error that callers see."""
        try:
            await self._attempt()
        except asyncio.CancelledError:
            # By `aclose`; or somebody cancelled every task there is, and callers must not wait for what will not come.
            self._perform(self._session.close())
            raise
        except Exception as error:
            reason = _named(error)
            if self.state is State.CONNECTING:
                self._perform(self._session.failed(reason, time.monotonic()))
            elif self.state is State.CONNECTED:
                self._perform(self._session.lost(1006, reason, time.monotonic()))

    async def _attempt(self) -> None:
        try:
            async with asyncio.timeout(self._session.policy.open_timeout_s):
                token = await self._fresh_token()
                self._recognise(token)
                socket = await dial(self._address, token)
        except (Rejected, ProtocolError, UsageError) as error:
            self._perform(self._session.refused(error))
        except TimeoutError:
            reason = f"no connection in time{way_to(self._address)}"
            self._perform(self._session.failed(reason, time.monotonic()))
        except NotNow as error:
            self._perform(self._session.failed(str(error), time.monotonic(), error.retry_after_s))
        except (OSError, WebSocketException, EOFError) as error:
            self._perform(self._session.failed(str(error) or type(error).__name__, time.monotonic()))
        except ValueError as error:  # no such host can be, or such a header: trying again would not mend it
            self._perform(self._session.refused(UsageError(str(error))))
        else:
            await self._serve(socket)

    async def _fresh_token(self) -> str | None:
        """The token of this connection. Raises NotNow, and UsageError for what cannot be one."""
        token = self._token
        if callable(token):
            try:
                given = token()
                token = await given if inspect.isawaitable(given) else given
            except asyncio.CancelledError as error:
                task = asyncio.current_task()
                if task is None or task.cancelling():  # this task is meant: by `aclose`, or its time is over
                    raise
                raise NotNow(f"no token: {error!r}") from error
            except Exception as error:  # whatever the owner's function may raise: the next attempt asks it again
                raise NotNow(f"no token: {error!r}") from error
        if token:
            check_token(token)
        return token

    def _recognise(self, token: str | None) -> None:
        """Whose connection this is."""
        user = user_of(token)
        before, self._user = self._user, user
        if before not in (None, user):
            self._perform(self._session.another_user())

    async def _serve(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._outgoing.clear()
        self._perform(self._session.opened(time.monotonic()))
        writer = asyncio.create_task(self._write(socket))
        try:
            async for payload in socket:
                self._perform(self._session.received(payload, time.monotonic()))
        except ConnectionClosed as closed:
            if closed.sent is not None and closed.sent.code in FAULTS_SEEN_HERE and not closed.rcvd_then_sent:
                self._perform(self._session.unreadable(str(closed.sent)))
        except Exception as error:  # what came could not be digested: as with any frame that cannot be read
            self._perform(self._session.unreadable(_named(error)))
        finally:
            writer.cancel()
            await asyncio.gather(writer, *filter(None, [self._closing]), return_exceptions=True)
            socket.transport.abort()  # closed long since, unless something unforeseen ended this
            self._socket = self._closing = None
        code = 1006 if socket.close_code is None else socket.close_code
        reason, has_fresh_token = socket.close_reason or "", callable(self._token)
        self._perform(self._session.lost(code, reason, time.monotonic(), has_fresh_token=has_fresh_token))

    async def _write(self, socket: ClientConnection) -> None:
        """Send what waits; at most one payload a request waits here, and requests are bounded."""
        try:
            while True:
                while self._outgoing:
                    await socket.send(self._outgoing.popleft())
                self._outgoing_wake.clear()
                await self._outgoing_wake.wait()
        except ConnectionClosed:
            return
        except Exception:
            # Whoever waits for an answer would wait in vain: the next connection sends it again.
            socket.transport.abort()
            raise


async def _hang_up(socket: ClientConnection, code: int, reason: str) -> None:
    """Close the connection, in whatever way it can be."""
    try:
        await socket.close(code, reason)
    except Exception:
        # It is over in any case, and the reader of the socket hears of that.
        socket.transport.abort()


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class Operator:
    """What an operator (or, for spotlight and cues, a host) may ask for; answers `Done`, `Refused` or `Unanswered`.

    A cue or notice that is asked for again with its id is still one.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    async def cue(
        self,
        text: str,
        *,
        sku: str | None = None,
        cue_id: str | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> OperatorResult:
        """Ask the host something; it stands until somebody acknowledges it. The answer's `id` is the cue's."""
        return await self._send(m.SayCue(id=cue_id or uuid.uuid4().hex, text=text, sku=sku), timeout_s)

    async def acknowledge(self, cue_id: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Say, as host or operator, that a cue is noted."""
        return await self._send(m.Acknowledge(id=uuid.uuid4().hex, cue=cue_id), timeout_s)

    async def notice(
        self, text: str, *, notice_id: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Tell everybody something, from now on; an empty text takes the last notice back."""
        return await self._send(m.SayNotice(id=notice_id or uuid.uuid4().hex, text=text), timeout_s)

    async def spotlight(self, sku: str | None, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Show this SKU, or none."""
        return await self._send(m.SetSpotlight(id=uuid.uuid4().hex, sku=sku), timeout_s)

    async def status(self, status: m.RoomStatus | str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Start ("live"), pause, resume or end the show."""
        if status not in list(m.RoomStatus):
            raise UsageError(f"status: expected one of {', '.join(m.RoomStatus)}, got {status!r}")
        return await self._send(m.SetStatus(id=uuid.uuid4().hex, status=m.RoomStatus(status)), timeout_s)

    async def freeze(
        self, sku: str, frozen: bool = True, *, reason: str = "", timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Stop (or, with False, resume) the sales of a SKU in every room of the pool."""
        return await self._send(m.SetFreeze(id=uuid.uuid4().hex, sku=sku, frozen=frozen, reason=reason), timeout_s)

    async def _send(self, message: m.ClientMessage, timeout_s: float) -> OperatorResult:
        return cast("OperatorResult", await self._room._ask(message, timeout_s))  # noqa: SLF001  one class in two parts


OperatorResult = m.Done | m.Refused | Unanswered
