"""The import contracts of pyproject.toml find what they are there to find."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "server" / "shelfcast", ROOT / "client_sdk" / "python" / "shelfcast_client")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

PLANTED = {
    "shelfcast/stock/book.py": "from shelfcast.merchant import show",
    "shelfcast/left_over.py": '"""A file that no layer has a place for."""',
    "shelfcast/http/api/call.py": "from shelfcast.http.routes import server",
    "shelfcast/insight/pace.py": "from shelfcast.insight import tiers",
    "shelfcast/insight/tiers.py": "if TYPE_CHECKING:\n    from shelfcast.insight import pace",
    "shelfcast/http/routes/rooms.py": "from shelfcast.engine import address",
    "shelfcast/gateway/gate.py": "from shelfcast.stock import operations",
    "shelfcast/protocol/codes.py": "import time",
    "shelfcast/room/state.py": "import random",
    "shelfcast/sheets/values.py": "import httpx",
    "shelfcast_client/clock.py": "import msgspec",
}
FOUND = {
    "Layers": ["shelfcast.stock is not allowed to import shelfcast.merchant", "- shelfcast.left_over"],
    "Floors of HTTP": ["shelfcast.http.api is not allowed to import shelfcast.http.routes"],
    "No two files": ["shelfcast.insight"],
    "The engine is used": ["shelfcast.http.routes.rooms -> shelfcast.engine"],
    "Operations of the book": ["shelfcast.gateway.gate -> shelfcast.stock.operations"],
    "protocol and insight": ["shelfcast.protocol.codes -> time"],
    "The pure files of room": ["shelfcast.room.state -> random"],
    "sheets reads": ["shelfcast.sheets.values -> httpx"],
    "The Python SDK": ["shelfcast_client.clock -> msgspec"],
}
"""The beginning of a contract's name → what it says of what was planted."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the contracts say of a copy with a violation of each kind in it."""
    folder = tmp_path_factory.mktemp("contracts")
    for package in PACKAGES:
        shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, line in PLANTED.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    lint = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400", "NO_COLOR": "1"}
    done = subprocess.run(
        [lint, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stdout)


def test_every_file_of_operations_is_kept_from_those_who_build_none() -> None:
    """A file that the contract does not name would be open to every route."""
    (contract,) = [each for each in CONTRACTS if each["name"].startswith("Operations of the book")]
    files = {f"shelfcast.stock.{file.stem}" for file in (PACKAGES[0] / "stock").glob("*operations.py")}
    assert set(contract["forbidden_modules"]) == files


def test_every_contract_has_a_violation_here() -> None:
    named = [name for name in FOUND for contract in CONTRACTS if contract["name"].startswith(name)]
    assert len(named) == len(CONTRACTS) == len(FOUND)


@pytest.mark.parametrize("contract", FOUND)
def test_a_planted_violation_is_found(report: str, contract: str) -> None:
    name = next(entry["name"] for entry in CONTRACTS if entry["name"].startswith(contract))
    assert f"{name} BROKEN" in report
    for said in FOUND[contract]:
        assert said in report


def test_each_file_of_room_and_pool_that_says_it_is_pure_is_held_to_it() -> None:
    says = {
        f"shelfcast.{folder}.{file.stem}"
        for folder in ("pool", "room")
        for file in (PACKAGES[0] / folder).glob("*.py")
        if re.match(r'"""[^"]*\bPure\b', file.read_text(encoding="utf-8"))
    }
    held = next(set(entry["source_modules"]) for entry in CONTRACTS if entry["name"].startswith("The pure files"))
    assert says
    assert says | {"shelfcast.room.chance"} == held
