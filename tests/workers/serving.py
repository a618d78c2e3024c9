"""`shelfcast serve` as a process of its own: its signals, its log, its workers, and a shop on it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from signal import Signals
from typing import Any, Self

import httpx
from engine_process import free_ports
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client import Room, connect

SECRET = "a secret of the test suite, 32 bytes and more"
WAIT_S = 60.0
POOL, ROOM, SKU = "main", "evening", "mug"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SHELFCAST_")},
    "SHELFCAST_TOKEN_SECRET": SECRET,
    "SHELFCAST_LOG_FORMAT": "json",
}


class Serving:
    """A server process. Its log lines are read as they come; `logged` waits for one."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        self.port = int(str(settings.pop("port", 0))) or free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        flags = [
            piece
            for name, value in {"port": self.port, "data_dir": data_dir, **settings}.items()
            for piece in ("--" + name.replace("_", "-"), str(value))
        ]
        command = [sys.executable, "-m", "shelfcast", "serve", *flags]
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        self.lines: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._http = httpx.Client(base_url=self.url, timeout=WAIT_S)

    # --- the process --------------------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(json.loads(line) if line.startswith("{") else {"event": line.strip()})
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def logged(self, event: str, count: int = 1, **fields: object) -> dict[str, Any]:
        """The count-th line of this event with these fields; waits for it. Raises where the server ends before."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.lines if line["event"] == event and fields.items() <= line.items()]

        deadline = time.monotonic() + WAIT_S
        with self._news:
            while len(found()) < count:
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    raise AssertionError(f"{event} {fields} was not logged {count} times: {self.lines}")
                self._news.wait(left)
            return found()[count - 1]

    async def comes(self, event: str, count: int = 1, **fields: object) -> dict[str, Any]:
        """`logged`, while the test's own sockets go on."""
        return await asyncio.to_thread(self.logged, event, count, **fields)

    def ready(self) -> Self:
        self.logged("serving")
        return self

    def workers(self) -> dict[int, int]:
        """Slot → process id of the worker that serves there."""
        return {line["slot"]: line["pid"] for line in list(self.lines) if line["event"] == "worker.serving"}

    def signal(self, number: Signals) -> None:
        self.process.send_signal(number)

    def signal_worker(self, slot: int, number: Signals) -> int:
        """Send a signal to the worker of a slot, and say which process that was."""
        pid = self.workers()[slot]
        os.kill(pid, number)
        return pid

    def heavy(self, count: int = 1) -> int:
        """Process id of the count-th process for heavy work; waits until it is ready."""
        pid: int = self.logged("heavy.ready", count)["pid"]
        return pid

    async def exit_code(self) -> int:
        return await asyncio.to_thread(self.process.wait, WAIT_S)

    def end(self) -> None:
        """Have it drain, whatever state it is in."""
        self._http.close()
        heavy = [line["pid"] for line in list(self.lines) if line["event"] == "heavy.ready"]
        for pid in [*self.workers().values(), *heavy]:
            if is_running(pid):
                os.kill(pid, signal.SIGCONT)
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        assert self.process.stderr is not None
        self.process.stderr.close()

    # --- over HTTP ----------------------------------------------------------------------------------------------

    def token(self, role: str, user: str) -> str:
        return Tokens(Settings(token_secret=SECRET)).mint(role=Role(role), user=user)

    def call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token('operator', 'zhang')}", "Idempotency-Key": "once"}
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def lines_of(self, path: str) -> list[dict[str, Any]]:
        """What the server answers line by line."""
        headers = {"Authorization": f"Bearer {self.token('operator', 'zhang')}"}
        answer = self._http.get(path, headers=headers)
        assert answer.is_success, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    def open_shop(self, units: int) -> Self:
        self.call("PUT", f"/v1/pools/{POOL}")
        self.call("PUT", f"/v1/pools/{POOL}/channels/live", {"kind": "shared"})
        self.call("POST", f"/v1/pools/{POOL}/catalogue", {"skus": [{"sku": SKU, "opening": units}]})
        self.call("PUT", f"/v1/rooms/{ROOM}", {"pool": POOL, "channel": "live", "status": "live"})
        self.call("PUT", f"/v1/rooms/{ROOM}/skus/{SKU}", {"position": 1})
        return self

    def shelf(self) -> tuple[int, int]:
        """Available and held units of the SKU, as the book has them."""
        (row,) = self.call("GET", f"/v1/rooms/{ROOM}/skus")["skus"]
        return row["available"], row["held"]

    def enter(self, user: str) -> Room:
        return connect(self.url, ROOM, token=self.token("viewer", user))

    def metrics(self) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
        """Name → labels → value, of one scrape over a connection of its own (so of any worker)."""
        text = httpx.get(f"{self.url}/metrics", timeout=WAIT_S).text
        found: dict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
        return found

    def of_workers(self, name: str) -> dict[str, float]:
        """The values of a metric that each worker has."""
        return {dict(labels)["worker"]: value for labels, value in self.metrics()[name].items()}


def is_running(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
