"""One child process as its supervisor sees it: a worker that serves, or the one for heavy work."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from shelfcast.barrier import barrier
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.settings import Settings
from shelfcast.workers.message_pipe import MessagePipe
from shelfcast.workers.messages import (
    Alive,
    Begin,
    Failed,
    Leave,
    Message,
    Metrics,
    MetricsWanted,
    Ready,
    Scrape,
    ScrapeWanted,
)
from shelfcast.workers.process_metrics import Family

_log = structlog.get_logger(__name__)

PROGRAM = "shelfcast.commands.worker"
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]

Expose = Callable[[], Awaitable[bytes]]
"""The metrics of all processes, in Prometheus' text format."""


class WorkerFailed(ShelfcastError):
    """A worker ended, or was ended, before it served."""


class Worker:
    """A child process. Made by `start`; its end shows in `exited`. `slot` is its place, or its name for want of one."""

    def __init__(self, slot: int | str, process: Process, channel: MessagePipe, expose: Expose) -> None:
        self.slot = slot
        self.metrics: list[Family] = []
        """What its instruments said last."""
        self._process = process
        self._channel = channel
        self._expose = expose
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._heard_at = loop.time()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._said: asyncio.Future[None] | None = None
        self._exposing: set[asyncio.Task[None]] = set()
        self._listening = loop.create_task(self._listen(), name=f"channel of worker {slot}")
        self.exited: asyncio.Task[int] = loop.create_task(self._wait(), name=f"worker {slot}")
        """Done when the process is gone and its last word read; its exit code, negative for a signal."""

    @classmethod
    async def start(
        cls,
        slot: int | str,
        listener: socket.socket | None,
        settings: Settings,
        expose: Expose,
        *,
        program: str = PROGRAM,
    ) -> Worker:
        """Start the process, to serve on `listener`, if any. It is of use only when `ready` has returned. Whoever is
        cancelled here leaves no process behind that nobody knows."""
        ours, theirs = socket.socketpair()
        spawning = asyncio.create_task(_spawn(program, [end for end in (theirs, listener) if end is not None]))
        spawning.add_done_callback(lambda _: theirs.close())
        try:
            process = await asyncio.shield(spawning)
            channel = await MessagePipe.open(ours)
        except BaseException:
            ours.close()
            await _end_spawned(spawning)
            raise
        worker = cls(slot, process, channel, expose)
        worker._channel.send(Begin(slot, msgspec.to_builtins(settings)))
        return worker

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def silent_s(self) -> float:
        """Seconds since it was last heard of."""
        return self._loop.time() - self._heard_at

    async def ready(self, timeout_ms: int) -> None:
        """Return when it serves. Raises ConfigError or WorkerFailed; then the process is gone."""
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.kill()
            raise WorkerFailed(f"worker {self.slot} was not ready within {timeout_ms} ms") from None

    def tell(self, message: Message) -> None:
        """Say something that needs no answer; dropped where the process is gone."""
        if not self.exited.done():
            self._channel.send(message)

    async def ask_metrics(self, timeout_ms: int) -> bool:
        """Bring `metrics` up to date. False when it does not answer in time: then those of the last time stand."""
        if self.exited.done():
            return False
        if self._said is None:
            self._said = self._loop.create_future()
            self._channel.send(MetricsWanted())
        either: list[asyncio.Future[Any]] = [self._said, self.exited]
        await asyncio.wait(either, timeout=timeout_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
        return self._said is None

    async def leave(self, *, handover: bool, limit_ms: int) -> None:
        """Have it drain, and wait until it is gone; killed when it takes longer."""
        if not self.exited.done():
            self._channel.send(Leave(handover))
        done, _ = await asyncio.wait([self.exited], timeout=limit_ms / 1000)
        if not done:
            _log.error("worker.killed", slot=self.slot, pid=self.pid, drain_limit_ms=limit_ms)
            await self.kill()

    async def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        await asyncio.wait([self.exited])

    async def _wait(self) -> int:
        code = await self._process.wait()
        await asyncio.wait([self._listening])
        self._channel.close()
        self._fail(WorkerFailed(f"worker {self.slot} ended before it served (exit {code})"))
        return code

    async def _listen(self) -> None:
        while (message := await self._channel.receive()) is not None:
            self._heard_at = self._loop.time()
            with barrier("supervisor.hears", slot=self.slot):
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Ready():
                if not self._ready.done():
                    self._ready.set_result(None)
            case Failed(error, wrong_setting):
                self._fail(ConfigError(error) if wrong_setting else WorkerFailed(error))
            case Metrics(families):
                self.metrics = families
                if self._said is not None:
                    self._said.set_result(None)
                    self._said = None
            case ScrapeWanted(number):
                exposing = self._loop.create_task(self._answer_scrape(number), name="scrape")
                self._exposing.add(exposing)
                exposing.add_done_callback(self._exposing.discard)
            case Alive() | _:
                pass

    async def _answer_scrape(self, number: int) -> None:
        with barrier("supervisor.scrape", slot=self.slot):
            text = await self._expose()
            if not self.exited.done():
                self._channel.send(Scrape(number, text))

    def _fail(self, error: ShelfcastError) -> None:
        if not self._ready.done():
            self._ready.set_exception(error)
            # Whoever does not wait for it any more need not hear of it.
            self._ready.exception()


async def _spawn(program: str, ends: list[socket.socket]) -> Process:
    """A child that is given these descriptors."""
    descriptors = [end.fileno() for end in ends]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", program, *map(str, descriptors)),
        stdin=DEVNULL,
        # A process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which tells the
        # workers. They stay in its session, so that its niceness is theirs (autogroup in sched(7)).
        preexec_fn=os.setpgrp,
        pass_fds=descriptors,
        env=_environment(),
    )


async def _end_spawned(spawning: asyncio.Task[Process]) -> None:
    """End a child that is not wanted any more, once it is there."""
    await asyncio.wait([spawning])
    if spawning.exception() is None:
        process = spawning.result()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """Ours, with the package that we are first in the path, wherever it was started from."""
    earlier = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(_PACKAGE_ROOT), *([earlier] if earlier else [])])
    return {**os.environ, "PYTHONPATH": path}
