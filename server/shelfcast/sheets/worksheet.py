"""The cells of one sheet of a workbook, as a person saw them.

A cell that shows something else than it holds, or something that is no value, becomes a cell of kind FAULT (or a number
with a `fault`) that says what the spreadsheet did.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, NamedTuple

from openpyxl.utils.datetime import from_excel

from shelfcast.sheets.number_formats import plain, shown
from shelfcast.sheets.table import EMPTY, Bounds, Cell, Kind, Line, quoted
from shelfcast.sheets.xml_parts import Element, Unusable, children, events, local, string_of, unescaped

ROWS_OF_A_SHEET = 1_048_576
COLUMNS_OF_A_SHEET = 16_384
MERGED_CELLS_MAX = 1_000_000
"""Cells inside merged areas that are looked at."""
NUMBER_DIGITS = 15
"""Digits that spreadsheets keep of a number: 3.3000000000000003 is 3.3 computed."""
NUMBERS_REMEMBERED = 4_096
"""Numbers of which it is known what they show: prices, limits and stock repeat from row to row."""
_CELL_DEPTH, _ROW_DEPTH, _PROPERTY_DEPTH = 3, 2, 2
_REFERENCE = re.compile(r"(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_NOT_CALCULATED = "a formula without its result; open the file in a spreadsheet program, save it there, and take that"


class Book(NamedTuple):
    """What a sheet's cells need of their workbook: `formats` by style (empty text: a date), the first day, and whether
    the program that wrote it left all formulas to be calculated by the next one."""

    formats: list[str]
    epoch: dt.datetime
    never_calculated: bool


class _Area(NamedTuple):
    """Merged cells, from 1, both ends in it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Found:
    """What a sheet holds: filled rows with their filled cells; text that is kept elsewhere is still to be filled in."""

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    strings: list[tuple[int, int, int]] = field(default_factory=list)
    """Row, column and number of each cell whose text is a shared string."""
    areas: list[_Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    @property
    def wanted_strings(self) -> set[int]:
        """Numbers of the shared strings that the sheet uses."""
        return {number for _, _, number in self.strings}

    def fill_in(self, strings: dict[int, str]) -> None:
        """Put the shared strings in their places. Raises Unusable where one is not there."""
        for row, column, number in self.strings:
            if number not in strings:
                raise Unusable(f"{_reference(row, column)} names text {number}, which the workbook does not have")
            self.rows[row][column] = _text(strings[number])

    def lines(self, notes: list[str]) -> list[Line]:
        """The rows in order, without those that turned out empty."""
        filled = {
            number: cells
            for number, cells in sorted(self.rows.items())
            if any(not cell.is_empty for cell in cells.values())
        }
        if filled:
            self._mark_merged(filled)
            self._note_hidden(filled, notes)
        return [Line(number, _listed(cells)) for number, cells in filled.items()]

    def _mark_merged(self, rows: dict[int, dict[int, Cell]]) -> None:
        """A value that a person saw over several rows or columns stands in the first alone: the others are faults."""
        header = next(iter(rows))
        last = max(rows[header])
        looked_at = 0
        for area in self.areas:
            for number in _within(rows, area):
                for column in range(area.first_column, min(area.last_column, last) + 1):
                    looked_at += 1
                    if looked_at > MERGED_CELLS_MAX:
                        raise Unusable(f"more than {MERGED_CELLS_MAX:,} merged cells")
                    is_first = (number, column) == (area.first_row, area.first_column)
                    if number != header and not is_first and rows[number].get(column, EMPTY).is_empty:
                        first = _reference(area.first_row, area.first_column)
                        rows[number][column] = _fault("", f"merged with {first}; give each cell a value of its own")

    def _note_hidden(self, rows: dict[int, dict[int, Cell]], notes: list[str]) -> None:
        hidden = [number for number in self.hidden_rows if number in rows]
        if hidden:
            many = f"{len(hidden):,} hidden rows are" if len(hidden) > 1 else "1 hidden row is"
            shown_lines = ", ".join(str(number) for number in hidden[:5]) + (", …" if len(hidden) > 5 else "")
            notes.append(f"{many} read as well: line {shown_lines}")
        header = rows[next(iter(rows))]
        columns = [
            cell.text
            for column, cell in sorted(header.items())
            if cell.text and any(first <= column <= last for first, last in self.hidden_columns)
        ]
        if columns:
            named = ", ".join(quoted(column, bare=True) for column in columns[:5])
            notes.append(f"hidden columns are read as well: {named}" + (", …" if len(columns) > 5 else ""))


def read_lines(part: IO[bytes], book: Book, bounds: Bounds) -> Found:
    """The filled cells of a sheet, whatever the sheet says of its own size. Raises Unusable beyond `bounds`."""
    found = Found()
    open_elements: list[Element] = []
    row = column = 0
    for event, element in events(part):
        name = local(element.tag)
        if event == "start":
            if name == "row" and len(open_elements) == _ROW_DEPTH:
                row, column = _row_number(element.get("r"), row), 0
                if element.get("hidden") in ("1", "true"):
                    found.hidden_rows.append(row)
            open_elements.append(element)
            continue
        open_elements.pop()
        if name == "c" and len(open_elements) == _CELL_DEPTH:
            column = _column_number(element.get("r"), column)
            _keep(found, row, column, element, book, bounds)
        elif name == "mergeCell" and len(open_elements) == _PROPERTY_DEPTH:
            found.areas.append(_area(element.get("ref", "")))
        elif name == "col" and len(open_elements) == _PROPERTY_DEPTH and element.get("hidden") in ("1", "true"):
            found.hidden_columns.append((int(element.get("min", "0")), int(element.get("max", "0"))))
        if open_elements and len(open_elements) <= _CELL_DEPTH:
            open_elements[-1].clear()
    return found


def _keep(found: Found, row: int, column: int, element: Element, book: Book, bounds: Bounds) -> None:
    cell = _cell(element, book)
    if isinstance(cell, Cell) and cell.is_empty:
        # Formatted and nothing more, as whole columns often are.
        return
    if column > bounds.columns:
        where = _reference(row, column)
        raise Unusable(f"{where} has something in it, beyond the {bounds.columns} columns that are read")
    cells = found.rows.setdefault(row, {})
    if len(found.rows) > bounds.rows:
        raise Unusable(f"more than {bounds.rows - 1:,} rows, the most that are read")
    if isinstance(cell, int):
        found.strings.append((row, column, cell))
        cell = EMPTY
    cells[column] = cell


def _cell(element: Element, book: Book) -> Cell | int:
    """The cell, or the number of the shared string in it."""
    kind = element.get("t", "n")
    value = next((child.text or "" for child in children(element, "v")), None)
    if next(children(element, "f"), None) is not None:
        # A formula whose result is empty text has an empty value of type "str".
        if value is None or (value == "" and kind != "str"):
            return _fault("", _NOT_CALCULATED)
        # Some programs write 0 as every formula's result, and ask the next program to calculate.
        if book.never_calculated and kind == "n" and value == "0":
            return _fault("", _NOT_CALCULATED)
    if kind == "inlineStr":
        return next((_text(string_of(string)) for string in children(element, "is")), EMPTY)
    if value is None or value == "":
        return EMPTY
    if kind == "s":
        return int(value)
    if kind == "n":
        style = int(element.get("s", "0"))
        code = book.formats[style] if 0 <= style < len(book.formats) else "General"
        return _number(value, code, book.epoch)
    return _other(kind, value)


def _other(kind: str, value: str) -> Cell:
    if kind == "str":
        return _text(unescaped(value))
    if kind == "b":
        truth = "TRUE" if value.strip() in ("1", "true") else "FALSE"
        return _fault(truth, f"the sheet holds the truth value {truth}, which is neither text nor a number")
    if kind == "e":
        return _fault(value, f"the sheet shows {quoted(value, bare=True)}: its formula failed")
    if kind == "d":
        try:
            return _moment(dt.datetime.fromisoformat(value) if "-" in value else dt.time.fromisoformat(value))
        except ValueError:
            return _fault(value, f"the file holds {quoted(value)} as a date")
    return _fault(value, f"a cell of a kind that is not read here: {quoted(kind)}")


@lru_cache(maxsize=NUMBERS_REMEMBERED)
def _number(value: str, code: str, epoch: dt.datetime) -> Cell:
    if not _NUMBER.fullmatch(value.strip()) or not math.isfinite(float(value)):
        return _fault(value, f"the file holds {quoted(value)} as a number")
    # The sum rids -0 of its sign.
    number = decimal.Decimal(format(float(value), f".{NUMBER_DIGITS}g")) + 0
    text = plain(number)
    if not code:
        try:
            if number >= 0:
                return _moment(from_excel(float(value), epoch))
        except (ValueError, OverflowError):
            pass
        return _fault(value, f"the sheet shows {quoted(text, bare=True)} as a date, which is none")
    seen = shown(number, code)
    if seen is None:
        return Cell(text, Kind.NUMBER)
    if not seen.text:
        hidden = f"the sheet hides the number {quoted(text, bare=True)} by its format"
        return EMPTY if number == 0 else _fault(text, hidden)
    if seen.number == number:
        return Cell(text, Kind.NUMBER, seen.text)
    differs = f"the sheet shows {quoted(seen.text)} where the cell holds {quoted(text, bare=True)}"
    return Cell(text, Kind.NUMBER, seen.text, differs)


def _moment(value: dt.datetime | dt.date | dt.time | dt.timedelta) -> Cell:
    return Cell(value.isoformat(" ") if isinstance(value, dt.datetime) else str(value), Kind.MOMENT)


def _text(text: str) -> Cell:
    stripped = text.strip()
    return Cell(stripped, Kind.TEXT) if stripped else EMPTY


def _fault(text: str, message: str) -> Cell:
    return Cell(text, Kind.FAULT, fault=message)


def _listed(cells: dict[int, Cell]) -> list[Cell]:
    last = max(column for column, cell in cells.items() if not cell.is_empty)
    return [cells.get(column, EMPTY) for column in range(1, last + 1)]


def _within(rows: dict[int, dict[int, Cell]], area: _Area) -> Iterable[int]:
    span = range(area.first_row, area.last_row + 1)
    return [number for number in span if number in rows] if len(span) < len(rows) else [n for n in rows if n in span]


def _row_number(given: str | None, before: int) -> int:
    number = before + 1 if given is None else int(given)
    if not 1 <= number <= ROWS_OF_A_SHEET:
        raise Unusable(f"its rows are numbered {number}, beyond what a sheet has")
    return number


def _column_number(reference: str | None, before: int) -> int:
    number = before + 1 if reference is None else _parsed(reference)[1]
    if number > COLUMNS_OF_A_SHEET:
        raise Unusable(f"column {number} is beyond what a sheet has")
    return number


def _area(reference: str) -> _Area:
    first, _, last = reference.partition(":")
    return _Area(*_parsed(first), *_parsed(last or first))


def _parsed(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as AB12."""
    match = _REFERENCE.fullmatch(reference.replace("$", "").upper())
    if match is None:
        raise Unusable(f"a cell stands at {quoted(reference)}, which is no place")
    column = 0
    for letter in match["column"]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match["row"]), column


def _reference(row: int, column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
