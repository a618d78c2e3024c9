"""Tables as an XLSX workbook, by XlsxWriter: a row at a time into a temporary folder, so that little is in memory.

Every text is written as text and every column of text is formatted as text: no spreadsheet makes a formula, a link, a
number or a date of it, not even of what somebody types over it. Numbers, amounts and times are real ones.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import xlsxwriter
import xlsxwriter.chart
import xlsxwriter.format
import xlsxwriter.worksheet

from shelfcast.errors import InvalidInput
from shelfcast.sheets.columns import Cell, Column, Form, Language, Money, Table, Value, local_time
from shelfcast.sheets.values import CURRENCY_DIGITS, CURRENCY_DIGITS_DEFAULT

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_MAX = 1_048_575
"""Rows below the header: all that a sheet has."""
CELL_CHARACTERS_MAX = 32_767
"""Of a cell, by the format."""
SHEET_NAME_MAX = 31
_DAY_0 = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zone
_FORMATS = {
    Form.TEXT: "@",
    Form.CODE: "@",
    Form.WHOLE: "#,##0",
    Form.DECIMAL: "#,##0.0##",
    Form.SHARE: "0.0%",
    Form.TIME: "yyyy-mm-dd hh:mm:ss",
}


class TooManyRows(InvalidInput):
    """A sheet has no room for so many rows."""


class WorkbookFile:
    """An XLSX file that is written to `file`. You must use it as a context manager: what is written is there when that
    ends without an error, and nothing is left behind when it ends with one. Blocks: files are written.

    The same tables give the same bytes: the time that the file says it was made at is `made_at_ms`.
    """

    def __init__(
        self, file: Path, *, zone: ZoneInfo, made_at_ms: int, title: str = "", language: Language = Language.EN
    ) -> None:
        self._zone = zone
        self._language = language
        self._folder = tempfile.TemporaryDirectory(prefix="shelfcast-sheet-")
        self._book = xlsxwriter.Workbook(
            str(file),
            {
                "constant_memory": True,
                "tmpdir": self._folder.name,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        created = dt.datetime.fromtimestamp(made_at_ms // 1000, dt.UTC)
        self._book.set_properties({"title": title, "author": "Shelfcast", "created": created})
        self._by_format: dict[tuple[Any, ...], xlsxwriter.format.Format] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.discard()

    def close(self) -> None:
        """Put the file together."""
        self._book.close()

    def discard(self) -> None:
        """Leave nothing behind but the file, where it was closed."""
        for sheet in self._book.worksheets():
            sheet.close_rows()
        self._folder.cleanup()

    def add(self, table: Table) -> SheetWriter:
        """Write a table as a sheet of its own; it may be added to."""
        sheet = self.sheet(table.title.of(self._language), table.columns)
        sheet.write(table.rows)
        return sheet

    def sheet(self, name: str, columns: Sequence[Column]) -> SheetWriter:
        """Begin a sheet with its header, the columns' names."""
        names = [column.title.of(self._language) for column in columns]
        sheet = self._book.add_worksheet(name[:SHEET_NAME_MAX], _Sheet)
        return SheetWriter(sheet, columns, names, self)

    def line_chart(self) -> Any:
        """A chart to put on a sheet (`SheetWriter.sheet.insert_chart`)."""
        return self._book.add_chart({"type": "line"})

    def number_format(self, form: Form, currency: str = "") -> xlsxwriter.format.Format:
        """The format of cells of a form; of money, of its currency."""
        if form is Form.MONEY:
            digits = CURRENCY_DIGITS.get(currency, CURRENCY_DIGITS_DEFAULT)
            return self._format("#,##0" + ("." + "0" * digits if digits else ""))
        return self._format(_FORMATS[form], **_aligned(is_number=form not in _LEFT))

    def header_format(self, *, is_number: bool) -> xlsxwriter.format.Format:
        """The format of a column's name, which stands where the column's cells do."""
        looks = {"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "text_wrap": True, "valign": "top"}
        return self._format("@", **looks, **_aligned(is_number=is_number))

    def _format(self, number_format: str, **looks: Any) -> xlsxwriter.format.Format:
        """One format object for each kind of cell."""
        key = (number_format, *looks.values())
        if key not in self._by_format:
            self._by_format[key] = self._book.add_format({"num_format": number_format, **looks})
        return self._by_format[key]

    @property
    def zone(self) -> ZoneInfo:
        """Where its times are shown."""
        return self._zone


class SheetWriter:
    """One sheet: its header is written and stays in sight, every column can be filtered."""

    def __init__(
        self, sheet: xlsxwriter.worksheet.Worksheet, columns: Sequence[Column], names: Sequence[str], book: WorkbookFile
    ) -> None:
        self.sheet = sheet
        self.name = str(sheet.get_name())
        self.rows = 0
        """Written below the header."""
        self._book = book
        self._forms = [column.form for column in columns]
        self._looks = [book.number_format(form) for form in self._forms]
        widths = [max(column.width, _longest_word(name)) for column, name in zip(columns, names, strict=True)]
        lines = max(-(-_wide(name) // width) for name, width in zip(names, widths, strict=True))
        sheet.set_row(0, _LINE_HEIGHT * lines)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, widths[number], book.number_format(column.form))
            looks = book.header_format(is_number=column.form not in _LEFT)
            self._check(sheet.write_string(0, number, names[number], looks))
        sheet.freeze_panes(1, 1 if len(columns) > _COLUMNS_IN_SIGHT else 0)
        sheet.autofilter(0, 0, 0, len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.repeat_rows(0)
        if len(columns) > _COLUMNS_OF_A_PAGE:
            sheet.repeat_columns(0)
            sheet.set_print_scale(_WIDE_SCALE)
        else:
            sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Write more rows. Raises TooManyRows where the sheet is full."""
        for row in rows:
            if self.rows >= ROWS_MAX:
                raise TooManyRows(f"a sheet has {ROWS_MAX:,} rows below its header, and no more")
            self.rows += 1
            for number, value in enumerate(row):
                if value is not None and value != "":
                    self._write(number, self._forms[number], value)
        self.sheet.autofilter(0, 0, self.rows, len(self._forms) - 1)

    def _write(self, column: int, form: Form, value: Value) -> None:
        looks = self._looks[column]
        if type(value) is Cell:
            form, value = value
            looks = self._book.number_format(form)
            if value is None:
                return
        if form in _TEXTS:
            self._check(self.sheet.write_string(self.rows, column, str(value), looks))
            return
        if form is Form.MONEY and isinstance(value, Money):
            looks = self._book.number_format(form, value.currency)
        self._check(self.sheet.write_number(self.rows, column, _number(form, value, self._book.zone), looks))

    def _check(self, said: int) -> None:
        """XlsxWriter answers what it left out with a number below zero."""
        if said < 0:
            raise InvalidInput(f"a cell has more than the {CELL_CHARACTERS_MAX:,} characters that one may have")


_TEXTS = frozenset({Form.TEXT, Form.CODE})
_LEFT = _TEXTS | {Form.TIME}
_COLUMNS_IN_SIGHT = 8
"""Of a sheet with more the first stays in sight, too."""
_COLUMNS_OF_A_PAGE = 14
"""More would be too small to read on one: they are printed on several pages, each with the first column."""
_WIDE_SCALE = 60
"""In per cent: what is still read with ease on paper."""
_A4 = 9
_LINE_HEIGHT = 15
"""Of a line of a header, in points: XlsxWriter writes rows before it could know."""


class _Sheet(xlsxwriter.worksheet.Worksheet):
    """A sheet that leaves no file open, and takes no text for markup: XlsxWriter writes one that looks like `<r>…</r>`
    as it is, so that a title could be XML of its own. Nothing here writes rich text."""

    def close_rows(self) -> None:
        """Close the temporary file of its rows, which XlsxWriter does only where the book is put together."""
        if self.row_data_fh is not None:
            self.row_data_fh.close()

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, True, attributes)


def _aligned(*, is_number: bool) -> dict[str, Any]:
    """Numbers stand at the right, text at the left, a little away from a number beside it."""
    return {"align": "right"} if is_number else {"align": "left", "indent": 1}


def _wide(text: str) -> int:
    """How many characters of a column's width a text takes, with room for the filter's button."""
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text) + 2


def _longest_word(name: str) -> int:
    """What a column has to be wide for a name that is broken between words, or between signs of Chinese."""
    return max(_wide(word) for word in name.split()) if name.isascii() else 0


def _number(form: Form, value: Value, zone: ZoneInfo) -> Any:
    """A cell's number. Amounts are decimals: XlsxWriter writes a float with 16 digits, which is 9.949999999999999."""
    if type(value) is int and form is not Form.TIME:
        return value
    if form is Form.MONEY and isinstance(value, Money):
        return Decimal(value.minor).scaleb(-CURRENCY_DIGITS.get(value.currency, CURRENCY_DIGITS_DEFAULT))
    if form is Form.TIME and isinstance(value, int):
        since = local_time(value, zone) - _DAY_0
        return Decimal(since.days) + Decimal(since.seconds) / 86_400
    return value
