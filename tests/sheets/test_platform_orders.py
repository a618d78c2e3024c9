"""Orders of another platform in a file: what is wrong with a line leaves its whole order out, and says so."""

from __future__ import annotations

import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.platform_orders import Meaning, OrderFile, platform_orders
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS
from shelfcast.sheets.values import PRICE_MAX_MINOR

HEADER = "order,sku,qty,paid_at,price,paid,currency,status"


def read(*lines: str, header: str = HEADER) -> OrderFile:
    content = "\n".join((header, *lines)).encode()
    sheet = read_content(content, "orders.csv", CATALOGUE_BOUNDS)
    return platform_orders(sheet, "orders.csv", Meaning("CNY", "UTC"), {})


def test_lines_of_one_order_and_sku_are_one_and_what_was_cancelled_is_not_paid() -> None:
    found = read(
        "A1,mug,2,2026-11-30 20:00,10.00,,,",
        "A1,mug,1,2026-11-30 19:00,10.00,,,已取消",
        "A2,mug,3,2026-11-30 20:00,,,,paid",
        "A3,mug,9,,,,,待付款",
    )
    assert (found.faults, found.unpaid) == ([], 1)
    first, second = found.orders
    assert (first.qty, first.cancelled, first.paid_minor, first.currency) == (3, 1, 2_000, "CNY")
    assert (second.qty, second.paid_minor) == (3, None)
    assert first.paid_at_ms < second.paid_at_ms


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["A1,mug,1,2026-13-45,,,,"], "2026-13-45"),
        (["A1,mug,1,2026-11-30,1.234,,,"], "1.234"),
        (["A1,mug,999999,2026-11-30,,,,", "A1,mug,2,2026-11-30,,,,"], "at most 1,000,000 units of an order"),
        (["A1,mug,1,2026-11-30,,5,CNY,", "A1,mug,1,2026-11-30,,5,USD,"], "several currencies"),
        ([f"A1,mug,1,2026-11-30,,{PRICE_MAX_MINOR // 100},,"] * 2, "more than any price"),
        (["A1,mug,1,2026-11-30,,,,,left over"], "a cell without a column"),
        (["A1,mug,1,2026-11-30,,,,perhaps"], "expected a state such as"),
        ([f"{'A' * 121},mug,1,2026-11-30,,,,"], "at most 120 characters"),
        (["A1,,1,2026-11-30,,,,"], "empty"),
        ([",mug,1,2026-11-30,,,,"], "is empty"),
        (["A1,mug,1,,,,,shipped"], "is empty"),
    ],
)
def test_what_cannot_be_booked_is_a_fault_that_says_why(lines: list[str], says: str) -> None:
    found = read(*lines, "B1,mug,1,2026-11-30,,,,")
    assert [order.order for order in found.orders] == ["B1"], "nobody else's order is left out"
    assert says in found.faults[0].message
    assert found.bad_lines == len(lines)


def test_an_order_with_one_bad_line_is_left_out_whole() -> None:
    found = read("A1,mug,1,2026-11-30,,,,", "A1,cup,many,2026-11-30,,,,", "A2,cup,1,2026-11-30,,,,")
    assert [(order.order, order.sku) for order in found.orders] == [("A2", "cup")]
    assert [fault.line for fault in found.faults] == [2, 3]
    assert found.faults[0].message == "another line of its order has a fault"


def test_a_number_that_a_platform_writes_an_apostrophe_before_is_that_number() -> None:
    assert [order.order for order in read("'4012345678901234567,mug,1,2026-11-30,,,,").orders] == [
        "4012345678901234567"
    ]


def test_a_file_that_names_no_goods_is_none_of_orders() -> None:
    with pytest.raises(InvalidInput, match="no column sku or barcode"):
        read("A1,1,2026-11-30", header="order,qty,paid_at")
