"""A day of real orders: the lines of an order export, read into what happened when.

The columns are those of the Online Retail data set (doi 10.24432/C5BW33): InvoiceNo, StockCode, Description,
Quantity, InvoiceDate, UnitPrice, CustomerID; others are left aside. Real exports are dirty; a row is kept wherever it
still says what happened, and what was odd about it is counted:

- an invoice that begins with C is a cancellation, its quantities negative;
- a row without a price and a customer is the shop's own book-keeping: units found (positive) or lost (negative);
- a negative quantity on any other invoice is a loss as well;
- a row without a customer belongs to a customer known by its invoice alone;
- stock codes are one whatever their case (85123a is 85123A).
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.protocol.text import normalized, sku_fault
from shelfcast.sheets import table
from shelfcast.sheets.reading import read_sheet
from shelfcast.sheets.table import EMPTY, ORDERS_BOUNDS, Cell, Fault, Row, check_columns
from shelfcast.sheets.times import DateOrder, Written, moment, order_of, written
from shelfcast.sheets.values import CODE_DIGITS, UNITS_MAX, code, line, number, price_minor

REQUIRED = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate")
KNOWN = (*REQUIRED, "Description", "UnitPrice", "CustomerID", "Country")
TITLE_MAX = 200
"""Characters of a title, as the HTTP API takes them."""
PRICE_MAX = 10**9


class Kind(StrEnum):
    """What an event of the day is."""

    PURCHASE = "purchase"
    CANCELLATION = "cancellation"
    LOSS = "loss"
    FIND = "find"


class OrderLine(NamedTuple):
    """Units of one SKU in an event; `qty` is positive whatever the kind."""

    sku: str
    qty: int


@dataclass(frozen=True)
class Event:
    """What one customer (or the shop itself) did at one moment, `at_s` seconds after the first event."""

    at_s: float
    kind: Kind
    invoice: str
    customer: str
    lines: tuple[OrderLine, ...]


@dataclass
class Good:
    """What the rows say about a SKU: its title and price where any row had one."""

    title: str = ""
    price_minor: int = 0


@dataclass
class OrderDay:
    """The events in order of time, the SKUs they name, and what was odd about the rows."""

    events: list[Event] = field(default_factory=list)
    goods: dict[str, Good] = field(default_factory=lambda: defaultdict(Good))
    rows: int = 0
    oddities: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was decided about the file: a guess of its encoding, a sheet among several."""

    def asked(self) -> Counter[str]:
        """SKU → units that customers ask for over the day."""
        asked: Counter[str] = Counter()
        for event in self.events:
            if event.kind is Kind.PURCHASE:
                for line in event.lines:
                    asked[line.sku] += line.qty
        return asked

    @property
    def length_s(self) -> float:
        """Seconds from the first event to the last."""
        return self.events[-1].at_s if self.events else 0.0


_UNKNOWN = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class _Entry:
    """One row as it was read. `at` is known once all rows have been: the file as a whole says what its dates mean."""

    written: Written
    kind: Kind
    invoice: str
    customer: str
    sku: str
    qty: int
    at: dt.datetime = _UNKNOWN


def read_orders(file: Path, *, currency: str, encoding: str | None = None, dates: DateOrder | None = None) -> OrderDay:
    """The day in a CSV, CSV.gz or XLSX file.

    `encoding` is that of a CSV file, `dates` what 12/1/2010 means; None finds out. Raises InvalidInput where the file
    as a whole cannot be used, or does not say which number of its dates is the day.
    """
    sheet = read_sheet(file, ORDERS_BOUNDS, encoding=encoding)
    check_columns(str(file), sheet, sheet.columns, known=KNOWN, required=REQUIRED)
    day = OrderDay(rows=len(sheet.rows), notes=sheet.notes)
    read = [entry for row in sheet.rows if (entry := _read_row(row, day, currency)) is not None]
    order = order_of(str(file), [entry.written for entry in read], dates)
    entries = [timed for entry in read if (timed := _timed(entry, order, day)) is not None]
    if not entries:
        first = f"; the first fault: {day.faults[0]}" if day.faults else ""
        raise InvalidInput(f"{file}: no order line in it can be read{first}")
    for entry in entries:
        day.goods[entry.sku].title = day.goods[entry.sku].title or entry.sku
    day.events = list(_events(entries))
    return day


def _timed(entry: _Entry, order: DateOrder, day: OrderDay) -> _Entry | None:
    try:
        return replace(entry, at=moment(entry.written, order))
    except ValueError as error:
        day.faults.append(Fault(entry.written.line, "InvoiceDate", str(error)))
        return None


def _read_row(row: Row, day: OrderDay, currency: str) -> _Entry | None:
    """One row's entry; None, with a fault or an oddity in `day`, where it says nothing that can be played."""
    column = ""
    try:
        at = written(row.cells[column := "InvoiceDate"], row.line)
        qty = _quantity(row.cells[column := "Quantity"])
        sku = _code(row.cells[column := "StockCode"])
        price = _price(row.cells.get(column := "UnitPrice", EMPTY))
        invoice = _id(row.cells[column := "InvoiceNo"])
        customer = _id(row.cells.get(column := "CustomerID", EMPTY)).removesuffix(".0")
    except ValueError as error:
        day.faults.append(Fault(row.line, column, str(error)))
        return None
    if qty == 0:
        day.oddities["quantity 0, nothing to do"] += 1
        return None
    kind = _kind(invoice, qty, priced=price > 0, known_customer=bool(customer))
    title = _title(row.cells.get("Description", EMPTY), day)
    _note_oddities(row, day, kind, customer, price, qty)
    _note_good(day.goods[sku], title, price, currency, sold=kind is Kind.PURCHASE)
    known_as = f"customer-{customer}" if customer else f"invoice-{invoice or row.line}"
    return _Entry(at, kind, invoice, known_as, sku, abs(qty))


def _kind(invoice: str, qty: int, *, priced: bool, known_customer: bool) -> Kind:
    if invoice[:1].upper() == "C":
        return Kind.CANCELLATION
    if qty < 0:
        return Kind.LOSS
    return Kind.PURCHASE if priced or known_customer else Kind.FIND


def _note_oddities(row: Row, day: OrderDay, kind: Kind, customer: str, price: decimal.Decimal, qty: int) -> None:
    stock_code = row.cells["StockCode"].text
    odd = {
        "no customer (known by its invoice)": not customer,
        "no invoice number": row.cells["InvoiceNo"].is_empty,
        "no description": row.cells.get("Description", EMPTY).is_empty,
        "price 0 or none": price <= 0,
        "stock code in lower case": stock_code != stock_code.upper(),
        "stock code that is no article (postage, fees)": not any(character.isdigit() for character in stock_code),
        "cancellation with a positive quantity": kind is Kind.CANCELLATION and qty > 0,
    }
    day.oddities.update(name for name, is_odd in odd.items() if is_odd)


def _note_good(good: Good, title: str, price: decimal.Decimal, currency: str, *, sold: bool) -> None:
    """Take title and price from the first sale that has them; book-keeping rows hold remarks instead."""
    if sold and price > 0:
        good.title = good.title or title
        good.price_minor = good.price_minor or price_minor(round(price, 2), currency)


def _events(entries: Iterable[_Entry]) -> Iterable[Event]:
    """Rows of the same moment, invoice and kind become one event; a SKU twice in it stays two lines."""
    in_time = sorted(entries, key=lambda entry: entry.at)
    start = in_time[0].at
    by_moment = sorted(
        enumerate(in_time), key=lambda numbered: (numbered[1].at, numbered[1].invoice, numbered[1].kind, numbered[0])
    )
    for (at, invoice, kind, customer), group in groupby(
        (entry for _, entry in by_moment), key=lambda entry: (entry.at, entry.invoice, entry.kind, entry.customer)
    ):
        lines = tuple(OrderLine(entry.sku, entry.qty) for entry in group)
        yield Event((at - start).total_seconds(), kind, invoice, customer, lines)


def _quantity(cell: Cell) -> int:
    expected = "a whole number of units"
    value = number(cell, expected)
    if value != value.to_integral_value():
        raise ValueError(f"expected {expected}, not {cell.text!r}")
    if abs(value) > UNITS_MAX:
        raise ValueError(f"expected at most {UNITS_MAX:,} units, not {cell.text}")
    return int(value)


def _price(cell: Cell) -> decimal.Decimal:
    price = decimal.Decimal(0) if cell.is_empty else number(cell, "a price such as 2.55")
    if abs(price) > PRICE_MAX:
        raise ValueError(f"expected a price, not {cell.text!r}")
    return price


def _code(cell: Cell) -> str:
    if cell.is_empty:
        raise ValueError("is empty")
    # A capital may be two characters, or have a composed form.
    stock_code = normalized(code(cell).upper())
    fault = sku_fault(stock_code)
    if fault:
        raise ValueError(fault)
    return stock_code


def _id(cell: Cell) -> str:
    """An invoice's or a customer's number, empty where there is none. Two of them must never become one."""
    if cell.is_empty:
        return ""
    if cell.kind is table.Kind.NUMBER and len(cell.text) <= CODE_DIGITS:
        return cell.text
    found = code(cell)
    fault = sku_fault("customer-" + found)
    if fault:
        raise ValueError(fault)
    return found


def _title(cell: Cell, day: OrderDay) -> str:
    """The description as a title; empty, with an oddity, where it cannot be one: the order line counts all the same."""
    try:
        return line(TITLE_MAX)(cell._replace(text=" ".join(cell.text.split())))
    except ValueError:
        day.oddities["description that is no title"] += 1
        return ""


class OpeningRule(NamedTuple):
    """How much stock each SKU opens with: a share of what the day asks for, or a number of units."""

    percent: float | None
    units: int

    @classmethod
    def parse(cls, text: str) -> OpeningRule:
        """`80%` or `500`. Raises InvalidInput for anything else."""
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*%", text.strip())
        if match:
            return cls(float(match[1]), 0)
        if re.fullmatch(r"\d{1,7}", text.strip()) and int(text) <= UNITS_MAX:
            return cls(None, int(text))
        raise InvalidInput(f"expected a share of the day's demand such as 80%, or units such as 500; not {text!r}")

    def opening(self, asked: int) -> int:
        """Units of a SKU that is asked for `asked` times; half a unit is rounded up."""
        if self.percent is None:
            return self.units
        return min(UNITS_MAX, math.floor(asked * self.percent / 100 + 0.5))
