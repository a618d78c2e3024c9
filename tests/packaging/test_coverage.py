"""`make coverage`: the bound is one of branches, over all processes together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "coverage"
CONFIGURATION = "[run]\nbranch = true\nparallel = true\npatch = subprocess\ndata_file = data\nsource = .\n"
CHOICE = """
import sys
for word in sys.argv[1:]:
    if word == "a":
        print("a")
"""
"""Four branches: the loop's two, and two of the condition."""
MEASURED = """
import subprocess, sys
subprocess.run([sys.executable, "choice.py"], check=True)
subprocess.run([sys.executable, "choice.py", "b"], check=True)
"""


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """Data of three processes, which take three of the four branches between them."""
    (tmp_path / "rc").write_text(CONFIGURATION, encoding="ascii")
    (tmp_path / "choice.py").write_text(CHOICE, encoding="ascii")
    (tmp_path / "both.py").write_text(MEASURED, encoding="ascii")
    command = [sys.executable, "-m", "coverage", "run", "--rcfile=rc", "both.py"]
    subprocess.run(command, cwd=tmp_path, env=unmeasured(), check=True)
    return tmp_path


def unmeasured() -> dict[str, str]:
    """The environment without the measuring of this very test."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def checked(folder: Path, percent: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPT), "--at-least", percent, str(folder)]
    done = subprocess.run(command, env=unmeasured(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(("percent", "code"), [("75", 0), ("75.1", 1)])
def test_fewer_branches_than_asked_for_fail(measured: Path, percent: str, code: int) -> None:
    said = checked(measured, percent)
    assert said[0] == code
    assert f"3 of 4 branches: 75.00 % (at least {percent} %)" in said[1]
