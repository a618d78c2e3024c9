"""What text may be: one rule for SKUs and one for lines that people read, whichever way they come in. Pure.

Two SKUs that look alike must be one, or a viewer buys the other: a SKU is in Unicode's composed form (NFC) and has no
character that cannot be seen. A title may have whatever people write: wide and unbreakable spaces, joiners inside
Persian words and emoji, marks of right-to-left text.
"""

from __future__ import annotations

import re
import unicodedata

from shelfcast.protocol.fields import TEXT_PATTERN

LINE_CHARACTER = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]"
"""A character of a line: none that controls a terminal, ends the line, or turns round what follows."""

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNSEEN_RANGES = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xFFFE, 0xFFFF), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Characters that no font draws although Unicode files them under letters, marks and signs
(Default_Ignorable_Code_Point, and the braille pattern without a dot)."""


def normalized(text: str) -> str:
    """The text in its composed form (NFC) without white space around it, as it is kept."""
    return unicodedata.normalize("NFC", text.strip())


def sku_fault(text: str) -> str:
    """What is wrong with a new SKU (or another code), empty where nothing is."""
    unseen = next((character for character in text if _is_unseen(character)), None)
    if unseen is not None:
        return f"expected a code without characters that cannot be seen: it has {_named(unseen)}"
    if not re.match(TEXT_PATTERN, text):
        return "expected a SKU: printable, no space at either end, at most 128 characters"
    if not unicodedata.is_normalized("NFC", text):
        return "expected a code in Unicode's composed form (NFC)"
    return ""


def line_fault(text: str, longest: int) -> str:
    """What is wrong with a line that people read, of at most `longest` characters; empty where nothing is."""
    if len(text) > longest:
        return f"expected at most {longest} characters, not {len(text):,}"
    if text.isascii() and text.isprintable():
        return ""
    wrong = next((character for character in text if not _is_of_line(character)), None)
    if wrong is not None:
        return f"expected one line without control characters: it has {_named(wrong)}"
    if text and all(_is_unseen(character) for character in text):
        return f"expected text that can be seen, not {_named(text[0])} alone"
    return ""


def is_blank(text: str) -> bool:
    """Whether there is nothing in it that people would see: no answer to why somebody does something."""
    return all(character == " " or _is_unseen(character) for character in text)


def _is_of_line(character: str) -> bool:
    return re.match(LINE_CHARACTER, character) is not None and unicodedata.category(character) != "Cs"


def _is_unseen(character: str) -> bool:
    if " " <= character <= "~":
        return False
    category = unicodedata.category(character)
    if category in _UNSEEN_CATEGORIES or category == "Zs":
        return True
    point = ord(character)
    return any(first <= point <= last for first, last in _UNSEEN_RANGES)


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name.capitalize()})" if name else "")
