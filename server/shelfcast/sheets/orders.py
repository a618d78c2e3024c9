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
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.protocol.messages import TEXT_PATTERN
from shelfcast.sheets.catalogue import UNITS_MAX, price_minor
from shelfcast.sheets.table import Fault, Row, check_columns, read_sheet

REQUIRED = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate")
KNOWN = (*REQUIRED, "Description", "UnitPrice", "CustomerID", "Country")
TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
"""None with slashes: 12/1/2010 is a day in December here and in January there."""


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


@dataclass(frozen=True)
class _Entry:
    """One row as it was read."""

    at: dt.datetime
    kind: Kind
    invoice: str
    customer: str
    sku: str
    qty: int


def read_orders(file: Path, *, currency: str) -> OrderDay:
    """The day in a CSV, CSV.gz or XLSX file. Raises InvalidInput where the file as a whole cannot be used."""
    sheet = read_sheet(file)
    check_columns(file, sheet.columns, known=KNOWN, required=REQUIRED)
    day = OrderDay(rows=len(sheet.rows))
    entries = [entry for row in sheet.rows if (entry := _read_row(row, day, currency)) is not None]
    if not entries:
        first = f"; the first fault: {day.faults[0]}" if day.faults else ""
        raise InvalidInput(f"{file}: no order line in it can be read{first}")
    for entry in entries:
        day.goods[entry.sku].title = day.goods[entry.sku].title or entry.sku
    day.events = list(_events(entries))
    return day


def _read_row(row: Row, day: OrderDay, currency: str) -> _Entry | None:
    """One row's entry; None, with a fault or an oddity in `day`, where it says nothing that can be played."""
    column = ""
    try:
        at = _time(row.cells[column := "InvoiceDate"])
        qty = _quantity(row.cells[column := "Quantity"])
        sku = _code(row.cells[column := "StockCode"])
        price = _price(row.cells.get(column := "UnitPrice", ""))
    except ValueError as error:
        day.faults.append(Fault(row.line, column, str(error)))
        return None
    if qty == 0:
        day.oddities["quantity 0, nothing to do"] += 1
        return None
    invoice = row.cells["InvoiceNo"]
    customer = row.cells.get("CustomerID", "").removesuffix(".0")
    kind = _kind(invoice, qty, priced=price > 0, known_customer=bool(customer))
    _note_oddities(row, day, kind, customer, price)
    _note_good(day.goods[sku], row.cells.get("Description", ""), price, currency, sold=kind is Kind.PURCHASE)
    known_as = f"customer-{customer}" if customer else f"invoice-{invoice or row.line}"
    return _Entry(at, kind, invoice, known_as, sku, abs(qty))


def _kind(invoice: str, qty: int, *, priced: bool, known_customer: bool) -> Kind:
    if invoice[:1].upper() == "C":
        return Kind.CANCELLATION
    if qty < 0:
        return Kind.LOSS
    return Kind.PURCHASE if priced or known_customer else Kind.FIND


def _note_oddities(row: Row, day: OrderDay, kind: Kind, customer: str, price: decimal.Decimal) -> None:
    code = row.cells["StockCode"]
    odd = {
        "no customer (known by its invoice)": not customer,
        "no invoice number": not row.cells["InvoiceNo"],
        "no description": not row.cells.get("Description", ""),
        "price 0 or none": price <= 0,
        "stock code in lower case": code != code.upper(),
        "stock code that is no article (postage, fees)": not any(character.isdigit() for character in code),
        "cancellation with a positive quantity": kind is Kind.CANCELLATION
        and not row.cells["Quantity"].startswith("-"),
    }
    day.oddities.update(name for name, is_odd in odd.items() if is_odd)


def _note_good(good: Good, title: str, price: decimal.Decimal, currency: str, *, sold: bool) -> None:
    """Take title and price from the first sale that has them; book-keeping rows hold remarks instead."""
    if sold and price > 0:
        good.title = good.title or " ".join(title.split())
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


def _time(text: str) -> dt.datetime:
    for form in TIME_FORMATS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    raise ValueError(f"expected a time such as 2011-12-05 08:38:00, not {text!r}")


def _quantity(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}(\.0+)?", text):
        raise ValueError(f"expected a whole number of units, not {text!r}")
    qty = int(float(text))
    if abs(qty) > UNITS_MAX:
        raise ValueError(f"expected at most {UNITS_MAX:,} units, not {text}")
    return qty


def _price(text: str) -> decimal.Decimal:
    try:
        price = decimal.Decimal(text or "0")
    except decimal.InvalidOperation:
        raise ValueError(f"expected a price such as 2.55, not {text!r}") from None
    if not price.is_finite() or abs(price) > 10**9:
        raise ValueError(f"expected a price, not {text!r}")
    return price


def _code(text: str) -> str:
    code = text.upper()
    if not re.match(TEXT_PATTERN, code):
        raise ValueError("expected a stock code" if text else "is empty")
    return code


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
