"""Logs of a server's process."""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog

from shelfcast.commands.log_limit import CutLine, LineLimit, cut_texts
from shelfcast.commands.log_stream import LogStream
from shelfcast.settings import Settings


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
