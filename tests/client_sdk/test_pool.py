"""The Python SDK's client of a pool: its mirror by itself, and the whole of it against the real server."""

from __future__ import annotations

import asyncio
import random
import signal
from typing import Any

import pytest
from client_sdk.scripted_server import Refuse, scripted, stay
from engine_process import EngineProcess
from fixtures_server import POOL, RunningServer, StartServer
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Freeze, Move, MoveKind, Reserve
from shelfcast_client import (
    ActionRow,
    Actions,
    Alert,
    Alerts,
    Crew,
    CrewRow,
    Current,
    Error,
    People,
    PeopleRow,
    Policy,
    Pool,
    PoolSnapshot,
    Rejected,
    State,
    Topic,
    Units,
    UnitsRow,
    UsageError,
    connect_pool,
)
from shelfcast_client.pool_mirror import ACTIONS_MAX, PoolMirror
from tcp_proxy import Line, TcpProxy

SOON_S = 30


def follow(server: RunningServer, url: str = "", role: str = "operator", **options: Any) -> Pool:
    return connect_pool(url or server.url, POOL, token=server.token(role), **options)


def snapshot(epoch: int = 1, seq: int = 10) -> PoolSnapshot:
    return PoolSnapshot(pool=POOL, epoch=epoch, seq=seq, at_ms=1, topics=list(Topic))


def units(*rows: tuple[str, int, int]) -> Units:
    return Units(at_ms=1, rows=[UnitsRow(sku, seq, pool, 0, 0, False, []) for sku, seq, pool in rows])


def alerts(*rows: tuple[str, str]) -> Alerts:
    left: dict[str, Any] = {
        "tier_percent": 20,
        "remaining": 1,
        "remaining_share": 0.2,
        "advice": "watch the pace",
        "at_ms": 1,
    }
    return Alerts(at_ms=1, rows=[Alert(id=name, sku="mug", state=state, **left) for name, state in rows])


def mirror(*messages: Any) -> PoolMirror:
    made = PoolMirror()
    for message in messages:
        assert made.apply(message)
    return made


def shown(made: PoolMirror) -> dict[str, int]:
    return {sku: row.pool for sku, row in made.units.items()}


# --- the mirror ---------------------------------------------------------------------------------------------------


def test_it_is_current_when_everything_was_told_and_until_it_may_be_old() -> None:
    made = mirror(snapshot(), units(("mug", 10, 5)))
    assert not made.current
    made.apply(Current(seq=12, at_ms=1))
    assert (made.current, made.seq) == (True, 12)
    made.apply(Error(code="UNAVAILABLE", message="old"))
    assert (made.current, shown(made)) == (False, {"mug": 5})
    made.apply(Current(seq=13, at_ms=1))
    assert made.current
    made.disconnected()
    assert not made.current


def test_after_a_reconnect_to_a_server_that_lags_no_sku_runs_backwards() -> None:
    made = mirror(snapshot(seq=20), units(("mug", 20, 5), ("cup", 3, 7)), Current(seq=20, at_ms=1))
    made.disconnected()
    for message in (snapshot(seq=18), units(("mug", 18, 6), ("cup", 3, 7)), Current(seq=18, at_ms=1)):
        made.apply(message)
    assert (shown(made), made.seq) == ({"mug": 5, "cup": 7}, 20)
    made.apply(units(("mug", 21, 4)))
    assert (shown(made)["mug"], made.seq) == (4, 21)


def test_in_another_epoch_everything_is_told_anew_and_what_is_not_is_gone() -> None:
    made = mirror(snapshot(seq=20), units(("mug", 20, 5), ("cup", 3, 7)))
    made.apply(People(at_ms=1, rows=[PeopleRow("evening", "live", None, 3)]))
    made.apply(Actions(at_ms=1, rows=[ActionRow(1, 1, "status", "", "", {}, "", "")]))
    made.apply(Current(seq=20, at_ms=1))
    made.apply(snapshot(epoch=2, seq=4))
    assert shown(made) == {"mug": 5, "cup": 7}, "the last known state, while the new one comes"
    made.apply(units(("mug", 2, 9)))
    made.apply(units(("mug", 1, 8)))
    assert shown(made)["mug"] == 9
    made.apply(Current(seq=4, at_ms=1))
    assert (shown(made), dict(made.rooms), dict(made.actions), made.seq) == ({"mug": 9}, {}, {}, 4)


def test_alerts_that_stand_are_kept_by_id() -> None:
    made = mirror(snapshot(), alerts(("evening.1:1", "firing"), ("evening.1:2", "firing")))
    made.apply(alerts(("evening.1:1", "resolved"), ("evening.1:2", "acknowledged")))
    assert [(name, alert.state) for name, alert in made.alerts.items()] == [("evening.1:2", "acknowledged")]


@pytest.mark.parametrize("epoch", [1, 2])
def test_an_alert_that_was_resolved_while_it_was_away_is_gone(epoch: int) -> None:
    made = mirror(snapshot(), alerts(("evening.1:1", "firing"), ("evening.1:2", "firing")), Current(seq=10, at_ms=1))
    made.disconnected()
    made.connected()
    made.apply(snapshot(epoch=epoch))
    made.apply(alerts(("evening.1:2", "firing")))
    assert set(made.alerts) == {"evening.1:1", "evening.1:2"}, "the last known state, while the new one comes"
    made.apply(Current(seq=11, at_ms=1))
    assert set(made.alerts) == {"evening.1:2"}


def test_the_crew_is_kept_by_user_and_role_and_who_left_while_it_was_away_is_gone() -> None:
    made = mirror(snapshot(), Crew(at_ms=1, rows=[CrewRow("wang", "operator", 2, 5), CrewRow("wang", "service", 1, 6)]))
    made.apply(Crew(at_ms=1, rows=[CrewRow("wang", "service", 0, 6), CrewRow("li", "operator", 1, 9)]))
    made.apply(Current(seq=10, at_ms=1))
    assert set(made.crew) == {("wang", "operator"), ("li", "operator")}
    made.apply(snapshot())
    made.apply(Crew(at_ms=1, rows=[CrewRow("li", "operator", 1, 9)]))
    made.apply(Current(seq=11, at_ms=1))
    assert dict(made.crew) == {("li", "operator"): CrewRow("li", "operator", 1, 9)}


def test_events_are_bounded() -> None:
    made = mirror(snapshot())
    rows = [ActionRow(n, 1, "status", "", "", {}, "", "") for n in range(ACTIONS_MAX + 5)]
    made.apply(Actions(at_ms=1, rows=rows))
    assert list(made.actions) == list(range(5, ACTIONS_MAX + 5))


# --- against the server -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["msgpack", "json"])
async def test_it_shows_the_pool_as_it_is_and_as_it_changes(shop: RunningServer, encoding: str) -> None:
    async with follow(shop, encoding=encoding) as pool:
        assert (pool.units["mug"].pool, pool.rooms["evening"].status, pool.state) == (100, "live", State.CONNECTED)
        heard = pool.events()
        await shop.apply(Reserve("r1", "evening", "mug", 2, "wang"))
        await pool.until(lambda pool: pool.units["mug"].channels, timeout_s=SOON_S)
        [channel] = pool.units["mug"].channels
        assert (channel.channel, channel.held, pool.units["mug"].pool) == ("live", 2, 98)
        assert isinstance(await anext(heard), Units)
        await shop.apply(Freeze("f", "mug", True, actor="wang"))
        await pool.until(lambda pool: pool.units["mug"].frozen, timeout_s=SOON_S)
        await pool.until(lambda pool: any(row.type == "frozen" for row in pool.actions.values()), timeout_s=SOON_S)
        assert [(row.role, row.connections) for row in pool.crew.values()] == [("operator", 1)]
        now_ms = pool.server_now_ms()
        assert now_ms is not None


async def test_topics_are_chosen(shop: RunningServer) -> None:
    async with follow(shop, topics=[Topic.PEOPLE]) as pool:
        assert (list(pool.rooms), dict(pool.units), dict(pool.actions)) == (["evening"], {}, {})
    with pytest.raises(Rejected) as refused:
        async with follow(shop, topics=["units", "weather"]):
            pass
    assert (refused.value.status, "units" in str(refused.value)) == (400, True)


@pytest.mark.parametrize("topics", [[], "units", [1]])
def test_what_can_be_no_topics_is_said(topics: Any) -> None:
    with pytest.raises(UsageError, match="topics"):
        connect_pool("http://here", POOL, token="t", topics=topics)


async def test_others_are_told_for_good(shop: RunningServer) -> None:
    for role, status in (("viewer", 403), ("host", 403)):
        with pytest.raises(Rejected) as refused:
            async with follow(shop, role=role):
                pass
        assert refused.value.status == status


async def test_it_survives_cut_lines_and_ends_equal_to_the_book(shop: RunningServer) -> None:
    book = await shop.book()
    for number in range(300):
        await shop.sell(f"sku-{number:03}", 20)
    draw = random.Random(5)
    policy = Policy(stable_after_s=0.0)
    async with (
        TcpProxy(f"tcp://127.0.0.1:{shop.port}") as line,
        follow(shop, line.url.replace("redis", "http"), policy=policy, topics=["units"]) as pool,
    ):
        seen: dict[str, int] = {}
        for number in range(200):
            sku = f"sku-{draw.randrange(300):03}"
            await book.apply(Move(f"m{number}", MoveKind.ALLOCATE, sku, 1, "pool", "channel:live"))
            if number % 40 == 20:
                line.cut()
            for sku, row in pool.units.items():
                assert row.seq >= seen.get(sku, 0), "a SKU that runs backwards"
                seen[sku] = row.seq
        _, seq, _ = await book.clock()
        await pool.until(lambda pool: pool.current and pool.seq >= seq, timeout_s=SOON_S)
        wanted = {row.sku: row.pool for begin in ("", "sku-149") for row in (await book.units(begin, 500)).rows}
        assert {sku: row.pool for sku, row in pool.units.items()} == wanted


async def test_a_network_that_dies_in_silence_is_noticed(start_server: StartServer) -> None:
    server = await start_server(backstage_ping_interval_ms=200)
    await server.open_shop()
    async with (
        TcpProxy(f"tcp://127.0.0.1:{server.port}") as line,
        follow(server, line.url.replace("redis", "http"), ping_interval_s=3_600) as pool,
    ):
        await pool.until(lambda pool: pool._session._silence_s < 2, timeout_s=SOON_S)
        line.become(Line.SWALLOWS)
        await pool.until(lambda pool: not pool.current, timeout_s=SOON_S)
        line.become(Line.OPEN)
        await pool.until(lambda pool: pool.current, timeout_s=SOON_S)


async def test_an_engine_that_is_started_anew_is_a_new_epoch(
    start_server: StartServer, settings: Settings, own_engine: EngineProcess
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    server = await start_server(own_engine=engine, engine_call_timeout_ms=300)
    await server.open_shop()
    await server.sell("mug", 10)
    async with follow(server) as pool:
        epoch = pool.epoch
        await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
        await pool.until(lambda pool: not pool.current, timeout_s=SOON_S)
        assert pool.state is State.CONNECTED
        await asyncio.to_thread(own_engine.start)
        await pool.until(lambda pool: pool.current, timeout_s=SOON_S)
        assert (pool.epoch > epoch, pool.units["mug"].pool) == (True, 10)
    await server.app.stop()
    await engine.close()


async def test_a_full_server_is_asked_again() -> None:
    async with scripted(Refuse(503, {"detail": "full"}, retry_after="0"), stay) as server:
        async with connect_pool(server.url, POOL, token="t", enter_timeout_s=None) as pool:
            await pool.until(lambda pool: pool.state is State.CONNECTED, timeout_s=SOON_S)
        assert [request.path for request in server.requests] == [f"/v1/pools/{POOL}/ws"] * 2
