"""Tables that people keep: CSV (also gzipped) and XLSX files, read as text with the line each row stands on."""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from shelfcast.errors import InvalidInput

ROWS_MAX = 1_000_000
"""Rows of one file; a larger one is refused rather than read until memory ends."""
DELIMITERS = ",;\t"


class Fault(NamedTuple):
    """What is wrong with one cell, where a person finds it."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class Row(NamedTuple):
    """One row: the line it starts on (1 is the header), and column name → text without surrounding space."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table with its header: `columns` as written there, `rows` without the empty ones."""

    columns: list[str]
    rows: list[Row]


def read_sheet(file: Path) -> Sheet:
    """The table in `file`, an XLSX workbook (its first sheet) or CSV with commas, semicolons or tabs.

    Raises InvalidInput, naming the file, where it cannot be read as such or has no header.
    """
    try:
        lines = list(_xlsx_lines(file) if file.suffix.lower() in (".xlsx", ".xlsm") else _csv_lines(file))
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror or error}") from None
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise InvalidInput(f"{file}: the file is empty; its first line must name the columns")
    header_line, header = filled[0]
    named = [name for name in header if name]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{file}: line {header_line}: two columns are named {twice}")
    return Sheet(named, [Row(number, _by_name(header, cells)) for number, cells in filled[1:]])


def check_columns(file: Path, columns: Sequence[str], *, known: Sequence[str], required: Sequence[str]) -> list[str]:
    """The columns that nobody here knows. Raises InvalidInput for a missing one and for a likely misspelling."""
    unknown = [name for name in columns if name not in known]
    absent = [name for name in known if name not in columns]
    for name in unknown:
        meant = difflib.get_close_matches(name.lower().replace(" ", "_"), absent, n=1, cutoff=0.8)
        if meant:
            raise InvalidInput(f"{file}: line 1: unknown column {name}; was {meant[0]} meant?")
    missing = [name for name in required if name not in columns]
    if missing:
        raise InvalidInput(f"{file}: line 1: no column {', '.join(missing)}; it has {', '.join(columns)}")
    return unknown


def _by_name(header: list[str], cells: list[str]) -> dict[str, str]:
    padded = cells + [""] * (len(header) - len(cells))
    row = {name: cell for name, cell in zip(header, padded, strict=False) if name}
    surplus = [cell for cell in cells[len(header) :] if cell]
    if surplus:
        row[""] = surplus[0]
    return row


def _csv_lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    with gzip.open(file) if file.suffix.lower() == ".gz" else file.open("rb") as raw:
        try:
            content = raw.read()
        except (EOFError, gzip.BadGzipFile):
            raise InvalidInput(f"{file}: not a complete gzip file") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"{file}: line {line} is not UTF-8; save the file as “CSV UTF-8” or as XLSX") from None
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            yield before + 1, [cell.strip() for cell in cells]
            before = reader.line_num
            _bound(file, before)
    except csv.Error as error:
        raise InvalidInput(f"{file}: line {before + 1}: {error}") from None


def _xlsx_lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError):
        raise InvalidInput(f"{file}: not an XLSX workbook") from None
    try:
        rows: Iterable[tuple[Any, ...]] = workbook.worksheets[0].iter_rows(values_only=True)
        for number, values in enumerate(rows, start=1):
            _bound(file, number)
            yield number, [_text(value) for value in values]
    finally:
        workbook.close()


def _text(value: object) -> str:
    """A workbook's cell as a person reads it: a number that is whole has no fraction."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value).strip()


def _bound(file: Path, rows: int) -> None:
    if rows > ROWS_MAX:
        raise InvalidInput(f"{file}: more than {ROWS_MAX:,} lines")
