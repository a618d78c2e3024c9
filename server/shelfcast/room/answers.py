"""What is said to a viewer who asks how many are left, in the viewer's language. Pure."""

from __future__ import annotations

from shelfcast.protocol.states import Level

ENGLISH = "en"
CHINESE = "zh"

_TEXTS: dict[str, dict[Level, str]] = {
    ENGLISH: {
        Level.OK: "{left} left",
        Level.LOW: "{left} left",
        Level.LOWER: "only {left} left",
        Level.LAST: "last {left} left",
        Level.ALL_HELD: "every remaining unit is in a checkout; some may come back",
        Level.SOLD_OUT: "sold out",
        Level.FROZEN: "not on sale at the moment",
    },
    CHINESE: {
        Level.OK: "还剩{left}件",
        Level.LOW: "还剩{left}件",
        Level.LOWER: "仅剩{left}件",
        Level.LAST: "最后{left}件",
        Level.ALL_HELD: "余量都在付款中，稍后可能释放",
        Level.SOLD_OUT: "已售罄",
        Level.FROZEN: "暂停销售",
    },
}


def answer_text(language: str, level: Level, left: int) -> str:
    """The sentence; a language that is not spoken here is answered in English."""
    return _TEXTS.get(language, _TEXTS[ENGLISH])[level].format(left=left)


def language_of(wanted: str) -> str:
    """The language to answer in, from an Accept-Language header or a `lang` parameter: the first one spoken here."""
    for part in wanted.split(","):
        primary = part.partition(";")[0].strip().partition("-")[0].lower()
        if primary in _TEXTS:
            return primary
    return ENGLISH
