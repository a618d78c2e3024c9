"""The process for heavy work: a large audit holds nobody up, and is finished whoever dies in the middle of it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import engine_process
from engine_process import EngineProcess, wait_until
from shelfcast.engine import Engine
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.directory import Directory
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Move, MoveKind, put
from workers.conftest import Serve
from workers.serving import POOL, ROOM, SKU, WAIT_S, Serving, is_running

ENTRIES = 30_000
"""Of a ledger that takes long enough to fold that something can happen in the middle."""
LARGE = 100_000
ATTEMPTS = 10
"""So often a job may be half through before its process is halted."""
NICEST = 19
"""No process is nicer (setpriority(2))."""
AUDITS = f"/v1/pools/{POOL}/audits"
JOBS = f"/v1/pools/{POOL}/jobs"
AT_ONCE = 1_000
"""Moves under way while the ledger is made."""

pytestmark = pytest.mark.long


async def fill(url: str, begin: int, end: int) -> None:
    """Make the pool's ledger `end` long, which was `begin` long."""
    # A call carries 500 moves: on a busy machine more than a server's call may take.
    settings = Settings(batch_size_max=500, engine_call_timeout_ms=int(WAIT_S * 1_000))
    engine = await Engine.connect(url, settings=settings, library=LIBRARY)
    book = StockBook(engine, POOL, settings)
    try:
        await Directory(engine, settings).create_pool(POOL)
        await Directory(engine, settings).create_room(ROOM, POOL)
        await book.apply(put(What.CHANNEL, "live", {"kind": "shared"}))
        await book.apply(put(What.ROOM, ROOM, RoomConfig(channel="live", status=RoomStatus.LIVE)))
        await book.apply(put(What.SKU, SKU, {"title": "Mug"}))
        for first in range(begin, end, AT_ONCE):
            moves = [
                Move(f"fill-{number}", MoveKind.RECEIVE, SKU, 1, "supplier", "pool")
                for number in range(first, min(first + AT_ONCE, end))
            ]
            outcomes = await asyncio.gather(*map(book.apply, moves))
            assert {outcome.code for outcome in outcomes} == {"OK"}
    finally:
        await book.close()
        await engine.close()


def ask(server: Serving, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {server.token('operator', 'zhang')}"}
    return httpx.request(method, server.url + path, headers=headers, timeout=WAIT_S)


def job(server: Serving, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(server, "GET", f"{JOBS}/{name}").json()
    return found


def begin(server: Serving, process: int) -> str:
    """Begin an audit; returns its job in the middle of it, where its process stands still until it is told to go on:
    all of it takes less than this test may have to wait for its turn on a busy machine."""
    for _ in range(ATTEMPTS):
        name: str = ask(server, "POST", AUDITS).json()["job"]
        if halted(server, process, name):
            return name
    raise AssertionError(f"{ATTEMPTS} audits were through before they could be halted")


def halted(server: Serving, process: int, name: str) -> bool:
    """Have the process stand still in the middle of a job; whether that was in time."""
    wait_until(lambda: job(server, name)["done"] > 0)
    os.kill(process, signal.SIGSTOP)
    if job(server, name)["done"] < ENTRIES / 2:
        return True
    os.kill(process, signal.SIGCONT)
    ended(server, name)
    return False


def ended(server: Serving, name: str) -> dict[str, Any]:
    wait_until(lambda: job(server, name)["ended_at_ms"])
    return job(server, name)


@pytest.fixture(scope="module")
def ledger(short_folder: Path, valkey_binary: Path) -> Path:
    """The folder of an engine, stopped, whose ledger takes a while to fold."""
    folder = short_folder / secrets.token_hex(4)
    with engine_process(valkey_binary, folder) as running:
        asyncio.run(fill(running.url, 0, ENTRIES))
    return folder


@pytest.fixture
def filled_engine(ledger: Path, short_folder: Path, valkey_binary: Path) -> Iterator[EngineProcess]:
    """An engine of the test's own that has that ledger."""
    folder = short_folder / secrets.token_hex(4)
    process = engine_process(valkey_binary, folder)
    shutil.copytree(ledger, folder, dirs_exist_ok=True)
    with process as running:
        yield running


@pytest.fixture
def full(serve: Serve, filled_engine: EngineProcess) -> Serving:
    """A server of one process, with that ledger."""
    return serve(engine=filled_engine.url, job_claim_ms=1_500, job_report_ms=50).ready()


def test_a_large_audit_holds_nobody_up_and_says_how_far_it_is(full: Serving, filled_engine: EngineProcess) -> None:
    asyncio.run(fill(filled_engine.url, ENTRIES, LARGE))
    server_nice = os.getpriority(os.PRIO_PROCESS, full.process.pid)
    # A server that is nice itself, as a whole suite may be, can only be so much nicer.
    expected = min(server_nice + Settings().heavy_nice, NICEST)
    assert os.getpriority(os.PRIO_PROCESS, full.heavy()) == expected
    name: str = ask(full, "POST", AUDITS).json()["job"]
    answered, seen = 0, set()
    while (found := job(full, name))["ended_at_ms"] is None:
        assert httpx.get(f"{full.url}/v1/rooms/{ROOM}/snapshot", timeout=WAIT_S).is_success
        answered += 1
        seen.add(found["done"])
    assert found["state"] == "done"
    assert (found["result"]["ok"], found["result"]["entries"]) == (True, LARGE)
    assert answered > 10, "one after another: none waited for the audit"
    assert len(seen) > 2
    # A job's end is in the book a moment before its process has told the server.
    done = ("kind", "audit"), ("outcome", "done")
    wait_until(lambda: full.metrics()["shelfcast_jobs_total"].get(done))
    assert full.metrics()["shelfcast_jobs_total"][done] == 1


def test_a_request_that_waits_for_the_audit_gets_what_its_job_finds(serve: Serve) -> None:
    # A short ledger: how long a server waits is its setting, and a large one may take longer on a busy machine.
    server = serve().ready().open_shop(1)
    job_found = ended(server, ask(server, "POST", AUDITS).json()["job"])["result"]
    assert job_found["ok"]
    assert ask(server, "GET", f"/v1/pools/{POOL}/audit").json() == job_found


def test_a_job_whose_process_is_killed_is_done_by_the_next(full: Serving) -> None:
    first = full.heavy()
    name = begin(full, first)
    os.kill(first, signal.SIGKILL)
    assert full.logged("heavy.died", pid=first)["exit"] == -signal.SIGKILL
    assert full.heavy(2) != first
    assert ended(full, name)["result"]["entries"] == ENTRIES
    assert full.logged("job.ended", job=name)["outcome"] == "done"
    assert full.logged("job.begun", 2, job=name)["fence"] == 2
    assert full.metrics()["shelfcast_heavy_restarts_total"][()] == 1


def test_a_job_is_cancelled_in_the_middle_and_the_next_one_done(full: Serving) -> None:
    pid = full.heavy()
    name = begin(full, pid)
    cancelled = ask(full, "DELETE", f"{JOBS}/{name}").json()
    os.kill(pid, signal.SIGCONT)
    assert (cancelled["state"], cancelled["cancel_wanted"]) == ("running", True)
    found = ended(full, name)
    assert (found["state"], found["result"]) == ("cancelled", None)
    assert ended(full, ask(full, "POST", AUDITS).json()["job"])["state"] == "done"
    assert is_running(pid)


def test_whoever_stops_waiting_cancels_the_audit_it_asked_for(full: Serving) -> None:
    pid = full.heavy()
    head = f"GET /v1/pools/{POOL}/audit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {full.token('operator', 'zhang')}"
    known: set[str] = set()
    for _ in range(ATTEMPTS):
        with socket.create_connection(("127.0.0.1", full.port)) as waiting:
            waiting.sendall(f"{head}\r\n\r\n".encode())
            (name,) = wait_until(lambda: {found["job"] for found in ask(full, "GET", JOBS).json()["jobs"]} - known)
            if halted(full, pid, name):
                break
            known.add(name)
    wait_until(lambda: job(full, name)["cancel_wanted"])
    os.kill(pid, signal.SIGCONT)
    assert ended(full, name)["state"] == "cancelled"


def test_a_job_outlives_its_engine(full: Serving, filled_engine: EngineProcess) -> None:
    pid = full.heavy()
    name = begin(full, pid)
    filled_engine.stop(signal.SIGKILL)
    os.kill(pid, signal.SIGCONT)
    filled_engine.start()
    assert ended_in_the_end(full, name)["result"]["entries"] == ENTRIES


def ended_in_the_end(server: Serving, name: str) -> dict[str, Any]:
    """As `ended`, while the server may have to say that it is unavailable."""

    def has_ended() -> bool:
        answer = ask(server, "GET", f"{JOBS}/{name}")
        return answer.is_success and answer.json()["ended_at_ms"] is not None

    wait_until(has_ended)
    return job(server, name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_leaves_no_process_and_its_job_to_the_next(
    full: Serving, serve: Serve, filled_engine: EngineProcess, number: signal.Signals
) -> None:
    pid = full.heavy()
    name = begin(full, pid)
    full.signal(number)
    os.kill(pid, signal.SIGCONT)
    assert full.process.wait(WAIT_S) == (0 if number is signal.SIGTERM else -number)
    wait_until(lambda: not is_running(pid))
    successor = serve(engine=filled_engine.url).ready()
    found = ended(successor, name)
    assert (found["state"], found["result"]["entries"]) == ("done", ENTRIES)


def test_too_many_jobs_are_refused(serve: Serve) -> None:
    server = serve(jobs_open_a_pool_max=2).ready().open_shop(1)
    pid = server.heavy()
    os.kill(pid, signal.SIGSTOP)
    names = [ask(server, "POST", AUDITS).json()["job"] for _ in range(2)]
    for method, path in (("POST", AUDITS), ("GET", f"/v1/pools/{POOL}/audit")):
        refused = ask(server, method, path)
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
        assert refused.headers["retry-after"]
    os.kill(pid, signal.SIGCONT)
    assert [ended(server, name)["state"] for name in names] == ["done", "done"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_process_for_heavy_work_that_is_away_is_told_and_keeps_nobody_from_the_rest(
    serve: Serve, workers: int
) -> None:
    server = (
        serve(workers=workers, heavy_away_ms=300, worker_alive_interval_ms=100, job_wait_ms=200).ready().open_shop(1)
    )
    pid = server.heavy()
    wait_until(lambda: "heavy" not in httpx.get(f"{server.url}/readyz").json().get("warnings", {}))
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: "heavy" in httpx.get(f"{server.url}/readyz").json().get("warnings", {}))
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    waited = ask(server, "GET", f"/v1/pools/{POOL}/audit")
    assert (waited.status_code, waited.json()["state"]) == (202, "queued")
    assert waited.headers["location"] == f"{JOBS}/{waited.json()['job']}"
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: "heavy" not in httpx.get(f"{server.url}/readyz").json().get("warnings", {}))
    assert ended(server, waited.json()["job"])["result"]["ok"]


def test_a_rolling_restart_replaces_it_too(serve: Serve) -> None:
    server = serve(workers=2).ready().open_shop(1)
    first = server.heavy()
    server.signal(signal.SIGHUP)
    server.logged("restarted")
    assert server.heavy(2) != first
    assert not is_running(first)
    assert ended(server, ask(server, "POST", AUDITS).json()["job"])["result"]["ok"]
