"""The server is killed in the middle of a sale and started again: not a unit is lost or sold twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from engine_process import free_ports
from shelfcast_client import Room, connect

SAMPLE = Path(str(files("shelfcast") / "sample" / "orders.csv"))
SECRET = "a secret of the test suite, 32 bytes and more"
COMMAND = [sys.executable, "-m", "shelfcast"]
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SHELFCAST_")},
    "SHELFCAST_TOKEN_SECRET": SECRET,
    "PYTHONUNBUFFERED": "1",
}


@pytest.fixture
def port() -> int:
    """A port that is free now, and the same for the server that comes after."""
    return free_ports(1)[0]


Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(port: int, short_folder: Path) -> Iterator[Start]:
    """Starts a server on the same port and data as the one before; all of them are ended with the test."""
    servers: list[subprocess.Popen[bytes]] = []

    def start_one() -> subprocess.Popen[bytes]:
        command = [*COMMAND, "serve", "--port", str(port), "--data-dir", str(short_folder / "crash")]
        servers.append(subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return servers[-1]

    yield start_one
    for server in servers:
        server.kill()
        server.wait(timeout=100)


def start_replay(url: str) -> subprocess.Popen[str]:
    command = [*COMMAND, "replay", str(SAMPLE), "--url", url, "--currency", "CNY", "--speed", "1500"]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def has_sold_to(left: int, room: Room) -> bool:
    return room.current and units(room) < left


def read_until(process: subprocess.Popen[str], pattern: str) -> None:
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if re.search(pattern, line):
            return
    raise AssertionError(f"{pattern!r} was never said: {''.join(said)}")


@pytest.mark.long
async def test_a_replay_goes_on_through_two_crashes_and_balances_to_the_unit(start, port):
    url = f"http://127.0.0.1:{port}"
    server = start()
    async with connect(url, "no-such-room", enter_timeout_s=None) as door:
        # A server that is up answers 404, for good; until then the client keeps knocking.
        await door.until(lambda door: door.error, timeout_s=100)
    with start_replay(url) as replay:
        try:
            read_until(replay, "Watch it")
            async with connect(url, "replay-orders") as room:
                for left in (800, 600):
                    await room.until(partial(has_sold_to, left), timeout_s=60)
                    server.kill()
                    server.wait(timeout=100)
                    server = start()
            said, _ = replay.communicate(timeout=200)
        finally:
            replay.kill()
    assert replay.returncode == 0, said
    assert "every SKU agrees with the book (42)" in said
    assert "every invariant holds" in said


def units(room) -> int:
    return sum(state.available for state in room.stock.values())
