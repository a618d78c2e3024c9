"""The merchant's way to the server: what is asked again, what is not, and what is said of it."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from fixtures_server import POOL, RunningServer, StartServer
from loopback_proxy import CHUNK_BYTES, LoopbackProxy, carry_both
from mugs import has
from shelfcast_client import ServerRefused, ServerUnreachable, UsageError
from shelfcast_client.merchant import Merchant
from tcp_proxy import Line, TcpProxy

GIVE_UP_S = 0.3
"""How long a merchant of these tests repeats what nobody answers."""


class LosesAnswers(LoopbackProxy):
    """Leads to the server; the next `to_lose` answers are lost with their connections."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.to_lose = 0
        self.lost = 0

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection("127.0.0.1", self._port)
        await carry_both((reader, writer), server, down=partial(self._down))

    async def _down(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if self.lost < self.to_lose:
                    self.lost += 1
                    return
                sink.write(data)
                await sink.drain()


async def test_a_lost_answer_is_asked_for_again_and_moves_once(shop: RunningServer) -> None:
    async with (
        LosesAnswers(shop.port) as network,
        Merchant(f"http://127.0.0.1:{network.port}", shop.token("operator"), POOL) as merchant,
    ):
        await has(merchant, pool=100)
        network.to_lose = 2
        await merchant.receive("mug", 5)
        assert network.lost == 2
        await has(merchant, pool=105)


async def test_a_server_that_stays_away_is_unreachable_and_one_that_comes_back_is_not(shop: RunningServer) -> None:
    async with (
        TcpProxy(f"tcp://127.0.0.1:{shop.port}") as network,
        Merchant(f"http://127.0.0.1:{network.port}", shop.token("operator"), POOL, retry_for_s=GIVE_UP_S) as merchant,
    ):
        await has(merchant, pool=100)
        network.become(Line.DOWN)
        with pytest.raises(ServerUnreachable, match="did not carry out POST /v1/pools/main/moves"):
            await merchant.receive("mug", 5)
        network.become(Line.OPEN)
        await merchant.receive("mug", 5)
        await has(merchant, pool=105)


async def test_a_server_that_never_answered_is_not_asked_again(shop: RunningServer) -> None:
    async with (
        TcpProxy(f"tcp://127.0.0.1:{shop.port}") as network,
        Merchant(f"http://127.0.0.1:{network.port}", shop.token("operator"), POOL) as merchant,
    ):
        network.become(Line.DOWN)
        async with asyncio.timeout(15):  # far below what is repeated otherwise
            with pytest.raises(ServerUnreachable, match="no server answers at"):
                await merchant.skus()


class AnswersFirst(LoopbackProxy):
    """Leads to the server; the first requests get these answers instead."""

    def __init__(self, port: int, *answers: str) -> None:
        super().__init__()
        self._port = port
        self.answers = list(answers)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if self.answers:
            writer.write(
                f"HTTP/1.1 {self.answers.pop(0)}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy".encode()
            )
            await writer.drain()
            return
        server = await asyncio.open_connection("127.0.0.1", self._port)
        server[1].write(head)
        await carry_both((reader, writer), server)


async def test_what_was_not_carried_out_is_asked_again_when_the_server_wishes(shop: RunningServer) -> None:
    busy = ("503 Service Unavailable\r\nRetry-After: 1", "502 Bad Gateway", "429 Too Many Requests", "504 Late")
    async with (
        AnswersFirst(shop.port, *busy) as network,
        Merchant(f"http://127.0.0.1:{network.port}", shop.token("operator"), POOL) as merchant,
    ):
        began_s = asyncio.get_running_loop().time()
        await merchant.receive("mug", 5)
        assert asyncio.get_running_loop().time() - began_s >= 1
        assert network.answers == []
        await has(merchant, pool=105)


async def test_an_answer_of_another_program_is_said_to_be_one(shop: RunningServer) -> None:
    async with (
        AnswersFirst(shop.port, "200 OK", "404 Not Found", "302 Found\r\nLocation: /login") as network,
        Merchant(f"http://127.0.0.1:{network.port}", shop.token("operator"), POOL) as merchant,
    ):
        for status in (200, 404, 302):
            with pytest.raises(ServerRefused, match="no answer of a Shelfcast server") as refused:
                await merchant.sku("mug")
            assert (refused.value.status, refused.value.code) == (status, "")
        assert await merchant.sku("mug") is not None


async def test_a_server_with_a_certificate_of_its_own(start_server: StartServer, certificate: dict[str, str]) -> None:
    secure = await start_server(**certificate)
    trusting = ssl.create_default_context(cafile=certificate["tls_certificate_file"])
    async with Merchant(secure.url, secure.token("operator"), POOL, ssl=trusting) as merchant:
        await merchant.define_pool()
        assert await merchant.pools() == [POOL]
    async with Merchant(secure.url, secure.token("operator"), POOL) as merchant:
        with pytest.raises(ServerUnreachable, match="certificate"):
            await merchant.pools()


async def test_a_token_is_asked_for_at_each_request(shop: RunningServer) -> None:
    asked = 0

    async def fresh() -> str:
        nonlocal asked
        asked += 1
        return shop.token("operator" if asked == 1 else "viewer")

    async with Merchant(shop.url, fresh, POOL) as merchant:
        await merchant.receive("mug", 1)
        with pytest.raises(ServerRefused) as refused:
            await merchant.receive("mug", 1)
    assert (refused.value.status, refused.value.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "shop.example"}, "url: expected"),
        ({"url": "https://shop.example?pool=main"}, "url: expected"),
        ({"url": None}, "url: expected"),
        ({"token": "not a token"}, "token: expected"),
        ({"token": None}, "token: expected"),
        ({"pool": ""}, "expected a name"),
        ({"proxy": "ftp://proxy.example"}, "proxy: expected"),
    ],
)
async def test_an_argument_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Merchant(**{"url": "https://shop.example", "token": "t", "pool": POOL, **change})
