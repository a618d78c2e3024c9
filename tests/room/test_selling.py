"""A room sells over real sockets, with the real book behind it."""

from __future__ import annotations

import asyncio
import signal

import msgspec
import pytest
from engine_process import EngineProcess
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.engine import Engine
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Code, Retry
from shelfcast.protocol.from_server import (
    Answer,
    Banner,
    Cancelled,
    Confirmed,
    Error,
    Expired,
    Me,
    Refused,
    Reserved,
    Sale,
    Snapshot,
    Stock,
    Viewers,
)
from shelfcast.protocol.states import BannerKind, Level
from shelfcast.settings import Settings
from shelfcast.stock.configuration import Listing, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Confirm, Drop, Move, MoveKind, Reserve, put

both = pytest.mark.parametrize("encoding", list(Encoding))


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` sells 10 mugs; the last 3 are announced."""
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 10, last_n=3)
    return server


async def viewer(server: RunningServer, **options: object) -> RawSocket:
    socket = await RawSocket.join(server.port, **options)  # type: ignore[arg-type]
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def customer(server: RunningServer, user: str = "wang", **options: object) -> RawSocket:
    """A viewer with a token, who has been told its reservations."""
    socket = await viewer(server, token=server.token(user=user), **options)
    await socket.wait_for(Me)
    return socket


@both
async def test_a_reservation_and_what_everybody_sees_of_it(shop: RunningServer, encoding: Encoding) -> None:
    watcher = await viewer(shop, encoding=encoding)
    buyer = await customer(shop, encoding=encoding)
    buyer.say(type="reserve", id="r1", sku="mug", qty=7)
    reserved = await buyer.wait_for(Reserved)
    assert (reserved.id, reserved.sku, reserved.qty, reserved.state) == ("r1", "mug", 7, "active")
    assert reserved.expires_at_ms - reserved.at_ms == pytest.approx(300_000, abs=2_000)
    seen = await watcher.wait_for(Stock)
    assert seen.rows == [("mug", 3, 7, Level.LAST)]
    assert seen.seq == reserved.seq
    assert (await watcher.wait_for(Banner)).kind is BannerKind.LAST_N
    buyer.say(type="cancel", id="r1")
    assert (await buyer.wait_for(Cancelled)).qty == 7
    assert (await watcher.wait_for(Stock)).rows == [("mug", 10, 0, Level.OK)]


async def test_the_same_id_is_answered_alike_and_another_body_is_a_conflict(shop: RunningServer) -> None:
    buyer = await customer(shop)
    answers = []
    for _ in range(3):
        buyer.say(type="reserve", id="r1", sku="mug", qty=2)
        answers.append(await buyer.wait_for(Reserved))
    assert {answer.expires_at_ms for answer in answers} == {answers[0].expires_at_ms}
    buyer.say(type="reserve", id="r1", sku="mug", qty=3)
    refused = await buyer.wait_for(Refused)
    assert (refused.code, refused.field, refused.retry) == (Code.ID_CONFLICT, "qty", Retry.CHANGED)
    assert (await (await viewer(shop)).wait_for(Viewers)).viewers == 2


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"type": "reserve", "id": "r", "sku": "mug", "qty": 11}, Code.INSUFFICIENT),
        ({"type": "reserve", "id": "r", "sku": "nothing", "qty": 1}, Code.UNKNOWN_SKU),
        ({"type": "cancel", "id": "nothing"}, Code.NOT_FOUND),
        ({"type": "ask", "id": "q", "sku": "nothing"}, Code.UNKNOWN_SKU),
        ({"type": "cue", "id": "c", "text": "hello"}, Code.FORBIDDEN),
        ({"type": "status", "id": "s", "status": "ended"}, Code.FORBIDDEN),
    ],
)
async def test_refusals_name_their_code(shop: RunningServer, request_: dict[str, object], code: Code) -> None:
    buyer = await customer(shop)
    buyer.say(**request_)
    refused = await buyer.wait_for(Refused)
    assert (refused.id, refused.code) == (request_["id"], code)
    assert refused.message


async def test_without_a_token_nobody_reserves(shop: RunningServer) -> None:
    watcher = await viewer(shop)
    for message in ({"type": "reserve", "id": "r", "sku": "mug", "qty": 1}, {"type": "cancel", "id": "r"}):
        watcher.say(**message)
        assert (await watcher.wait_for(Refused)).code is Code.FORBIDDEN


async def test_sold_out_is_refused_without_asking_the_engine(shop: RunningServer) -> None:
    buyer = await customer(shop)
    buyer.say(type="reserve", id="r1", sku="mug", qty=10)
    await buyer.wait_for(Reserved)
    buyer.say(type="reserve", id="r2", sku="mug", qty=1)
    assert (await buyer.wait_for(Refused)).code is Code.ALL_HELD, "a hold may come back: the book is asked"
    await shop.apply(Confirm("r1"))
    await buyer.wait_for(Stock, rows=[("mug", 0, 0, Level.SOLD_OUT)])
    by_edge, by_book = (
        metrics.REFUSALS.labels("SOLD_OUT", "edge"),
        metrics.BOOK_OPERATIONS.labels("Reserve", "SOLD_OUT"),
    )
    before = by_edge._value.get(), by_book._value.get()
    for number in range(20):
        buyer.say(type="reserve", id=f"late-{number}", sku="mug", qty=1)
        refused = await buyer.wait_for(Refused)
        assert (refused.id, refused.code, refused.available) == (f"late-{number}", Code.SOLD_OUT, 0)
    assert (by_edge._value.get(), by_book._value.get()) == (before[0] + 20, before[1])
    await shop.receive("mug", 1)
    await buyer.wait_for(Banner, kind=BannerKind.BACK_IN_STOCK)
    buyer.say(type="reserve", id="again", sku="mug", qty=1)
    await buyer.wait_for(Reserved)


async def test_fifty_customers_fight_over_the_last_unit(shop: RunningServer) -> None:
    await shop.sell("last", 1)
    buyers = await asyncio.gather(*(customer(shop, f"user-{n}") for n in range(50)))
    for number, buyer in enumerate(buyers):
        buyer.say(type="reserve", id=f"fight-{number}", sku="last", qty=1)

    async def verdict(buyer: RawSocket) -> Reserved | Refused:
        while True:
            message = await buyer.hear()
            if isinstance(message, Reserved | Refused):
                return message

    verdicts = await asyncio.gather(*map(verdict, buyers))
    assert sum(isinstance(v, Reserved) for v in verdicts) == 1
    assert {v.code for v in verdicts if isinstance(v, Refused)} <= {Code.ALL_HELD}
    _, buckets = await (await shop.book()).sku("last")  # type: ignore[misc]
    assert buckets["held:live"] == 1


async def test_a_users_other_connection_hears_of_everything(shop: RunningServer) -> None:
    phone, tablet = await customer(shop), await customer(shop)
    stranger = await customer(shop, "li")
    phone.say(type="reserve", id="r1", sku="mug", qty=2)
    await phone.wait_for(Reserved)
    me = await tablet.wait_for(Me)
    assert [(r.id, r.qty, r.state) for r in me.reservations] == [("r1", 2, "active")]
    tablet.say(type="cancel", id="r1")
    await tablet.wait_for(Cancelled)
    assert (await phone.wait_for(Cancelled)).id == "r1"
    assert (await phone.wait_for(Me)).reservations == []
    stranger.say(type="ask", id="q", sku="mug")
    while not isinstance(heard := await stranger.hear(), Answer):
        assert not isinstance(heard, Me | Cancelled), "nobody hears of another's reservations"


async def test_payment_and_expiry_are_told_to_their_user(start_server: StartServer) -> None:
    server = await start_server(hold_ms=100, expiry_sweep_ms=20)
    await server.open_shop()
    await server.sell("mug", 10)
    buyer = await customer(server)
    buyer.say(type="reserve", id="kept", sku="mug", qty=1)
    await buyer.wait_for(Reserved)
    await server.apply(Confirm("kept"))
    assert (await buyer.wait_for(Confirmed)).id == "kept"
    buyer.say(type="reserve", id="lost", sku="mug", qty=2)
    await buyer.wait_for(Reserved)
    assert (await buyer.wait_for(Expired)).id == "lost"
    assert (await buyer.wait_for(Me)).reservations == []


async def test_who_comes_back_gets_a_snapshot_and_its_reservations(shop: RunningServer) -> None:
    buyer = await customer(shop)
    buyer.say(type="reserve", id="r1", sku="mug", qty=4)
    # The answer may be ahead of the feed, and a snapshot shows what the feed has brought.
    heard: set[type] = set()
    while not heard >= {Reserved, Stock}:
        heard.add(type(await buyer.hear()))
    buyer.close()
    again = await RawSocket.join(shop.port, token=shop.token())
    snapshot = await again.hear()
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.skus[0].available, snapshot.skus[0].held) == (6, 4)
    assert [r.id for r in (await again.wait_for(Me)).reservations] == ["r1"]
    again.say(type="reserve", id="r1", sku="mug", qty=4)
    assert (await again.wait_for(Reserved)).id == "r1", "the answer that was lost is given again"


async def test_a_demonstration_room_lets_guests_reserve_their_own(start_server: StartServer) -> None:
    server = await start_server()
    await server.open_shop(open_reservations=True)
    await server.sell("mug", 10)
    one, two = await viewer(server), await viewer(server)
    one.say(type="reserve", id="r1", sku="mug", qty=1)
    await one.wait_for(Reserved)
    again = await RawSocket.join(server.port)
    assert (await again.wait_for(Me)).reservations == [], "what a guest holds is one connection's"
    two.say(type="reserve", id="r2", sku="mug", qty=1)
    await two.wait_for(Reserved)
    two.say(type="cancel", id="r1")
    assert (await two.wait_for(Refused)).code is Code.NOT_FOUND
    one.say(type="cancel", id="r1")
    await one.wait_for(Cancelled)


async def test_asked_in_two_languages(shop: RunningServer) -> None:
    english = await viewer(shop, Accept_Language="en-US,en;q=0.9")
    chinese = await viewer(shop, path="/v1/rooms/evening/ws?lang=zh")
    for socket, text in ((english, "10 left"), (chinese, "还剩10件")):
        socket.say(type="ask", id="q", sku="mug")
        answer = await socket.wait_for(Answer)
        assert (answer.text, answer.left, answer.level) == (text, 10, Level.OK)


async def test_counts_never_run_backwards(shop: RunningServer) -> None:
    """Twenty customers buy one by one while viewers come and go: nobody's sequence or count turns back."""
    await shop.sell("many", 1_000)
    buyers = await asyncio.gather(*(customer(shop, f"user-{n}") for n in range(20)))

    async def buy(number: int, buyer: RawSocket) -> None:
        for step in range(10):
            buyer.say(type="reserve", id=f"b{number}-{step}", sku="many", qty=1)
            await buyer.wait_for(Reserved)

    async def watch() -> None:
        watcher = await RawSocket.join(shop.port, encoding=Encoding.MSGPACK)
        seq, left = 0, 1_001
        while left > 800:
            message = await watcher.hear()
            rows = []
            if isinstance(message, Snapshot):
                rows = [sku.available for sku in message.skus if sku.sku == "many"]
            elif isinstance(message, Stock):
                rows = [row[1] for row in message.rows if row[0] == "many"]
            else:
                continue
            assert message.seq >= seq
            seq = message.seq
            for available in rows:
                assert available <= left
                left = available

    await asyncio.gather(*(buy(n, b) for n, b in enumerate(buyers)), *(watch() for _ in range(20)))


async def test_many_changes_make_few_frames(start_server: StartServer) -> None:
    server = await start_server(tick_ms=200)
    await server.open_shop()
    await server.sell("mug", 0)
    await server.sell("bowl", 0)
    watcher = await viewer(server)
    begun = asyncio.get_running_loop().time()
    for _ in range(150):
        await server.receive("mug", 1)
        await server.receive("bowl", 1)
    frames, shown = 0, dict[str, int]()
    while shown != {"mug": 150, "bowl": 150}:
        rows = (await watcher.wait_for(Stock)).rows
        shown |= {sku: available for sku, available, _, _ in rows}
        frames += 1
    ticks = (asyncio.get_running_loop().time() - begun) * 1_000 / server.settings.tick_ms
    assert frames < 50 + ticks, "300 changes are merged into ticks, apart from new levels, which go out at once"


async def test_terms_and_shelves_change_while_people_watch(shop: RunningServer) -> None:
    watcher = await viewer(shop)
    await shop.apply(put(What.LISTING, "mug", {"price_minor": 450}, parent="evening"))
    assert (await watcher.wait_for(Sale)).price_minor == 450
    await shop.sell("bowl", 5)
    while [sku.sku for sku in (await watcher.wait_for(Snapshot)).skus] != ["bowl", "mug"]:
        pass
    await shop.apply(Drop("evening", "mug"))
    while [sku.sku for sku in (await watcher.wait_for(Snapshot)).skus] != ["bowl"]:
        pass


async def test_a_sale_opens_at_its_second_of_the_engines_clock(shop: RunningServer) -> None:
    buyer = await customer(shop)
    opens_at_ms = await (await shop.book()).now_ms() + 400
    await shop.apply(put(What.LISTING, "mug", Listing(opens_at_ms=opens_at_ms), parent="evening"))
    buyer.say(type="reserve", id="early", sku="mug", qty=1)
    refused = await buyer.wait_for(Refused)
    assert refused.code is Code.NOT_OPEN
    assert 0 < refused.retry_after_ms <= 400
    banner = await buyer.wait_for(Banner)
    assert (banner.kind, banner.left) == (BannerKind.SALE_OPEN, 10)
    assert await (await shop.book()).now_ms() >= opens_at_ms
    buyer.say(type="reserve", id="in-time", sku="mug", qty=1)
    await buyer.wait_for(Reserved)


async def test_what_other_rooms_of_the_channel_sell_is_seen_here(shop: RunningServer) -> None:
    await shop.open_shop("morning")
    await shop.sell("mug", 0, room="morning")
    watcher = await viewer(shop)
    await shop.apply(Reserve("r1", "morning", "mug", 4, "li"))
    assert (await watcher.wait_for(Stock)).rows == [("mug", 6, 4, Level.OK)]


async def test_a_dedicated_channel_does_not_see_the_pool(shop: RunningServer) -> None:
    watcher = await viewer(shop)
    await shop.apply(Move("m", MoveKind.ALLOCATE, "mug", 4, "pool", "channel:live"))
    await shop.apply(put(What.CHANNEL, "live", {"kind": "dedicated"}))
    while (await watcher.wait_for(Snapshot)).skus[0].available != 4:
        pass


async def test_while_the_engine_is_away_the_state_is_marked_and_nothing_is_reserved(
    start_server: StartServer, settings: Settings, own_engine: EngineProcess
) -> None:
    soon = msgspec.structs.replace(settings, engine_call_timeout_ms=300)
    engine = await Engine.connect(own_engine.url, settings=soon, library=LIBRARY)
    server = await start_server(own_engine=engine, engine_call_timeout_ms=300)
    await server.open_shop()
    await server.sell("mug", 10)
    buyer = await customer(server)
    buyer.say(type="reserve", id="before", sku="mug", qty=3)
    await buyer.wait_for(Reserved)
    await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
    marked = await buyer.wait_for(Error)
    assert marked.code is Code.UNAVAILABLE
    buyer.say(type="reserve", id="r1", sku="mug", qty=1)
    refused = await buyer.wait_for(Refused)
    assert (refused.code, refused.retry) == (Code.UNAVAILABLE, Retry.SAME_ID)
    late = await RawSocket.join(server.port)
    assert isinstance(await late.hear(), Snapshot), "the last state is still shown"
    assert (await late.wait_for(Error)).code is Code.UNAVAILABLE, "and marked for who comes now"
    await asyncio.to_thread(own_engine.start)
    back = await buyer.wait_for(Snapshot)
    assert (back.skus[0].available, back.skus[0].held) == (7, 3), "what was acknowledged is there"
    buyer.say(type="reserve", id="r1", sku="mug", qty=1)
    assert (await buyer.wait_for(Reserved)).id == "r1"
    await late.wait_for(Snapshot)
    for socket in (buyer, late):  # a server that stops waits for them
        socket.close()
    await server.app.stop()
    await engine.close()
