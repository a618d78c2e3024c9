"""When the audience of a room is told what has changed, and what each connection still has to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from shelfcast import metrics
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import framed
from shelfcast.protocol.messages import Viewers
from shelfcast.room.audience import Audience, Broadcast
from shelfcast.room.bulletin import Bulletin
from shelfcast.room.conflation import Airtime, Conflation
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings

SNAPSHOT_KEPT_S = 0.25
"""A snapshot's frame serves all who come within this time. It sets their clocks, and the last change of a quiet room
may be hours ago."""


class Telling:
    """One room's: from what has changed in its state to broadcasts, at the pace of its ticks. `now_ms` tells the
    engine's time."""

    def __init__(
        self, state: RoomState, audience: Audience, settings: Settings, airtime: Airtime, now_ms: Callable[[], int]
    ) -> None:
        self._state = state
        self._audience = audience
        self._now_ms = now_ms
        self._loop = asyncio.get_running_loop()
        self._tick_min_s = settings.tick_ms / 1000
        self._conflation = Conflation(tick_s=self._tick_min_s, tick_max_s=settings.tick_max_ms / 1000, airtime=airtime)
        self._bulletin = Bulletin()
        self._told = 0
        """The edition that everybody has."""
        self._published_s = 0.0
        self._urgent: set[str] = set()
        """Keys that became urgent while a broadcast was running."""
        self._snapshots: dict[Encoding, tuple[float, bytes]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._recount: Viewers | None = None
        """How many viewers there are, where they have not been told yet."""

    def close(self) -> None:
        """Nothing more is told."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def tick_s(self) -> float:
        """The spacing of broadcasts now."""
        return self._conflation.tick_s

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
        if not self._state.dirty and self._bulletin.edition == self._told:
            return
        now = self._loop.time()
        due = self._conflation.due(now, urgent)
        if due <= now:
            self._flush()
        elif self._timer is None or due < self._timer.when():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(due, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._publish()
        audience = self._audience
        if len(audience) and self._bulletin.edition > self._told:
            audience.broadcast(audience.everybody, self._bulletin, amend=self._amend, done=self._flushed)
        else:
            self._all_told(self._bulletin.edition)

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
        metrics.BROADCAST_SECONDS.observe(broadcast.spent_s)
        self._conflation.flushed(broadcast.started, self._loop.time(), broadcast.spent_s)
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
