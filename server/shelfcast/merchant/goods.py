"""What an operator says of a SKU that the type of a field cannot hold against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shelfcast.errors import InvalidInput
from shelfcast.origins import Origins
from shelfcast.pictures import image_fault
from shelfcast.protocol.text import line_fault, normalized
from shelfcast.stock.configuration import ALIAS_MAX_CHARACTERS


def check_goods(sku: str, given: Mapping[str, Any], image_origins: Origins, *, within: str = "") -> None:
    """Refuse substitutes that are the SKU itself, names that stand twice, and pictures of foreign origins.

    `given` are fields of `SkuConfig`; `within` is the part of the request that they stand in. That substitutes are in
    the catalogue is for the book to say. Raises InvalidInput.
    """

    def field(name: str) -> str:
        return f"{within}.{name}".strip(".")

    substitutes = given.get("substitutes") or ()
    for place, name in enumerate(substitutes):
        if name == sku:
            raise InvalidInput("expected other SKUs than this one", field=field(f"substitutes[{place}]"))
        if name in substitutes[:place]:
            raise InvalidInput(f"{name!r} stands here twice", field=field(f"substitutes[{place}]"))
    aliases = [normalized(alias) for alias in given.get("aliases") or ()]
    for place, alias in enumerate(aliases):
        fault = line_fault(alias, ALIAS_MAX_CHARACTERS) if alias else "expected a name"
        if alias in aliases[:place]:
            fault = f"{alias!r} stands here twice"
        if fault:
            raise InvalidInput(fault, field=field(f"aliases[{place}]"))
    if url := given.get("image_url"):
        fault = image_fault(url, image_origins)
        if fault:
            raise InvalidInput(fault, field=field("image_url"))
