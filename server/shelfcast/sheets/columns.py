"""Tables that go out: their columns, named in both languages, and their rows, whatever file they become. No I/O."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


class Language(StrEnum):
    """Which language the columns of a sheet are named in."""

    EN = "en"
    ZH = "zh"


class Form(StrEnum):
    """What the cells of a column are. Spreadsheets never make anything else of them."""

    TEXT = "text"
    CODE = "code"
    """Text that looks like a number often: a SKU, a barcode."""
    WHOLE = "whole"
    DECIMAL = "decimal"
    SHARE = "share"
    """A part of a whole, from 0 to 1; people see per cent."""
    MONEY = "money"
    TIME = "time"
    """Milliseconds since 1970; people see the time where the goods are sold."""


class Money(NamedTuple):
    """An amount in the currency's minor units."""

    minor: int
    currency: str


class Cell(NamedTuple):
    """A cell that is not of its column's form."""

    form: Form
    value: Value


Value = str | int | float | Money | Cell | None
"""What a cell has, by its form; None: nothing, which is not 0."""


class Naming(NamedTuple):
    """What something is called in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """Its name."""
        return self.zh if language is Language.ZH else self.en


class Column(NamedTuple):
    """A column: `key` is what programs call it, `width` is in characters."""

    key: str
    title: Naming
    form: Form = Form.TEXT
    width: int = 12


class Table(NamedTuple):
    """A table: `name` is what programs call it, `title` what a person does."""

    name: str
    title: Naming
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]

    def header(self, language: Language) -> list[str]:
        """What its columns are called."""
        return [column.title.of(language) for column in self.columns]


def local_time(at_ms: int, zone: ZoneInfo) -> dt.datetime:
    """The time on the clocks of a zone, to the second, without its zone: spreadsheets know none."""
    return dt.datetime.fromtimestamp(at_ms // 1000, zone).replace(tzinfo=None)
