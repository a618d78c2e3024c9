"""Jobs on a Cluster: each lies with its pool, and one who looks finds those of every primary."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex

import msgspec
from engine_cluster import running_cluster
from heavy_work import heavy_work
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.imports import Answer, Imports, ImportState
from shelfcast.stock.jobs import Jobs, JobState
from shelfcast.stock.library import LIBRARY


async def pieces_of(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 10_000):
        yield content[at : at + 10_000]


async def send(jobs: Jobs) -> None:
    """Have a file read."""
    upload = await jobs.keep_upload(pieces_of(b"sku,opening\nmug,5\n"))
    options = dict.fromkeys(("room", "opening", "encoding", "dates"), "")
    made, _ = await Imports(jobs).make("i", "", name="a.csv", upload=upload, options=options, made_by="wang")
    assert made is Answer.MADE


async def apply(jobs: Jobs) -> None:
    """Write what was read, and wait for that."""
    imports = Imports(jobs)
    while (found := await imports.get("i")) is None or found.state is not ImportState.APPLIED:
        if found is not None and found.state is ImportState.READY:
            await imports.apply("i", "wang", action="i")
    assert (found.done, await imports.refused("i")) == (1, [])


async def test_jobs_of_pools_on_every_primary_are_done(
    short_folder: Path, valkey_binary: Path, settings: Settings
) -> None:
    with running_cluster(valkey_binary, short_folder / token_hex(4)) as cluster:
        engine = await Engine.connect(cluster.url, settings=settings, library=LIBRARY)
        pools = [cluster.name_at(n, settings.key_prefix + ":{%s}") for n in range(3)]
        try:
            async with heavy_work(engine, settings), asyncio.timeout(60):
                for pool in pools:
                    jobs = Jobs(engine, pool, settings)
                    await jobs.make("audit", "audit", {}, asked_by="wang")
                    content = os.urandom(50_000)
                    name = await jobs.keep_upload(pieces_of(content))
                    assert await jobs.upload(name, len(content)) == content
                    await jobs.drop_upload(name)
                    await send(jobs)
                for pool in pools:
                    jobs = Jobs(engine, pool, settings)
                    while (job := await jobs.get("audit")) is None or not job.has_ended:
                        pass
                    assert job.state is JobState.DONE
                    result = await jobs.result("audit")
                    assert result is not None
                    assert msgspec.json.decode(result)["ok"]
                    await apply(jobs)
        finally:
            await engine.close()
