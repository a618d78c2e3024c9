"""What one connection may say, and what its user's connections are told."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.protocol.access import ROLES, Role
from shelfcast.protocol.from_client import ClientMessage
from shelfcast.protocol.from_server import (
    Cancelled,
    Confirmed,
    Expired,
    Holding,
    Me,
    Offer,
    Place,
    Waiting,
    WaitOver,
)
from shelfcast.protocol.states import ReservationState
from shelfcast.room.answers import answer_text, language_of
from shelfcast.room.holdings import Holdings
from shelfcast.room.places import NOT_STOPPED, Places, Wait
from shelfcast.room.session import ACTS, FrameVerdict, Session
from shelfcast.settings import Settings
from shelfcast.stock.changes import HoldEvent, WaitEvent, WaitState

ACTIVE, CANCELLED, EXPIRED = ReservationState.ACTIVE, ReservationState.CANCELLED, ReservationState.EXPIRED
WAITING, OFFERED, LEFT, OVER = WaitState


def session(**changes: int) -> Session:
    return Session(Settings(**changes), "wang", 100.0)  # type: ignore[arg-type]


def test_a_burst_is_taken_then_the_rate_holds_then_it_is_closed() -> None:
    talker = session(messages_burst=3, messages_a_second=10)
    assert [talker.admit(100.0) for _ in range(3)] == [FrameVerdict.TAKE] * 3
    assert talker.admit(100.0) is FrameVerdict.LIMIT
    assert talker.retry_after_ms() == 200
    assert talker.admit(100.3) is FrameVerdict.TAKE
    assert [talker.admit(100.3) for _ in range(4)] == [FrameVerdict.LIMIT] * 3 + [FrameVerdict.CLOSE]


@given(st.lists(st.floats(0, 2), min_size=1, max_size=100))
def test_the_rate_is_kept_whatever_the_pauses(pauses: list[float]) -> None:
    talker, now, taken = session(messages_burst=5, messages_a_second=10), 100.0, 0
    for pause in pauses:
        now += pause
        taken += talker.admit(now) is FrameVerdict.TAKE
    assert taken <= 5 + (now - 100.0) * 10 + 1


def test_every_message_has_its_roles() -> None:
    assert set(ACTS) == set(get_args(ClientMessage))
    for message, act in ACTS.items():
        assert Role.OPERATOR in ROLES[act.right], message


def test_open_requests_are_bounded_and_the_same_id_counts_once() -> None:
    talker = session(unanswered_reservations_max=2)
    assert talker.begin("a")
    assert talker.begin("b")
    assert talker.begin("a")
    assert not talker.begin("c")
    talker.answered("a", ACTIVE)
    assert talker.begin("c")


def test_a_connection_does_not_hear_twice_of_what_it_asked_for() -> None:
    talker = session()
    talker.begin("a")
    assert talker.knows("a", ACTIVE), "the answer is on its way"
    talker.answered("a", ACTIVE)
    assert talker.knows("a", ACTIVE), "it was answered already"
    assert not talker.knows("a", EXPIRED)
    assert not talker.knows("b", ACTIVE)


def test_a_session_at_rest_can_be_forgotten() -> None:
    talker = session(messages_burst=10, messages_a_second=10)
    talker.admit(100.0)
    assert not talker.at_rest(100.05)
    assert talker.at_rest(100.2)
    talker.begin("a")
    assert not talker.at_rest(200.0)


def hold(state: ReservationState, name: str = "r1") -> HoldEvent:
    return HoldEvent(name, "wang", "evening", "mug", 2, state, 500)


def holding(name: str) -> Holding:
    return Holding(id=name, sku="mug", qty=2, state=ACTIVE, expires_at_ms=500)


def test_changes_are_told_to_all_of_a_users_listeners() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    assert holdings.join("wang", "phone")
    assert not holdings.join("wang", "tablet"), "it is being read already"
    assert holdings.me("wang") is None
    assert holdings.read("wang", []) == ["phone", "tablet"]
    me = Me(reservations=[holding("r1")])
    assert list(holdings.hold(hold(ACTIVE), 7)) == [("phone", [me]), ("tablet", [me])]
    for state, kind in ((CANCELLED, Cancelled), (ReservationState.CONFIRMED, Confirmed), (EXPIRED, Expired)):
        list(holdings.hold(hold(ACTIVE), 7))
        told = [kind(id="r1", sku="mug", qty=2, seq=8), Me(reservations=[])]
        assert list(holdings.hold(hold(state), 8)) == [("phone", told), ("tablet", told)]
    assert list(holdings.hold(HoldEvent("x", "li", "evening", "mug", 1, ACTIVE, 1), 9)) == []


def test_what_happens_while_the_book_is_read_is_newer_than_what_is_read() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    list(holdings.hold(hold(ACTIVE, "new"), 7))
    list(holdings.hold(hold(EXPIRED, "old"), 8))
    holdings.read("wang", [holding("old"), holding("kept")])
    me = holdings.me("wang")
    assert me is not None
    assert {r.id for r in me.reservations} == {"new", "kept"}


def test_after_a_doubt_everything_is_read_again() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    holdings.read("wang", [holding("gone")])
    assert holdings.doubt() == ["wang"]
    assert holdings.me("wang") is None
    holdings.read("wang", [holding("here")])
    me = holdings.me("wang")
    assert me is not None
    assert [r.id for r in me.reservations] == ["here"]


def test_a_user_without_a_listener_is_forgotten() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    holdings.leave("wang", "tablet")
    assert len(holdings) == 1
    holdings.leave("wang", "phone")
    assert len(holdings) == 0
    assert holdings.read("wang", []) == []


def places_of_nobody() -> Places:
    return Places(lambda _: NOT_STOPPED, 10_000)


def waited(state: WaitState, name: str = "w1", code: str = "", number: int = 4) -> WaitEvent:
    return WaitEvent(name, "wang", "evening", "mug", 2, state, number, code)


PLACE = Place(id="w1", sku="mug", qty=2, first=1, last=10)


def test_a_wait_is_told_to_all_of_a_users_listeners() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    holdings.join("wang", "tablet")
    holdings.read("wang", [])
    assert list(holdings.wait(waited(WAITING), None, 7, 100)) == [
        ("phone", [Waiting(id="w1", sku="mug", qty=2, first=1, last=10)]),
        ("tablet", [Waiting(id="w1", sku="mug", qty=2, first=1, last=10)]),
    ]
    assert holdings.me("wang") == Me(reservations=[], waiting=[PLACE])
    offered = HoldEvent("w1", "wang", "evening", "mug", 1, ACTIVE, 500)
    (_, told), _ = holdings.wait(waited(OFFERED), offered, 8, 100)
    held = Holding(id="w1", sku="mug", qty=1, state=ACTIVE, expires_at_ms=500, offered=True)
    offer = Offer(id="w1", sku="mug", qty=1, asked=2, expires_at_ms=500, seq=8, at_ms=100)
    assert told == [offer, Me(reservations=[held])]
    assert holdings.was_offered("wang", "w1")
    list(holdings.hold(HoldEvent("w1", "wang", "evening", "mug", 1, EXPIRED, 500), 9))
    assert holdings.me("wang") == Me(reservations=[])
    assert not holdings.was_offered("wang", "w1")
    assert list(holdings.wait(WaitEvent("x", "li", "evening", "mug", 1, WAITING, 5), None, 9, 100)) == []


@pytest.mark.parametrize(("state", "code"), [(LEFT, ""), (OVER, "SALE_ENDED"), (OVER, "BLOCKED")])
def test_the_end_of_a_wait_says_why(state: WaitState, code: str) -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    holdings.read("wang", [], [Wait("w1", "wang", "mug", 2, 4)])
    ((_, (over,)),) = holdings.wait(waited(state, code=code), None, 8, 100)
    assert isinstance(over, WaitOver)
    assert (over.id, over.qty, over.code) == ("w1", 2, code or "OK")
    assert holdings.me("wang") == Me(reservations=[])
    assert len(holdings.places) == 0


def test_what_happens_to_waits_while_the_book_is_read_is_newer_than_what_is_read() -> None:
    holdings: Holdings[str] = Holdings(places_of_nobody())
    holdings.join("wang", "phone")
    list(holdings.wait(waited(WAITING, "new", number=9), None, 7, 100))
    list(holdings.wait(waited(LEFT, "left"), None, 7, 100))
    list(holdings.wait(waited(OFFERED, "given"), hold(ACTIVE, "given"), 7, 100))
    read = [Wait(name, "wang", "mug", 2, 1 + n) for n, name in enumerate(("left", "given", "kept", "held", "new"))]
    holdings.read("wang", [holding("held"), holding("given")], read, ["held"])
    me = holdings.me("wang")
    assert me is not None
    assert {place.id for place in me.waiting} == {"new", "kept"}, "what is held is not waited for"
    assert {held.id: held.offered for held in me.reservations} == {"held": True, "given": True}
    assert len(holdings.places) == 2
    assert holdings.doubt() == ["wang"]
    assert len(holdings.places) == 0
    holdings.read("wang", [], read[:1])
    holdings.leave("wang", "phone")
    assert len(holdings.places) == 0


def test_of_an_answer_and_the_feed_whichever_comes_first_tells_it() -> None:
    talker = session()
    talker.begin("w1")
    assert not talker.overtaken("w1", WAITING)
    talker.answered("w1", WAITING)
    assert not talker.hears("w1", WAITING), "the answer has told it"
    assert talker.hears("w1", OFFERED)
    talker.begin("w1")
    talker.answered("w1", OFFERED)
    talker.begin("w2")
    assert talker.hears("w2", WAITING)
    assert talker.hears("w2", OFFERED)
    assert talker.overtaken("w2", WAITING), "an answer that is late says nothing"
    talker.answered("w2", None)
    talker.begin("w2")
    assert not talker.overtaken("w2", OFFERED), "who asks again is answered"


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB", "en"), ("fr, zh", "zh"), ("tlh", "en"), ("ZH", "zh")],
)
def test_languages(wanted: str, spoken: str) -> None:
    assert language_of(wanted) == spoken


def test_answers() -> None:
    from shelfcast.protocol.states import Level

    assert answer_text("en", Level.LAST, 30) == "last 30 left"
    assert answer_text("zh", Level.LAST, 30) == "最后30件"
    for spoken in ("en", "zh"):
        assert all(answer_text(spoken, level, 3) for level in Level)
