"""A show's pages at any minute: as they were then, from the engine and from the archive alike."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from duty.conftest import MakeProcess, Process
from duty.watch_shows.conftest import Heard, begin_of_a_minute, knows_shelf, watched_rooms
from duty.watch_shows.diary import Diary, page_of
from shelfcast.archive.minutes import MinuteState, cut, followed
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, InvalidInput
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import SkuMinute
from shelfcast.merchant.minutes import SeriesPage
from shelfcast.merchant.show_minutes import Extent, Played, archive_minutes, extent_of, read_minutes
from shelfcast.merchant.show_series import series_hours, series_of_hour
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Confirm, Drop, Reserve, SayNotice, put
from shop import Shop
from waiting import until


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(msgspec.structs.replace(settings, archive_url=str(tmp_path / "archive")))


@pytest.fixture
async def diary(watched: Shop, heard: Heard, process: Process, settings: Settings) -> Diary:
    await begin_of_a_minute(watched, heard)
    made = Diary(watched, process, settings)
    await made.kept(await made.minute() - 1)
    return made


async def become(shop: Shop, status: str, *, continues: bool = False) -> None:
    now = await shop.book.now_ms()
    await shop.ok(put(What.ROOM, "evening", {"status": status}, by=By(f"{status} {now}", "wang"), continues=continues))


async def over_for_good(shop: Shop, settings: Settings) -> None:
    await shop.advance(settings.show_continue_max_ms + 1)


async def an_evening(diary: Diary, heard: Heard) -> None:
    """Minutes in which all kinds of things change, and some in which nothing does."""
    shop = diary.shop
    await shop.ok(Reserve("r1", "evening", "mug", 10, "li"))
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await diary.end_minute()
    await shop.ok(Confirm("r1"))
    await shop.ok(SayNotice("n1", "evening", "Free shipping until nine", By("n1", "wang", "evening")))
    await shop.terms(price_minor=500, link=7, title="A mug for two")
    await diary.end_minute()
    await diary.end_minute()
    await shop.sell("tea")
    await shop.receive(20, "tea")
    await shop.ok(Reserve("r2", "evening", "tea", 18, "zhao"))
    await heard.alert(sku="tea", state="firing")
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "tea"}))
    await diary.end_minute()
    await become(shop, "paused")
    await shop.ok(Cancel("r2"))
    await heard.alert(sku="tea", state="resolved")
    await shop.ok(SayNotice("n2", "evening", "", By("n2", "wang", "evening")))
    await diary.end_minute()
    await diary.end_minute()
    await become(shop, "live")
    await shop.ok(Drop("evening", "tea"))
    await diary.end_minute()
    await shop.ok(put(What.LISTING, "tea", {}, parent="evening"))
    await shop.ok(Reserve("r3", "evening", "mug", 85, "zhao"))
    await heard.alert(sku="mug", state="firing")
    await diary.end_minute()


async def all_of(diary: Diary, store: ArchiveStore) -> list[MinuteState]:
    """Each minute's state by itself, held against what follows from the changes."""
    record = await diary.record()
    extent = extent_of(record, await diary.shop.book.series_kept(record.id))
    found: list[MinuteState] = []
    for minute in range(extent.minutes):
        played = await read_minutes(diary.shop.book, store, record, minute)
        assert isinstance(played, Played)
        state, _ = cut(played.part, minute, 0)
        if minute % 15:
            _, [change] = cut(played.part, minute - 1, 1)
            assert page_of(followed(found[-1], change)) == page_of(state)
        found.append(state)
    return found


def assert_as_noted(diary: Diary, states: list[MinuteState]) -> None:
    assert diary.pages
    for minute, noted in diary.pages.items():
        assert page_of(states[minute]) == noted, minute


async def test_a_minute_is_as_the_room_was(diary: Diary, heard: Heard, store: ArchiveStore, settings: Settings) -> None:
    await an_evening(diary, heard)
    from_engine = await all_of(diary, store)
    assert_as_noted(diary, from_engine)
    assert len({state.notice for state in from_engine}) == 2
    await become(diary.shop, "ended")
    await diary.end_minute()
    from_engine = await all_of(diary, store)
    assert_as_noted(diary, from_engine)
    await over_for_good(diary.shop, settings)
    record, book, told = await diary.record(), diary.shop.book, list[tuple[int, int]]()
    count = await archive_minutes(book, store, record, lambda done, total: told.append((done, total)))
    assert (count, told[-1]) == (len(from_engine), (count, count))
    kept = await book.series_kept(record.id)
    assert (kept.hours, kept.archived) == ([], count)
    assert await diary.shop.engine.command("KEYS", f"{book.base}:s[eh]*:{record.id}:*", key=book.base) == []
    assert await all_of(diary, store) == from_engine
    assert await archive_minutes(book, store, record) == count, "once is enough"
    assert await read_minutes(book, store, record, count) == Extent(count, False)


async def test_what_is_archived_still_has_its_series(
    diary: Diary, heard: Heard, store: ArchiveStore, settings: Settings
) -> None:
    await an_evening(diary, heard)
    await become(diary.shop, "ended")
    await diary.end_minute()
    await over_for_good(diary.shop, settings)
    record, book = await diary.record(), diary.shop.book
    hours = await series_hours(book, record)
    before = [await series_of_hour(book, store, record, hour) for hour in hours]
    count = await archive_minutes(book, store, record)
    assert await series_hours(book, record) == hours
    after = [await series_of_hour(book, store, record, hour) for hour in hours]
    assert [minute for page in after for minute in page.show] == [minute for page in before for minute in page.show]
    assert sum(len(page.show) for page in after) == count
    assert last_rows(after) == last_rows(before)


def last_rows(pages: list[SeriesPage]) -> dict[str, SkuMinute]:
    """What the series says last of each SKU that stayed on the shelf."""
    return {sku: row for page in pages for _, sku, row in page.skus}


async def test_a_show_that_went_on_has_the_minutes_between(
    diary: Diary, heard: Heard, store: ArchiveStore, settings: Settings
) -> None:
    shop = diary.shop
    await shop.ok(Reserve("r1", "evening", "mug", 10, "li"))
    await diary.end_minute()
    await become(shop, "ended")
    ended = await diary.minute()
    await diary.end_minute()
    await shop.ok(Confirm("r1"))
    await shop.advance(2 * MINUTE_MS)
    by = By("goes on", "wang")
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}, by=by, continues=True))
    assert await diary.minute() == ended + 3
    await shop.ok(Reserve("r2", "evening", "mug", 20, "li"))
    await diary.end_minute()
    await become(shop, "ended")
    await diary.end_minute()
    states = await all_of(diary, store)
    assert_as_noted(diary, states)
    assert [state.status for state in states[ended : ended + 4]] == ["ended", "ended", "ended", "live"]
    sold = [next(row.sold for row in state.units) for state in states[ended : ended + 4]]
    assert sold == [0, 10, 10, 10], "what was paid after its end is not said of the minute in which it ended"
    held = [next(row.held for row in state.units) for state in states[ended : ended + 4]]
    assert held == [10, 0, 0, 20], "nor what was reserved when it went on of the minutes before"
    pace = (await shop.book.paces("evening.1")).by_sku["mug"]
    assert pace.minutes.count(False) >= 2, "in which nothing was on sale"


async def test_a_server_that_takes_over_goes_on_with_the_minutes(
    diary: Diary, process: Process, make_process: MakeProcess, store: ArchiveStore, settings: Settings
) -> None:
    shop = diary.shop
    await shop.ok(Reserve("r1", "evening", "mug", 10, "li"))
    await diary.end_minute()
    await process.keeper.close()
    await shop.ok(Reserve("r2", "evening", "mug", 5, "li"))
    diary.process = make_process()
    diary.process.keeper.start()
    await until(lambda: knows_shelf(diary.process, "evening", {"mug"}))
    await diary.end_minute()
    await diary.end_minute()
    assert_as_noted(diary, await all_of(diary, store))


async def test_a_show_that_nobody_watched_says_so(shop: Shop, store: ArchiveStore, settings: Settings) -> None:
    await shop.advance(MINUTE_MS)
    record = await shop.book.show("evening.1")
    assert record
    assert await read_minutes(shop.book, store, record, 0) == Extent(0, False)
    await become(shop, "ended")
    await over_for_good(shop, settings)
    record = await shop.book.show("evening.1")
    assert record
    assert await archive_minutes(shop.book, store, record) == 0


async def test_a_series_that_is_full_says_how_far_it_goes(
    shop: Shop, make_process: MakeProcess, heard: Heard, store: ArchiveStore, settings: Settings
) -> None:
    await shop.receive(100)
    watcher = make_process(series_bytes_max=1)
    watcher.keeper.start()
    await until(lambda: watched_rooms(watcher) == {"evening", "morning"})
    diary = Diary(shop, watcher, settings)
    await begin_of_a_minute(shop, heard)
    last = await diary.minute()
    await shop.advance(3 * MINUTE_MS)
    await diary.written(last + 2)
    assert (await shop.book.series_kept("evening.1")).full_from is not None
    played = await read_minutes(shop.book, store, await diary.record(), 0)
    assert isinstance(played, Played)
    assert played.extent.is_full
    assert await read_minutes(shop.book, store, await diary.record(), played.extent.minutes) == played.extent
    await become(shop, "ended")
    await over_for_good(shop, settings)
    assert await archive_minutes(shop.book, store, await diary.record()) == played.extent.minutes
    again = await read_minutes(shop.book, store, await diary.record(), 0)
    assert isinstance(again, Played)
    assert (again.extent, again.part.is_full) == (played.extent, True)


async def test_what_may_go_on_is_not_archived(diary: Diary, store: ArchiveStore, settings: Settings) -> None:
    await diary.end_minute()
    for status in ("live", "ended"):
        if status == "ended":
            await become(diary.shop, status)
            await diary.end_minute()
        with pytest.raises(InvalidInput, match="cannot go on"):
            await archive_minutes(diary.shop.book, store, await diary.record())
    assert (await diary.shop.book.series_kept("evening.1")).hours
    await over_for_good(diary.shop, settings)
    assert await archive_minutes(diary.shop.book, store, await diary.record()) > 0


class Deaf(ArchiveStore):
    """An archive that gives back something else than it took."""

    async def get(self, name: str) -> bytes | None:
        return b"something else"


async def test_what_cannot_be_read_back_stays_in_the_engine(
    diary: Diary, store: ArchiveStore, settings: Settings, tmp_path: Path
) -> None:
    await diary.end_minute()
    await become(diary.shop, "ended")
    await diary.end_minute()
    await over_for_good(diary.shop, settings)
    record, book = await diary.record(), diary.shop.book
    deaf = Deaf(msgspec.structs.replace(settings, archive_url=str(tmp_path / "archive")))
    with pytest.raises(ArchiveDamaged, match=r"minutes/0000\.json\.zst"):
        await archive_minutes(book, deaf, record)
    assert (await book.series_kept(record.id)).archived is None
    assert_as_noted(diary, await all_of(diary, store))
    await archive_minutes(book, store, record)
    await store.delete("p/shows/evening.1/minutes/0000.json.zst")
    with pytest.raises(ArchiveDamaged, match="is not there any more"):
        await read_minutes(book, store, record, 0)
    await store.put("p/shows/evening.1/minutes/0000.json.zst", b'{"format":1}')
    with pytest.raises(ArchiveDamaged, match="no part of a show's minutes"):
        await read_minutes(book, store, record, 0)
