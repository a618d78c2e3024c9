"""A catalogue with opening stock: from the rows of a spreadsheet to what the stock book takes. No I/O but the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.sheets.reading import read_sheet
from shelfcast.sheets.table import CATALOGUE_BOUNDS, Cell, Fault, Row, Sheet, check_columns, quoted, simplified
from shelfcast.sheets.times import (
    DateOrder,
    Written,
    moment_ms,
    order_choices,
    order_of,
    shown_moment,
    times_of,
    written,
)
from shelfcast.sheets.values import (
    ALIAS_MAX_CHARACTERS,
    ALIAS_SEPARATORS,
    ALIASES_MAX,
    CURRENCY,
    IMAGE_URL_MAX_CHARACTERS,
    LINK_MAX,
    SUBSTITUTES_MAX,
    amount,
    code,
    codes,
    currency,
    limit_window,
    line,
    names,
    price_minor,
    whole,
)


@dataclass(frozen=True)
class Article:
    """One SKU of the file: what the catalogue says of it, its opening stock, and its terms in a room.

    `config` and `listing` hold the fields that the file gives, named as in `stock.configuration`; an empty cell gives
    none.
    """

    line: int
    sku: str
    opening: int
    config: dict[str, Any]
    listing: dict[str, Any]


@dataclass
class Catalogue:
    """What a file holds, and what is wrong with it."""

    articles: list[Article] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bad_lines: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was decided about the file: a guess of its encoding, a sheet among several."""
    written: dict[str, str] = field(default_factory=dict)
    """Our column's name (or theirs, where it is none of ours) → as the file has it."""

    def leave_out(self, faults: Sequence[Fault]) -> None:
        """Take the rows of these faults out: there is more to know of a SKU than the file says."""
        lines = {fault.line for fault in faults}
        self.articles[:] = [article for article in self.articles if article.line not in lines]
        self.faults += faults
        self.bad_lines += len(lines)


def _time(cell: Cell) -> Written:
    return written(cell, 0)


class Column(NamedTuple):
    """A column that is read: `part` says where its value goes, under which `key`; `read` raises ValueError."""

    name: str
    meaning: str
    part: str
    key: str
    read: Callable[[Cell], Any]


COLUMNS = (
    Column("sku", "the article's number; the one column that must be there", "", "sku", code),
    Column("title", "its name as viewers read it", "config", "title", line(200)),
    Column("price", "in the currency's main unit, such as 12.90", "config", "price_minor", amount),
    Column("currency", "three letters; the pool's where the cell is empty", "config", "currency", currency),
    Column("barcode", "EAN, UPC or your own", "config", "barcode", code),
    Column("category", "its group in reports", "config", "category", line(128)),
    Column("elastic_release_at", "sellable units at which the elastic reserve is released", "config",
            "elastic_release_at", whole(0)),
    Column("safety_units", "of its opening stock the safety buffer; the pool's part where the cell is empty", "config",
            "safety_units", whole(0)),
    Column("substitutes", "up to 5 SKUs to offer instead, with | between", "config", "substitutes",
            codes(SUBSTITUTES_MAX)),
    Column("aliases", "what viewers call it, with commas between", "config", "aliases",
            names(ALIASES_MAX, ALIAS_MAX_CHARACTERS, ALIAS_SEPARATORS)),
    Column("zone", "where it lies in the warehouse", "config", "zone", line(128)),
    Column("supplier", "who it comes from", "config", "supplier", line(128)),
    Column("image_url", "its picture: an address, or a path of the server", "config", "image_url",
            line(IMAGE_URL_MAX_CHARACTERS)),
    Column("opening", "units on the shelf when the book opens; taken once", "", "opening", whole(0)),
    Column("limit_per_order", "units one order may have (with --room)", "listing", "limit_per_order", whole(1)),
    Column("limit_per_user", "units one customer may have (with --room)", "listing", "limit_per_user", whole(1)),
    Column("limit_window", "how long that counts: show, 1d to 30d, or ever (with --room)", "listing", "limit_window",
            limit_window),
    Column("link", "the number that hosts call it by, 1 to 999 (with --room)", "listing", "link",
            whole(1, most=LINK_MAX)),
    Column("opens_at", "when its sale begins, such as 2026-12-01 20:00, by the room's clock (with --room)", "listing",
            "opens_at_ms", _time),
    Column("closes_at", "when its sale ends (with --room)", "listing", "closes_at_ms", _time),
    Column("last_n", "“last N left” is announced from this count on (with --room)", "listing", "last_n", whole(0)),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}
OTHER_NAMES = {
    "商品编码": "sku", "商家编码": "sku", "货号": "sku", "编码": "sku", "商品名称": "title", "名称": "title",
    "品名": "title", "标题": "title", "价格": "price", "单价": "price", "售价": "price", "币种": "currency",
    "货币": "currency", "条码": "barcode", "条形码": "barcode", "类目": "category", "分类": "category",
    "品类": "category", "替代品": "substitutes", "别名": "aliases", "库区": "zone", "供应商": "supplier",
    "图片": "image_url", "安全库存": "safety_units", "链接号": "link",
    "开售时间": "opens_at", "停售时间": "closes_at",
    "期初库存": "opening", "初始库存": "opening", "每单限购": "limit_per_order", "每人限购": "limit_per_user",
}  # fmt: skip
"""What Chinese files call the columns."""
OPENING = "opening"
LINK = "link"
TIMES = ("opens_at", "closes_at")
ZONE = "UTC"
"""Of times in files that name no time zone, where nobody says another."""
NO_OPENING = "none"
_STOCK_WORDS = re.compile(
    r"(?:^|[^a-z])(?:stock|quantity|quantities|qty|units|inventory|on[ _-]?hand|available|opening)(?:[^a-z]|$)|"
    "库存|数量|期初|现货",
    re.IGNORECASE,
)
"""Names of columns that may well hold the opening stock, and that may as well be what was sold."""


def read_catalogue(
    file: Path, *, encoding: str | None = None, opening: str | None = None, currency: str = CURRENCY
) -> Catalogue:
    """The catalogue in a CSV or XLSX file, with a fault for every cell that cannot be used.

    `encoding` is that of a CSV file, None finds out. `opening` names the column with the opening stock where it is not
    called so; NO_OPENING says that there is none. Prices of rows without a currency are in `currency`, the pool's. A
    row with a fault gives no article.

    Raises InvalidInput where the file as a whole cannot be read, or may have opening stock under another name.
    """
    sheet = read_sheet(file, CATALOGUE_BOUNDS, encoding=encoding)
    return catalogue_of(sheet, str(file), opening=opening, currency=currency)


def catalogue_of(
    sheet: Sheet,
    name: str,
    *,
    opening: str | None = None,
    currency: str = CURRENCY,
    dates: DateOrder | None = None,
    zone: str = ZONE,
) -> Catalogue:
    """As `read_catalogue`, of a sheet that was read from file `name` already. `dates` says whether 12/1/2026 has its
    month or its day first, None: what all of them allow; times without a time zone are in `zone`."""
    named = _written(sheet, name, opening)
    catalogue = Catalogue(notes=list(sheet.notes), written=named)
    catalogue.ignored_columns = check_columns(name, sheet, list(named), known=list(BY_NAME), required=["sku"])
    if OPENING not in named and opening is None:
        _ask_for_opening(name, sheet, catalogue.ignored_columns)
    meaning = _Meaning(currency, _order(name, sheet, dates, catalogue.notes), zone)
    first_line: dict[str, int] = {}
    line_of_link: dict[int, int] = {}
    for row in sheet.rows:
        article, faults = _read_row(row, named, meaning)
        if article is not None and article.sku in first_line:
            said = f"{quoted(article.sku, bare=True)} stands on line {first_line[article.sku]} already"
            faults = [Fault(row.line, named["sku"], said)]
        link = article.listing.get(LINK) if article is not None and not faults else None
        if link is not None and line_of_link.setdefault(link, row.line) != row.line:
            faults = [Fault(row.line, named[LINK], f"{link} stands on line {line_of_link[link]} already")]
        if article is None or faults:
            catalogue.faults += faults
            catalogue.bad_lines += 1
            continue
        first_line[article.sku] = row.line
        catalogue.articles.append(article)
    return catalogue


class _Meaning(NamedTuple):
    """What is not said in a cell."""

    currency: str
    order: DateOrder
    zone: str


def date_choices(sheet: Sheet) -> list[str]:
    """What may be said of the dates of a catalogue."""
    return order_choices(_times(sheet))


def _order(name: str, sheet: Sheet, given: DateOrder | None, notes: list[str]) -> DateOrder:
    """The order of the file's dates; one that was found is said in `notes`. Raises InvalidInput where it is asked."""
    times = _times(sheet)
    order = order_of(name, times, given)
    found = next((time for time in times if time.order is None and time.first != time.second), None)
    if found is not None and given is None:
        notes.append(
            f"{found.text} is read as {shown_moment(moment_ms(found, order, ZONE), ZONE)}; --dates says otherwise"
        )
    return order


def _times(sheet: Sheet) -> list[Written]:
    return times_of(sheet, [column for column in sheet.columns if OTHER_NAMES.get(simplified(column), column) in TIMES])


def _written(sheet: Sheet, name: str, opening: str | None) -> dict[str, str]:
    """Our column's name (or theirs, where it is none of ours) → as the file has it. Raises InvalidInput."""
    where = f"{name}: line {sheet.header_line}"
    if opening not in (None, NO_OPENING, *sheet.columns):
        has = quoted(", ".join(sheet.columns), bare=True, longest=200)
        raise InvalidInput(f"{where}: no column {quoted(opening or '')}, which --opening names; it has {has}")
    named: dict[str, str] = {}
    for column in sheet.columns:
        ours = OPENING if column == opening else OTHER_NAMES.get(simplified(column), column)
        if ours in named:
            raise InvalidInput(f"{where}: two columns are {ours}: {named[ours]} and {column}")
        named[ours] = column
    return named


def _ask_for_opening(name: str, sheet: Sheet, unknown: Sequence[str]) -> None:
    """Raises InvalidInput where a column that nobody knows may be the opening stock: 0 would be a guess."""
    column = next((column for column in unknown if _STOCK_WORDS.search(column)), None)
    if column is not None:
        shown = quoted(column, bare=True)
        raise InvalidInput(
            f"{name}: line {sheet.header_line}: is column {shown} the opening stock? There is no column opening. Say "
            f"--opening {shown!r} where it is, --opening {NO_OPENING} where it is left aside"
        )


def _read_row(row: Row, named: dict[str, str], meaning: _Meaning) -> tuple[Article | None, list[Fault]]:
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    surplus = row.cells.get("")
    for name, column in named.items():
        cell = row.cells[column]
        if cell.is_empty or name not in BY_NAME:
            continue
        try:
            value = BY_NAME[name].read(cell)
            values[name] = moment_ms(value, meaning.order, meaning.zone) if isinstance(value, Written) else value
        except ValueError as error:
            faults.append(Fault(row.line, column, str(error)))
    if surplus is not None:
        faults.append(Fault(row.line, "after the last", f"a cell without a column: {quoted(surplus.text)}"))
    if row.cells[named["sku"]].is_empty:
        faults.append(Fault(row.line, named["sku"], "is empty"))
    if not faults and "price" in values:
        try:
            values["price"] = price_minor(values["price"], values.get("currency", meaning.currency))
        except ValueError as error:
            faults.append(Fault(row.line, named["price"], str(error)))
    opens, closes = (values.get(name) for name in TIMES)
    if opens is not None and closes is not None and closes <= opens:
        faults.append(Fault(row.line, named[TIMES[1]], f"is not behind {named[TIMES[0]]}"))
    if faults:
        return None, faults
    parts: dict[str, dict[str, Any]] = {"config": {}, "listing": {}}
    for name, value in values.items():
        column_read = BY_NAME[name]
        if column_read.part:
            parts[column_read.part][column_read.key] = value
    return Article(row.line, values["sku"], values.get(OPENING, 0), parts["config"], parts["listing"]), []
