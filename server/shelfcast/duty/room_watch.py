"""The watch over one room's show: alerts ring and end with each change, and its minutes end.

Rules: docs/rules.md#alerts, docs/rules.md#pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from shelfcast.barrier import note_fault
from shelfcast.duty.show_minutes import ORDERS, ShowMinutes
from shelfcast.errors import EngineError
from shelfcast.insight import alert_rules as rules
from shelfcast.insight.alert_rules import NEVER_RANG, Before, Change, Step, steadied
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant import alerts
from shelfcast.merchant.minutes import MinuteQueue
from shelfcast.protocol.codes import Code
from shelfcast.protocol.messages import AlertRule, RoomStatus
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from shelfcast.stock.alerts import AlertNews, AlertRecord, record_from
from shelfcast.stock.changes import FeedMessage, HoldEvent
from shelfcast.stock.configuration import What
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.pools import Pool
from shelfcast.stock.records import RoomView
from shelfcast.stock.show import ShowRecord

_log = structlog.get_logger(__name__)

VIEW_PAUSE_S = 0.05
"""A room whose shelf is being rebuilt is read anew at most this often."""
RETRY_S = 0.2
"""Before what could not be read is asked for again."""
WHOLE_SHOW = ""
"""The SKU of alerts about the whole show."""
ON_AIR = (RoomStatus.LIVE, RoomStatus.PAUSED)

Key = tuple[AlertRule, str]
"""What an alert is about: a rule, and a SKU."""


class RoomWatch:
    """Watches the show of one room under one fence; a `stock.feed.Follower`.

    What it decides the book writes, which refuses one whose successor has begun. What stands it knows from the book, so
    that nothing rings twice."""

    def __init__(
        self,
        pool: Pool,
        room: str,
        fence: int,
        minutes: MinuteQueue,
        settings: Settings,
        show_begins: Callable[[], None],
        since_ms: int = 0,
    ) -> None:
        self.finished = False
        """Whether there is nothing more to watch: the show is over for good, and no alert of it stands."""
        self._book = pool.book
        self._feed = pool.feed
        self._fence = fence
        self._queue = minutes
        self._settings = settings
        self._show_begins = show_begins
        self._loop = asyncio.get_running_loop()
        self._state = RoomState(room, settings.last_n_default)
        self._show: ShowRecord | None = None
        self._spotlight: list[tuple[str, int, int]] = []
        self._minutes: ShowMinutes | None = None
        self._last: dict[Key, AlertRecord] = {}
        """The last alert of each rule for each SKU."""
        self._peaks: dict[str, float] = {}
        """Values graver than an alert's peak, by its id, that are not written yet."""
        self._active: set[str] = set()
        """SKUs that have sold in the show."""
        self._pending: set[Key] = set()
        """What the book has not answered yet."""
        self._again: set[str] = set()
        """SKUs to be judged again when it has."""
        self._foreseen: list[tuple[int, HoldEvent]] = []
        """Orders, with their sequence, that the feed told before what there was already was known."""
        self._taken: dict[str, int] = {}
        """How many had ever been taken of each SKU when the room was read, less those foreseen."""
        self._since_ms = since_ms
        """When the show that is to be read began; 0 where nobody saw it."""
        self._first_minute = 0
        self._is_reading = True
        self._is_closed = False
        """Whether the last minute of a show that has ended is kept."""
        self._restored = False
        self._restoring: asyncio.Task[None] | None = None
        self._view_timer: asyncio.TimerHandle | None = None
        self._is_full = False
        self._unfollow: Callable[[], None] = self._feed.follow(room, self)

    def close(self) -> None:
        """Stop, at once."""
        self.finished = True
        self._unfollow()
        if self._view_timer is not None:
            self._view_timer.cancel()
        if self._restoring is not None:
            self._restoring.cancel()

    def foresee(self, message: FeedMessage) -> None:
        """Something of the pool has changed while this room is being read: what a show sells in its first moments
        counts."""
        if self._is_reading:
            self._note_orders(message)

    # --- stock.feed.Follower --------------------------------------------------------------------------------------

    def reset(self, view: RoomView) -> None:
        """The room as it is now: the first time, or after a gap."""
        self._state.reset(view)
        self._drain()
        self._is_reading = False
        # What came behind the view is told again.
        self._foreseen = [(seq, hold) for seq, hold in self._foreseen if seq <= view.seq]
        show = self._state.show
        if show is None:
            return
        if self._show is None or show.id != self._show.id:
            if self._show is not None:
                self._show_begins()
            self._minutes, self._last, self._is_full, self._is_closed = None, {}, False, False
            self._peaks.clear()
            self._begin(show, view.at_ms)
        self._show = show
        self._spotlight = [(lit.sku, lit.from_ms, lit.to_ms) for lit in show.spotlight]
        self._active = {sku for sku, shelf in self._state.shelves.items() if shelf.row.sold_in_show > 0}
        self._restored = False
        if self._restoring is not None:
            self._restoring.cancel()
        self._restoring = self._loop.create_task(self._restore(show), name=f"alerts of {show.id}")

    def change(self, message: FeedMessage) -> None:
        """Something of the pool has changed."""
        state = self._state
        # What has ended before this change does not know it.
        self._end_minutes(message.at_ms)
        former = state.config
        if message.config:
            self._end_last_minute(message)
        state.apply(message)
        self._drain()
        if state.config.show != former.show:
            self._since_ms = message.at_ms
        elif state.config.spotlight != former.spotlight:
            self._shine(state.config.spotlight, message.at_ms)
        if state.incomplete and self._view_timer is None:
            self._view_timer = self._loop.call_later(VIEW_PAUSE_S, self._follow_anew)
        for news in message.news:
            if isinstance(news, AlertNews) and news.room == state.room:
                self._hear(news.alert)
        changed = [stock.sku for stock in message.stock if stock.sku in state.shelves]
        if self._minutes is not None and self._is_of_show:
            self._minutes.count_orders(hold for hold in message.holds if hold.room == state.room)
        else:
            self._note_orders(message)
        if changed:
            self._judge(changed, message.at_ms)

    def lost(self) -> None:
        """The feed is away; it comes back with a view."""
        self._state.lost()
        self._restored = False

    def gone(self) -> None:
        """There is no such room."""
        self.close()

    # --- time -----------------------------------------------------------------------------------------------------

    def tick(self, now_ms: int) -> None:
        """Once a second: minutes end, what was put aside wakes, what could not be written is tried again."""
        if not self._restored:
            return
        self._end_minutes(now_ms)
        again, self._again = self._again, set()
        self._judge(again, now_ms)
        for key, record in list(self._last.items()):
            if record.stands and 0 < record.snoozed_until_ms <= now_ms and key not in self._pending:
                self._send(key, partial(alerts.wake, self._book, self._fence, record.id))
            if record.stands and record.unsteady:
                self._judge([record.sku], now_ms)
        config = self._state.config
        if config.status not in ON_AIR and now_ms - config.ended_at_ms >= self._settings.show_continue_max_ms:
            self._finish()

    def _end_minutes(self, now_ms: int) -> None:
        minutes, minute = self._minutes, now_ms // MINUTE_MS
        if minutes is None or not self._restored or not self._is_of_show or not minutes.is_over(minute):
            return
        is_on_air = self._state.config.status in ON_AIR
        if not is_on_air and self._is_closed:
            return
        # The minute in which it ended is the last one.
        self._is_closed = not is_on_air
        self._keep(minutes, self._on_sale(now_ms), minute)
        self._judge(list(self._state.shelves), now_ms)
        self._judge_show(now_ms)
        self._write_peaks()

    def _keep(self, minutes: ShowMinutes, on_sale: set[str], minute: int) -> None:
        rows = {sku: shelf.row for sku, shelf in self._state.shelves.items()}
        ended = minutes.close(rows, on_sale, minute)
        if ended is not None:
            self._queue.add(ended)

    def _end_last_minute(self, message: FeedMessage) -> None:
        """The next show begins with this change: what the minute so far was is the last one's."""
        minutes, now = self._minutes, self._state.config.show
        for event in message.config:
            begins = event.what is What.ROOM and event.key == self._state.room and event.values is not None
            if begins and minutes is not None and self._restored and (event.values or {}).get("show", 0) != now:
                if not self._is_closed:
                    self._keep(minutes, set(), minutes.open + 1)
                return

    def _on_sale(self, now_ms: int) -> set[str]:
        if self._state.config.status is not RoomStatus.LIVE:
            return set()
        return {
            sku
            for sku, shelf in self._state.shelves.items()
            if not shelf.row.frozen
            and shelf.opens_at_ms <= now_ms
            and (shelf.listing.closes_at_ms is None or now_ms < shelf.listing.closes_at_ms)
        }

    def _finish(self) -> None:
        """The show is over, and does not go on any more: what stands of it ends."""
        standing = {key: record for key, record in self._last.items() if record.stands}
        for key, record in standing.items():
            if key not in self._pending:
                change = Change(Step.RESOLVE, None, record.threshold, record.tier_percent)
                self._change(key, record, change, record.remaining, record.offered)
        if not standing:
            self.close()

    # --- what there is already ------------------------------------------------------------------------------------

    async def _restore(self, show: ShowRecord) -> None:
        """Learn what stands and what the minutes were: from whoever watched before, or what a gap has hidden."""
        while True:
            try:
                records = await self._book.alerts(show.id)
                kept = await self._book.paces(show.id) if self._minutes is None else None
            except EngineError as error:
                _log.warning("watch.unread", show=show.id, error=str(error))
            except Exception:
                note_fault("watch.restore", show=show.id)
            else:
                break
            await asyncio.sleep(RETRY_S)
        for record in records:
            self._hear(record)
        state = self._state
        if self._minutes is None and kept is not None:
            self._minutes = ShowMinutes(state.room, show.id, self._first_minute, *kept)
            self._minutes.see(self._taken, set())
            self._minutes.count_orders(hold for _, hold in self._foreseen)
        if self._minutes is not None:
            taken = {sku: shelf.row.taken for sku, shelf in state.shelves.items()}
            self._minutes.see(taken, self._on_sale(state.at_ms))
        self._foreseen.clear()
        self._restored = True
        self._end_minutes(state.at_ms)
        self._judge(list(state.shelves), state.at_ms)

    def _hear(self, record: AlertRecord) -> None:
        if self._show is None or record.show != self._show.id:
            return
        key = record.rule, record.sku
        known = self._last.get(key)
        if known is None or (record.number, record.changed_at_ms) >= (known.number, known.changed_at_ms):
            self._last[key] = record

    def _before(self, key: Key) -> Before:
        record = self._last.get(key)
        if record is None:
            return NEVER_RANG
        return Before(record.stands, record.tier_percent, True, record.unsteady, record.changes)

    @property
    def _is_of_show(self) -> bool:
        """Whether the numbers are those of the show that is watched: between the end of one and the view of the next
        they are neither's."""
        return self._show is not None and self._state.config.show == self._show.n

    def _begin(self, show: ShowRecord, at_ms: int) -> None:
        """Where the minutes of a show begin that nobody has watched before."""
        if not self._since_ms and at_ms - show.started_at_ms < MINUTE_MS:
            # It began a moment ago, when nobody looked: its base says what was taken since, and what was held then.
            self._since_ms = show.started_at_ms
            rows = {sku: shelf.row for sku, shelf in self._state.shelves.items()}
            self._taken = {
                sku: row.taken - (row.offered - row.available if row.offered else 0) for sku, row in rows.items()
            }
        else:
            self._taken = self._taken_before_orders()
        self._first_minute = (self._since_ms or at_ms) // MINUTE_MS
        self._since_ms = 0

    def _note_orders(self, message: FeedMessage) -> None:
        self._foreseen += [(message.seq, hold) for hold in message.holds if hold.room == self._state.room]

    def _taken_before_orders(self) -> dict[str, int]:
        """How many had been taken of each SKU before what was foreseen."""
        taken = {sku: shelf.row.taken for sku, shelf in self._state.shelves.items()}
        for _, hold in self._foreseen:
            if hold.sku in taken:
                taken[hold.sku] -= ORDERS.get(hold.state, 0) * hold.qty
        return taken

    def _shine(self, sku: str | None, at_ms: int) -> None:
        if self._spotlight and not self._spotlight[-1][2]:
            shown, begun, _ = self._spotlight[-1]
            self._spotlight[-1] = (shown, begun, at_ms)
        if sku is not None:
            self._spotlight.append((sku, at_ms, 0))

    # --- judging --------------------------------------------------------------------------------------------------

    def _judge(self, skus: Iterable[str], now_ms: int) -> None:
        """Hold the rules against these SKUs as they are now."""
        state, show, minutes = self._state, self._show, self._minutes
        if not self._restored or show is None or minutes is None or self.finished:
            return
        if state.config.status not in ON_AIR or not self._is_of_show:
            return
        for sku in skus:
            if sku == WHOLE_SHOW:
                self._judge_show(now_ms)
            shelf = state.shelves.get(sku)
            if shelf is None:
                continue
            row, pace = shelf.row, minutes.pace(sku)
            on_air_ms = rules.on_air_ms(
                self._spotlight, sku, since_ms=max(show.started_at_ms, shelf.opens_at_ms), now_ms=now_ms
            )
            key = AlertRule.SHARE_LEFT, sku
            change = rules.share_left(self._before(key), row.available, row.offered, rules.tiers_for())
            self._settle(key, change, row.available, row.offered, now_ms)
            if row.offered > 0:
                self._note_peak(key, row.available / row.offered)
            key = AlertRule.SOLD_OUT_ETA, sku
            change = rules.sold_out_eta(
                self._before(key), row.available, pace, orders=minutes.orders.get(sku, 0), on_air_ms=on_air_ms
            )
            self._settle(key, change, row.available, row.offered, now_ms)
            if pace:
                self._note_peak(key, row.available / pace)
            key = AlertRule.SELL_THROUGH, sku
            change = rules.high_sell_through(self._before(key), row.available, row.sold_in_show)
            self._settle(key, change, row.available, row.offered, now_ms)
            was_active = sku in self._active
            if row.sold_in_show > 0:
                self._active.add(sku)
            else:
                self._active.discard(sku)
            if was_active != (sku in self._active):
                self._judge_show(now_ms)

    def _judge_show(self, now_ms: int) -> None:
        show, state = self._show, self._state
        if show is None or not self._restored or self.finished or state.config.status not in ON_AIR:
            return
        key = AlertRule.ACTIVE_SKU_RATE, WHOLE_SHOW
        active = len(self._active & state.shelves.keys())
        change = rules.low_active_rate(
            self._before(key),
            active,
            len(state.shelves),
            running_ms=now_ms - show.started_at_ms,
            planned_ms=(state.config.planned_minutes or 0) * MINUTE_MS,
        )
        self._settle(key, change, active, len(state.shelves), now_ms)

    def _settle(self, key: Key, change: Change | None, remaining: int, offered: int, now_ms: int) -> None:
        before = self._before(key)
        change = steadied(before, change, now_ms)
        if change is None:
            return
        if key in self._pending:
            self._again.add(key[1])
            return
        record = self._last.get(key)
        if record is not None and change.step is not Step.RING:
            self._change(key, record, change, remaining, offered)
        elif not self._is_full and self._show is not None:
            ring = partial(
                alerts.ring,
                self._book,
                self._fence,
                room=self._state.room,
                show=self._show.id,
                rule=key[0],
                sku=key[1],
                change=change,
                remaining=remaining,
                offered=offered,
            )
            self._send(key, lambda done: ring(done=done))

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
            self._hear(record_from(outcome.data))
            if key[1] in self._again:
                self._again.discard(key[1])
                self._judge([key[1]], self._state.at_ms)
        elif outcome.code is Code.STALE:
            # Somebody else has the lease, and the say.
            self.close()
        elif outcome.code is Code.SHELF_FULL:
            self._is_full = True
            _log.warning("watch.alerts_full", room=self._state.room, most=outcome.available)
        else:
            self._again.add(key[1])

    def _note_peak(self, key: Key, value: float) -> None:
        record = self._last.get(key)
        if record is not None and record.stands:
            known = self._peaks.get(record.id, record.peak)
            if rules.worse(key[0], known, value) != known:
                self._peaks[record.id] = value

    def _write_peaks(self) -> None:
        """Once a minute: how grave what stands has been."""
        for key, record in self._last.items():
            peak = self._peaks.pop(record.id, None)
            if peak is not None and record.stands and key not in self._pending:
                self._send(key, partial(alerts.note_peak, self._book, self._fence, record.id, peak))

    # --- parts ----------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Nobody is told anything here."""
        self._state.take()
        self._state.take_backstage()

    def _follow_anew(self) -> None:
        self._view_timer = None
        self._is_reading = True
        self._unfollow()
        self._unfollow = self._feed.follow(self._state.room, self)
