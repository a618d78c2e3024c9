"""Which engines are refused, and which are warned of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import pytest
from engine_process import EngineProcess
from shelfcast.engine import Engine, Fitness
from shelfcast.settings import Settings
from structlog.testing import capture_logs

GOOD = Fitness(
    node="n:1",
    product="Valkey",
    version="8.1.4",
    role="master",
    cluster=False,
    appendonly="yes",
    appendfsync="always",
    maxmemory="0",
    maxmemory_policy="noeviction",
)


def having(**changes: object) -> Fitness:
    return msgspec.structs.replace(GOOD, **changes)


@pytest.mark.parametrize(
    ("product", "version", "fit"),
    [
        ("Redis", "6.2.14", False),
        ("Redis", "7.0.0", True),
        ("Redis", "7.0.15", True),
        ("Redis", "8.4.0", True),
        ("Redis", "10.0.0", True),
        ("Valkey", "7.2.9", False),
        ("Valkey", "8.0.0", True),
        ("Valkey", "9.1.2", True),
    ],
)
def test_versions(product: str, version: str, fit: bool) -> None:
    refusal = having(product=product, version=version).refusal(cluster=False)
    assert (refusal is None) is fit
    assert fit or f"{product} {version}" in str(refusal)


def test_a_replica_and_a_cluster_node_are_refused_with_the_url_to_give() -> None:
    assert "redis+sentinel://" in str(having(role="slave").refusal(cluster=False))
    assert "redis+cluster://n:1" in str(having(cluster=True).refusal(cluster=False))
    assert having(cluster=True).refusal(cluster=True) is None


@pytest.mark.parametrize(
    ("changes", "mend"),
    [
        ({}, []),
        ({"appendonly": "no"}, ["appendonly yes, appendfsync always"]),
        ({"appendfsync": "everysec"}, ["appendfsync always"]),
        ({"maxmemory": "100", "maxmemory_policy": "allkeys-lru"}, ["maxmemory-policy noeviction"]),
        ({"maxmemory": "100"}, []),
        ({"appendonly": None, "appendfsync": None, "maxmemory": None}, ["make sure of appendonly yes"]),
    ],
)
def test_weaknesses(changes: dict[str, object], mend: list[str]) -> None:
    assert [weakness.mend for weakness in having(**changes).weaknesses()] == mend


@pytest.mark.each_engine
async def test_a_durable_engine_is_connected_to_without_a_warning(engine_url: str, settings: Settings) -> None:
    with capture_logs() as logged:
        engine = await Engine.connect(engine_url, settings=settings, library=None)
    await engine.close()
    assert logged == []


@pytest.mark.each_engine
async def test_an_engine_that_is_not_durable_is_warned_of(
    own_engine: EngineProcess, connect: Callable[..., Awaitable[Engine]]
) -> None:
    own_engine.client.config_set("appendfsync", "everysec")
    with capture_logs() as logged:
        await connect(own_engine.url)
    assert [(line["event"], line["mend"]) for line in logged] == [("engine.not_durable", "appendfsync always")]


@pytest.mark.each_engine
async def test_an_engine_that_forbids_config_is_used_with_a_warning(
    own_engine: EngineProcess, connect: Callable[..., Awaitable[Engine]]
) -> None:
    own_engine.client.acl_setuser(
        "limited", enabled=True, passwords=["+p"], keys=["*"], channels=["*"], commands=["+@all", "-config"]
    )
    with capture_logs() as logged:
        await connect(own_engine.url + "?username=limited&password=p")
    assert [line["event"] for line in logged] == ["engine.not_durable"]
