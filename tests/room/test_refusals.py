"""The table of a room's refusals is bounded, and hands out at a time what one engine call may add."""

from __future__ import annotations

from collections import Counter

from shelfcast.protocol.codes import Code
from shelfcast.room.refusals import ROWS_A_CALL_MAX, ROWS_MAX, USERS_A_CALL_MAX, USERS_MAX, RefusalTable


def test_attempts_of_the_same_kind_are_one_row() -> None:
    table = RefusalTable()
    for user, units in (("wang", 2), ("wang", 1), ("li", 3), ("", 1)):
        assert table.add("evening.1", "mug", Code.SOLD_OUT, units, user)
    table.add("evening.2", "mug", Code.SOLD_OUT, 1, "li")
    first, second = table.take()
    assert (first.show, first.sku, first.code, first.count, first.units) == ("evening.1", "mug", "SOLD_OUT", 4, 7)
    assert len(set(first.users)) == 2
    assert (second.show, second.users) == ("evening.2", first.users[1:])
    assert not table
    assert table.take() == []


def test_one_call_adds_so_many_users_and_the_others_follow_uncounted_again() -> None:
    table = RefusalTable()
    for number in range(2 * USERS_A_CALL_MAX + 1):
        table.add("evening.1", "mug", Code.SOLD_OUT, 1, f"u{number}")
    calls = []
    while table:
        calls.append(table.take())
    assert [[(row.count, len(row.users)) for row in call] for call in calls] == [
        [(2 * USERS_A_CALL_MAX + 1, USERS_A_CALL_MAX)],
        [(0, USERS_A_CALL_MAX)],
        [(0, 1)],
    ]
    assert len({user for call in calls for row in call for user in row.users}) == 2 * USERS_A_CALL_MAX + 1


def test_nothing_gets_lost_over_many_rows() -> None:
    table = RefusalTable()
    for number in range(ROWS_A_CALL_MAX + 30):
        table.add("evening.1", f"s{number}", Code.PAUSED, 1, "wang")
    counts: Counter[str] = Counter()
    while table:
        rows = table.take()
        assert len(rows) <= ROWS_A_CALL_MAX
        counts.update({row.sku: row.count for row in rows})
    assert len(counts) == ROWS_A_CALL_MAX + 30
    assert set(counts.values()) == {1}


def test_the_table_is_bounded() -> None:
    table = RefusalTable()
    for number in range(USERS_MAX + 5):
        assert table.add("evening.1", "mug", Code.SOLD_OUT, 1, f"u{number}")
    for number in range(1, ROWS_MAX):
        assert table.add("evening.1", f"s{number}", Code.SOLD_OUT, 1, "wang")
    assert not table.add("evening.1", "another", Code.SOLD_OUT, 1, "wang")
    assert table.add("evening.1", "mug", Code.SOLD_OUT, 1, "wang")
    named = attempts = 0
    while table:
        rows = table.take()
        named += sum(len(row.users) for row in rows)
        attempts += sum(row.count for row in rows)
    assert (named, attempts) == (USERS_MAX, USERS_MAX + 5 + ROWS_MAX)
