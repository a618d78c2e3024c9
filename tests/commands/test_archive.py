"""`shelfcast archive` beside a running server, and `shelfcast audit --archive` of what it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import RunningServer
from heavy_work import heavy_work
from shelfcast import cli
from shelfcast.engine import Engine
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from trimming import final_report


@pytest.fixture
async def sold(server: RunningServer, engine: Engine) -> AsyncIterator[RunningServer]:
    """A rehearsal with two entries, whose show is over and reported."""
    await server.pools.directory.create_pool("main")
    await server.apply(put(What.POOL, "", {"rehearsal": True}))
    await server.open_shop()
    await server.sell("mug", 100)
    await server.receive("mug", 1)
    await server.apply(put(What.ROOM, "evening", {"status": "ended"}))
    await final_report(await server.book(), "evening.1")
    async with heavy_work(engine, server.settings):
        yield server


@pytest.fixture
def command(sold: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command, and gives its exit code and what it printed."""

    async def run(*words: str) -> tuple[int, list[str]]:
        monkeypatch.setenv("SHELFCAST_TOKEN", sold.token("operator"))
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, list(words))
        printed = capsys.readouterr()
        # The server writes its log to the same stdout here.
        return code, [line for line in (printed.out + printed.err).splitlines() if "[info" not in line]

    return run


async def test_the_archive_is_said_written_and_audited(command: Any, sold: RunningServer, valkey_url: str) -> None:
    at = ("--url", sold.url)
    place = Path(sold.settings.data_dir, "archive")
    code, lines = await command("archive", "main", *at)
    assert code == 0
    assert lines[0] == f"Archive of main: {place}"
    assert lines[1].startswith("In the engine: 2 entries of 2, ")
    assert lines[2] == "No checkpoint yet."
    code, lines = await command("archive", "main", "--now", "--keep-days", "0", *at)
    assert code == 0
    assert lines[0].startswith("Written: 2 entries in 1 object of ")
    assert lines[1] == "Taken out of the engine: 2 entries."
    assert lines[-1].lstrip().startswith("up to 2 ")
    assert lines[-1].endswith("in the archive alone")
    code, lines = await command("archive", "main", "--now", *at)
    assert lines[:2] == ["Written: nothing, it has everything.", "Taken out of the engine: 0 entries."]
    audit = ("audit", "main", "--engine", valkey_url, "--key-prefix", sold.settings.key_prefix)
    for more in ((), ("--archive",)):
        code, lines = await command(*audit, "--archive-url", str(place), *more)
        assert code == 0
        assert lines[0].startswith("Pool main: 2 ledger entries, ")
    code, lines = await command(*audit, "--archive-url", str(place.parent / "none"))
    assert code == 1
    assert "checkpoints/000000000000002-" in lines[0]
    assert lines[0].endswith(".json.zst is missing")


async def test_an_archive_that_cannot_be_written_is_said(command: Any, sold: RunningServer) -> None:
    obstruct(Path(sold.settings.data_dir, "archive"))
    code, lines = await command("archive", "main", "--now", "--url", sold.url)
    assert code == 1
    assert "cannot be used" in lines[0]
    code, lines = await command("archive", "main", "--url", sold.url)
    assert code == 1
    assert lines[1].startswith("It cannot be used: the archive ")


def obstruct(place: Path) -> None:
    """Something else has the folder's name."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"")


async def test_days_are_said_with_now_alone(command: Any) -> None:
    code, lines = await command("archive", "main", "--keep-days", "1")
    assert code == 2
    assert "--now" in lines[0]
