"""Order streams: real exports are dirty, and every row that still says what happened is played."""

from __future__ import annotations

import datetime as dt
import gzip
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.orders import Event, Kind, OpeningRule, OrderLine, read_orders

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
UNSEEN = "expected a code without characters that cannot be seen: it has U+200B (Zero width space)"
REAL_DAYS = Path(__file__).parents[3] / "shared" / "data" / "online-retail"


def day(folder: Path, rows: str):
    file = folder / "day.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return read_orders(file, currency="GBP")


def test_rows_of_one_invoice_are_one_visit_of_its_customer(tmp_path):
    played = day(
        tmp_path,
        "1,A,Lantern,6,2010-12-01 08:26:00,2.55,17850.0,UK\n"
        "1,B,Heart,2,2010-12-01 08:26:00,3.39,17850.0,UK\n"
        "2,A,Lantern,1,2010-12-01 08:28:30,2.55,13047.0,UK\n",
    )
    assert played.events == [
        Event(0, Kind.PURCHASE, "1", "customer-17850", (OrderLine("A", 6), OrderLine("B", 2))),
        Event(150, Kind.PURCHASE, "2", "customer-13047", (OrderLine("A", 1),)),
    ]
    assert played.asked() == {"A": 7, "B": 2}
    assert (played.goods["A"].title, played.goods["A"].price_minor) == ("Lantern", 255)


def test_dirty_rows_are_played_and_counted(tmp_path):
    played = day(
        tmp_path,
        "1,85123a,,2,2010-12-01 08:26:00,2.55,,UK\n"
        "C2,85123A,Heart,-1,2010-12-01 08:27:00,2.55,17850.0,UK\n"
        "3,85123A,broken,-4,2010-12-01 08:28:00,0.0,,UK\n"
        "4,85123A,found,5,2010-12-01 08:29:00,0.0,,UK\n"
        "5,POST,Postage,1,2010-12-01 08:30:00,18.0,12583.0,UK\n"
        "6,85123A,A gift,1,2010-12-01 08:31:00,0.0,12583.0,UK\n",
    )
    assert [(event.kind, event.customer) for event in played.events] == [
        (Kind.PURCHASE, "invoice-1"),
        (Kind.CANCELLATION, "customer-17850"),
        (Kind.LOSS, "invoice-3"),
        (Kind.FIND, "invoice-4"),
        (Kind.PURCHASE, "customer-12583"),
        (Kind.PURCHASE, "customer-12583"),
    ]
    assert played.asked() == {"85123A": 3, "POST": 1}
    assert played.goods["85123A"].title == "85123A", "a remark on a write-off is no title"
    assert played.oddities == {
        "no customer (known by its invoice)": 3,
        "no description": 1,
        "stock code in lower case": 1,
        "price 0 or none": 3,
        "stock code that is no article (postage, fees)": 1,
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,A,,six,2010-12-01 08:26:00,1,,", "line 3, column Quantity: expected a whole number of units, not 'six'"),
        ("1,A,,1.5,2010-12-01 08:26:00,1,,", "line 3, column Quantity: expected a whole number of units, not '1.5'"),
        ("1,A,,1,now,1,,", "line 3, column InvoiceDate: expected a time such as 2011-12-05 08:38:00, not 'now'"),
        ("1,A,,1000000001,2010-12-01 08:26:00,1,,",
         "line 3, column Quantity: expected at most 1,000,000 units, not 1000000001"),
        ("1,A,,1,2010-12-01 08:61:00,1,,",
         "line 3, column InvoiceDate: expected a time such as 2011-12-05 08:38:00, not '2010-12-01 08:61:00'"),
        ("1,A,,1,1 Mai 2010,1,,",
         "line 3, column InvoiceDate: expected a time such as 2011-12-05 08:38:00, not '1 Mai 2010'"),
        ("1,A,,1,13 pm,1,,", "line 3, column InvoiceDate: expected a time such as 2011-12-05 08:38:00, not '13 pm'"),
        ("1,,,1,2010-12-01 08:26:00,1,,", "line 3, column StockCode: is empty"),
        ("1,A,,1,2010-12-01 08:26:00,1,17\u200b850,",
         "line 3, column CustomerID: " + UNSEEN),
        ("1,A\u200b,,1,2010-12-01 08:26:00,1,,",
         "line 3, column StockCode: " + UNSEEN),
        ("1,A,,1,2010-12-01 08:26:00,cheap,,", "line 3, column UnitPrice: expected a price such as 2.55, not 'cheap'"),
    ],
)  # fmt: skip
def test_a_row_that_says_nothing_is_left_out_and_named(tmp_path, row, said):
    played = day(tmp_path, "1,B,,1,2010-12-01 08:26:00,1,,\n" + row + "\n")
    assert [str(fault) for fault in played.faults] == [said]
    assert played.asked() == {"B": 1}


def test_a_workbook_reads_like_its_csv(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(HEADER.strip().split(","))
    # A workbook's times have no zone.
    at = dt.datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001
    sheet.append([536365, 71053, "Lantern", 6, at, 3.39, 17850.0, "UK"])
    workbook.save(tmp_path / "day.xlsx")
    orders = read_orders(tmp_path / "day.xlsx", currency="GBP")
    assert orders.events == [Event(0, Kind.PURCHASE, "536365", "customer-17850", (OrderLine("71053", 6),))]
    assert orders.goods["71053"].price_minor == 339


def test_a_file_without_a_readable_order_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no order line in it can be read; the first fault: line 2, column Quantity"):
        day(tmp_path, "1,B,,none,2010-12-01 08:26:00,1,,\n")


def test_a_file_of_something_else_is_refused(tmp_path):
    file = tmp_path / "day.csv.gz"
    file.write_bytes(gzip.compress(b"date,amount\n2010-12-01,3\n"))
    with pytest.raises(
        InvalidInput, match="line 1: no column InvoiceNo, StockCode, Quantity, InvoiceDate; it has date"
    ):
        read_orders(file, currency="GBP")


@pytest.mark.parametrize(
    ("rule", "asked", "opening"),
    [("80%", 10, 8), ("80%", 1, 1), ("50%", 3, 2), ("0%", 9, 0), ("250%", 2, 5), ("40", 9, 40)],
)
def test_opening_stock_follows_the_rule(rule, asked, opening):
    assert OpeningRule.parse(rule).opening(asked) == opening


@pytest.mark.parametrize("text", ["", "%", "-5%", "many", "1e9", "80 percent"])
def test_a_rule_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="such as 80%, or units such as 500"):
        OpeningRule.parse(text)


def test_the_projects_own_evening_reads_without_a_fault():
    orders = read_orders(Path(str(files("shelfcast") / "sample" / "orders.csv")), currency="CNY")
    assert (orders.rows, orders.faults) == (610, [])
    assert {event.kind for event in orders.events} == set(Kind)


@pytest.mark.parametrize(("name", "rows"), [("2010-12-01", 3108), ("2011-11-29", 4313), ("2011-12-05", 5331)])
def test_a_real_day_reads_without_a_fault(name, rows):
    file = REAL_DAYS / f"{name}.csv.gz"
    if not file.exists():
        pytest.skip("the real order streams are not part of the project; the sample covers the same code")
    orders = read_orders(file, currency="GBP")
    assert (orders.rows, orders.faults) == (rows, [])
    played = sum(len(event.lines) for event in orders.events)
    assert played == rows
