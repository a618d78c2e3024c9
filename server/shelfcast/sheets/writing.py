"""Tables as CSV files that spreadsheets open as they are meant, and that `shelfcast import` reads back the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shelfcast.sheets.catalogue import COLUMNS
from shelfcast.sheets.values import price_plain, was_rewritten

BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that the file is UTF-8."""
CATALOGUE_COLUMNS = ("sku", *(column.name for column in COLUMNS if column.part == "config"))

_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")
_RUNS = re.compile(r"[=+@'\x00-\x1f]")


def csv_header(columns: Sequence[str]) -> bytes:
    """The begin of a file: the mark of its encoding and the columns' names."""
    return BYTE_ORDER_MARK.encode() + csv_rows([columns])


def csv_rows(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Rows of a file. Numbers stand as they are; text is kept from running as a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def catalogue_rows(articles: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Rows below CATALOGUE_COLUMNS: SKU, and its configuration by the names of `SkuConfig`."""
    return csv_rows([_article(sku, config) for sku, config in articles])


def neutral(text: str) -> str:
    """Text that no spreadsheet runs: where it begins like a formula, a `'` stands before it, which import takes off."""
    runs = _RUNS.match(text) or (text.startswith("-") and not _NUMBER.fullmatch(text))
    return f"'{text}" if runs else text


def _cell(value: str | int | _Exact | None) -> str | int:
    if value is None:
        return ""
    return neutral(value) if type(value) is str else value


class _Exact(str):
    """Text that stands in the file as it is."""

    __slots__ = ()


def _article(sku: str, config: Mapping[str, Any]) -> list[str | int | None]:
    shown = {
        **config,
        "price_minor": _Exact(price_plain(config["price_minor"], config["currency"])),
        "barcode": code_text(config["barcode"]),
        "substitutes": _codes(config["substitutes"]),
        "aliases": ", ".join(config["aliases"]),
    }
    return [code_text(sku), *(shown[column.key] for column in COLUMNS if column.part == "config")]


def _codes(skus: Sequence[str]) -> str:
    """Several codes in a cell, with a | between; one of their own is written twice."""
    return (
        code_text(skus[0].replace("|", "||")) if len(skus) == 1 else " | ".join(sku.replace("|", "||") for sku in skus)
    )


def code_text(text: str) -> str:
    """A code, so that whoever reads it as a number by mistake is told not to: `="…"` is how exports say text."""
    return _Exact(f'="{text}"') if was_rewritten(text) else text
