"""The audit of the counts: their indexes and numbers are those of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.stock import library
from shelfcast.stock.counts import CountRecord, CountState

PAGE = 250
"""About so many rows are looked at in one call of the engine: some milliseconds of it."""
TRIES = 5
"""How often the rows of a count are summed up where it changes meanwhile; then that is left to the next audit."""

_NUMBERS = ("rows", "lines", "counted_rows", "open_rows", "asking", "recounts", "unreasoned", "differing", "over")
_BEFORE_APPLYING = (CountState.OPENING, CountState.COUNTING, CountState.REVIEW)


class WrongCount(Struct, array_like=True, frozen=True):
    """Something that does not agree: which check says so, of which SKU or count; for numbers, what is `counted` and
    what is `found`."""

    check: str
    subject: str
    of: str = ""
    counted: int = 0
    found: int = 0

    def said(self) -> str:
        """What is wrong, in words."""
        match self.check:
            case "open":
                return f"{self.counted} counts are open by the book's number, {self.found} by their records"
            case "drafts":
                return f"{self.counted} drafts of moves are open by the book's number, {self.found} by their records"
            case "leaving":
                return "SKUs are to leave this count, which was not cancelled"
            case "on":
                return f"is on count {self.of}, which has no such SKU to count"
            case "off":
                return f"is a SKU of count {self.of}, and not on it"
            case "name":
                return f"is a SKU of count {self.of}, and not among its names"
            case number:
                return f"{number} of count {self.of}: {self.counted} by its record, {self.found} by its rows"


_decode_page = msgspec.msgpack.Decoder(tuple[str, list[WrongCount], Any]).decode


async def wrong_counts(engine: Engine, base: str) -> list[WrongCount]:
    """What is wrong with the counts of a pool whose keys begin with `base`. Raises EngineError."""
    wrong: list[WrongCount] = []
    ids: list[str] = []
    async for found, said in _pages(engine, base, "counts"):
        wrong += found
        ids = said
    async for found, _ in _pages(engine, base, "counting"):
        wrong += found
    for id in sorted(ids):  # noqa: A001 - the field's own name
        for _ in range(TRIES):
            found, record, sums = await _rows(engine, base, id)
            wrong += [one for one in found if one not in wrong]
            if record is not None:
                wrong += _compare(record, sums)
                break
    return wrong


async def _rows(engine: Engine, base: str, id: str) -> tuple[list[WrongCount], CountRecord | None, Counter[str]]:  # noqa: A002
    """What is wrong with the rows of a count, its record, and what its rows come to; no record where it has changed
    meanwhile."""
    wrong: list[WrongCount] = []
    sums: Counter[str] = Counter()
    digests, record = set(), None
    async for found, (digest, numbers, record) in _pages(engine, base, "rows", id):  # noqa: B007 - the last one's
        wrong += found
        sums.update(numbers)
        digests.add(digest)
    if not record or len(digests) > 1:
        return wrong, None, sums
    return wrong, msgspec.convert(record, CountRecord), sums


def _compare(record: CountRecord, sums: Counter[str]) -> list[WrongCount]:
    names = _NUMBERS if record.state in _BEFORE_APPLYING else _NUMBERS[:2]
    return [
        WrongCount(name, record.id, record.id, getattr(record, name), sums[name])
        for name in names
        if getattr(record, name) != sums[name]
    ]


async def _pages(engine: Engine, base: str, what: str, *more: str) -> AsyncIterator[tuple[list[WrongCount], Any]]:
    cursor = "0"
    while True:
        raw = await engine.call(library.AUDIT_COUNTS, base, what, cursor, PAGE, *more)
        cursor, wrong, said = _decode_page(raw)
        yield wrong, said
        if cursor == "0":
            return
