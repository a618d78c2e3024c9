"""A server as it is deployed: `shelfcast serve` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, Self

import httpx
from engine_process import free_ports
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.settings import Settings

START_TIMEOUT_S = 60.0


class ServerProcess:
    """Serves on `port` once started. You must `stop` it; it drains then.

    Without an `engine_url` it keeps its stock in the settings' data folder, with an engine of its own. Started again
    after `kill`, it serves on the port it had. `program` is what Python runs, `more` is more of its environment.
    """

    def __init__(
        self, settings: Settings, engine_url: str = "", *, program: Sequence[str] = ("-m", "shelfcast"), **more: object
    ) -> None:
        self.port = settings.port
        self.log: list[str] = []
        self._program = program
        self._environment = {
            **os.environ,
            "SHELFCAST_ENGINE": engine_url,
            "SHELFCAST_DATA_DIR": settings.data_dir,
            "SHELFCAST_KEY_PREFIX": settings.key_prefix,
            "SHELFCAST_TOKEN_SECRET": settings.token_secret,
            "SHELFCAST_LOG_FORMAT": "json",
            **{name.upper(): str(value) for name, value in more.items()},
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        """That it serves, or has ended."""
        self._serves = False

    async def start(self) -> Self:
        self._heard.clear()
        self._serves = False
        # One that is free again when it is started after `kill`: the system's choice could be somebody else's by then.
        self.port = self.port or free_ports(1)[0]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._program, "serve", "--port", str(self.port),
            env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.get_running_loop().create_task(self._read(self._process))
        async with asyncio.timeout(START_TIMEOUT_S):
            await self._heard.wait()
        assert self._serves, self.log
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def stop(self) -> None:
        if self._process is None or self._reader is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_TIMEOUT_S):
            await self._process.wait()
            await self._reader

    async def kill(self) -> None:
        """End it without a word to anybody."""
        assert self._process is not None
        assert self._reader is not None
        self._process.kill()
        await self._process.wait()
        await self._reader

    async def readiness(self) -> dict[str, Any]:
        said: dict[str, Any] = (await self._get("/readyz")).json()
        return said

    async def figure(self, name: str, **labels: str) -> float:
        """One value of /metrics; 0 where it is not there."""
        found = await self.figures(name)
        return next((value for had, value in found if labels.items() <= had.items()), 0.0)

    async def figures(self, name: str) -> list[tuple[dict[str, str], float]]:
        """All values of one name in /metrics, each with its labels."""
        families = text_string_to_metric_families((await self._get("/metrics")).text)
        return [(s.labels, s.value) for family in families for s in family.samples if s.name == name]

    async def _get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as http:
            return await http.get(path)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.log.append(line.decode())
            if '"event": "serving"' in self.log[-1]:
                self._serves = True
                self._heard.set()
        self._heard.set()
