"""What customers of a show asked for and did not get: statistics that every process adds to, and that say "at least"
(stock/library/refusals.lua)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec
from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.protocol.codes import Code
from shelfcast.stock import library
from shelfcast.stock.reading.rows import pairs

LACK_OF_STOCK = frozenset({Code.SOLD_OUT, Code.ALL_HELD, Code.INSUFFICIENT, Code.BATCH_EXHAUSTED})
"""Codes of demand that more units would have met."""
GROUPS_A_CALL_MAX = 500
"""Groups whose people one engine call counts: so many take it some milliseconds."""

_US = "\x1f"
_encode = msgspec.msgpack.Encoder().encode
_decode_people = msgspec.msgpack.Decoder(list[int]).decode


class RefusedRow(Struct, array_like=True, frozen=True):
    """Reservations of a show that were refused with one code: how often, the units asked for, and digests of whose
    they were, each at least once."""

    show: str
    sku: str
    code: Code
    count: int
    units: int
    users: list[str]


class Refused(Struct, frozen=True, kw_only=True):
    """Refused attempts: how many, the units they asked for together, and how many people made them. Who asks three
    times counts three times in the first two. `people` is an estimate, within 1 % or so."""

    count: int
    units: int
    people: int


class RefusedCode(Refused, frozen=True, kw_only=True):
    """The same of one code."""

    code: Code


class RefusedSku(Struct, frozen=True, kw_only=True):
    """A SKU's refusals by code. `lack_of_stock` are those that more units would have met, each person once."""

    sku: str
    codes: list[RefusedCode]
    lack_of_stock: Refused


class ShowRefusals(Struct, frozen=True, kw_only=True):
    """A show's refusals: by code in all, and of a page of SKUs; `next` is the SKU that the next page is behind.
    `lack_of_stock` are those of the whole show that more units would have met, each person once."""

    codes: list[RefusedCode]
    lack_of_stock: Refused
    skus: list[RefusedSku]
    next: str | None


class _Row(Struct, frozen=True):
    """A row as the engine stores it; SKU "" is the show's total."""

    sku: str
    code: Code
    count: int
    units: int


class Refusals:
    """Reads the refusals of one pool's shows."""

    def __init__(self, engine: Engine, base: str) -> None:
        self._engine = engine
        self._base = base

    async def of_show(self, show: str, *, after: str = "", limit: int = 100) -> ShowRefusals:
        """A show's refusals: the totals, and the first `limit` SKUs behind `after`, by name. Nothing is there of a show
        without any, and of one that ended longer ago than they are kept. Raises EngineError."""
        key = f"{self._base}:refused:{show}"
        rows = _rows(await self._engine.command("HGETALL", key, key=key))
        totals = [row for row in rows if not row.sku]
        of_sku = {sku: list(some) for sku, some in groupby((r for r in rows if r.sku > after), lambda r: r.sku)}
        page = list(of_sku)[:limit]
        groups = [[row] for row in totals]
        groups.append([row for row in totals if row.code in LACK_OF_STOCK])
        for sku in page:
            groups += [[row] for row in of_sku[sku]]
            groups.append([row for row in of_sku[sku] if row.code in LACK_OF_STOCK])
        people = iter(await self._people(show, groups))
        codes = [_of_code(row, next(people)) for row in totals]
        of_all = _lack(codes, next(people))
        skus = []
        for sku in page:
            of_code = [_of_code(row, next(people)) for row in of_sku[sku]]
            skus.append(RefusedSku(sku=sku, codes=of_code, lack_of_stock=_lack(of_code, next(people))))
        return ShowRefusals(
            codes=codes, lack_of_stock=of_all, skus=skus, next=page[-1] if len(of_sku) > limit else None
        )

    async def _people(self, show: str, groups: Sequence[Sequence[_Row]]) -> list[int]:
        found: list[int] = []
        for first in range(0, len(groups), GROUPS_A_CALL_MAX):
            named = [[(row.sku, row.code) for row in group] for group in groups[first : first + GROUPS_A_CALL_MAX]]
            raw = await self._engine.call(library.REFUSED_PEOPLE, self._base, show, _encode(named))
            found += _decode_people(raw)
        return found


def _lack(codes: Sequence[RefusedCode], people: int) -> Refused:
    short = [refused for refused in codes if refused.code in LACK_OF_STOCK]
    count, units = sum(refused.count for refused in short), sum(refused.units for refused in short)
    return Refused(count=count, units=units, people=people)


def _of_code(row: _Row, people: int) -> RefusedCode:
    return RefusedCode(code=row.code, count=row.count, units=row.units, people=people)


def _rows(flat: list[bytes]) -> list[_Row]:
    """By SKU, then by code; a code that this release does not know is left out."""
    rows = []
    for field, value in pairs(flat):
        sku, _, code = field.decode().rpartition(_US)
        if code in Code.__members__:
            count, _, units = value.partition(b" ")
            rows.append(_Row(sku, Code(code), int(count), int(units)))
    return sorted(rows, key=lambda row: (row.sku, row.code))
