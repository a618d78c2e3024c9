"""The watch over one room's show: alerts ring and end with each change, and its minutes end.

Rules: docs/rules.md#alerts, docs/rules.md#pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import structlog

from shelfcast.barrier import note_fault
from shelfcast.duty.elastic_watch import ElasticWatch
from shelfcast.duty.shelf_shown import ShelfShown
from shelfcast.duty.show_alerts import ShowAlerts
from shelfcast.duty.show_minutes import ShowMinutes
from shelfcast.errors import EngineError
from shelfcast.insight import alert_rules as rules
from shelfcast.insight.air_time import AirTime
from shelfcast.insight.elastic_rule import Selling
from shelfcast.insight.pace import MINUTE_MS, WINDOW_MINUTES
from shelfcast.merchant.minutes import MinuteQueue
from shelfcast.protocol.states import AlertRule, RoomStatus
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from shelfcast.stock.alerts import AlertNews, KeptPaces
from shelfcast.stock.changes import FeedMessage, HoldEvent
from shelfcast.stock.configuration import What
from shelfcast.stock.pools import Pool
from shelfcast.stock.records import RoomView
from shelfcast.stock.shelf import taken_at_base
from shelfcast.stock.show import ON_AIR, ShowRecord

_log = structlog.get_logger(__name__)

VIEW_PAUSE_S = 0.05
"""A room whose shelf is being rebuilt is read anew at most this often."""
RETRY_S = 0.2
"""Before what could not be read is asked for again."""
WHOLE_SHOW = ""
"""The SKU of alerts about the whole show."""
ORDERS_READ_MAX = 20_000
"""Entries of each ledger, the last ones, in which orders that nobody has counted are looked for."""


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
        self._alerts: ShowAlerts | None = None
        self._air_time = AirTime()
        self._minutes: ShowMinutes | None = None
        self._shown = ShelfShown()
        self._elastic = ElasticWatch(pool.book, fence, self.close)
        self._active: set[str] = set()
        """SKUs that have sold in the show."""
        self._orders: list[tuple[int, HoldEvent]] = []
        """What customers have ordered since the room was read, with the sequence, while it is not known yet what there
        was before."""
        self._orders_seq = 0
        """Up to where orders are counted, 0 before the first."""
        self._taken: dict[str, Mapping[str, int]] = {}
        """How many had ever been taken of each SKU, by place, before it counts, where nobody has watched it yet."""
        self._first_minute = 0
        self._sees_it_late = False
        self._is_closed = False
        """Whether the last minute of a show that has ended is kept."""
        self._restored = False
        self._restoring: asyncio.Task[None] | None = None
        self._view_timer: asyncio.TimerHandle | None = None
        self._unfollow: Callable[[], None] = self._feed.follow(room, self)

    @property
    def ready(self) -> bool:
        """Whether it knows what there was before, so that changes are judged."""
        return self._restored

    def close(self) -> None:
        """Stop, at once."""
        self.finished = True
        self._unfollow()
        if self._view_timer is not None:
            self._view_timer.cancel()
        if self._restoring is not None:
            self._restoring.cancel()

    # --- stock.feed.Follower --------------------------------------------------------------------------------------

    def reset(self, view: RoomView) -> None:
        """The room as it is now: the first time, or after a gap."""
        self._state.reset(view)
        self._state.discard()
        # What the ledger has until here.
        self._orders = [(seq, hold) for seq, hold in self._orders if seq > view.seq]
        show = self._state.show
        if show is None:
            return
        if self._show is None or show.id != self._show.id:
            if self._show is not None:
                self._show_begins()
            self._minutes, self._is_closed, self._orders_seq = None, False, 0
            self._alerts = ShowAlerts(self._book, self._fence, self._state.room, show.id, self._judge_again, self.close)
            self._begin(show, view)
        self._note_taken(view)
        self._elastic.reset(view)
        self._show = show
        self._air_time = AirTime((lit.sku, lit.from_ms, lit.to_ms) for lit in show.spotlight)
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
        shown = state.config.spotlight
        if message.config:
            self._end_last_minute(message)
        state.apply(message)
        state.discard()
        if state.config.spotlight != shown:
            self._air_time.shine(state.config.spotlight, message.at_ms)
        if state.incomplete and self._view_timer is None:
            self._view_timer = self._loop.call_later(VIEW_PAUSE_S, self._follow_anew)
        for news in message.news:
            if isinstance(news, AlertNews) and self._alerts is not None:
                self._alerts.hear(news.alert)
        self._elastic.hear(message.stock)
        changed = [stock.sku for stock in message.stock if stock.sku in state.shelves]
        if self._minutes is not None and self._restored and self._is_of_show:
            for sku in changed:
                self._minutes.note(sku, state.shelves[sku].row)
        self._count_orders(message)
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
        alerts = self._alerts
        if alerts is not None:
            self._judge([*alerts.take_again(), *alerts.unsteady()], now_ms)
            alerts.wake(now_ms)
        config = self._state.config
        is_over = config.status not in ON_AIR and now_ms - config.ended_at_ms >= self._settings.show_continue_max_ms
        lacks_minute = self._minutes is not None and self._is_of_show and not self._is_closed
        if is_over and not lacks_minute and (alerts is None or alerts.end()):
            self.close()

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
        if self._alerts is not None:
            self._alerts.write_peaks()

    def _keep(self, minutes: ShowMinutes, on_sale: set[str], minute: int) -> None:
        rows = {sku: shelf.row for sku, shelf in self._state.shelves.items()}
        ended = minutes.close(rows, on_sale, minute, self._orders_seq, self._shown.of(self._state))
        if ended is not None:
            self._queue.add(ended)

    def _end_last_minute(self, message: FeedMessage) -> None:
        """The next show begins with this change: what the minute so far was is the last one's; or that one goes on."""
        minutes, now = self._minutes, self._state.config.show
        for event in message.config:
            if event.what is not What.ROOM or event.key != self._state.room or event.values is None:
                continue
            if minutes is None or not self._restored:
                continue
            if event.values.get("show", 0) != now:
                if not self._is_closed:
                    self._keep(minutes, set(), minutes.open + 1)
                return
            minute, goes_on = message.at_ms // MINUTE_MS, event.values.get("status") in ON_AIR
            if self._is_closed and goes_on and minutes.is_over(minute):
                # It continues. What came since its end is of the minutes since then, in which nothing was on sale.
                self._keep(minutes, set(), minute)
                self._is_closed = False
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

    # --- what there is already ------------------------------------------------------------------------------------

    async def _restore(self, show: ShowRecord) -> None:
        """Learn what stands and what the minutes were: from whoever watched before, or what a gap has hidden."""
        seq, state = self._state.seq, self._state
        while True:
            try:
                records = await self._book.alerts(show.id)
                kept = await self._book.paces(show.id) if self._minutes is None else None
                after = self._orders_seq or (kept.seq if kept is not None else 0) or show.started_seq
                orders = await self._book.orders_of(show.id, after, seq, ORDERS_READ_MAX)
            except EngineError as error:
                _log.warning("watch.unread", show=show.id, error=str(error))
            except Exception:
                note_fault("watch.restore", show=show.id)
            else:
                break
            await asyncio.sleep(RETRY_S)
        for record in records:
            if self._alerts is not None:
                self._alerts.hear(record)
        minutes = self._minutes or ShowMinutes(state.room, show.id, self._first_minute, kept or KeptPaces(None, 0, {}))
        self._minutes = minutes
        minutes.see(self._taken, self._on_sale(state.at_ms))
        for sku, count in orders.items():
            minutes.add_orders(sku, count)
        minutes.count_orders(hold for of, hold in self._orders if of > seq)
        self._orders_seq = max([seq, *(of for of, _ in self._orders)])
        self._orders.clear()
        self._restored = True
        self._end_minutes(state.at_ms)
        self._judge(list(state.shelves), state.at_ms)

    @property
    def _is_of_show(self) -> bool:
        """Whether the numbers are those of the show that is watched: between the end of one and the view of the next
        they are neither's."""
        return self._show is not None and self._state.config.show == self._show.n

    def _begin(self, show: ShowRecord, view: RoomView) -> None:
        """Where the minutes begin of a show that nobody has watched before: with itself, if a pace still looks so far
        back."""
        self._sees_it_late = view.at_ms - show.started_at_ms >= WINDOW_MINUTES * MINUTE_MS
        self._first_minute = (view.at_ms if self._sees_it_late else show.started_at_ms) // MINUTE_MS

    def _note_taken(self, view: RoomView) -> None:
        """What is new on the shelf counts from its base on: that says what had been taken of it by then."""
        self._taken = {sku: shelf.row.taken for sku, shelf in self._state.shelves.items()}
        if not self._sees_it_late:
            channel, kind, skus = view.room.channel, view.channel.kind, view.skus
            based = ((listed.sku, listed.base_row, listed.listing.presale) for listed in skus)
            self._taken |= {
                sku: taken_at_base(base, channel, kind, presale=presale) for sku, base, presale in based if base
            }

    def _count_orders(self, message: FeedMessage) -> None:
        if self._restored and self._is_of_show and self._minutes is not None:
            if message.seq > self._orders_seq:
                self._minutes.count_orders(hold for hold in message.holds if hold.room == self._state.room)
                self._orders_seq = message.seq
        else:
            self._orders += [(message.seq, hold) for hold in message.holds if hold.room == self._state.room]

    # --- judging --------------------------------------------------------------------------------------------------

    def _judge(self, skus: Iterable[str], now_ms: int) -> None:
        """Hold the rules against these SKUs as they are now."""
        state, show, minutes, alerts = self._state, self._show, self._minutes, self._alerts
        if not self._restored or show is None or minutes is None or alerts is None or self.finished:
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
            since_ms = max(show.started_at_ms, shelf.opens_at_ms)
            on_air_ms = self._air_time.of(sku, since_ms=since_ms, now_ms=now_ms)
            key = AlertRule.SHARE_LEFT, sku
            change = rules.share_left(alerts.before(key), row.available, row.offered, rules.tiers_for())
            alerts.settle(key, change, row.available, row.offered, now_ms)
            if row.offered > 0:
                alerts.note_peak(key, row.available / row.offered)
            key = AlertRule.SOLD_OUT_ETA, sku
            change = rules.sold_out_eta(
                alerts.before(key), row.available, pace, orders=minutes.orders.get(sku, 0), on_air_ms=on_air_ms
            )
            alerts.settle(key, change, row.available, row.offered, now_ms)
            if pace:
                alerts.note_peak(key, row.available / pace)
            key = AlertRule.SELL_THROUGH, sku
            change = rules.high_sell_through(alerts.before(key), row.available, row.sold_in_show)
            alerts.settle(key, change, row.available, row.offered, now_ms)
            if not shelf.listing.presale:
                sold = Selling(row.available, row.offered, pace, minutes.orders.get(sku, 0), on_air_ms)
                self._elastic.judge(alerts, sku, shelf.catalogue.rule, sold, row.taken, now_ms)
            was_active = sku in self._active
            if row.sold_in_show > 0:
                self._active.add(sku)
            else:
                self._active.discard(sku)
            if was_active != (sku in self._active):
                self._judge_show(now_ms)

    def _judge_show(self, now_ms: int) -> None:
        show, state, alerts = self._show, self._state, self._alerts
        if show is None or alerts is None or not self._restored or self.finished or state.config.status not in ON_AIR:
            return
        key = AlertRule.ACTIVE_SKU_RATE, WHOLE_SHOW
        active = len(self._active & state.shelves.keys())
        change = rules.low_active_rate(
            alerts.before(key),
            active,
            len(state.shelves),
            running_ms=now_ms - show.started_at_ms,
            planned_ms=(state.config.planned_minutes or 0) * MINUTE_MS,
        )
        alerts.settle(key, change, active, len(state.shelves), now_ms)

    def _judge_again(self, sku: str) -> None:
        self._judge([sku], self._state.at_ms)

    # --- parts ----------------------------------------------------------------------------------------------------

    def _follow_anew(self) -> None:
        self._view_timer = None
        self._unfollow()
        self._unfollow = self._feed.follow(self._state.room, self)
