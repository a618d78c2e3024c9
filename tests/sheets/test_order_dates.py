"""Times of order exports: what is unambiguous over the whole file is read, the rest is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.orders import read_orders
from shelfcast.sheets.times import DateOrder
from workbooks import Page, header, number, row, text, write

HEADER = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate")


def day(folder: Path, *times: str, dates: DateOrder | None = None):
    file = folder / "day.csv"
    rows = [f'{line},A,1,"{time}"' for line, time in enumerate(times, start=1)]
    file.write_text("\n".join([",".join(HEADER), *rows]), encoding="utf-8")
    return read_orders(file, currency="GBP", dates=dates)


def seconds(orders) -> list[float]:
    return [event.at_s for event in orders.events]


@pytest.mark.parametrize(
    ("first", "second", "apart_s"),
    [
        ("2010-12-01T08:26:00Z", "2010-12-01T08:27:00Z", 60),
        ("2010-12-01 08:26:00.123", "2010-12-01 08:26:01.623", 1.5),
        ("2010-12-01T08:26:00+01:00", "2010-12-01T08:26:00+00:00", 3600),
        ("2010-12-01T08:26:00.123456Z", "2010-12-01T08:26:00.623456Z", 0.5),
        ("2010/12/1 8:26", "2010/12/1 18:26", 36_000),
        ("12/13/2010 8:26", "12/13/2010 8:27", 60),
        ("13/12/2010 8:26", "13/12/2010 8:27", 60),
        ("12/13/2010 8:26 AM", "12/13/2010 8:26 PM", 43_200),
        ("12/13/2010 12:00 AM", "12/13/2010 12:00 PM", 43_200),
        ("1.12.2010 08:26", "2.12.2010 08:26", 86_400),
        ("01-Dec-2010 08:26", "02-Dec-2010 08:26", 86_400),
        ("Dec 1, 2010 08:26", "December 2, 2010 08:26", 86_400),
        ("2010年12月1日 8:26", "2010年12月2日 8:26", 86_400),
        ("3/3/2011 8:26", "3/3/2011 8:27", 60),
        ("2010-12-01", "2010-12-02", 86_400),
    ],
)
def test_a_time_that_can_be_one_alone_is_read(tmp_path, first, second, apart_s):
    orders = day(tmp_path, first, second)
    assert (seconds(orders), orders.faults) == ([0, apart_s], [])


def test_one_date_decides_for_the_whole_file(tmp_path):
    assert seconds(day(tmp_path, "12/1/2010 8:00", "12/13/2010 8:00")) == [0, 12 * 86_400]
    assert seconds(day(tmp_path, "12/1/2010 8:00", "13/1/2010 8:00")) == [0, 86_400]


def test_what_no_date_decides_is_asked_for(tmp_path):
    with pytest.raises(InvalidInput) as asked:
        day(tmp_path, "12/1/2010 8:26", "12/2/2010 8:26")
    assert str(asked.value).endswith(
        "line 2: '12/1/2010 8:26' may be 2010-12-01 or 2010-01-12, and no date of the file tells which; say --dates "
        "mdy (month first) or --dates dmy (day first)"
    )
    assert seconds(day(tmp_path, "12/1/2010 8:26", "12/2/2010 8:26", dates=DateOrder.MONTH_FIRST)) == [0, 86_400]
    assert seconds(day(tmp_path, "12/1/2010 8:26", "12/2/2010 8:26", dates=DateOrder.DAY_FIRST)) == [0, 31 * 86_400]


def test_a_file_that_has_both_orders_is_asked_for(tmp_path):
    times = ("12/13/2010 8:26", "13/12/2010 8:26")
    with pytest.raises(InvalidInput, match="in some dates the day stands first, in others the month"):
        day(tmp_path, *times)
    orders = day(tmp_path, *times, dates=DateOrder.DAY_FIRST)
    assert [str(fault) for fault in orders.faults] == [
        "line 2, column InvoiceDate: '12/13/2010 8:26' is no date with --dates dmy"
    ]


@pytest.mark.parametrize(
    "time", ["13/13/2010 8:26", "2010-02-30 8:26", "2010-12-01 24:00", "8:26", "12/1/10 8:26", "soon"]
)
def test_what_is_no_time_is_a_fault_of_its_row(tmp_path, time):
    orders = day(tmp_path, "2010-12-01 08:26", time)
    assert [str(fault) for fault in orders.faults] == [
        f"line 3, column InvoiceDate: expected a time such as 2011-12-05 08:38:00, not {time!r}"
    ]


def test_times_with_and_without_a_zone_are_not_compared(tmp_path):
    with pytest.raises(InvalidInput, match=r"has a time zone, .* has none; give all times one"):
        day(tmp_path, "2010-12-01T08:26:00+08:00", "2010-12-01 08:26:00")


def test_dates_that_a_spreadsheet_exchanged_are_found(tmp_path):
    exchanged = row(text("1"), text("A"), number("1"), number("40190.35138888889", style=1))
    left = row(text("2"), text("A"), number("1"), text("12/13/2010 8:26"))
    file = write(tmp_path / "day.xlsx", Page(header(*HEADER) + exchanged + left), formats=["d/m/yyyy h:mm"])
    with pytest.raises(InvalidInput, match="the spreadsheet read some dates with day and month exchanged"):
        read_orders(file, currency="GBP")


def test_a_description_that_is_no_title_costs_the_title_alone(tmp_path):
    names = (*HEADER, "CustomerID", "Description")
    name = '<c t="e"><v>#NAME?</v></c>'
    broken = row(text("1"), text("A"), number("1"), text("2010-12-01 08:26"), number("17850.0"), name)
    orders = read_orders(write(tmp_path / "day.xlsx", Page(header(*names) + broken)), currency="GBP")
    assert orders.asked() == {"A": 1}
    assert orders.events[0].customer == "customer-17850"
    assert orders.oddities["description that is no title"] == 1


def test_customers_whose_numbers_were_rounded_are_not_made_one(tmp_path):
    file = tmp_path / "day.csv"
    file.write_text(
        ",".join((*HEADER, "CustomerID")) + "\n1,A,1,2010-12-01 08:26,1.23457E+17\n2,A,1,2010-12-01 08:27,7\n"
    )
    orders = read_orders(file, currency="GBP")
    assert [fault.column for fault in orders.faults] == ["CustomerID"]
