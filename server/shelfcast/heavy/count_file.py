"""A count sheet that was filled in, as a job: its rows become lines of the count, some at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shelfcast.errors import EngineUnavailable, InvalidInput
from shelfcast.heavy.catalogue_file import of_the_query, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.count_refusals import why_not_saved
from shelfcast.merchant.counts import Found, claim, save_line, steps
from shelfcast.protocol.codes import Code
from shelfcast.sheets.count_sheet import FilledIn, SheetFault, SheetLine, read_count_sheet
from shelfcast.sheets.times import DateOrder
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountState
from shelfcast.stock.outcomes import Outcome

COUNT_FILE = "count_file"
LINES_A_STEP = 100
"""Lines that are saved at a time: some 4 ms of the book's."""
FAULTS_MAX = 1_000
"""Faults that are listed; all are counted."""
_ENTERED = frozenset({CountState.COUNTING, CountState.REVIEW})
_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


class Options(Struct, frozen=True, kw_only=True):
    """Which count the file is for, and how it is meant."""

    count: str
    name: str
    encoding: str | None = None
    dates: DateOrder | None = None
    sha256: str = ""
    """Of the file: another one is another job."""


class CountFile:
    """Saves the rows of a filled-in sheet as lines of whoever sent it. Its progress counts rows.

    Begun again it finds the lines that it has made: their key is the job's name and the line of the file.
    """

    name = COUNT_FILE

    async def run(self, work: Work) -> dict[str, Any]:
        """What became of the rows: see `http.routes.count_items.CountFileRead`."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        content = await work.jobs.upload(work.job.upload, work.settings.upload_max_bytes)
        await self._check_state(work.book, options.count)
        sheet = await to_the_end(lambda: _read(content, options))
        saving = _Saving(work.book, options.count, work.job.asked_by, work.job.id)
        faults, done = list(sheet.faults), 0
        for some in steps(sheet.lines, LINES_A_STEP):
            begun = perf_counter()
            faults += await saving.save(some)
            done += len(some)
            work.progress.say(done, len(sheet.lines))
            # The book is everybody's: between two steps those who buy have it as long as the step had.
            await asyncio.sleep(perf_counter() - begun)
        faults.sort()
        return {
            "saved": saving.saved,
            "added": saving.added,
            "uncounted": sheet.uncounted,
            "faults": [fault._asdict() for fault in faults[:FAULTS_MAX]],
            "fault_count": len(faults),
            "notes": list(map(of_the_query, sheet.notes)),
        }

    async def _check_state(self, book: StockBook, count: str) -> None:
        """Raises InvalidInput where nobody enters anything on the count."""
        record = await book.count(count)
        if record is None:
            raise InvalidInput("the count is not kept any more", field="count")
        if record.state not in _ENTERED:
            raise InvalidInput(f"the count is {record.state}: nothing is entered on it", field="state")


def _read(content: bytes, options: Options) -> FilledIn:
    try:
        return read_count_sheet(content, options.name, encoding=options.encoding, dates=options.dates)
    except InvalidInput as why:
        raise InvalidInput(of_the_query(str(why)), field=why.field) from None


class _Saving:
    """Lines of a file on their way into a count."""

    def __init__(self, book: StockBook, count: str, user: str, key: str) -> None:
        self._book = book
        self._count = count
        self._user = user
        self._key = key
        self.saved = 0
        self.added = 0

    async def save(self, lines: Sequence[SheetLine]) -> list[SheetFault]:
        """Save these; what is wrong with those that were not. Raises EngineUnavailable where the book did not decide,
        InvalidInput where nothing can be entered on the count."""
        lines = await self._named_as_the_pool_does(lines)
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

    async def _named_as_the_pool_does(self, lines: Sequence[SheetLine]) -> list[SheetLine]:
        """With the SKUs as they are written, where the pool has them so, and composed where it has not."""
        written = {line.written for line in lines if line.written}
        there = await self._book.sku_configs(sorted(written)) if written else {}
        return [replace(line, sku=line.written) if line.written in there else line for line in lines]

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
        found = Found(
            sku=line.sku,
            zone=line.zone,
            lot=line.lot,
            expires_on=line.expires_on,
            good=line.good,
            bad=line.bad,
            note=line.note,
        )
        return await save_line(self._book, self._count, found, self._user, once=f"{self._key}:{line.line}")

    def _check(self, outcome: Outcome) -> None:
        if outcome.code in _NOT_DONE:
            raise EngineUnavailable("the book did not decide about lines of a count")
        if outcome.code is Code.NOT_FOUND and outcome.field == "count":
            raise InvalidInput("the count is not kept any more", field="count")
