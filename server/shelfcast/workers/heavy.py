"""The process for heavy work as its server sees it: started, watched, started again."""

from __future__ import annotations

import asyncio

import structlog

from shelfcast import metrics
from shelfcast.backoff import Backoff
from shelfcast.barrier import note_fault
from shelfcast.errors import ShelfcastError
from shelfcast.http.api.services import own_exposition
from shelfcast.settings import Settings
from shelfcast.workers.process_metrics import Family, Retired, exposition, own_metrics
from shelfcast.workers.worker import Worker

_log = structlog.get_logger(__name__)

NAME = "heavy"
PROGRAM = "shelfcast.commands.heavy"
GIVE_BACK_MS = 5_000
"""How long its end may take besides a call of the engine; then it is killed, and the next one begins its job anew."""


class HeavyProcess:
    """A server has one, beside its workers or its one process. It never keeps the server from serving: one that cannot
    be started is tried again for ever. You must `close` it.
    """

    def __init__(self) -> None:
        self._settings = Settings()
        self._worker: Worker | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._retired = Retired()
        self._away_since_s: float | None = None

    def start(self, settings: Settings) -> None:
        """Begin; `settings` name the engine, also where that is this server's own. Returns at once."""
        self._settings = settings
        loop = asyncio.get_running_loop()
        self._away_since_s = loop.time()
        self._keeper = loop.create_task(self._keep_running(), name="process for heavy work")

    async def complaint(self) -> str:
        """What /readyz warns of: that it is away, or says nothing, for longer than a restart takes."""
        away_s = self._away_s
        if away_s * 1000 < self._settings.heavy_away_ms:
            return ""
        return f"the process for heavy work is away for {away_s:.0f} s: audits and previews wait"

    async def replace(self) -> None:
        """Have it give back what it does and end; the next one is what is installed now."""
        worker = self._worker
        if worker is None:
            return
        if self._away_since_s is not None:
            # It has not begun anything yet.
            await worker.kill()
        else:
            await worker.leave(handover=False, limit_ms=self._settings.engine_call_timeout_ms + GIVE_BACK_MS)

    async def close(self) -> None:
        """Have it give back what it does, and wait until it is gone."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await self.replace()
        if self._worker is not None:
            self._gone(self._worker)
        self._away_since_s = None

    # --- its metrics ----------------------------------------------------------------------------------------------

    async def exposition(self) -> bytes:
        """The metrics of a server that is one process, and of this one, in Prometheus' text format."""
        await self.ask_metrics()
        return exposition({"": own_metrics(), **self.metrics}, self._retired)

    async def ask_metrics(self) -> None:
        """Bring `metrics` up to date, where it answers in time."""
        worker = self._worker
        if worker is not None:
            await worker.ask_metrics(self._settings.worker_metrics_timeout_ms)
        metrics.HEAVY_UP.set(self._away_s * 1000 < self._settings.worker_silence_max_ms and self._away_since_s is None)

    @property
    def metrics(self) -> dict[str, list[Family]]:
        """What its instruments said last, under its name; those of processes that are gone stay in the counters."""
        return {NAME: self._worker.metrics} if self._worker is not None else {}

    @property
    def _away_s(self) -> float:
        """Seconds since it was there; 0 where it was not started."""
        if self._away_since_s is not None:
            return asyncio.get_running_loop().time() - self._away_since_s
        return self._worker.silent_s() if self._worker is not None else 0.0

    # --- parts ----------------------------------------------------------------------------------------------------

    async def _keep_running(self) -> None:
        settings, loop = self._settings, asyncio.get_running_loop()
        backoff = Backoff(settings.worker_restart_backoff_ms, settings.worker_restart_backoff_max_ms)
        failures = 0
        while True:
            since_s = loop.time()
            try:
                await self._run_once()
            except ShelfcastError as error:
                _log.error("heavy.start_failed", error=str(error))
            except Exception:
                note_fault("supervisor.heavy")
            if self._away_since_s is None:
                self._away_since_s = loop.time()
            failures = backoff.failures_after(failures, lasted_s=loop.time() - since_s)
            await asyncio.sleep(backoff.pause_s(failures))
            metrics.HEAVY_RESTARTS.inc()

    async def _run_once(self) -> None:
        """Start it and wait for its end. Raises ConfigError, WorkerFailed."""
        settings = self._settings
        worker = await Worker.start(NAME, None, settings, own_exposition, program=PROGRAM)
        self._worker = worker
        try:
            await worker.ready(settings.worker_start_timeout_ms)
            self._away_since_s = None
            _log.info("heavy.ready", pid=worker.pid, nice=settings.heavy_nice)
            while not worker.exited.done():
                await asyncio.wait([worker.exited], timeout=settings.worker_alive_interval_ms / 1000)
                if worker.silent_s() * 1000 >= settings.worker_silence_max_ms and not worker.exited.done():
                    _log.error("heavy.stuck", pid=worker.pid, silent_s=round(worker.silent_s(), 1))
                    await worker.kill()
            code = worker.exited.result()
            (_log.error if code else _log.info)("heavy.died" if code else "heavy.left", pid=worker.pid, exit=code)
        finally:
            if worker.exited.done():
                self._gone(worker)

    def _gone(self, worker: Worker) -> None:
        self._retired.add(worker.metrics)
        self._worker = None
