"""The tables of business days: their columns in both languages, and their rows. Rules: docs/rules.md#days. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from shelfcast.exports.fields import Field, field, table_of, time, whole, word_of
from shelfcast.merchant.day_items import DaysBy, DayTotals, SlowMovers
from shelfcast.sheets.columns import Form, Language, Money, Naming, Table, Value

DAYS_TITLE = Naming("day totals", "日报")
SKUS_TITLE = Naming("SKUs", "商品")
SLOW_TITLE = Naming("slow movers", "滞销")

_UNITS = (
    ("opening", "opening", "期初"),
    ("received", "received", "入库"),
    ("returned", "returned", "退货入库"),
    ("gained", "found", "盘盈"),
    ("shipped", "shipped", "已发货"),
    ("written_off", "written off", "报损"),
    ("lost", "lost", "盘亏"),
    ("closing", "closing", "期末"),
    ("opening_sellable", "opening, sellable", "期初可售"),
    ("closing_sellable", "closing, sellable", "期末可售"),
    ("sold", "sold", "售出"),
    ("cancelled", "cancelled", "取消"),
    ("external_sold", "sold elsewhere", "其他平台售出"),
    ("external_cancelled", "cancelled elsewhere", "其他平台取消"),
    ("presale_sold", "presale: sold", "预售售出"),
    ("presale_cancelled", "presale: cancelled", "预售取消"),
    ("fulfilled", "presale: goods drawn", "预售发货备货"),
)


def _of_units(name: str) -> Callable[[Any], Value]:
    return lambda it: int(getattr(it.units, name))


def _inventory(name: str) -> Callable[[Any], Value]:
    def read(it: Any) -> Value:
        value: Value = getattr(it.inventory, name)
        return value

    return read


_COMMON: list[Field] = [whole(key, en, zh, _of_units(key)) for key, en, zh in _UNITS]
_DAY_HEAD: list[Field] = [
    field("date", "day", "日期", width=12),
    time("from", "from", "开始"),
    time("to", "to", "结束"),
    whole("skus", "SKUs", "商品数", _of_units("skus")),
]
_SKU_HEAD: list[Field] = [
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("title", "title", "名称", width=30),
    field("category", "category", "类目"),
]
_STOCK: list[Field] = [
    field("days_of_inventory", "days of inventory", "库存天数", _inventory("days_of_inventory"), Form.DECIMAL),
    field("mean_closing", "mean closing stock", "平均期末库存", _inventory("mean_closing"), Form.DECIMAL),
    field("mean_sold", "mean sold a day", "日均售出", _inventory("mean_sold"), Form.DECIMAL),
    whole("days_counted", "days with stock", "有货天数", _inventory("days")),
    whole("days_without_stock", "days without stock", "无货天数", _inventory("days_without_stock")),
]
_SLOW: list[Field] = [
    *_SKU_HEAD,
    whole("units", "units", "件数"),
    field("price", "price", "单价", lambda it: _amount(it.price_minor, it), Form.MONEY),
    field(
        "value", "value", "金额", lambda it: _amount(None if it.price_minor is None else it.price_minor * it.units, it),
        Form.MONEY,
    ),
    whole("idle_days", "days without a sale", "未售天数"),
    field("last_sale", "last sale", "上次售出"),
    whole("shows_on_air", "shows on air", "讲解场次"),
    field("minutes_on_air", "minutes on air", "讲解分钟", form=Form.DECIMAL),
    word_of("reason", "reason", "原因", width=24),
    word_of("remedy", "what to do", "建议"),
]  # fmt: skip


def day_table(totals: DayTotals, by: DaysBy, language: Language = Language.EN) -> Table:
    """The days as a table, a row a day, with columns of money by currency; by SKU, a row a SKU."""
    if by is DaysBy.SKU:
        fields = [*_SKU_HEAD, *_COMMON, *_money(totals.skus), *_STOCK]
        return table_of("skus", SKUS_TITLE, fields, totals.skus, language)
    one = [field("available_minutes", "minutes available", "可售分钟", _available, Form.DECIMAL)] if totals.sku else []
    fields = [*_DAY_HEAD, *_COMMON, *one, *_money(totals.days)]
    return table_of("days", DAYS_TITLE, fields, totals.days, language)


def slow_table(movers: SlowMovers, language: Language = Language.EN) -> Table:
    """The slow movers as a table."""
    return table_of("slow_movers", SLOW_TITLE, _SLOW, movers.slow, language)


def _available(it: Any) -> Value:
    minutes: float | None = it.units.available_minutes
    return minutes


def _amount(minor: int | None, it: Any) -> Value:
    return None if minor is None else Money(minor, it.currency)


def _money(rows: Iterable[Any]) -> list[Field]:
    """What was paid and what went back, of each currency that any row has: nothing is converted."""
    currencies = sorted({money.currency for row in rows for money in row.units.money})

    def of(currency: str, read: Callable[[Any], int]) -> Callable[[Any], Value]:
        def amount(it: Any) -> Value:
            found = next((money for money in it.units.money if money.currency == currency), None)
            return None if found is None else Money(read(found), currency)

        return amount

    fields: list[Field] = []
    for currency in currencies:
        said = currency.lower()
        paid = of(currency, lambda money: int(money.paid_minor + money.by_price_minor))
        back = of(currency, lambda money: int(money.refunded_minor))
        fields += [
            field(f"paid_{said}", f"paid {currency}", f"已付 {currency}", paid, Form.MONEY),
            field(f"refunded_{said}", f"refunded {currency}", f"退款 {currency}", back, Form.MONEY),
        ]
    return fields
