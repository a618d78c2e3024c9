"""The directory of rooms, as several servers on one engine see it."""

from __future__ import annotations

import asyncio

from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.directory import Directory


async def test_a_room_that_another_server_made_is_found_at_once(engine: Engine, settings: Settings) -> None:
    here, there = Directory(engine, settings), Directory(engine, settings)
    assert await here.room_pool("evening") is None
    for number in range(3):
        await there.create_room(f"room-{number}", "main")
        assert await here.room_pool(f"room-{number}") == "main"
    assert await here.room_pool("evening") is None


async def test_a_crowd_that_asks_for_no_room_is_one_read(engine: Engine, settings: Settings) -> None:
    async def reads() -> int:
        stats = (await engine.command("INFO", "commandstats")).decode()
        return int(stats.partition("cmdstat_hgetall:calls=")[2].partition(",")[0] or 0)

    directory = Directory(engine, settings)
    before = await reads()
    answers = await asyncio.gather(*(directory.room_pool(f"room-{number}") for number in range(500)))
    assert answers == [None] * 500
    assert await reads() - before <= 2
