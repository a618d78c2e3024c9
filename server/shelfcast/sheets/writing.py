"""Tables as CSV files that spreadsheets open as they are meant, and that `shelfcast import` reads back the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from shelfcast.sheets.columns import TIME_FORMAT, Cell, Column, Form, Money, Value, local_time
from shelfcast.sheets.values import price_plain, was_rewritten

BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that the file is UTF-8."""
SHARE_DIGITS = 4
"""Of shares, and of numbers with a fraction: more is noise."""

_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")
_RUNS = re.compile(r"[=+@'\x00-\x1f]")


def csv_header(columns: Sequence[str]) -> bytes:
    """The begin of a file: the mark of its encoding and the columns' names."""
    return BYTE_ORDER_MARK.encode() + csv_rows([columns])


def csv_rows(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Rows of a file. Numbers stand as they are; text is kept from running as a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def csv_table_rows(columns: Sequence[Column], rows: Iterable[Sequence[Value]], zone: ZoneInfo) -> bytes:
    """Rows of a table, by the forms of its columns; times as clocks in `zone` show them."""
    forms = [column.form for column in columns]
    return csv_rows([_as_text(form, value, zone) for form, value in zip(forms, row, strict=True)] for row in rows)


def neutral(text: str) -> str:
    """Text that no spreadsheet runs: where it begins like a formula, a `'` stands before it, which import takes off."""
    runs = _RUNS.match(text) or (text.startswith("-") and not _NUMBER.fullmatch(text))
    return f"'{text}" if runs else text


def _cell(value: str | int | _Exact | None) -> str | int:
    if value is None:
        return ""
    return neutral(value) if type(value) is str else value


class _Exact(str):
    """Text that stands in the file as it is."""

    __slots__ = ()


def _as_text(form: Form, value: Value, zone: ZoneInfo) -> str | int | None:
    if type(value) is Cell:
        form, value = value
    if value is None or value == "":
        return None
    if form is Form.CODE:
        return code_text(str(value))
    if isinstance(value, Money):
        return _Exact(price_plain(*value))
    if form is Form.TIME and isinstance(value, int):
        return _Exact(local_time(value, zone).strftime(TIME_FORMAT))
    return (
        _Exact(round(value, SHARE_DIGITS)) if isinstance(value, float) else value if type(value) is int else str(value)
    )


def code_text(text: str) -> str:
    """A code, so that whoever reads it as a number by mistake is told not to: `="…"` is how exports say text."""
    return _Exact(f'="{text}"') if was_rewritten(text) else text
