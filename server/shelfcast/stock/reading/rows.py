"""What the engine answers, as Python has it: fields and values of hashes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shelfcast.stock.places import COUNTERS, NO_UNITS, Buckets


def pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    """[name, value, name, value, …] as pairs."""
    return list(zip(flat[::2], flat[1::2], strict=True))


def buckets_from(fields: list[tuple[Any, Any]]) -> Buckets:
    """A SKU's units by bucket and account, from its hash."""
    named = ((text(name), units) for name, units in fields)
    return {name: int(units) for name, units in named if not name.startswith(NO_UNITS)}


def counters_from(fields: list[tuple[Any, Any]]) -> Counter[str]:
    """What a SKU's hash counts beside its units (stock/library/counters.lua): `taken:pool` and its like."""
    named = ((text(name), units) for name, units in fields)
    return Counter({name: int(units) for name, units in named if name.startswith(COUNTERS)})


def text(name: bytes | str) -> str:
    """A name of either kind."""
    return name.decode() if isinstance(name, bytes) else name
