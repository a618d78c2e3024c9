"""`shelfcast serve`: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal

import msgspec
import uvloop

from shelfcast.app import App, checked_tokens
from shelfcast.commands.logs import configure_logs
from shelfcast.settings import Settings
from shelfcast.workers.heavy import HeavyProcess
from shelfcast.workers.supervisor import Supervisor, raise_descriptor_limit

EXIT_OK = 0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A single process has nothing to put in its place: SIGHUP, which replaces workers, is one more way to stop it."""
COLLECT_AFTER_OBJECTS = 50_000


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM, then drain. Returns the exit code; raises ShelfcastError where it cannot start."""
    configure_logs(settings)
    raise_descriptor_limit()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings) if settings.workers == 1 else supervise(settings))


async def serve(settings: Settings) -> int:
    """Start, wait for a signal, drain. A second signal ends the waiting: what is open is cut off."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, told.set)
    heavy = HeavyProcess()
    app = App(settings, exposition=heavy.exposition, warnings={"heavy": heavy.complaint}, beside=heavy.close)
    await app.start()
    heavy.start(msgspec.structs.replace(settings, engine=app.engine.url))
    calm_collector()
    try:
        await told.wait()
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
        await app.stop()
    return EXIT_OK


def calm_collector() -> None:
    """Have the garbage collector look seldom, and never at what was there from the start.

    A viewer is a few objects without cycles, freed when its socket closes; looking through the objects of 18,000 of
    them again and again is a pause for everybody that finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 20, 100)


async def supervise(settings: Settings) -> int:
    """The same with several worker processes; each of them runs `commands.worker`."""
    checked_tokens(settings)
    await Supervisor(settings).run()
    return EXIT_OK
