"""A catalogue with opening stock: from the rows of a spreadsheet to what the stock book takes. No I/O but the file."""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from shelfcast.protocol.messages import TEXT_PATTERN
from shelfcast.sheets.table import Fault, Row, check_columns, read_sheet

UNITS_MAX = 1_000_000
"""As protocol.messages.Qty: the most units one move can carry."""
PRICE_MAX_MINOR = 10**12
CURRENCY_DIGITS_DEFAULT = 2
CURRENCY_DIGITS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
"""Digits after the point of the currencies that do not have two (ISO 4217)."""


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


class Column(NamedTuple):
    """A column that is read: `part` says where its value goes, under which `key`; `read` raises ValueError."""

    name: str
    meaning: str
    part: str
    key: str
    read: Callable[[str], Any]


def _sku(text: str) -> str:
    if not re.match(TEXT_PATTERN, text):
        raise ValueError("expected a SKU: printable, at most 128 characters")
    return text


def _line(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"expected at most {longest} characters, not {len(text)}")
        if not text.isprintable():
            raise ValueError("expected one line without control characters")
        return text

    return read


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError(f"expected a currency of three letters such as CNY, not {text!r}")
    return text.upper()


def _amount(text: str) -> decimal.Decimal:
    try:
        amount = decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"expected an amount such as 12.90, not {text!r}") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"expected an amount of 0 or more, not {text!r}")
    return amount


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text):
            raise ValueError(f"expected a whole number, not {text!r}")
        if not least <= int(text) <= UNITS_MAX:
            raise ValueError(f"expected {least:,} to {UNITS_MAX:,}, not {text}")
        return int(text)

    return read


COLUMNS = (
    Column("sku", "the article's number; the one column that must be there", "", "sku", _sku),
    Column("title", "its name as viewers read it", "config", "title", _line(200)),
    Column("price", "in the currency's main unit, such as 12.90", "config", "price_minor", _amount),
    Column("currency", "three letters; CNY where the cell is empty", "config", "currency", _currency),
    Column("barcode", "EAN, UPC or your own", "config", "barcode", _line(128)),
    Column("category", "its group in reports", "config", "category", _line(128)),
    Column("elastic_release_at", "sellable units at which the elastic reserve is released", "config",
            "elastic_release_at", _whole(0)),
    Column("opening", "units on the shelf when the book opens; taken once", "", "opening", _whole(0)),
    Column("limit_per_order", "units one order may have (with --room)", "listing", "limit_per_order", _whole(1)),
    Column("limit_per_user", "units one customer may have (with --room)", "listing", "limit_per_user", _whole(1)),
    Column("last_n", "“last N left” is announced from this count on (with --room)", "listing", "last_n", _whole(0)),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}


def read_catalogue(file: Path) -> Catalogue:
    """The catalogue in a CSV or XLSX file, with a fault for every cell that cannot be used.

    Raises InvalidInput where the file as a whole cannot be read. A row with a fault gives no article.
    """
    sheet = read_sheet(file)
    catalogue = Catalogue()
    catalogue.ignored_columns = check_columns(file, sheet.columns, known=list(BY_NAME), required=["sku"])
    first_line: dict[str, int] = {}
    for row in sheet.rows:
        article, faults = _read_row(row)
        if article is not None and article.sku in first_line:
            faults = [Fault(row.line, "sku", f"{article.sku} stands on line {first_line[article.sku]} already")]
        if article is None or faults:
            catalogue.faults += faults
            catalogue.bad_lines += 1
            continue
        first_line[article.sku] = row.line
        catalogue.articles.append(article)
    return catalogue


def _read_row(row: Row) -> tuple[Article | None, list[Fault]]:
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name, text in row.cells.items():
        if name == "":
            faults.append(Fault(row.line, "after the last", f"a cell without a column: {text!r}"))
        elif text and name in BY_NAME:
            try:
                values[name] = BY_NAME[name].read(text)
            except ValueError as error:
                faults.append(Fault(row.line, name, str(error)))
    if not row.cells["sku"]:
        faults.append(Fault(row.line, "sku", "is empty"))
    if not faults and "price" in values:
        try:
            values["price"] = price_minor(values["price"], values.get("currency", "CNY"))
        except ValueError as error:
            faults.append(Fault(row.line, "price", str(error)))
    if faults:
        return None, faults
    parts: dict[str, dict[str, Any]] = {"config": {}, "listing": {}}
    for name, value in values.items():
        column = BY_NAME[name]
        if column.part:
            parts[column.part][column.key] = value
    return Article(row.line, values["sku"], values.get("opening", 0), parts["config"], parts["listing"]), []


def price_minor(amount: decimal.Decimal, currency: str) -> int:
    """The amount in the currency's minor units. Raises ValueError where it has more digits than the currency."""
    digits = CURRENCY_DIGITS.get(currency, CURRENCY_DIGITS_DEFAULT)
    scaled = amount.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {digits} digits after the point, not as many as {amount}")
    if scaled > PRICE_MAX_MINOR:
        raise ValueError(f"{amount} is more than any price")
    return int(scaled)
