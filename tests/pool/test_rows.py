"""The rows that a pool keeps, and how its state is merged: pure, against plain models."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from shelfcast.pool.latest_rows import STALE_MIN, Key, LatestRows
from shelfcast.pool.state import ACTIONS_SHOWN_MAX, PoolState
from shelfcast.protocol.pool_messages import ActionRow, PeopleRow, Topic, UnitsRow
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.changes import ConfigEvent, FeedMessage, PoolEvent, SkuStock, Waitlist
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.records import UnitsPage

UNITS, PEOPLE, ACTIONS = Topic.UNITS, Topic.PEOPLE, Topic.ACTIONS


def stock(sku: str, pool: int) -> SkuStock:
    return SkuStock(sku, pool, frozen=False, locked=0, presale=0, channels=[])


def change(
    seq: int, *rows: SkuStock, config: tuple[ConfigEvent, ...] = (), events: tuple[PoolEvent, ...] = ()
) -> FeedMessage:
    return FeedMessage(1, seq - 1, seq, 1_000, list(rows), [], list(config), [], list(events))


def event(n: int) -> PoolEvent:
    return PoolEvent(n, 1_000, "status", "evening", "evening", {"status": "live"})


def units(state: PoolState) -> dict[str, tuple[int, int]]:
    """SKU → its sequence and the units in the pool."""
    state.rows.publish()
    page = state.rows.page(0, {UNITS}, 10**6)
    return {row.sku: (row.seq, row.pool) for _, row in page.rows if isinstance(row, UnitsRow)}


def started(*topics: Topic) -> PoolState:
    state = PoolState()
    state.wanted.update(topics or Topic)
    state.begin(1, 10)
    return state


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.sampled_from(list(Topic)[:2]), st.integers(0, 5), st.integers(0, 9)),
            st.tuples(st.just("tell"), st.integers(0, 2), st.integers(1, 4)),
        ),
        max_size=60,
    )
)
def test_whoever_asks_page_by_page_misses_nothing(steps: list[tuple[object, ...]]) -> None:
    rows, truth = LatestRows(), {}
    followers: list[tuple[set[Topic], dict[Key, object]]] = [({UNITS}, {}), ({PEOPLE}, {}), ({UNITS, PEOPLE}, {})]
    told = [0, 0, 0]

    def tell(who: int, rows_max: int) -> None:
        topics, known = followers[who]
        page = rows.page(told[who], topics, rows_max)
        assert len(page.rows) <= rows_max
        for topic, row in page.rows:
            assert isinstance(row, UnitsRow | PeopleRow)
            known[Key(topic, row.sku if isinstance(row, UnitsRow) else row.room)] = row
        told[who] = page.told

    for step in steps:
        match step:
            case ("put", Topic() as topic, int() as name, int() as value):
                key = Key(topic, str(name))
                row: UnitsRow | PeopleRow = PeopleRow(str(name), RoomStatus.LIVE, None, value)
                if topic is UNITS:
                    row = UnitsRow(str(name), 0, value, 0, 0, False, [])
                rows.put(key, row)
                truth[key] = row
            case ("tell", int() as who, int() as rows_max):
                rows.publish()
                tell(who, rows_max)
    rows.publish()
    for who, (topics, known) in enumerate(followers):
        while told[who] < rows.last:
            tell(who, 2)
        assert known == {key: row for key, row in truth.items() if key.topic in topics}


def test_rows_that_change_for_ever_take_no_more_room() -> None:
    rows, random = LatestRows(), Random(1)
    for _ in range(20 * STALE_MIN):
        name = str(random.randrange(10))
        rows.put(Key(UNITS, name), UnitsRow(name, 0, random.randrange(99), 0, 0, False, []))
        rows.publish()
    assert len(rows._keys) <= 2 * STALE_MIN + 10
    assert len(rows.page(0, {UNITS}, 99).rows) == len(rows) == 10


def test_a_value_that_is_older_than_the_known_one_is_passed_over() -> None:
    state = started(UNITS)
    state.apply(change(12, stock("mug", 5)))
    state.read_units(UnitsPage(1, 11, 1_000, [stock("mug", 7), stock("cup", 3)]))
    assert units(state) == {"mug": (12, 5), "cup": (11, 3)}
    state.read_units(UnitsPage(1, 20, 1_000, [stock("mug", 5)]))
    state.apply(change(19, stock("mug", 4)))
    assert units(state)["mug"] == (20, 5), "the page was of a later moment, though it changed nothing"
    state.read_units(UnitsPage(2, 30, 1_000, [stock("mug", 9)]))
    assert units(state)["mug"] == (20, 5), "a page of another epoch is none of this one's"


def test_what_has_not_changed_is_not_told_again() -> None:
    state = started(UNITS)
    state.read_units(UnitsPage(1, 11, 1_000, [stock("mug", 7)]))
    state.rows.publish()
    state.read_units(UnitsPage(1, 15, 1_000, [stock("mug", 7)]))
    assert not state.rows.publish()


def test_a_sku_that_is_new_while_the_book_is_read_is_on_no_page_and_not_missed() -> None:
    state = started(UNITS)
    state.apply(change(11, config=(ConfigEvent(What.SKU, "", "a-new-one", {}), ConfigEvent(What.SKU, "", "mug", {}))))
    assert units(state) == {}, "it may have units: the pages will say"
    state.read_units(UnitsPage(1, 12, 1_000, [stock("mug", 7)]))
    state.units_complete()
    assert units(state) == {"mug": (12, 7), "a-new-one": (12, 0)}
    state.apply(change(13, config=(ConfigEvent(What.SKU, "", "another", {}),)))
    assert units(state)["another"] == (13, 0)


def test_a_room_that_changed_while_rooms_were_read_is_as_the_feed_says() -> None:
    state = started(PEOPLE)
    state.apply(change(11, config=(ConfigEvent(What.ROOM, "", "evening", {"status": "paused"}),)))
    state.read_rooms({"evening": RoomConfig(status=RoomStatus.LIVE), "night": RoomConfig()})
    state.count({"evening": 3, "gone": 4})
    state.rows.publish()
    rows = [row for _, row in state.rows.page(0, {PEOPLE}, 9).rows]
    assert rows == [
        PeopleRow("evening", RoomStatus.PAUSED, None, 3),
        PeopleRow("night", RoomStatus.SCHEDULED, None, 0),
    ]


def test_events_are_shown_once_in_order_and_no_more_than_the_last_ones() -> None:
    state = started(ACTIONS)
    state.apply(change(11, events=(event(4), event(5))))
    state.read_actions([event(2), event(3), event(4)])
    state.apply(change(11, events=tuple(event(n) for n in range(6, 6 + ACTIONS_SHOWN_MAX))))
    state.rows.publish()
    shown = [row.n for _, row in state.rows.page(0, {ACTIONS}, 999).rows if isinstance(row, ActionRow)]
    assert shown == list(range(6, 6 + ACTIONS_SHOWN_MAX))


def test_nothing_is_kept_of_what_nobody_wants_nor_of_an_epoch_that_is_over() -> None:
    state = started(UNITS)
    state.apply(change(11, config=(ConfigEvent(What.ROOM, "", "evening", {}),), events=(event(1),)))
    assert len(state.rows) == 0
    state.apply(change(12, stock("mug", 5)))
    assert not state.begin(1, 15), "the same epoch: what was known is old, and stays"
    assert units(state) == {"mug": (12, 5)}
    assert state.complete == set()
    assert state.begin(2, 3)
    assert (units(state), state.seq) == ({}, 3)


def test_how_many_wait_in_which_room_is_told_with_the_units() -> None:
    state = started(UNITS)
    state.apply(change(11, stock("mug", 0)))
    waited_for = replace(stock("mug", 0), waitlist=Waitlist(rooms=[("evening", 7), ("night", 1)]))
    state.rows.publish()
    told = state.rows.last
    state.apply(change(12, waited_for))
    state.rows.publish()
    ((_, row),) = state.rows.page(told, {UNITS}, 10).rows
    assert isinstance(row, UnitsRow)
    assert (row.seq, row.waiting) == (12, [("evening", 7), ("night", 1)])
