"""A log that cannot be written: nobody reads its pipe, its disk is full, it is closed. Whoever logs goes on."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from engine_process import free_ports
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.commands.log_stream import LogStream
from shelfcast.http.api.auth import Tokens
from shelfcast.metrics import LOG_LINES_LOST
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

PATIENCE_S = 60
SECRET = "a secret of the test suite, 32 bytes and more"


@pytest.fixture
def unread_pipe() -> Iterator[int]:
    """The writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def lost() -> float:
    value: float = LOG_LINES_LOST._value.get()
    return value


def test_a_line_that_nobody_can_read_is_lost_and_counted(unread_pipe: int) -> None:
    before = lost()
    with open(unread_pipe, "w", closefd=False, encoding="utf-8") as unread:
        stream = LogStream(unread)
        assert [stream.write("a line\n") for _ in range(1_000)] == [7] * 1_000
        stream.flush()
    assert lost() == before + 1_000


def test_a_line_for_a_closed_stream_is_lost_and_counted(tmp_path: Path) -> None:
    before = lost()
    with (tmp_path / "log").open("w", encoding="utf-8") as file, io.StringIO() as stand_in:
        streams = [LogStream(file), LogStream(stand_in)]
    for stream in streams:
        stream.write("a line\n")
    assert lost() == before + 2


def test_a_line_arrives_whole_whatever_its_signs(tmp_path: Path) -> None:
    before, lines = lost(), ["plain\n", "茶杯\n", "half \ud800\n", "x" * 100_000 + "\n"]
    with (tmp_path / "log").open("w", encoding="ascii") as file:
        stream = LogStream(file)
        for line in lines:
            stream.write(line)
    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert written == "".join(lines).replace("\ud800", "\\ud800")
    assert lost() == before


async def test_a_server_whose_log_nobody_reads_goes_on_when_its_engine_was_away(
    unread_pipe: int, short_folder: Path
) -> None:
    """What it has to say of the fault must not end the loops that met it."""
    (port,) = free_ports(1)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHELFCAST_")}
    environment |= {"SHELFCAST_TOKEN_SECRET": SECRET, "SHELFCAST_ENGINE_CALL_TIMEOUT_MS": "500"}
    environment["SHELFCAST_ENGINE_SILENCE_MAX_MS"] = "600000"  # it is stopped, not replaced
    command = [
        sys.executable,
        "-m",
        "shelfcast",
        "serve",
        "--port",
        str(port),
        "--data-dir",
        str(short_folder / "unread"),
    ]
    server = await asyncio.create_subprocess_exec(*command, env=environment, stderr=unread_pipe)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            await _answers(http, ready=True)
            await http.put("/v1/pools/main", headers={"Authorization": f"Bearer {_token()}"})
            (engine,) = [child for child in psutil.Process(server.pid).children() if "valkey" in child.name()]
            engine.send_signal(signal.SIGSTOP)
            await _answers(http, ready=False)
            engine.send_signal(signal.SIGCONT)
            await _answers(http, ready=True)
            back_s = time.time()
            async with asyncio.timeout(PATIENCE_S):
                while await _figure(http, "shelfcast_duty_last_success_timestamp_seconds") <= back_s:
                    pass
            assert await _figure(http, "shelfcast_log_lines_lost_total") > 0
            assert await _figure(http, "shelfcast_barrier_faults_total") == 0
    finally:
        server.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(server.wait(), PATIENCE_S) == 0


async def _answers(http: httpx.AsyncClient, *, ready: bool) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if (await http.get("/readyz")).json()["ready"] is ready:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # it does not listen yet: there is nothing else to wait for


def _token() -> str:
    return Tokens(Settings(token_secret=SECRET)).mint(role=Role.OPERATOR, user="shop")


async def _figure(http: httpx.AsyncClient, name: str) -> float:
    families = text_string_to_metric_families((await http.get("/metrics")).text)
    return max((sample.value for family in families for sample in family.samples if sample.name == name), default=0.0)
