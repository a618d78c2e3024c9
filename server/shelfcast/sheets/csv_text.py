"""Lines of a CSV file, as spreadsheets write it: any of three delimiters, quotes, a `sep=` line."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator

from shelfcast.errors import InvalidInput
from shelfcast.sheets.table import EMPTY, Bounds, Cell, Kind, Line

DELIMITERS = ",;\t"
_SEP_LINE = re.compile(r'"?sep=(?P<delimiter>[^"\r\n])"?(?P<end>\r\n|\r|\n|$)', re.IGNORECASE)
"""What Excel takes for an instruction in the first line, and others for a column."""
_TEXT_FORMULA = re.compile(r'="(?P<text>(?:[^"]|"")*)"')
"""How exports keep Excel from making a number of a code: a formula whose result is the text."""
_NEUTRALISED = re.compile(r"'(?=[=+@'\-\x00-\x1f])")
"""How our own export keeps a spreadsheet from running text; one such sign is taken off."""
_field_limit = threading.Lock()


def csv_lines(text: str, name: str, bounds: Bounds) -> list[Line]:
    """The lines of file `name` that have something in them.

    Raises InvalidInput for what is no CSV or beyond `bounds`.
    """
    said = _SEP_LINE.match(text)
    start, skipped = (said.end(), 1) if said else (0, 0)
    delimiter = said["delimiter"] if said else _delimiter(text)
    lines: list[Line] = []
    # The limit of one field belongs to the process. The file is bounded itself, so that none is needed here.
    with _field_limit:
        usual = csv.field_size_limit(max(len(text), 1))
        try:
            for number, values in _records(text[start:], delimiter, name, skipped):
                cells = [_cell(value) for value in values]
                while cells and cells[-1].is_empty:
                    cells.pop()
                if cells:
                    lines.append(Line(number, cells))
                _bound(name, len(lines), len(cells), bounds)
        finally:
            csv.field_size_limit(usual)
    return lines


def _records(text: str, delimiter: str, name: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = skipped
    try:
        for values in reader:
            yield before + 1, values
            before = skipped + reader.line_num
    except csv.Error as error:
        raise InvalidInput(f"{name}: line {before + 1}: {error}") from None


def _delimiter(text: str) -> str:
    """The one that parts the first filled line into the most columns; what is quoted there counts for none."""
    first = next((line for line in io.StringIO(text) if line.strip(DELIMITERS + " \r\n")), "")
    bare = re.sub(r'"(?:[^"]|"")*"', "", first)
    return max(DELIMITERS, key=bare.count)


def _cell(value: str) -> Cell:
    text = value.strip()
    if not text:
        return EMPTY
    formula = _TEXT_FORMULA.fullmatch(text)
    if formula:
        return Cell(formula["text"].replace('""', '"').strip(), Kind.TEXT)
    if _NEUTRALISED.match(text):
        return Cell(text[1:], Kind.TEXT)
    return Cell(text)


def _bound(name: str, rows: int, columns: int, bounds: Bounds) -> None:
    if rows > bounds.rows:
        raise InvalidInput(f"{name}: more than {bounds.rows - 1:,} rows, the most that are read")
    if columns > bounds.columns:
        raise InvalidInput(f"{name}: more than {bounds.columns} columns, the most that are read")
