"""A ledger as a workbook, as a job. The file is kept in the engine, where every process that serves can reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from shelfcast.errors import EntriesArchived, InvalidInput
from shelfcast.exports.fields import columns_of, rows_of
from shelfcast.exports.ledger_table import FIELDS, TITLES
from shelfcast.exports.paged_workbook import Rows, SheetHead, TemporaryFile, write_pages
from shelfcast.heavy.kind import Work
from shelfcast.merchant.ledger import Stretch, entries_of, stretch
from shelfcast.sheets.columns import Language
from shelfcast.sheets.workbooks import ROWS_MAX, WorkbookFile
from shelfcast.stock.jobs import JobState
from shelfcast.stock.records import Stream

LEDGER_PAGE = 2_000
PIECE_BYTES = 65_536
FILES_KEPT = 3
"""Of a pool, as long as their jobs are: more would fill the engine, for each may be long."""


class Options(Struct, frozen=True, kw_only=True):
    """Which ledger, which time, and the language of its columns' names."""

    stream: Stream
    from_ms: int | None = None
    to_ms: int | None = None
    lang: Language | None = None


class LedgerFile:
    """Writes a stretch of a ledger as a workbook. Its progress counts entries. The result names the file that was
    kept."""

    name = "ledger_file"

    async def run(self, work: Work) -> dict[str, Any]:
        """`file` (`Jobs.kept_pieces`), its `rows` and `bytes`. Raises InvalidInput where it is too long."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        try:
            part = await stretch(work.book, options.stream, options.from_ms, options.to_ms)
        except EntriesArchived as error:
            raise InvalidInput(str(error), field="from_ms") from error
        if part.length > ROWS_MAX:
            raise InvalidInput(
                f"the ledger has {part.length:,} entries of that time, and a sheet has {ROWS_MAX:,} rows; ask for less "
                "time, or for CSV",
                field="from_ms",
            )
        await _drop_all_but(work, FILES_KEPT - 1)
        with TemporaryFile() as file:
            await _write(work, file, part, options.lang or Language.EN)
            size, most = file.stat().st_size, work.settings.export_max_bytes
            if size > most:
                raise InvalidInput(
                    f"the workbook has {size:,} bytes, and may have {most:,} (export_max_bytes); ask for less time, or "
                    "for CSV",
                    field="from_ms",
                )
            kept = await work.jobs.keep_upload(_pieces(file))
        return {"file": kept, "rows": part.length, "bytes": size}


async def _drop_all_but(work: Work, most: int) -> None:
    """Forget the files of earlier jobs but for the last ones."""
    earlier = [job for job in await work.jobs.all() if job.kind == LedgerFile.name and job.state is JobState.DONE]
    for job in earlier[: max(0, len(earlier) - most)]:
        result = await work.jobs.result(job.id)
        if result is not None:
            await work.jobs.drop_upload(msgspec.json.decode(result)["file"])


async def _write(work: Work, file: Path, part: Stretch, language: Language) -> None:
    zone = ZoneInfo((await work.book.pool_config()).time_zone)

    async def pages() -> AsyncIterator[Sequence[Rows]]:
        done = 0
        async for entries in entries_of(work.book, part, LEDGER_PAGE):
            yield [await asyncio.to_thread(rows_of, FIELDS, entries, language)]
            done += len(entries)
            work.progress.say(done, part.length)

    title = TITLES[part.stream].of(language)
    book = WorkbookFile(file, zone=zone, made_at_ms=work.job.made_at_ms, title=title, language=language)
    await write_pages(book, [SheetHead(title, columns_of(FIELDS))], pages())


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            yield piece
