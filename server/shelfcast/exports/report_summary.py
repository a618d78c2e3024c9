"""What a report comes to, as a table of two columns and a third for the presale: the first sheet of its workbook, and
the head of its page. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shelfcast.exports.report_tables import UNITS
from shelfcast.exports.words import word
from shelfcast.merchant.report_items import Report
from shelfcast.sheets.columns import Cell, Column, Form, Language, Money, Naming, Table, Value

COLUMNS = [
    Column("item", Naming("what", "项目"), width=34),
    Column("value", Naming("value", "数值"), Form.WHOLE, 24),
    Column("presale", Naming("presale", "预售"), Form.WHOLE, 14),
]
Row = tuple[Naming, Form, Value, Value]


def summary_table(report: Report, language: Language = Language.EN) -> Table:
    """The summary."""
    pool = [
        (Naming(f"pool: {name.en}", f"库存池：{name.zh}"), form, value, none)
        for name, form, value, none in identity(report)
    ]
    rows = [
        [name.of(language), Cell(form, value), presale]
        for name, form, value, presale in (*about(report, language), *totals(report), *pool)
    ]
    return Table("summary", Naming("Summary", "汇总"), COLUMNS, rows)


def about(report: Report, language: Language) -> Iterator[Row]:
    """Which show it is about, and as of when."""
    yield Naming("show", "场次"), Form.CODE, report.show, None
    yield Naming("title", "标题"), Form.TEXT, report.title, None
    yield Naming("room", "直播间"), Form.CODE, report.room, None
    yield Naming("channel", "渠道"), Form.CODE, report.channel, None
    yield Naming("pool", "库存池"), Form.CODE, report.pool, None
    yield Naming("state of this report", "报告状态"), Form.TEXT, word(report.state, language), None
    yield Naming("started", "开播"), Form.TIME, report.started_at_ms, None
    yield Naming("ended", "结束"), Form.TIME, report.ended_at_ms, None
    yield Naming("planned start", "计划开播"), Form.TIME, report.planned_start_ms, None
    yield Naming("planned minutes", "计划时长（分钟）"), Form.WHOLE, report.planned_minutes, None
    yield Naming("minutes on air", "直播时长（分钟）"), Form.DECIMAL, report.live_minutes, None
    yield Naming("continued, times", "续播次数"), Form.WHOLE, report.continued, None
    yield Naming("time zone", "时区"), Form.TEXT, report.time_zone, None
    yield Naming("from the book's sequence", "起始序号"), Form.WHOLE, report.started_seq, None
    yield Naming("to the book's sequence", "结束序号"), Form.WHOLE, report.ended_seq, None
    yield Naming("orders as of", "订单截至"), Form.TIME, report.at_ms, None
    yield Naming("orders as of sequence", "订单截至序号"), Form.WHOLE, report.seq, None
    yield Naming("checksum", "校验和"), Form.TEXT, report.checksum, None


def totals(report: Report) -> Iterator[Row]:
    """What the show came to."""
    sums = report.totals
    yield Naming("SKUs", "商品数"), Form.WHOLE, sums.skus, None
    yield Naming("SKUs with sales", "有销量的商品数"), Form.WHOLE, sums.skus_sold, None
    yield Naming("SKUs with sales, share", "动销率"), Form.SHARE, sums.active_sku_rate, None
    yield Naming("SKUs sold out", "售罄商品数"), Form.WHOLE, sums.sold_out, None
    yield Naming("orders", "订单数"), Form.WHOLE, sums.orders, None
    for name, en, zh in UNITS:
        presale = None if sums.presale is None else int(getattr(sums.presale, name))
        yield Naming(f"units {en}", f"{zh}件数"), Form.WHOLE, int(getattr(sums.stock, name)), presale
    yield Naming("pending", "未结清"), Form.WHOLE, sums.pending, None
    for money in sums.money:
        of = money.currency
        yield Naming(f"paid, {of}", f"实付（{of}）"), Form.MONEY, Money(money.paid_minor, of), None
        by_price = Naming(f"by price, nothing said, {of}", f"未报金额按价计（{of}）")
        yield by_price, Form.MONEY, Money(money.by_price_minor, of), None
        yield Naming(f"refunded, {of}", f"退款（{of}）"), Form.MONEY, Money(money.refunded_minor, of), None
    yield Naming("sell-through", "售出率"), Form.SHARE, sums.sell_through, None
    yield Naming("expected units", "预计件数"), Form.WHOLE, sums.expected, None
    yield Naming("forecast error", "预测误差"), Form.WHOLE, sums.forecast_error, None
    yield Naming("lost demand: people, at least", "未满足需求：人数（至少）"), Form.WHOLE, sums.lost.people, None
    yield Naming("lost demand: units", "未满足需求：件数"), Form.WHOLE, sums.lost.units, None
    yield Naming("lost demand: attempts", "未满足需求：次数"), Form.WHOLE, sums.lost.attempts, None
    yield Naming("most viewers", "最高观看人数"), Form.WHOLE, sums.viewers_most, None


def identity(report: Report) -> Iterator[Row]:
    """The whole pool while the show was on: opening units and what became of them."""
    sums = report.pool_totals
    for name, en, zh in _IDENTITY:
        yield Naming(en, zh), Form.WHOLE, int(getattr(sums, name)), None


_IDENTITY = (
    ("opening", "opening", "期初"),
    ("received", "+ received", "+ 入库"),
    ("returned", "+ returned", "+ 退回"),
    ("gained", "+ gained", "+ 盘盈"),
    ("shipped", "− shipped", "− 已发货"),
    ("written_off", "− written off", "− 报损"),
    ("lost", "− lost", "− 盘亏"),
    ("closing", "= closing", "= 期末"),
    ("difference", "difference", "差额"),
    ("external_sold", "sold on other platforms", "其他平台售出"),
    ("oversold", "oversold", "超卖"),
)
