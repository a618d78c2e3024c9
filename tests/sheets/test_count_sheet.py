"""Count sheets as files: what is handed out, and what a filled-in one says, line by line."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.errors import InvalidInput
from shelfcast.protocol.text import sku_fault
from shelfcast.sheets.columns import Language, Value
from shelfcast.sheets.count_sheet import COLUMNS, SHEET, SheetLine, read_count_sheet, sheet_row
from shelfcast.sheets.times import DateOrder
from shelfcast.sheets.workbooks import WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_table_rows
from workbooks import Page, header, number, row, text, write

UTC = ZoneInfo("UTC")
SKUS = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(["007", "1E+5", "=cmd", "-2", "+3", "'a", "_x0041_", "1234567890123456780", "a,b", 'a"b', "@x"]),
).filter(lambda sku: not sku_fault(sku))
"""Whatever a new SKU may be called."""


def workbook(rows: list[list[Value]], language: Language = Language.EN, page: int = 100) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.xlsx"
        with WorkbookFile(file, zone=UTC, made_at_ms=0, language=language) as book:
            sheet = book.sheet("counts", SHEET.columns)
            for first in range(0, len(rows), page):
                sheet.write(rows[first : first + page])
        return file.read_bytes()


def as_csv(rows: list[list[Value]]) -> bytes:
    return csv_header(COLUMNS) + csv_table_rows(SHEET.columns, rows, UTC)


def filled(empty: list[Value], good: int) -> list[Value]:
    return [*empty[:4], good, *empty[5:]]


# --- handed out -----------------------------------------------------------------------------------------------


def test_a_sheet_has_what_the_goods_are_and_nothing_of_the_book() -> None:
    given_out = sheet_row("mug", "Mug", "690", "A1")
    assert dict(zip(COLUMNS, given_out, strict=True)) == {
        "sku": "mug", "barcode": "690", "title": "Mug", "shelf_zone": "A1", "good": None, "bad": None, "zone": None,
        "lot": None, "expires_on": None, "note": None,
    }  # fmt: skip
    assert len(set(SHEET.header(Language.ZH))) == len(COLUMNS)


def test_what_a_spreadsheet_would_run_or_rewrite_is_kept_from_it() -> None:
    rows = [sheet_row("1234567890123456780", "=1+1", "6.9E+12", "-A")]
    [_, written] = csv.reader(as_csv(rows).decode("utf-8-sig").splitlines())
    assert written[:4] == ['="1234567890123456780"', '="6.9E+12"', "'=1+1", "'-A"]


def test_a_workbook_is_one_that_spreadsheets_open() -> None:
    content = workbook([sheet_row("007", "茶 & <b> _x0041_", "690", "A1")], Language.ZH)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == SHEET.header(Language.ZH)
    assert [sheet["A2"].value, sheet["A2"].number_format, sheet["B2"].value] == ["007", "@", "690"]
    assert sheet["E2"].value is None
    assert sheet.freeze_panes == "B2"


@given(st.lists(SKUS, min_size=1, max_size=5, unique=True), st.integers(1, 3))
def test_whatever_a_sku_is_called_it_comes_back(skus: list[str], page: int) -> None:
    rows = [filled(sheet_row(sku, "x", "", ""), number) for number, sku in enumerate(skus)]
    for content, name in ((workbook(rows, page=page), "a.xlsx"), (as_csv(rows), "a.csv")):
        found = read_count_sheet(content, name)
        assert found.faults == []
        assert {line.sku: line.good for line in found.lines} == {sku: number for number, sku in enumerate(skus)}


# --- filled in ------------------------------------------------------------------------------------------------


def test_a_row_says_what_was_found_and_where() -> None:
    content = "sku,good,bad,zone,lot,expires_on,note\n007,5,1,A1,L-7,2027-02-28,a box is wet\n"
    assert read_count_sheet(content.encode(), "a.csv").lines == [
        SheetLine(line=2, sku="007", good=5, bad=1, zone="A1", lot="L-7", expires_on="2027-02-28", note="a box is wet")
    ]


def test_a_row_without_figures_is_not_zero() -> None:
    found = read_count_sheet(b"sku,good,bad,zone\nmug,,,A1\ncup,,2,\nfan,0,,\n", "a.csv")
    assert found.uncounted == 1
    assert [(line.sku, line.good, line.bad) for line in found.lines] == [("cup", 0, 2), ("fan", 0, 0)]


@pytest.mark.parametrize(
    "names",
    [
        "商品编码,良品数量,残次,盘点库区,批号,有效期至,备注",
        "货号,良品,次品,盘点位置,批号,到期日,备注",
        "SKU,Good,Bad,Zone,Lot,Expires_on,Note",
    ],
)
def test_headers_of_chinese_files_are_read(names: str) -> None:
    content = f"{names}\nmug,5,1,一号架,L-7,2027年2月28日,湿了\n".encode("gb18030")
    [line] = read_count_sheet(content, "a.csv").lines
    assert (line.good, line.bad, line.zone, line.expires_on, line.note) == (5, 1, "一号架", "2027-02-28", "湿了")


def test_faults_name_line_and_sku_and_the_others_are_read() -> None:
    content = (
        "sku,good,bad,lot,expires_on\nmug,5,,,\nmug,6,,,\ncup,five,,,\nfan,-1,,,\n,3,,,\nhat,1.5,,,\n"
        f"pot,1,1000001,,\ntie,1,,{'L' * 65},\nbag,1,,,2027-02-30\nbox,1,,,2027-02-28 12:00\npen,2,,,\n"
    )
    found = read_count_sheet(content.encode(), "a.csv")
    assert [line.sku for line in found.lines] == ["mug", "pen"]
    assert [(fault.line, fault.sku) for fault in found.faults] == [
        (3, "mug"), (4, "cup"), (5, "fan"), (6, ""), (7, "hat"), (8, "pot"), (9, "tie"), (10, "bag"), (11, "box"),
    ]  # fmt: skip
    reasons = {fault.line: fault.reason for fault in found.faults}
    assert "line 2" in reasons[3]
    assert "good" in reasons[4]
    assert "lot" in reasons[9]
    assert all("expires_on" in reasons[line] for line in (10, 11))


def test_a_sku_may_stand_in_several_places_and_lots() -> None:
    content = b"sku,good,zone,lot\nmug,1,A1,\nmug,2,A2,\nmug,3,A1,L1\nmug,4,A1,L1\n"
    found = read_count_sheet(content, "a.csv")
    assert [line.good for line in found.lines] == [1, 2, 3]
    assert [fault.line for fault in found.faults] == [5]


def test_dates_of_spreadsheets_are_what_was_seen() -> None:
    content = b"sku,good,expires_on\nmug,1,13/2/2027\ncup,1,1/2/2027\n"
    assert [line.expires_on for line in read_count_sheet(content, "a.csv").lines] == ["2027-02-13", "2027-02-01"]
    unclear = b"sku,good,expires_on\ncup,1,1/2/2027\n"
    with pytest.raises(InvalidInput, match="may be 2027-01-02 or 2027-02-01"):
        read_count_sheet(unclear, "a.csv")
    [line] = read_count_sheet(unclear, "a.csv", dates=DateOrder.MONTH_FIRST).lines
    assert line.expires_on == "2027-01-02"


def test_numbers_of_a_workbook_are_numbers_and_codes_are_codes(tmp_path: Path) -> None:
    rows = header("sku", "good") + row(text("007"), number("5")) + row(number("8"), number("2.5"))
    file = write(tmp_path / "a.xlsx", Page(rows))
    found = read_count_sheet(file.read_bytes(), "a.xlsx")
    assert [(line.sku, line.good) for line in found.lines] == [("007", 5)]
    assert [(fault.line, fault.sku) for fault in found.faults] == [(3, "8")]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"sku\nmug\n", "no column good"), (b"good\n1\n", "no column sku"), (b"sku,god\nmug,1\n", "good")],
)
def test_what_is_no_count_sheet_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_count_sheet(content, "a.csv")
