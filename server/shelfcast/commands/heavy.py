"""The process for heavy work: `python -m shelfcast.commands.heavy CHANNEL`, with the descriptor that its server gives
it. It takes jobs from the engine and serves nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from typing import Any

import msgspec
import structlog
import uvloop

from shelfcast.commands.logs import configure_logs
from shelfcast.engine import Engine
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.heavy.runner import Runner
from shelfcast.settings import Settings
from shelfcast.stock.jobs import JobQueue
from shelfcast.stock.library import LIBRARY
from shelfcast.workers.listening import inherited
from shelfcast.workers.message_pipe import MessagePipe
from shelfcast.workers.messages import Begin, Failed, Ready
from shelfcast.workers.supervisor_link import EXIT_CUT_OFF, SupervisorLink

EXIT_OK = 0
EXIT_FAILED = 1


def main() -> None:
    """Do jobs until the server says to leave, or is gone; exit with the code."""
    channel = inherited(int(sys.argv[1]))
    # What a terminal sends goes to the server, which tells us.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(_work(channel))
    sys.stderr.flush()
    # A thread that reads a spreadsheet would be waited for: nobody wants what it finds.
    os._exit(code)


async def _work(end: socket.socket) -> int:
    channel = await MessagePipe.open(end)
    begin = await channel.receive()
    if not isinstance(begin, Begin):
        return EXIT_FAILED
    settings = msgspec.convert(begin.settings, Settings)
    os.nice(settings.heavy_nice)
    configure_logs(settings)
    structlog.contextvars.bind_contextvars(worker=begin.slot)
    link = SupervisorLink(channel, settings)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, link.leave)
    working = asyncio.create_task(_do_jobs(settings, channel), name="jobs")
    either: list[asyncio.Future[Any]] = [working, link.told_to_leave]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if link.cut_off:
        # Nobody would end us if this took long. The job's claim runs out, and the next one begins it anew.
        os._exit(EXIT_CUT_OFF)
    working.cancel()
    (ended,) = await asyncio.gather(working, return_exceptions=True)
    if isinstance(ended, ShelfcastError):
        channel.send(Failed(str(ended), isinstance(ended, ConfigError)))
    await link.close()
    return EXIT_OK if isinstance(ended, asyncio.CancelledError) else EXIT_FAILED


async def _do_jobs(settings: Settings, channel: MessagePipe) -> None:
    """Do jobs until cancelled. Raises EngineError and ConfigError where it cannot begin."""
    engine = await Engine.connect(settings.engine, settings=settings, library=LIBRARY)
    try:
        channel.send(Ready())
        await Runner(JobQueue(engine, settings), settings).run()
    finally:
        await engine.close()


if __name__ == "__main__":
    main()
