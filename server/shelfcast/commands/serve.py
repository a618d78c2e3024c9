"""`shelfcast serve`: run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from typing import TextIO, cast

import structlog
import uvloop

from shelfcast.app import App, checked_tokens
from shelfcast.commands.log_limit import CutLine, LineLimit, cut_texts
from shelfcast.commands.log_stream import LogStream
from shelfcast.settings import Settings
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
    app = App(settings)
    await app.start()
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


def configure_logs(settings: Settings) -> None:
    """Structured lines on standard error, in the form the settings ask for; the libraries' own lines among them."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    console = settings.log_format == "console"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        cut_texts,
    ]
    limit = LineLimit(settings.log_lines_a_second_max)
    stream = cast("TextIO", LogStream(sys.stderr))
    plain: structlog.typing.Processor = (
        # A trace without the values of variables: among them are secrets, and the engine's URL with its password.
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer()
    )
    renderer = CutLine(plain, settings.log_line_max_characters)
    tracebacks: list[structlog.typing.Processor] = [] if console else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[limit, *shared, *tracebacks, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # A line and its end in one write: workers share this stream.
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(limit)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tracebacks, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
