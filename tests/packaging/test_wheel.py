"""The package as others get it: built into a wheel, installed into an empty environment, run there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
SERVER_ONLY = ("shelfcast", "msgspec", "redis", "starlette", "uvicorn", "uvloop", "prometheus_client", "jwt", "click")
SERVES_A_ROOM = r"""
import asyncio, sys
from shelfcast_client import connect, Reserved

async def main():
    result = None
    async with asyncio.timeout(90), connect(sys.argv[1], "demo") as room:
        # Its first show is a short one, behind which the room is off the air for a moment.
        while not isinstance(result, Reserved):
            await room.until(
                lambda room: room.status == "live" and any(state.available > 5 for state in room.stock.values())
            )
            sku = next(sku for sku, state in room.stock.items() if state.available > 5)
            result = await room.reserve(sku, 1)
        print(len(room.stock), result.sku, result.qty)

asyncio.run(main())
"""


def outside() -> dict[str, str]:
    """The environment with the proxies that the suite has set aside."""
    return {**os.environ, **json.loads(os.environ.get("TESTS_PROXIES_SET_ASIDE", "{}"))}


def run(*command: str | Path, timeout: float = 300) -> str:
    done = attempt(*command, timeout=timeout)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def attempt(
    *command: str | Path, timeout: float, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = [str(part) for part in command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=timeout, env=environment)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # hatchling is installed beside the tests, so the build needs no environment (and no network) of its own.
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds this wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    done = attempt(
        folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
        "--constraint", ROOT / "constraints.txt", wheel, timeout=300, environment=outside(),
    )  # fmt: skip
    if "Retrying" in done.stderr and done.returncode != 0:
        pytest.skip("the package index cannot be reached from here, so nothing can be installed anew")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_the_wheel_holds_every_file_that_is_no_code(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    source = ROOT / "server" / "shelfcast"
    lua = {f"shelfcast/{path.relative_to(source)}" for path in source.rglob("*.lua")}
    assert lua, "the stock book's library is made of Lua files"
    assert lua <= set(names)
    for name in (
        "shelfcast/py.typed",
        "shelfcast_client/py.typed",
        "shelfcast/sample/catalogue.csv",
        "shelfcast/sample/orders.csv",
    ):
        assert name in names
    assert any(re.fullmatch(r"shelfcast-[^/]+\.dist-info/licenses/LICENSE", name) for name in names)
    assert not [name for name in names if not re.match(r"shelfcast(_client)?(/|-)", name)], "nothing else is installed"


def test_the_wheel_holds_the_pages_and_all_they_load(wheel):
    if shutil.which("node") is None:
        pytest.skip("no Node here to build the pages with")
    archive = zipfile.ZipFile(wheel)
    folder = "shelfcast/http/pages/static/"
    there = {name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder)}
    pages = {f"{name}.html" for name in ("index", "room", "overlay", "host")}
    assert pages <= there
    for page in pages:
        loads = re.findall(r'(?:src|href)="/static/([^"]+)"', archive.read(folder + page).decode())
        assert loads
        assert set(loads) <= there, page


def test_the_client_imports_without_the_servers_dependencies():
    program = "import sys, shelfcast_client; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(run(sys.executable, "-c", program).split())
    assert "shelfcast_client" in loaded
    assert not loaded & {*SERVER_ONLY, "httpx"}


def test_the_merchants_client_imports_nothing_of_the_server():
    program = "import sys, shelfcast_client.merchant; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(run(sys.executable, "-c", program).split())
    # click is what httpx takes for a command line of its own, where it is installed.
    assert not loaded & (set(SERVER_ONLY) - {"click"})


@pytest.fixture
def demo(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of `shelfcast demo` as installed, with no settings of ours and no folder but its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHELFCAST_")}
    with subprocess.Popen(
        [installed / "shelfcast", "demo", "--port", "0", "--viewers", "3", "--speed", "600"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env={**environment, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line)
                address = re.search(r"page\s+(http://\S+)/", line)
                if address:
                    yield address[1]
                    break
            else:
                pytest.fail("the demo ended: " + "".join(said))
        finally:
            process.terminate()
            process.communicate(timeout=100)
    assert process.returncode == 0


@pytest.mark.timeout(400)
def test_an_empty_environment_serves_a_room_that_can_be_bought_from(installed, demo, wheel):
    assert urlopen(f"{demo}/healthz", timeout=10).status == 200
    assert "shelfcast_connections" in urlopen(f"{demo}/metrics", timeout=10).read().decode()
    if "shelfcast/http/pages/static/room.html" in zipfile.ZipFile(wheel).namelist():
        assert '<script type="module"' in urlopen(f"{demo}/rooms/demo", timeout=10).read().decode()
    skus, _sku, qty = run(installed / "python", "-c", SERVES_A_ROOM, demo, timeout=120).split()
    assert (skus, qty) == ("40", "1")
