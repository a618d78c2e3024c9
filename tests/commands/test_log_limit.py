"""What a stranger can have written to the log is bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

import pytest
import structlog
from fixtures_server import StartServer
from shelfcast.commands.log_limit import KINDS_MAX, LEFT_OUT, LineLimit, cut_texts
from shelfcast.commands.logs import configure_logs
from shelfcast.settings import Settings
from structlog._config import BoundLoggerLazyProxy


@pytest.fixture
def restored_logs():
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    # Loggers that were used meanwhile have kept what was configured, and with it a stream of this test.
    for logger in [each for module in list(sys.modules.values()) for each in vars(module).values()]:
        if type(logger) is BoundLoggerLazyProxy:
            vars(logger).pop("bind", None)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_so_many_of_a_kind_are_written_and_the_others_counted():
    now = [100.0]
    limit = LineLimit(3, lambda: now[0])
    with structlog.testing.capture_logs() as logged:
        assert [limit.admit("a") for _ in range(10)].count(True) == 3
        assert limit.admit("b")
        now[0] = 101.0
        assert limit.admit("a")
    assert [(line["event"], line["kind"], line["lines"]) for line in logged] == [(LEFT_OUT, "a", 7)]


def test_kinds_without_end_are_one_kind():
    limit = LineLimit(3, lambda: 100.0)
    with structlog.testing.capture_logs():
        assert sum(limit.admit(str(number)) for number in range(10_000)) == KINDS_MAX + 3


async def test_what_was_left_out_is_said_also_when_nothing_follows():
    said = asyncio.Event()

    class Quick(LineLimit):
        def say_left_out(self) -> None:
            super().say_left_out()
            said.set()

    limit = Quick(1)
    limit.admit("a")
    said.clear()
    with structlog.testing.capture_logs() as logged:
        limit.admit("a")
        await asyncio.wait_for(said.wait(), 30)
    assert [line["lines"] for line in logged] == [1]


@pytest.mark.parametrize("form", ["console", "json"])
def test_both_kinds_of_loggers_are_bounded(restored_logs, capsys, monkeypatch, form):
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    configure_logs(Settings(log_format=form, log_lines_a_second_max=5, log_line_max_characters=2_000))
    for _ in range(1_000):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        structlog.get_logger("shelfcast.x").warning("engine_unavailable", reason="x" * 100_000)
    lines = capsys.readouterr().err.splitlines()
    assert sum("Invalid HTTP request" in line for line in lines) <= 10
    assert sum("engine_unavailable" in line and LEFT_OUT not in line for line in lines) <= 10
    assert max(map(len, lines)) <= 2_001
    if form == "json":
        assert all(json.loads(line) for line in lines)


def test_half_characters_can_be_written():
    cut = cut_texts(None, "warning", {"event": "a", "text": "\ud800", "op": ["\udfff" * 1_000]})
    assert "".join(map(str, cut.values())).isascii() or len(cut["op"]) < 4_000
    for value in cut.values():
        str(value).encode()


async def test_garbage_requests_do_not_fill_the_log(start_server: StartServer, restored_logs, capsys):
    server = await start_server()
    configure_logs(Settings(log_lines_a_second_max=5))
    for _ in range(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x00garbage\r\n\r\n")
        await reader.read()
        writer.close()
    lines = capsys.readouterr().err.splitlines()
    assert sum("Invalid HTTP" in line for line in lines) < 60


def test_what_a_test_configures_is_forgotten_with_it():
    """Else a logger of the server would write to a stream that pytest has closed."""
    kept = [
        f"{name}.{title}"
        for name, module in list(sys.modules.items())
        for title, logger in list(vars(module).items())
        if type(logger) is BoundLoggerLazyProxy and "bind" in vars(logger)
    ]
    assert kept == []


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_trace_shows_no_values_of_variables(restored_logs, capsys, monkeypatch, form):
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    configure_logs(Settings(log_format=form))
    password = "wqxzjv"

    def fail(url: str) -> None:
        raise RuntimeError(f"{len(url)} characters")

    for logger in (structlog.get_logger("shelfcast.x"), logging.getLogger("asyncio")):
        try:
            fail(f"redis://:{password}@h")
        except RuntimeError:
            logger.exception("engine.fault")
    said = capsys.readouterr().err
    assert said.count("RuntimeError: 17 characters") == 2
    assert password not in said.replace('password = "wqxzjv"', "")
