"""Columns of tables, each with what it has of a row's object. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shelfcast.exports.words import word, yes_or_no
from shelfcast.sheets.columns import Column, Form, Language, Naming, Table, Value

Field = tuple[Column, Callable[[Any, Language], Value]]
"""A column, and what it has of a row's object."""


def table_of(name: str, title: Naming, fields: Sequence[Field], objects: Iterable[Any], language: Language) -> Table:
    """A table with a row for each object; words in its cells are of the language."""
    return Table(name, title, columns_of(fields), rows_of(fields, objects, language))


def columns_of(fields: Sequence[Field]) -> list[Column]:
    """The columns alone."""
    return [column for column, _ in fields]


def header_of(fields: Sequence[Field], language: Language | None) -> list[str]:
    """What they are called; to programs (None) the same in every language."""
    return [column.key if language is None else column.title.of(language) for column, _ in fields]


def rows_of(fields: Sequence[Field], objects: Iterable[Any], language: Language) -> list[list[Value]]:
    """The rows alone."""
    return [[of(it, language) for _, of in fields] for it in objects]


def field(
    key: str, en: str, zh: str, of: Callable[[Any], Value] | None = None, form: Form = Form.TEXT, width: int = 12
) -> Field:
    """A column of an attribute, or of what `of` makes of the row's object."""
    read = of if of is not None else lambda it: getattr(it, key)
    return Column(key, Naming(en, zh), form, width), lambda it, _: read(it)


def whole(key: str, en: str, zh: str, of: Callable[[Any], Value] | None = None, width: int = 9) -> Field:
    """A column of whole numbers."""
    return field(key, en, zh, of, Form.WHOLE, width)


def time(key: str, en: str, zh: str, of: Callable[[Any], Value] | None = None) -> Field:
    """A column of times: of the attribute `<key>_ms`, or of what `of` says."""
    return field(key, en, zh, of or (lambda it: getattr(it, f"{key}_ms")), Form.TIME, 19)


def word_of(key: str, en: str, zh: str, width: int = 12) -> Field:
    """A program's word, in words of the language."""
    return Column(key, Naming(en, zh), width=width), lambda it, language: word(getattr(it, key) or "", language)


def flag(key: str, en: str, zh: str) -> Field:
    """A column of yes and no."""
    return Column(key, Naming(en, zh), width=10), lambda it, language: yes_or_no(getattr(it, key), language)
