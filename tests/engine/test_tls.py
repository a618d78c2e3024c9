"""An engine behind TLS: verified against the authority given, refused without it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from engine_process import EngineProcess, free_ports
from shelfcast.engine import Engine
from shelfcast.errors import EngineUnavailable

Connect = Callable[..., Awaitable[Engine]]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "engine")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "engine.crt", tmp_path / "engine.key"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.fixture
def tls_engine(tmp_path: Path, redis_binary: Path, certificate: tuple[Path, Path]) -> Iterator[EngineProcess]:
    """Debian's Redis with TLS only; its URL names the authority."""
    (port,) = free_ports(1)
    command = [str(redis_binary), "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--tls-cert-file", str(certificate[0]), "--tls-key-file", str(certificate[1])]
    command += ["--tls-ca-cert-file", str(certificate[0]), "--tls-auth-clients", "no", "--dir", str(tmp_path)]
    with EngineProcess(command, f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate[0]}", tmp_path) as engine:
        yield engine


def sockets_to(engine: EngineProcess) -> int:
    """How many sockets of this process are connected to the engine, without the fixture's own."""
    port = urlsplit(engine.url).port
    engine.client.close()
    open_sockets = psutil.Process().net_connections("tcp")
    return sum(bool(found.raddr) and found.raddr.port == port for found in open_sockets)


async def test_calls_and_subscriptions_over_tls(tls_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(tls_engine.url)
    assert await engine.command("PING") == b"PONG"
    async with engine.subscribe("channel") as subscription:
        await engine.command("SPUBLISH", "channel", "heard", key="channel")
        assert await anext(subscription) == b"heard"


async def test_sockets_are_closed_at_once_though_the_engine_is_frozen(
    tls_engine: EngineProcess, connect: Connect
) -> None:
    engine = await connect(tls_engine.url)
    async with engine.subscribe("channel"):
        assert sockets_to(tls_engine) == 2
        tls_engine.send(signal.SIGSTOP)
    await engine.close()
    await asyncio.sleep(0)  # asyncio closes a socket in its next turn
    assert sockets_to(tls_engine) == 0


async def test_an_unknown_authority_is_not_trusted(tls_engine: EngineProcess, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await connect(tls_engine.url.partition("?")[0], engine_call_timeout_ms=2_000)
