"""The duty that has reports written: when a show has ended, and once nothing of it is pending."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from duty.conftest import MakeProcess, Process
from heavy_work import heavy_work
from shelfcast.archive.store import ArchiveStore
from shelfcast.duty.write_reports import LAST_MINUTE_MS, lacks_last_minute
from shelfcast.engine import Engine
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant.report_archive import SHOW_REPORT, is_intact
from shelfcast.merchant.report_items import Report
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.alert_operations import KeepMinute
from shelfcast.stock.configuration import What
from shelfcast.stock.jobs import Jobs, JobState
from shelfcast.stock.operations import Confirm, Reserve, put
from shelfcast.stock.reading.shows import SeriesKept
from shelfcast.stock.reports import ReportRecord, ReportState
from shelfcast.stock.show import ShowRecord
from shop import Shop
from shows import become, sell, show_of
from waiting import WAIT_S

CONTINUE_MS = 600_000
NEWEST = 9_999_999_999_999
"""A fence that is newer than the lease's."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    # Holds outlive what the tests do with the clock.
    return msgspec.structs.replace(settings, hold_ms=864_000_000)


@pytest.fixture
async def worked(engine: Engine, settings: Settings) -> AsyncIterator[None]:
    async with heavy_work(engine, settings):
        yield


async def until_true(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask the book again and again until it says so."""
    async with asyncio.timeout(WAIT_S):
        while not await condition():
            pass


async def reported(shop: Shop, state: ReportState, show: str = "evening.1") -> ReportRecord:
    """The show has a report in this state."""

    async def is_there() -> bool:
        return getattr(await shop.book.report_record(show), state) is not None

    await until_true(is_there)
    return await shop.book.report_record(show)


async def read(settings: Settings, record: ReportRecord, state: ReportState) -> Report:
    mark = getattr(record, state)
    content = await ArchiveStore(settings).get(mark.name)
    assert content is not None
    assert is_intact(content)
    report = msgspec.json.decode(content, type=Report)
    assert (report.state, report.checksum, report.seq) == (state, mark.checksum, mark.seq)
    return report


async def test_a_show_is_reported_when_it_has_ended_and_for_good_once_nothing_is_pending(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    await shop.receive(100)
    await sell(shop, "paid", "evening", 5)
    await shop.ok(Reserve("open", "evening", "mug", 3, "li"))
    process.keeper.start()
    await become(shop, "evening", "ended")
    record = await reported(shop, ReportState.PROVISIONAL)
    assert (record.pending, record.final) == (["open"], None)
    report = await read(settings, record, ReportState.PROVISIONAL)
    assert (report.totals.stock.sold, report.totals.pending) == (5, 3)
    # It waits for the hold, however long the show has been over.
    await shop.advance(2 * CONTINUE_MS)
    await shop.ok(Confirm("open"))
    record = await reported(shop, ReportState.FINAL)
    report = await read(settings, record, ReportState.FINAL)
    assert (report.totals.stock.sold, report.totals.pending, record.pending) == (8, 0, [])
    [row] = (await shop.book.histories(["mug"]))["mug"]
    assert (row.show, row.sold, row.closing) == ("evening.1", 8, 100)


async def test_a_hold_that_stays_keeps_the_final_report_back_for_a_day_at_most(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    await shop.receive(10)
    await shop.ok(Reserve("open", "evening", "mug", 3, "li"))
    await become(shop, "evening", "ended")
    process.keeper.start()
    await reported(shop, ReportState.PROVISIONAL)
    await shop.advance(settings.report_final_after_ms + 1_000)
    record = await reported(shop, ReportState.FINAL)
    assert (await read(settings, record, ReportState.FINAL)).totals.pending == 3


async def test_a_final_report_stays_as_it_is_where_its_job_was_lost_behind_it_and_is_begun_again(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    await shop.receive(10)
    await sell(shop, "paid", "evening", 2)
    process.keeper.start()
    await become(shop, "evening", "ended")
    await reported(shop, ReportState.PROVISIONAL)
    await shop.advance(2 * CONTINUE_MS)
    before = await read(settings, await reported(shop, ReportState.FINAL), ReportState.FINAL)
    jobs = Jobs(shop.engine, shop.book.pool, settings)

    async def have_ended() -> bool:
        return all(job.has_ended for job in await jobs.all())

    await until_true(have_ended)
    key = f"{shop.book.base}:history"
    await shop.engine.command("DEL", key, key=key)
    await shop.receive(1)
    await jobs.make("again", SHOW_REPORT, {"show": "evening.1", "state": "final"}, asked_by="book")
    await until_true(have_ended)
    job = await jobs.get("again")
    assert job
    assert job.state is JobState.DONE, job.reason
    assert await read(settings, await shop.book.report_record("evening.1"), ReportState.FINAL) == before
    [row] = (await shop.book.histories(["mug"]))["mug"]
    assert (row.show, row.sold) == ("evening.1", 2)


async def test_a_show_that_goes_on_has_its_report_withdrawn_and_gets_another(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    await shop.receive(10)
    await sell(shop, "first", "evening", 2)
    process.keeper.start()
    await become(shop, "evening", "ended")
    first = await reported(shop, ReportState.PROVISIONAL)
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}, by=By("on", "wang"), continues=True))
    assert (await shop.book.report_record("evening.1")).provisional is None
    await sell(shop, "second", "evening", 3)
    await become(shop, "evening", "ended")
    second = await reported(shop, ReportState.PROVISIONAL)
    assert (first.continued, second.continued) == (0, 1)
    assert (await read(settings, first, ReportState.PROVISIONAL)).totals.stock.sold == 2
    report = await read(settings, second, ReportState.PROVISIONAL)
    assert (report.totals.stock.sold, report.continued, report.pool_totals.difference) == (5, 1, 0)


async def test_two_processes_write_one_report(
    process: Process, make_process: MakeProcess, shop: Shop, worked: None
) -> None:
    await become(shop, "evening", "ended")
    process.keeper.start()
    make_process().keeper.start()
    await reported(shop, ReportState.PROVISIONAL)
    await shop.advance(2 * CONTINUE_MS)
    await reported(shop, ReportState.FINAL)
    ready = [event.data for event in await shop.book.events(0, 1_000) if event.type == "report.ready"]
    assert [event["state"] for event in ready] == ["provisional", "final"]
    pool = await process.pools.get("p")
    assert pool is not None
    jobs = [job for job in await pool.jobs.all() if job.kind == "show_report"]
    assert [job.id for job in jobs] == ["report:evening.1:provisional:0:1", "report:evening.1:final:0:1"]


async def test_nothing_is_lost_while_the_archive_is_away(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    folder = Path(settings.data_dir) / "archive"
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    process.keeper.start()
    await become(shop, "evening", "ended")
    pool = await process.pools.get("p")
    assert pool is not None

    async def has_failed() -> bool:
        return any(job.kind == "show_report" and job.state == "failed" for job in await pool.jobs.all())

    await until_true(has_failed)
    assert (await shop.book.report_record("evening.1")).provisional is None
    folder.unlink()
    record = await reported(shop, ReportState.PROVISIONAL)
    await read(settings, record, ReportState.PROVISIONAL)


async def test_with_its_final_report_the_minutes_of_a_show_go_to_the_archive(
    process: Process, shop: Shop, settings: Settings, worked: None
) -> None:
    """And the report has them, with who watched and what was taken by then."""
    show = await show_of(shop, "evening")
    first = show.started_at_ms // MINUTE_MS
    for n, (left, taken) in enumerate(((10, 0), (7, 3), (4, 6))):
        rows: list[tuple[str, tuple[object, ...]]] = [("mug", (left, 0, taken, taken))]
        await shop.ok(KeepMinute(NEWEST, "evening", show.id, first + n, rows, (taken, []), [], first + n))
    await shop.advance(3 * MINUTE_MS)
    await become(shop, "evening", "ended")
    process.keeper.start()
    record = await reported(shop, ReportState.PROVISIONAL)
    report = await read(settings, record, ReportState.PROVISIONAL)
    assert [(minute.at_ms // MINUTE_MS - first, minute.paid, minute.taken) for minute in report.minutes] == [
        (0, 0, 0),
        (1, 3, 3),
        (2, 6, 6),
    ]
    assert await shop.book.series_hours(show.id)
    await shop.advance(2 * CONTINUE_MS)
    record = await reported(shop, ReportState.FINAL)
    assert (await read(settings, record, ReportState.FINAL)).minutes == report.minutes

    async def is_archived() -> bool:
        return (await shop.book.series_kept(show.id)).archived is not None

    await until_true(is_archived)
    assert await ArchiveStore(settings).list(f"p/shows/{show.id}/minutes")


def test_the_minutes_wait_for_the_one_in_which_the_show_ended() -> None:
    show = ShowRecord(
        id="evening.1", room="evening", n=1, channel="live", started_at_ms=MINUTE_MS, started_seq=1, started_by="li",
        ended_at_ms=10 * MINUTE_MS + 500,
    )  # fmt: skip
    through = {last: SeriesKept(hours=[0], through=last, full_from=None, archived=None) for last in (None, 9, 10)}
    now_ms = 11 * MINUTE_MS + 2_000
    assert lacks_last_minute(show, through[None], now_ms)
    assert lacks_last_minute(show, through[9], now_ms)
    assert not lacks_last_minute(show, through[10], now_ms)
    assert not lacks_last_minute(show, through[9], 11 * MINUTE_MS + LAST_MINUTE_MS), "nobody has watched it"
