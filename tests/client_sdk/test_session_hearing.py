"""What a session makes of what it hears: newer servers, wrong ones, and the server's clock."""

from __future__ import annotations

import pytest
from client_sdk.driver import Driver, snapshot, stock
from shelfcast.protocol.from_server import Alive
from shelfcast_client import ProtocolError, Refused, State
from shelfcast_client.codec import Encoding

# --- a server that is silent --------------------------------------------------------------------------------


def test_a_connection_that_says_nothing_is_given_up_and_its_counts_are_old() -> None:
    driver = Driver().connect()
    driver.wait(74.9)
    assert (driver.hangups, driver.session.mirror.current) == ([], True)
    driver.wait(0.2)
    assert [hangup.code for hangup in driver.hangups] == [4401]
    assert not driver.session.mirror.current, "nobody is made to wait for the closing of a dead connection"
    driver.hear(stock(12, ("MUG", 1)))
    assert driver.session.mirror.stock["MUG"].available == 5
    driver.lose(1006)
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 1), seq=12))
    assert (driver.session.mirror.current, driver.session.mirror.stock["MUG"].available) == (True, 1)


def test_an_alive_says_how_long_silence_may_last() -> None:
    driver = Driver().connect()
    seen = len(driver.events)
    driver.hear(Alive(at_ms=2_000, next_ms=6_000))
    assert len(driver.events) == seen, "a sign of life is nothing to show"
    driver.wait(8.9)
    assert driver.hangups == []
    driver.wait(0.2)
    assert [hangup.code for hangup in driver.hangups] == [4401]


@pytest.mark.parametrize(("next_ms", "given_up_s"), [(0, 1.5), (-5, 1.5), (10**15, 900)])
def test_what_a_server_promises_is_bounded(next_ms: int, given_up_s: float) -> None:
    driver = Driver(encoding=Encoding.JSON).connect()
    driver.hear_bytes(b'{"type":"alive","at_ms":2000,"next_ms":%d}' % next_ms)
    driver.wait(given_up_s - 0.1)
    assert driver.hangups == []
    driver.wait(0.2)
    assert [hangup.code for hangup in driver.hangups] == [4401]


def test_whatever_is_heard_is_a_sign_of_life() -> None:
    driver = Driver(encoding=Encoding.JSON).connect()
    driver.hear(Alive(at_ms=2_000, next_ms=6_000))
    for seq in range(11, 20):
        driver.wait(8)
        driver.hear(stock(seq, ("MUG", 4)))
    driver.wait(8)
    driver.hear_bytes(b'{"type":"weather","rain":true}')
    driver.wait(8)
    assert driver.hangups == []


def test_another_connection_may_be_silent_again_until_its_first_alive() -> None:
    driver = Driver().connect()
    driver.hear(Alive(at_ms=2_000, next_ms=6_000))
    driver.lose()
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 5)))
    driver.wait(74.9)
    assert driver.hangups == []


# --- a server that is newer, or wrong ---------------------------------------------------------------------


def test_a_message_of_an_unknown_type_is_passed_over_and_counted() -> None:
    driver = Driver(encoding=Encoding.JSON).connect()
    seen = len(driver.events)
    driver.hear_bytes(b'{"type":"weather","rain":true}')
    assert (driver.session.ignored, len(driver.events), driver.hangups) == (1, seen, [])


def test_unknown_fields_levels_and_codes_are_kept_as_they_are() -> None:
    driver = Driver(encoding=Encoding.JSON).connect()
    driver.reserve()
    driver.hear_bytes(b'{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",3,0,"teetering","new"]],"new":1}')
    assert driver.session.mirror.stock["MUG"].level == "teetering"
    driver.hear_bytes(b'{"type":"refused","id":"r1","code":"MOONSTRUCK","message":"m","retry":"never"}')
    result = driver.settled["r1"]
    assert isinstance(result, Refused)
    assert result.code == "MOONSTRUCK"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":7}',
        b'{"type":"stock","seq":"11","at_ms":1,"rows":[]}',
        b'{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",true,0,"ok"]]}',
        b'{"type":"stock","seq":11,"at_ms":1,"rows":[["MUG",3]]}',
        b'{"type":"viewers"}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_an_unreadable_frame_ends_the_connection_and_a_new_snapshot_mends_it(payload: bytes) -> None:
    driver = Driver(encoding=Encoding.JSON).connect()
    driver.hear_bytes(payload)
    assert [hangup.code for hangup in driver.hangups] == [4400]
    driver.hear(stock(12, ("MUG", 1)))
    assert driver.session.mirror.stock["MUG"].available == 5, "nothing after it is believed"
    driver.lose(4400)
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 1), seq=12))
    assert driver.session.mirror.stock["MUG"].available == 1


def test_a_server_that_only_sends_garbage_is_given_up() -> None:
    driver = Driver().start()
    for _ in range(3):
        driver.open().hear_bytes(b"\xc1")
        driver.lose(4400)
        if driver.session.state is State.DISCONNECTED:
            driver.wait_to_dial()
    assert driver.session.state is State.CLOSED
    assert isinstance(driver.session.error, ProtocolError)


# --- the server's clock -----------------------------------------------------------------------------------


def test_the_servers_clock_is_the_freshest_stamp_carried_on() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), at_ms=1_700_000_000_000))
    driver.wait(10)
    assert driver.session.clock.now_ms(driver.now_s) == 1_700_000_010_000
    driver.hear(stock(11, ("MUG", 4), at_ms=1_700_000_009_000))
    assert driver.session.clock.now_ms(driver.now_s) == 1_700_000_010_000, "a stamp that waited says nothing new"
    driver.hear(stock(12, ("MUG", 3), at_ms=1_700_000_010_040))
    assert driver.session.clock.now_ms(driver.now_s) == 1_700_000_010_040


def test_another_epoch_may_keep_another_time() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), at_ms=1_700_000_000_000))
    driver.hear(snapshot(("MUG", 5), epoch=2, at_ms=1_699_999_990_000))
    assert driver.session.clock.now_ms(driver.now_s) == 1_699_999_990_000


def test_a_drifting_clock_is_followed() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), at_ms=1_700_000_000_000))
    for minute in range(1, 61):
        driver.wait(60)
        # The server's clock runs 0.1 % slow against ours.
        driver.hear(stock(10 + minute, ("MUG", 5), at_ms=1_700_000_000_000 + minute * 59_940))
    estimate = driver.session.clock.now_ms(driver.now_s)
    assert estimate is not None
    assert 0 <= estimate - (1_700_000_000_000 + 60 * 59_940) <= 1_300, "at most two windows of ten minutes behind"
