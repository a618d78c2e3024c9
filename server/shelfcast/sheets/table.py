"""A table with a header: columns by name, and rows of cells with the line each stands on, within bounds."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from shelfcast.errors import InvalidInput

MEBIBYTE = 1 << 20
QUOTED_MAX = 40
"""Characters of a cell that a message repeats."""


class Bounds(NamedTuple):
    """The most that is read of one file; a larger one is refused rather than read until memory ends.

    `columns` and `rows` count those with something in them, the header among the rows.
    """

    file_bytes: int
    unpacked_bytes: int
    rows: int
    columns: int = 60


CATALOGUE_BOUNDS = Bounds(file_bytes=10 * MEBIBYTE, unpacked_bytes=100 * MEBIBYTE, rows=20_001)
ORDERS_BOUNDS = Bounds(file_bytes=50 * MEBIBYTE, unpacked_bytes=500 * MEBIBYTE, rows=1_000_001)


class Kind(Enum):
    """What a cell holds, and so what may be made of it."""

    PLAIN = auto()
    """Text of a file without types (CSV): numbers and dates are text, too."""
    TEXT = auto()
    """Text that the file says is text."""
    NUMBER = auto()
    """A number; `text` has its value to 15 digits, as spreadsheets do, and `shown` what its format makes of it."""
    MOMENT = auto()
    """A date, a time or both, in ISO 8601."""
    FAULT = auto()
    """Something that has no value: `fault` says what the spreadsheet did."""


class Cell(NamedTuple):
    """One cell. `text` is empty where the cell is; `shown` is None where the format says nothing we can read."""

    text: str
    kind: Kind = Kind.PLAIN
    shown: str | None = None
    fault: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.text and self.kind is not Kind.FAULT


EMPTY = Cell("")


class Fault(NamedTuple):
    """What is wrong with one cell, where a person finds it."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {quoted(self.column, bare=True)}: {self.message}"


class Line(NamedTuple):
    """One line of a file that has something in it: its number (from 1) and its cells, without the empty ones behind."""

    number: int
    cells: list[Cell]


class Row(NamedTuple):
    """One row below the header: column name → cell. A cell beyond the last column stands under ""."""

    line: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Sheet:
    """A table with its header: `columns` as written there, `rows` without the empty ones.

    `notes` say what was decided about the file that whoever sent it should know: a guess, a sheet among several.
    """

    columns: list[str]
    rows: list[Row]
    header_line: int = 1
    notes: list[str] = field(default_factory=list)
    encoding: str = ""
    """Of a CSV file, found or said; a workbook has none."""


def sheet_of(name: str, lines: Sequence[Line], notes: list[str], encoding: str = "") -> Sheet:
    """The lines of file `name` as a table. Raises InvalidInput where there is no header, or a name twice in it."""
    if not lines:
        raise InvalidInput(f"{name}: the file is empty; its first line must name the columns")
    first, *others = lines
    faulty = next((cell for cell in first.cells if cell.kind is Kind.FAULT), None)
    if faulty is not None:
        raise InvalidInput(f"{name}: line {first.number}, which names the columns: {faulty.fault}")
    header = [column_name(cell.text) for cell in first.cells]
    named = [column for column in header if column]
    twice = next((column for column in named if named.count(column) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{name}: line {first.number}: two columns are named {quoted(twice, bare=True)}")
    rows = [Row(line.number, _by_name(header, line.cells)) for line in others]
    return Sheet(named, rows, first.number, notes, encoding)


def column_name(text: str) -> str:
    """A column's name as it is looked up: on one line, without the marks that programs leave in front of it."""
    return " ".join("".join(character for character in text if character not in "\ufeff\u200b\u2060").split())


_SIMPLIFIED = str.maketrans(
    "編碼條貨號數單價類別稱標題庫區應圖鏈開時間幣種訂購買實額狀態盤點評級寶際齊備註說規賣倉後銷產廠連結總餘損壞過檔選項圍當現發達認證據負責",
    "编码条货号数单价类别称标题库区应图链开时间币种订购买实额状态盘点评级宝际齐备注说规卖仓后销产厂连结总余损坏过档选项围当现发达认证据负责",
)


def simplified(column: str) -> str:
    """A column's name in simplified signs, in which our names of Chinese columns are."""
    return column.translate(_SIMPLIFIED)


def check_columns(
    name: str, sheet: Sheet, columns: Sequence[str], *, known: Sequence[str], required: Sequence[str]
) -> list[str]:
    """Those of `columns` that nobody here knows. Raises InvalidInput for a missing one and a likely misspelling."""
    where = f"{name}: line {sheet.header_line}"
    unknown = [column for column in columns if column not in known]
    absent = [column for column in known if column not in columns]
    for column in unknown:
        meant = difflib.get_close_matches(column[:200].lower().replace(" ", "_"), absent, n=1, cutoff=0.8)
        if meant:
            raise InvalidInput(f"{where}: unknown column {column}; was {meant[0]} meant?")
    missing = [column for column in required if column not in columns]
    if missing:
        has = quoted(", ".join(columns), bare=True, longest=200)
        raise InvalidInput(f"{where}: no column {', '.join(missing)}; it has {has}")
    return unknown


def quoted(text: str, *, bare: bool = False, longest: int = QUOTED_MAX) -> str:
    """The text as a message repeats it: short, and with what cannot be seen written out."""
    cut = text if len(text) <= longest else text[:longest] + "…"
    return cut if bare and cut.isprintable() else repr(cut)


def _by_name(header: list[str], cells: list[Cell]) -> dict[str, Cell]:
    padded = cells + [EMPTY] * (len(header) - len(cells))
    row = {name: cell for name, cell in zip(header, padded, strict=False) if name}
    surplus = next((cell for cell in cells[len(header) :] if not cell.is_empty), None)
    if surplus is not None:
        row[""] = surplus
    return row
