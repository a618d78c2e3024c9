"""The minute series of a show: what is kept of each minute.

A SKU's row holds the values at the minute's end, and is kept only for minutes in which one of them changed: what a
minute lacks, the one before it says. Docs: docs/rules.md#series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

MINUTES_AN_HOUR = 60


class SkuMinute(NamedTuple):
    """One SKU at a minute's end, in units: what the room can sell, what is in checkouts, what the show has sold net,
    and what was taken since it began (less what was given back)."""

    available: int
    held: int
    sold: int
    taken: int


class ShowMinute(Struct, array_like=True, frozen=True):
    """A show at a minute's end: its viewers, its paid units so far, and its refusals so far by code."""

    viewers: int = 0
    paid: int = 0
    refused: dict[str, int] = {}


class SeriesPoint(NamedTuple):
    """One row of a series: the SKU at the end of the minute that begins at `minute_ms`."""

    minute_ms: int
    sku: str
    at_end: SkuMinute


_decode_sku = msgspec.msgpack.Decoder(SkuMinute).decode
_decode_show = msgspec.msgpack.Decoder(ShowMinute).decode


def unpack(blob: bytes) -> SkuMinute:
    """A SKU's row as it is kept, in 5 to 37 bytes. Raises msgspec.DecodeError."""
    return _decode_sku(blob)


def unpack_show(blob: bytes) -> ShowMinute:
    """The same of a show. Raises msgspec.DecodeError."""
    return _decode_show(blob)


def changed(before: Mapping[str, SkuMinute], now: Mapping[str, SkuMinute]) -> Sequence[tuple[str, SkuMinute]]:
    """The SKUs whose row differs from the one that was kept last."""
    return [(sku, row) for sku, row in now.items() if before.get(sku) != row]
