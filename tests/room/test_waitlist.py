"""Who was too late waits over real sockets, and gets what comes free, with the real book behind it."""

from __future__ import annotations

import asyncio

import pytest
from fixtures_server import RunningServer, StartServer
from msgspec import UNSET
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import (
    Banner,
    Cancelled,
    Confirmed,
    Expired,
    Me,
    Metrics,
    Offer,
    Place,
    Refused,
    ServerMessage,
    Snapshot,
    Stock,
    Waiting,
    Waitlist,
    WaitOver,
)
from shelfcast.protocol.states import BannerKind, Level
from shelfcast.room import customers
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Confirm, Pay, Reserve, put
from waiting import until

FAST = {"waitlist_told_ms": 20, "expiry_sweep_ms": 20, "viewers_interval_ms": 20}
"""What is told once in a while, and what a duty does, comes soon."""


@pytest.fixture
async def sold_out(start_server: StartServer) -> RunningServer:
    """A server whose room `evening` keeps a waitlist; its one mug is in li's checkout."""
    server = await start_server(**FAST)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 1)
    await server.apply(Reserve("gone", "evening", "mug", 1, "li"))
    return server


async def customer(server: RunningServer, user: str = "wang", **options: object) -> RawSocket:
    """A viewer with a token, who has been told what it has."""
    socket = await RawSocket.join(server.port, token=server.token(user=user), **options)  # type: ignore[arg-type]
    await socket.wait_for(Me)
    return socket


async def wait(socket: RawSocket, name: str, sku: str = "mug", qty: int = 1) -> Waiting:
    """Wait, and be told that one does."""
    socket.say(type="wait", id=name, sku=sku, qty=qty)
    told = await socket.wait_for(Waiting, id=name)
    assert isinstance(told, Waiting)
    return told


async def define_room(server: RunningServer, **values: object) -> None:
    await server.apply(put(What.ROOM, "evening", values))


async def test_who_waits_is_offered_what_comes_free_and_may_pay_for_it(sold_out: RunningServer) -> None:
    wang = await customer(sold_out)
    told = await wait(wang, "w1")
    assert told == Waiting(id="w1", sku="mug", qty=1, first=1, last=10)
    await sold_out.apply(Cancel("gone", "li", "li"))
    offer = await wang.wait_for(Offer)
    assert (offer.id, offer.sku, offer.qty, offer.asked) == ("w1", "mug", 1, 1)
    assert offer.expires_at_ms - offer.at_ms == pytest.approx(90_000, abs=1_000)
    me = await wang.hear()
    assert isinstance(me, Me), "the offer comes before the reservation that it is"
    assert [(held.id, held.offered) for held in me.reservations] == [("w1", True)]
    assert me.waiting == []
    await sold_out.apply(Confirm("w1"))
    assert (await wang.wait_for(Confirmed)).id == "w1"
    wang.say(type="wait", id="w1", sku="mug", qty=1)
    assert (await wang.wait_for(Confirmed)).qty == 1


async def test_an_offer_that_lapses_goes_to_the_next(start_server: StartServer) -> None:
    server = await start_server(**FAST, offer_ms=100)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 1)
    await server.apply(Reserve("gone", "evening", "mug", 1, "li"))
    wang, zhao = await customer(server, "wang"), await customer(server, "zhao")
    await wait(wang, "w1")
    await wait(zhao, "z1")
    await server.apply(Cancel("gone", "li", "li"))
    await wang.wait_for(Offer)
    assert (await wang.wait_for(Expired)).id == "w1"
    assert (await zhao.wait_for(Offer)).id == "z1"
    wang.say(type="wait", id="w1", sku="mug", qty=1)
    assert (await wang.wait_for(Refused)).code is Code.EXPIRED


async def test_free_units_that_nobody_waits_for_are_offered_at_once(sold_out: RunningServer) -> None:
    await sold_out.receive("mug", 1)
    phone, tablet = await customer(sold_out), await customer(sold_out)
    phone.say(type="wait", id="w1", sku="mug", qty=1)
    answers = [await phone.wait_for(Offer), await tablet.wait_for(Offer)]
    assert [answer.id for answer in answers] == ["w1", "w1"]
    phone.say(type="ask", id="q", sku="mug")
    while (heard := await phone.hear()).__class__.__name__ != "Answer":
        assert not isinstance(heard, Offer | Waiting), "it is told once"


async def test_to_decline_is_to_go_and_the_next_one_gets_it(sold_out: RunningServer) -> None:
    wang, zhao = await customer(sold_out), await customer(sold_out, "zhao")
    await wait(wang, "w1")
    await wait(zhao, "z1")
    wang.say(type="decline", id="w1")
    over = await wang.wait_for(WaitOver)
    assert (over.id, over.sku, over.qty, over.code) == ("w1", "mug", 1, Code.OK)
    wang.say(type="wait", id="w1", sku="mug", qty=1)
    assert (await wang.wait_for(Refused)).code is Code.ALREADY_CANCELLED
    await wait(wang, "w2")
    await sold_out.apply(Cancel("gone", "li", "li"))
    await zhao.wait_for(Offer)
    zhao.say(type="decline", id="z1")
    assert (await zhao.wait_for(Cancelled)).id == "z1"
    assert (await wang.wait_for(Offer)).id == "w2"
    wang.say(type="decline", id="nothing")
    assert (await wang.wait_for(Refused)).code is Code.NOT_FOUND
    zhao.say(type="decline", id="w2")
    assert (await zhao.wait_for(Refused)).code is Code.NOT_FOUND, "it is another's"


async def test_all_connections_of_a_user_hear_of_its_waits(sold_out: RunningServer) -> None:
    phone, tablet, stranger = await customer(sold_out), await customer(sold_out), await customer(sold_out, "zhao")
    await wait(phone, "w1")
    assert (await tablet.wait_for(Waiting)).id == "w1"
    tablet.say(type="decline", id="w1")
    assert (await tablet.wait_for(WaitOver)).code is Code.OK
    assert (await phone.wait_for(WaitOver)).code is Code.OK
    await wait(tablet, "w2")
    await phone.wait_for(Waiting, id="w2")
    await sold_out.apply(Cancel("gone", "li", "li"))
    for socket in (phone, tablet):
        assert (await socket.wait_for(Offer)).id == "w2"
        assert [held.id for held in (await socket.wait_for(Me)).reservations] == ["w2"]
    stranger.say(type="ask", id="q", sku="mug")
    while (heard := await stranger.hear()).__class__.__name__ != "Answer":
        assert not isinstance(heard, Waiting | Offer | WaitOver | Me), "nobody hears of another's place"


async def test_after_a_gap_of_the_feed_everybody_is_told_anew(sold_out: RunningServer) -> None:
    wang = await customer(sold_out)
    await wait(wang, "w1")
    book = await sold_out.book()
    await sold_out.app.engine.command("SPUBLISH", f"{book.base}:feed", b"\xc1 not ours", key=f"{book.base}:meta")
    me = await wang.wait_for(Me)
    assert me.waiting == [Place(id="w1", sku="mug", qty=1, first=1, last=10)]
    await sold_out.apply(Cancel("gone", "li", "li"))
    assert (await wang.wait_for(Offer)).id == "w1"


async def test_who_comes_back_is_told_its_places_and_its_offers(sold_out: RunningServer) -> None:
    await sold_out.sell("bowl", 1)
    await sold_out.apply(Reserve("bowl-gone", "evening", "bowl", 1, "li"))
    wang = await customer(sold_out)
    await wait(wang, "w1")
    await wait(wang, "w2", "bowl")
    await until(lambda: sold_out.app.hub.rooms["evening"].state.waiting == 2)
    wang.close()
    await sold_out.apply(Cancel("gone", "li", "li"))
    again = await RawSocket.join(sold_out.port, token=sold_out.token())
    me = await again.wait_for(Me)
    assert [(held.id, held.offered) for held in me.reservations] == [("w1", True)]
    assert me.waiting == [Place(id="w2", sku="bowl", qty=1, first=1, last=10)]
    again.say(type="wait", id="w1", sku="mug", qty=1)
    assert (await again.wait_for(Offer)).id == "w1", "the answer that was lost is given again"
    again.say(type="wait", id="w2", sku="bowl", qty=1)
    assert (await again.wait_for(Waiting)).id == "w2"
    await sold_out.apply(Pay("w1"))
    held = (await again.wait_for(Me)).reservations[0]
    assert (held.state, held.offered) == ("payment_pending", True)


async def test_a_pause_and_a_freeze_stop_it_and_the_place_stays(sold_out: RunningServer) -> None:
    wang = await customer(sold_out)
    await wait(wang, "w1")
    for stop, go_on, code in (
        ({"status": "paused"}, {"status": "live"}, Code.PAUSED),
        ({"frozen": True}, {"frozen": False}, Code.FROZEN),
    ):
        await define_room(sold_out, **stop)
        stopped = await wang.wait_for(Waiting)
        assert (stopped.id, stopped.first, stopped.last, stopped.stopped) == ("w1", 1, 10, code)
        wang.say(type="wait", id="w1", sku="mug", qty=1)
        assert (await wang.wait_for(Waiting)).stopped is code
        late = await RawSocket.join(sold_out.port, token=sold_out.token())
        assert [place.stopped for place in (await late.wait_for(Me)).waiting] == [code]
        await define_room(sold_out, **go_on)
        for socket in (wang, late):
            assert (await socket.wait_for(Waiting)).stopped is UNSET
        late.close()


@pytest.mark.parametrize(
    ("values", "code"), [({"status": "ended"}, Code.SALE_ENDED), ({"waitlist": False}, Code.FORBIDDEN)]
)
async def test_the_end_of_the_show_or_of_the_list_is_told(
    sold_out: RunningServer, values: dict[str, object], code: Code
) -> None:
    wang, anybody = await customer(sold_out), await RawSocket.join(sold_out.port)
    snapshot = await anybody.hear()
    assert isinstance(snapshot, Snapshot)
    assert snapshot.waitlist
    await wait(wang, "w1")
    await anybody.wait_for(Waitlist, rows=[("mug", 1)])
    await define_room(sold_out, **values)
    over = await wang.wait_for(WaitOver)
    assert (over.id, over.code) == ("w1", code)
    assert over.message
    wang.say(type="wait", id="w1", sku="mug", qty=1)
    assert (await wang.wait_for(Refused)).code is code
    if "waitlist" in values:
        assert not (await anybody.wait_for(Snapshot)).waitlist


async def test_why_somebody_may_not_wait(start_server: StartServer) -> None:
    server = await start_server(**FAST, waits_a_user_max=2)
    await server.open_shop(waitlist=True)
    await server.open_shop("night")
    for sku in ("mug", "cup", "pot"):
        await server.sell(sku, 0)
    await server.sell("mug", 0, room="night")
    wang = await customer(server)

    async def refused(name: str, sku: str, **body: object) -> tuple[Code, str | None, str]:
        wang.say(**{"type": "wait", "id": name, "sku": sku, "qty": 1} | body)
        said = await wang.wait_for(Refused, id=name)
        return said.code, said.field or None, said.message

    await wait(wang, "w1")
    code, field, message = await refused("w2", "mug")
    assert (code, field) == (Code.LIMIT_PER_USER, "waiting")
    assert "wait" in message
    assert (await refused("w1", "cup"))[:2] == (Code.ID_CONFLICT, "sku")
    assert (await refused("w1", "mug", qty=2))[:2] == (Code.ID_CONFLICT, "qty")
    assert (await refused("w3", "nothing"))[0] is Code.UNKNOWN_SKU
    await wait(wang, "w4", "cup")
    assert (await refused("w5", "pot"))[:2] == (Code.LIMIT_PER_USER, "waiting")
    night = await RawSocket.join(server.port, "night", token=server.token(user="zhao"))
    await night.wait_for(Me)
    night.say(type="wait", id="n1", sku="mug", qty=1)
    said = await night.wait_for(Refused)
    assert (said.code, said.field, said.message) == (Code.FORBIDDEN, "waitlist", "this room keeps no waitlist")
    guest = await RawSocket.join(server.port)
    for message_ in ({"type": "wait", "id": "g1", "sku": "mug", "qty": 1}, {"type": "decline", "id": "g1"}):
        guest.say(**message_)
        assert (await guest.wait_for(Refused)).code is Code.FORBIDDEN


async def test_a_full_list_says_so(start_server: StartServer) -> None:
    server = await start_server(**FAST, waits_a_sku_max=1)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 0)
    wang, zhao = await customer(server), await customer(server, "zhao")
    await wait(wang, "w1")
    zhao.say(type="wait", id="z1", sku="mug", qty=1)
    said = await zhao.wait_for(Refused)
    assert (said.code, said.field, said.message) == (Code.SHELF_FULL, "waiting", "as many people wait for this as may")


async def test_who_waits_before_a_sale_opens_is_refused_by_the_book(sold_out: RunningServer) -> None:
    opens_at_ms = await (await sold_out.book()).now_ms() + 60_000
    await sold_out.sell("cup", 0, opens_at_ms=opens_at_ms, lobby_ms=1_000)
    wang = await customer(sold_out)
    wang.say(type="wait", id="w1", sku="cup", qty=1)
    said = await wang.wait_for(Refused)
    assert said.code is Code.NOT_OPEN
    assert 0 < said.retry_after_ms <= 60_000


async def test_a_process_that_has_too_much_to_do_takes_no_waits(start_server: StartServer) -> None:
    server = await start_server(reservations_under_way_max=1)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 0)
    wang = await customer(server)
    for number in range(5):
        wang.say(type="wait", id=f"w{number}", sku="mug", qty=1)
    said = [await wang.wait_for(Refused) for _ in range(4)]
    overloaded = [each for each in said if each.code is Code.OVERLOADED]
    assert overloaded
    assert all(each.retry_after_ms > 0 for each in overloaded)


async def test_guests_of_a_demonstration_wait_too(start_server: StartServer) -> None:
    server = await start_server(**FAST)
    await server.open_shop(waitlist=True, open_reservations=True)
    await server.sell("mug", 0)
    guest = await RawSocket.join(server.port)
    await wait(guest, "w1")
    await server.receive("mug", 1)
    assert (await guest.wait_for(Offer)).id == "w1"


async def test_a_hundred_are_served_in_their_order_and_nobody_sees_a_unit(start_server: StartServer) -> None:
    """100 who wait, 60 units, some by twos. Whoever watches sees no unit from the first wait to the last offer."""
    server = await start_server(**FAST, offer_ms=600_000)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 60)
    for number in range(60):
        await server.apply(Reserve(f"r{number}", "evening", "mug", 1, f"early-{number}"))
    watcher = await RawSocket.join(server.port)
    shown: list[ServerMessage] = []

    async def watch() -> None:
        while True:
            shown.append(await watcher.hear())

    watching = asyncio.create_task(watch())
    crowd = await asyncio.gather(*(customer(server, f"user-{number}") for number in range(100)))
    bands = [await wait(socket, f"w{number}") for number, socket in enumerate(crowd)]
    assert [(told.first, told.last) for told in bands[:11]] == [(1, 10)] * 10 + [(11, 50)]
    assert (bands[-1].first, bands[-1].last) == (51, 100)
    order: list[str] = []

    async def served(socket: RawSocket) -> None:
        order.append((await socket.wait_for(Offer)).id)

    for begin in range(0, 60, 20):
        book = await server.book()
        await asyncio.gather(
            *(book.apply(Cancel(f"r{n}", f"early-{n}", f"early-{n}")) for n in range(begin, begin + 20))
        )
        await asyncio.gather(*(served(socket) for socket in crowd[begin : begin + 20]))
        assert {int(name[1:]) for name in order} == set(range(begin + 20)), "those who came first"
    # 40 are left, and nobody is before them now.
    assert (await crowd[60].wait_for(Waiting, first=1)).last == 10
    assert (await crowd[99].wait_for(Waiting, first=11)).last == 50
    await until(lambda: any(isinstance(m, Waitlist) and m.rows == [("mug", 40)] for m in shown))
    watching.cancel()
    counts = [row[1] for m in shown if isinstance(m, Stock) for row in m.rows]
    counts += [sku.available for m in shown if isinstance(m, Snapshot) for sku in m.skus]
    assert set(counts) == {0}
    assert not [m for m in shown if isinstance(m, Banner) and m.kind is BannerKind.BACK_IN_STOCK]


async def test_only_when_nobody_waits_any_more_is_a_unit_seen(sold_out: RunningServer) -> None:
    watcher = await RawSocket.join(sold_out.port)
    wang = await customer(sold_out)
    await wait(wang, "w1")
    await watcher.wait_for(Waitlist, rows=[("mug", 1)])
    late = await RawSocket.join(sold_out.port)
    await sold_out.receive("mug", 3)
    await wang.wait_for(Offer)
    assert (await watcher.wait_for(Stock)).rows == [("mug", 2, 2, Level.LAST)]
    await late.wait_for(Waitlist, rows=[("mug", 0)])


async def test_the_host_sees_how_many_wait(start_server: StartServer) -> None:
    server = await start_server(**FAST, metrics_interval_ms=20)
    await server.open_shop(waitlist=True)
    await server.sell("mug", 0)
    host = await RawSocket.join(server.port, token=server.token("host", user="chen"))
    await host.wait_for(Metrics)
    await wait(await customer(server), "w1")
    while [row.waiting for row in (await host.wait_for(Metrics)).rows] != [1]:
        pass
    late = await RawSocket.join(server.port)
    snapshot = await late.hear()
    assert isinstance(snapshot, Snapshot)
    assert snapshot.skus[0].waiting == 1


async def test_those_whose_place_is_new_are_told_some_in_each_turn_of_the_loop(
    sold_out: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "PLACES_A_TURN_MAX", 1)
    crowd = [await customer(sold_out, f"user-{number}") for number in range(5)]
    for number, socket in enumerate(crowd):
        await wait(socket, f"w{number}")
    await define_room(sold_out, frozen=True)
    assert {(await socket.wait_for(Waiting)).stopped for socket in crowd} == {Code.FROZEN}


async def test_waits_and_offers_are_counted(sold_out: RunningServer) -> None:
    def counted() -> dict[str, float]:
        waits = {name: metrics.WAITS.labels(name)._value.get() for name in ("waiting", "offered", "left", "over")}
        return waits | {name: metrics.OFFERS.labels(name)._value.get() for name in ("confirmed", "declined", "lapsed")}

    before = counted()
    wang, zhao = await customer(sold_out), await customer(sold_out, "zhao")
    for name in ("w1", "w2"):
        await wait(wang, name)
        wang.say(type="decline", id=name)
        await wang.wait_for(WaitOver)
    await wait(wang, "w3")
    await wait(zhao, "z1")
    await sold_out.apply(Cancel("gone", "li", "li"))
    await wang.wait_for(Offer)
    wang.say(type="decline", id="w3")
    await zhao.wait_for(Offer)
    await sold_out.apply(Confirm("z1"))
    await zhao.wait_for(Confirmed)
    await wang.wait_for(Cancelled)
    await until(lambda: counted()["confirmed"] > before["confirmed"])
    since = {name: count - before[name] for name, count in counted().items()}
    assert since == {
        "waiting": 4,
        "offered": 2,
        "left": 2,
        "over": 0,
        "confirmed": 1,
        "declined": 1,
        "lapsed": 0,
    }
    await wait(zhao, "z2")
    shown = metrics.WAITING.labels("evening")
    await until(lambda: shown._value.get() == 1)
