"""The catalogue as it goes out, and as `catalogue` reads it back: the same to the last character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shelfcast.sheets.catalogue import BY_NAME, COLUMNS
from shelfcast.sheets.columns import Column, Form, Money, Naming, Table, Value

_WIDTHS = {"sku": 20, "title": 36, "barcode": 16, "substitutes": 24, "aliases": 24, "image_url": 30}
_FORMS = {
    "sku": Form.CODE,
    "barcode": Form.CODE,
    "price": Form.MONEY,
    "elastic_release_at": Form.WHOLE,
    "safety_units": Form.WHOLE,
    "substitutes": Form.CODE,
}
_NAMES = ("sku", *(column.name for column in COLUMNS if column.part == "config"))
# What they are called is how they are known when they come back, in whichever language they are read.
CATALOGUE = Table(
    "catalogue",
    Naming("catalogue", "商品"),
    [Column(name, Naming(name, name), _FORMS.get(name, Form.TEXT), _WIDTHS.get(name, 12)) for name in _NAMES],
    (),
)
"""The catalogue, without its rows."""


def catalogue_row(sku: str, config: Mapping[str, Any]) -> list[Value]:
    """The row of a SKU: its configuration comes by the names of `SkuConfig`."""
    shown = {
        **config,
        "price_minor": Money(config["price_minor"], config["currency"]),
        "substitutes": _codes(config["substitutes"]),
        "aliases": ", ".join(config["aliases"]),
    }
    return [sku, *(shown[BY_NAME[name].key] for name in _NAMES[1:])]


def _codes(skus: Sequence[str]) -> str:
    """Several codes in a cell, with a | between; one of their own is written twice."""
    return " | ".join(sku.replace("|", "||") for sku in skus)
