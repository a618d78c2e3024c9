"""Lines of a filled-in count sheet become lines of a count, some at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from msgspec.structs import replace

from shelfcast.errors import EngineUnavailable, InvalidInput
from shelfcast.merchant.count_refusals import why_not_saved
from shelfcast.merchant.counts import Found, claim, save_line
from shelfcast.protocol.codes import Code
from shelfcast.sheets.count_sheet import SheetFault, SheetLine
from shelfcast.sheets.platform_orders import PlatformOrder
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountRecord, CountState
from shelfcast.stock.outcomes import Outcome

_ENTERED = frozenset({CountState.COUNTING, CountState.REVIEW})
_Line = TypeVar("_Line", SheetLine, PlatformOrder)
_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


async def check_entered(book: StockBook, count: str) -> CountRecord:
    """The count. Raises InvalidInput where nobody enters anything on it."""
    record = await book.count(count)
    if record is None:
        raise InvalidInput("the count is not kept any more", field="count")
    if record.state not in _ENTERED:
        raise InvalidInput(f"the count is {record.state}: nothing is entered on it", field="state")
    return record


async def named_as_the_pool_does(book: StockBook, lines: Sequence[_Line]) -> list[_Line]:
    """With the SKUs as they are written, where the pool has them so, and composed where it has not."""
    written = {line.written for line in lines if line.written}
    there = await book.sku_configs(sorted(written)) if written else {}
    return [replace(line, sku=line.written) if line.written in there else line for line in lines]


class CountSaving:
    """Lines of a file on their way into a count. Each is made once a `key`; those of `instead` say anew what stands on
    a line of the same person: by the file's line, its number."""

    def __init__(
        self, book: StockBook, count: str, user: str, key: str, instead: Mapping[int, int] = MappingProxyType({})
    ) -> None:
        self._book = book
        self._count = count
        self._user = user
        self._key = key
        self._instead = instead
        self.saved = 0
        self.added = 0

    async def save(self, lines: Sequence[SheetLine]) -> list[SheetFault]:
        """Save these; what is wrong with those that were not. Raises EngineUnavailable where the book did not decide,
        InvalidInput where nothing can be entered on the count."""
        lines = await named_as_the_pool_does(self._book, lines)
        left_out = await self._add(list(dict.fromkeys(line.sku for line in lines)))
        faults = [SheetFault(line.line, line.sku, left_out[line.sku]) for line in lines if line.sku in left_out]
        to_save = [line for line in lines if line.sku not in left_out]
        outcomes = await asyncio.gather(*[self._save(line) for line in to_save])
        for line, outcome in zip(to_save, outcomes, strict=True):
            self._check(outcome)
            if outcome.code is Code.OK:
                self.saved += 1
            else:
                faults.append(SheetFault(line.line, line.sku, why_not_saved(outcome)))
        return faults

    async def _add(self, skus: list[str]) -> dict[str, str]:
        """Put SKUs on the count; why those that cannot be are left out."""
        on = await self._book.counting(skus)
        missing = [sku for sku in skus if on.get(sku) != self._count]
        left_out = {sku: f"it is counted on {on[sku]}" for sku in missing if sku in on}
        missing = [sku for sku in missing if sku not in on]
        known = await self._book.sku_configs(missing)
        left_out |= dict.fromkeys((sku for sku in missing if sku not in known), "the pool has no such SKU")
        missing = [sku for sku in missing if sku in known]
        if not missing:
            return left_out
        claimed = await claim(self._book, self._count, missing)
        self._check(claimed.outcome)
        if claimed.outcome.code is not Code.OK:
            return left_out | dict.fromkeys(missing, why_not_saved(claimed.outcome))
        left_out |= {sku: f"it is counted on {other}" for sku, other in claimed.elsewhere}
        self.added += sum(sku not in left_out for sku in missing)
        return left_out

    async def _save(self, line: SheetLine) -> Outcome:
        instead, once = self._instead.get(line.line, 0), f"{self._key}:{line.line}"
        found = Found(
            sku=line.sku,
            zone=line.zone,
            lot=line.lot,
            expires_on=line.expires_on,
            good=line.good,
            bad=line.bad,
            note=line.note,
        )
        if instead:
            return await save_line(self._book, self._count, found, self._user, line=instead)
        return await save_line(self._book, self._count, found, self._user, once=once)

    def _check(self, outcome: Outcome) -> None:
        if outcome.code in _NOT_DONE:
            raise EngineUnavailable("the book did not decide about lines of a count")
        if outcome.code is Code.NOT_FOUND and outcome.field == "count":
            raise InvalidInput("the count is not kept any more", field="count")
