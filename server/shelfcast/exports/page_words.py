"""What stands on the printed page besides its tables, in both languages."""

from __future__ import annotations

import re

from shelfcast.sheets.columns import Language

PAGE_WORDS: dict[Language, dict[str, str]] = {
    Language.EN: {
        "report": "Report of the show",
        "print": "To print it, or to save it as PDF, use your browser's Print.",
        "other_language": "中文",
        "about": "Which show",
        "sums": "What it came to",
        "presale": "presale",
        "identity": "The whole pool while the show was on",
        "identity_note": "all channels together; never added to the show's own numbers",
        "charts": "Minute by minute",
        "most": "most",
        "bars": "Sold and left, by SKU",
        "sold": "sold",
        "left": "left to sell",
        "others": "more SKUs are in the table below",
        "rows_left_out": "more rows are in the files",
        "provisional": "Provisional: some of it is still pending. The final report replaces this one.",
        "page": "Page",
        "nothing": "No minute of the show is known.",
    },
    Language.ZH: {
        "report": "场次报告",
        "print": "打印或另存为 PDF：使用浏览器的打印功能。",
        "other_language": "English",
        "about": "场次信息",
        "sums": "本场汇总",
        "presale": "预售",
        "identity": "直播期间整个库存池的对账",
        "identity_note": "所有渠道合计，不与本场数字相加",
        "charts": "逐分钟走势",
        "most": "最高",
        "bars": "各商品售出与剩余",
        "sold": "售出",
        "left": "剩余可售",
        "others": "个商品见下表",
        "rows_left_out": "行见导出文件",
        "provisional": "初版：仍有未结清的订单，终版会替换本报告。",
        "page": "第",
        "nothing": "没有本场的分钟数据。",
    },
}

_SOFT_HYPHENS = {
    word.replace("·", ""): word.replace("·", "\u00ad")
    for word in (
        "ac·knowl·edged", "can·celled", "cur·rency", "de·mand", "differ·ence", "ex·pected", "fore·cast", "over·sold",
        "pay·ment", "pend·ing", "plat·forms", "pre·sale", "pro·cessed", "re·ceived", "re·funded", "re·turned",
        "short·age", "ship·ped", "thresh·old", "through", "wait·ing",
    )
}  # fmt: skip
"""Where long words of headers may be parted: not every browser knows that of itself."""


def parted(header: str) -> str:
    """A column's name that may be broken where its words may."""
    return re.sub(r"[a-z]+", lambda found: _SOFT_HYPHENS.get(found[0], found[0]), header)
