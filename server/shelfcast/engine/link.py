"""One connection to one engine process, with many calls in flight.

redis-py makes the connection (TLS, AUTH, SELECT, parsing); its client and pool are left out. A call through them took
96 µs of CPU where one through this took 60 (2 KB FCALL, unix socket, uvloop), and a pool answers concurrent calls by
opening more connections. Here calls are written one behind another and answered in order, and the engine puts all it
read in one turn of its loop under one flush.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from shelfcast.engine.address import Address, Node

Argument = bytes | str | int


def pack(*arguments: Argument) -> bytes:
    """A command as it goes over the wire."""
    packed: bytes = pack_command(arguments)  # type: ignore[arg-type]  # its stub means a tuple of one
    return packed


async def open_connection(address: Address, node: Node, connect_timeout_ms: int) -> AbstractConnection:
    """A connected redis-py connection. Raises redis-py's ConnectionError (a time-out too), or the engine's error."""
    timeout_s = connect_timeout_ms / 1000
    connection = address.connection(
        node,
        protocol=2,
        client_name="shelfcast",
        socket_timeout=None,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        async with asyncio.timeout(timeout_s):
            await connection.connect()  # type: ignore[no-untyped-call]
    except BaseException as error:
        await hang_up(connection)
        if isinstance(error, TimeoutError):
            raise RedisConnectionError(f"no connection to {node} within {connect_timeout_ms} ms") from None
        # redis-py wraps what the engine answered (a wrong password, LOADING) in a plain ConnectionError.
        if isinstance(error, RedisConnectionError) and isinstance(error.__cause__, RedisError):
            raise error.__cause__ from None
        if isinstance(error, Exception) and not isinstance(error, RedisError):
            raise RedisConnectionError(f"no connection to {node}: {_told(error)}") from error
        raise
    return connection


def is_open(connection: AbstractConnection) -> bool:
    """Whether the connection can be written to; to be asked without a pause before redis-py writes.

    asyncio in Python 3.12 and 3.13 takes `writelines` of a transport that was lost for a write that has to wait: it
    watches the number of the closed socket, which may be another socket's by then, and that one never hears anything.
    """
    writer = connection._writer  # noqa: SLF001 - as below
    return writer is not None and not writer.transport.is_closing()


async def hang_up(connection: AbstractConnection) -> None:
    """Close the connection's socket at once; what was not written yet is lost. Safe to call twice.

    redis-py asks for a polite end, and in TLS that waits for the other side's: half a minute of an open socket when the
    engine is frozen. An engine that lost its client needs no goodbye.
    """
    writer = connection._writer  # noqa: SLF001 - redis-py has no way to abort
    if writer is not None:
        writer.transport.abort()
    await connection.disconnect(nowait=True)


class Link:
    """An open connection whose answers are read by one task. You must `close` it."""

    def __init__(self, connection: AbstractConnection, node: Node) -> None:
        self.node = node
        self._connection = connection
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._loop = asyncio.get_running_loop()
        self._lost: BaseException | None = None
        self._quiet_since = self._loop.time()
        self._reader = self._loop.create_task(self._read(), name=f"engine-link {node}")

    @classmethod
    async def open(cls, address: Address, node: Node, connect_timeout_ms: int) -> Link:
        """Connect and start reading. Raises redis-py's ConnectionError."""
        return cls(await open_connection(address, node, connect_timeout_ms), node)

    @property
    def usable(self) -> bool:
        """Whether a call can be written: the connection was not lost or closed."""
        return self._lost is None and is_open(self._connection)

    async def ask(self, *arguments: Argument) -> Any:
        """Send one command and wait for its answer.

        Raises redis-py's ConnectionError when the connection is lost before the answer came, and its ResponseError
        (or the kind it has for that error) when the engine answers with an error.
        """
        return await self.ask_packed(pack(*arguments))

    async def ask_packed(self, packed: bytes, *, preface: bytes = b"") -> Any:
        """As `ask`, for a command already in wire form. The answer to `preface`, one more command, is thrown away."""
        if not self.usable:
            raise RedisConnectionError(f"connection to {self.node} lost: {self._lost}")
        # From here to the write nothing may await: answers come in the order of the writes.
        if not self._waiting:
            self._quiet_since = self._loop.time()
        if preface:
            unwanted: asyncio.Future[Any] = self._loop.create_future()
            unwanted.cancel()
            self._waiting.append(unwanted)
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(answer)
        try:
            await self._connection.send_packed_command(preface + packed if preface else packed, check_health=False)
        except BaseException as error:
            answer.cancel()
            # Part of it may be written, so that the next answer would be taken for another call's.
            self._fail(error)
            if isinstance(error, Exception) and not isinstance(error, RedisError):
                # uvloop has a RuntimeError for a transport that was closed a moment ago, redis-py an AttributeError.
                raise RedisConnectionError(f"connection to {self.node} lost: {_told(error)}") from error
            raise
        return await answer

    def silent_s(self) -> float:
        """For how long the engine has owed an answer without giving any."""
        return self._loop.time() - self._quiet_since if self._waiting else 0.0

    async def close(self) -> None:
        """End the connection; what is still unanswered fails. Safe to call twice."""
        self._fail(RedisConnectionError("closed"))
        self._reader.cancel()
        # First, and without a pause: a caller that is cancelled meanwhile leaves no open socket.
        await hang_up(self._connection)
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while True:
                answer, error = await self._next_reply()
                future = self._waiting.popleft()
                self._quiet_since = self._loop.time()
                if future.done():
                    continue
                if error is None:
                    future.set_result(answer)
                else:
                    future.set_exception(error)
        except Exception as error:
            # Whatever it was, nobody reads answers any more: all who wait must hear of it.
            self._fail(error)
            await hang_up(self._connection)

    async def _next_reply(self) -> tuple[Any, RedisError | None]:
        try:
            return await self._connection.read_response(disconnect_on_error=False), None
        except ResponseError as error:
            return None, error
        except RedisConnectionError as error:
            # redis-py makes LOADING, NOAUTH and the like kinds of ConnectionError; they are answers all the same.
            if type(error) is RedisConnectionError:
                raise
            return None, error

    def _fail(self, error: BaseException) -> None:
        if self._lost is None:
            self._lost = error
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(RedisConnectionError(f"connection to {self.node} lost: {error}"))


def _told(error: BaseException) -> str:
    """An error with its kind, because some have no text."""
    return f"{type(error).__name__}: {error}"
