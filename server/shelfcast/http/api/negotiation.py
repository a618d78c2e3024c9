"""Which of several media types answers a request: Accept by RFC 9110 §12.5.1. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
RANGES_MAX = 64
"""Ranges of a request that are looked at."""


def chosen(accept: Iterable[str], offered: Sequence[str]) -> str | None:
    """The offered media type that the Accept headers like best, the first of equals; None where they take none.

    Without such a header everything is taken. What is no media range is passed over, and so are the parameters of one.
    """
    ranges = dict(filter(None, map(_range, [part for header in accept for part in header.split(",")][:RANGES_MAX])))
    if not ranges:
        return offered[0]
    liked = {kind: _quality(kind, ranges) for kind in offered}
    best = max(offered, key=lambda kind: liked[kind])
    return best if liked[best] > 0 else None


def _range(text: str) -> tuple[str, float] | None:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    if not re.fullmatch(r"[^\s/]+/[^\s/]+", name):
        return None
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return (name, float(value)) if _QUALITY.fullmatch(value.strip()) else None
    return name, 1.0


def _quality(kind: str, ranges: dict[str, float]) -> float:
    """What the most exact range says of a type."""
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
