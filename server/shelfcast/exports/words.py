"""What programs call states, kinds and decisions, in words of both languages. What is not here is shown as it is."""

from __future__ import annotations

from shelfcast.merchant.report_items import Suggestion
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
    "elastic": Naming("elastic reserve", "弹性库存"),
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
    "yes": Naming("yes", "是"),
    "no": Naming("no", "否"),
}


def word(said: str, language: Language) -> str:
    """What a person reads in place of a program's word."""
    named = _WORDS.get(said)
    return said if named is None else named.of(language)


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
