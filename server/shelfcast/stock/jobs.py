"""Jobs of a pool: heavy work that somebody asked for. The records, results and files lie in the engine
(stock/library/jobs.lua), so that every process can answer about a job, and whoever has time does it."""

from __future__ import annotations

import asyncio
import secrets
import zlib
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.engine.subscription import Subscription
from shelfcast.errors import InvalidInput
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.book import StockBook
from shelfcast.stock.directory import Directory

COMPRESSION_LEVEL = 1
"""Of files and results: they are kept for an hour at the most, and time is dearer than memory."""
SMALL_BYTES = 65_536
"""So much is unpacked in about a millisecond: no more of it on a loop that serves."""


class JobState(StrEnum):
    """Where a job stands. The last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Struct, frozen=True, kw_only=True):
    """A job as the engine keeps it. `done` of `total` is how far it is, in a unit of its kind; 0 of 0 is not known.

    `fence` is how often it was begun, `losses` how often who did it was lost. Times are the engine's, 0 for not yet.
    """

    number: int
    id: str
    kind: str
    parameters: str
    """JSON."""
    upload: str = ""
    """Name of the file that it reads; empty where it needs none."""
    asked_by: str
    state: JobState
    made_at_ms: int
    started_at_ms: int
    ended_at_ms: int
    done: int
    total: int
    fence: int
    losses: int
    cancel_wanted: bool
    reason: str
    """Why it failed."""
    code: str
    """Then an answer code: BAD_MESSAGE where whoever asked can mend it, else UNAVAILABLE."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in (JobState.QUEUED, JobState.RUNNING)


class Making(StrEnum):
    """What became of the wish for a job."""

    MADE = "made"
    SAME = "same"
    """This id had made this job before."""
    CONFLICT = "conflict"
    """This id had made another one."""
    FULL = "full"
    """Too many are open."""


class Order(StrEnum):
    """What whoever does a job is told when it says how far it is."""

    GO = "go"
    CANCEL = "cancel"
    LOST = "lost"
    """It is somebody else's by now, or forgotten."""


class Taken(Struct, array_like=True, frozen=True):
    """How many jobs of the pool are open, and the one that was taken, if any."""

    open: int
    job: Job | None = None


class _Made(Struct, array_like=True, frozen=True):
    making: Making
    job: Job | None = None


_decode_taken = msgspec.msgpack.Decoder(Taken).decode
_decode_made = msgspec.msgpack.Decoder(_Made).decode
_decode_jobs = msgspec.msgpack.Decoder(list[Job]).decode
_decode_order = msgspec.msgpack.Decoder(tuple[Order]).decode
_decode_word = msgspec.msgpack.Decoder(tuple[str]).decode


class Jobs:
    """The jobs of one pool. Every method raises EngineError."""

    def __init__(self, engine: Engine, pool: str, settings: Settings) -> None:
        self.pool = pool
        self.engine = engine
        self.settings = settings
        self.base = f"{settings.key_prefix}:{{{pool}}}"
        self._queue = JobQueue(engine, settings)

    # --- whoever wants something done -----------------------------------------------------------------------------

    async def make(
        self, job_id: str, kind: str, parameters: dict[str, Any], *, asked_by: str, upload: str = ""
    ) -> tuple[Making, Job | None]:
        """Make a job, once an id. `upload` is the name of a file that was kept for it."""
        settings = self.settings
        text = msgspec.json.encode(parameters, order="sorted").decode()
        bounds = (settings.jobs_open_a_pool_max, settings.jobs_kept_a_pool_max)
        made = _decode_made(await self._do("make", job_id, kind, text, upload, asked_by, *bounds))
        if made.making is Making.MADE:
            await self.announce()
        return made.making, made.job

    async def announce(self) -> None:
        """The pool has a job: whoever does them hears of it."""
        await self._queue.announce(self.pool)

    async def all(self) -> list[Job]:
        """The jobs that are open and those that are kept, the oldest first."""
        return _decode_jobs(await self._do("list", self.settings.jobs_kept_a_pool_max))

    async def get(self, job_id: str) -> Job | None:
        """One job; None where it is not known, or not any more."""
        return next((job for job in await self.all() if job.id == job_id), None)

    async def cancel(self, job_id: str) -> Job | None:
        """Cancel a job: the waiting one ends now, the running one soon. One that has ended stays as it is."""
        jobs = _decode_jobs(await self._do("cancel", job_id, self.settings.job_kept_ms))
        return jobs[0] if jobs else None

    async def result(self, job_id: str) -> msgspec.Raw | None:
        """What a job that is done has found, as JSON; None where it is not kept any more."""
        packed: bytes | None = await self.engine.command("GET", self._result_key(job_id), key=self.base)
        if packed is None:
            return None
        if len(packed) <= SMALL_BYTES // 8:
            return msgspec.Raw(zlib.decompress(packed))
        return msgspec.Raw(await asyncio.to_thread(zlib.decompress, packed))

    async def keep_upload(self, pieces: AsyncIterator[bytes]) -> str:
        """Keep a file for a job or an import, piece by piece as it comes; the name it is found by.

        Where a piece does not come (`pieces` raises), nothing is left of the file.
        """
        name = secrets.token_hex(8)
        key = self._upload_key(name)
        packing = zlib.compressobj(COMPRESSION_LEVEL)
        number = 0
        try:
            async for piece in pieces:
                number = await self._keep(key, number, packing.compress(piece))
            await self._keep(key, number, packing.flush())
        except BaseException:
            await asyncio.shield(self.drop_upload(name))
            raise
        return name

    async def drop_upload(self, name: str) -> None:
        """Forget a file that no job needs."""
        await self.engine.command("DEL", self._upload_key(name), key=self.base)

    # --- whoever does it ------------------------------------------------------------------------------------------

    async def take(self, kinds: Sequence[str]) -> Taken:
        """Take the first job of these kinds that waits, or whose process was lost."""
        settings = self.settings
        bounds = (settings.job_claim_ms, settings.job_losses_max, settings.job_kept_ms, settings.jobs_kept_a_pool_max)
        return _decode_taken(await self._do("take", *bounds, " ".join(kinds)))

    async def report(self, job: Job, done: int, total: int) -> Order:
        """Say how far a job is, which keeps it."""
        lasts_ms = self.settings.job_claim_ms
        return _decode_order(await self._do("report", job.id, job.fence, done, total, lasts_ms))[0]

    async def finish(
        self, job: Job, state: JobState, *, reason: str = "", code: Code = Code.UNAVAILABLE, result: bytes = b""
    ) -> str:
        """End a job: the state it ended with, or `lost`. `result` is JSON, compressed (`packed_result`)."""
        kept_ms = self.settings.job_kept_ms
        return _decode_word(await self._do("finish", job.id, job.fence, state, reason, code, result, kept_ms))[0]

    async def give_back(self, job: Job) -> None:
        """Leave a job that was begun to the next one."""
        await self._do("give_back", job.id, job.fence, self.settings.job_kept_ms)

    async def upload(self, name: str, max_bytes: int) -> bytes:
        """A file that was kept for a job. Raises InvalidInput where it is gone, cut or longer than this."""
        flat: list[bytes] = await self.engine.command("HGETALL", self._upload_key(name), key=self.base)
        pieces = dict(zip(map(int, flat[::2]), flat[1::2], strict=True))
        unpacked = zlib.decompressobj()
        packed = b"".join(pieces[number] for number in sorted(pieces))
        content = await asyncio.to_thread(unpacked.decompress, packed, max_bytes + 1)
        if not unpacked.eof or len(content) > max_bytes:
            raise InvalidInput("the file is not kept any more: send it again")
        return content

    async def kept_pieces(self, name: str) -> AsyncIterator[bytes]:
        """The same piece by piece, as it was kept: of a file that is long. Raises InvalidInput where it is gone."""
        key, unpacked, number = self._upload_key(name), zlib.decompressobj(), 0
        while packed := await self.engine.command("HGET", key, number, key=self.base):
            number += 1
            if len(packed) <= 2 * SMALL_BYTES:
                yield unpacked.decompress(packed)
            else:
                yield await asyncio.to_thread(unpacked.decompress, packed)
        if not unpacked.eof:
            raise InvalidInput("the file is not kept any more: ask for it anew")

    async def is_empty(self) -> bool:
        """Whether the pool has no record of any job."""
        return not await self.engine.command("HLEN", f"{self.base}:jobs", key=self.base)

    async def _keep(self, key: str, number: int, packed: bytes) -> int:
        """Keep a piece under its number, for a command may be carried out twice; the number of the next."""
        if not packed:
            return number
        await self.engine.command("HSET", key, number, packed, key=self.base)
        await self.engine.command("PEXPIRE", key, self.settings.job_kept_ms, key=self.base)
        return number + 1

    async def _do(self, action: str, *args: str | int | bytes) -> bytes:
        return await self.engine.call(library.JOB, self.base, action, *args)

    def _result_key(self, job_id: str) -> str:
        return f"{self.base}:result:{job_id}"

    def _upload_key(self, name: str) -> str:
        return f"{self.base}:upload:{name}"


class JobQueue:
    """Which pools have jobs, for whoever does them. One small key for the whole engine, and a bell beside it."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._key = f"{settings.key_prefix}:jobs"

    async def announce(self, pool: str) -> None:
        """A pool has a job. Where nobody hears the bell, the next look finds the pool. Raises EngineError."""
        await self._engine.command("SADD", self._key, pool, key=self._key)
        await self._engine.command("SPUBLISH", self._key, pool, key=self._key)

    async def pools(self) -> list[str]:
        """Pools that may have jobs, by name. Raises EngineError."""
        names: list[bytes] = await self._engine.command("SMEMBERS", self._key, key=self._key)
        return sorted(name.decode() for name in names)

    def jobs(self, pool: str) -> Jobs:
        """The jobs of a pool."""
        return Jobs(self._engine, pool, self._settings)

    def book(self, pool: str) -> StockBook:
        """The book of a pool, without its feed. You must close it."""
        return StockBook(self._engine, pool, self._settings)

    async def sweep(self) -> None:
        """Look through all pools for jobs that the queue does not name. Raises EngineError."""
        for pool in await Directory(self._engine, self._settings).pools():
            if not await self.jobs(pool).is_empty():
                await self.announce(pool)

    async def leave(self, jobs: Jobs) -> None:
        """A pool has no open job. One made meanwhile brings it back. Raises EngineError."""
        await self._engine.command("SREM", self._key, jobs.pool, key=self._key)
        if any(not job.has_ended for job in await jobs.all()):
            await self._engine.command("SADD", self._key, jobs.pool, key=self._key)

    def bell(self) -> Subscription:
        """Rings with each new job; not yet entered."""
        return self._engine.subscribe(self._key)


def packed_result(value: object, max_bytes: int) -> bytes:
    """A result as it is kept. Raises InvalidInput where its JSON is longer than it may be."""
    text = msgspec.json.encode(value)
    if len(text) > max_bytes:
        raise InvalidInput(f"the result has {len(text):,} bytes, and may have {max_bytes:,} (job_result_max_bytes)")
    return zlib.compress(text, COMPRESSION_LEVEL)
