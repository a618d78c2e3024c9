"""The runner: jobs of any kind, what they raise, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.errors import EngineUnavailable, InvalidInput, LibraryFault
from shelfcast.heavy.kind import Work
from shelfcast.heavy.runner import Runner
from shelfcast.settings import Settings
from shelfcast.stock.directory import Directory
from shelfcast.stock.jobs import Job, JobQueue, Jobs, JobState


class Does:
    """A kind that does what a test says."""

    def __init__(self, name: str, run: Callable[[Work], Coroutine[Any, Any, Any]]) -> None:
        self.name = name
        self.run = run


class Workshop:
    """Runs kinds over one engine, quickly."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.settings = msgspec.structs.replace(settings, job_report_ms=10, job_claim_ms=2_000, job_look_ms=50)
        self.queue = JobQueue(engine, self.settings)
        self.jobs = Jobs(engine, "p", self.settings)
        self.directory = Directory(engine, self.settings)

    @asynccontextmanager
    async def does(self, *kinds: Does) -> AsyncIterator[None]:
        running = asyncio.create_task(Runner(self.queue, self.settings, {kind.name: kind for kind in kinds}).run())
        try:
            yield
        finally:
            running.cancel()
            async with asyncio.timeout(20):
                await asyncio.gather(running, return_exceptions=True)

    async def begin(self, kind: str, name: str = "one") -> None:
        await self.jobs.make(name, kind, {}, asked_by="wang")

    async def until(self, condition: Callable[[Job], bool], name: str = "one") -> Job:
        async with asyncio.timeout(30):
            while True:
                job = await self.jobs.get(name)
                if job is not None and condition(job):
                    return job

    async def ended(self, name: str = "one") -> Job:
        return await self.until(lambda job: job.has_ended, name)


@pytest.fixture
def workshop(engine: Engine, settings: Settings) -> Workshop:
    return Workshop(engine, settings)


async def for_ever(work: Work) -> None:
    work.progress.say(1, 2)
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (InvalidInput("the file has no sku column"), "the file has no sku column"),
        (ValueError("a secret"), "the server failed at it; its log says how"),
        (LibraryFault("a secret"), "the server failed at it; its log says how"),
    ],
)
async def test_what_cannot_be_done_has_failed_with_a_reason_for_people(
    workshop: Workshop, fault: Exception, reason: str
) -> None:
    async def fails(work: Work) -> None:
        raise fault

    async with workshop.does(Does("fails", fails)):
        await workshop.begin("fails")
        job = await workshop.ended()
    assert (job.state, job.reason, job.fence) == (JobState.FAILED, reason, 1)


async def test_a_lost_engine_leaves_the_job_to_the_next_try(workshop: Workshop) -> None:
    async def fails_once(work: Work) -> str:
        if work.job.fence == 1:
            raise EngineUnavailable("away")
        return "done"

    async with workshop.does(Does("fails_once", fails_once)):
        await workshop.begin("fails_once")
        job = await workshop.ended()
    assert (job.state, job.fence, job.losses) == (JobState.DONE, 2, 1)


async def test_a_result_that_is_too_long_is_a_failure_that_says_so(workshop: Workshop) -> None:
    workshop.settings = msgspec.structs.replace(workshop.settings, job_result_max_bytes=10)

    async def tells(work: Work) -> str:
        return "x" * 100

    async with workshop.does(Does("tells", tells)):
        await workshop.begin("tells")
        assert "job_result_max_bytes" in (await workshop.ended()).reason


async def test_a_cancelled_job_stops_and_the_next_is_done(workshop: Workshop) -> None:
    stopped = asyncio.Event()

    async def waits(work: Work) -> None:
        try:
            await for_ever(work)
        finally:
            stopped.set()

    async def quick(work: Work) -> None:
        return None

    async with workshop.does(Does("waits", waits), Does("quick", quick)):
        await workshop.begin("waits")
        await workshop.until(lambda job: (job.done, job.total) == (1, 2))
        await workshop.begin("quick", "two")
        await workshop.jobs.cancel("one")
        assert (await workshop.ended()).state is JobState.CANCELLED
        assert stopped.is_set()
        assert (await workshop.ended("two")).state is JobState.DONE


async def test_a_runner_that_is_frozen_is_not_believed(workshop: Workshop, engine: Engine) -> None:
    """Its claim is taken over meanwhile, as after a stop of the process; it then drops what it was doing."""
    stopped = asyncio.Event()

    async def waits(work: Work) -> None:
        try:
            await for_ever(work)
        finally:
            stopped.set()

    async with workshop.does(Does("waits", waits)):
        await workshop.begin("waits")
        job = await workshop.until(lambda job: job.state is JobState.RUNNING)
        await workshop.jobs.give_back(job)
        taken = (await workshop.jobs.take(["waits"])).job
        async with asyncio.timeout(20):
            await stopped.wait()
    assert taken is None or taken.fence == job.fence + 1


async def test_a_runner_that_ends_gives_its_job_back(workshop: Workshop) -> None:
    async with workshop.does(Does("waits", for_ever)):
        await workshop.begin("waits")
        await workshop.until(lambda job: job.state is JobState.RUNNING)
    job = await workshop.jobs.get("one")
    assert job is not None
    assert (job.state, job.losses) == (JobState.QUEUED, 0)


async def test_a_runner_ends_at_any_moment(workshop: Workshop) -> None:
    """Also in the one in which it hears of something: it was forgotten there once."""
    for turns in range(60):
        async with workshop.does(Does("waits", for_ever)):
            for _ in range(turns * 3):
                await asyncio.sleep(0)


async def test_jobs_that_the_queue_does_not_name_are_found(workshop: Workshop, engine: Engine) -> None:
    async def quick(work: Work) -> str:
        return "done"

    await workshop.directory.create_pool("p")
    await workshop.begin("quick")
    key = f"{workshop.settings.key_prefix}:jobs"
    await engine.command("DEL", key, key=key)
    async with workshop.does(Does("quick", quick)):
        assert (await workshop.ended()).state is JobState.DONE


async def test_pools_take_turns(workshop: Workshop, engine: Engine) -> None:
    order: list[str] = []

    async def notes(work: Work) -> None:
        order.append(work.jobs.pool)

    pools = [Jobs(engine, name, workshop.settings) for name in ("a", "b")]
    for jobs in pools:
        for number in range(3):
            await jobs.make(f"{number}", "notes", {}, asked_by="wang")
    async with workshop.does(Does("notes", notes)), asyncio.timeout(30):
        for jobs in pools:
            while not all(job.has_ended for job in await jobs.all()):
                pass
    assert order in (["a", "b"] * 3, ["b", "a"] * 3)
