"""Imports as the engine keeps them: who is believed, what is kept and for how long."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.errors import InvalidInput
from shelfcast.settings import Settings
from shelfcast.stock.imports import APPLY, READ, Answer, Imports, RefusedImportRow
from shelfcast.stock.jobs import Job, Jobs, JobState

NOTHING_SAID = {"room": "", "opening": "", "encoding": "", "dates": ""}
ROW = RefusedImportRow(line=2, sku="mug", code="STALE", reason="it was changed")


class Shelf:
    """The imports of one pool, and its jobs, which the test does itself."""

    def __init__(self, engine: Engine, settings: Settings, **changed: Any) -> None:
        self.jobs = Jobs(engine, "p", msgspec.structs.replace(settings, **changed))
        self.imports = Imports(self.jobs)

    async def make(self, name: str = "i") -> Answer:
        made, _ = await self.imports.make(
            name, "asked", name="a.csv", upload=f"u-{name}", options=NOTHING_SAID, made_by="wang"
        )
        return made

    async def begin(self, kind: str) -> Job:
        job = (await self.jobs.take([kind])).job
        assert job is not None
        return job

    async def ready(self, name: str = "i") -> None:
        await self.make(name)
        job = await self.begin(READ)
        assert await self.imports.keep(job, name, "rows", b"[]")
        assert await self.imports.found(job, name, of=1)
        await self.jobs.finish(job, JobState.DONE)

    async def state(self, name: str = "i") -> str:
        found = await self.imports.get(name)
        assert found is not None
        return found.state


@pytest.fixture
def shelf(engine: Engine, settings: Settings) -> Shelf:
    return Shelf(engine, settings)


async def test_it_is_forgotten_when_its_time_is_over(engine: Engine, settings: Settings) -> None:
    short = Shelf(engine, settings, import_kept_ms=1)
    await short.ready()
    async with asyncio.timeout(30):
        while await short.imports.get("i") is not None:
            pass
    assert (await short.imports.all(), await short.imports.rows("i")) == ([], None)
    assert (await short.imports.apply("i", "li", action="a"))[0] is Answer.GONE


async def test_who_was_told_of_another_job_is_not_believed(shelf: Shelf) -> None:
    await shelf.make()
    old = await shelf.begin(READ)
    assert (await shelf.imports.change("i", {"encoding": "gb18030"}, "li"))[0] is Answer.MADE
    new = await shelf.begin(READ)
    assert not await shelf.imports.keep(old, "i", "rows", b"old")
    assert not await shelf.imports.found(old, "i", fault="not so")
    assert await shelf.imports.keep(new, "i", "rows", b"new" * 1_000_000)
    assert await shelf.imports.found(new, "i", of=3)
    assert await shelf.imports.rows("i") == b"new" * 1_000_000
    assert await shelf.state() == "ready"


async def test_a_step_that_is_said_twice_counts_once_and_the_next_one_goes_on(shelf: Shelf) -> None:
    await shelf.ready()
    await shelf.imports.apply("i", "li", action="a")
    job = await shelf.begin(APPLY)
    for _ in range(2):
        assert await shelf.imports.step(job, "i", cursor=2, done=2, refused=[ROW], is_all=False)
    found = await shelf.imports.get("i")
    assert found is not None
    assert (found.cursor, found.done, found.refused_count, found.applied_by, found.action) == (2, 2, 1, "li", "a")
    await shelf.jobs.finish(job, JobState.FAILED, reason="lost three times")
    found = await shelf.imports.get("i")
    assert found is not None
    assert (found.state, found.reason, found.cursor) == ("stopped", "lost three times", 2)
    assert (await shelf.imports.apply("i", "zhao", action="b", reading=2))[0] is Answer.STALE
    _, going = await shelf.imports.apply("i", "zhao", action="b", reading=1)
    assert going is not None
    assert (going.applied_by, going.action) == ("li", "a"), "it goes on as the action that it was begun as"
    job = await shelf.begin(APPLY)
    for _ in range(2):
        assert await shelf.imports.step(job, "i", cursor=3, done=3, refused=[ROW], is_all=True)
    assert (await shelf.state(), await shelf.imports.rows("i")) == ("applied", None)
    assert len(await shelf.imports.refused("i")) == 2
    assert (await shelf.imports.apply("i", "li", action="a"))[0] is Answer.SAME


async def test_one_that_is_forgotten_stops_who_applies_it(shelf: Shelf) -> None:
    await shelf.ready()
    await shelf.imports.apply("i", "li", action="a")
    job = await shelf.begin(APPLY)
    assert await shelf.imports.drop("i")
    assert not await shelf.imports.drop("i")
    assert not await shelf.imports.step(job, "i", cursor=1, done=1, refused=[], is_all=True)
    assert [one.cancel_wanted for one in await shelf.jobs.all() if one.id == job.id] == [True]


async def test_one_that_was_forgotten_may_be_made_anew_under_its_id(shelf: Shelf) -> None:
    await shelf.ready()
    await shelf.imports.drop("i")
    assert await shelf.make() is Answer.MADE
    assert await shelf.state() == "reading"
    await shelf.begin(READ)


async def test_what_is_too_long_is_said(engine: Engine, settings: Settings) -> None:
    small = Shelf(engine, settings, import_packed_max_bytes=10)
    await small.make()
    job = await small.begin(READ)
    with pytest.raises(InvalidInput, match="import_packed_max_bytes"):
        await small.imports.keep(job, "i", "rows", b"a long text that is longer")


async def test_those_that_are_applied_leave_their_places_and_the_oldest_go(engine: Engine, settings: Settings) -> None:
    two = Shelf(engine, settings, imports_open_a_pool_max=2)
    for number in range(4):
        await two.ready(f"i{number}")
        await two.imports.apply(f"i{number}", "li", action="a")
        assert await two.imports.step(await two.begin(APPLY), f"i{number}", cursor=1, done=1, refused=[], is_all=True)
    assert [await two.make(f"o{number}") for number in range(3)] == [Answer.MADE, Answer.MADE, Answer.FULL]
    assert [it.id for it in await two.imports.all() if it.state == "applied"] == ["i2", "i3"]
