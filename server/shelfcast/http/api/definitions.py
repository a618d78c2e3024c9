"""Writing definitions: PUT states the whole of one, PATCH merges into it (RFC 7396)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call
from shelfcast.http.api.outcomes import applied
from shelfcast.protocol.text import sku_fault
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Put, put

_STATE_OF_A_SHOW: Mapping[What, frozenset[str]] = {What.ROOM: frozenset({"status", "spotlight"})}
"""What a running show has become is no part of its definition: a PUT that does not name it leaves it alone."""

_NOT_CONFIGURATION = frozenset({"sku", "opening", "pool"})
"""Fields of bodies that say which thing is meant, or what is to happen besides."""

_TEXTS = frozenset({"title", "barcode", "category"})
"""Fields that people write and search: kept in one form, as a spreadsheet's are."""


def merge_op(what: What, key: str, body: DefinitionBody, *, parent: str = "") -> Put:
    """Set the fields the body gives and clear those it gives as null; leave the others."""
    return put(what, key, _given(body), parent=parent)


def replace_op(what: What, key: str, body: DefinitionBody, *, parent: str = "") -> Put:
    """Set the fields the body gives and clear all others."""
    kept = _NOT_CONFIGURATION | _STATE_OF_A_SHOW.get(what, frozenset())
    defaults: dict[str, Any] = {name: None for name in body.__struct_fields__ if name not in kept}
    return put(what, key, defaults | _given(body), parent=parent)


async def write_definition(book: StockBook, call: Call, what: What, key: str, *, parent: str = "") -> None:
    """Carry out a PUT or PATCH with the call's body. Raises Refusal."""
    make = merge_op if call.request.method == "PATCH" else replace_op
    await applied(book, make(what, key, call.body, parent=parent))


async def check_new_skus(book: StockBook, skus: Sequence[tuple[str, str]]) -> None:
    """Refuse a SKU that could be taken for another: in another normal form, or with what cannot be seen in it.

    `skus` are pairs of the SKU and its field. What the pool has under such a name already can be changed and sold.
    Raises InvalidInput.
    """
    for sku, field in skus:
        fault = sku_fault(sku)
        if fault and await book.sku(sku) is None:
            raise InvalidInput(fault, field=field)


def _given(body: DefinitionBody) -> dict[str, Any]:
    """The fields the body names; None is null, which sets the default."""
    return {
        name: unicodedata.normalize("NFC", value) if name in _TEXTS and isinstance(value, str) else value
        for name in body.__struct_fields__
        if name not in _NOT_CONFIGURATION and (value := getattr(body, name)) is not msgspec.UNSET
    }
