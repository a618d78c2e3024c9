"""One of the supervisor's listening sockets, and the worker that serves it: started, replaced, started again."""

from __future__ import annotations

import asyncio
import socket

import structlog

from shelfcast import metrics
from shelfcast.backoff import Backoff
from shelfcast.barrier import barrier, note_fault
from shelfcast.errors import ShelfcastError
from shelfcast.settings import Settings
from shelfcast.workers.process_metrics import Retired
from shelfcast.workers.worker import Expose, Worker

_log = structlog.get_logger(__name__)

PARK_AFTER_MS = 1_000
"""Whoever connects while a worker is away waits in its socket. Where that would take longer than this, the socket
stops listening meanwhile, and the kernel sends everybody to the other workers. The worker that serves it listens
anew: until then nobody waits for one that may not start."""


class Slot:
    """A listening socket that outlives its workers. What a successor finds there are the connections that wait.

    `retired` takes the counters of workers that have ended. You must `close` a slot.
    """

    def __init__(
        self, number: int, listener: socket.socket, settings: Settings, expose: Expose, retired: Retired
    ) -> None:
        self.number = number
        self.worker: Worker | None = None
        """The worker that serves now, or the last one that did."""
        self._listener = listener
        self._settings = settings
        self._backoff = Backoff(settings.worker_restart_backoff_ms, settings.worker_restart_backoff_max_ms)
        self._expose = expose
        self._retired = retired
        self._alive: set[Worker] = set()
        """Every process of this slot: for a moment there are two."""
        self._changing = asyncio.Lock()
        """Held while a worker is started, so that there is one successor."""

    @property
    def alive(self) -> list[Worker]:
        """Every process of this slot, one that starts or drains among them."""
        return list(self._alive)

    @property
    def is_up(self) -> bool:
        """Whether a worker serves, and was heard of lately."""
        worker = self.worker
        if worker is None or worker.exited.done():
            return False
        return worker.silent_s() * 1000 < self._settings.worker_silence_max_ms

    async def start(self) -> None:
        """Start a worker, and make it the slot's when it serves. Raises ConfigError, WorkerFailed."""
        worker = await Worker.start(self.number, self._listener, self._settings, self._expose)
        self._alive.add(worker)
        worker.exited.add_done_callback(lambda _: self._gone(worker))
        await worker.ready(self._settings.worker_start_timeout_ms)
        self.worker = worker
        _log.info("worker.serving", slot=self.number, pid=worker.pid)

    async def replace(self) -> None:
        """Start a successor, then have the old worker drain. Where the successor does not serve, the old one stays.

        Raises ConfigError, WorkerFailed.
        """
        async with self._changing:
            old = self.worker
            await self.start()
        if old is not None:
            await old.leave(handover=True, limit_ms=self._settings.handover_limit_ms)

    async def keep_running(self) -> None:
        """Start the worker again whenever it ends by itself; the pauses grow while they do not live long."""
        loop = asyncio.get_running_loop()
        failures = 0
        while (worker := self.worker) is not None:
            since = loop.time()
            code = await asyncio.shield(worker.exited)
            async with self._changing:
                if worker is not self.worker:
                    continue
            failures = self._backoff.failures_after(failures, lasted_s=loop.time() - since)
            pause_ms = self._backoff.pause_ms(failures)
            _log.error("worker.died", slot=self.number, pid=worker.pid, exit=code, restart_in_ms=pause_ms)
            failures = await self._start_again(failures)

    async def end_if_stuck(self) -> None:
        """Kill a worker that was not heard of for too long; `keep_running` sees to the next."""
        worker = self.worker
        if worker is not None and not worker.exited.done() and not self.is_up:
            with barrier("supervisor.stuck", slot=self.number):
                _log.error("worker.stuck", slot=self.number, pid=worker.pid, silent_s=round(worker.silent_s(), 1))
                await worker.kill()

    async def close(self) -> None:
        """Have whatever runs drain, and wait until it is gone."""
        self._listener.close()
        limit_ms = self._settings.drain_limit_ms
        await asyncio.gather(*(worker.leave(handover=False, limit_ms=limit_ms) for worker in self.alive))

    async def _start_again(self, failures: int) -> int:
        """Try until a worker serves; how many failures in a row there have been by then."""
        while True:
            pause_ms = self._backoff.pause_ms(failures)
            if pause_ms > PARK_AFTER_MS and self._listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                self._listener.shutdown(socket.SHUT_RDWR)
            await asyncio.sleep(pause_ms / 1000)
            async with self._changing:
                if self.worker is not None and not self.worker.exited.done():
                    return failures
                metrics.WORKER_RESTARTS.labels(str(self.number)).inc()
                try:
                    await self.start()
                except ShelfcastError as error:
                    failures += 1
                    again_ms = self._backoff.pause_ms(failures)
                    _log.error("worker.start_failed", slot=self.number, error=str(error), restart_in_ms=again_ms)
                    continue
                except Exception:
                    # No process or descriptor to be had, for one. The next try may find what this one did not.
                    failures += 1
                    note_fault("supervisor.slot", slot=self.number, restart_in_ms=self._backoff.pause_ms(failures))
                    continue
            return failures

    def _gone(self, worker: Worker) -> None:
        self._alive.discard(worker)
        self._retired.add(worker.metrics)
