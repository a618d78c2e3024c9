"""Sharded subscriptions: what is published arrives, and a lost or silent engine is noticed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest
from engine_process import EngineProcess
from shelfcast.engine import Engine
from shelfcast.errors import EngineUnavailable
from shelfcast.settings import Settings
from waiting import WAIT_S

pytestmark = pytest.mark.each_engine
Connect = Callable[..., Awaitable[Engine]]


async def test_a_payload_published_by_a_function_arrives(probing: Engine, settings: Settings) -> None:
    channel = f"{{{settings.key_prefix}}}:feed"
    async with probing.subscribe(channel) as subscription:
        assert int(await probing.call("probe_publish", channel, b"\x00payload")) == 1
        assert await anext(subscription) == b"\x00payload"


async def test_payloads_arrive_in_order_beside_another_channel(probing: Engine, settings: Settings) -> None:
    ours, other = (f"{{{settings.key_prefix}}}:{name}" for name in ("ours", "other"))
    async with probing.subscribe(ours) as subscription:
        for n in range(100):
            await probing.call("probe_publish", other, b"no")
            await probing.call("probe_publish", ours, n)
        assert [await anext(subscription) for _ in range(100)] == [str(n).encode() for n in range(100)]


async def test_a_quiet_channel_is_pinged_and_stays(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url, engine_quiet_ms=20)
    async with engine.subscribe("quiet") as subscription:
        heard = asyncio.ensure_future(anext(subscription))
        before = await _pings(engine)
        while await _pings(engine) < before + 3:
            assert not heard.done()
        await engine.command("SPUBLISH", "quiet", "still here", key="quiet")
        assert await heard == b"still here"


async def test_a_killed_connection_is_noticed_at_once(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url)
    async with engine.subscribe("channel") as subscription:
        own_engine.client.client_kill_filter(_type="pubsub")
        with pytest.raises(EngineUnavailable, match="lost"):
            await anext(subscription)


async def test_a_frozen_engine_is_noticed(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url, engine_quiet_ms=50, engine_ping_timeout_ms=100)
    async with engine.subscribe("channel") as subscription:
        own_engine.send(signal.SIGSTOP)
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(EngineUnavailable, match="does not answer"):
                await anext(subscription)


def test_a_frozen_engine_is_noticed_within_three_seconds_by_default() -> None:
    defaults = Settings()
    assert defaults.engine_quiet_ms + defaults.engine_ping_timeout_ms < 3_000


async def test_a_frozen_engine_cannot_be_subscribed_to(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url, engine_call_timeout_ms=1_000)
    own_engine.send(signal.SIGSTOP)
    with pytest.raises(EngineUnavailable, match="channel"):
        async with engine.subscribe("channel"):
            pass


async def test_after_a_loss_a_new_subscription_hears_again(own_engine: EngineProcess, connect: Connect) -> None:
    engine = await connect(own_engine.url)
    async with engine.subscribe("channel") as subscription:
        own_engine.stop(signal.SIGKILL)
        with pytest.raises(EngineUnavailable):
            await anext(subscription)
    own_engine.start()
    async with engine.subscribe("channel") as subscription:
        await engine.command("SPUBLISH", "channel", "back", key="channel")
        assert await anext(subscription) == b"back"


async def _pings(engine: Engine) -> int:
    """How many pings the engine has answered; asking takes its time, so a loop over this does not spin."""
    stats: bytes = await engine.command("INFO", "commandstats")
    return int(stats.partition(b"cmdstat_ping:calls=")[2].partition(b",")[0] or 0)
