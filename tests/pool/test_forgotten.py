"""Whoever is forgotten is in no list of actions that a process tells from its memory."""

from __future__ import annotations

from shelfcast.pool.latest_rows import Key
from shelfcast.pool.state import PoolState
from shelfcast.protocol.pool_messages import ActionRow, Topic
from shelfcast.stock.changes import ConfigEvent, FeedMessage, PoolEvent
from shelfcast.stock.configuration import What


def event(n: int, subject: str, **data: object) -> PoolEvent:
    return PoolEvent(n, 1_000 * n, "action", "", subject, {"kind": "define", **data}, "ops", f"a{n}")


def row(state: PoolState, n: int) -> ActionRow:
    found = state.rows.get(Key(Topic.ACTIONS, n))
    assert isinstance(found, ActionRow)
    return found


def test_what_was_decided_about_somebody_is_told_no_more() -> None:
    state = PoolState()
    state.wanted.add(Topic.ACTIONS)
    state.read_actions([
        event(1, "ann", what="user", key="ann", text="resells"),
        event(2, "ann", what="sku", text="a mug of that name"),
        event(3, "ben", what="user", text="odd"),
    ])  # fmt: skip
    state.rows.publish()
    blocked = ConfigEvent(What.USER, "", "ann", {"standing": "blocked"})
    for config in (blocked, ConfigEvent(What.USER, "", "ann", None)):
        assert (row(state, 1).subject, row(state, 1).data["text"]) == ("ann", "resells")
        state.apply(FeedMessage(0, 3, 3, 4_000, [], [], [config]))
    assert (row(state, 1).subject, row(state, 1).data) == ("", {"kind": "define", "what": "user"})
    assert (row(state, 2).subject, row(state, 3).subject) == ("ann", "ben")
    assert not state.rows.publish(), "who has read it already is told nothing"
