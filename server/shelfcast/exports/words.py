"""What programs call states, kinds and decisions, in words of both languages. What is not here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.merchant.report_items import Suggestion
from shelfcast.protocol.codes import Code
from shelfcast.sheets.columns import Language, Naming
from shelfcast.stock.reports import Decided, ReportState

_WORDS = {
    ReportState.PROVISIONAL: Naming("provisional", "初版"),
    ReportState.FINAL: Naming("final", "终版"),
    Decided.RESTOCK: Naming("restock", "补货"),
    Decided.DISCOUNT: Naming("discount", "打折"),
    Decided.BUNDLE: Naming("bundle", "组合"),
    Decided.CLEAR: Naming("clear", "清仓"),
    Decided.DROP: Naming("drop", "下架"),
    Decided.KEEP: Naming("keep", "保留"),
    # How grave an alert is, and what it is about.
    "watch": Naming("watch", "关注"),
    "warning": Naming("warning", "警告"),
    "critical": Naming("critical", "紧急"),
    "share_left": Naming("share left", "剩余比例"),
    "sold_out_eta": Naming("sold out soon", "即将售罄"),
    "sell_through": Naming("sell-through", "售出率"),
    "active_sku_rate": Naming("items with sales", "动销率"),
    "elastic": Naming("elastic reserve", "机动库存"),
    "gate": Naming("checklist", "开播检查"),
    "shortage": Naming("shortage", "缺货"),
    # What a count was for, and why it differs.
    "before": Naming("before the show", "播前盘点"),
    "after": Naming("after the show", "播后盘点"),
    "spot": Naming("spot check", "抽盘"),
    "cycle": Naming("cycle count", "循环盘点"),
    "draft": Naming("draft", "草稿"),
    "mislogged_in": Naming("arrival booked wrongly", "入库登记有误"),
    "mislogged_out": Naming("shipment booked wrongly", "出库登记有误"),
    "damaged": Naming("damaged", "损坏"),
    "lost": Naming("lost or stolen", "丢失或被盗"),
    "found": Naming("found", "找到"),
    "swapped": Naming("mixed up with another item", "与其他商品混淆"),
    "earlier_count": Naming("an earlier count was wrong", "上次盘点有误"),
    "system": Naming("the system", "系统原因"),
    "other": Naming("other", "其他"),
    # What charts show over their lines.
    "status": Naming("status", "状态"),
    "spotlight": Naming("on air", "讲解"),
    "alert": Naming("alert", "预警"),
    "live": Naming("live", "开播"),
    "paused": Naming("paused", "暂停"),
    "ended": Naming("ended", "结束"),
    # Why something does not sell, and what to do about it.
    "not_listed": Naming("no room lists it", "没有直播间上架"),
    "never_on_air": Naming("never on air", "没有讲解过"),
    "price_unchanged": Naming("on air at one price, and not sold", "讲解过，价格未变，未售出"),
    "on_air_not_sold": Naming("on air at another price, and not sold", "讲解过，换价后仍未售出"),
    "put_on_air": Naming("put on air", "安排讲解"),
    # What answers an alert.
    "release_elastic": Naming("release elastic reserve", "释放机动库存"),
    "open_batch": Naming("open a batch", "开放批次"),
    "allocate": Naming("move units to the channel", "调拨到渠道"),
    # Why something was refused.
    Code.SOLD_OUT: Naming("sold out", "售罄"),
    Code.ALL_HELD: Naming("all in checkouts", "全部待付款"),
    Code.INSUFFICIENT: Naming("fewer left than asked for", "余量不足"),
    Code.BATCH_EXHAUSTED: Naming("the batch was sold out", "批次售罄"),
    Code.NOT_OPEN: Naming("not on sale yet", "尚未开售"),
    Code.SALE_ENDED: Naming("no longer on sale", "已停售"),
    Code.FROZEN: Naming("frozen", "已冻结"),
    Code.PAUSED: Naming("the show was paused", "直播暂停"),
    Code.LIMIT_PER_ORDER: Naming("more than an order may have", "超出单笔限购"),
    Code.LIMIT_PER_USER: Naming("more than a person may have", "超出每人限购"),
    Code.REVIEW: Naming("waits for a review", "待审核"),
    Code.BLOCKED: Naming("blocked", "已拦截"),
    Code.RATE_LIMITED: Naming("too many requests", "请求过于频繁"),
    Code.OVERLOADED: Naming("the server was busy", "服务器繁忙"),
    "yes": Naming("yes", "是"),
    "no": Naming("no", "否"),
}


def word(said: str, language: Language) -> str:
    """What a person reads in place of a program's word."""
    named = _WORDS.get(said)
    return said if named is None else named.of(language)


_PLACES = {
    "pool": Naming("pool", "总池"),
    "safety": Naming("safety stock", "安全库存"),
    "elastic": Naming("elastic reserve", "机动库存"),
    "unsellable": Naming("unsellable", "不可发"),
    "returned": Naming("returns to look at", "退货待检"),
    "channel": Naming("channel {}", "渠道 {}"),
    "batch": Naming("batch {}", "批次 {}"),
    "held": Naming("in checkouts of {}", "{} 待付款"),
    "sold": Naming("sold by {}", "{} 已售"),
    "external_oversold": Naming("oversold by {}", "{} 超卖欠货"),
}
"""Places of units that a pool has at a show's end (`stock.places`), by what they begin with."""


def places(units: Mapping[str, int], language: Language) -> str:
    """Where units are, in one line: the most first, and no place that has none."""
    most_first = sorted(((place, n) for place, n in units.items() if n), key=lambda it: (-it[1], it[0]))
    return "; ".join(f"{_place(place, language)} {n:,}" for place, n in most_first)


def _place(place: str, language: Language) -> str:
    kind, _, name = place.partition(":")
    named = _PLACES.get(kind)
    return place if named is None else named.of(language).format(name)


def action(said: str, language: Language) -> str:
    """What was done about an alert: its action's id is `kind`, or `kind:` and which of them."""
    return word(said.partition(":")[0], language)


def yes_or_no(said: bool, language: Language) -> str:
    """A flag in words."""
    return word("yes" if said else "no", language)


def advice(suggestions: list[Suggestion], language: Language) -> str:
    """What to do about a SKU next, in one line."""
    return "; ".join(
        word(one.kind, language)
        + (f" {one.units:,}" if one.units is not None else "")
        + (f" + {one.with_sku}" if one.with_sku else "")
        for one in suggestions
    )
