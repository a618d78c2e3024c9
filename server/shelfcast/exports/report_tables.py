"""The tables of a report: their columns in both languages, and their rows. Each is made here and nowhere else: CSV
files, workbooks and the printed page show these. Rules and formulas: docs/rules.md#report. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shelfcast.exports.fields import Field, field, flag, table_of, time, whole, word_of
from shelfcast.exports.words import action, advice, places, word
from shelfcast.merchant.after_show_items import MoneyTotal, SoldUnits
from shelfcast.merchant.report_items import Report, ReportedSku, ReportMinute, ReportPart
from shelfcast.sheets.columns import Column, Form, Language, Money, Naming, Table, Value
from shelfcast.sheets.values import price_text


def report_table(report: Report, part: ReportPart, language: Language = Language.EN) -> Table:
    """One table of the report; words in its cells are of the language."""
    title, fields, objects = _PARTS[part]
    return table_of(part.value, title, fields, objects(report), language)


def _units(prefix: str, names: Sequence[tuple[str, str, str]]) -> list[Field]:
    """Columns of units by what became of them, of the stock or of the presale."""

    def of(name: str) -> Callable[[Any], Value]:
        def read(it: Any) -> Value:
            units: SoldUnits | None = it.presale if prefix else it.stock
            return None if units is None else int(getattr(units, name))

        return read

    said = ("presale: ", "预售") if prefix else ("", "")
    return [whole(prefix + name, said[0] + en, said[1] + zh, of(name)) for name, en, zh in names]


UNITS = (
    ("sold", "sold", "售出"),
    ("cancelled", "cancelled after payment", "付款后取消"),
    ("shipped", "shipped", "已发货"),
    ("unshipped", "not shipped", "未发货"),
    ("awaiting_goods", "awaiting goods", "待到货"),
    ("held", "in checkout", "结算中"),
    ("payment_pending", "payment pending", "付款中"),
    ("paid_no_stock", "paid without stock", "已付无货"),
    ("refunded_no_stock", "refunded: no stock", "无货退款"),
    ("refunded_without_goods", "refunded without goods", "仅退款"),
    ("refund_asked", "refund asked for", "申请退款"),
)
"""What became of units, in the order in which it is shown: field of `SoldUnits`, and what it is called."""
_OF_STOCK = [one for one in UNITS if one[0] != "awaiting_goods"]
_OF_PRESALE = [one for one in UNITS if one[0] in ("sold", "cancelled", "shipped", "unshipped", "awaiting_goods")]


def _own_money(of: Callable[[MoneyTotal], int]) -> Callable[[ReportedSku], Value]:
    """An amount in the SKU's own currency."""

    def read(sku: ReportedSku) -> Value:
        total = next((total for total in sku.money if total.currency == sku.currency), None)
        return None if total is None else Money(of(total), sku.currency)

    return read


def _other_money(sku: ReportedSku) -> str:
    """What was paid in another currency than the SKU's: it is listed, never converted."""
    others = [total for total in sku.money if total.currency != sku.currency]
    return "; ".join(price_text(total.paid_minor - total.refunded_minor, total.currency) for total in others)


def _count(of: Callable[[Any], Value]) -> Callable[[ReportedSku], Value]:
    return lambda sku: None if sku.count is None else of(sku.count)


_SKUS: list[Field] = [
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("title", "title", "名称", width=30),
    whole("link", "link", "链接号", width=6),
    field("category", "category", "类目"),
    field("supplier", "supplier", "供应商"),
    field("price", "price", "价格",
           lambda it: None if it.price_minor is None else Money(it.price_minor, it.currency), Form.MONEY, 10),
    field("currency", "currency", "货币", width=8),
    *_units("", _OF_STOCK),
    whole("pending", "pending", "未结清"),
    *_units("presale_", _OF_PRESALE),
    whole("orders", "orders", "订单数", width=8),
    field("paid", "paid", "实付", _own_money(lambda it: it.paid_minor), Form.MONEY),
    field("by_price", "by price, nothing said", "未报金额按价计",
           _own_money(lambda it: it.by_price_minor), Form.MONEY),
    field("refunded", "refunded", "退款", _own_money(lambda it: it.refunded_minor), Form.MONEY),
    field("other_money", "in other currencies", "其他货币", _other_money, width=16),
    whole("left_to_sell", "left to sell", "剩余可售"),
    field("sell_through", "sell-through", "售出率", form=Form.SHARE, width=8),
    time("first_sale", "first sale", "首单时间"),
    time("sold_out_at", "sold out at", "售罄时间"),
    field("minutes_to_sold_out", "minutes to sold out", "售罄用时（分钟）", form=Form.DECIMAL, width=10),
    field("on_air_minutes", "minutes on air", "讲解时长（分钟）", form=Form.DECIMAL, width=10),
    whole("best_pace", "best pace, units a minute", "最高销速（件/分钟）", width=10),
    time("best_pace_at", "best minute", "最高销速时间", lambda it: it.best_pace_ms),
    whole("expected", "expected", "预计"),
    whole("forecast_error", "forecast error", "预测误差"),
    whole("lost_people", "lost demand: people", "未满足需求：人数", lambda it: it.lost.people),
    whole("lost_units", "lost demand: units", "未满足需求：件数", lambda it: it.lost.units),
    whole("lost_attempts", "lost demand: attempts", "未满足需求：次数", lambda it: it.lost.attempts),
    whole("waiting", "waiting", "候补"),
    whole("counted", "counted", "实盘", _count(lambda it: it.counted)),
    whole("difference", "difference", "盘点差异", _count(lambda it: it.difference)),
    whole("shortage", "shortage", "缺货", _count(lambda it: it.shortage)),
    (Column("reason", Naming("reason", "差异原因"), width=18),
     lambda it, language: "" if it.count is None else word(it.count.reason, language)),
    field("reason_note", "note on it", "原因说明", _count(lambda it: it.reason_note), width=18),
    field("signed_by", "signed by", "签字", _count(lambda it: ", ".join(it.signed_by)), width=16),
    (Column("next", Naming("what next", "建议"), width=24), lambda it, language: advice(it.suggestions, language)),
]  # fmt: skip
_POOL: list[Field] = [
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("title", "title", "名称", width=30),
    whole("opening", "opening", "期初"),
    whole("received", "received", "入库"),
    whole("returned", "returned", "退回"),
    whole("gained", "gained", "盘盈"),
    whole("shipped", "shipped", "已发货"),
    whole("written_off", "written off", "报损"),
    whole("lost", "lost", "盘亏"),
    whole("closing", "closing", "期末"),
    whole("difference", "difference", "差额"),
    whole("moved_in", "moved in", "调入"),
    whole("moved_out", "moved out", "调出"),
    whole("external_sold", "sold on other platforms", "其他平台售出", width=10),
    whole("oversold", "oversold", "超卖"),
    (Column("closing_places", Naming("where the closing units are", "期末所在"), width=52),
     lambda it, language: places(it.closing_places, language)),
]  # fmt: skip
_CHANNELS: list[Field] = [
    field("channel", "channel", "渠道", form=Form.CODE, width=18),
    field("title", "title", "名称", width=24),
    flag("is_show", "of the show", "本场"),
    whole("orders", "orders", "订单数"),
    whole("sold", "sold", "售出"),
    whole("presale_sold", "presale: sold", "预售售出"),
    whole("cancelled", "cancelled after payment", "付款后取消"),
    whole("shipped", "shipped", "已发货"),
    whole("oversold", "oversold", "超卖"),
    whole("moved_in", "moved in", "调入"),
    whole("moved_out", "moved out", "调出"),
]
_BATCHES: list[Field] = [
    field("batch", "batch", "批次", form=Form.CODE, width=18),
    field("channel", "channel", "渠道", form=Form.CODE, width=18),
    time("opened_at", "opened", "开放时间"),
    time("closed_at", "closed", "关闭时间"),
    whole("units", "units", "件数"),
    whole("sold", "sold", "售出"),
    whole("left", "left", "剩余"),
    field("leftover_to", "the rest went to", "剩余去向", width=16),
    flag("missed", "missed", "错过"),
]
_MINUTES: list[Field] = [
    time("at", "minute", "分钟"),
    whole("viewers", "viewers", "观看人数"),
    whole("paid", "sold so far", "累计售出"),
    whole("pace", "sold in the minute", "当分钟售出"),
    whole("taken", "reserved so far", "累计预占"),
    whole("refused", "refused so far", "累计被拒"),
]
_REFUSALS: list[Field] = [
    field("code", "code", "代码", lambda it: it.code.value, Form.CODE, 20),
    (Column("why", Naming("why", "原因"), width=24), lambda it, language: word(it.code, language)),
    whole("count", "attempts", "次数"),
    whole("units", "units", "件数"),
    whole("people", "people, about", "人数（约）"),
]
_ALERTS: list[Field] = [
    time("fired_at", "rang", "触发"),
    word_of("severity", "severity", "级别", 10),
    word_of("rule", "about", "规则", 16),
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("value", "value", "数值", form=Form.DECIMAL, width=10),
    field("threshold", "threshold", "阈值", form=Form.DECIMAL, width=10),
    time("acknowledged_at", "acknowledged", "确认"),
    field("acknowledged_by", "by", "确认人"),
    (Column("acted", Naming("what was done", "处理"), width=22), lambda it, language: action(it.acted, language)),
    field("acted_by", "by whom", "处理人"),
    time("acted_at", "done at", "处理时间"),
    time("resolved_at", "over", "解除"),
    field("note", "note", "备注", width=24),
]
_COUNTS: list[Field] = [
    field("count", "count", "盘点单", form=Form.CODE, width=20),
    word_of("kind", "kind", "类型", 16),
    time("applied_at", "applied", "生效时间"),
    whole("skus", "SKUs", "商品数"),
    whole("gained", "gained", "盘盈"),
    whole("lost", "lost", "盘亏"),
    whole("shortage", "shortage", "缺货"),
    field("signed_by", "signed by", "签字", lambda it: ", ".join(it.signed_by), width=20),
]
_REFUNDS: list[Field] = [
    field("reservation", "reservation", "预占单", form=Form.CODE, width=24),
    field("sku", "SKU", "货号", form=Form.CODE, width=18),
    field("title", "title", "名称", width=30),
    flag("presale", "presale", "预售"),
    whole("units", "units", "件数"),
    whole("done_units", "of them processed", "已处理"),
    field("reason", "reason", "原因", width=24),
    field("user", "customer", "客户", form=Form.CODE, width=18),
    field("asked_by", "asked by", "申请人", width=16),
    time("asked_at", "asked", "申请时间"),
]


class _Minute:
    """A minute, with what was sold in it alone."""

    def __init__(self, minute: ReportMinute, before: ReportMinute | None) -> None:
        self.pace = minute.paid - (before.paid if before else 0)
        self._minute = minute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._minute, name)


def _minutes(report: Report) -> list[_Minute]:
    before = [None, *report.minutes]
    return [_Minute(minute, last) for minute, last in zip(report.minutes, before, strict=False)]


_PARTS: dict[ReportPart, tuple[Naming, list[Field], Callable[[Report], Iterable[Any]]]] = {
    ReportPart.SKUS: (Naming("SKUs", "商品"), _SKUS, lambda report: report.skus),
    ReportPart.POOL: (Naming("Pool", "库存池对账"), _POOL, lambda report: report.pool_skus),
    ReportPart.CHANNELS: (Naming("Channels", "渠道"), _CHANNELS, lambda report: report.channels),
    ReportPart.BATCHES: (Naming("Batches", "批次"), _BATCHES, lambda report: report.batches),
    ReportPart.MINUTES: (Naming("Minutes", "分钟"), _MINUTES, _minutes),
    ReportPart.REFUSALS: (Naming("Refusals", "被拒"), _REFUSALS, lambda report: report.refusals),
    ReportPart.ALERTS: (Naming("Alerts", "预警"), _ALERTS, lambda report: report.alerts),
    ReportPart.COUNTS: (Naming("Counts", "盘点"), _COUNTS, lambda report: report.counts),
    ReportPart.REFUNDS: (Naming("Refund requests", "退款申请"), _REFUNDS, lambda report: report.refund_requests),
}
