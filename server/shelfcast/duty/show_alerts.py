"""The alerts of one show, as the duty that watches it makes them: what stands, and what the book has yet to answer.

Rules: docs/rules.md#alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import structlog

from shelfcast.insight import alert_rules as rules
from shelfcast.insight.alert_rules import NEVER_RANG, Before, Change, Step, steadied
from shelfcast.merchant import alerts
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import AlertRule
from shelfcast.stock.alerts import AlertRecord, record_from
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome

_log = structlog.get_logger(__name__)

Key = tuple[AlertRule, str]
"""What an alert is about: a rule, and a SKU."""


class ShowAlerts:
    """Has the book write what the rules decide; it refuses a fence whose successor has begun. `judge` is called with a
    SKU that has to be looked at again, `succeeded` when somebody else has the say."""

    def __init__(
        self,
        book: StockBook,
        fence: int,
        room: str,
        show: str,
        judge: Callable[[str], None],
        succeeded: Callable[[], None],
    ) -> None:
        self._book = book
        self._fence = fence
        self._room = room
        self._show = show
        self._judge = judge
        self._succeeded = succeeded
        self._last: dict[Key, AlertRecord] = {}
        """The last alert of each rule for each SKU."""
        self._peaks: dict[str, float] = {}
        """Values graver than an alert's peak, by its id, that are not written yet."""
        self._pending: set[Key] = set()
        """What the book has not answered yet."""
        self._again: set[str] = set()
        """SKUs to be judged again when it has."""
        self._is_full = False
        """Whether the show has as many alerts as it may: none rings any more, and those that stand go on."""

    # --- what there is --------------------------------------------------------------------------------------------

    def hear(self, record: AlertRecord) -> None:
        """What the book says of an alert; one of another show is none of these."""
        if record.show != self._show:
            return
        key = record.rule, record.sku
        known = self._last.get(key)
        if known is None or (record.number, record.changed_at_ms) >= (known.number, known.changed_at_ms):
            self._last[key] = record

    def before(self, key: Key) -> Before:
        """What there is of a rule for a SKU."""
        record = self._last.get(key)
        if record is None:
            return NEVER_RANG
        step = max((action.step for action in record.actions), default=0)
        return Before(record.stands, record.tier_percent, True, record.unsteady, record.changes, step)

    def take_again(self) -> Iterable[str]:
        """The SKUs that have to be looked at once more, as what was decided of them could not be written."""
        again, self._again = self._again, set()
        return again

    def unsteady(self) -> list[str]:
        """The SKUs with an alert that stands as unsteady: for how long, time says."""
        return [record.sku for record in self._last.values() if record.stands and record.unsteady]

    # --- what becomes of it ---------------------------------------------------------------------------------------

    def settle(self, key: Key, change: Change | None, remaining: int, offered: int, now_ms: int) -> None:
        """Write what a rule has decided."""
        if change is None and key not in self._last:
            return
        change = steadied(self.before(key), change, now_ms)
        if change is None:
            return
        if key in self._pending:
            self._again.add(key[1])
            return
        record = self._last.get(key)
        if record is not None and change.step is not Step.RING:
            self._change(key, record, change, remaining, offered)
        elif not self._is_full:
            ring = partial(
                alerts.ring,
                self._book,
                self._fence,
                room=self._room,
                show=self._show,
                rule=key[0],
                sku=key[1],
                change=change,
                remaining=remaining,
                offered=offered,
            )
            self._send(key, lambda done: ring(done=done))

    def threshold(self, key: Key) -> float | None:
        """What was passed by the alert of a rule for a SKU that stands; None where none does."""
        record = self._last.get(key)
        return record.threshold if record is not None and record.stands else None

    def note_peak(self, key: Key, value: float) -> None:
        """Such is the value now; it is written once a minute where it is the gravest."""
        record = self._last.get(key)
        if record is not None and record.stands:
            known = self._peaks.get(record.id, record.peak)
            if rules.worse(key[0], known, value) != known:
                self._peaks[record.id] = value

    def write_peaks(self) -> None:
        """Once a minute: how grave what stands has been."""
        for key, record in self._last.items():
            peak = self._peaks.pop(record.id, None)
            if peak is not None and record.stands and key not in self._pending:
                self._send(key, partial(alerts.note_peak, self._book, self._fence, record.id, peak))

    def wake(self, now_ms: int) -> None:
        """What was put aside until now rings again."""
        for key, record in list(self._last.items()):
            if record.stands and 0 < record.snoozed_until_ms <= now_ms and key not in self._pending:
                self._send(key, partial(alerts.wake, self._book, self._fence, record.id))

    def end(self) -> bool:
        """The show is over for good: what stands ends. True when nothing stands any more."""
        standing = {key: record for key, record in self._last.items() if record.stands}
        for key, record in standing.items():
            if key not in self._pending:
                change = Change(Step.RESOLVE, None, record.threshold, record.tier_percent)
                self._change(key, record, change, record.remaining, record.offered)
        return not standing

    # --- parts ----------------------------------------------------------------------------------------------------

    def _change(self, key: Key, record: AlertRecord, change: Change, remaining: int, offered: int) -> None:
        value = record.value if change.value is None else change.value
        peak = rules.worse(key[0], self._peaks.pop(record.id, record.peak), value)
        submit = partial(
            alerts.change, self._book, self._fence, record.id, change, remaining=remaining, offered=offered, peak=peak
        )
        self._send(key, lambda done: submit(done=done))

    def _send(self, key: Key, submit: Callable[[alerts.Done], None]) -> None:
        """Have the book write something of this alert; one thing at a time."""
        self._pending.add(key)
        submit(partial(self._answered, key))

    def _answered(self, key: Key, outcome: Outcome) -> None:
        self._pending.discard(key)
        if outcome.code is Code.OK:
            self.hear(record_from(outcome.data))
            if key[1] in self._again:
                self._again.discard(key[1])
                self._judge(key[1])
        elif outcome.code is Code.STALE:
            # Somebody else has the lease, and the say.
            self._succeeded()
        elif outcome.code is Code.SHELF_FULL:
            if not self._is_full:
                _log.warning("watch.alerts_full", show=self._show, most=outcome.available)
            self._is_full = True
        elif outcome.code is Code.NOT_FOUND:
            # The show is not kept any more, or not the room's own: there is nothing to be written of it.
            self._last.pop(key, None)
        else:
            self._again.add(key[1])
