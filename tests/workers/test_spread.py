"""Ten thousand connections on one port are spread evenly over the workers, and all of them count the same viewers."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import struct
from collections.abc import Iterator

import pytest
from raw_socket import RawSocket
from shelfcast.protocol.from_server import Viewers
from workers.conftest import Serve
from workers.serving import POOL, ROOM, WAIT_S

CONNECTIONS = 10_000
UNEVEN_MAX = 0.2
VIEWERS, WATCHERS = 40, 24
"""So many that the kernel gives each of two workers some of the watchers: one run in eight million is without."""
UPGRADE = (
    f"GET /v1/rooms/{ROOM}/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
).encode()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + 500:
        pytest.skip(f"only {hard} descriptors a process")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def knock(port: int) -> socket.socket:
    """A viewer whose handshake is sent, and not yet answered."""
    client = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    # Closing resets the connection: ten thousand ports in TIME_WAIT would be missing elsewhere.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.sendall(UPGRADE)
    return client


@pytest.mark.usefixtures("many_descriptors")
def test_connections_are_spread_evenly(serve: Serve) -> None:
    server = serve(workers=4, connections_an_address_max=CONNECTIONS).ready().open_shop(1)
    clients: list[socket.socket] = []
    try:
        clients.extend(knock(server.port) for _ in range(CONNECTIONS))
        assert all(client.recv(12) == b"HTTP/1.1 101" for client in clients)
        spread = server.of_workers("shelfcast_worker_connections")
        assert sum(spread.values()) == CONNECTIONS
        even = CONNECTIONS / 4
        assert len(spread) == 4
        assert all(abs(count - even) <= UNEVEN_MAX * even for count in spread.values()), spread
    finally:
        for client in clients:
            client.close()


@pytest.mark.usefixtures("no_socket_left")
async def test_every_viewer_sees_one_count_of_all_workers(serve: Serve) -> None:
    server = serve(workers=2, viewers_interval_ms=100).ready().open_shop(1)
    viewers = [await RawSocket.join(server.port) for _ in range(VIEWERS)]
    assert all([await viewer.wait_for(Viewers, viewers=VIEWERS) for viewer in viewers])
    room = await asyncio.to_thread(server.call, "GET", f"/v1/rooms/{ROOM}")
    assert (room["pool"], room["viewers"]) == (POOL, VIEWERS)
    for viewer in viewers[WATCHERS:]:
        viewer.close()
    watchers = viewers[:WATCHERS]
    assert all([await watcher.wait_for(Viewers, viewers=WATCHERS) for watcher in watchers])

    # Those of a worker that died are left out when its number has lapsed.
    left = int(server.of_workers("shelfcast_worker_connections")["2"])
    server.signal_worker(1, signal.SIGKILL)
    waiting = (watcher.wait_for(Viewers, viewers=left) for watcher in watchers)
    counts = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(count, Viewers) for count in counts) == left
