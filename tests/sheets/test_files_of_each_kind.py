"""Files of each kind as programs write them: encodings, workbooks, what spreadsheets make of codes, and bounds."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.catalogue import catalogue_of
from shelfcast.sheets.count_sheet import count_sheet_of
from shelfcast.sheets.platform_orders import Meaning, platform_orders
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, MEBIBYTE, Sheet
from workbooks import number, row, table, text, write

CASES = Path(__file__).parents[3] / "shared" / "cases"
"""Files of real people, where they are; `tests` builds the like of them itself."""
HEADERS = {
    "catalogue": ["货号", "品名", "期初库存"],
    "counts": ["货号", "品名", "良品"],
    "orders": ["订单号", "货号", "数量", "付款时间"],
}
ROWS: dict[str, list[list[str]]] = {
    "catalogue": [["A-1", "茶", "5"], ["00123", "杯", "7"]],
    "counts": [["A-1", "茶", "5"], ["00123", "杯", "7"]],
    "orders": [["T1", "A-1", "5", "2026-11-30 09:00"], ["T2", "00123", "7", "2026年11月30日 10:00"]],
}
KINDS = sorted(HEADERS)
TRADITIONAL = str.maketrans("货库订单号数时间", "貨庫訂單號數時間")


def said(kind: str, sheet: Sheet, name: str = "file.csv") -> tuple[list[tuple[str, int]], list[str]]:
    """SKU and units of each good row, and the faults."""
    if kind == "catalogue":
        catalogue = catalogue_of(sheet, name)
        return [(one.sku, one.opening) for one in catalogue.articles], list(map(str, catalogue.faults))
    if kind == "counts":
        filled = count_sheet_of(sheet, name, {})
        return [(one.sku, one.good) for one in filled.lines], [fault.reason for fault in filled.faults]
    orders = platform_orders(sheet, name, Meaning("CNY", "Asia/Shanghai"), {})
    return [(one.sku, one.qty) for one in orders.orders], list(map(str, orders.faults))


def read(kind: str, content: bytes, *, encoding: str | None = None, name: str = "file.csv") -> Any:
    return said(kind, read_content(content, name, CATALOGUE_BOUNDS, encoding=encoding), name)


def csv(kind: str, sku: str | None = None) -> str:
    rows = [HEADERS[kind], *ROWS[kind]]
    if sku is not None:
        at = HEADERS[kind].index("货号")
        rows[1] = [sku if place == at else cell for place, cell in enumerate(rows[1])]
    return "\r\n".join(",".join(cells) for cells in rows) + "\r\n"


GOOD = [("A-1", 5), ("00123", 7)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", None),
        ("utf-16-be", None),
        ("gb18030", None),
        ("gbk", "gb18030"),
        ("big5", "big5"),
    ],
)
def test_whatever_it_is_encoded_in(kind: str, written: str, asked: str | None) -> None:
    content = csv(kind)
    if written == "big5":
        content = content.translate(TRADITIONAL)
    found, faults = read(kind, content.encode(written), encoding=asked)
    assert (found, faults) == (GOOD, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_as_spreadsheets_write_it(kind: str) -> None:
    book = openpyxl.Workbook()
    [page] = book.worksheets
    page.append(HEADERS[kind])
    for cells in ROWS[kind]:
        page.append([int(cell) if cell.isdigit() and cell[0] != "0" else cell for cell in cells])
    page.freeze_panes = "A2"
    packed = io.BytesIO()
    book.save(packed)
    assert read(kind, packed.getvalue(), name="file.xlsx") == (GOOD, [])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sku", "reason"),
    [
        ("1.2E+12", "the spreadsheet made a number of it, 1.2E+12, and its digits are lost"),
        ("6901234567890120", "ends in 0 behind 15 digits, as a number does whose last digits the spreadsheet lost"),
        ("=A1", "is a formula"),
    ],
)
def test_a_code_that_the_spreadsheet_rewrote_is_a_fault_that_says_so(kind: str, sku: str, reason: str) -> None:
    found, [fault] = read(kind, csv(kind, sku).encode())
    assert reason in fault
    assert found == GOOD[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_and_a_long_number_in_the_column_of_the_codes_are_faults(kind: str) -> None:
    book = openpyxl.Workbook()
    [page] = book.worksheets
    page.append(HEADERS[kind])
    at = HEADERS[kind].index("货号")
    for value in (dt.datetime(2026, 3, 4), 69012345678901234):  # noqa: DTZ001 - a cell's
        cells: list[Any] = [5 if cell.isdigit() else cell for cell in ROWS[kind][0]]
        cells[at] = value
        page.append(cells)
    packed = io.BytesIO()
    book.save(packed)
    found, faults = read(kind, packed.getvalue(), name="file.xlsx")
    assert found == []
    assert any("made a date or time of it, 2026-03-04" in fault for fault in faults)
    assert any("made a number of it" in fault for fault in faults)


# --- bounds -------------------------------------------------------------------------------------------------------


def measured(work: Callable[[], Any]) -> int:
    """The most memory that was in use meanwhile, in bytes. The work raises InvalidInput."""
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def far_away(tmp_path: Path) -> bytes:
    cells = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    page = write(tmp_path / "far.xlsx", table(row(text("A-1"), text("Tea"), number("1"), number("2")), cells))
    return page.read_bytes()


def bomb(tmp_path: Path) -> bytes:
    """A small workbook that unpacks to twice of what is read."""
    file = tmp_path / "bomb.xlsx"
    write(file, table(), parts={"xl/worksheets/sheet1.xml": None})
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(200):
            part.write(b" " * MEBIBYTE)
    return file.read_bytes()


def packed_bomb(_: Path) -> bytes:
    """A gzip file that unpacks to twice of what is read."""
    return gzip.compress(b"a," * CATALOGUE_BOUNDS.unpacked_bytes, 1)


@pytest.mark.parametrize("make", [far_away, bomb, packed_bomb])
def test_a_bomb_and_a_cell_far_away_are_refused_in_little_memory(tmp_path: Path, make: Callable[[Path], bytes]) -> None:
    """Of what is unpacked a piece at a time is in memory, and never the whole."""
    content = make(tmp_path)
    most = measured(lambda: read_content(content, "file.xlsx", CATALOGUE_BOUNDS))
    assert most < len(content) + 10 * MEBIBYTE < CATALOGUE_BOUNDS.unpacked_bytes


# --- files of real people -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not CASES.is_dir(), reason="no files of real people here")
def test_the_files_of_real_people_are_read_or_say_what_is_wrong() -> None:
    for file in sorted(CASES.iterdir()):
        sheet = read_content(file.read_bytes(), file.name, CATALOGUE_BOUNDS)
        found, faults = said("catalogue", sheet, file.name)
        assert found or faults, file.name
