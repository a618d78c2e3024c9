"""The mirror: absolute values, never backwards within an epoch; and the bounded stream of events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from client_sdk.driver import Driver, snapshot, stock
from hypothesis import given
from hypothesis import strategies as st
from shelfcast.protocol import from_server, states
from shelfcast.protocol.codes import Code
from shelfcast_client import (
    Banner,
    BannerKind,
    EventStream,
    Level,
    Mirror,
    Notice,
    Snapshot,
    StandingNotice,
    Stock,
    StockRow,
    UsageError,
    Viewers,
)
from shelfcast_client.messages import SkuView
from shelfcast_client.mirror import CUES_MAX


def available(driver: Driver) -> dict[str, int]:
    return {sku: state.available for sku, state in driver.session.mirror.stock.items()}


def test_a_snapshot_is_the_whole_room_in_its_order() -> None:
    named: dict[str, Any] = {"title": "Tea", "demonstration": True}
    driver = Driver().connect(snapshot(("MUG", 5), ("BOWL", 0), spotlight="MUG", viewers=7, **named))
    mirror = driver.session.mirror
    assert list(mirror.stock) == ["MUG", "BOWL"]
    assert (mirror.title, mirror.demonstration) == ("Tea", True)
    assert (mirror.status, mirror.spotlight, mirror.viewers, mirror.current) == ("live", "MUG", 7, True)
    driver.hear(snapshot(("BOWL", 3), ("CUP", 2), seq=11))
    assert available(driver) == {"BOWL": 3, "CUP": 2}
    assert (mirror.title, mirror.demonstration) == ("", False)


def test_a_notice_stands_until_it_is_taken_back() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), notice=from_server.StandingNotice(text="Tea first", at_ms=900)))
    mirror = driver.session.mirror
    assert mirror.notice == StandingNotice(text="Tea first", at_ms=900)
    driver.hear(from_server.Notice(text="Back at eight", at_ms=1_000))
    assert mirror.notice == StandingNotice(text="Back at eight", at_ms=1_000)
    driver.hear(from_server.Notice(text="", at_ms=1_100))
    assert mirror.notice is None
    driver.hear(from_server.Notice(text="Sold out", at_ms=1_200), snapshot(("MUG", 5), seq=11))
    assert mirror.notice is None, "a snapshot replaces everything"


def test_a_cue_stands_until_somebody_acknowledges_it() -> None:
    driver = Driver().connect()
    cues = driver.session.mirror.cues
    driver.hear(*[from_server.Cue(id=f"c{number}", text="say it", at_ms=1_000 + number) for number in range(3)])
    driver.hear(from_server.Cue(id="c1", text="say it", at_ms=1_001))
    assert sorted(cues) == ["c0", "c1", "c2"]
    driver.hear(
        from_server.Acknowledged(cue="c0", by="wang", at_ms=2_000),
        from_server.Acknowledged(cue="c9", by="wang", at_ms=2_000),
    )
    assert sorted(cues) == ["c1", "c2"]
    driver.hear(*[from_server.Cue(id=f"d{number}", text="say it", at_ms=3_000) for number in range(CUES_MAX)])
    assert list(cues) == [f"d{number}" for number in range(CUES_MAX)], "the oldest give way"


def test_another_connection_tells_anew_which_cues_stand() -> None:
    driver = Driver().connect()
    driver.hear(
        from_server.Cue(id="c1", text="say it", at_ms=1_000), from_server.Cue(id="c2", text="hold it up", at_ms=1_001)
    )
    driver.lose()
    assert list(driver.session.mirror.cues) == ["c1", "c2"], "old, but what is known"
    driver.wait_to_dial()
    driver.open().hear(snapshot(("MUG", 5)), from_server.Cue(id="c2", text="hold it up", at_ms=1_001))
    assert list(driver.session.mirror.cues) == ["c2"]


def test_a_sku_kept_by_the_reader_goes_on_changing() -> None:
    driver = Driver().connect(snapshot(("MUG", 5)))
    mug = driver.session.mirror.stock["MUG"]
    driver.hear(stock(11, ("MUG", 4)))
    driver.hear(snapshot(("MUG", 3), seq=12))
    driver.hear(from_server.Sale(sku="MUG", title="Mug!", price_minor=90, currency="CNY", limit_per_user=1))
    assert (mug.available, mug.title, mug.limit_per_user) == (3, "Mug!", 1)


def test_what_is_older_is_passed_over_and_the_same_twice_does_no_harm() -> None:
    driver = Driver().connect(snapshot(("MUG", 5)))
    driver.hear(stock(20, ("MUG", 2)), stock(20, ("MUG", 2)), stock(19, ("MUG", 3)))
    assert available(driver) == {"MUG": 2}


def test_a_lagging_server_after_a_reconnect_never_runs_a_count_backwards() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), ("BOWL", 9)))
    driver.hear(stock(20, ("MUG", 2)))
    driver.lose()
    driver.wait_to_dial()
    seen = len(driver.events)
    driver.open().hear(snapshot(("MUG", 4), ("BOWL", 9), seq=15))
    assert available(driver) == {"MUG": 2, "BOWL": 9}
    assert driver.session.mirror.current
    assert not [event for event in driver.events[seen:] if isinstance(event, Snapshot)]
    driver.hear(stock(18, ("MUG", 3)))
    assert available(driver) == {"MUG": 2, "BOWL": 9}
    driver.hear(stock(25, ("MUG", 1), ("BOWL", 8)))
    assert available(driver) == {"MUG": 1, "BOWL": 8}


def test_another_epoch_replaces_everything_also_with_a_lower_sequence() -> None:
    driver = Driver().connect(snapshot(("MUG", 5), seq=100, epoch=1))
    driver.hear(snapshot(("MUG", 9), seq=3, epoch=2), stock(4, ("MUG", 8)))
    assert available(driver) == {"MUG": 8}


def test_counts_stay_but_are_not_current_while_disconnected() -> None:
    driver = Driver().connect(snapshot(("MUG", 5)))
    driver.lose()
    assert (available(driver), driver.session.mirror.current) == ({"MUG": 5}, False)
    driver.wait_to_dial()
    driver.open()
    assert not driver.session.mirror.current, "not before the snapshot"
    driver.hear(snapshot(("MUG", 5)))
    assert driver.session.mirror.current


def test_a_server_that_has_lost_sight_of_its_book_says_so_and_a_snapshot_takes_it_back() -> None:
    driver = Driver().connect(snapshot(("MUG", 5)))
    driver.hear(from_server.Error(code=Code.UNAVAILABLE, message="these counts may be old"))
    assert (available(driver), driver.session.mirror.current) == ({"MUG": 5}, False)
    driver.hear(snapshot(("MUG", 4), seq=12))
    assert (available(driver), driver.session.mirror.current) == ({"MUG": 4}, True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["stock", "snapshot"]), st.integers(0, 40), st.integers(1, 2)),
        min_size=1,
        max_size=40,
    )
)
def test_within_an_epoch_the_sequence_never_runs_backwards(frames: list[tuple[str, int, int]]) -> None:
    """Whatever order servers that lag differently bring frames in; the count here is the sequence itself."""
    mirror = Mirror()
    last = (0, -1)
    for kind, seq, epoch in frames:
        if kind == "snapshot" or mirror.epoch != epoch:
            view = SkuView(sku="S", title="", price_minor=0, currency="", available=seq, held=0, level=Level.OK)
            mirror.apply(
                Snapshot(room="r", epoch=epoch, seq=seq, at_ms=0, status="live", spotlight=None, viewers=0, skus=[view])
            )
        else:
            mirror.apply(Stock(seq=seq, at_ms=0, rows=[StockRow("S", seq, 0, Level.OK)]))
        assert mirror.stock["S"].available == mirror.seq
        assert mirror.epoch != last[0] or mirror.seq >= last[1]
        last = (mirror.epoch, mirror.seq)


def test_the_users_reservations_follow_every_message_about_them() -> None:
    driver = Driver().connect()
    held: dict[str, Any] = {"sku": "MUG", "qty": 1, "state": states.ReservationState.ACTIVE, "expires_at_ms": 301_000}
    driver.hear(
        from_server.Me(
            reservations=[
                from_server.Holding(id="a", **held),
                from_server.Holding(id="b", **held),
                from_server.Holding(id="c", **held),
            ]
        )
    )
    assert list(driver.session.mirror.reservations) == ["a", "b", "c"]
    over: dict[str, Any] = {"sku": "MUG", "qty": 1, "seq": 11}
    driver.hear(
        from_server.Cancelled(id="a", **over),
        from_server.Confirmed(id="b", **over),
        from_server.Expired(id="c", **over),
    )
    assert dict(driver.session.mirror.reservations) == {}


def test_what_the_mirror_shows_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        Driver().connect().session.mirror.stock["MUG"] = None  # type: ignore[index]


# --- the stream of events -------------------------------------------------------------------------------


def banner(number: int) -> Banner:
    return Banner(seq=number, sku="MUG", kind=BannerKind.LAST_N, left=number)


def rows(seq: int, **units: int) -> Stock:
    return Stock(seq=seq, at_ms=seq, rows=[StockRow(sku, left, 0, Level.OK) for sku, left in units.items()])


async def read(stream: EventStream) -> list[Any]:
    stream.end()
    return [event async for event in stream]


async def test_a_reader_that_keeps_up_gets_every_event() -> None:
    stream = EventStream()
    seen = []
    for seq in range(5):
        stream.put(rows(seq, MUG=9 - seq))
        seen.append(await anext(stream))
    assert seen == [rows(seq, MUG=9 - seq) for seq in range(5)]


async def test_unread_state_is_conflated_to_the_newest_values() -> None:
    stream = EventStream()
    for event in (rows(1, MUG=5, BOWL=3), Viewers(viewers=1), banner(1), rows(2, MUG=4), Viewers(viewers=2), banner(2)):
        stream.put(event)
    assert await read(stream) == [banner(1), rows(2, MUG=4, BOWL=3), Viewers(viewers=2), banner(2)]


async def test_a_snapshot_replaces_the_unread_state_it_covers() -> None:
    stream = EventStream()
    whole = Snapshot(room="r", epoch=1, seq=9, at_ms=0, status="live", spotlight=None, viewers=3, skus=[])
    for event in (rows(1, MUG=5), banner(1), Viewers(viewers=1), whole, rows(10, MUG=4)):
        stream.put(event)
    assert await read(stream) == [banner(1), whole, rows(10, MUG=4)]


async def test_a_reader_that_never_reads_costs_a_bounded_buffer_and_is_told() -> None:
    stream = EventStream(events_max=10)
    for number in range(1_000):
        stream.put(Notice(text=str(number), at_ms=number))
        stream.put(rows(number, MUG=number))
    assert len(stream) == 10
    assert stream.dropped == 2_000 - 10 - 999, "every notice but the last nine; the conflated rows are not dropped"
    assert (await read(stream))[-1] == rows(999, MUG=999)


async def test_a_stream_ends_with_the_rooms_error_after_what_was_unread() -> None:
    stream = EventStream()
    stream.put(banner(1))
    stream.end(UsageError("over"))
    assert await anext(stream) == banner(1)
    with pytest.raises(UsageError, match="over"):
        await anext(stream)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_closing_a_stream_ends_an_iteration_that_waits() -> None:
    stream = EventStream()
    stream.put(banner(1))
    assert await anext(stream) == banner(1)
    waiting = asyncio.create_task(anext(stream, None))
    await asyncio.sleep(0)
    assert not waiting.done()
    await stream.aclose()
    assert await waiting is None
