"""The documents name what there is: metrics, settings, commands, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from shelfcast import metrics
from shelfcast.cli import cli
from shelfcast.settings import Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    ROOT / "client_sdk" / "python" / "README.md",
]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_metric_is_explained():
    named = set(re.findall(r"^\| `(shelfcast_[a-z_]+)", OPERATIONS, re.MULTILINE))
    ours = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    there = {metric._name + ("_total" if isinstance(metric, Counter) else "") for metric in ours}
    assert named == there


def test_every_setting_that_is_named_exists():
    limits = OPERATIONS.partition("\n## Limits\n")[2]
    rows = re.findall(r"^\| (`[^|]+)\|", limits, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named
    assert named <= set(Settings.__struct_fields__)


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


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_files_that_the_architecture_names_exist():
    for name in re.findall(r"`([a-z_]+/[a-z_*/]+\.(?:py|lua))(?::\w+)?`", ARCHITECTURE):
        assert list((ROOT / "server" / "shelfcast").glob(name)) or (ROOT / name).exists(), name
