"""The session without sockets: states, reconnecting, and what becomes of requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from client_sdk.driver import Driver, reserved, snapshot
from hypothesis import given, settings
from hypothesis import strategies as st
from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code
from shelfcast_client import (
    ClosedByServer,
    Confirmed,
    Policy,
    ProtocolError,
    Refused,
    Rejected,
    Reserved,
    RoomStatus,
    State,
    StateChange,
    Unanswered,
    UsageError,
    messages,
)
from shelfcast_client.codec import Encoding
from shelfcast_client.transitions import TRANSITIONS, Input


def state_of(driver: Driver) -> State:
    """Asked anew each time, for a type checker too."""
    return driver.session.state


def refused(code: Code, name: str = "r1", retry_after_ms: int | None = None) -> from_server.Refused:
    times: dict[str, Any] = {} if retry_after_ms is None else {"retry_after_ms": retry_after_ms}
    return from_server.Refused(id=name, code=code, message=EXPLANATION[code], retry=RETRY[code], **times)


# --- states ---------------------------------------------------------------------------------------------


def test_it_connects_at_once_and_says_each_state() -> None:
    driver = Driver().connect()
    assert driver.dials == 1
    states = [event.state for event in driver.events if isinstance(event, StateChange)]
    assert states == [State.CONNECTING, State.CONNECTED]


def test_every_state_can_be_closed_and_closed_stays_closed() -> None:
    assert all(TRANSITIONS[state, Input.CLOSE] is State.CLOSED for state in State)
    assert {after for (before, _), after in TRANSITIONS.items() if before is State.CLOSED} == {State.CLOSED}


@pytest.mark.parametrize("happened", [Input.OPENED, Input.FAILED, Input.REJECTED, Input.LOST, Input.DISMISSED])
def test_what_the_network_says_after_closing_is_ignored(happened: Input) -> None:
    driver = Driver().connect()
    driver.close()
    seen = len(driver.events)
    match happened:
        case Input.OPENED:
            driver.open()
        case Input.FAILED:
            driver.fail()
        case Input.REJECTED:
            assert driver.session.refused(Rejected(401, "no")) == []
        case Input.LOST:
            driver.lose(1006)
        case Input.DISMISSED:
            driver.lose(4500)
    assert driver.session.state is State.CLOSED
    assert driver.session.error is None
    assert len(driver.events) == seen


def overload(driver: Driver) -> None:
    for each in driver.session.outstanding:
        driver.hear(refused(Code.OVERLOADED, each.message.id))


HAPPENINGS: dict[str, Callable[[Driver], object]] = {
    "open": Driver.open,
    "fail": Driver.fail,
    "fail for a while": lambda driver: driver.fail(retry_after_s=3),
    "lose": Driver.lose,
    "dismiss": lambda driver: driver.lose(4501),
    "reject": lambda driver: driver.session.refused(Rejected(403, "no")),
    "hear": lambda driver: driver.hear(snapshot(("MUG", 5))),
    "garble": lambda driver: driver.hear_bytes(b"\xc1"),
    "slow down": lambda driver: driver.hear(from_server.Error(code=Code.RATE_LIMITED, message="slow down")),
    "overloaded": overload,
    "wait a little": lambda driver: driver.wait(0.3),
    "wait long": lambda driver: driver.wait(30),
    "reserve": lambda driver: driver.reserve(name=f"r{len(driver.events)}", timeout_s=5),
    "wait in line": lambda driver: driver.request(
        messages.Wait(id=f"w{len(driver.events)}", sku="MUG", qty=1), timeout_s=5
    ),
    "close": Driver.close,
}


@settings(max_examples=300)
@given(st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=30))
def test_whatever_happens_the_state_is_the_tables_and_nothing_spins(happenings: list[str]) -> None:
    driver = Driver(policy=Policy(unanswered_max=4, messages_a_second=2, messages_burst=2)).start().open()
    for happening in happenings:
        before = driver.session.state
        try:
            HAPPENINGS[happening](driver)
        except (UsageError, ClosedByServer, Rejected, ProtocolError):
            assert driver.session.state is before
        after = driver.session.state
        assert after is before or after in {to for (at, _), to in TRANSITIONS.items() if at is before}
        assert after is State.CONNECTED or not driver.session.mirror.current
        # A session that wants to be woken at a time that has passed would be woken for ever.
        driver.wait(0)
        wake_at_s = driver.session.wake_at()
        assert wake_at_s is None or wake_at_s > driver.now_s


# --- reconnecting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4499])
def test_these_close_codes_reconnect(code: int) -> None:
    driver = Driver().connect()
    driver.lose(code)
    assert state_of(driver) is State.DISCONNECTED
    driver.wait_to_dial()
    assert state_of(driver) is State.CONNECTING


@pytest.mark.parametrize("code", [1002, 1003, 1008, 1009, 4500, 4501, 4502, 4503, 4999])
def test_these_close_codes_are_final(code: int) -> None:
    driver = Driver().connect()
    driver.lose(code, "token expired")
    assert driver.session.state is State.CLOSED
    assert isinstance(driver.session.error, ClosedByServer)
    assert driver.session.error.code == code
    assert "token expired" in str(driver.session.error)
    assert driver.session.wake_at() is None


def test_an_expired_token_is_no_end_where_there_is_a_fresh_one_and_the_waits_grow() -> None:
    longest = [0.0] * 4
    for seed in range(60):
        driver = Driver(seed=seed).connect()
        for attempt in range(len(longest)):
            driver.lose(4500, "token expired", has_fresh_token=True)
            assert driver.session.state is State.DISCONNECTED
            longest[attempt] = max(longest[attempt], driver.wait_to_dial())
            driver.open()
    for attempt, ceiling_s in enumerate([0.5, 1.0, 2.0, 4.0]):
        assert 0.8 * ceiling_s < longest[attempt] <= ceiling_s


@pytest.mark.parametrize("code", [4501, 4502, 4503])
def test_a_fresh_token_helps_against_nothing_else(code: int) -> None:
    driver = Driver().connect()
    driver.lose(code, has_fresh_token=True)
    assert driver.session.state is State.CLOSED


def test_back_off_is_drawn_from_a_ceiling_that_doubles_from_half_a_second_to_twenty() -> None:
    longest = [0.0] * 9
    for seed in range(200):
        driver = Driver(seed=seed).start()
        for attempt in range(9):
            driver.fail()
            longest[attempt] = max(longest[attempt], driver.wait_to_dial())
    ceilings = [0.5, 1, 2, 4, 8, 16, 20, 20, 20]
    assert all(ceiling * 0.9 < seen <= ceiling for seen, ceiling in zip(longest, ceilings, strict=True))


def test_a_server_that_accepts_and_drops_is_not_hammered_but_a_lasting_connection_starts_anew() -> None:
    driver = Driver(seed=3).start()
    for _ in range(8):
        driver.open().hear(snapshot(("MUG", 5)))
        driver.lose()
        driver.wait_to_dial()
    waits = []
    for _ in range(20):
        driver.open().hear(snapshot(("MUG", 5)))
        driver.wait(60)
        driver.lose()
        waits.append(driver.wait_to_dial())
    assert max(waits) <= 0.5


def test_what_the_server_asks_for_is_the_least_wait() -> None:
    driver = Driver().start()
    driver.fail(retry_after_s=7)
    assert driver.wait_to_dial() >= 7
    driver.open().hear(snapshot(("MUG", 5)), from_server.Draining(reconnect_after_ms=3_000))
    driver.lose(4000, "draining")
    assert 3 <= driver.wait_to_dial() <= 4
    driver.open().hear(snapshot(("MUG", 5)))
    driver.wait(10)
    driver.lose()
    assert driver.wait_to_dial() <= 0.5, "the last server's draining says nothing of this one"


def test_the_wait_is_told() -> None:
    driver = Driver().connect()
    driver.lose(4000, "draining")
    change = driver.last(StateChange)
    assert change.state is State.DISCONNECTED
    assert "draining" in change.reason
    assert change.retry_in_s is not None
    assert driver.wait_to_dial() == pytest.approx(change.retry_in_s)


# --- requests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_reservation_is_answered(encoding: Encoding) -> None:
    driver = Driver(encoding=encoding).connect()
    driver.reserve("r1", qty=2)
    assert driver.sent == [from_client.Reserve(id="r1", sku="MUG", qty=2)]
    driver.hear(reserved(qty=2))
    result = driver.settled["r1"]
    assert isinstance(result, Reserved)
    assert result.ok
    assert driver.session.mirror.reservations["r1"].qty == 2


def test_a_refusal_is_a_value_and_is_not_asked_again() -> None:
    driver = Driver().connect()
    driver.reserve()
    driver.hear(refused(Code.SOLD_OUT))
    result = driver.settled["r1"]
    assert isinstance(result, Refused)
    assert (result.ok, result.code, result.retry) == (False, "SOLD_OUT", "later")
    driver.wait(60)
    assert len(driver.sent) == 1


def test_a_reservation_made_while_disconnected_waits_for_the_connection() -> None:
    driver = Driver().start()
    driver.reserve()
    assert driver.sent == []
    driver.open()
    assert [message.id for message in driver.said(from_client.Reserve)] == ["r1"]


def test_unanswered_reservations_are_sent_again_with_their_ids_and_in_order() -> None:
    driver = Driver().connect()
    for number in range(5):
        driver.reserve(f"r{number}")
    driver.hear(reserved("r2"))
    driver.lose()
    driver.wait_to_dial()
    driver.sent.clear()
    driver.open()
    assert [message.id for message in driver.said(from_client.Reserve)] == ["r0", "r1", "r3", "r4"]
    driver.hear(snapshot(("MUG", 5)), reserved("r0"))
    assert isinstance(driver.settled["r0"], Reserved)


def test_words_in_flight_are_said_again_with_their_ids() -> None:
    driver = Driver().connect()
    driver.request(messages.SayCue(id="c1", text="the last thirty"))
    driver.request(messages.SayNotice(id="n1", text="back at eight"))
    driver.lose()
    driver.request(messages.Acknowledge(id="a1", cue="c0"))
    driver.wait_to_dial()
    driver.open()
    assert [message.id for message in driver.sent] == ["c1", "n1", "c1", "n1", "a1"]
    driver.hear(from_server.Done(id="c1"), from_server.Done(id="n1"), from_server.Done(id="a1"))
    assert all(isinstance(driver.settled[name], messages.Done) for name in ("c1", "n1", "a1"))


@pytest.mark.parametrize("code", [Code.RATE_LIMITED, Code.OVERLOADED, Code.UNAVAILABLE])
def test_what_was_not_executed_is_tried_again_with_its_id_after_the_time_given(code: Code) -> None:
    driver = Driver().connect()
    driver.reserve()
    driver.hear(refused(code, retry_after_ms=1_500))
    driver.wait(1.49)
    assert len(driver.sent) == 1
    driver.wait(1)
    assert [message.id for message in driver.said(from_client.Reserve)] == ["r1", "r1"]
    assert driver.settled == {}
    driver.hear(reserved())
    assert isinstance(driver.settled["r1"], Reserved)


def test_trying_again_ends_at_its_bound_and_returns_the_refusal() -> None:
    driver = Driver(policy=Policy(same_id_attempts_max=3)).connect()
    driver.reserve(timeout_s=600)
    for _ in range(3):
        driver.hear(refused(Code.OVERLOADED))
        driver.wait(30)
    assert len(driver.sent) == 3
    result = driver.settled["r1"]
    assert isinstance(result, Refused)
    assert result.code == "OVERLOADED"


def test_trying_again_does_not_outlast_the_timeout() -> None:
    driver = Driver().connect()
    driver.reserve(timeout_s=2)
    driver.hear(refused(Code.UNAVAILABLE, retry_after_ms=5_000))
    assert isinstance(driver.settled["r1"], Refused)


def test_a_disconnection_after_a_refusal_returns_the_refusal_in_time() -> None:
    driver = Driver().connect()
    driver.reserve(timeout_s=2)
    driver.hear(refused(Code.UNAVAILABLE, retry_after_ms=100))
    driver.lose()
    driver.wait(3)
    assert isinstance(driver.settled["r1"], Refused)


def test_a_refusal_says_nothing_of_the_attempt_after_it_which_may_have_been_granted() -> None:
    driver = Driver().connect()
    driver.reserve(timeout_s=9)
    driver.hear(refused(Code.OVERLOADED, retry_after_ms=100))
    driver.wait(3)
    assert len(driver.sent) == 2
    driver.lose()
    driver.wait(9)
    assert isinstance(driver.settled["r1"], Unanswered)


def test_no_answer_in_time_is_a_value_too_and_the_same_id_can_be_asked_again() -> None:
    driver = Driver().connect()
    driver.reserve(timeout_s=5)
    driver.wait(5)
    result = driver.settled.pop("r1")
    assert isinstance(result, Unanswered)
    assert (result.ok, result.id) == (False, "r1")
    driver.reserve(timeout_s=5)
    driver.hear(reserved())
    assert isinstance(driver.settled["r1"], Reserved)


def test_an_answer_nobody_waits_for_any_more_still_shows_in_the_room() -> None:
    driver = Driver().connect()
    driver.reserve(timeout_s=5)
    driver.wait(5)
    driver.hear(reserved())
    assert "r1" in driver.session.mirror.reservations
    assert isinstance(driver.last(Reserved), Reserved)


def test_an_error_with_the_id_refuses_the_request() -> None:
    driver = Driver().connect()
    driver.reserve()
    driver.hear(from_server.Error(code=Code.FORBIDDEN, message="viewers may not", id="r1"))
    result = driver.settled["r1"]
    assert isinstance(result, Refused)
    assert (result.code, result.retry, result.message) == ("FORBIDDEN", "never", "viewers may not")


def test_being_told_to_slow_down_without_an_id_sends_everything_unanswered_again_later() -> None:
    driver = Driver().connect()
    driver.reserve("r1")
    driver.reserve("r2")
    driver.hear(from_server.Error(code=Code.RATE_LIMITED, message="slow down", retry_after_ms=1_000))
    driver.wait(0.99)
    assert len(driver.sent) == 2
    driver.wait(2)
    assert sorted(message.id for message in driver.said(from_client.Reserve)) == ["r1", "r1", "r2", "r2"]


def test_a_crowd_of_requests_is_sent_at_the_servers_pace() -> None:
    driver = Driver(policy=Policy(messages_a_second=10, messages_burst=4)).connect()
    for number in range(20):
        driver.reserve(f"r{number}")
    assert len(driver.sent) == 4
    driver.wait(1)
    assert 12 <= len(driver.sent) <= 14
    driver.wait(1)
    assert [message.id for message in driver.said(from_client.Reserve)] == [f"r{number}" for number in range(20)]


def test_a_reservation_asked_for_again_may_be_paid_by_now() -> None:
    driver = Driver().connect()
    driver.reserve()
    driver.lose()
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 5)), from_server.Confirmed(id="r1", sku="MUG", qty=1, seq=12))
    assert isinstance(driver.settled["r1"], Confirmed)


def test_cancel_ask_and_the_operators_requests_are_answered() -> None:
    driver = Driver().connect()
    driver.request(messages.Cancel(id="r1"))
    driver.request(messages.Ask(id="a1", sku="MUG"))
    driver.request(messages.SetSpotlight(id="o1", sku=None))
    driver.request(messages.SetStatus(id="o2", status=RoomStatus.PAUSED))
    driver.request(messages.SetFreeze(id="o3", sku="MUG", frozen=True))
    driver.request(messages.UndoAction(id="o4", action="undo:o3"))
    driver.hear(
        from_server.Cancelled(id="r1", sku="MUG", qty=1, seq=12),
        from_server.Answer(id="a1", sku="MUG", text="last 5 left", left=5, level=states.Level.LAST),
        from_server.Done(id="o1"),
        from_server.Done(id="o2"),
        from_server.Done(id="o3"),
        from_server.Done(id="o4"),
    )
    assert all(driver.settled[name].ok for name in ("r1", "a1", "o1", "o2", "o3", "o4"))


def test_closing_leaves_requests_unanswered_and_later_ones_are_an_error() -> None:
    driver = Driver().connect()
    driver.reserve()
    driver.close()
    assert isinstance(driver.settled["r1"], Unanswered)
    assert [hangup.code for hangup in driver.hangups] == [1000]
    with pytest.raises(UsageError, match="closed"):
        driver.reserve("r2")


def test_requests_after_the_server_ended_it_raise_its_reason() -> None:
    driver = Driver().connect()
    driver.lose(4503, "the room is gone")
    with pytest.raises(ClosedByServer, match="the room is gone"):
        driver.reserve()


# --- bad use --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (messages.Reserve(id="", sku="MUG", qty=1), "id: expected 1 to 64"),
        (messages.Reserve(id="a b", sku="MUG", qty=1), "id: expected"),
        (messages.Reserve(id="a\n", sku="MUG", qty=1), "id: expected"),
        (messages.Reserve(id="r1", sku="", qty=1), "sku: expected 1 to 128"),
        (messages.Reserve(id="r1", sku=" MUG", qty=1), "sku: expected"),
        (messages.Reserve(id="r1", sku="MUG\n", qty=1), "sku: expected"),
        (messages.Reserve(id="r1", sku="half a \ud83c", qty=1), "sku: expected"),
        (messages.Reserve(id="r1", sku=None, qty=1), "sku: expected"),  # type: ignore[arg-type]
        (messages.Reserve(id="r1", sku="MUG", qty=0), "qty: expected a whole number from 1 to 1,000,000, got 0"),
        (messages.Reserve(id="r1", sku="MUG", qty=True), "qty: expected"),
        (messages.Reserve(id="r1", sku="MUG", qty=1.0), "qty: expected"),  # type: ignore[arg-type]
        (messages.SayCue(id="o1", text=""), "text: expected 1 to 500"),
        (messages.SayNotice(id="o1", text="x" * 501), "text: expected 0 to 500"),
        (messages.SayNotice(id="o1", text="half a \udf75"), "text: expected"),
        (messages.Acknowledge(id="o1", cue="the first one"), "cue: expected the id of a cue"),
        (messages.SetStatus(id="o1", status="asleep"), "status: expected one of scheduled, live"),  # type: ignore[arg-type]
        (
            messages.SetStatus(id="o1", status=messages.RoomStatus.LIVE, continue_show=1),  # type: ignore[arg-type]
            "continue_show: expected True or False",
        ),
        (messages.SetFreeze(id="o1", sku="MUG", frozen=1), "frozen: expected True or False"),  # type: ignore[arg-type]
        (messages.UndoAction(id="o1", action="the last one"), "action: expected the id of an action"),
    ],
)
def test_a_request_that_can_only_be_refused_is_not_sent(message: messages.ClientMessage, said: str) -> None:
    driver = Driver().connect()
    with pytest.raises(UsageError, match=said):
        driver.request(message)
    assert driver.sent == []


def test_an_id_in_use_and_too_many_requests_are_errors_that_say_so() -> None:
    driver = Driver(policy=Policy(unanswered_max=2)).connect()
    driver.reserve("r1")
    with pytest.raises(UsageError, match="'r1' is still unanswered"):
        driver.request(messages.Cancel(id="r1"))
    driver.reserve("r2")
    with pytest.raises(UsageError, match="2 requests are unanswered"):
        driver.reserve("r3")
    for timeout_s in (0, -1, float("nan")):
        with pytest.raises(UsageError, match="timeout_s"):
            driver.reserve("r4", timeout_s=timeout_s)
