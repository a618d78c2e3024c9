"""The documents name what there is: metrics, settings, commands, files."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from shelfcast import metrics
from shelfcast.cli import cli
from shelfcast.settings import Settings
from shelfcast.settings.described import described
from shelfcast.settings.table import with_tables

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    ROOT / "loadtest" / "replay" / "README.md",
    ROOT / "client_sdk" / "python" / "README.md",
]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_metric_is_explained():
    named = set(re.findall(r"^\| `(shelfcast_[a-z_]+)", OPERATIONS, re.MULTILINE))
    ours = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    there = {metric._name + ("_total" if isinstance(metric, Counter) else "") for metric in ours}
    assert named == there


def test_the_tables_of_settings_are_the_settings():
    assert with_tables(OPERATIONS) == OPERATIONS, "`make docs` writes them anew"


def test_what_a_setting_points_to_exists():
    for setting in described():
        for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", setting.more + setting.beyond):
            assert name in Settings.__struct_fields__ or name == "retry_after_ms", f"{setting.name}: {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_defaults_that_prose_names_are_the_defaults(page):
    """`setting` (20 s), in any unit of the same kind."""
    units = {"ms": 1, "s": 1_000, "min": 60_000, "hours": 3_600_000, "h": 3_600_000, "KiB": 1_024, "MiB": 1_048_576}
    defaults = {setting.name: setting.default for setting in described()}
    text = page.read_text(encoding="utf-8")
    for name, number, unit in re.findall(r"`([a-z_]+)` \((\d[\d,.]*)(?: ([A-Za-z]+))?[);]", text):
        if name in defaults:
            assert float(number.replace(",", "")) * units.get(unit, 1) == defaults[name], f"{name} ({number} {unit})"


@pytest.mark.parametrize("command", ["serve", "demo", "watch", "import", "replay", "token", "audit", "doctor"])
def test_every_command_explains_itself(command):
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_options_in_the_readme_exist():
    for line in re.findall(r"^ +(?:\S+=\$\()?(?:\.venv/bin/)?shelfcast (.+)$", README, re.MULTILINE):
        words = line.rstrip(")").split()
        help_text = CliRunner().invoke(cli, [words[0], "--help"]).output
        for option in (word for word in words if word.startswith("--")):
            assert option in help_text, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target, heading in re.findall(r"\]\((?!\w+:)([^)#]*)#?([^)]*)\)", text):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not heading or heading in headings(linked.read_text(encoding="utf-8")), f"{target}#{heading}"


CONSOLE = ROOT / "server/web/src/console"
MANUALS = pytest.mark.parametrize(("page", "language"), [("console.md", "en"), ("console.zh.md", "zh")])


def words(part: str, language: str) -> dict[str, str]:
    """What a part of the console calls things."""
    found: dict[str, str] = json.loads((CONSOLE / part / f"{language}.json").read_text(encoding="utf-8"))
    return found


@MANUALS
def test_the_manual_of_the_console_lists_its_commands(page, language):
    source = (CONSOLE / "shell/command/commands.ts").read_text(encoding="utf-8")
    forms = re.findall(r'name: "(\w+)", form: "([^"]+)"', source.split("export const GRAMMAR = [")[1].split("]")[0])
    manual = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert len(forms) > 10
    assert re.findall(r"^\| `([^`]+)` \|", manual, re.MULTILINE) == [form for _, form in forms]


@MANUALS
def test_the_manual_of_the_console_lists_the_columns_of_its_board(page, language):
    source = (CONSOLE / "board/table/columns.ts").read_text(encoding="utf-8")
    columns = re.findall(r'\bid: "(\w+)",.*?isUsual: (true|false)', source, re.DOTALL)
    called = words("board", language)
    usual = [called[f"board.column.{name}"] for name, is_usual in columns if is_usual == "true"]
    manual = (ROOT / "docs" / page).read_text(encoding="utf-8")
    table = re.search(r"^\| (?:column|列) \|.*\n\|---\|---\|\n((?:\|.*\n)+)", manual, re.MULTILINE)
    assert table is not None
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", table[1], re.MULTILINE) == usual


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_what_the_code_cites_is_there():
    """And it cites these documents alone: nobody who has this repository has others."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    sources = [ROOT / name for name in tracked.split("\0") if name.endswith((".py", ".lua", ".ts", ".tsx", ".css"))]
    texts = {path: path.read_text(encoding="utf-8") for path in sources if path.exists()}
    for path, text in texts.items():
        for page, heading in re.findall(r"docs/([a-z-]+\.md)(?:#([a-z0-9-]+))?", text):
            cited = ROOT / "docs" / page
            assert cited.exists(), f"{path}: {page}"
            assert not heading or heading in headings(cited.read_text(encoding="utf-8")), f"{path}: {page}#{heading}"
        assert not re.search(r"\b(DESIGN|MERCHANT|CONSOLE|DECISIONS)(\.md|'s| §)", text), path


def test_files_that_the_architecture_names_exist():
    for name in re.findall(r"`([a-z_]+/[a-z_*/]+\.(?:py|lua))(?::\w+)?`", ARCHITECTURE):
        assert list((ROOT / "server" / "shelfcast").glob(name)) or (ROOT / name).exists(), name
