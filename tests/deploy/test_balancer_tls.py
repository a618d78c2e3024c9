"""The balancer ends TLS, and takes a renewed certificate without sending its viewers away."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from deploy.conftest import Stack
from deploy.plain_compose import PlainService
from deploy.shop import UNITS, Shop
from engine_process import free_ports, wait_until
from shelfcast_client import Reserved, connect


def write_certificate(path: Path) -> ssl.SSLContext:
    """A new self-signed certificate and its key in one file; what a client needs to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "balancer")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate + private)
    return ssl.create_default_context(cadata=certificate.decode())


class TlsBalancer(NamedTuple):
    """The balancer of docker-compose.yml with a certificate, in front of the running nodes."""

    service: PlainService
    url: str
    certificate: Path
    trusting: ssl.SSLContext

    def trusted(self, trusting: ssl.SSLContext) -> bool:
        try:
            with urlopen(self.url, timeout=30, context=trusting) as response:
                return bool(response.status == 200)
        except OSError:
            return False


@pytest.fixture
def balancer(stack: Stack, tmp_path: Path) -> Iterator[TlsBalancer]:
    certificate = tmp_path / "balancer.pem"
    trusting = write_certificate(certificate)
    port, metrics = free_ports(2)
    moved = {**stack.moved, ":8000": f"127.0.0.1:{port}", ":8405": f"127.0.0.1:{metrics}"}
    variables = {**stack.variables, "SHELFCAST_CERTIFICATE_FILE": str(certificate)}
    service = PlainService("balancer", tmp_path, variables, moved).start()
    made = TlsBalancer(service, f"https://127.0.0.1:{port}", certificate, trusting)
    try:
        wait_until(lambda: service.running() and made.trusted(trusting))
        yield made
    finally:
        service.stop()


async def test_viewers_buy_over_tls(stack: Stack, balancer: TlsBalancer) -> None:
    with Shop(stack, "secure") as shop:
        token = stack.token("viewer", "wang")
        async with connect(balancer.url, shop.room, token=token, ssl=balancer.trusting, origin=balancer.url) as room:
            assert isinstance(await room.reserve("mug"), Reserved)
            await room.until(lambda room: room.stock["mug"].available == UNITS - 1, timeout_s=30)


def test_pages_may_open_a_socket_over_tls(balancer: TlsBalancer) -> None:
    """The built pages by their policy; the plain one, where they are not built, names the address."""
    with urlopen(balancer.url, timeout=30, context=balancer.trusting) as response:
        said = response.headers["Content-Security-Policy"] + response.read().decode()
    assert balancer.url.replace("https", "wss") in said


async def test_a_renewed_certificate_is_taken_and_nobody_is_sent_away(stack: Stack, balancer: TlsBalancer) -> None:
    with Shop(stack, "renewed") as shop:
        token = stack.token("viewer", "wang")
        async with connect(balancer.url, shop.room, token=token, ssl=balancer.trusting) as room:
            states = room.events()
            renewed = write_certificate(balancer.certificate)
            balancer.service.send(signal.SIGUSR2)
            await asyncio.to_thread(wait_until, lambda: balancer.trusted(renewed))
            assert isinstance(await room.reserve("mug"), Reserved)
            await room.aclose()
            assert [type(event).__name__ async for event in states].count("StateChange") == 1, "it was never cut off"
