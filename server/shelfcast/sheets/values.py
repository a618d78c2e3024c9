"""What a column makes of a cell: a code, a line of text, a number. Each reader raises ValueError with what it expected.

A cell is read as the person saw it, or it is a fault that says what the spreadsheet did.
"""

from __future__ import annotations

import decimal
import re
import unicodedata
from collections.abc import Callable

from shelfcast.protocol.text import line_fault, normalized, sku_fault
from shelfcast.sheets.table import Cell, Kind, quoted
from shelfcast.stock.windows import DAYS_MAX, PATTERN

UNITS_MAX = 1_000_000
"""As protocol.fields.Qty: the most units one move can carry."""
PRICE_MAX_MINOR = 10**12
LINK_MAX, SUBSTITUTES_MAX, ALIASES_MAX, ALIAS_MAX_CHARACTERS, IMAGE_URL_MAX_CHARACTERS = 999, 5, 20, 64, 500
ALIAS_SEPARATORS = ",，;；|｜、"
"""All as in stock.configuration, which is a server's."""
CURRENCY_DIGITS_DEFAULT = 2
CURRENCY_DIGITS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
"""Digits after the point of the currencies that do not have two (ISO 4217)."""
CODE_DIGITS = 15
"""Digits of a number that a spreadsheet keeps: of a longer code the last ones became zeros."""

_POWER_OF_TEN = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}")
_ROUNDED_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS},}}0")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_BETWEEN_CODES = re.compile(r"(?<!\|)\|(?!\|)")
_ANEW = "format the column as text and type the code anew"


def code(cell: Cell) -> str:
    """A SKU or barcode, to the character."""
    if cell.kind is Kind.NUMBER:
        text = _code_of_number(cell)
    else:
        _refuse_faults(cell)
        text = cell.text
        if cell.kind is Kind.PLAIN:
            _refuse_rewritten(text)
    text = normalized(text)
    fault = sku_fault(text)
    if fault:
        raise ValueError(fault)
    return text


def code_as_written(cell: Cell) -> str:
    """A code that `code` reads, in the form that it is written in: what was named before it had to be composed."""
    composed, text = code(cell), cell.text.strip()
    return text if normalized(text) == composed else composed


def line(longest: int) -> Callable[[Cell], str]:
    """A line that people read, of at most `longest` characters."""

    def read(cell: Cell) -> str:
        _refuse_faults(cell)
        if cell.kind is Kind.NUMBER and cell.shown is None:
            raise ValueError(f"the sheet shows the number {_short(cell)} in a format that is not read here")
        text = normalized(cell.text if cell.shown is None else cell.shown)
        fault = line_fault(text, longest)
        if fault:
            raise ValueError(fault)
        return text

    return read


def codes(most: int) -> Callable[[Cell], list[str]]:
    """At most `most` SKUs, with a | between; a | of their own is written twice. One alone is read as a code."""

    def read(cell: Cell) -> list[str]:
        parts = _parts(cell, _BETWEEN_CODES, most)
        if len(parts) <= 1:
            parts = [code(cell)]
        found = [part.replace("||", "|") for part in parts]
        fault = next(filter(None, map(sku_fault, found)), "")
        if fault:
            raise ValueError(fault)
        return found

    return read


def names(most: int, longest: int, separators: str) -> Callable[[Cell], list[str]]:
    """At most `most` names that people say, of at most `longest` characters, with one of `separators` between."""

    def read(cell: Cell) -> list[str]:
        _refuse_faults(cell)
        parts = _parts(cell, re.compile(f"[{separators}\n]"), most)
        for part in parts:
            fault = line_fault(part, longest)
            if fault:
                raise ValueError(fault)
        return parts

    return read


def _parts(cell: Cell, between: re.Pattern[str], most: int) -> list[str]:
    """What stands before, between and behind the separators, each once and in one form."""
    shown = cell.text if cell.shown is None else cell.shown
    parts = [part for part in map(normalized, between.split(shown)) if part]
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise ValueError(f"{quoted(twice)} stands here twice")
    if len(parts) > most:
        raise ValueError(f"expected at most {most}, not {len(parts):,}")
    return parts


CURRENCY = "CNY"
"""Of prices that nobody says the currency of: what `stock.configuration` has for a pool that names none."""


def currency(cell: Cell) -> str:
    """A currency's three letters, in capitals."""
    _refuse_faults(cell)
    if not re.fullmatch(r"[A-Za-z]{3}", cell.text):
        raise ValueError(f"expected a currency of three letters such as CNY, not {quoted(cell.text)}")
    return cell.text.upper()


def limit_window(cell: Cell) -> str:
    """How long a customer's limit counts, in small letters."""
    _refuse_faults(cell)
    window = cell.text.lower()
    if not re.match(PATTERN, window):
        raise ValueError(f"expected show, days such as 7d (1d to {DAYS_MAX}d) or ever, not {quoted(cell.text)}")
    return window


def amount(cell: Cell) -> decimal.Decimal:
    """Money in the main unit, 0 or more."""
    value = number(cell, "an amount such as 12.90")
    if value < 0:
        raise ValueError(f"expected an amount of 0 or more, not {quoted(cell.text)}")
    return value


def whole(least: int, *, most: int = UNITS_MAX, unit: str = "") -> Callable[[Cell], int]:
    """A whole number from `least` to `most`, however its zeros behind the point are written."""
    expected = f"a whole number{unit}"

    def read(cell: Cell) -> int:
        value = number(cell, expected)
        if value != value.to_integral_value():
            raise ValueError(f"expected {expected}, not {quoted(cell.text)}")
        if not least <= value <= most:
            raise ValueError(f"expected {least:,} to {most:,}, not {quoted(cell.text, bare=True)}")
        return int(value)

    return read


def number(cell: Cell, expected: str) -> decimal.Decimal:
    """A number in digits, with a point before its fraction. Digits of full width are digits, too."""
    _refuse_faults(cell)
    if cell.kind is Kind.NUMBER and cell.fault:
        raise ValueError(cell.fault)
    text = unicodedata.normalize("NFKC", cell.text)
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"expected {expected}, not {quoted(cell.text)}")
    return decimal.Decimal(text)


def price_text(minor: int, code_of_currency: str) -> str:
    """An amount in the currency's smallest unit as a person reads it, such as 12.90 CNY."""
    digits = CURRENCY_DIGITS.get(code_of_currency, CURRENCY_DIGITS_DEFAULT)
    return f"{decimal.Decimal(minor).scaleb(-digits):,.{digits}f} {code_of_currency}"


def price_plain(minor: int, code_of_currency: str) -> str:
    """The same as a file has it, such as 12.90."""
    digits = CURRENCY_DIGITS.get(code_of_currency, CURRENCY_DIGITS_DEFAULT)
    return f"{decimal.Decimal(minor).scaleb(-digits):.{digits}f}"


def was_rewritten(text: str) -> bool:
    """Whether a code looks like what a spreadsheet makes of one when it takes it for a number."""
    return bool(_POWER_OF_TEN.fullmatch(text) or _ROUNDED_CODE.fullmatch(text))


def price_minor(value: decimal.Decimal, code_of_currency: str) -> int:
    """The amount in the currency's minor units. Raises ValueError where it has more digits than the currency."""
    digits = CURRENCY_DIGITS.get(code_of_currency, CURRENCY_DIGITS_DEFAULT)
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{code_of_currency} has {digits} digits after the point, not as many as {value}")
    if scaled > PRICE_MAX_MINOR:
        raise ValueError(f"{value} is more than any price")
    return int(scaled)


def _refuse_faults(cell: Cell) -> None:
    if cell.kind is Kind.FAULT:
        raise ValueError(cell.fault)
    if cell.kind is Kind.MOMENT:
        text = cell.text.removesuffix(" 00:00:00")
        raise ValueError(f"the spreadsheet made a date or time of it, {text}; format the column as text, type it anew")


def _code_of_number(cell: Cell) -> str:
    if len(re.sub("[^0-9]", "", cell.text.partition(".")[0])) > CODE_DIGITS:
        raise ValueError(
            f"the spreadsheet made a number of it, {_short(cell)}, and keeps {CODE_DIGITS} digits of one; {_ANEW}"
        )
    if cell.shown is None:
        raise ValueError(
            f"the spreadsheet made a number of it, {_short(cell)}, in a format that is not read here; {_ANEW}"
        )
    # Zeros in front and text around are the code's own; groups, decimals and rounding come from a format for amounts.
    if cell.fault or "," in cell.shown or ("." in cell.shown and cell.shown != cell.text):
        raise ValueError(
            f"the spreadsheet made a number of it, {_short(cell)}, and shows {quoted(cell.shown)}; {_ANEW}"
        )
    return cell.shown


def _refuse_rewritten(text: str) -> None:
    """What spreadsheets make of codes before they save them as CSV."""
    if _POWER_OF_TEN.fullmatch(text):
        raise ValueError(f"the spreadsheet made a number of it, {text}, and its digits are lost; {_ANEW}")
    if _ROUNDED_CODE.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} ends in 0 behind {CODE_DIGITS} digits, as a number does whose last digits the spreadsheet "
            f'lost; where that is the code, write it as ="…"'
        )
    if text.startswith("="):
        raise ValueError(f"{quoted(text)} is a formula; write its result")


def _short(cell: Cell) -> str:
    return quoted(cell.text, bare=True)
