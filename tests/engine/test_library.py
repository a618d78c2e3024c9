"""The function library: loaded when missing, replaced when older, left when newer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from engine_process import EngineProcess
from shelfcast.engine import Engine, Library
from shelfcast.errors import LibraryFault

pytestmark = pytest.mark.each_engine
Connect = Callable[..., Awaitable[Engine]]
MakeLibrary = Callable[..., Library]


async def test_connecting_loads_a_missing_library(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(own_engine.url, probe())
    assert await engine.call("probe_say", "k", "hello") == b"one hello"


async def test_a_flushed_library_is_loaded_again_by_the_calls_that_miss_it(probing: Engine) -> None:
    await probing.command("FUNCTION", "FLUSH")
    answers = await asyncio.gather(*(probing.call("probe_say", "k", n) for n in range(10)))
    assert answers == [f"one {n}".encode() for n in range(10)]


@pytest.mark.parametrize(
    ("there", "ours", "word"),
    [
        pytest.param((1, "old"), (2, "new"), b"new", id="an older version is replaced"),
        pytest.param((2, "theirs"), (2, "ours"), b"ours", id="the same version with other code is replaced"),
        pytest.param((10, "newer"), (9, "ours"), b"newer", id="a newer version is left"),
        pytest.param((3, "same"), (3, "same"), b"same", id="the same code stays"),
    ],
)
async def test_versions(
    own_engine: EngineProcess,
    connect: Connect,
    probe: MakeLibrary,
    there: tuple[int, str],
    ours: tuple[int, str],
    word: bytes,
) -> None:
    await connect(own_engine.url, probe(*there))
    engine = await connect(own_engine.url, probe(*ours))
    assert await engine.call("probe_say", "k", "x") == word + b" x"


async def test_an_older_server_works_on_during_a_rolling_upgrade(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    old = await connect(own_engine.url, probe(1, "old"))
    await connect(own_engine.url, probe(2, "new"))
    assert await old.call("probe_say", "k", "x") == b"new x"


async def test_a_library_without_a_version_is_replaced(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    own_engine.client.execute_command(
        "FUNCTION",
        "LOAD",
        "#!lua name=shelfcast_probe\nredis.register_function('probe_say', function() return 'x' end)",
    )
    engine = await connect(own_engine.url, probe())
    assert await engine.call("probe_say", "k", "x") == b"one x"


async def test_code_that_does_not_compile_is_a_library_fault(own_engine: EngineProcess, connect: Connect) -> None:
    broken = Library(name="broken", version=1, code="#!lua name=broken\n-- version: 1\nthis is no Lua")
    with pytest.raises(LibraryFault, match="broken version 1"):
        await connect(own_engine.url, broken)


def test_code_must_begin_with_its_name_and_version() -> None:
    with pytest.raises(LibraryFault, match="must begin with"):
        Library(name="wrong", version=1, code="#!lua name=wrong\n-- version: 2\n")
