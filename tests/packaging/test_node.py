"""The build of the pages says what it needs, and is no obstacle where that is missing."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "server" / "web" / "node.py"


def run(task: str, path: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path}
    return subprocess.run([sys.executable, SCRIPT, task], check=False, capture_output=True, text=True, env=environment)


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


def test_an_unknown_task_is_refused() -> None:
    done = run("bild", os.environ["PATH"])
    assert (done.returncode, done.stderr) == (2, "expected one of build, test, check, format\n")
