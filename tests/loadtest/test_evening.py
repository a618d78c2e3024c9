"""A whole evening from the catalogue's file to the archive: of the sample, and of real days, whose report is held
against what a few lines find in the file alone."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import reduce
from importlib.resources import as_file, files
from operator import getitem
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from evening import play
from evening_goods import CURRENCY, LIVE, channel_of
from rich.console import Console
from shelfcast.sheets.orders import read_orders

REAL_DAYS = Path(__file__).parents[3] / "shared" / "data" / "online-retail"
SALE_S = 12.0

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_every_check_of_the_samples_evening_holds(tmp_path: Path) -> None:
    with as_file(files("shelfcast") / "sample" / "orders.csv") as sample:
        day = read_orders(sample, currency=CURRENCY)
    said = io.StringIO()
    checks, _ = asyncio.run(play(day, tmp_path, Console(file=said, width=200), length_s=SALE_S))
    assert not checks.failed, said.getvalue()


@pytest.mark.parametrize("day", ["2010-12-01", "2011-11-29", "2011-12-05"])
def test_the_report_of_a_real_day_has_the_totals_of_its_file(day: str, tmp_path: Path) -> None:
    """The day as a show beside two more channels of the pool."""
    file = REAL_DAYS / f"{day}.csv.gz"
    if not file.exists():
        pytest.skip("the real order streams are not part of the project")
    said = io.StringIO()
    orders = read_orders(file, currency=CURRENCY)
    checks, report = asyncio.run(
        play(orders, tmp_path, Console(file=said, width=200), length_s=SALE_S, sells_out=False)
    )
    assert not checks.failed, said.getvalue()
    of_file = in_the_file(file)
    rows = {row["sku"]: row for row in report["skus"]}
    assert column(rows, "stock", "sold") == of_file.net[LIVE]
    assert column(rows, "stock", "cancelled") == of_file.given_back
    assert report["totals"]["stock"]["sold"] == of_file.net[LIVE].total()
    pool = {row["sku"]: row for row in report["pool_skus"]}
    assert column(pool, "received") == of_file.found
    assert column(pool, "written_off") == of_file.lost
    channels = {row["channel"]: row["sold"] for row in report["channels"]}
    assert {channel: units for channel, units in channels.items() if units} == {
        channel: units.total() for channel, units in of_file.net.items()
    }


class InTheFile(NamedTuple):
    """What the file says, by SKU: units sold net by channel, given back in the room, found and lost."""

    net: dict[str, Counter[str]]
    given_back: Counter[str]
    found: Counter[str]
    lost: Counter[str]


def in_the_file(file: Path) -> InTheFile:
    """Whoever buys in this shop gets what it asks for; what a customer gives back it has bought before."""
    said = InTheFile(defaultdict(Counter), Counter(), Counter(), Counter())
    bought: Counter[tuple[str, str]] = Counter()
    for invoice, sku, qty, price, customer in in_order(file):
        channel, own = channel_of(customer), (customer, sku)
        if invoice.startswith("C"):
            back = min(abs(qty), bought[own])
            bought[own] -= back
            said.net[channel][sku] -= back
            said.given_back[sku] += back if channel == LIVE else 0
        elif qty < 0:
            said.lost[sku] -= qty
        elif not price and customer.startswith("invoice"):
            said.found[sku] += qty
        else:
            bought[own] += qty
            said.net[channel][sku] += qty
    return InTheFile({name: +units for name, units in said.net.items()}, +said.given_back, +said.found, +said.lost)


def in_order(file: Path) -> Iterator[tuple[str, str, int, float, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        rows = sorted(csv.DictReader(text), key=lambda row: (row["InvoiceDate"], row["InvoiceNo"]))
    for row in rows:
        customer = re.sub(r"\.0$", "", row["CustomerID"])
        known_as = f"customer-{customer}" if customer else f"invoice-{row['InvoiceNo']}"
        yield row["InvoiceNo"], row["StockCode"].upper(), int(row["Quantity"]), float(row["UnitPrice"]), known_as


def column(rows: dict[str, Any], *names: str) -> Counter[str]:
    """A figure by SKU, without those that are 0."""
    found: Counter[str] = Counter()
    for sku, row in rows.items():
        found[sku] = reduce(getitem, names, row)
    return +found
