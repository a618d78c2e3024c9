"""`shelfcast checklist` beside a running server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fixtures_server import RunningServer
from shelfcast import cli
from shelfcast_client.merchant import Merchant


@pytest.fixture
def checklist(server: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command, and gives its exit code and what it printed."""

    async def run(*words: str) -> tuple[int, str]:
        monkeypatch.setenv("SHELFCAST_TOKEN", server.token("operator"))
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, ["checklist", *words, "--url", server.url])
        printed = capsys.readouterr()
        # The server writes its log to the same stdout here.
        return code, "".join(line for line in printed.out.splitlines(True) if "[info" not in line) + printed.err

    return run


async def test_what_fails_is_said_with_its_cure_and_ends_with_1(checklist: Any, server: RunningServer) -> None:
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.define_pool()
        await merchant.define_channel("live", kind="shared")
        await merchant.define_sku("mug", title="杯子", price_minor=990)
        await merchant.receive("mug", 100, key="opening")
        await merchant.define_room("night", channel="live", gate="refuse")
        await merchant.define_listing("night", "mug")
        code, printed = await checklist("night", "--level", "fail")
        assert code == 1
        assert "may not go on air without an override" in printed
        [line] = [line for line in printed.splitlines() if line.startswith("fail")]
        assert "mug" in line
        assert "cure:" in line
        made = await merchant.open_count("before", room="night")
        count = made["count"]["count"]
        await merchant.save_line(count, "mug", 100)
        closed = await merchant.close_count(count)
        await merchant.apply_count(count, closed["revision"])
        code, printed = await checklist("night")
        assert (code, "0 failures" in printed, "it may go on air" in printed) == (0, True, True)
        assert "pass" in printed
    code, printed = await checklist("none")
    assert (code, printed.startswith("shelfcast: ")) == (1, True)
