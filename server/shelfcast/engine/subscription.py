"""A subscription to one sharded channel, on a connection of its own, that notices when the engine has gone quiet."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError

from shelfcast.engine.address import Address, Node
from shelfcast.engine.link import hang_up, is_open, open_connection
from shelfcast.engine.topology import Topology
from shelfcast.errors import EngineError, EngineUnavailable
from shelfcast.settings import Settings

HELD_UP_S = 0.1
"""What came while this process itself was held up is read within this time."""


class Subscription:
    """`async with engine.subscribe(channel) as s:` is entered once the engine has confirmed it; then iterate payloads.

    Iterating raises EngineUnavailable when the connection is lost, the channel's slot moves to another node, or the
    engine does not answer a ping; enter a new subscription then. It is not entered twice, and one task iterates it.
    """

    def __init__(self, address: Address, topology: Topology, channel: str, settings: Settings) -> None:
        self.channel = channel
        self._channel = channel.encode()
        self._address = address
        self._topology = topology
        self._settings = settings
        self._connection: AbstractConnection | None = None
        self._node: Node | None = None
        """Where it listens, or last tried to."""

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._settings.engine_call_timeout_ms / 1000):
                self._connection = await self._subscribe()
        except TimeoutError:
            self._topology.forget(self._node)
            raise EngineUnavailable(f"subscription to {self.channel}: not confirmed in time") from None
        except EngineError:
            raise
        except Exception as error:
            # Perhaps the slot has moved or the primary changed: whoever enters the next one looks anew.
            self._topology.forget(self._node)
            raise EngineUnavailable(f"subscription to {self.channel}: {str(error) or repr(error)}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await hang_up(self._connection)
            self._connection = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise EngineUnavailable(f"subscription to {self.channel}: not entered")
        while True:
            try:
                push = await self._next_push(self._connection)
            except EngineError:
                raise
            except Exception as error:
                # redis-py's errors, and what a transport that was closed raises.
                self._topology.forget(self._node)
                raise EngineUnavailable(f"subscription to {self.channel} lost: {str(error) or repr(error)}") from error
            if push[0] == b"smessage":
                return bytes(push[2])
            if push[0] == b"sunsubscribe":
                self._topology.forget(self._node)
                raise EngineUnavailable(f"subscription to {self.channel}: its slot moved to another node")

    async def _subscribe(self) -> AbstractConnection:
        while True:
            self._node = node = await self._topology.primary_of(self._channel)
            try:
                return await self._subscribe_at(node)
            except MovedError as error:
                self._topology.follow(error, node)

    async def _subscribe_at(self, node: Node) -> AbstractConnection:
        connection = await open_connection(self._address, node, self._settings.engine_connect_timeout_ms)
        try:
            await connection.send_command("SSUBSCRIBE", self._channel, check_health=False)
            while (await connection.read_response())[0] != b"ssubscribe":
                pass
        except BaseException:
            await hang_up(connection)
            raise
        return connection

    async def _next_push(self, connection: AbstractConnection) -> list[Any]:
        """What the engine sends next; asked with a ping when it has been quiet, and given up on without an answer."""
        push: list[Any] | None = await connection.read_response(timeout=self._settings.engine_quiet_ms / 1000)
        if push is None:
            if not is_open(connection):
                raise RedisConnectionError("the connection was closed")
            await connection.send_command("PING", check_health=False)
            push = await connection.read_response(timeout=self._settings.engine_ping_timeout_ms / 1000)
        if push is None:
            push = await connection.read_response(timeout=HELD_UP_S)
        if push is None:
            raise EngineUnavailable(f"subscription to {self.channel}: the engine does not answer")
        return push
