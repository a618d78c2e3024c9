"""The days that several strategies made of one, side by side: for a terminal, and for README.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from played import Played, Units
from rich.table import Table
from shelfcast.sheets.values import price_text

NOTHING = "–"
Row = tuple[str, list[str]]


def rows(played: Sequence[Played], currency: str) -> list[Row]:
    """What stands in each row: its name, and a cell for each strategy."""

    def of(cell: Callable[[Played], Units | None]) -> list[str]:
        return [_cell(cell(one), currency) for one in played]

    codes = sorted({code for one in played for code in one.refused})
    places = sorted({place for one in played for place in one.left})
    deeds = sorted({deed for one in played for deed in one.did})
    return [
        ("asked for", of(lambda one: one.asked)),
        ("**sold**", of(lambda one: one.sold)),
        ("of what was asked for", [f"{100 * one.sold.units / max(1, one.asked.units):.1f} %" for one in played]),
        *((f"refused: {code}", [_refused(one, code, currency) for one in played]) for code in codes),
        *((f"left: {place}", [_cell(one.left.get(place), currency) for one in played]) for place in places),
        ("units moved in the day", [f"{one.moved_units:,} in {one.moves:,} moves" for one in played]),
        *((deed, [f"{one.did.get(deed, 0):,}" for one in played]) for deed in deeds),
        ("reconciliation and audit", ["hold" if one.ok else "FAILED" for one in played]),
    ]


def _cell(units: Units | None, currency: str) -> str:
    return NOTHING if units is None else f"{units.units:,} units, {price_text(units.minor, currency)}"


def _refused(one: Played, code: str, currency: str) -> str:
    units = one.refused.get(code)
    return NOTHING if units is None else f"{units.lines:,} lines, {_cell(units, currency)}"


def table(played: Sequence[Played], currency: str) -> Table:
    """For a terminal."""
    made = Table(title="One day, several ways")
    made.add_column("")
    for one in played:
        made.add_column(f"{one.strategy}: {one.title}", justify="right")
    for name, cells in rows(played, currency):
        made.add_row(name.strip("*"), *cells)
    return made


def markdown(played: Sequence[Played], currency: str) -> str:
    """For README.md."""
    lines = [
        "| | " + " | ".join(f"`{one.strategy}`: {one.title}" for one in played) + " |",
        "|---|" + "---:|" * len(played),
        *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows(played, currency)),
    ]
    return "\n".join(lines)
