"""Orders of another platform, as its export has them: who paid for how many units of what, and what was cancelled. No
I/O.

Lines of one order and SKU are one, of their units together. What was never paid is left aside.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import Struct

from shelfcast.sheets.goods_columns import BARCODE, SKU, Barcodes, check_named, columns_of, read_named
from shelfcast.sheets.table import Cell, Fault, Kind, Row, Sheet, check_columns, quoted
from shelfcast.sheets.times import DateOrder, moment_ms, order_choices, order_of, times_of, written
from shelfcast.sheets.values import CODE_DIGITS, PRICE_MAX_MINOR, UNITS_MAX, amount, code, currency, price_minor, whole

PAID_AT = "paid_at"
REQUIRED = ("order", "qty", PAID_AT)
COLUMNS = ("order", SKU, BARCODE, "qty", PAID_AT, "price", "paid", "currency", "status")
OTHER_NAMES = {
    "订单号": "order", "订单编号": "order", "主订单编号": "order", "主订单号": "order", "交易编号": "order",
    "商品编码": SKU, "商家编码": SKU, "货号": SKU, "编码": SKU, "商家SKU": SKU, "SKU编码": SKU, "规格编码": SKU,
    "条码": BARCODE, "条形码": BARCODE, "商品条码": BARCODE,
    "数量": "qty", "商品数量": "qty", "购买数量": "qty", "宝贝数量": "qty", "件数": "qty",
    "付款时间": PAID_AT, "支付时间": PAID_AT, "支付完成时间": PAID_AT, "订单付款时间": PAID_AT, "付款日期": PAID_AT,
    "单价": "price", "商品单价": "price", "价格": "price", "成交价": "price",
    "实付": "paid", "实付金额": "paid", "实付款": "paid", "支付金额": "paid", "买家实际支付金额": "paid",
    "订单应付金额": "paid", "币种": "currency", "货币": "currency",
    "订单状态": "status", "状态": "status", "交易状态": "status",
}  # fmt: skip
"""What Chinese exports call the columns."""
CANCELLED = frozenset(
    {"cancelled", "canceled", "refunded", "closed", "yes", "true", "1", "是", "已取消", "取消", "已关闭", "交易关闭",
     "退款成功", "已退款", "退款完成"}
)  # fmt: skip
UNPAID = frozenset({"unpaid", "pending payment", "待付款", "未付款", "待支付", "未支付", "等待买家付款"})
PAID = frozenset(
    {"", "paid", "shipped", "completed", "delivered", "no", "false", "0", "否", "已付款", "已支付", "待发货", "备货中",
     "已发货", "部分发货", "待收货", "已收货", "已签收", "已完成", "交易成功", "买家已付款", "卖家已发货",
     "等待卖家发货"}
)  # fmt: skip
"""States of an order, in small letters, by what they say of its units."""
ORDER_MAX_CHARACTERS = 120


class PlatformOrder(Struct, frozen=True, kw_only=True):
    """The units of one SKU in an order, of which `cancelled` were cancelled. `line` is the first one of it.
    `paid_minor` is what was paid for the units that were not, in the currency's minor units; None where the file does
    not say it of each line.
    `written` as in `SheetLine`."""

    line: int
    order: str
    sku: str
    qty: int
    cancelled: int
    paid_at_ms: int
    paid_minor: int | None
    currency: str
    written: str = ""


@dataclass
class OrderFile:
    """What an export says. `unpaid` lines are left aside."""

    orders: list[PlatformOrder] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bad_lines: int = 0
    unpaid: int = 0
    ignored_columns: list[str] = field(default_factory=list)


class Meaning(NamedTuple):
    """What is not said in a cell: the currency of amounts, the time zone of times, and what order dates are in (None:
    what all of them allow)."""

    currency: str
    zone: str
    dates: DateOrder | None = None


class _Line(NamedTuple):
    """A line as it was read."""

    row: Row
    values: dict[str, Any]


def named_columns(sheet: Sheet) -> dict[str, str]:
    """Our column's name (or theirs, where it is none of ours) → as the file has it."""
    return columns_of(sheet, COLUMNS, OTHER_NAMES)


def date_choices(sheet: Sheet) -> list[str]:
    """What may be said of the dates of the file."""
    column = named_columns(sheet).get(PAID_AT)
    return order_choices(times_of(sheet, [column] if column else []))


def platform_orders(sheet: Sheet, name: str, meaning: Meaning, barcodes: Barcodes) -> OrderFile:
    """The orders of a sheet that was read from file `name`; a line with a fault leaves its whole order out.

    Raises InvalidInput where a column is missing, or the file does not say which number of its dates is the day.
    """
    named = named_columns(sheet)
    found = OrderFile(ignored_columns=check_columns(name, sheet, list(named), known=COLUMNS, required=REQUIRED))
    check_named(name, sheet, named)
    spoiled = set[str]()
    lines = [line for row in sheet.rows if (line := _read(row, named, barcodes, found, spoiled)) is not None]
    order = order_of(name, [line.values[PAID_AT] for line in lines], meaning.dates)
    for line in lines:
        _fill(line, named, meaning, order, found, spoiled)
    together: dict[tuple[str, str], list[_Line]] = {}
    for line in lines:
        if line.values["order"] not in spoiled:
            together.setdefault((line.values["order"], line.values[SKU].sku), []).append(line)
        elif "minor" in line.values:
            # Fewer units than were ordered would be booked, and the mended file would not fit any more.
            found.faults.append(Fault(line.row.line, named["order"], "another line of its order has a fault"))
            found.bad_lines += 1
    for some in together.values():
        _add(found, some, named, meaning.currency)
    found.faults.sort(key=lambda fault: fault.line)
    return found


def _fill(
    line: _Line, named: dict[str, str], meaning: Meaning, order: DateOrder, found: OrderFile, spoiled: set[str]
) -> None:
    """What a line's time and amount are, which the whole file says."""
    values, column = line.values, named[PAID_AT]
    try:
        values["at_ms"] = moment_ms(values[PAID_AT], order, meaning.zone)
        column = named.get("paid", named.get("price", ""))
        values["minor"] = _paid(values, meaning.currency)
    except ValueError as error:
        found.faults.append(Fault(line.row.line, column, str(error)))
        found.bad_lines += 1
        spoiled.add(values["order"])


def _add(found: OrderFile, lines: list[_Line], named: dict[str, str], pools: str) -> None:
    first, values = lines[0].row.line, [line.values for line in lines]
    units = sum(each["qty"] for each in values)
    fault = ""
    if units > UNITS_MAX:
        fault = f"expected at most {UNITS_MAX:,} units of an order, not {units:,}"
    if len({each.get("currency", pools) for each in values}) > 1:
        fault = f"its order has amounts in several currencies, from line {first} on"
    amounts = [each["minor"] for each in values if each["status"] not in CANCELLED]
    paid = None if None in amounts or not amounts else sum(amounts)
    if paid is not None and paid > PRICE_MAX_MINOR:
        fault = "its order has an amount that is more than any price"
    if fault:
        found.faults.append(Fault(first, named["qty"], fault))
        found.bad_lines += len(lines)
        return
    found.orders.append(
        PlatformOrder(
            line=first,
            order=values[0]["order"],
            sku=values[0][SKU].sku,
            written=values[0][SKU].written,
            qty=units,
            cancelled=sum(each["qty"] for each in values if each["status"] in CANCELLED),
            paid_at_ms=min(each["at_ms"] for each in values),
            paid_minor=paid,
            currency=values[0].get("currency", pools),
        )
    )


def _read(row: Row, named: dict[str, str], barcodes: Barcodes, found: OrderFile, spoiled: set[str]) -> _Line | None:
    """A line's values; None where it is left aside, or has faults, which are in `found` then, and its order in
    `spoiled`."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, column in named.items():
        cell = row.cells[column]
        if cell.is_empty or (name not in _READERS and name != PAID_AT):
            continue
        try:
            values[name] = written(cell, row.line) if name == PAID_AT else _READERS[name](cell)
        except ValueError as error:
            faults.append(Fault(row.line, column, str(error)))
    if (surplus := row.cells.get("")) is not None:
        faults.append(Fault(row.line, "after the last", f"a cell without a column: {quoted(surplus.text)}"))
    status = values.setdefault("status", "")
    if not faults and (status in UNPAID or (PAID_AT not in values and status in ("", *CANCELLED))):
        found.unpaid += 1
        return None
    faults += [Fault(row.line, named[name], "is empty") for name in REQUIRED if row.cells[named[name]].is_empty]
    about = read_named(row, named, barcodes)
    if isinstance(about, Fault):
        faults.append(about)
    else:
        values[SKU] = about
    if faults:
        found.faults += faults
        found.bad_lines += 1
        if "order" in values:
            spoiled.add(values["order"])
        return None
    return _Line(row, values)


def _paid(values: dict[str, Any], pools: str) -> int | None:
    value: decimal.Decimal | None = values.get("paid")
    if value is None and "price" in values:
        value = values["price"] * values["qty"]
    return None if value is None else price_minor(value, values.get("currency", pools))


def _status(cell: Cell) -> str:
    """Raises ValueError for one that nobody here knows: whether it is a sale cannot be guessed."""
    said = " ".join(cell.text.split()).lower()
    if said in CANCELLED or said in UNPAID or said in PAID:
        return said
    raise ValueError(f"expected a state such as 已付款, 待付款 or 已取消, not {quoted(cell.text)}")


def _order(cell: Cell) -> str:
    """An order's number. A short one that the spreadsheet made a number of is that number; of a long one in text it is
    known that no spreadsheet has rounded it where a digit behind those that they keep is none of its zeros."""
    text = cell.text.strip()
    if text.startswith("'") and text[1:].isdigit():
        text = text[1:]  # platforms write it in front, so that no spreadsheet makes a number of it
    if text.isdigit() and len(text) <= CODE_DIGITS and cell.shown in (None, cell.text):
        return text
    is_whole = text.isdigit() and cell.kind in (Kind.PLAIN, Kind.TEXT) and bool(text[CODE_DIGITS:].strip("0"))
    found = text if is_whole else code(cell)
    if len(found) > ORDER_MAX_CHARACTERS:
        raise ValueError(f"expected an order's number of at most {ORDER_MAX_CHARACTERS} characters")
    return found


_READERS: dict[str, Callable[[Cell], Any]] = {
    "order": _order,
    "qty": whole(1),
    "price": amount,
    "paid": amount,
    "currency": currency,
    "status": _status,
}
