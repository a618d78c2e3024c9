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
from shelfcast.workers.supervisor_link import SupervisorLink

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
    try:
        engine = await Engine.connect(settings.engine, settings=settings, library=LIBRARY)
        try:
            running = asyncio.create_task(Runner(JobQueue(engine, settings), settings).run(), name="runner")
            channel.send(Ready())
            either: list[asyncio.Future[Any]] = [running, link.told_to_leave]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        finally:
            await engine.close()
    except ShelfcastError as error:
        channel.send(Failed(str(error), isinstance(error, ConfigError)))
        return EXIT_FAILED
    else:
        return EXIT_OK if link.told_to_leave.done() else EXIT_FAILED
    finally:
        await link.close()


if __name__ == "__main__":
    main()
