"""Servers with several workers, as real processes on real ports."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from raw_socket import RawSocket
from workers.serving import Serving

Serve = Callable[..., Serving]


@pytest.fixture
def serve(short_folder: Path) -> Iterator[Serve]:
    """Starts servers: `serve(workers=3)`; all of them are ended with the test. Does not wait until they are ready."""
    started: list[Serving] = []

    def start(**settings: object) -> Serving:
        folder = Path(str(settings.pop("data_dir", short_folder / secrets.token_hex(4))))
        started.append(Serving(folder, **settings))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
async def no_socket_left(serve: Serve) -> AsyncIterator[None]:
    """For tests with raw sockets of their own: ends those that are still open, before the server has to."""
    yield
    await RawSocket.abort_all()
