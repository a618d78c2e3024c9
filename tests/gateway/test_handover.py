"""The port goes from one worker to its successor: neither holds the other up, and whoever has connected is let in."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
from typing import ClassVar, Self

import msgspec
import uvloop
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.app import App
from shelfcast.engine import Engine
from shelfcast.protocol.from_server import Draining
from shelfcast.settings import Settings
from waiting import WAIT_S, until


class SharedListener(socket.socket):
    """A listening socket that a predecessor still accepts from, without waiting: as a successor is given it."""

    waits_after_a_dup: ClassVar[list[bool]] = []
    """Whether the predecessor would have waited in accepting, as each descriptor of the successor was made."""

    @classmethod
    def open(cls) -> Self:
        cls.waits_after_a_dup = []
        descriptor = socket.create_server(("127.0.0.1", 0)).detach()
        os.set_blocking(descriptor, False)
        return cls(fileno=descriptor)

    def dup(self) -> Self:
        made = super().dup()
        self.waits_after_a_dup.append(os.get_blocking(made.fileno()))
        return made


async def test_a_successor_that_takes_the_port_over_never_has_its_predecessor_wait_in_accepting(
    engine: Engine, settings: Settings
) -> None:
    """That descriptors wait is a property of the socket, not of each. A predecessor that loses a race for a client
    would stand still until the next one comes."""
    listener = SharedListener.open()
    app = App(msgspec.structs.replace(settings, accepts_a_turn=4), engine=engine, listener=listener)
    await app.start()
    await app.stop()
    assert SharedListener.waits_after_a_dup == [False] * 3


async def test_who_has_connected_may_still_speak_after_the_port_was_handed_over(shop: RunningServer) -> None:
    slow = await RawSocket.connect(shop.port)
    await until(lambda: shop.app.gate.http.unfinished == 1)
    stopping = asyncio.ensure_future(shop.app.stop(handover=True))
    # Long after everybody else has said what it wants.
    await asyncio.wait([stopping], timeout=1.0)
    await slow.shake_hands("/v1/rooms/evening/ws")
    assert slow.status == 101, slow.problem
    assert await slow.wait_for(Draining)
    assert (await slow.wait_closed()).code == 4000
    await stopping


async def test_who_has_connected_and_says_nothing_holds_no_handover_up_for_ever(start_server: StartServer) -> None:
    server = await start_server(handshake_timeout_ms=200)
    await server.open_shop()
    await RawSocket.connect(server.port)
    await until(lambda: server.app.gate.http.unfinished == 1)
    async with asyncio.timeout(WAIT_S):
        await server.app.stop(handover=True)


async def test_who_shakes_hands_for_tls_may_still_speak_after_the_port_was_handed_over(
    start_server: StartServer, certificate: dict[str, str], trusting: ssl.SSLContext
) -> None:
    server = await start_server(**certificate)
    await server.open_shop()
    slow = await RawSocket.connect(server.port)
    await until(lambda: len(server.app.gate.http.securing) == 1)
    stopping = asyncio.ensure_future(server.app.stop(handover=True))
    await asyncio.wait([stopping], timeout=1.0)
    await slow.writer.start_tls(trusting)
    await slow.shake_hands("/v1/rooms/evening/ws")
    assert slow.status == 101, slow.problem
    assert await slow.wait_for(Draining)
    assert (await slow.wait_closed()).code == 4000
    await stopping


async def test_who_gives_tls_up_holds_no_handover_up(start_server: StartServer, certificate: dict[str, str]) -> None:
    server = await start_server(**certificate, handshake_timeout_ms=600_000)
    securing = server.app.gate.http.securing
    for last_words in (b"", b"GET / HTTP/1.1\r\n\r\n"):
        gone = await RawSocket.connect(server.port)
        await until(lambda: len(securing) == 1)
        gone.send(last_words)
        gone.close()
        await until(lambda: not (securing and collected()))
    async with asyncio.timeout(WAIT_S):
        await server.app.stop(handover=True)


def collected() -> bool:
    """Workers run on uvloop, which forgets at once whoever has given TLS up; the other loop leaves it to the garbage
    collector."""
    if not isinstance(asyncio.get_running_loop(), uvloop.Loop):
        gc.collect()
    return True
