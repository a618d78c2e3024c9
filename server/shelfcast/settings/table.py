"""The table of all settings in a Markdown document: `python -m shelfcast.settings.table docs/operations.md` writes it.

It stands between two markers. What is around them is left as it is.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path

from shelfcast.settings.described import Described, described

BEGIN = "<!-- settings: written by `make docs` from server/shelfcast/settings -->"
END = "<!-- settings: end -->"

_DURATIONS = (("h", 3_600_000), ("min", 60_000), ("s", 1_000))
_SIZES = (("MiB", 1_048_576), ("KiB", 1_024))


def tables() -> str:
    """One table a group of settings, each under a heading."""
    parts: list[str] = []
    for group, settings in groupby(described(), key=lambda setting: setting.group):
        parts += [f"### {group}", ""]
        parts += ["| setting, flag, variable | default | what it is | beyond it |", "|---|---|---|---|"]
        parts += [_row(setting) for setting in settings]
        parts.append("")
    return "\n".join(parts)


def with_tables(document: str) -> str:
    """The document with the tables as they are now. Raises ValueError unless it has both markers once."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"expected {BEGIN!r} and behind it {END!r}, each once")
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _row(setting: Described) -> str:
    names = "<br>".join(f"`{name}`" for name in (setting.name, setting.flag, setting.variable))
    meaning = f"{_escaped(setting.text)} {setting.more}".rstrip()
    return f"| {names} | {_default(setting)} | {meaning} | {setting.beyond} |".replace("|  |", "| |")


def _default(setting: Described) -> str:
    """As it would be typed, and in larger units where these say it shorter."""
    if setting.default == "":
        return "–"
    if isinstance(setting.default, str):
        return f"`{setting.default}`"
    larger = spelled(setting.default, setting.unit)
    return f"{setting.default_text} ({larger})" if larger else setting.default_text


def spelled(value: float, unit: str) -> str:
    """A number of ms or bytes in the largest unit it is a whole number of, or in seconds; empty where that is none."""
    scale = {"ms": _DURATIONS, "bytes": _SIZES}.get(unit, ())
    for name, size in scale:
        if value and value % size == 0:
            return f"{value // size} {name}"
    return f"{value / 1_000:g} s" if unit == "ms" and value > 1_000 else ""


def _escaped(text: str) -> str:
    """Plain text as Markdown."""
    return re.sub(r"([*_<|`\\])", r"\\\1", text)


def main() -> None:
    """Write the tables into the documents that are named."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
