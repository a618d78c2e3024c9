"""The tables of docs/rules.md, which tests hold the program against."""

from __future__ import annotations

from pathlib import Path

RULES = Path(__file__).parents[1] / "docs" / "rules.md"
MARK = "✓"


def marked_rows(heading: str, columns: int) -> list[list[str]]:
    """The marked rows below a heading that have so many columns beside the mark, without their backquotes."""
    section = RULES.read_text(encoding="utf-8").split(f"# {heading}\n")[1].split("\n#")[0]
    rows = [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in section.splitlines()]
    found = [row[:-1] for row in rows if row and row[-1] == MARK and len(row) == columns + 1]
    assert found, f"docs/rules.md has no such rows below {heading!r}"
    return found


def names(cell: str) -> list[str]:
    """The names that a cell lists."""
    return [name.strip() for name in cell.split(",") if name.strip()]
