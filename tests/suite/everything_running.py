"""What a run looks like in the middle: everything that tests start is up, and waits. Run by `test_interrupted` alone.

Each test writes a file when it is ready, into the folder that `READY_FOLDER` names: the mark of its run.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from engine_process import EngineProcess, free_ports, wait_until
from playwright.async_api import async_playwright
from suite_processes import MARK

READY_FOLDER = "READY_FOLDER"
LOCUSTFILE = Path(__file__).parents[2] / "loadtest" / "locustfile.py"


@pytest.mark.parametrize("number", [0, 1])
async def test_everything_is_running(number: int, own_engine: EngineProcess, short_folder: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "shelfcast", "serve", "--workers", "2", "--port", str(port)]
    serve += ["--data-dir", str(short_folder / f"data-{number}")]
    # Nobody ends these: a test that is interrupted does not come so far.
    environment = {**os.environ, "SHELFCAST_TOKEN_SECRET": "a secret of the test suite, 32 bytes and more"}
    _start(serve, environment)
    locust = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--worker", "--master-port", str(free_ports(1)[0])]
    _start(locust, environment)
    async with async_playwright() as playwright, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        chromium = shutil.which("chromium")
        if chromium is not None:
            await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        while not await _is_ready(http):  # noqa: ASYNC110 - a process that announces nothing
            await asyncio.sleep(0.05)
        assert wait_until(own_engine.client.ping)
        ready = Path(os.environ[READY_FOLDER]) / f"{number}.part"
        ready.write_text(os.environ[MARK], encoding="ascii")
        ready.replace(ready.with_suffix(".ready"))
        await asyncio.Event().wait()


def _start(command: list[str], environment: dict[str, str]) -> None:
    subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
