"""Calls of library functions: answers, faults, and an engine that is lost, frozen, full, demoted or locked."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop
from engine_process import EngineProcess
from prometheus_client import REGISTRY
from shelfcast.engine import Engine, Library
from shelfcast.errors import EngineRefused, EngineUnavailable, LibraryFault
from shelfcast.settings import Settings

pytestmark = pytest.mark.each_engine
Connect = Callable[..., Awaitable[Engine]]
MakeLibrary = Callable[..., Library]


async def test_a_call_answers_bytes(probing: Engine, settings: Settings) -> None:
    assert await probing.call("probe_say", f"{{{settings.key_prefix}}}", "hello") == b"one hello"


async def test_calls_in_flight_are_answered_in_order(probing: Engine, settings: Settings) -> None:
    key = f"{settings.key_prefix}:n"
    answers = await asyncio.gather(*(probing.call("probe_add", key, 1) for _ in range(200)))
    assert answers == [str(n).encode() for n in range(1, 201)]


async def test_an_error_in_lua_is_a_library_fault(probing: Engine, settings: Settings) -> None:
    key = f"{settings.key_prefix}:n"
    await probing.call("probe_add", key, 1)
    with pytest.raises(LibraryFault, match="WRONGTYPE"):
        await probing.call("probe_raise", key)


async def test_an_unknown_function_is_a_library_fault(probing: Engine) -> None:
    with pytest.raises(LibraryFault, match="not found"):
        await probing.call("probe_nothing", "k")


async def test_a_closed_engine_is_unavailable(probing: Engine) -> None:
    await probing.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        await probing.call("probe_say", "k", "x")


async def test_a_call_in_flight_when_the_engine_is_closed_is_unavailable(
    own_engine: EngineProcess, connect: Connect
) -> None:
    engine = await connect(own_engine.url)
    own_engine.send(signal.SIGSTOP)
    asking = asyncio.ensure_future(engine.command("PING"))
    await asyncio.sleep(0)
    await engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        await asking


async def test_an_engine_that_stopped_answering_is_unavailable_and_usable_again(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(own_engine.url, probe(), engine_call_timeout_ms=1_000)
    own_engine.send(signal.SIGSTOP)
    with pytest.raises(EngineUnavailable, match="not within 1000 ms"):
        await engine.call("probe_say", "k", "x")
    own_engine.send(signal.SIGCONT)
    assert await engine.call("probe_say", "k", "again") == b"one again"


async def test_a_lost_connection_is_made_again_within_the_call(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(own_engine.url, probe())
    own_engine.send(signal.SIGSTOP)
    calls = [asyncio.ensure_future(engine.call("probe_say", "k", n)) for n in range(20)]
    await asyncio.sleep(0)
    own_engine.stop(signal.SIGKILL)
    own_engine.start()
    assert await asyncio.gather(*calls) == [f"one {n}".encode() for n in range(20)]


async def test_a_cancelled_call_does_not_take_the_next_ones_answer(probing: Engine) -> None:
    first = asyncio.ensure_future(probing.call("probe_say", "k", "first"))
    second = asyncio.ensure_future(probing.call("probe_say", "k", "second"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == b"one second"
    assert first.cancelled()


async def test_a_full_memory_is_unavailable(own_engine: EngineProcess, connect: Connect, probe: MakeLibrary) -> None:
    engine = await connect(own_engine.url, probe())
    await engine.command("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(EngineUnavailable, match="cannot write"):
        await engine.call("probe_add", "k", 1)
    await engine.command("CONFIG", "SET", "maxmemory", 0)
    assert await engine.call("probe_add", "k", 1) == b"1"


async def test_a_wrong_password_is_refused(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url)
    await engine.command("CONFIG", "SET", "requirepass", "right")
    with pytest.raises(EngineRefused, match="password"):
        await connect(own_engine.url + "?password=wrong")
    with pytest.raises(EngineRefused, match="Authentication"):
        await connect(own_engine.url)
    allowed = await connect(own_engine.url + "?password=right")
    assert await allowed.command("PING") == b"PONG"


async def test_a_demoted_primary_is_unavailable_and_a_replica_refused(
    own_engine: EngineProcess, connect: Connect, probe: MakeLibrary
) -> None:
    engine = await connect(own_engine.url, probe(), engine_call_timeout_ms=1_000)
    await engine.command("REPLICAOF", "127.0.0.1", 1)
    with pytest.raises(EngineUnavailable):
        await engine.call("probe_add", "k", 1)
    with pytest.raises(EngineRefused, match="is a replica"):
        await connect(own_engine.url)


async def test_an_address_where_nobody_listens_is_unavailable(connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1:1"):
        await connect("redis://127.0.0.1:1", engine_call_timeout_ms=100)


async def test_a_transport_that_was_closed_under_a_call_costs_one_try(own_engine: EngineProcess) -> None:
    """uvloop raises RuntimeError there, which nobody expects of an engine."""

    async def call_over_closed_transports() -> list[bytes]:
        engine = await Engine.connect(own_engine.url, settings=Settings(), library=None)
        answers = []
        for turns in range(5):
            for link in engine._links.values():
                writer = link._connection._writer
                assert writer is not None
                writer.transport.abort()
            # In one of these turns of the loop it is closed already, and the link's reader has not heard of it.
            for _ in range(turns):
                await asyncio.sleep(0)
            answers.append(await engine.command("PING"))
        await engine.close()
        return answers

    answered = await asyncio.to_thread(lambda: uvloop.run(call_over_closed_transports()))
    assert answered == [b"PONG"] * 5


async def test_a_defect_below_a_call_is_a_fault_of_the_engine(
    own_engine: EngineProcess, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await connect(own_engine.url, engine_call_timeout_ms=200)

    def broken(key: bytes) -> None:
        raise AttributeError("nobody expects this")

    monkeypatch.setattr(engine._topology, "primary_of", broken)
    before = REGISTRY.get_sample_value("shelfcast_barrier_faults_total", {"where": "engine.call"}) or 0
    with pytest.raises(EngineUnavailable, match="nobody expects this"):
        await engine.command("GET", "k", key="k")
    assert (REGISTRY.get_sample_value("shelfcast_barrier_faults_total", {"where": "engine.call"}) or 0) > before


async def test_what_cannot_be_encoded_is_a_library_fault(probing: Engine) -> None:
    unsendable: list[Any] = ["\ud800", object()]
    for argument in unsendable:
        with pytest.raises(LibraryFault, match="cannot be encoded"):
            await probing.command("ECHO", argument)
    with pytest.raises(LibraryFault, match="cannot be encoded"):
        await probing.call("probe_say", "\ud800", "x")
