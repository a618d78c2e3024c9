"""The minute series of a show: what is kept of each minute.

A SKU's row holds the values at the minute's end, and is kept only for minutes in which one of them changed: what a
minute lacks, the one before it says. Beside them stands what the pages showed then, likewise: level, pace and terms of
each SKU, and the notice. Docs: docs/rules.md#series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

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


class SkuShown(NamedTuple):
    """How a SKU stood at a minute's end: its level (`protocol.states.Level`), and its pace in units a minute, False
    where none was told yet. Of one that was not on the shelf any more the level is empty."""

    level: str
    units_a_minute: float | bool


GONE = SkuShown("", False)
"""A SKU that is not on the shelf any more."""


class SkuTerms(NamedTuple):
    """What a SKU was called and cost at a minute's end, in the currency's minor units; `link` is 0 where it had none,
    `place` its place on the shelf, from 1."""

    place: int
    link: int
    title: str
    price_minor: int
    currency: str


SHOWN, TERMS, NOTICE = "s", "t", "n"
"""Kinds of rows of what was shown: SkuShown, SkuTerms, and (of the show) the standing notice, empty without one."""
KIND_APART = "\x1f"
"""Stands before the kind and behind it, in front of the SKU."""


def shown_name(kind: str, sku: str) -> str:
    """What a row of what was shown is called when it is to be kept (stock/library/series.lua)."""
    return f"{KIND_APART}{kind}{KIND_APART}{sku}"


_decode_shown = msgspec.msgpack.Decoder(SkuShown).decode
_decode_terms = msgspec.msgpack.Decoder(SkuTerms).decode
_decode_notice = msgspec.msgpack.Decoder(tuple[str]).decode


def unpack_shown(blob: bytes) -> SkuShown:
    """How a SKU stood. Raises msgspec.DecodeError."""
    return _decode_shown(blob)


def unpack_terms(blob: bytes) -> SkuTerms:
    """A SKU's terms. Raises msgspec.DecodeError."""
    return _decode_terms(blob)


def unpack_notice(blob: bytes) -> str:
    """The notice that stood. Raises msgspec.DecodeError."""
    return _decode_notice(blob)[0]


_decode_sku = msgspec.msgpack.Decoder(SkuMinute).decode
_decode_show = msgspec.msgpack.Decoder(ShowMinute).decode


def unpack(blob: bytes) -> SkuMinute:
    """A SKU's row as it is kept, in 5 to 37 bytes. Raises msgspec.DecodeError."""
    return _decode_sku(blob)


def unpack_show(blob: bytes) -> ShowMinute:
    """The same of a show. Raises msgspec.DecodeError."""
    return _decode_show(blob)


_Row = TypeVar("_Row", SkuMinute, SkuShown, SkuTerms)


def changed(before: Mapping[str, _Row], now: Mapping[str, _Row]) -> Sequence[tuple[str, _Row]]:
    """The SKUs whose row differs from the one that was kept last."""
    return [(sku, row) for sku, row in now.items() if before.get(sku) != row]
