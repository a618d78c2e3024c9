"""One worker process of `serve --workers N`. The supervisor starts it, and hands it two descriptors: the channel
between them, and the socket to listen on."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import msgspec
import structlog
import uvloop

from shelfcast.app import App
from shelfcast.commands.logs import configure_logs
from shelfcast.commands.serve import EXIT_OK, calm_collector
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.settings import Settings
from shelfcast.workers.listening import inherited
from shelfcast.workers.message_pipe import MessagePipe
from shelfcast.workers.messages import Begin, Failed, Ready
from shelfcast.workers.supervisor_link import SupervisorLink

EXIT_FAILED = 1


def main() -> None:
    """Serve until the supervisor says to leave, or is gone; exit with the code."""
    channel, listener = map(inherited, map(int, sys.argv[1:]))
    # What a terminal sends goes to the supervisor, which tells us.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(_work(channel, listener)))


async def _work(end: socket.socket, listener: socket.socket) -> int:
    channel = await MessagePipe.open(end)
    begin = await channel.receive()
    if not isinstance(begin, Begin):
        return EXIT_FAILED
    settings = msgspec.convert(begin.settings, Settings)
    configure_logs(settings)
    structlog.contextvars.bind_contextvars(worker=begin.slot)
    link = SupervisorLink(channel, settings)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, link.leave)
    app = App(settings, listener=listener, exposition=link.exposition, warnings={"heavy": link.heavy_complaint})
    try:
        await app.start()
        calm_collector()
        channel.send(Ready())
        await app.stop(handover=await link.told_to_leave)
    except ShelfcastError as error:
        channel.send(Failed(str(error), isinstance(error, ConfigError)))
        return EXIT_FAILED
    else:
        return EXIT_OK
    finally:
        await link.close()


if __name__ == "__main__":
    main()
