"""One real engine a test session: the embedded Valkey, and beside it Debian's Redis where it is installed.

Tests are apart by their key prefix. A test that asks for `engine_url` or `engine` runs on Valkey; one marked
`each_engine` runs on both.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from shelfcast.engine import Engine, find_binary
from shelfcast.engine.binary import engine_command
from shelfcast.settings import Settings

TOKEN_SECRET = "a secret of the test suite, 32 bytes and more"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "each_engine: runs on the embedded Valkey and on the installed Redis")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_url" in metafunc.fixturenames:
        each = metafunc.definition.get_closest_marker("each_engine") is not None
        metafunc.parametrize("engine_url", ["valkey", "redis"] if each else ["valkey"], indirect=True, ids=str)


@contextmanager
def running_engine(binary: Path, folder: Path) -> Iterator[str]:
    """An engine started with the embedded one's own command line; yields its URL."""
    socket = folder / "s"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            engine_command(binary, folder, socket, parent=os.getpid()), stdout=log, stderr=log, start_new_session=True
        )
    try:
        client = redis.Redis(
            unix_socket_path=str(socket),
            retry=Retry(ConstantBackoff(0.02), 500),
            retry_on_error=[redis.ConnectionError],
        )
        with client:
            client.ping()
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose path is short enough for sockets, wherever pytest keeps its own."""
    folder = Path("/tmp") / f"shelfcast-test-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey_url(short_folder: Path) -> Iterator[str]:
    folder = short_folder / "valkey"
    folder.mkdir()
    with running_engine(find_binary(), folder) as url:
        yield url


@pytest.fixture(scope="session")
def redis_binary() -> Path:
    """A redis-server 7 or newer on PATH; the test is skipped where there is none."""
    found = shutil.which("redis-server")
    if found is None:
        pytest.skip("no redis-server on PATH")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.partition("v=")[2].partition(".")[0] or 0) < 7:
        pytest.skip(f"redis-server on PATH is too old: {version.strip()}")
    return Path(found)


@pytest.fixture(scope="session")
def redis_url(short_folder: Path, redis_binary: Path) -> Iterator[str]:
    folder = short_folder / "redis"
    folder.mkdir()
    with running_engine(redis_binary, folder) as url:
        yield url


@pytest.fixture
def engine_url(request: pytest.FixtureRequest) -> str:
    """URL of the session's engine: Valkey, or each in turn for a test marked `each_engine`."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of one test: its own key prefix and data folder, a free port, a secret."""
    return Settings(
        key_prefix=f"t{secrets.token_hex(6)}", data_dir=str(tmp_path / "data"), port=0, token_secret=TOKEN_SECRET
    )


@pytest.fixture
async def engine(engine_url: str, settings: Settings) -> AsyncIterator[Engine]:
    """The session's engine, connected, with the stock library on it."""
    from shelfcast.stock.library import LIBRARY

    connected = await Engine.connect(engine_url, settings=settings, library=LIBRARY)
    yield connected
    await connected.close()
