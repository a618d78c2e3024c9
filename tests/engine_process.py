"""Engine processes for tests: real servers, started, stopped, frozen and killed at will."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Self

import redis

START_TIMEOUT_S = 60.0
PORTS = range(11_000, 32_768)
"""Where servers of tests listen that must know their port before they start. The kernel takes ports for outgoing
connections from above: one of those, of a test that runs beside this one, could be in the way a moment later. Among
those below is one that Chromium asks nobody on (10080)."""
_POLL_S = 0.01


def wait_until(condition: Callable[..., Any], *, timeout_s: float = START_TIMEOUT_S) -> Any:
    """The condition's first true value. For processes that announce nothing; raises when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s} s: {condition}")
        time.sleep(_POLL_S)
    return value


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, drawn at random so that tests side by side draw different ones."""
    return list(islice(filter(_is_free, random.sample(PORTS, len(PORTS))), count))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class EngineProcess:
    """One engine, Sentinel or Cluster node. `command` runs it, `url` is where it answers then."""

    def __init__(self, command: list[str], url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self._command = command
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis.from_url(url, retry=None, socket_timeout=START_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *fault: object) -> None:
        self.stop()

    def start(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until(self._answers)
        except BaseException:
            self.stop()
            raise
        return self

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait. A frozen process is woken first, or it would not notice."""
        self.client.close()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait(timeout=START_TIMEOUT_S)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the engine ended: {self._log.read_text()[-2000:]}")
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False
