"""The minute in which a show ended, where it can go on no longer before that minute is over."""

from __future__ import annotations

import msgspec
import pytest
from duty.conftest import Process
from duty.watch_shows.conftest import Heard, begin_of_a_minute, kept
from shelfcast.duty.room_watch import RoomWatch
from shelfcast.duty.watch_shows import WatchShows
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import SkuMinute
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Reserve, put
from shop import Shop
from waiting import until

CONTINUE_MS = 2_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, show_continue_max_ms=CONTINUE_MS)


def watch_of(process: Process, room: str) -> RoomWatch:
    [duty] = [duty for duty in process.keeper._duties if isinstance(duty, WatchShows)]
    return duty._watches["p"]._rooms[room]


async def test_it_is_kept_when_it_is_over(watched: Shop, heard: Heard, process: Process) -> None:
    first_ms = await begin_of_a_minute(watched, heard)
    await watched.ok(Reserve("r1", "evening", "mug", 10, "li"))
    await watched.ok(put(What.ROOM, "evening", {"status": "ended"}))
    watch = watch_of(process, "evening")
    await until(lambda: watch._state.config.status is RoomStatus.ENDED)
    watch.tick(first_ms + 2 * CONTINUE_MS)
    assert not watch.finished
    await watched.advance(MINUTE_MS)
    row, _ = await kept(watched, first_ms)
    assert row == SkuMinute(available=90, held=10, sold=0, taken=10)
    await until(lambda: watch.finished)
