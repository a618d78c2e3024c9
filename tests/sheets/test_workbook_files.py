"""Workbooks as they are written: codes stay codes, numbers are numbers, and nothing runs."""

from __future__ import annotations

import datetime as dt
import tempfile
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.errors import InvalidInput
from shelfcast.sheets import workbooks
from shelfcast.sheets.columns import Cell, Column, Form, Language, Money, Naming, Table
from shelfcast.sheets.workbooks import CELL_CHARACTERS_MAX, TooManyRows, WorkbookFile
from shelfcast.sheets.writing import csv_table_rows

SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = [
    Column("sku", Naming("SKU", "货号"), Form.CODE, 20),
    Column("title", Naming("title", "名称")),
    Column("qty", Naming("units", "件数"), Form.WHOLE),
    Column("paid", Naming("paid", "实付"), Form.MONEY),
    Column("share", Naming("share", "占比"), Form.SHARE),
    Column("at", Naming("time", "时间"), Form.TIME),
]
AT_MS = 1_796_040_000_999
BEGAN = dt.datetime(2026, 11, 30, 20)  # noqa: DTZ001 - spreadsheets know no zone
"""By the clocks of Shanghai; a spreadsheet has whole seconds."""


def written(file: Path, *rows, language=Language.EN):
    with WorkbookFile(file, zone=SHANGHAI, made_at_ms=AT_MS, title="晚间", language=language) as book:
        book.add(Table("t", Naming("Sheet", "表"), COLUMNS, rows))
    return openpyxl.load_workbook(file)


def test_cells_are_what_their_columns_say(tmp_path):
    sheet = written(tmp_path / "a.xlsx", ["00123", "=1+1", -3, Money(995, "CNY"), 0.4567, AT_MS])["Sheet"]
    cells = [cell.value for cell in sheet[2]]
    assert cells == ["00123", "=1+1", -3, 9.95, 0.4567, BEGAN]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "n", "n", "d"]
    formats = ["@", "@", "#,##0", "#,##0.00", "0.0%", "yyyy-mm-dd hh:mm:ss"]
    assert [cell.number_format for cell in sheet[2]] == formats
    assert [cell.number_format for cell in sheet[1]] == ["@"] * 6
    assert sheet.auto_filter.ref == "A1:F2"
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize(("currency", "value", "form"), [("JPY", 995, "#,##0"), ("KWD", 0.995, "#,##0.000")])
def test_amounts_have_the_digits_of_their_currency(tmp_path, currency, value, form):
    cell = written(tmp_path / "a.xlsx", ["a", "", None, Money(995, currency), None, None])["Sheet"]["D2"]
    assert (cell.value, cell.number_format) == (value, form)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))
def test_an_amount_is_the_same_number_in_a_workbook_and_in_csv(minor, currency):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.xlsx"
        with WorkbookFile(file, zone=SHANGHAI, made_at_ms=0) as book:
            book.sheet("s", COLUMNS).write([[None, None, None, Money(minor, currency), None, None]])
        part = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    shown = part.rpartition("<v>")[2].partition("</v>")[0]
    in_csv = csv_table_rows(COLUMNS, [[None, None, None, Money(minor, currency), None, None]], SHANGHAI)
    assert shown == in_csv.decode().split(",")[3], "to the last digit, and as it is read back"


@pytest.mark.parametrize(
    "text", ["<r><t>x</t></r>", "a\u200bb", " x ", "https://x.test", "mailto:a@b.c", "é" * 500, "'x"]
)
def test_text_is_text_and_nothing_else(tmp_path, text):
    sheet = written(tmp_path / "a.xlsx", ["1", text, None, None, None, None])["Sheet"]
    cell = sheet["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_what_there_is_not_is_no_cell(tmp_path):
    sheet = written(tmp_path / "a.xlsx", [None, "", None, None, None, None], ["x", None, 0, None, None, None])["Sheet"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [None] * 6,
        ["x", None, 0, None, None, None],
    ]


def test_a_cell_may_be_of_another_form_than_its_column(tmp_path):
    rows = [["a", None, Cell(Form.TEXT, "=x"), None, None, None], ["b", None, Cell(Form.SHARE, 0.5), None, None, None]]
    sheet = written(tmp_path / "a.xlsx", *rows)["Sheet"]
    assert [(sheet[place].value, sheet[place].number_format) for place in ("C2", "C3")] == [("=x", "@"), (0.5, "0.0%")]


def test_names_are_those_of_the_language(tmp_path):
    book = written(tmp_path / "a.xlsx", language=Language.ZH)
    assert [cell.value for cell in book["表"][1]] == ["货号", "名称", "件数", "实付", "占比", "时间"]


def test_it_tells_when_it_was_made_and_not_by_which_machine(tmp_path):
    found = written(tmp_path / "a.xlsx").properties
    assert (found.title, found.creator, found.created) == ("晚间", "Shelfcast", BEGAN - dt.timedelta(hours=8))
    first = (tmp_path / "a.xlsx").read_bytes()
    written(tmp_path / "b.xlsx")
    assert first == (tmp_path / "b.xlsx").read_bytes()


def test_a_sheet_that_is_full_and_a_text_that_is_too_long_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "ROWS_MAX", 2)
    row = ["a", None, None, None, None, None]
    with pytest.raises(TooManyRows, match="2 rows"):
        written(tmp_path / "a.xlsx", row, row, row)
    with pytest.raises(InvalidInput, match="32,767"):
        written(tmp_path / "b.xlsx", ["a", "x" * (CELL_CHARACTERS_MAX + 1), None, None, None, None])
    assert list(tmp_path.iterdir()) == [], "nothing of them is left"
