"""The supervisor: one engine, one port, N workers that are kept running."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from contextlib import AsyncExitStack

import msgspec
import structlog

from shelfcast.engine import open_engine
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.settings import Settings
from shelfcast.stock.library import LIBRARY
from shelfcast.workers.listening import listeners
from shelfcast.workers.worker import Worker

_log = structlog.get_logger(__name__)


class Supervisor:
    """Runs `settings.workers` processes. `run` serves until SIGTERM or SIGINT; SIGHUP replaces all workers, one after
    another.

    It holds the listening sockets, one a worker: a worker's successor takes its socket over with whoever waits
    there, so nobody is refused while a worker is replaced, or dies and is started again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots: list[_Slot] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._roll_wanted = asyncio.Event()
        self.port = 0
        """The port the workers listen on, once started."""

    async def run(self) -> None:
        """Serve until told to stop, then drain. Raises ShelfcastError where it cannot start."""
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        loop.add_signal_handler(signal.SIGHUP, self._roll_wanted.set)
        async with AsyncExitStack() as parts:
            try:
                await self._start(parts)
                await told.wait()
            finally:
                # A second signal ends the waiting: then the workers see that we are gone, and end at once.
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(number)
                loop.add_signal_handler(signal.SIGHUP, lambda: None)
                await self._stop()
        _log.info("stopped")

    async def _start(self, parts: AsyncExitStack) -> None:
        settings = self._settings
        sockets = await listeners(settings, settings.workers)
        for listener in sockets:
            parts.callback(listener.close)
        self.port = sockets[0].getsockname()[1]
        engine = await parts.enter_async_context(open_engine(settings, LIBRARY))
        for_workers = msgspec.structs.replace(settings, engine=engine.url, port=self.port, workers=1)
        self._slots = [_Slot(number, listener, for_workers) for number, listener in enumerate(sockets, 1)]
        await asyncio.gather(*(slot.start() for slot in self._slots))
        loop = asyncio.get_running_loop()
        self._keepers = [loop.create_task(slot.keep_running(), name=f"slot {slot.number}") for slot in self._slots]
        self._keepers.append(loop.create_task(self._roll(), name="rolling restarts"))
        _log.info("serving", host=settings.host, port=self.port, workers=settings.workers)

    async def _stop(self) -> None:
        _log.info("draining", workers=len(self._slots))
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(slot.stop() for slot in self._slots))

    async def _roll(self) -> None:
        """Replace every worker whenever that is wanted; asked again meanwhile, all of them once more."""
        while True:
            await self._roll_wanted.wait()
            self._roll_wanted.clear()
            _log.info("restarting", workers=len(self._slots))
            try:
                for slot in self._slots:
                    await slot.replace()
            except ShelfcastError as error:
                _log.error("restart.given_up", error=str(error))
            else:
                _log.info("restarted", workers=len(self._slots))


class _Slot:
    """One listening socket, and the worker that serves it now."""

    def __init__(self, number: int, listener: socket.socket, settings: Settings) -> None:
        self.number = number
        self._listener = listener
        self._settings = settings
        self._worker: Worker | None = None
        self._changing = asyncio.Lock()
        self._alive: set[Worker] = set()
        """Every process of this slot: for a moment there are two."""

    async def start(self) -> None:
        """Start a worker, and make it the slot's when it serves. Raises ConfigError, WorkerFailed."""
        worker = await Worker.start(self.number, self._listener, self._settings)
        self._alive.add(worker)
        worker.exited.add_done_callback(lambda _: self._alive.discard(worker))
        await worker.ready(self._settings.worker_start_timeout_ms)
        self._worker = worker

    async def replace(self) -> None:
        """Start a successor, then have the old worker drain. Where the successor does not serve, the old one stays."""
        async with self._changing:
            old = self._worker
            await self.start()
        if old is not None:
            await old.leave(handover=True, limit_ms=self._leave_limit_ms())

    async def keep_running(self) -> None:
        """Start the worker again whenever it ends by itself."""
        settings = self._settings
        loop = asyncio.get_running_loop()
        pause_ms = settings.worker_restart_backoff_ms
        while True:
            worker = self._worker
            if worker is None:
                raise AssertionError("a slot is started before it is kept running")
            since = loop.time()
            code = await asyncio.shield(worker.exited)
            async with self._changing:
                if worker is not self._worker:
                    continue
            if loop.time() - since >= settings.worker_restart_backoff_max_ms / 1000:
                pause_ms = settings.worker_restart_backoff_ms
            _log.error("worker.died", slot=self.number, pid=worker.pid, exit=code, restart_in_ms=pause_ms)
            pause_ms = await self._start_again(pause_ms)

    async def _start_again(self, pause_ms: int) -> int:
        """Try until a worker serves; the next pause, doubled with each try."""
        while True:
            await asyncio.sleep(pause_ms / 1000)
            pause_ms = min(pause_ms * 2, self._settings.worker_restart_backoff_max_ms)
            try:
                async with self._changing:
                    if self._worker is None or self._worker.exited.done():
                        await self.start()
            except ShelfcastError as error:
                _log.error("worker.start_failed", slot=self.number, error=str(error), restart_in_ms=pause_ms)
                continue
            return pause_ms

    async def stop(self) -> None:
        """Have whatever runs drain, and wait until it is gone."""
        self._listener.close()
        limit_ms = self._leave_limit_ms()
        await asyncio.gather(*(worker.leave(handover=False, limit_ms=limit_ms) for worker in list(self._alive)))

    def _leave_limit_ms(self) -> int:
        settings = self._settings
        return settings.drain_notice_ms + 2 * settings.drain_timeout_ms + settings.engine_call_timeout_ms


def raise_descriptor_limit() -> None:
    """Let this process and its children open as many descriptors as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot raise the limit of descriptors to {hard}: {error}") from None
