"""The audit of the waitlists: who waits stands on every list that says so, once, and is counted with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.stock import library

PAGES = ("skus", "waits", "users")
PAGE = 250
"""About so many SKUs, waits or users are looked at in one call of the engine: some 2 ms of it."""


class Wrong(Struct, array_like=True, frozen=True):
    """Something that does not agree: which check says so, of which wait or SKU, and where it should stand or does; for
    counts, what is `counted` and what is `found`."""

    check: str
    subject: str
    of: str
    counted: int = 0
    found: int = 0


_decode_page = msgspec.msgpack.Decoder(tuple[str, int, list[Wrong]]).decode

_SAYS: dict[str, Callable[[Wrong], str]] = {
    "list": lambda wrong: f"waits for {wrong.of}, and is not on the list of its room",
    "order": lambda wrong: f"waits for {wrong.of}, and has no turn",
    "user": lambda wrong: f"waits, and is not among what {wrong.of} waits for once",
    "twice": lambda wrong: f"is not the only wait of {wrong.of} for its SKU",
    "index": lambda wrong: f"is among what {wrong.of} waits for, and does not wait",
    "group": lambda wrong: f"{wrong.counted} people wait in {wrong.of} by their count, {wrong.found} by their list",
    "count": lambda wrong: f"{wrong.counted} people wait by the SKU's count, {wrong.found} by {wrong.of}",
    "owed": lambda wrong: f"{wrong.counted} orders are owed units by the SKU's count, {wrong.found} by their queues",
    "known": lambda wrong: "is not where it says whether anybody waits for it",
}


def said(wrong: Wrong) -> str:
    """What is wrong, in words."""
    return _SAYS[wrong.check](wrong)


async def wrong_waits(engine: Engine, base: str) -> AsyncIterator[tuple[int, list[Wrong]]]:
    """Go through the waitlists of a pool whose keys begin with `base`, page by page: waits that stand, and what is
    wrong. Each page is of one moment. Raises EngineError."""
    for what in PAGES:
        cursor = "0"
        while True:
            cursor, standing, found = _decode_page(await engine.call(library.AUDIT_WAITS, base, what, cursor, PAGE))
            yield standing, found
            if cursor == "0":
                break
