"""The embedded engine: a real valkey-server as our child, restarted when it dies, stopped last."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from pathlib import Path

import structlog
from redis.exceptions import BusyLoadingError, RedisError

from shelfcast.backoff import Backoff
from shelfcast.barrier import barrier, note_fault
from shelfcast.engine.address import Address, read_address, socket_url
from shelfcast.engine.binary import engine_command, find_binary
from shelfcast.engine.folder import DataFolder, why_ended
from shelfcast.engine.link import Link
from shelfcast.engine.owner import Ownership
from shelfcast.engine.watchdog import Watchdog
from shelfcast.errors import EngineRefused
from shelfcast.metrics import ENGINE_RESTARTS
from shelfcast.settings import Settings

_log = structlog.get_logger(__name__)

LOG_NAME = "engine.log"
LOG_MAX_BYTES = 1_048_576
LOG_TAIL_BYTES = 4_096
_POLL_S = 0.01


class EmbeddedEngine:
    """Runs the engine on a data folder that it owns alone. You must `stop` it, after everything that uses it.

    The append-only file is flushed before each answer, so what was acknowledged is there after a crash of the engine,
    of this process or of the machine.
    """

    def __init__(self, data_dir: Path, settings: Settings, *, binary: Path | None = None) -> None:
        self._data_dir = data_dir.resolve()
        self._settings = settings
        self._binary = binary
        self._ownership: Ownership | None = None
        self._process: Process | None = None
        self._spawning: asyncio.Task[Process] | None = None
        self._guard: asyncio.Task[None] | None = None
        self._folder = DataFolder(self._data_dir)
        self._log_begin = 0
        """Where in the log the words of the engine that runs now begin."""
        self.restarts = 0

    @property
    def pid(self) -> int:
        """Process id of the engine that runs now; it changes with a restart."""
        if self._process is None:
            raise EngineRefused("the embedded engine was not started")
        return self._process.pid

    @property
    def socket_path(self) -> Path:
        """Where the engine listens; the same after a restart."""
        if self._ownership is None:
            raise EngineRefused("the embedded engine was not started")
        return self._ownership.socket

    @property
    def url(self) -> str:
        """The engine's URL for `Engine.connect`."""
        return socket_url(self.socket_path)

    async def start(self) -> str:
        """Take the folder, start the engine and wait until it has loaded its data and answers. Returns its URL.

        Raises EngineRefused: no binary, the folder has another owner, or the engine ended (with its last log lines).
        """
        binary = self._binary or find_binary()
        self._ownership = await Ownership.take(self._data_dir, wait_ms=self._settings.engine_stop_timeout_ms)
        try:
            process = await self._spawn(binary, self._ownership)
            await self._wait_until_ready(process)
        except BaseException:
            await self._end_process()
            self._ownership.release()
            self._ownership = None
            raise
        self._look_for_repair()
        self._guard = asyncio.create_task(self._keep_running(process, binary, self._ownership), name="embedded-engine")
        _log.info("engine.started", pid=self.pid, data=str(self._data_dir), binary=str(binary))
        return self.url

    async def stop(self) -> None:
        """End the engine (SIGTERM, then SIGKILL) and give the folder up. Safe to call twice."""
        if self._guard is not None:
            self._guard.cancel()
            await asyncio.gather(self._guard, return_exceptions=True)
            self._guard = None
        await self._end_process()
        if self._ownership is not None:
            self._ownership.release()
            self._ownership = None
            _log.info("engine.stopped", data=str(self._data_dir))

    async def _spawn(self, binary: Path, ownership: Ownership) -> Process:
        """Start the child. Whoever is cancelled here leaves it to `_end_process`, never a child that nobody knows."""
        self._spawning = asyncio.create_task(self._execute(binary, ownership))
        self._process = await asyncio.shield(self._spawning)
        return self._process

    async def _execute(self, binary: Path, ownership: Ownership) -> Process:
        command = engine_command(binary, self._data_dir, ownership.socket, parent=os.getpid())
        log = _open_log(self._data_dir / LOG_NAME)
        self._log_begin = os.fstat(log).st_size
        try:
            # A process group of its own: Ctrl-C in the terminal reaches the server alone, which stops the engine last.
            # Not a session of its own: Linux may share the cores out by sessions (autogroup in sched(7)), and then the
            # server's niceness says nothing of its engine.
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=os.setpgrp,
                pass_fds=(ownership.descriptor,),
            )
        finally:
            os.close(log)

    async def _wait_until_ready(self, process: Process) -> None:
        """Poll until PING is answered. Loading a long append-only file may take as long as it needs."""
        loop = asyncio.get_running_loop()
        timeout_s = self._settings.engine_start_timeout_ms / 1000
        deadline = loop.time() + timeout_s
        address = read_address(self.url)
        while (fault := await _ping(address, self._settings.engine_connect_timeout_ms)) is not None:
            if process.returncode is not None:
                raise EngineRefused(f"the engine ended at once (exit {process.returncode}): {self._why_ended()}")
            if isinstance(fault, BusyLoadingError):
                deadline = loop.time() + timeout_s
            if loop.time() >= deadline:
                raise EngineRefused(
                    f"the engine did not answer within {self._settings.engine_start_timeout_ms} ms: {self._why_ended()}"
                )
            await asyncio.sleep(_POLL_S)

    async def _keep_running(self, process: Process, binary: Path, ownership: Ownership) -> None:
        """Restart the engine whenever it ends; the pauses grow while it does not live long."""
        settings = self._settings
        backoff = Backoff(settings.engine_restart_backoff_ms, settings.engine_restart_backoff_max_ms)
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            since = loop.time()
            code = await self._watch(process)
            failures = backoff.failures_after(failures, lasted_s=loop.time() - since)
            _log.error("engine.died", exit=code, restart_in_ms=backoff.pause_ms(failures), last=self._why_ended())
            await asyncio.sleep(backoff.pause_s(failures))
            self.restarts += 1
            ENGINE_RESTARTS.inc()
            try:
                process = await self._spawn(binary, ownership)
                await self._wait_until_ready(process)
            except (EngineRefused, OSError) as error:
                _log.error("engine.restart_failed", error=str(error))
                await self._end_process()
                continue
            except Exception:
                note_fault("engine.restart")
                await self._end_process()
                continue
            _log.info("engine.restarted", pid=process.pid, restarts=self.restarts)
            self._look_for_repair()

    async def _watch(self, process: Process) -> int:
        """Wait for the end of the engine, and end one that hangs; its exit code."""
        silence_max_ms = self._settings.engine_silence_max_ms
        watchdog = Watchdog(process, read_address(self.url), silence_max_ms=silence_max_ms)
        watching = asyncio.create_task(watchdog.run(), name="engine watchdog")
        try:
            return await process.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def _look_for_repair(self) -> None:
        """Say so where the engine has dropped a cut tail of its file."""
        with barrier("engine.log"):
            note = self._folder.note_repair(self._log_tail())
            if note:
                _log.warning("engine.file_repaired", found=note, hint="nothing acknowledged should be in it: audit")

    async def _end_process(self) -> None:
        if self._spawning is not None:
            await asyncio.wait([self._spawning])
            if self._spawning.exception() is None:
                self._process = self._spawning.result()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._settings.engine_stop_timeout_ms / 1000):
                await process.wait()
        except TimeoutError:
            _log.warning("engine.killed", pid=process.pid, after_ms=self._settings.engine_stop_timeout_ms)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _why_ended(self) -> str:
        lines = self._log_tail().strip().splitlines()
        return why_ended(self._data_dir, lines or [f"nothing in {self._data_dir / LOG_NAME}"])

    def _log_tail(self) -> str:
        """The last words of the engine that was started last."""
        path = self._data_dir / LOG_NAME
        with suppress(OSError), path.open("rb") as log:
            log.seek(max(self._log_begin, path.stat().st_size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")
        return ""


def _open_log(path: Path) -> int:
    """The engine's log, appended to; one older file is kept when it has grown too long."""
    if path.exists() and path.stat().st_size > LOG_MAX_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


async def _ping(address: Address, timeout_ms: int) -> RedisError | None:
    """None when the engine answers, else why it does not."""
    try:
        link = await Link.open(address, address.nodes[0], timeout_ms)
    except RedisError as error:
        return error
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            await link.ask("PING")
    except TimeoutError:
        return RedisError("no answer to PING")
    except RedisError as error:
        return error
    finally:
        await link.close()
    return None
