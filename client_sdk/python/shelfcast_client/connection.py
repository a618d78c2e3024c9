"""A `ClientSession` joined to a WebSocket of the `websockets` library: connecting, and connecting again."""

from __future__ import annotations

import asyncio
import inspect
import ssl as tls
import time
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, ClassVar, Generic, Self, TypeVar
from weakref import WeakSet

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException

from shelfcast_client.codec import Encoding
from shelfcast_client.dial import Address, NotNow, dial, way_to
from shelfcast_client.errors import ClientError, ProtocolError, Rejected, Unreachable, UsageError
from shelfcast_client.events import EVENTS_MAX, Event, EventStream, State, StateChange
from shelfcast_client.identity import user_of
from shelfcast_client.proxies import read_proxy
from shelfcast_client.requests import Result, check_token
from shelfcast_client.session import ClientSession
from shelfcast_client.transitions import Action, Dial, Emit, Hangup, Send, Settle

Token = str | Callable[[], str | Awaitable[str]] | None
"""A token, or what gives a fresh one for each connection (plain or async), also when the server says that its last one
has expired; or None for an anonymous viewer."""

ENTER_TIMEOUT_S = 30.0
FAULTS_SEEN_HERE = frozenset({1002, 1007, 1009})
"""Codes with which `websockets` ends a connection itself: the frames were malformed, no UTF-8, or too large."""

S = TypeVar("S", bound=ClientSession[Any])


def address_of(
    socket: str,
    *,
    token: Token,
    encoding: str | Encoding,
    origin: str | None,
    ssl: tls.SSLContext | None,
    ping_interval_s: float,
    proxy: bool | str,
) -> Address:
    """How to ask for this socket. Raises UsageError for what cannot be right, the token's kind included."""
    names = {"json": Encoding.JSON, "msgpack": Encoding.MSGPACK}
    chosen = names.get(str(encoding)) or next((each for each in Encoding if each == encoding), None)
    if chosen is None:
        raise UsageError(f'encoding: expected "msgpack" or "json", got {encoding!r}')
    if not (token is None or isinstance(token, str) or callable(token)):
        raise UsageError(f"token: expected a string, a function or None, got {type(token).__name__}")
    if ssl is not None and not socket.startswith("wss:"):
        raise UsageError("ssl: expected with https or wss alone")
    if isinstance(proxy, str):
        read_proxy(proxy, "proxy")
    elif not isinstance(proxy, bool):
        raise UsageError(f"proxy: expected True, False or a proxy's URL, got {type(proxy).__name__}")
    return Address(url=socket, encoding=chosen, origin=origin, ssl=ssl, ping_interval_s=ping_interval_s, proxy=proxy)


class LiveConnection(Generic[S]):
    """What a room and a pool have in common: usable inside `async with`, and connected until it is left or the server
    says not to come back; then every call raises `error`. Its methods belong to one event loop."""

    _what: ClassVar[str]
    """What it is connected to, in words."""

    def __init__(self, address: Address, token: Token, session: S, enter_timeout_s: float | None) -> None:
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

    @property
    def epoch(self) -> int:
        """The epoch of the numbers: within one, counts never run backwards."""
        epoch: int = self._session.mirror.epoch
        return epoch

    @property
    def seq(self) -> int:
        """The pool's sequence the numbers are of."""
        seq: int = self._session.mirror.seq
        return seq

    @property
    def state(self) -> State:
        """Disconnected, connecting, connected or closed."""
        return self._session.state

    @property
    def current(self) -> bool:
        """Whether the numbers can be believed now. False while disconnected, and while the server itself has lost sight
        of its stock book: then they are the last known ones."""
        current: bool = self._session.mirror.current
        return current

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

    async def until(self, condition: Callable[[Self], object], *, timeout_s: float | None = None) -> None:
        """Wait until the condition holds of this room (or pool); it is asked again after every change.

        Raises TimeoutError, or its error (UsageError where it was left) if it closed first.
        """
        async with asyncio.timeout(timeout_s):
            while not condition(self):
                if self.state is State.CLOSED:
                    raise self.error or UsageError(f"the {self._what} is closed")
                self._changed.clear()
                await self._changed.wait()

    def _require_entered(self) -> None:
        if not self._entered:
            raise UsageError(f"the {self._what} is not entered; use `async with connect…(…) as {self._what}:`")

    # --- coming and going --------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._entered:
            raise UsageError(f"a {self._what} is entered once; make another")
        self._entered = True
        self._perform(self._session.start(time.monotonic()))
        if self._enter_timeout_s is None:
            return self
        try:
            await self.until(lambda entered: entered.current, timeout_s=self._enter_timeout_s)
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
        """Leave. Requests still waiting get `Unanswered`; event streams end. Safe to call twice."""
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
