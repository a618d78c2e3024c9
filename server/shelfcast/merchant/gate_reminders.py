"""Reminders of a room's checklist before its planned start: alerts of no show.

Rules: docs/rules.md#go-live-gate. What was said stands in the book, so nobody is told twice, whoever looks next.
"""

from __future__ import annotations

import structlog

from shelfcast.errors import EngineUnavailable
from shelfcast.insight.gate_reminders import REMINDED_MINUTES, advice, reminder
from shelfcast.merchant import alerts
from shelfcast.merchant.gate import checklist
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import AlertRule
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Gate, RoomConfig
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import ON_AIR

_log = structlog.get_logger(__name__)


def step_of(config: RoomConfig, now_ms: int) -> int | None:
    """The reminder that is due, in minutes before the planned start; None where a room needs none."""
    if config.gate is Gate.OFF or config.status in ON_AIR:
        return None
    return reminder(config.planned_start_ms, now_ms)


async def standing(book: StockBook) -> dict[str, AlertRecord]:
    """The reminders that stand, by room. Raises EngineError."""
    return {record.room: record for record in await book.alerts("") if record.stands and record.rule is AlertRule.GATE}


async def wake(book: StockBook, fence: int, now_ms: int) -> None:
    """Alerts of no show that were put aside until now ring again. Raises EngineError."""
    for record in await book.alerts(""):
        if record.stands:
            await alerts.wake_due(book, fence, record, now_ms)


async def remind(book: StockBook, fence: int, room: str) -> None:
    """Hold a room against its checklist, where it is time for that, and ring or end its reminder. Raises
    EngineError."""
    _, _, now_ms = await book.clock()
    config, record = await book.room_config(room), (await standing(book)).get(room)
    step = None if config is None else step_of(config, now_ms)
    checked = None if step is None else await checklist(book, room)
    if config is None or step is None or checked is None or not checked.findings.tally.fails:
        if record is not None:
            _check(await alerts.end(book, fence, record), room)
        return
    tally = checked.findings.tally
    fails = tally.fails
    outcome = await alerts.ring_of_pool(
        book,
        fence,
        rule=AlertRule.GATE,
        room=room,
        about=str(config.planned_start_ms),
        severity=REMINDED_MINUTES[step],
        value=float(fails),
        threshold=float(step),
        remaining=fails,
        offered=sum(tally),
        advice=advice(fails, checked.findings.listed()[0]),
    )
    _check(outcome, room)


def _check(outcome: Outcome, room: str) -> None:
    """What the book did not do is tried again; but a successor has the say, and what is full stays so. Raises
    EngineUnavailable."""
    if outcome.code in (Code.UNAVAILABLE, Code.OVERLOADED):
        raise EngineUnavailable(f"the reminder of room {room}: {outcome.code}")
    if outcome.code is Code.SHELF_FULL:
        _log.warning("gate.alerts_full", room=room, most=outcome.available)
