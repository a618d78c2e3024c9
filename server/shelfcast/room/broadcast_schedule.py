"""When the audience of a room is told what has changed, and what each connection still has to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from shelfcast import metrics
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import framed, numbered_ping
from shelfcast.protocol.from_server import Viewers
from shelfcast.room.audience import Audience, Broadcast, Listener
from shelfcast.room.bulletin import Bulletin
from shelfcast.room.chance import Chance
from shelfcast.room.conflation import Airtime, Conflation
from shelfcast.room.delivery import Delivery
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings

SNAPSHOT_KEPT_S = 0.25
"""A snapshot's frame serves all who come within this time. It sets their clocks, and the last change of a quiet room
may be hours ago."""
TIMER_STEP_S = 0.001
"""A loop's timers are as fine as this, and may be early by it."""


class BroadcastSchedule:
    """One room's: from what has changed in its state to broadcasts, at the pace of its ticks. `now_ms` tells the
    engine's time."""

    def __init__(
        self,
        state: RoomState,
        audience: Audience,
        settings: Settings,
        airtime: Airtime,
        now_ms: Callable[[], int],
        random: Chance,
    ) -> None:
        self._state = state
        self._audience = audience
        self._now_ms = now_ms
        self._loop = asyncio.get_running_loop()
        self._tick_min_s = settings.tick_ms / 1000
        self._conflation = Conflation(tick_s=self._tick_min_s, tick_max_s=settings.tick_max_ms / 1000, airtime=airtime)
        self._delivery: Delivery[Listener] = Delivery(settings, random)
        self._ended_s = float("-inf")
        """When the last broadcast was over."""
        self._waits_for_delivery = False
        """Whether the next broadcast would go out now, but for the last one that has not arrived."""
        self._due_s = 0.0
        """When the next broadcast would have gone out, had it not waited for that."""
        self._waited_s = 0.0
        """How long the last broadcast waited for the one before to arrive."""
        self._bulletin = Bulletin()
        self._told = 0
        """The edition that everybody has."""
        self._published_s = 0.0
        self._urgent: set[str] = set()
        """Keys that became urgent while a broadcast was running."""
        self._snapshots: dict[Encoding, tuple[float, bytes]] = {}
        self._timer: asyncio.Handle | None = None
        self._timer_at_s = 0.0
        """When it comes. uvloop's handle of a call that is due at once cannot say."""
        self._recount: Viewers | None = None
        """How many viewers there are, where they have not been told yet."""

    def close(self) -> None:
        """Nothing more is told."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def tick_s(self) -> float:
        """The spacing of broadcasts now: what they take, and what they wait to arrive."""
        return self._conflation.tick_s + self._waited_s

    @property
    def edition(self) -> int:
        """What whoever gets the snapshot now has been told."""
        return self._bulletin.edition

    def snapshot(self, encoding: Encoding) -> bytes:
        """The snapshot's frame, encoded once between two broadcasts (what changes in between is in the next one), and
        anew when its time is old."""
        now_s = self._loop.time()
        kept_until_s, frame = self._snapshots.get(encoding, (0.0, b""))
        if now_s >= kept_until_s:
            metrics.SNAPSHOTS_ENCODED.inc()
            frame = framed(self._state.snapshot(self._now_ms()), encoding)
            self._snapshots[encoding] = (now_s + SNAPSHOT_KEPT_S, frame)
        return frame

    def recount(self, viewers: int) -> None:
        """There are so many viewers. While a crowd arrives it is always another number: alone it seldom makes a
        broadcast, but it goes with every one."""
        if viewers != self._state.viewers:
            self._state.viewers = viewers
            self._recount = Viewers(viewers=viewers)
        if self._recount is not None and self._loop.time() >= self._conflation.trifle_due():
            self._say_recount()
            self.changed()

    def changed(self, urgent: Sequence[str] = ()) -> None:
        """Something is to be told: with the broadcast that is under way, now, or when the tick is over."""
        if self._audience.running:
            self._urgent.update(urgent)
            return
        if self._timer is None or urgent:
            # Else it goes when the timer comes: what is merely new cannot go before.
            self._consider(urgent)

    def _consider(self, urgent: Sequence[str] = ()) -> None:
        """Broadcast now, or see to it that it is considered again when it may be time."""
        if self._audience.running or (not self._state.dirty and self._bulletin.edition == self._told):
            return
        now = self._loop.time()
        due = self._conflation.due(now, urgent)
        delivered = self._delivery.free_at(now, self._conflation.started_s, self._ended_s, self._conflation.tick_s)
        if due <= now < delivered and not self._waits_for_delivery:
            self._waits_for_delivery, self._due_s = True, due
        due = max(due, delivered)
        if due <= now + TIMER_STEP_S:
            self._flush()
        elif self._timer is None or due < self._timer_at_s:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._timer_at_s = self._loop.call_at(due, self._on_time), due

    def answered(self, listener: Listener, number: int) -> bool:
        """A connection has answered the numbered ping behind a broadcast. False where it had none to answer."""
        took_s = self._delivery.answered(listener, number, self._loop.time())
        if took_s is None:
            return False
        metrics.DELIVERY_SECONDS.observe(took_s)
        if self._waits_for_delivery:
            self._consider()
        return True

    def leave(self, listener: Listener) -> None:
        """A connection is closed."""
        if self._delivery.leave(listener) and self._waits_for_delivery:
            self._consider()

    def _on_time(self) -> None:
        self._timer = None
        self._consider()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._loop.time()
        self._waited_s = now - self._due_s if self._waits_for_delivery else 0.0
        self._waits_for_delivery = False
        self._publish()
        audience = self._audience
        if len(audience) and self._bulletin.edition > self._told:
            self._delivery.begin_round(now)
            if self._delivery.short_by(len(audience)):
                self._delivery.draw(list(audience.everybody))
            audience.broadcast(
                audience.everybody, self._bulletin, amend=self._amend, written=self._ping, done=self._flushed
            )
        else:
            self._all_told(self._bulletin.edition)

    def _ping(self, written: Sequence[Listener]) -> None:
        """A chunk of the broadcast is written: ping those of it that are in the sample."""
        sampled = [listener for listener in self._delivery.to_ping(written) if not listener.blocked]
        if sampled:
            ping, now = numbered_ping(self._delivery.round), self._loop.time()
            for listener in sampled:
                self._delivery.pinged(listener, now)
                listener.write(ping)

    def _publish(self) -> None:
        """What has changed becomes an edition of the bulletin. Whoever comes from now on has it with the snapshot."""
        self._say_recount()
        messages = self._state.take()
        self._snapshots.clear()
        self._published_s = self._loop.time()
        if messages:
            self._bulletin.publish(messages)

    def _amend(self) -> None:
        """In the middle of a broadcast: those who are still to come are told what has changed meanwhile, too; the
        others with the next one."""
        waited_s = self._loop.time() - self._published_s
        if self._state.dirty and (self._urgent or waited_s >= self._tick_min_s):
            self._publish()

    def _flushed(self, broadcast: Broadcast) -> None:
        self._ended_s = self._loop.time()
        metrics.BROADCAST_SECONDS.observe(self._ended_s - broadcast.started)
        self._conflation.flushed(broadcast.started, self._ended_s, broadcast.cost_s())
        self._all_told(broadcast.edition)
        urgent, self._urgent = tuple(self._urgent), set()
        self.changed(urgent)

    def _all_told(self, edition: int) -> None:
        self._told = edition
        self._bulletin.forget(edition)

    def _say_recount(self) -> None:
        if self._recount is not None:
            self._state.say(self._recount)
            self._recount = None
