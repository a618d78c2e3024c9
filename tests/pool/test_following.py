"""What a pool's socket says, over real sockets and a real engine."""

from __future__ import annotations

import asyncio
import signal
from random import Random

import httpx
import pytest
from engine_process import EngineProcess
from fixtures_server import POOL, RunningServer, StartServer
from msgspec.structs import replace
from pool_follower import PoolFollower, PoolSocket
from prometheus_client import REGISTRY
from raw_socket import RawSocket
from shelfcast.engine import Engine
from shelfcast.metrics import FEED_GAPS
from shelfcast.pool.state import ACTIONS_SHOWN_MAX
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Error
from shelfcast.protocol.pool_messages import (
    Current,
    People,
    PeopleRow,
    PoolMessage,
    PoolSnapshot,
    Topic,
    Units,
    UnitsRow,
)
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.actions import undo_id
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import CloseBatch, Confirm, Freeze, Move, MoveKind, OpenBatch, Quota, Reserve, Undo, put
from waiting import until


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` sells 100 mugs."""
    server = await start_server(tick_ms=5, viewers_interval_ms=30)
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def follower(server: RunningServer, query: str = "", **options: object) -> PoolFollower:
    return await PoolFollower.join(server.port, server.token("operator", pool=POOL), query, **options)


def units(
    sku: str, pool: int, *, seq: int = 0, channels: tuple[tuple[str, int, int, int, int, int], ...] = ()
) -> object:
    return UnitsRow(sku, seq, pool, 0, 0, False, list(channels))


def without_seq(rows: dict[str, UnitsRow]) -> dict[str, object]:
    return {sku: replace(row, seq=0) for sku, row in rows.items()}


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_the_first_frame_is_the_beginning_and_current_says_that_all_was_told(
    shop: RunningServer, encoding: Encoding
) -> None:
    socket = await PoolSocket.follow(shop.port, shop.token("service"), encoding=encoding)
    first = await socket.hear()
    assert isinstance(first, PoolSnapshot)
    epoch, seq, now_ms = await (await shop.book()).clock()
    assert now_ms - 60_000 < first.at_ms <= now_ms
    assert (first.pool, first.epoch, first.seq, first.topics) == (POOL, epoch, seq, list(Topic))
    told: list[PoolMessage] = []
    while not told or not isinstance(told[-1], Current):
        told.append(await socket.hear())
    # The topics are read side by side: either may be there first.
    units_told = [row for message in told if isinstance(message, Units) for row in message.rows]
    assert [without_seq({row.sku: row})["mug"] for row in units_told] == [units("mug", 100)]
    people_told = [row for message in told if isinstance(message, People) for row in message.rows]
    assert people_told == [PeopleRow("evening", RoomStatus.LIVE, None, 0)]
    assert isinstance(told[-1], Current)
    assert told[-1].seq == seq


async def test_changes_come_as_absolute_values(shop: RunningServer) -> None:
    mine = await follower(shop, "?topics=units")
    await mine.until_current()
    await shop.apply(Reserve("r1", "evening", "mug", 2, "wang"))
    await mine.until(lambda: mine.units["mug"].channels == [("live", 0, 2, 0, 0, 0)])
    assert mine.units["mug"].pool == 98
    await shop.apply(Freeze("f", "mug", True))
    await mine.until(lambda: mine.units["mug"].frozen)
    await shop.apply(put(What.SKU, "bowl", {"title": "Bowl"}))
    await mine.until(lambda: "bowl" in mine.units)
    assert (mine.units["bowl"].pool, mine.people) == (0, {})


async def test_what_one_call_changed_too_much_to_say_is_read_and_nothing_is_lost(start_server: StartServer) -> None:
    server = await start_server(tick_ms=5, viewers_interval_ms=30, feed_message_max_bytes=1_000)
    await server.open_shop()
    skus = [f"s{number:02}" for number in range(40)]
    for sku in skus:
        await server.sell(sku, 5)
    gaps = FEED_GAPS.labels(POOL)
    before = gaps._value.get()
    mine = await follower(server)
    await mine.until_current()
    book = await server.book()
    await asyncio.gather(*[book.apply(Reserve(f"r-{sku}", "evening", sku, 1, sku)) for sku in skus])
    await mine.until(lambda: {mine.units[sku].pool for sku in skus} == {4})
    # No unit moves, so that no sequence shows it; and there is a new SKU and an event among it.
    writes = [book.apply(put(What.SKU, sku, {"title": "x" * 100})) for sku in [*skus, "new"]]
    await asyncio.gather(*writes, book.apply(put(What.ROOM, "evening", {"spotlight": "s01"})))
    await mine.until(lambda: "new" in mine.units and mine.people["evening"].spotlight == "s01")
    await server.apply(Freeze("f", "s01", True))
    await mine.until(lambda: mine.units["s01"].frozen)
    assert gaps._value.get() == before, "it is no loss"


async def test_people_are_rooms_with_their_viewers_over_all_servers(
    shop: RunningServer, start_server: StartServer
) -> None:
    other = await start_server(viewers_interval_ms=30)
    mine = await follower(shop, "?topics=people")
    await mine.until_current()
    viewers = [await RawSocket.join(server.port) for server in (shop, other, other)]
    await mine.until(lambda: mine.people["evening"].viewers == 3)
    viewers[0].close()
    await mine.until(lambda: mine.people["evening"].viewers == 2)
    await shop.apply(put(What.ROOM, "evening", {"status": "paused", "spotlight": "mug"}))
    await mine.until(lambda: mine.people["evening"] == PeopleRow("evening", RoomStatus.PAUSED, "mug", 2))
    await shop.apply(put(What.ROOM, "night", RoomConfig(channel="live")))
    await mine.until(lambda: "night" in mine.people)
    assert mine.units == {}


async def test_actions_are_the_last_events_and_then_each_new_one(shop: RunningServer) -> None:
    book = await shop.book()
    for number in range(ACTIONS_SHOWN_MAX):
        await shop.apply(put(What.ROOM, "evening", {"spotlight": "mug" if number % 2 else None}))
    mine = await follower(shop, "?topics=actions")
    await mine.until_current()
    kept = await book.last_events(1_000)
    assert list(mine.actions) == [event.n for event in kept[-ACTIONS_SHOWN_MAX:]]
    assert len(kept) > ACTIONS_SHOWN_MAX
    await shop.apply(Freeze("f", "mug", True, actor="wang"))
    await mine.until(lambda: kept[-1].n + 1 in mine.actions)
    row = mine.actions[kept[-1].n + 1]
    assert (row.type, row.subject, row.data, row.actor, row.room) == (
        "frozen",
        "mug",
        {"frozen": True, "scope": "sku"},
        "wang",
        "",
    )


async def test_what_an_operator_does_and_takes_back_is_told(shop: RunningServer) -> None:
    mine = await follower(shop, "?topics=actions")
    await mine.until_current()
    headers = {"Authorization": f"Bearer {shop.token('operator', user='zhang')}", "Idempotency-Key": "pause-1"}
    async with httpx.AsyncClient(base_url=shop.url, headers=headers, trust_env=False) as http:
        (await http.patch("/v1/rooms/evening", json={"status": "paused"})).raise_for_status()
        done = await mine.happened("action", "pause-1")
        assert (done.actor, done.room) == ("zhang", "evening")
        (await http.post(f"/v1/pools/main/actions/{done.action}/undo")).raise_for_status()
    assert (await mine.happened("undone", "undo:pause-1")).data["undone"] == "pause-1"
    assert list(mine.actions) == sorted(mine.actions)


async def test_two_servers_say_the_same(shop: RunningServer, start_server: StartServer) -> None:
    other = await start_server(tick_ms=5)
    followers = [await follower(shop, "?topics=units"), await follower(other, "?topics=units")]
    for number in range(30):
        await shop.sell(f"sku-{number % 7}", number)
        await shop.apply(Reserve(f"r{number}", "evening", "mug", 1, "wang"))
    for mine in followers:
        await mine.until(lambda mine=mine: mine.current and mine.units["mug"].pool == 70)  # type: ignore[misc]
    assert without_seq(followers[0].units) == without_seq(followers[1].units)


async def test_what_is_read_and_what_is_heard_are_the_same(shop: RunningServer, start_server: StartServer) -> None:
    heard = await follower(shop, "?topics=units")
    await heard.until_current()
    await shop.apply(put(What.CHANNEL, "another", {"kind": "dedicated"}))
    await shop.apply(put(What.BATCH, "second", {"title": "Second wave"}))
    await shop.apply(put(What.BATCH, "theirs", {"channel": "another"}))
    for kind, target in (
        (MoveKind.CARVE, "batch:second"),
        (MoveKind.CARVE, "batch:theirs"),
        (MoveKind.ALLOCATE, "channel:another"),
        (MoveKind.ALLOCATE, "channel:live"),
        (MoveKind.CARVE, "safety"),
        (MoveKind.CARVE, "elastic"),
        (MoveKind.QUARANTINE, "unsellable"),
    ):
        await shop.apply(Move(f"to-{target}", kind, "mug", 3, "pool", target))
    await shop.apply(Reserve("r1", "evening", "mug", 5, "wang"))
    await shop.apply(Confirm("r1"))
    await shop.apply(Reserve("r2", "evening", "mug", 1, "wang"))
    await shop.apply(Quota("p", "mug", 9))
    await shop.apply(put(What.LISTING, "mug", {"presale": True}, parent="evening"))
    await shop.apply(Reserve("r3", "evening", "mug", 2, "wang"))
    await shop.apply(Freeze("f", "mug", True))
    await heard.until(lambda: heard.units["mug"].frozen)
    read = await follower(await start_server(), "?topics=units")
    await read.until_current()
    assert without_seq(read.units) == without_seq(heard.units)
    mug = read.units["mug"]
    assert (mug.locked, mug.presale, mug.channels) == (6, 7, [("another", 3, 0, 0, 0, 0), ("live", 0, 1, 5, 2, 0)])
    assert (mug.safety, mug.elastic, mug.unsellable) == (3, 3, 3)
    assert mug.batches == [("second", "", 3, False), ("theirs", "another", 3, False)]


async def test_what_is_set_aside_is_told_with_each_change(shop: RunningServer) -> None:
    mine = await follower(shop, "?topics=units")
    await mine.until_current()
    await shop.apply(put(What.CHANNEL, "douyin", {"kind": "dedicated"}))
    await shop.apply(put(What.BATCH, "second", {"title": "Second wave"}))

    async def shows(**fields: object) -> None:
        await mine.until(lambda: all(getattr(mine.units["mug"], name) == value for name, value in fields.items()))

    moves: list[tuple[MoveKind, int, str, str, dict[str, object]]] = [
        (MoveKind.CARVE, 10, "pool", "safety", {"safety": 10}),
        (MoveKind.CARVE, 4, "safety", "pool", {"safety": 6}),
        (MoveKind.CARVE, 20, "pool", "elastic", {"elastic": 20}),
        (MoveKind.RELEASE_ELASTIC, 5, "elastic", "pool", {"elastic": 15}),
        (MoveKind.QUARANTINE, 3, "pool", "unsellable", {"unsellable": 3}),
        (MoveKind.WRITE_OFF, 3, "unsellable", "written_off", {"unsellable": 0}),
        (MoveKind.CARVE, 8, "pool", "batch:second", {"batches": [("second", "", 8, False)], "locked": 8}),
    ]
    for number, (kind, qty, source, target, fields) in enumerate(moves):
        await shop.apply(Move(f"m{number}", kind, "mug", qty, source, target))
        await shows(**fields)
    await shop.apply(put(What.BATCH, "second", {"channel": "douyin"}))
    await shows(batches=[("second", "douyin", 8, False)])
    await shop.apply(put(What.BATCH, "second", {"channel": ""}))
    await shop.apply(OpenBatch("o", "second"))
    await shows(batches=[("second", "", 8, True)], locked=0)
    await shop.apply(Reserve("r", "evening", "mug", 2, "wang"))
    await shows(batches=[("second", "", 6, True)])
    await shop.apply(CloseBatch("c", "second"))
    await shows(batches=[], pool=74)
    await shop.apply(Undo(undo_id("m1"), "m1", "ops"))
    await shows(safety=10, pool=70)


@pytest.mark.long
@pytest.mark.asyncio(loop_factories=["uvloop"])
async def test_a_catalogue_of_5000_read_while_it_sells_ends_equal_to_the_book(start_server: StartServer) -> None:
    server = await start_server(tick_ms=5, pool_page_rows=100)
    await server.open_shop()
    book, random = await server.book(), Random(11)
    for begin in range(0, 5_000, 500):
        names = [f"sku-{number:04}" for number in range(begin, begin + 500)]
        await asyncio.gather(*[book.apply(put(What.SKU, name, {"title": name})) for name in names])
        await asyncio.gather(
            *[book.apply(Move(f"in-{name}", MoveKind.RECEIVE, name, 50, "supplier", "pool")) for name in names]
        )
    selling = True

    async def sell() -> None:
        number = 0
        while selling:
            number += 1
            sku = f"sku-{random.randrange(5_000):04}"
            await book.apply(Move(f"a{number}", MoveKind.ALLOCATE, sku, 1, "pool", "channel:live"))

    sales = [asyncio.create_task(sell()) for _ in range(1)]
    followers = [await follower(server, "?topics=units") for _ in range(2)]
    await asyncio.gather(*[mine.until_current() for mine in followers])
    late = await follower(server, "?topics=units", encoding=Encoding.JSON)
    await late.until_current()
    selling = False
    await asyncio.gather(*sales)
    await server.receive("sku-0000", 1_000)
    for mine in (*followers, late):
        await mine.until(lambda mine=mine: mine.units["sku-0000"].pool >= 1_000)  # type: ignore[misc]
        assert mine.longest <= 100
        assert mine.snapshots == 1
    wanted: dict[str, object] = {}
    for begin in range(0, 5_000, 100):
        page = await book.units(f"sku-{begin - 1:04}" if begin else "", 100)
        wanted |= {row.sku: (row.pool, row.frozen, [units.allocated for units in row.channels]) for row in page.rows}
    assert len(wanted) == 5_000
    for mine in (*followers, late):
        told = {
            sku: (row.pool, row.frozen, [channel[1] for channel in row.channels]) for sku, row in mine.units.items()
        }
        assert told == wanted


@pytest.mark.asyncio(loop_factories=["uvloop"])
async def test_changes_that_are_too_long_to_tell_are_read(start_server: StartServer) -> None:
    server = await start_server(tick_ms=5, pool_page_rows=10, feed_message_max_bytes=1_024)
    await server.open_shop()
    book = await server.book()
    names = [f"sku-{number:03}" for number in range(300)]
    await asyncio.gather(*[book.apply(put(What.SKU, name, {"title": name})) for name in names])
    mine = await follower(server)
    for number in range(20):
        moves = [Move(f"{number}-{name}", MoveKind.RECEIVE, name, 1, "supplier", "pool") for name in names]
        assert all(outcome.code == "OK" for outcome in await asyncio.gather(*map(book.apply, moves)))
    await mine.until(lambda: mine.current and {row.pool for row in mine.units.values()} == {20})
    assert (sorted(mine.units), mine.snapshots) == (names, 1)
    last = (await book.last_events(1))[0].n
    assert mine.actions.keys() >= {last}


async def test_an_engine_that_is_started_anew_is_another_epoch_and_everything_again(
    start_server: StartServer, settings: Settings, own_engine: EngineProcess
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    server = await start_server(own_engine=engine, engine_call_timeout_ms=300, viewers_interval_ms=30)
    await server.open_shop()
    await server.sell("mug", 10)
    mine = await follower(server)
    await mine.until_current()
    epoch = mine.epoch
    await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
    await mine.until(lambda: not mine.current)
    late = await follower(server)
    await late.until(lambda: late.units)
    assert isinstance(await late.socket.wait_for(Error), Error), "what is old is marked for who comes now"
    await asyncio.to_thread(own_engine.start)
    await mine.until_current()
    assert mine.epoch > epoch
    assert (mine.snapshots, mine.units["mug"].pool, mine.people["evening"].room) == (2, 10, "evening")
    await server.receive("mug", 5)
    await mine.shows("mug", 15)
    await server.app.stop()
    await engine.close()


async def test_a_pool_that_nobody_follows_is_closed(shop: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast.pool.hub.LINGER_S", 0.3)
    first, second = await follower(shop), await follower(shop)
    pool = shop.app.pool_hub.opened(POOL)
    assert pool is not None
    await first.until_current()
    assert REGISTRY.get_sample_value("shelfcast_pool_followers", {"pool": POOL}) == 2
    first.socket.close()
    await until(lambda: pool.followers == 1)
    await shop.receive("mug", 1)
    await second.shows("mug", 101)
    second.socket.close()
    await until(lambda: shop.app.pool_hub.opened(POOL) is None)
    assert REGISTRY.get_sample_value("shelfcast_pool_followers", {"pool": POOL}) is None
    again = await follower(shop)
    await again.until_current()
    assert again.units["mug"].pool == 101
