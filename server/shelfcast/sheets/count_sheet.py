"""A count sheet as a file: what is handed out to be filled in, and what comes back. No I/O.

The sheet has no figure of the book: whoever counts finds what there is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import Struct

from shelfcast.sheets.columns import Column, Form, Naming, Table, Value
from shelfcast.sheets.goods_columns import SKU, Barcodes, check_named, columns_of, read_named
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, Cell, Fault, Row, Sheet, check_columns, quoted
from shelfcast.sheets.times import DateOrder, Written, moment, order_choices, order_of, times_of, written
from shelfcast.sheets.values import code, line, whole

LOT_MAX = 64
"""Characters of a lot number."""
SHEET_BOUNDS = CATALOGUE_BOUNDS
"""As many rows as a count may have lines, and the header."""
EXPIRES_ON = "expires_on"
_OUT = (
    Column("sku", Naming("sku", "货号"), Form.CODE, 20),
    Column("barcode", Naming("barcode", "条码"), Form.CODE, 16),
    Column("title", Naming("title", "名称"), width=36),
    Column("shelf_zone", Naming("shelf_zone", "库区")),
    Column("good", Naming("good", "良品"), Form.WHOLE, 8),
    Column("bad", Naming("bad", "次品"), Form.WHOLE, 8),
    Column("zone", Naming("zone", "盘点位置"), width=14),
    Column("lot", Naming("lot", "批号"), Form.CODE, 14),
    Column(EXPIRES_ON, Naming("expires_on", "到期日"), Form.CODE),
    Column("note", Naming("note", "备注"), width=30),
)
SHEET = Table("count", Naming("counts", "盘点"), _OUT, ())
"""The sheet that is handed out, without its rows. What is found is empty, from `good` on."""
COLUMNS = tuple(column.key for column in _OUT)
OTHER_NAMES = {column.title.zh: column.key for column in _OUT} | {
    "商品编码": "sku", "商家编码": "sku", "编码": "sku", "条形码": "barcode", "商品名称": "title", "品名": "title",
    "标题": "title", "良品数": "good", "良品数量": "good", "实盘": "good", "实盘数": "good", "实盘数量": "good",
    "盘点数": "good", "盘点数量": "good", "次品数": "bad", "次品数量": "bad", "残次": "bad", "残次品": "bad",
    "不良品": "bad", "坏品": "bad", "盘点库区": "zone", "库位": "zone", "位置": "zone", "批次": "lot",
    "生产批号": "lot", "到期日期": "expires_on", "有效期": "expires_on", "有效期至": "expires_on", "说明": "note",
}  # fmt: skip
"""What Chinese files call the columns."""


def sheet_row(sku: str, title: str, barcode: str, shelf_zone: str) -> list[Value]:
    """A row of a sheet that is handed out: what is found is empty."""
    return [sku, barcode, title, shelf_zone, *[None] * 6]


# --- what comes back ------------------------------------------------------------------------------------------


class SheetLine(Struct, frozen=True, kw_only=True):
    """What a row of a filled-in sheet says was found; `line` is where it stands. `written` is the SKU as the file has
    it, where that is not composed (NFC) as `sku` is: one of an old pool may be called so."""

    line: int
    sku: str
    good: int
    bad: int
    zone: str = ""
    lot: str = ""
    expires_on: str = ""
    note: str = ""
    written: str = ""


class SheetFault(NamedTuple):
    """A row that says nothing that can be saved: the SKU where it has one, and why."""

    line: int
    sku: str
    reason: str


@dataclass
class FilledIn:
    """What a sheet says. `uncounted` rows have neither good nor bad units: that is not zero."""

    lines: list[SheetLine] = field(default_factory=list)
    faults: list[SheetFault] = field(default_factory=list)
    uncounted: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _date(cell: Cell) -> Written:
    return written(cell, 0)


def _lot(cell: Cell) -> str:
    lot = code(cell)
    if len(lot) > LOT_MAX:
        raise ValueError(f"expected a lot number of at most {LOT_MAX} characters")
    return lot


_READERS: dict[str, Callable[[Cell], Any]] = {
    "good": whole(0),
    "bad": whole(0),
    "zone": line(128),
    "lot": _lot,
    EXPIRES_ON: _date,
    "note": line(200),
}


def read_count_sheet(
    content: bytes, name: str, *, encoding: str | None = None, dates: DateOrder | None = None
) -> FilledIn:
    """What was filled in, in a CSV or XLSX file; a row with a fault gives no line. `encoding` is that of a CSV file,
    `dates` what 12/1/2027 means; None finds out.

    Raises InvalidInput where the file as a whole cannot be read, has no column sku or good, or does not say which
    number of its dates is the day.
    """
    sheet = read_content(content, name, SHEET_BOUNDS, encoding=encoding)
    if SKU not in named_columns(sheet):
        check_columns(name, sheet, list(named_columns(sheet)), known=COLUMNS, required=[SKU, "good"])
    return count_sheet_of(sheet, name, {}, dates=dates)


def named_columns(sheet: Sheet) -> dict[str, str]:
    """Our column's name (or theirs, where it is none of ours) → as the file has it."""
    return columns_of(sheet, COLUMNS, OTHER_NAMES)


def date_choices(sheet: Sheet) -> list[str]:
    """What may be said of the dates of the file."""
    column = named_columns(sheet).get(EXPIRES_ON)
    return order_choices(times_of(sheet, [column] if column else []))


def count_sheet_of(sheet: Sheet, name: str, barcodes: Barcodes, *, dates: DateOrder | None = None) -> FilledIn:
    """As `read_count_sheet`, of a sheet that was read from file `name` already. A row without a SKU may have a barcode
    in its place."""
    named = named_columns(sheet)
    unknown = check_columns(name, sheet, list(named), known=COLUMNS, required=["good"])
    check_named(name, sheet, named)
    found = FilledIn(notes=list(sheet.notes), ignored_columns=unknown)
    reading = [_Reading(row, *_read_row(row, named, barcodes)) for row in sheet.rows]
    order = order_of(name, [each.values[EXPIRES_ON] for each in reading if EXPIRES_ON in each.values], dates)
    first_line: dict[tuple[str, ...], int] = {}
    for each in reading:
        values = each.values
        faults = each.faults or _date_faults(each, named, order)
        if not faults and "good" not in values and "bad" not in values:
            found.uncounted += 1
            continue
        faults = faults or _twice(each, named, first_line)
        if faults:
            reason = "; ".join(f"{fault.column}: {fault.message}" for fault in faults)
            found.faults.append(SheetFault(each.row.line, values.get("sku", ""), reason))
        else:
            found.lines.append(SheetLine(line=each.row.line, **{"good": 0, "bad": 0} | values))
    return found


class _Reading(NamedTuple):
    """A row as it was read: its values by column, dates as they are written, and what is wrong with it."""

    row: Row
    values: dict[str, Any]
    faults: list[Fault]


def _read_row(row: Row, named: dict[str, str], barcodes: Barcodes) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, column in named.items():
        cell = row.cells[column]
        if cell.is_empty or name not in _READERS:
            continue
        try:
            values[name] = _READERS[name](cell)
        except ValueError as error:
            faults.append(Fault(row.line, column, str(error)))
    about = read_named(row, named, barcodes)
    if isinstance(about, Fault):
        faults.append(about)
    else:
        values[SKU] = about.sku
        if about.written:
            values["written"] = about.written
    return values, faults


def _date_faults(reading: _Reading, named: dict[str, str], order: DateOrder) -> list[Fault]:
    """Put the date as it is kept; what is wrong with it, if anything is."""
    time: Written | None = reading.values.get(EXPIRES_ON)
    if time is None:
        return []
    said = f"expected a date such as 2027-12-31, not {quoted(time.text)}"
    if time.clock == dt.timedelta():
        try:
            reading.values[EXPIRES_ON] = moment(time, order).date().isoformat()
        except ValueError as error:
            said = str(error)
        else:
            return []
    return [Fault(reading.row.line, named[EXPIRES_ON], said)]


def _twice(reading: _Reading, named: dict[str, str], first_line: dict[tuple[str, ...], int]) -> list[Fault]:
    """A SKU that stands on two lines of one place: nobody can tell whether one was meant to replace the other."""
    line, values = reading.row.line, reading.values
    place = (values.get("written", values["sku"]), *[values.get(part, "") for part in ("zone", "lot", EXPIRES_ON)])
    first = first_line.setdefault(place, line)
    if first == line:
        return []
    said = f"{quoted(values['sku'], bare=True)} stands on line {first} already, in the same place: put both on one line"
    return [Fault(line, named.get(SKU, named.get("barcode", "")), said)]
