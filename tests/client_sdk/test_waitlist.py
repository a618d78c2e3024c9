"""The waitlist of a room in the client: asking for a place, what the mirror knows of it, events, a lost connection."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from client_sdk.driver import Driver, reserved, snapshot
from client_sdk.scripted_server import Peer, scripted, stay
from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code
from shelfcast_client import (
    Cancelled,
    Confirmed,
    EventStream,
    MetricRow,
    Offer,
    Place,
    ProtocolError,
    Refused,
    Unanswered,
    Units,
    UsageError,
    Waiting,
    WaitingRow,
    Waitlist,
    WaitlistRow,
    WaitOver,
    connect,
    messages,
)
from shelfcast_client.codec import Encoding, decode_pool

SOON_S = 30


def waiting(name: str = "w1", first: int = 1, last: int = 10, **more: Any) -> from_server.Waiting:
    return from_server.Waiting(id=name, sku="MUG", qty=2, first=first, last=last, **more)


def offer(name: str = "w1", qty: int = 2) -> from_server.Offer:
    return from_server.Offer(id=name, sku="MUG", qty=qty, asked=2, expires_at_ms=91_000, seq=12, at_ms=1_000)


def over(code: Code, name: str = "w1") -> from_server.WaitOver:
    return from_server.WaitOver(id=name, sku="MUG", qty=2, code=code, message=EXPLANATION[code])


def place(name: str = "w1", first: int = 1, last: int = 10) -> from_server.Place:
    return from_server.Place(id=name, sku="MUG", qty=2, first=first, last=last)


def refused(code: Code, name: str = "w1", **more: Any) -> from_server.Refused:
    return from_server.Refused(id=name, code=code, message=EXPLANATION[code], retry=RETRY[code], **more)


def wait(driver: Driver, name: str = "w1", timeout_s: float = 20.0) -> None:
    driver.request(messages.Wait(id=name, sku="MUG", qty=2), timeout_s)


def places(driver: Driver) -> dict[str, Place]:
    return dict(driver.session.mirror.waiting)


# --- asking


@pytest.mark.parametrize("encoding", list(Encoding))
def test_who_waits_is_told_the_place_and_each_new_one(encoding: Encoding) -> None:
    driver = Driver(encoding=encoding).connect()
    wait(driver)
    assert driver.sent == [from_client.Wait(id="w1", sku="MUG", qty=2)]
    driver.hear(waiting(first=51, last=100))
    assert driver.settled["w1"] == Waiting(id="w1", sku="MUG", qty=2, first=51, last=100)
    assert places(driver) == {"w1": Place(id="w1", sku="MUG", qty=2, first=51, last=100)}
    driver.hear(waiting(first=1, last=10, stopped=Code.FROZEN))
    assert places(driver)["w1"].stopped == "FROZEN"
    assert driver.last(Waiting).first == 1
    driver.hear(waiting(first=1, last=10))
    assert places(driver)["w1"].stopped is None


def test_an_offer_is_a_reservation_at_once() -> None:
    driver = Driver().connect()
    wait(driver)
    driver.hear(waiting(), offer(qty=1))
    mirror = driver.session.mirror
    held = mirror.reservations["w1"]
    assert (places(driver), held.qty, held.state, held.expires_at_ms) == ({}, 1, "active", 91_000)
    assert held.offered
    assert (driver.last(Offer).qty, driver.last(Offer).asked) == (1, 2)
    driver.hear(waiting())
    assert places(driver) == {}, "said while the offer came"
    driver.hear(from_server.Expired(id="w1", sku="MUG", qty=1, seq=13))
    assert (places(driver), dict(mirror.reservations)) == ({}, {})


def test_what_is_offered_at_once_is_the_answer() -> None:
    driver = Driver().connect()
    wait(driver)
    driver.hear(offer())
    assert isinstance(driver.settled["w1"], Offer)
    assert driver.settled["w1"].ok
    assert not Driver().connect().session.mirror.waitlist


def test_an_offer_that_is_told_again_keeps_what_is_known_of_its_payment() -> None:
    driver = Driver().connect()
    paying = from_server.Holding(
        id="w1", sku="MUG", qty=2, state=states.ReservationState.PAYMENT_PENDING, expires_at_ms=91_000, offered=True
    )
    driver.hear(from_server.Me(reservations=[paying]), offer())
    assert driver.session.mirror.reservations["w1"].state == "payment_pending"


@pytest.mark.parametrize(
    ("code", "field"),
    [(Code.FORBIDDEN, "waitlist"), (Code.LIMIT_PER_USER, "waiting"), (Code.SHELF_FULL, "waiting")],
)
def test_a_refused_wait_is_a_value(code: Code, field: str) -> None:
    driver = Driver().connect()
    wait(driver)
    driver.hear(refused(code, field=field))
    result = driver.settled["w1"]
    assert isinstance(result, Refused)
    assert (result.code, result.field, result.retry) == (code, field, RETRY[code])
    assert places(driver) == {}


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (over(Code.OK), True),
        (over(Code.SALE_ENDED), False),
        (from_server.Cancelled(id="w1", sku="MUG", qty=2, seq=13), True),
        (refused(Code.NOT_FOUND), False),
    ],
)
def test_declining_ends_the_wait_or_gives_the_offer_back(answer: from_server.ServerMessage, ok: bool) -> None:
    driver = Driver().connect()
    driver.hear(from_server.Me(reservations=[], waiting=[place()]))
    driver.request(messages.Decline(id="w1"))
    assert driver.sent == [from_client.Decline(id="w1")]
    driver.hear(answer)
    assert driver.settled["w1"].ok is ok
    assert bool(places(driver)) is isinstance(driver.settled["w1"], Refused)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (messages.Wait(id="a b", sku="MUG", qty=1), "id: expected"),
        (messages.Wait(id="w1", sku=" MUG", qty=1), "sku: expected"),
        (messages.Wait(id="w1", sku=None, qty=1), "sku: expected"),  # type: ignore[arg-type]
        (messages.Wait(id="w1", sku="MUG", qty=0), "qty: expected a whole number"),
        (messages.Decline(id=""), "id: expected"),
    ],
)
def test_a_request_that_can_only_be_refused_is_not_sent(message: messages.ClientMessage, said: str) -> None:
    driver = Driver().connect()
    with pytest.raises(UsageError, match=said):
        driver.request(message)
    assert driver.sent == []


# --- a connection that is lost


def test_unanswered_waits_and_declines_are_sent_again_with_their_ids() -> None:
    driver = Driver().connect()
    wait(driver, "w1")
    driver.reserve("r1")
    driver.request(messages.Decline(id="w0"))
    wait(driver, "w2")
    driver.hear(waiting("w2"))
    driver.lose()
    driver.wait_to_dial()
    driver.sent.clear()
    driver.open()
    assert driver.sent == [
        from_client.Wait(id="w1", sku="MUG", qty=2),
        from_client.Reserve(id="r1", sku="MUG", qty=1, again=True),
        from_client.Decline(id="w0"),
    ]
    driver.hear(snapshot(("MUG", 0)), waiting("w1"), over(Code.OK, "w0"))
    assert isinstance(driver.settled["w1"], Waiting)
    assert isinstance(driver.settled["w0"], WaitOver)


def test_a_wait_that_was_not_executed_is_tried_again_with_its_id() -> None:
    driver = Driver().connect()
    wait(driver)
    driver.hear(refused(Code.OVERLOADED, retry_after_ms=500))
    driver.wait(3)
    assert [message.id for message in driver.said(from_client.Wait)] == ["w1", "w1"]
    driver.hear(waiting())
    assert isinstance(driver.settled["w1"], Waiting)


def test_a_wait_asked_for_again_may_have_been_offered_and_paid_meanwhile() -> None:
    driver = Driver().connect()
    wait(driver)
    driver.lose()
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 0)), from_server.Confirmed(id="w1", sku="MUG", qty=2, seq=12))
    assert isinstance(driver.settled["w1"], Confirmed)


def test_a_wait_without_an_answer_is_unanswered_and_its_id_can_be_asked_again() -> None:
    driver = Driver().connect()
    wait(driver, timeout_s=5)
    driver.wait(5)
    assert isinstance(driver.settled.pop("w1"), Unanswered)
    wait(driver)
    driver.hear(waiting())
    assert isinstance(driver.settled["w1"], Waiting)


def test_what_is_told_after_coming_back_is_the_truth() -> None:
    driver = Driver().connect()
    driver.hear(from_server.Me(reservations=[], waiting=[place("w1"), place("w2", 11, 50), place("w3")]))
    driver.lose()
    assert list(places(driver)) == ["w1", "w2", "w3"], "old, but what is known"
    driver.wait_to_dial()
    held = from_server.Holding(
        id="w1", sku="MUG", qty=2, state=states.ReservationState.ACTIVE, expires_at_ms=91_000, offered=True
    )
    driver.open().hear(snapshot(("MUG", 0)), from_server.Me(reservations=[held], waiting=[place("w2", 1, 10)]))
    assert places(driver) == {"w2": Place(id="w2", sku="MUG", qty=2, first=1, last=10)}
    assert driver.session.mirror.reservations["w1"].offered


def test_another_user_has_none_of_the_places() -> None:
    driver = Driver().connect()
    driver.hear(from_server.Me(reservations=[], waiting=[place()]))
    wait(driver, "w2")
    driver._do(driver.session.another_user())
    assert places(driver) == {}
    assert isinstance(driver.settled["w2"], Unanswered)


def test_a_wait_that_is_over_says_why() -> None:
    driver = Driver().connect()
    driver.hear(from_server.Me(reservations=[], waiting=[place("w1"), place("w2")]), over(Code.SALE_ENDED, "w1"))
    assert list(places(driver)) == ["w2"]
    last = driver.last(WaitOver)
    assert (last.code, last.message, last.ok) == (Code.SALE_ENDED, EXPLANATION[Code.SALE_ENDED], False)
    driver.hear(reserved("w2"))
    assert places(driver) == {}


# --- how many wait


def test_how_many_wait_follows_snapshot_and_waitlist() -> None:
    room = snapshot(("MUG", 0), ("BOWL", 3), waitlist=True)
    mug = from_server.SkuView(
        sku="MUG", title="", price_minor=1, currency="CNY", available=0, held=5, level=states.Level.ALL_HELD, waiting=7
    )
    driver = Driver().connect(room)
    mirror = driver.session.mirror
    assert (mirror.waitlist, mirror.stock["MUG"].waiting) == (True, 0)
    driver.hear(from_server.Waitlist(rows=[("MUG", 12), ("CUP", 4)]))
    assert {sku: state.waiting for sku, state in mirror.stock.items()} == {"MUG": 12, "BOWL": 0}
    driver.hear(from_server.Waitlist(rows=[("BOWL", 1), ("MUG", 0)]))
    assert {sku: state.waiting for sku, state in mirror.stock.items()} == {"MUG": 0, "BOWL": 1}
    changed = from_server.Snapshot(
        room="show", epoch=1, seq=11, at_ms=1, status=states.RoomStatus.LIVE, spotlight=None, viewers=1, skus=[mug]
    )
    driver.hear(changed)
    assert (mirror.waitlist, mirror.stock["MUG"].waiting) == (False, 7)


def test_metrics_say_how_many_wait_and_a_server_of_before_says_nothing() -> None:
    driver = Driver().connect()
    row: dict[str, Any] = {"remaining": 0, "held": 0, "offered": 5, "share_left": 0.0, "sold": 5}
    row |= {"units_a_minute": None, "sold_out_in_minutes": None, "sell_through": 1.0}
    driver.hear(
        from_server.Metrics(at_ms=1, viewers=1, rows=[from_server.MetricRow(sku="MUG", waiting=9, **row)]),
    )
    assert driver.session.mirror.metrics["MUG"].waiting == 9
    assert MetricRow(sku="BOWL", **row).waiting == 0


def test_a_pools_units_say_how_many_wait_in_each_room_and_a_server_of_before_says_nothing() -> None:
    rows = ["mug", 1, 2, 0, 0, False, [], [["evening", 3], ["night", 1]]], ["cup", 1, 2, 0, 0, False, []]
    units = decode_pool(json.dumps({"type": "units", "at_ms": 1, "rows": rows}), Encoding.JSON)
    assert isinstance(units, Units)
    assert [list(row.waiting) for row in units.rows] == [[WaitingRow("evening", 3), WaitingRow("night", 1)], []]
    rows[0][7] = [["evening"]]
    with pytest.raises(ProtocolError, match=r"rows\[0\]\.waiting\[0\]: expected a list of 2"):
        decode_pool(json.dumps({"type": "units", "at_ms": 1, "rows": rows}), Encoding.JSON)


async def test_unread_places_and_numbers_are_conflated() -> None:
    stream = EventStream()

    def told(name: str, first: int) -> Waiting:
        return Waiting(id=name, sku="MUG", qty=1, first=first, last=50)

    for event in (
        told("a", 11),
        Waitlist(rows=[WaitlistRow("MUG", 3), WaitlistRow("CUP", 1)]),
        told("b", 11),
        told("a", 1),
        Waitlist(rows=[WaitlistRow("MUG", 2)]),
    ):
        stream.put(event)
    stream.end()
    assert [event async for event in stream] == [
        told("b", 11),
        told("a", 1),
        Waitlist(rows=[WaitlistRow("MUG", 2), WaitlistRow("CUP", 1)]),
    ]


# --- over sockets


@pytest.mark.parametrize("encoding", ["msgpack", "json"])
async def test_a_room_waits_is_offered_and_declines_over_a_lost_connection(encoding: str) -> None:
    heard: list[from_client.ClientMessage] = []

    async def lose(peer: Peer) -> None:
        await peer.say(snapshot(("MUG", 0), waitlist=True))
        heard.append(await peer.hear())
        await peer.connection.close(1011)

    async def serve(peer: Peer) -> None:
        await peer.say(snapshot(("MUG", 0), waitlist=True), from_server.Me(reservations=[]))
        heard.append(await peer.hear())
        await peer.say(waiting(heard[-1].id), offer(heard[-1].id))
        heard.append(await peer.hear())
        await peer.say(from_server.Cancelled(id=heard[-1].id, sku="MUG", qty=2, seq=13))
        await stay(peer)

    async with (
        scripted(lose, serve) as server,
        connect(server.url, "show", token="t0ken", encoding=encoding) as room,
        asyncio.timeout(SOON_S),
    ):
        assert room.waitlist
        result = await room.wait("MUG", 2)
        assert isinstance(result, Waiting)
        await room.until(lambda room: room.reservations)
        assert (room.reservations[result.id].offered, dict(room.waiting)) == (True, {})
        assert isinstance(await room.decline(result.id), Cancelled)
        assert dict(room.reservations) == {}
    assert heard == [
        from_client.Wait(id=result.id, sku="MUG", qty=2),
        from_client.Wait(id=result.id, sku="MUG", qty=2),
        from_client.Decline(id=result.id),
    ]
