"""Jobs in the engine: made once, taken by one at a time, taken again from who was lost, and bounded."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.errors import InvalidInput
from shelfcast.settings import Settings
from shelfcast.stock.jobs import Job, JobQueue, Jobs, JobState, Making, Order, packed_result

pytestmark = pytest.mark.each_engine

KINDS = ["audit"]
SHORT_MS = 30
Make = Callable[..., Jobs]


@pytest.fixture
def jobs_with(engine: Engine, settings: Settings) -> Make:
    """`jobs_with(job_claim_ms=…)`: a pool's jobs as a process with these settings has them."""

    def make(**changes: object) -> Jobs:
        return Jobs(engine, "p", msgspec.structs.replace(settings, **changes))

    return make


@pytest.fixture
def jobs(jobs_with: Make) -> Jobs:
    return jobs_with()


async def made(jobs: Jobs, name: str = "one", kind: str = "audit", upload: str = "") -> Job:
    making, job = await jobs.make(name, kind, {}, asked_by="wang", upload=upload)
    assert making is Making.MADE
    assert job is not None
    return job


async def taken(jobs: Jobs) -> Job:
    job = (await jobs.take(KINDS)).job
    assert job is not None
    return job


async def retaken(jobs: Jobs, after: Job) -> Job:
    """Take what another one holds, as soon as its claim has run out."""
    while True:
        job = (await jobs.take(KINDS)).job
        if job is not None:
            assert job.id == after.id
            return job


async def test_a_job_is_made_taken_reported_and_done(jobs: Jobs) -> None:
    job = await made(jobs)
    assert (job.state, job.asked_by, job.fence) == (JobState.QUEUED, "wang", 0)
    job = await taken(jobs)
    assert (job.state, job.fence) == (JobState.RUNNING, 1)
    assert await jobs.report(job, 3, 10) is Order.GO
    shown = await jobs.get("one")
    assert shown is not None
    assert (shown.done, shown.total) == (3, 10)
    assert await jobs.result("one") is None
    assert await jobs.finish(job, JobState.DONE, result=packed_result({"ok": True}, 100)) == "done"
    ended = await jobs.get("one")
    assert ended is not None
    assert (ended.state, ended.done, ended.has_ended) == (JobState.DONE, 10, True)
    result = await jobs.result("one")
    assert result is not None
    assert msgspec.json.decode(result) == {"ok": True}
    assert (await jobs.take(KINDS)).job is None


async def test_the_same_id_makes_it_once(jobs: Jobs) -> None:
    await made(jobs)
    making, again = await jobs.make("one", "audit", {}, asked_by="li")
    assert making is Making.SAME
    assert again is not None
    assert again.asked_by == "wang"
    assert (await jobs.make("one", "audit", {"other": 1}, asked_by="wang"))[0] is Making.CONFLICT
    assert len(await jobs.all()) == 1


async def test_jobs_are_taken_in_their_order_and_each_by_one(jobs: Jobs) -> None:
    for name in ("b", "a", "c"):
        await made(jobs, name)
    found = [(await jobs.take(KINDS)).job for _ in range(4)]
    assert [job and job.id for job in found] == ["b", "a", "c", None]


async def test_nobody_is_forgotten_while_the_archive_is_written_nor_two_archives_at_once(jobs: Jobs) -> None:
    kinds = [*KINDS, "archive", "erase_person"]
    for name, kind in (("write", "archive"), ("forget", "erase_person"), ("again", "archive"), ("look", "audit")):
        await made(jobs, name, kind)
    writes, looks = (await jobs.take(kinds)).job, (await jobs.take(kinds)).job
    assert writes
    assert looks
    assert [writes.id, looks.id] == ["write", "look"]
    assert (await jobs.take(kinds)).job is None
    await jobs.finish(writes, JobState.DONE, result=packed_result({}, 100))
    forgets = (await jobs.take(kinds)).job
    assert forgets
    assert forgets.id == "forget"
    assert (await jobs.take(kinds)).job is None
    await jobs.give_back(forgets)
    assert [job.id for _ in range(2) if (job := (await jobs.take(kinds)).job)] == ["forget"]


async def test_a_kind_that_nobody_here_knows_waits_for_somebody_who_does(jobs: Jobs) -> None:
    await made(jobs, kind="forecast")
    assert (await jobs.take(KINDS)).job is None
    assert (await jobs.take(["forecast"])).job is not None


async def test_what_is_not_renewed_is_taken_again_and_the_first_is_not_believed(jobs_with: Make) -> None:
    jobs = jobs_with(job_claim_ms=SHORT_MS)
    await made(jobs)
    first = await taken(jobs)
    second = await retaken(jobs, first)
    assert second.fence > first.fence
    assert second.losses == 1
    assert await jobs.report(first, 1, 2) is Order.LOST
    assert await jobs.finish(first, JobState.DONE, result=b"") == "lost"
    assert await jobs_with().report(second, 1, 2) is Order.GO


async def test_a_claim_from_before_the_clock_was_set_back_is_over(
    jobs: Jobs, engine: Engine, settings: Settings
) -> None:
    await made(jobs)
    await taken(jobs)
    key = f"{settings.key_prefix}:{{p}}:jobs"
    record = msgspec.msgpack.decode(await engine.command("HGET", key, "one", key=key))
    record["until_ms"] += 86_400_000
    await engine.command("HSET", key, "one", msgspec.msgpack.encode(record), key=key)
    assert (await taken(jobs)).fence == 2


async def test_what_is_lost_too_often_has_failed_and_says_so(jobs_with: Make) -> None:
    jobs = jobs_with(job_claim_ms=SHORT_MS, job_losses_max=2)
    job = await made(jobs)
    await taken(jobs)
    for _ in range(2):
        job = await retaken(jobs, job)
    while not job.has_ended:
        assert (await jobs.take(KINDS)).job is None
        found = await jobs.get("one")
        assert found is not None
        job = found
    assert (job.state, job.reason) == (JobState.FAILED, "the process that did it was lost 3 times")


async def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_next_says_something(jobs: Jobs) -> None:
    await made(jobs, "waits")
    cancelled = await jobs.cancel("waits")
    assert cancelled is not None
    assert cancelled.state is JobState.CANCELLED
    await made(jobs, "runs")
    job = await taken(jobs)
    wanted = await jobs.cancel("runs")
    assert wanted is not None
    assert (wanted.state, wanted.cancel_wanted) == (JobState.RUNNING, True)
    assert await jobs.report(job, 1, 2) is Order.CANCEL
    assert await jobs.finish(job, JobState.DONE, result=packed_result({}, 100)) == "cancelled"
    assert await jobs.result("runs") is None
    assert await jobs.cancel("none") is None


async def test_what_was_cancelled_and_lost_is_cancelled(jobs_with: Make) -> None:
    jobs = jobs_with(job_claim_ms=SHORT_MS)
    await made(jobs)
    await taken(jobs)
    await jobs.cancel("one")
    while (await jobs.take(KINDS)).open:
        pass
    job = await jobs.get("one")
    assert job is not None
    assert job.state is JobState.CANCELLED


async def test_a_job_that_is_given_back_waits_for_the_next(jobs: Jobs) -> None:
    await made(jobs)
    job = await taken(jobs)
    await jobs.give_back(job)
    again = await taken(jobs)
    assert (again.fence, again.losses) == (2, 0)


async def test_open_jobs_are_bounded_and_finished_ones_are_forgotten(jobs_with: Make) -> None:
    jobs = jobs_with(jobs_open_a_pool_max=2, jobs_kept_a_pool_max=2)
    for name in ("a", "b"):
        await made(jobs, name)
    assert await jobs.make("c", "audit", {}, asked_by="wang") == (Making.FULL, None)
    for name in ("a", "b", "c", "d"):
        if name > "b":
            await made(jobs, name)
        await jobs.finish(await taken(jobs), JobState.DONE, result=packed_result(name, 100))
    assert [job.id for job in await jobs.all()] == ["c", "d"]
    assert await jobs.result("a") is None
    assert await jobs.result("d") is not None


async def test_a_finished_job_is_kept_for_its_time(jobs_with: Make) -> None:
    jobs = jobs_with(job_kept_ms=SHORT_MS)
    await made(jobs)
    await jobs.finish(await taken(jobs), JobState.DONE, result=packed_result({}, 100))
    while await jobs.all():
        pass
    assert await jobs.result("one") is None
    assert await jobs.is_empty()


async def pieces_of(content: bytes, *, fault: Exception | None = None) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 10_000):
        yield content[at : at + 10_000]
    if fault is not None:
        raise fault


async def test_a_file_is_kept_until_its_job_has_ended(jobs: Jobs, engine: Engine, settings: Settings) -> None:
    content = os.urandom(100_000)
    name = await jobs.keep_upload(pieces_of(content))
    await made(jobs, upload=name)
    job = await taken(jobs)
    assert await jobs.upload(job.upload, len(content)) == content
    with pytest.raises(InvalidInput, match="send it again"):
        await jobs.upload(job.upload, len(content) - 1)
    await jobs.finish(job, JobState.FAILED, reason="no catalogue")
    with pytest.raises(InvalidInput, match="send it again"):
        await jobs.upload(job.upload, len(content))


async def test_nothing_is_left_of_a_file_that_did_not_come_whole(
    jobs: Jobs, engine: Engine, settings: Settings
) -> None:
    with pytest.raises(InvalidInput):
        await jobs.keep_upload(pieces_of(os.urandom(100_000), fault=InvalidInput("gone")))
    keys = await engine.command("KEYS", f"{settings.key_prefix}:*upload*")
    assert keys == []


async def test_the_queue_names_pools_with_jobs_and_rings(jobs: Jobs, engine: Engine, settings: Settings) -> None:
    queue = JobQueue(engine, settings)
    async with queue.bell() as bell:
        await made(jobs)
        assert await asyncio.wait_for(anext(bell), 10) == b"p"
    assert await queue.pools() == ["p"]
    await queue.leave(jobs)
    assert await queue.pools() == ["p"], "it has an open job"
    await jobs.finish(await taken(jobs), JobState.DONE, result=packed_result({}, 100))
    await queue.leave(jobs)
    assert await queue.pools() == []


def test_a_result_is_bounded() -> None:
    with pytest.raises(InvalidInput, match="job_result_max_bytes"):
        packed_result("x" * 100, 50)
