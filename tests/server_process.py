"""A server as it is deployed: `shelfcast serve` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.settings import Settings

START_TIMEOUT_S = 60.0


class ServerProcess:
    """Serves on `port` once started. You must `stop` it; it drains then.

    Without an `engine_url` it keeps its stock in the settings' data folder, with an engine of its own. Started again
    after `kill`, it serves on the port it had.
    """

    def __init__(self, settings: Settings, engine_url: str = "") -> None:
        self.port = settings.port
        self.log: list[str] = []
        self._environment = {
            **os.environ,
            "SHELFCAST_ENGINE": engine_url,
            "SHELFCAST_DATA_DIR": settings.data_dir,
            "SHELFCAST_KEY_PREFIX": settings.key_prefix,
            "SHELFCAST_TOKEN_SECRET": settings.token_secret,
            "SHELFCAST_LOG_FORMAT": "json",
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._serving = asyncio.Event()

    async def start(self) -> Self:
        self._serving.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "shelfcast", "serve", "--port", str(self.port),
            env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.get_running_loop().create_task(self._read(self._process))
        async with asyncio.timeout(START_TIMEOUT_S):
            await self._serving.wait()
        assert self.port, self.log
        return self

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
        families = text_string_to_metric_families((await self._get("/metrics")).text)
        samples = (sample for family in families for sample in family.samples)
        return next((s.value for s in samples if s.name == name and labels.items() <= s.labels.items()), 0.0)

    async def _get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as http:
            return await http.get(path)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.log.append(line.decode())
            if '"event": "serving"' in self.log[-1]:
                self.port = int(self.log[-1].partition('"port": ')[2].partition(",")[0])
                self._serving.set()
        self._serving.set()
