"""The gateway's pure parts: the timer wheel, the places, the frame reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_socket import BINARY, CONT, PING, TEXT, RawSocket
from shelfcast.addresses import TrustedProxies, site
from shelfcast.errors import ConfigError
from shelfcast.gateway.connection_limits import ConnectionLimits
from shelfcast.gateway.http_connections import LOOKED_AT, HttpConnections
from shelfcast.gateway.reader import FrameReader, Kind
from shelfcast.gateway.wheel import Wheel
from shelfcast.settings import Settings

if TYPE_CHECKING:
    from shelfcast.gateway.newcomer import Newcomer

STEP_S, HORIZON_S = 0.25, 10.0


class Entry:
    def __init__(self) -> None:
        self.slot = -1


@given(st.lists(st.floats(0, 12), min_size=1, max_size=30), st.integers(0, 100))
def test_what_is_scheduled_comes_up_once_at_its_time(delays: list[float], turned_before: int) -> None:
    wheel: Wheel[Entry] = Wheel(STEP_S, HORIZON_S)
    for _ in range(turned_before):
        assert wheel.turn() == set()
    entries = [Entry() for _ in delays]
    for entry, delay in zip(entries, delays, strict=True):
        wheel.schedule(entry, delay)
    came: dict[Entry, float] = {}
    for step in range(1, int(HORIZON_S / STEP_S) + 5):
        for entry in wheel.turn():
            assert entry not in came
            came[entry] = step * STEP_S
    for entry, delay in zip(entries, delays, strict=True):
        wanted = min(max(delay, STEP_S), HORIZON_S)
        assert abs(came[entry] - wanted) <= 2 * STEP_S
        assert entry.slot == -1


def test_what_is_forgotten_or_moved_does_not_come_up_at_its_old_time() -> None:
    wheel: Wheel[Entry] = Wheel(STEP_S, HORIZON_S)
    gone, moved = Entry(), Entry()
    wheel.schedule(gone, STEP_S)
    wheel.schedule(moved, STEP_S)
    wheel.forget(gone)
    wheel.forget(gone)
    wheel.schedule(moved, 3 * STEP_S)
    assert [wheel.turn() for _ in range(3)] == [set(), set(), {moved}]


class Door:
    """What HttpConnections asks of a connection."""

    def __init__(self, peer: str, *, may_be_ended: bool = True) -> None:
        self.peer, self._may_be_ended = peer, may_be_ended
        self.asked, self.aborted = 0, False

    @property
    def may_be_ended(self) -> bool:
        self.asked += 1
        return self._may_be_ended

    def abort(self) -> None:
        self.aborted = True


def a_full_entrance(*doors: Door, **settings: int) -> HttpConnections:
    http = HttpConnections(msgspec.structs.replace(Settings(), http_connections_max=len(doors), **settings), lambda: 0)
    for door in doors:
        assert http.add(cast("Newcomer", door))
    return http


def test_making_room_looks_at_few_however_many_there_are() -> None:
    busy = [Door("a", may_be_ended=False) for _ in range(1_000)]
    http = a_full_entrance(*busy, Door("a"))
    tries = 0
    while not http.add(cast("Newcomer", Door("b"))):
        tries += 1
        assert sum(door.asked for door in busy) <= tries * LOOKED_AT
        assert tries < 100, "the one that may be ended was never looked at"
    assert not any(door.aborted for door in busy)
    assert len(http) == 1_001


def test_who_has_been_answered_longest_makes_room_first() -> None:
    first, second, third = Door("a"), Door("b"), Door("c")
    http = a_full_entrance(first, second, third)
    for door in (third, first, second):
        http.rest(cast("Newcomer", door))
    assert http.begin(cast("Newcomer", third)), "it asks again"
    assert http.add(cast("Newcomer", Door("d")))
    assert [door.aborted for door in (first, second, third)] == [True, False, False]
    http.remove(cast("Newcomer", second))
    http.rest(cast("Newcomer", second))
    assert http.add(cast("Newcomer", Door("e")))
    assert not http.add(cast("Newcomer", Door("f"))), "one that is gone is not idle"


def test_an_address_within_its_share_makes_no_room() -> None:
    http = a_full_entrance(*(Door(str(number % 5)) for number in range(100)), handshakes_max=400)
    assert not http.add(cast("Newcomer", Door("b")))
    http = a_full_entrance(*(Door("a" if number < 26 else str(number)) for number in range(100)), handshakes_max=400)
    assert http.add(cast("Newcomer", Door("b")))
    assert not http.add(cast("Newcomer", Door("b"))), "it has no more than its share now"


def test_places_are_counted_by_address() -> None:
    places = ConnectionLimits(msgspec.structs.replace(Settings(), connections_max=3, connections_an_address_max=2))
    for _ in range(2):
        assert places.enter("a") is None
    refusal = places.enter("a")
    assert refusal is not None
    assert refusal.status == 429
    assert places.enter("b") is None
    places.leave("a")
    assert places.enter("a") is None
    assert all(places.enter("") is None for _ in range(5)), "a proxy's, before it says for whom"
    for _ in range(3):
        assert places.full() is None
        places.take()
    refusal = places.full()
    assert refusal is not None
    assert refusal.status == 503
    places.release()
    assert places.full() is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:9::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a:b", "a:b"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_customer_is_one_address(host: str, expected: str) -> None:
    assert site(host) == expected


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ([], "10.0.0.1"),
        ([b"192.0.2.7"], "192.0.2.7"),
        ([b"1.1.1.1, 192.0.2.7"], "192.0.2.7"),
        ([b"1.1.1.1", b"192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        ([b"192.0.2.7:4711"], "192.0.2.7"),
        ([b"[2001:db8::1]:4711"], "2001:db8::1"),
        ([b"::ffff:192.0.2.7"], "192.0.2.7"),
        ([b"10.0.0.9"], "10.0.0.9"),
        ([b"a:b"], "10.0.0.1"),
        ([b"192.0.2.7, a:b"], "10.0.0.1"),
        ([b""], "10.0.0.1"),
        ([b"unix:"], "10.0.0.1"),
        ([b"\xff"], "10.0.0.1"),
    ],
)
def test_the_last_address_that_is_no_proxy_is_the_client(said: list[bytes], client: str) -> None:
    proxies = TrustedProxies("10.0.0.0/8, ::1")
    headers = [(b"host", b"here"), *((b"x-forwarded-for", value) for value in said)]
    assert proxies.client("10.0.0.1", headers) == client
    assert proxies.client("203.0.113.5", headers) == "203.0.113.5", "who is no proxy is not believed"


def test_what_is_no_address_is_not_trusted() -> None:
    with pytest.raises(ConfigError, match="expected addresses or networks"):
        TrustedProxies("10.0.0.1, *")
    assert "" not in TrustedProxies("")


class Wire(RawSocket):
    """Collects what a client would send."""

    def __init__(self) -> None:
        self.sent = bytearray()

    def send(self, data: bytes) -> None:
        self.sent += data


messages = st.tuples(st.booleans(), st.lists(st.binary(max_size=40), min_size=1, max_size=4))


@given(st.lists(messages, max_size=6), st.lists(st.integers(1, 50), min_size=1))
def test_messages_are_the_same_however_they_are_cut(sent: list[tuple[bool, list[bytes]]], cuts: list[int]) -> None:
    """Fragmented by the client, with pings in between, and cut anywhere by the network."""
    wire = Wire()
    for is_text, parts in sent:
        for number, part in enumerate(parts):
            wire.frame(PING, os.urandom(3))
            opcode = CONT if number else TEXT if is_text else BINARY
            wire.frame(opcode, part, fin=number == len(parts) - 1)
    reader = FrameReader(4_096)
    heard = []
    position = number = 0
    while position < len(wire.sent):
        size = cuts[number % len(cuts)]
        reader.take(bytes(wire.sent[position : position + size]))
        while reader.is_frame:
            heard.append(reader.next())
        position, number = position + size, number + 1
    whole = [(r.kind, bytes(r.payload)) for r in heard if r.kind in (Kind.TEXT, Kind.BINARY)]
    assert whole == [(Kind.TEXT if is_text else Kind.BINARY, b"".join(parts)) for is_text, parts in sent]
    assert reader.at_rest
    assert not reader.failed
