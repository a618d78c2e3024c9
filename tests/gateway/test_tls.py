"""The same over TLS, where every byte goes through the transport."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.app import App
from shelfcast.engine import Engine
from shelfcast.errors import ConfigError
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Reserved, Snapshot, Stock
from shelfcast.settings import Settings
from waiting import WAIT_S


@pytest.fixture
async def secure(start_server: StartServer, certificate: dict[str, str]) -> RunningServer:
    server = await start_server(**certificate)
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def test_a_room_over_tls(secure: RunningServer, trusting: ssl.SSLContext) -> None:
    viewer = await RawSocket.join(secure.port, tls=trusting, encoding=Encoding.MSGPACK)
    buyer = await RawSocket.join(secure.port, tls=trusting, token=secure.token())
    for socket in (viewer, buyer):
        assert isinstance(await socket.hear(), Snapshot)
    for left in range(99, 89, -1):
        buyer.say(type="reserve", id=f"r{left}", sku="mug", qty=1)
        assert (await buyer.wait_for(Reserved)).id == f"r{left}"
        while (await viewer.wait_for(Stock)).rows[0][1] != left:
            pass
    assert all(connection.fd == -1 for connection in secure.app.hub.rooms["evening"].audience.everybody)


async def test_a_client_that_begins_tls_and_says_no_more_is_hung_up_on(
    start_server: StartServer, certificate: dict[str, str]
) -> None:
    server = await start_server(**certificate, handshake_timeout_ms=100)
    silent = await RawSocket.connect(server.port)
    async with asyncio.timeout(WAIT_S):
        assert await silent.reader.read() == b""


async def test_a_certificate_that_cannot_be_read_is_said(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    import msgspec

    missing = str(tmp_path / "missing.pem")
    changed = msgspec.structs.replace(settings, tls_certificate_file=missing, tls_key_file=missing)
    with pytest.raises(ConfigError, match="TLS certificate"):
        await App(changed, engine=engine).start()
