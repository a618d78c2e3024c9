"""A server says that its archive cannot be written, in words, and serves on."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fixtures_server import StartServer
from shelfcast.archive import watch
from shelfcast.archive.store import ArchiveStore
from shelfcast.archive.watch import ArchiveWatch
from shelfcast.errors import ConfigError
from shelfcast.settings import Settings
from waiting import until


async def test_readyz_warns_and_the_server_is_ready(start_server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    server = await start_server(archive_url=str(tmp_path / "file"))
    async with httpx.AsyncClient(base_url=server.url) as http:
        found = await http.get("/readyz")
        while "archive" not in found.json()["warnings"]:
            found = await http.get("/readyz")
    assert found.status_code == 200
    assert found.json()["warnings"]["archive"] == f"the archive {tmp_path}/file cannot be used: it is no folder"


async def test_an_archive_that_comes_back_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "COMPLAINS_FOR_S", 0.0)
    obstacle = tmp_path / "archive"
    obstacle.write_bytes(b"")
    watched = ArchiveWatch(ArchiveStore(Settings(archive_url=str(obstacle))))
    await until(watched.complaint)
    obstacle.unlink()
    await until(lambda: not watched.complaint())
    await watched.close()


async def test_an_address_that_is_none_ends_the_start(start_server: StartServer) -> None:
    with pytest.raises(ConfigError, match="archive_url"):
        await start_server(archive_url="ftp://shop.example")
