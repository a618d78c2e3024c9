"""What a workbook's number format makes of a number: the text that a person sees in the cell (ECMA-376, 18.8.31).

Read are the formats of codes, amounts and counts: digits, groups, percents, thousands, text around them, and sections
for negative numbers and zero. Of others (fractions, powers of ten, conditions) nothing is claimed.
"""

from __future__ import annotations

import decimal
import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|'
    r"\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<placeholder>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|"
    r"(?P<refused>[Ee][+-]|[@/])|(?P<literal>.)",
    re.DOTALL | re.IGNORECASE,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[^;"\\])*', re.DOTALL)
_COLOURS = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r *\d+|DBNum\d", re.IGNORECASE)
_FORMAT_MAX = 255
"""Characters of a format; spreadsheets take no longer one."""


class Shown(NamedTuple):
    """What a person sees, and the number that this says: None where it says none."""

    text: str
    number: decimal.Decimal | None


class _Section(NamedTuple):
    """One part of a format: literals and placeholders in order, and what they do to the number."""

    tokens: tuple[tuple[str, str], ...]
    whole: int
    decimals: int
    decimals_least: int
    scale: int
    grouped: bool

    @property
    def is_literal(self) -> bool:
        return not any(kind in ("placeholder", "general") for kind, _ in self.tokens)


def shown(value: decimal.Decimal, code: str) -> Shown | None:
    """What a cell with this value and this format shows; None where the format is none that is read here."""
    if code.strip().lower() in ("general", "@", ""):
        return Shown(plain(value), value)
    sections = _sections(code)
    if sections is None:
        return None
    negative_of_its_own = value < 0 and len(sections) > 1
    part = 1 if negative_of_its_own else 2 if value == 0 and len(sections) > 2 else 0
    section = sections[part]
    text, number = _filled(section, abs(value))
    if value < 0:
        number = -number if number is not None else None
        text = text if negative_of_its_own else "-" + text
    return Shown(text.strip(), number)


def plain(value: decimal.Decimal) -> str:
    """The number in digits, without a power of ten and without zeros behind its fraction."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(256)
def _sections(code: str) -> list[_Section] | None:
    if len(code) > _FORMAT_MAX:
        return None
    parts: list[str] = []
    at = 0
    while at <= len(code):
        match = _SECTION.match(code, at)
        if match is None or (match.end() < len(code) and code[match.end()] != ";"):
            return None
        parts.append(match[0])
        at = match.end() + 1
    sections = [_section(part) for part in parts[:3]]
    known = [section for section in sections if section is not None]
    return known if len(known) == len(sections) else None


def _section(part: str) -> _Section | None:
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(part):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "refused" or (kind == "bracket" and not _COLOURS.fullmatch(text)):
            return None
        if kind == "bracket" and text.lower().startswith("dbnum"):
            return None
        if kind in ("quoted", "escaped", "currency", "literal"):
            tokens.append(("literal", text))
        elif kind == "width":
            tokens.append(("literal", " "))
        elif kind not in ("fill", "bracket"):
            tokens.append((kind, text))
    return _measured(tokens)


def _measured(tokens: list[tuple[str, str]]) -> _Section | None:
    kinds = [kind for kind, _ in tokens]
    if "general" in kinds and ("placeholder" in kinds or "percent" in kinds):
        return None
    point = kinds.index("point") if "point" in kinds else len(tokens)
    digits = [index for index, kind in enumerate(kinds) if kind == "placeholder"]
    whole = [index for index in digits if index < point]
    fraction = [index for index in digits if index > point]
    scale = 2 * kinds.count("percent")
    grouped = False
    kept: list[tuple[str, str]] = []
    for index, (kind, text) in enumerate(tokens):
        if kind != "comma":
            kept.append((kind, text))
        elif any(place < index for place in whole) and any(place > index for place in whole):
            grouped = True
        elif any(place < index for place in digits):
            # Behind the last digit each comma leaves three away.
            scale -= 3
        else:
            kept.append(("literal", ","))
    least = sum(1 for index in fraction if tokens[index][1] != "#")
    return _Section(tuple(kept), len(whole), len(fraction), least, scale, grouped)


def _filled(section: _Section, value: decimal.Decimal) -> tuple[str, decimal.Decimal | None]:
    if section.is_literal:
        text = "".join(text for _, text in section.tokens)
        return text, value if value == 0 and text.strip() else None
    if any(kind == "general" for kind, _ in section.tokens):
        return "".join(plain(value) if kind == "general" else text for kind, text in section.tokens), value
    exact = value.scaleb(section.scale)
    rounded = exact.quantize(decimal.Decimal(1).scaleb(-section.decimals), decimal.ROUND_HALF_UP, _CONTEXT)
    whole, _, fraction = format(rounded, "f").partition(".")
    while len(fraction) > section.decimals_least and fraction.endswith("0"):
        fraction = fraction[:-1]
    return _placed(section, whole.lstrip("0"), fraction), rounded


_CONTEXT = decimal.Context(prec=1000)
"""Room for the largest number a cell can hold (1.8e308) in digits, and for those a format adds."""


def _placed(section: _Section, whole: str, fraction: str) -> str:
    """The digits in their places: whole ones from the right, the leftmost place takes all that are left."""
    out: list[str] = []
    left, places, behind = len(whole), section.whole, 0
    kinds = [kind for kind, _ in section.tokens]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    for index in range(point - 1, -1, -1):
        kind, text = section.tokens[index]
        if kind != "placeholder":
            out.append(text)
            continue
        places -= 1
        taken = whole[:left] if places == 0 else whole[max(0, left - 1) : left]
        left -= len(taken)
        padding = {"0": "0", "?": " "}.get(text, "")
        for digit in reversed(taken or padding):
            if section.grouped and behind and behind % 3 == 0 and digit != " ":
                out.append(",")
            out.append(digit)
            behind += 1
    if section.whole == 0 and point < len(kinds) and whole:
        # A format without a place before its point shows them all the same, straight before it.
        out.insert(0, whole)
    text = "".join(reversed(out))
    digits = iter(fraction)
    for kind, token in section.tokens[point:]:
        text += next(digits, "") if kind == "placeholder" else token
    return text
