"""The supervisor keeps its workers running, whatever ends them, and says so."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from engine_process import wait_until
from workers.conftest import Serve
from workers.serving import WAIT_S, Serving, is_running


def answers(server: Serving) -> list[int]:
    """What twenty connections, each a new one, are told by /readyz."""
    return [httpx.get(f"{server.url}/readyz", timeout=WAIT_S).status_code for _ in range(20)]


def requests_counted(server: Serving) -> float:
    """Answers to /healthz that any worker has counted."""
    return sum(
        value
        for labels, value in server.metrics()["shelfcast_http_requests_total"].items()
        if dict(labels)["path"] == "/healthz"
    )


@pytest.fixture
def public_key(tmp_path: Path) -> Path:
    """A key file that every worker reads when it starts, and cannot start without."""
    path = tmp_path / "key.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return path


@pytest.mark.long
def test_a_worker_that_ends_or_is_stuck_is_started_again_and_no_counter_falls(serve: Serve) -> None:
    server = serve(
        workers=2, worker_alive_interval_ms=100, worker_silence_max_ms=5_000, worker_metrics_timeout_ms=5_000
    ).ready()
    for _ in range(20):
        httpx.get(f"{server.url}/healthz")
    assert requests_counted(server) == 20

    killed = server.signal_worker(1, signal.SIGKILL)
    assert server.logged("worker.died", pid=killed)["exit"] == -signal.SIGKILL
    # Whoever connects now, and is meant for the dead worker, waits in its socket for the next one.
    assert answers(server) == [200] * 20
    server.logged("worker.serving", 2, slot=1)

    asked_to_leave = server.signal_worker(2, signal.SIGTERM)
    assert server.logged("worker.died", pid=asked_to_leave)["exit"] == 0
    server.logged("worker.serving", 2, slot=2)

    stuck = server.signal_worker(1, signal.SIGSTOP)
    assert server.logged("worker.stuck")["pid"] == stuck
    server.logged("worker.serving", 3, slot=1)
    assert not any(map(is_running, (killed, asked_to_leave, stuck)))

    assert answers(server) == [200] * 20
    assert requests_counted(server) == 20
    assert server.of_workers("shelfcast_worker_restarts_total") == {"1": 2, "2": 1}
    assert server.of_workers("shelfcast_worker_up") == {"1": 1, "2": 1}
    assert set(server.of_workers("process_resident_memory_bytes")) == {"supervisor", "1", "2", "heavy"}


@pytest.mark.long
def test_a_worker_that_cannot_start_is_tried_with_back_off_and_the_others_get_its_viewers(
    serve: Serve, public_key: Path
) -> None:
    server = serve(workers=2, token_public_key_file=public_key, worker_restart_backoff_ms=600).ready()
    key = public_key.read_bytes()
    public_key.unlink()
    server.signal(signal.SIGHUP)
    assert "key" in server.logged("restart.given_up")["error"]
    assert answers(server) == [200] * 20, "the old workers stay where their successors do not start"
    server.signal_worker(1, signal.SIGKILL)
    pauses = [server.logged("worker.start_failed", count)["restart_in_ms"] for count in (1, 2)]
    assert pauses == [1200, 2400]
    # Before the second try its socket had stopped listening: nobody waits there until a worker serves.
    assert answers(server) == [200] * 20
    assert server.of_workers("shelfcast_worker_up") == {"1": 0, "2": 1}
    public_key.write_bytes(key)
    server.logged("worker.serving", 2, slot=1)
    wait_until(lambda: server.of_workers("shelfcast_worker_up") == {"1": 1, "2": 1})
    assert answers(server) == [200] * 20


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"tls_certificate_file": "missing.pem", "tls_key_file": "missing.pem"}, "TLS certificate"),
        ({"host": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
    ],
)
def test_wrong_settings_end_the_command_before_it_serves(serve: Serve, settings: dict[str, object], says: str) -> None:
    server = serve(workers=2, **settings)
    assert server.process.wait(WAIT_S) == 2
    server.end()
    assert says in server.lines[-1]["event"]


def test_workers_do_not_outlive_their_supervisor(serve: Serve, short_folder: Path) -> None:
    server = serve(workers=2, data_dir=short_folder / "killed").ready()
    workers = server.workers().values()
    server.process.kill()
    # Its successor wants the same port and the same data, at once.
    successor = serve(workers=2, data_dir=short_folder / "killed", port=server.port, drain_notice_ms=60_000).ready()
    wait_until(lambda: not any(map(is_running, workers)))

    # Told a second time, it waits for nobody.
    workers = successor.workers().values()
    successor.signal(signal.SIGTERM)
    successor.logged("draining", 3)
    successor.signal(signal.SIGTERM)
    assert successor.process.wait(WAIT_S) == -signal.SIGTERM
    wait_until(lambda: not any(map(is_running, workers)))


def test_a_second_server_gets_no_part_of_the_port_and_the_engine_ends_last(serve: Serve) -> None:
    server = serve(workers=2).ready()
    second = serve(workers=2, port=server.port)
    assert second.process.wait(WAIT_S) == 2
    second.end()
    assert "cannot listen" in second.lines[-1]["event"]

    engine = server.logged("engine.started")["pid"]
    server.process.terminate()
    assert server.process.wait(WAIT_S) == 0
    server.end()
    assert not is_running(engine)
    events = [line["event"] for line in server.lines]
    assert events.count("stopped") == 3
    assert events.index("engine.stopped") > max(i for i, line in enumerate(server.lines) if "worker" in line)


def test_one_process_has_no_supervisor_and_drains_when_the_terminal_hangs_up(serve: Serve) -> None:
    server = serve(workers=1).ready()
    assert server.workers() == {}
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    assert [int(pid) for pid in children] == [server.logged("engine.started")["pid"]]
    server.signal(signal.SIGHUP)
    assert server.process.wait(WAIT_S) == 0
