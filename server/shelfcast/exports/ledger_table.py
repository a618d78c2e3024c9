"""Entries of a ledger as a table for people: amounts in the main unit, times as clocks show them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.exports.fields import Field, field, time, whole
from shelfcast.sheets.columns import Form, Money, Naming, Value
from shelfcast.stock.records import LedgerEntry, Stream

TITLES = {Stream.STOCK: Naming("Ledger", "流水"), Stream.PRESALE: Naming("Presale ledger", "预售流水")}


def _money(name: str) -> Callable[[LedgerEntry], Value]:
    def read(entry: LedgerEntry) -> Value:
        minor: int | None = getattr(entry, name)
        return None if minor is None else Money(minor, entry.currency)

    return read


def _amount(key: str, en: str, zh: str) -> Field:
    return field(key, en, zh, _money(f"{key}_minor"), Form.MONEY, 10)


def _code(key: str, en: str, zh: str, width: int = 16) -> Field:
    def read(entry: LedgerEntry) -> Value:
        return str(getattr(entry, key))

    return field(key, en, zh, read, Form.CODE, width)


FIELDS: list[Field] = [
    whole("seq", "number", "序号"),
    whole("pool_seq", "number in the pool", "池序号", width=10),
    time("at", "time", "时间"),
    field("kind", "kind", "类型", width=16),
    _code("sku", "SKU", "货号", 18),
    whole("qty", "units", "件数", width=8),
    _code("source", "from", "从", 20),
    _code("target", "to", "到", 20),
    _code("channel", "channel", "渠道", 12),
    _code("room", "room", "直播间", 12),
    _code("show", "show", "场次", 14),
    _code("user", "customer", "客户", 18),
    _code("id", "operation", "操作号", 26),
    _code("reference", "reference", "单据号", 18),
    field("actor", "by", "操作人", width=16),
    field("reason", "reason", "原因", width=24),
    _amount("price", "price", "价格"),
    _amount("paid", "paid", "实付"),
    _amount("refunded", "refunded", "退款"),
    field("currency", "currency", "货币", width=8),
    whole("limit", "limit", "限购"),
    field("window", "window of the limit", "限购周期", width=10),
]
