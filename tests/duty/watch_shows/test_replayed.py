"""A show's pages at any minute: as they were then, from the engine and from the archive alike."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from duty.conftest import Process
from duty.watch_shows.conftest import Heard, begin_of_a_minute
from duty.watch_shows.diary import Diary, page_of
from shelfcast.archive.minutes import MinuteState, cut, followed
from shelfcast.archive.store import ArchiveStore
from shelfcast.merchant.show_minutes import Extent, Played, archive_minutes, extent_of, read_minutes
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Confirm, Drop, Reserve, SayNotice, put
from shop import Shop


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
