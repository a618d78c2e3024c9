"""The supervisor: one engine, one port, N workers and a process for heavy work that are kept running."""

from __future__ import annotations

import asyncio
import resource
import signal
from contextlib import AsyncExitStack

import msgspec
import structlog

from shelfcast import metrics
from shelfcast.barrier import barrier
from shelfcast.engine import open_engine
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.http.api.kept import Kept
from shelfcast.settings import Settings
from shelfcast.stock.library import LIBRARY
from shelfcast.workers.heavy import HeavyProcess
from shelfcast.workers.listening import listeners
from shelfcast.workers.messages import HeavyNews
from shelfcast.workers.process_metrics import Family, Retired, exposition, own_metrics, total
from shelfcast.workers.slot import Slot

_log = structlog.get_logger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
OWN_NAME = "supervisor"


class Supervisor:
    """Runs `settings.workers` processes. `run` serves until SIGTERM or SIGINT; SIGHUP replaces all workers, one after
    another.

    It holds the listening sockets, one a worker: a worker's successor takes its socket over with whoever waits
    there, so nobody is refused while a worker is replaced, or dies and is started again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots: list[Slot] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._roll_wanted = asyncio.Event()
        self._retired = Retired()
        self._heavy = HeavyProcess()
        self._metrics: Kept[bytes] = Kept(settings.public_reads_a_second_max)

    async def run(self) -> None:
        """Serve until told to stop, then drain. Raises ShelfcastError where it cannot start."""
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, told.set)
        loop.add_signal_handler(signal.SIGHUP, self._roll_wanted.set)
        async with AsyncExitStack() as parts:
            try:
                await self._start(parts)
                await told.wait()
            finally:
                # A second signal ends the waiting: then the workers see that we are gone, and leave at once.
                for number in STOP_SIGNALS:
                    loop.remove_signal_handler(number)
                await self._stop()
        _log.info("stopped")

    async def exposition(self) -> bytes:
        """The metrics of all processes, in Prometheus' text format. Those who ask at once share the answer, and
        those who ask often get the last one."""
        return await self._metrics.get(self._gather)

    async def _start(self, parts: AsyncExitStack) -> None:
        settings = self._settings
        sockets = await listeners(settings, settings.workers)
        for listener in sockets:
            parts.callback(listener.close)
        port = sockets[0].getsockname()[1]
        engine = await parts.enter_async_context(open_engine(settings, LIBRARY))
        of_worker = msgspec.structs.replace(settings, engine=engine.url, port=port, workers=1)
        self._slots = [
            Slot(number, listener, of_worker, self.exposition, self._retired)
            for number, listener in enumerate(sockets, 1)
        ]
        await asyncio.gather(*(slot.start() for slot in self._slots))
        self._heavy.start(of_worker)
        loop = asyncio.get_running_loop()
        self._keepers = [loop.create_task(slot.keep_running(), name=f"slot {slot.number}") for slot in self._slots]
        self._keepers.append(loop.create_task(self._roll(), name="rolling restarts"))
        self._keepers.append(loop.create_task(self._look_after(), name="stuck workers"))
        tls = bool(settings.tls_certificate_file)
        _log.info("serving", host=settings.host, port=port, tls=tls, workers=settings.workers)

    async def _stop(self) -> None:
        _log.info("draining", workers=len(self._slots))
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(self._heavy.close(), *(slot.close() for slot in self._slots))

    async def _roll(self) -> None:
        """Replace every worker whenever that is wanted; asked again meanwhile, all of them once more."""
        while True:
            await self._roll_wanted.wait()
            self._roll_wanted.clear()
            _log.info("restarting", workers=len(self._slots))
            with barrier("supervisor.roll"):
                try:
                    for slot in self._slots:
                        await slot.replace()
                    await self._heavy.replace()
                except ShelfcastError as error:
                    _log.error("restart.given_up", error=str(error))
                else:
                    _log.info("restarted", workers=len(self._slots))

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(self._settings.worker_alive_interval_ms / 1000)
            await asyncio.gather(*(slot.end_if_stuck() for slot in self._slots))
            news = HeavyNews(await self._heavy.complaint())
            for worker in (worker for slot in self._slots for worker in slot.alive):
                worker.tell(news)

    async def _gather(self) -> bytes:
        workers = [worker for slot in self._slots for worker in slot.alive]
        timeout_ms = self._settings.worker_metrics_timeout_ms
        await asyncio.gather(*(worker.ask_metrics(timeout_ms) for worker in workers), self._heavy.ask_metrics())
        for slot in self._slots:
            name = str(slot.number)
            metrics.WORKER_UP.labels(name).set(slot.is_up)
            connections = sum(total(worker.metrics, "shelfcast_connections") for worker in slot.alive)
            metrics.WORKER_CONNECTIONS.labels(name).set(connections)
        of_process: dict[str, list[Family]] = {OWN_NAME: own_metrics()}
        for worker in workers:
            if not worker.exited.done():
                # While a worker is replaced, the old one goes by its process id.
                name = str(worker.slot) if str(worker.slot) not in of_process else f"{worker.slot}-{worker.pid}"
                of_process[name] = worker.metrics
        of_process |= self._heavy.metrics
        return exposition(of_process, self._retired)


def raise_descriptor_limit() -> None:
    """Let this process and its children open as many descriptors as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot raise the limit of descriptors to {hard}: {error}") from None
