"""The alerts of a pool as its socket shows them. Pure."""

from __future__ import annotations

from msgspec.structs import replace
from shelfcast.pool.latest_rows import Row
from shelfcast.pool.state import PoolState
from shelfcast.protocol.from_server import Alert
from shelfcast.protocol.pool_messages import Topic
from shelfcast.protocol.states import AlertRule, AlertState, Severity
from shelfcast.stock.alerts import AlertNews, AlertRecord
from shelfcast.stock.changes import FeedMessage

RANG = AlertRecord(
    id="evening.1:1",
    show="evening.1",
    room="evening",
    rule=AlertRule.SHARE_LEFT,
    sku="mug",
    tier_percent=20,
    state=AlertState.FIRING,
    severity=Severity.WATCH,
    value=0.2,
    threshold=0.2,
    peak=0.2,
    remaining=20,
    offered=100,
    since_ms=1,
    rang_at_ms=1,
    changed_at_ms=1,
)


def state_with(*standing: AlertRecord) -> PoolState:
    state = PoolState()
    state.wanted.add(Topic.ALERTS)
    state.begin(1, 0)
    state.read_alerts(standing)
    return state


def news(record: AlertRecord) -> FeedMessage:
    return FeedMessage(1, 0, 0, 5, [], [], [], news=[AlertNews(record.room, record)])


def told(state: PoolState, after: int = 0) -> list[Row]:
    state.rows.publish()
    return [row for _, row in state.rows.page(after, {Topic.ALERTS}, 100).rows]


def test_what_stands_is_told_and_what_becomes_of_it() -> None:
    state = state_with(RANG)
    [row] = told(state)
    assert isinstance(row, Alert)
    assert (row.id, row.state) == (RANG.id, "firing")
    last = state.rows.last
    state.apply(news(replace(RANG, state=AlertState.RESOLVED, resolved_at_ms=9)))
    [row] = told(state, last)
    assert isinstance(row, Alert)
    assert row.state == "resolved"


def test_what_was_heard_while_the_rest_is_read_is_newer() -> None:
    state = PoolState()
    state.wanted.add(Topic.ALERTS)
    state.begin(1, 0)
    noted = replace(RANG, state=AlertState.ACKNOWLEDGED, changed_at_ms=4)
    state.apply(news(noted))
    state.read_alerts([RANG])
    [row] = told(state)
    assert isinstance(row, Alert)
    assert row.state == "acknowledged"


def test_what_ended_while_nobody_heard_it_is_told_to_be_over() -> None:
    state = state_with(RANG)
    told(state)
    last = state.rows.last
    state.lost()
    state.begin(1, 0)
    state.read_alerts([])
    [row] = told(state, last)
    assert isinstance(row, Alert)
    assert row.state == "resolved"
