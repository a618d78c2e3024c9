"""`shelfcast doctor`: each check's verdict at its edges, and the whole command against real engines."""

from __future__ import annotations

import resource
from pathlib import Path

import msgspec
import pytest
from engine_process import EngineProcess
from shelfcast.commands import doctor
from shelfcast.commands.doctor import Verdict
from shelfcast.engine import DataFolder, EmbeddedEngine
from shelfcast.settings import Settings

INFINITY = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("limit", "verdict", "said"),
    [
        (
            1_127,
            Verdict.MEND,
            "to 1,228 (LimitNOFILE, limits.conf or the container's ulimits), or --connections-max 999",
        ),
        (1_128, Verdict.WARNING, "a rush at full house"),
        (1_227, Verdict.WARNING, "a rush at full house"),
        (1_228, Verdict.OK, ""),
        (INFINITY, Verdict.OK, ""),
    ],
)
def test_open_files(limit: int, verdict: Verdict, said: str) -> None:
    check = doctor.check_descriptors(Settings(connections_max=1_000, http_connections_max=100), limit)
    assert check.verdict is verdict
    assert said in check.mend


def test_listen_queue() -> None:
    settings = Settings(listen_backlog=4_096)
    assert doctor.check_backlog(settings, 4_096).verdict is Verdict.OK
    assert doctor.check_backlog(settings, 128).verdict is Verdict.WARNING


async def test_the_archive(tmp_path: Path) -> None:
    folder = str(tmp_path / "archive")
    assert await doctor.check_archive(Settings(archive_url=folder)) == doctor.Check("archive", Verdict.OK, folder)
    obstruct(Path(folder))
    found = await doctor.check_archive(Settings(archive_url=folder))
    assert (found.verdict, found.found) == (Verdict.WARNING, f"the archive {folder} cannot be used: it is no folder")
    assert (await doctor.check_archive(Settings(archive_url="ftp://a"))).verdict is Verdict.MEND


def obstruct(place: Path) -> None:
    """Something else has the folder's name."""
    place.write_bytes(b"")


def test_token_keys(tmp_path: Path) -> None:
    assert doctor.check_secret(Settings()).verdict is Verdict.MEND
    assert doctor.check_secret(Settings(token_secret="x" * 31)).found == "31 bytes; 32 are needed"
    assert doctor.check_secret(Settings(token_secret="x" * 32)).verdict is Verdict.OK
    assert doctor.check_secret(Settings(token_public_key_file=str(tmp_path / "none.pem"))).verdict is Verdict.MEND


@pytest.mark.parametrize(
    ("difference_ms", "verdict", "found"),
    [
        (500, Verdict.OK, "500 ms ahead"),
        (501, Verdict.MEND, "501 ms ahead"),
        (-60_000, Verdict.MEND, "60000 ms behind"),
    ],
)
def test_clock(difference_ms: float, verdict: Verdict, found: str) -> None:
    check = doctor.check_clock(difference_ms)
    assert (check.verdict, found in check.found) == (verdict, True)


def test_flush() -> None:
    assert doctor.check_flush(20).verdict is Verdict.OK
    assert doctor.check_flush(21).verdict is Verdict.WARNING


def small(settings: Settings, **changes: str) -> Settings:
    """Settings that fit into any machine's limit of open files."""
    return msgspec.structs.replace(settings, connections_max=100, http_connections_max=10, **changes)


@pytest.mark.each_engine
def test_a_durable_engine_needs_no_mending(
    engine_url: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(small(settings, engine=engine_url)) == 0
    assert "Nothing to mend." in capsys.readouterr().out


@pytest.mark.each_engine
def test_an_engine_that_can_lose_data_is_to_be_mended(
    own_engine: EngineProcess, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    own_engine.client.config_set("appendfsync", "everysec")
    assert doctor.run(small(settings, engine=own_engine.url)) == 1
    assert "1 to mend." in capsys.readouterr().out


async def test_an_engine_that_forgets_is_named_with_its_setting(own_engine: EngineProcess, settings: Settings) -> None:
    own_engine.client.config_set("appendonly", "no")
    checks = await doctor.check_engine(small(settings, engine=own_engine.url))
    assert [(check.subject, check.mend) for check in checks if check.verdict is Verdict.MEND] == [
        ("durability", "appendonly yes, appendfsync always")
    ]


async def test_a_replica_is_to_be_mended(own_engine: EngineProcess, settings: Settings) -> None:
    own_engine.client.replicaof("127.0.0.1", 1)
    checks = await doctor.check_engine(small(settings, engine=own_engine.url))
    assert any(check.verdict is Verdict.MEND and "is a replica" in check.found for check in checks)


def test_an_engine_that_is_not_there_is_to_be_mended(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    absent = msgspec.structs.replace(small(settings, engine="redis://127.0.0.1:1"), engine_call_timeout_ms=100)
    assert doctor.run(absent) == 1
    assert "1 to mend." in capsys.readouterr().out


def test_without_a_url_the_embedded_engine_is_tried_and_no_folder_made(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(small(settings)) == 0
    assert "Valkey" in capsys.readouterr().out
    assert not Path(settings.data_dir).exists()


async def test_a_running_servers_engine_is_looked_at_and_left_running(settings: Settings) -> None:
    embedded = EmbeddedEngine(Path(settings.data_dir), settings)
    await embedded.start()
    try:
        checks = await doctor.check_engine(small(settings))
        assert [check.verdict for check in checks] == [Verdict.OK] * len(checks)
        assert any(str(embedded.socket_path) in check.found for check in checks)
        assert embedded.restarts == 0
    finally:
        await embedded.stop()


def test_a_cut_tail_that_an_engine_dropped_is_told(tmp_path: Path) -> None:
    assert doctor.check_repair(tmp_path) == []
    said = "!!! Truncating the AOF a.incr.aof at offset 2483 !!!\nloaded anyway because aof-load-truncated is enabled"
    assert DataFolder(tmp_path).note_repair(said)
    (check,) = doctor.check_repair(tmp_path)
    assert check.verdict is Verdict.WARNING
    assert "at offset 2483" in check.found
