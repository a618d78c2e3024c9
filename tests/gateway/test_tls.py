"""The same over TLS, where every byte goes through the transport."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.app import App
from shelfcast.engine import Engine
from shelfcast.errors import ConfigError
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.messages import Reserved, Snapshot, Stock
from shelfcast.settings import Settings
from waiting import WAIT_S


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """The settings of a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = {"tls_certificate_file": tmp_path / "certificate.pem", "tls_key_file": tmp_path / "key.pem"}
    files["tls_certificate_file"].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files["tls_key_file"].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return {name: str(path) for name, path in files.items()}


@pytest.fixture
def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
