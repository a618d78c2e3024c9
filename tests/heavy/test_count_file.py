"""A filled-in sheet is read by a job that may be begun twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from shelfcast.engine import Engine
from shelfcast.errors import InvalidInput
from shelfcast.heavy.count_file import CountFile
from shelfcast.heavy.kind import Progress, Work
from shelfcast.merchant import counts
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import BeginCounting, OpenCount
from shelfcast.stock.directory import Directory
from shelfcast.stock.jobs import Jobs
from shelfcast.stock.operations import put

ROWS = 1_100
"""More than two steps."""


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
async def work(engine: Engine, settings: Settings) -> AsyncIterator[Work]:
    """A job about a count of a pool with some SKUs, and its file."""
    await Directory(engine, settings).create_pool("p")
    book, jobs = StockBook(engine, "p", settings), Jobs(engine, "p", settings)
    for n in range(ROWS):
        await book.apply(put(What.SKU, f"s{n:04}", {"title": "Thing"}, by=By(f"d{n}", "wang")))
    await book.apply(OpenCount("c1", "spot", "", "", "", True, 5, 10, "", By("make", "wang")))
    await book.apply(BeginCounting("c1"))
    text = "sku,good\n" + "".join(f"s{n:04},{n % 7}\n" for n in range(ROWS))
    kept = await jobs.keep_upload(pieces(text.encode()))
    parameters = {"count": "c1", "name": "count.csv", "encoding": None, "dates": None, "sha256": ""}
    _, job = await jobs.make("j1", CountFile.name, parameters, asked_by="wang", upload=kept)
    assert job is not None
    yield Work(job=job, jobs=jobs, book=book, settings=settings, progress=Progress())
    await book.close()


async def test_one_that_was_killed_goes_on_without_a_line_twice(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    saved, save_line = 0, counts.save_line

    async def killed(*args: Any, **more: Any) -> Any:
        nonlocal saved
        saved += 1
        if saved > ROWS // 2:
            raise ConnectionError("the process ends here")
        return await save_line(*args, **more)

    monkeypatch.setattr("shelfcast.heavy.count_saving.save_line", killed)
    with pytest.raises(ConnectionError):
        await CountFile().run(work)
    before = await work.book.count("c1")
    assert before is not None
    assert 0 < before.lines < ROWS
    monkeypatch.undo()
    for _ in range(2):
        found = await CountFile().run(work)
        assert (found["saved"], found["faults"]) == (ROWS, [])
        record = await work.book.count("c1")
        assert record is not None
        assert (record.rows, record.lines, record.counted_rows) == (ROWS, ROWS, ROWS)
    assert (work.progress.done, work.progress.total) == (ROWS, ROWS)
    row = await work.book.count_row("c1", "s0013")
    assert row is not None
    assert [(line.good, line.by) for line in row.lines] == [(6, "wang")]


async def test_a_count_that_is_over_takes_no_line(work: Work) -> None:
    await counts.cancel(work.book, "c1", By("cancel", "wang"))
    with pytest.raises(InvalidInput, match="cancelled"):
        await CountFile().run(work)
