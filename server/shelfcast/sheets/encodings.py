"""From bytes to text: what a CSV file is encoded in, where nobody says."""

from __future__ import annotations

import codecs
import unicodedata

from shelfcast.errors import InvalidInput

ENCODINGS = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312", "big5", "shift_jis", "cp932", "euc_jp",
    "euc_kr", "cp949", "cp1250", "cp1251", "cp1252", "cp1254", "cp1256", "cp1258", "cp874", "latin-1",
)  # fmt: skip
"""What a person may name: what spreadsheets of the world write."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 4096
_COMMON_SHARE_MIN = 0.6
"""Of what is not ASCII in a Chinese text, the part in common use: the 3,755 signs of GB 2312's first level, and its
punctuation. Western text read as GB18030 has next to none of it, since a letter follows each accented one."""
_SHOWN_CHARACTERS = 12
_INHERITED = {"gbk": "gb18030", "gb2312": "gb18030"}
"""Encodings that a larger one holds; files said to be in them are seldom within them."""

_NOT_OFFERED = frozenset({*_INHERITED, "utf-16"})
"""What `choices` leaves out: others say the same."""
_SIGNS_OF_A_TABLE = "\r\n,;\t"
"""Of these some are in every table, and none in one that was read in halves or doubles of its characters."""


def known_encoding(name: str) -> str | None:
    """The encoding a person means (GBK, utf8, Windows-1252), None where we read none such."""
    try:
        meant = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    by_codec = {codecs.lookup(known).name: known for known in ENCODINGS}
    found = by_codec.get(meant) or (meant if meant == "utf-8-sig" else None)
    return None if found is None else _INHERITED.get(found, found)


def choices(content: bytes) -> list[str]:
    """The encodings that the begin of a file may be in: those in which it is a table's text at all. Of several that
    hold one another, the largest."""
    sample = content[:_SAMPLE_BYTES]
    return [name for name in ENCODINGS if name not in _NOT_OFFERED and _may_be(sample, name)]


def decoded(content: bytes, name: str, encoding: str | None, notes: list[str]) -> tuple[str, str]:
    """The text of file `name` and its encoding; a guess is said in `notes`. Raises InvalidInput for bytes that are no
    text."""
    if encoding is not None:
        return _strictly(content, name, encoding), encoding
    for mark, marked in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strictly(content, name, marked), marked
    sixteen = _without_mark(content)
    if sixteen is not None:
        notes.append(f"read as {sixteen.upper()}, by its zero bytes; --encoding says otherwise")
        return _strictly(content, name, sixteen), sixteen
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        chinese = _as_chinese(content)
        if chinese is None:
            line = content.count(b"\n", 0, error.start) + 1
            raise InvalidInput(
                f"{name}: line {line} is not UTF-8, nor is the file Chinese (GB18030); save it as “CSV UTF-8” or as "
                "XLSX, or say what it is with --encoding"
            ) from None
    first = "".join(character for character in chinese if ord(character) > 0x7F)[:_SHOWN_CHARACTERS]
    notes.append(f"not UTF-8; read as GB18030, which makes it {first} …; --encoding says otherwise")
    return chinese, "gb18030"


def _may_be(sample: bytes, encoding: str) -> bool:
    try:
        # The sample may end within a character.
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return not text or any(sign in text for sign in _SIGNS_OF_A_TABLE)


def _strictly(content: bytes, name: str, encoding: str) -> str:
    try:
        # A mark in front is no part of the text, whichever way the encoding was found.
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].decode(encoding, errors="replace").count("\n") + 1
        raise InvalidInput(f"{name}: line {line} is not {encoding.upper()}") from None


def _without_mark(content: bytes) -> str | None:
    """UTF-16 whose mark was lost: in a table many characters are ASCII, and half of each is a zero byte."""
    sample = content[:_SAMPLE_BYTES]
    pairs = len(sample) // 2
    if pairs < 2 or 0 not in sample:
        return None
    high_first, low_first = sample[0::2].count(0), sample[1::2].count(0)
    if low_first > pairs / 4 and high_first <= pairs / 100:
        return "utf-16-le"
    if high_first > pairs / 4 and low_first <= pairs / 100:
        return "utf-16-be"
    return None


def _as_chinese(content: bytes) -> str | None:
    """The text, where it is one that people write when read as GB18030."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if ord(character) > 0x7F]
    if any(unicodedata.category(character) in ("Cc", "Cn", "Co") for character in foreign):
        return None
    common = sum(_is_common(character) for character in foreign)
    return text if common >= _COMMON_SHARE_MIN * len(foreign) else None


def _is_common(character: str) -> bool:
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3
