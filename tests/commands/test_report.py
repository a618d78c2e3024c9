"""`shelfcast report` beside a running server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import ROOM, RunningServer
from heavy_work import heavy_work
from shelfcast import cli
from shelfcast.engine import Engine
from shelfcast.merchant.report_archive import is_intact
from shelfcast_client.merchant import Merchant
from waiting import WAIT_S


@pytest.fixture
def report(server: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command, and gives its exit code and what it printed."""

    async def run(*words: str) -> tuple[int, str]:
        monkeypatch.setenv("SHELFCAST_TOKEN", server.token("operator"))
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, ["report", *words, "--url", server.url])
        printed = capsys.readouterr()
        # The server writes its log to the same stdout here.
        return code, "".join(line for line in printed.out.splitlines(True) if "[info" not in line) + printed.err

    return run


async def test_a_report_is_printed_for_people_and_written_to_files(
    report: Any, server: RunningServer, engine: Engine, tmp_path: Path
) -> None:
    await server.open_shop()
    await server.sell("mug", 40)
    code, printed = await report(f"{ROOM}.1")
    assert code == 1
    assert "not written yet" in printed
    async with (
        heavy_work(engine, server.settings),
        Merchant(server.url, server.token("operator"), "main") as merchant,
    ):
        await merchant.define_room(ROOM, channel="live", status="ended")
        async with asyncio.timeout(WAIT_S):
            while await merchant.report(f"{ROOM}.1") is None:
                pass
        code, printed = await report(f"{ROOM}.1")
        assert code == 0
        assert "0 + 40 received + 0 returned + 0 gained - 0 shipped - 0 written off - 0 lost = 40 (adds up)" in printed
        assert next(line for line in printed.splitlines() if " mug " in line).split()[:4] == ["1", "mug", "0", "40"]
        files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "csv", "xlsx", "html")}
        code, printed = await report(f"{ROOM}.1", *(word for kind in files for word in (f"--{kind}", str(files[kind]))))
        assert (code, len(printed.splitlines())) == (0, 4)
        content = files["json"].read_bytes()
        assert is_intact(content)
        assert json.loads(content)["show"] == f"{ROOM}.1"
        assert b"mug" in files["csv"].read_bytes()
        assert files["xlsx"].read_bytes().startswith(b"PK")
        assert b"<html" in files["html"].read_bytes()
