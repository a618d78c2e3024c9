"""`make test-pythons`: which Pythons are found, and what is said where there are none."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "test-pythons"
OTHERS = ("3.12", "3.13")


def listed(path: Path, home: Path) -> tuple[int, list[str]]:
    environment = {"PATH": str(path), "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, SCRIPT, "--list"], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)


def test_a_machine_without_them_passes_and_says_so(tmp_path: Path) -> None:
    code, lines = listed(tmp_path, tmp_path)
    assert code == 0
    assert lines[:2] == ["Python 3.13: not on this machine", "Python 3.12: not on this machine"]
    assert lines[2].startswith("None of these is here")


def test_a_command_that_stands_for_a_python_that_is_not_chosen_is_none(tmp_path: Path) -> None:
    """As pyenv's are: one for each version that is installed, which fails for all but the chosen ones."""
    for version in OTHERS:
        program(tmp_path / "bin" / f"python{version}", 'echo "pyenv: command not found" >&2; exit 127')
    assert listed(tmp_path / "bin", tmp_path)[1][0] == "Python 3.13: not on this machine"


def test_another_version_under_the_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in OTHERS:
        (tmp_path / "bin" / f"python{version}").symlink_to(sys.executable)
    lines = listed(tmp_path / "bin", tmp_path)[1]
    assert {line.partition(":")[0] for line in lines if "not on this" in line} == {
        f"Python {version}" for version in OTHERS if version != ours
    }


def test_what_pyenv_and_uv_have_installed_is_found_off_the_path(tmp_path: Path) -> None:
    program(tmp_path / ".pyenv" / "versions" / "3.12.1" / "bin" / "python3.12", "echo 3.12 /pyenv/python")
    program(tmp_path / ".local/share/uv/python/cpython-3.13.0-linux/bin/python3.13", "echo 3.13 /uv/python")
    assert listed(tmp_path / "bin", tmp_path) == (0, ["Python 3.13: /uv/python", "Python 3.12: /pyenv/python"])


LEFT_TO_3_11 = {"loadtest", "packaging", "pages", "suite"}
"""What other Pythons show nothing new of: load runs, what is packed, browsers, and the suite itself."""


def test_every_folder_of_tests_is_run_by_another_python_or_left_out_on_purpose() -> None:
    folders = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").glob("*/**/test_*.py")}
    said = re.search(r"^TESTS = \((.*?)\)", SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert said
    assert folders - LEFT_TO_3_11 <= set(re.findall(r'"(\w+)"', said[1]))
