"""Alerts: what the duties tell the book of them, and what people do about them.

Rules: docs/rules.md#alerts. What people do is answered with the book's outcome, whose data is the alert's record.
"""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.errors import EngineError, InvalidInput
from shelfcast.insight.alert_rules import Change, Step
from shelfcast.merchant import elastic, moves
from shelfcast.merchant.definitions import change as define
from shelfcast.protocol.access import Owner
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import ACTION_ID_MAX
from shelfcast.protocol.from_server import AlertAction
from shelfcast.protocol.states import AlertRule, Severity
from shelfcast.stock.actions import By
from shelfcast.stock.alert_operations import (
    AcknowledgeAlert,
    ChangeAlert,
    NoteAction,
    RingAlert,
    RingPoolAlert,
    SnoozeAlert,
)
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.book import UNAVAILABLE, StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import MoveKind
from shelfcast.stock.outcomes import Outcome

WAKE = "wake"
"""It was put aside until now, and rings again."""
PEAK = "peak"
"""It has been graver than it is known for."""

Done = Callable[[Outcome], None]

# --- the duty --------------------------------------------------------------------------------------------------


def ring(
    book: StockBook,
    fence: int,
    *,
    room: str,
    show: str,
    rule: AlertRule,
    sku: str,
    change: Change,
    remaining: int,
    offered: int,
    done: Done,
) -> None:
    """A new alert, which the book refuses under a fence that is over; one that stands already does not ring."""
    value = change.value or 0.0
    op = RingAlert(
        fence,
        room,
        show,
        rule,
        sku,
        change.tier_percent,
        change.severity,
        value,
        change.threshold,
        remaining,
        offered,
        change.advice,
    )
    book.submit(op, done)


def change(
    book: StockBook, fence: int, alert: str, change: Change, *, remaining: int, offered: int, peak: float, done: Done
) -> None:
    """An alert is graver, milder, over, unsteady or steady."""
    op = ChangeAlert(
        fence,
        alert,
        change.step,
        change.tier_percent,
        change.severity if change.advice else "",
        change.value,
        change.threshold,
        remaining,
        offered,
        change.advice,
        peak,
    )
    book.submit(op, done)


def wake(book: StockBook, fence: int, alert: str, done: Done) -> None:
    """The time is over for which an alert was put aside."""
    book.submit(ChangeAlert(fence, alert, WAKE), done)


def note_peak(book: StockBook, fence: int, alert: str, peak: float, done: Done) -> None:
    """An alert has been graver than it is known for."""
    book.submit(ChangeAlert(fence, alert, PEAK, peak=peak), done)


async def end_all(book: StockBook, fence: int, show: str) -> None:
    """End what stands of a show that is over for good. Raises EngineError."""
    for record in await book.alerts(show):
        if record.stands:
            await end(book, fence, record)


async def ring_of_pool(
    book: StockBook,
    fence: int,
    *,
    rule: AlertRule,
    room: str,
    about: str,
    severity: Severity,
    value: float,
    threshold: float,
    remaining: int,
    offered: int,
    advice: str,
) -> Outcome:
    """An alert of no show rings, once for each threshold of what it is about; see `stock.operations.RingPoolAlert`."""
    op = RingPoolAlert(fence, rule, room, "", about, severity, value, threshold, remaining, offered, advice)
    return await book.apply(op)


async def wake_due(book: StockBook, fence: int, record: AlertRecord, now_ms: int) -> None:
    """An alert of no show that was put aside until now rings again."""
    if 0 < record.snoozed_until_ms <= now_ms:
        await book.apply(ChangeAlert(fence, record.id, WAKE))


async def end(book: StockBook, fence: int, record: AlertRecord) -> Outcome:
    """An alert is over."""
    step = ChangeAlert(fence, record.id, Step.RESOLVE, remaining=record.remaining, offered=record.offered)
    return await book.apply(step)


# --- people ----------------------------------------------------------------------------------------------------


def owner_of(pool: str, alert: AlertRecord) -> Owner:
    """Whose an alert is: its room's, or the pool's where it is about none."""
    return Owner(pool=pool, room=alert.room)


async def of_pool(book: StockBook) -> list[AlertRecord]:
    """The alerts of a pool that stand: those of no show, then by show, in the order in which they rang. Raises
    EngineError."""
    shows = sorted(await book.alerting())
    return [record for show in shows for record in await book.alerts(show) if record.stands]


async def acknowledge(book: StockBook, by: By, alert: str, note: str = "") -> Outcome:
    """Take note of an alert of the room; the first one counts, and it ends with the alert."""
    return await book.apply(AcknowledgeAlert(by.id, by.room, alert, by.actor, note))


async def snooze(book: StockBook, by: By, alert: str, minutes: int) -> Outcome:
    """Leave an alert of the room aside for so many minutes."""
    return await book.apply(SnoozeAlert(by.id, by.room, alert, by.actor, minutes))


async def act(book: StockBook, by: By, alert: AlertRecord, action: str) -> Outcome:
    """Carry out what answers an alert, once, whoever asks and however often; its action in the log has the id
    `action_id(alert, action)`, or of a release of the elastic reserve that of the release. NOT_FOUND with the field
    `action` where the alert offers no such thing; INSUFFICIENT and the like say why it cannot be done any more. Raises
    InvalidInput, EngineError."""
    found = next((offered for offered in alert.actions if offered.id == action), None)
    if found is None:
        return Outcome(Code.NOT_FOUND, field="action")
    key = action_id(alert, found)
    # A move is made once under its key; the spotlight may have moved on since.
    if not found.qty and (found.done_by or await book.action(key) is not None):
        outcome = Outcome(Code.OK, seq=book.seq, action=(key, True))
    else:
        outcome = await _carry_out(book, key, by, alert, found)
    if outcome.code is not Code.OK or found.done_by:
        return outcome
    noted = await book.apply(NoteAction(key, alert.room, alert.id, found.id, by.actor))
    # Of a release that was made the alert may offer the next one but one by now.
    is_noted = noted.code is Code.OK or (found.step and noted.code is Code.NOT_FOUND)
    return outcome if is_noted else noted


def action_id(alert: AlertRecord, action: AlertAction) -> str:
    """The id under which an alert's action is carried out: so it happens once. Raises InvalidInput."""
    key = f"{alert.id}~{[offered.id for offered in alert.actions].index(action.id) + 1}"
    if len(key) > ACTION_ID_MAX:
        raise InvalidInput("the room's name is too long for this", field="action")
    return key


async def _carry_out(book: StockBook, key: str, by: By, alert: AlertRecord, action: AlertAction) -> Outcome:
    reason = f"alert {alert.id}"
    if action.batch:
        return await moves.open_batch(book, key, action.batch, actor=by.actor)
    if action.step:
        return await elastic.release_step(
            book, action.sku, action.step, action.qty, target=action.target, actor=by.actor, reason=reason
        )
    if action.qty:
        kind = MoveKind.RELEASE_ELASTIC if action.source == "elastic" else MoveKind.ALLOCATE
        return await moves.move(
            book,
            key,
            kind,
            action.sku,
            action.qty,
            source=action.source,
            target=action.target,
            actor=by.actor,
            reason=reason,
        )
    shown = By(key, by.actor, alert.room)
    return await define(book, What.ROOM, alert.room, {"spotlight": action.sku}, by=shown)


async def of_room(book: StockBook, room: str, alert: str) -> AlertRecord | Outcome:
    """An alert of a room, or the refusal that there is none or that it cannot be known now."""
    try:
        record = await book.alert(alert)
    except EngineError:
        return UNAVAILABLE
    return record if record is not None and record.room == room else Outcome(Code.NOT_FOUND, field="alert")
