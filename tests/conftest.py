"""One real engine a test session: the embedded Valkey, and beside it Debian's Redis where it is installed.

Tests are apart by their key prefix. A test that asks for `engine_url`, `engine` or `own_engine` runs on Valkey; one
marked `each_engine` runs on both.

The suite runs in several processes, each with engines of its own (`side_by_side.py`). Whatever they start ends
with them (`suite_processes.py`).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import side_by_side
import structlog
from engine_process import EngineProcess
from httpx._config import DEFAULT_TIMEOUT_CONFIG, create_ssl_context
from httpx._transports import default as httpx_transports
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from shelfcast.engine import Engine, find_binary, socket_url
from shelfcast.engine.binary import engine_command
from shelfcast.settings import Settings
from suite_processes import FOLDERS, MARK, Guard, folder_prefix
from waiting import WAIT_S

PROXIES_SET_ASIDE = "TESTS_PROXIES_SET_ASIDE"
"""Proxies of the environment, as JSON: the suite speaks to this machine alone. What installs packages takes them up."""


def set_proxies_aside() -> None:
    found = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    if found:
        os.environ[PROXIES_SET_ASIDE] = json.dumps(found)
    for name in found:
        del os.environ[name]


set_proxies_aside()

# Servers, workers and commands that tests start are hundreds of processes of one program: compiled once, not by each.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What the suite asks of a server may take as long as all that it waits for: httpx gives up after 5 s.
for of in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, of, WAIT_S)
# It makes a context for TLS with each client, also where nobody speaks TLS: 30 ms of CPU a time, and more than most
# requests take. A test that trusts other certificates says so to its client.
httpx_transports.create_ssl_context = cache(create_ssl_context)  # type: ignore[attr-defined]

# structlog by itself shows each variable of each frame: a traceback holds the loop up for seconds on a busy machine.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

pytest_plugins = ["fixtures_server", "fixtures_tls"]

TOKEN_SECRET = "a secret of the test suite, 32 bytes and more"
ENGINE_CALL_TIMEOUT_MS = 5_000
"""Longer than by default: an engine that is well has been seen to take two seconds where six runs shared two cores."""

# How long an example takes, and making one, is the machine's affair, not the example's; and how many are thrown away
# before one is of use is chance, which fails one run in many.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
hypothesis_settings.load_profile("suite")

_GUARD = pytest.StashKey[Guard]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fonts", choices=("all", "one"), default="all", help="what browsers know: the machine's fonts, or one family"
    )
    parser.addoption(
        "--newcomer",
        choices=("one", "all"),
        default="one",
        help="the console's newcomer: with a mouse in English, or also with the keyboard alone and in Chinese",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "load: a load run of its own, by `make test-load`; not in the suite")
    config.addinivalue_line("markers", "long: begins among the first, so that nobody waits for it at the end")
    config.addinivalue_line("markers", "each_engine: runs on the embedded Valkey and on the installed Redis")
    # One guard a run, in the process that starts the others.
    if not hasattr(config, "workerinput"):
        config.stash[_GUARD] = Guard()


def pytest_unconfigure(config: pytest.Config) -> None:
    guard = config.stash.get(_GUARD, None)
    if guard is None:
        return
    left = guard.finish()
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if left and terminal is not None:
        terminal.write_line(f"{len(left)} processes were left, and are killed now:")
        for command in left:
            terminal.write_line(f"  {command}")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    return side_by_side.processes(config)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> side_by_side.Sharing:
    return side_by_side.Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_kind" in metafunc.fixturenames:
        each = metafunc.definition.get_closest_marker("each_engine") is not None
        metafunc.parametrize("engine_kind", ["valkey", "redis"] if each else ["valkey"])


def engine_process(binary: Path, folder: Path) -> EngineProcess:
    """An engine with the embedded one's own command line, not yet started."""
    folder.mkdir()
    socket = folder / "s"
    return EngineProcess(engine_command(binary, folder, socket, parent=os.getpid()), socket_url(socket), folder)


@pytest.fixture(scope="session")
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose path is short enough for sockets, wherever pytest keeps its own."""
    folder = FOLDERS / f"{folder_prefix(os.environ[MARK])}{secrets.token_hex(2)}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey_binary() -> Path:
    """What `serve` starts without configuration."""
    return find_binary()


@pytest.fixture(scope="session")
def valkey_url(short_folder: Path, valkey_binary: Path) -> Iterator[str]:
    with engine_process(valkey_binary, short_folder / "valkey") as running:
        yield running.url


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
    with engine_process(redis_binary, short_folder / "redis") as running:
        yield running.url


@pytest.fixture
def engine_url(request: pytest.FixtureRequest, engine_kind: str) -> str:
    """URL of the session's engine: Valkey, or each in turn for a test marked `each_engine`."""
    url: str = request.getfixturevalue(f"{engine_kind}_url")
    return url


@pytest.fixture
def own_engine(request: pytest.FixtureRequest, engine_kind: str, short_folder: Path) -> Iterator[EngineProcess]:
    """An engine of the test's own, to freeze, kill and reconfigure."""
    binary: Path = request.getfixturevalue(f"{engine_kind}_binary")
    with engine_process(binary, short_folder / secrets.token_hex(4)) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of one test: its own key prefix and data folder, a free port, a secret."""
    return Settings(
        key_prefix=f"t{secrets.token_hex(6)}",
        data_dir=str(tmp_path / "data"),
        port=0,
        token_secret=TOKEN_SECRET,
        engine_call_timeout_ms=ENGINE_CALL_TIMEOUT_MS,
    )


@pytest.fixture
async def engine(engine_url: str, settings: Settings) -> AsyncIterator[Engine]:
    """The session's engine, connected, with the stock library on it."""
    from shelfcast.stock.library import LIBRARY

    connected = await Engine.connect(engine_url, settings=settings, library=LIBRARY)
    yield connected
    await connected.close()
