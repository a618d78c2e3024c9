"""A count sheet that was filled in, as a job: its rows become lines of the count, some at a time."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.heavy.count_saving import CountSaving, check_entered
from shelfcast.heavy.file_shown import FAULTS_MAX, of_the_query, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.counts import steps
from shelfcast.sheets.count_sheet import FilledIn, read_count_sheet
from shelfcast.sheets.times import DateOrder

COUNT_FILE = "count_file"
LINES_A_STEP = 100
"""Lines that are saved at a time: some 4 ms of the book's."""


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
        await check_entered(work.book, options.count)
        sheet = await to_the_end(lambda: _read(content, options))
        saving = CountSaving(work.book, options.count, work.job.asked_by, work.job.id)
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


def _read(content: bytes, options: Options) -> FilledIn:
    try:
        return read_count_sheet(content, options.name, encoding=options.encoding, dates=options.dates)
    except InvalidInput as why:
        raise InvalidInput(of_the_query(str(why)), field=why.field) from None
