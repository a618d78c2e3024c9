"""The build of the pages says what it needs, and is no obstacle where that is missing."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "server" / "web" / "node.py"


def run(task: str, path: str, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path}
    return subprocess.run([sys.executable, script, task], check=False, capture_output=True, text=True, env=environment)


def programs(folder: Path, version: str) -> str:
    """A folder with a `node` that says it is of this version, and an `npm` that fails."""
    for name, text in (("node", f"echo {version}"), ("npm", "exit 3")):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize("task", ["build", "test", "check"])
def test_without_node_it_says_what_to_install_and_goes_on(task: str) -> None:
    done = run(task, "/nonexistent")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Node 20.19 or newer" in done.stderr
    assert "apt-get install nodejs npm" in done.stderr


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "", "bash: v22"])
def test_a_node_that_is_too_old_is_named(tmp_path: Path, version: str) -> None:
    done = run("check", programs(tmp_path, version))
    assert done.returncode == 0
    assert f"the node here is {version or 'none that runs'}" in done.stderr


def test_a_build_that_fails_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path, "v20.19.0"))
    web = runpy.run_path(str(SCRIPT))
    assert web["missing_node"]() == ""
    with pytest.raises(web["Failed"], match="npm run build failed in server/web"):
        web["_npm"](ROOT / "server" / "web", "run", "build")


NPM = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
for word; do case $word in --outDir=*) out=${word#--outDir=};; esac; done
mkdir -p "$out/assets"
echo "new" | tee "$out/index.html" "$out/room.html" > "$out/assets/new-1a2b3c4d.js"
"""
"""Builds pages of one word where it is told to."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source tree with a page, whose pages were built before it was last changed."""
    web, built = tmp_path / "server" / "web", tmp_path / "server" / "shelfcast" / "http" / "pages" / "static"
    for folder in (web / "src", web / "node_modules", built / "assets"):
        folder.mkdir(parents=True)
    shutil.copy(SCRIPT, web)
    (web / "package-lock.json").touch()
    (web / "node_modules" / ".package-lock.json").touch()
    for name in ("index.html", "assets/old-5e6f7a8b.js"):
        (built / name).write_text("old\n", encoding="utf-8")
        os.utime(built / name, (0, 0))
    return tmp_path


def build(source: Path, npm: str, times: int = 1) -> list[int]:
    """Build so many times at once; returns the exit codes."""
    folder = source / "programs"
    folder.mkdir(exist_ok=True)
    path = programs(folder, "v20.19.0")
    (folder / "npm").write_text(npm, encoding="utf-8")
    with ThreadPoolExecutor() as threads:
        script = source / "server" / "web" / "node.py"
        return [done.returncode for done in threads.map(lambda _: run("build", path, script), range(times))]


def times_built(source: Path) -> int:
    return len((source / "programs" / "asked").read_text(encoding="utf-8").splitlines())


def built_files(source: Path) -> dict[str, str]:
    """What lies where the pages are served from, and beside it."""
    folder = source / "server" / "shelfcast" / "http" / "pages"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


NEW = {f"static/{name}": "new\n" for name in ("index.html", "room.html", "assets/new-1a2b3c4d.js")}
OLD = {f"static/{name}": "old\n" for name in ("index.html", "assets/old-5e6f7a8b.js")}


def test_a_build_puts_the_new_pages_in_the_place_of_the_old(source: Path) -> None:
    assert build(source, NPM) == [0]
    assert built_files(source) == NEW
    folder = source / "server" / "shelfcast" / "http" / "pages" / "static"
    assert folder.stat().st_mode & 0o077 == folder.parent.stat().st_mode & 0o077, "whoever runs the server reads it"


def test_old_pages_stay_until_new_ones_are_there_and_where_none_come(source: Path) -> None:
    looks = f"#!/bin/sh\nfind {source}/server/shelfcast/http/pages/static -type f > {source}/seen\nexit 3\n"
    assert build(source, looks) == [1]
    assert len((source / "seen").read_text(encoding="utf-8").splitlines()) == len(OLD)
    assert built_files(source) == OLD


def test_of_two_builds_at_once_one_waits_and_has_nothing_left_to_do(source: Path) -> None:
    assert build(source, NPM, times=2) == [0, 0]
    assert built_files(source) == NEW
    assert times_built(source) == 1


def test_a_source_that_changes_while_the_pages_are_built_is_built_again(source: Path) -> None:
    saves = NPM + f"touch {source}/server/web/src/main.ts\n"
    assert [build(source, npm) for npm in (saves, NPM, NPM)] == [[0], [0], [0]]
    assert times_built(source) == 2


def test_an_unknown_task_is_refused() -> None:
    done = run("bild", os.environ["PATH"])
    assert (done.returncode, done.stderr) == (2, "expected one of build, test, check, format, types\n")
