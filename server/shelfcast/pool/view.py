"""What those are told who chose the same topics of a pool, and how far each of them has been told.

They are few, and each goes at the pace of its own socket: page by page until it has everything, then the news of each
tick. Whose socket is full is skipped, and goes on from where it was when that has drained.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NoReturn, Protocol

from shelfcast import metrics
from shelfcast.errors import InvalidInput
from shelfcast.pool.latest_rows import Row
from shelfcast.pool.state import PoolState
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.protocol.frame import framed
from shelfcast.protocol.from_server import Alert, Error
from shelfcast.protocol.pool_messages import (
    ActionRow,
    Actions,
    Alerts,
    Crew,
    CrewRow,
    Current,
    People,
    PeopleRow,
    PoolMessage,
    PoolSnapshot,
    Topic,
    Units,
    UnitsRow,
)
from shelfcast.room.audience import Listener
from shelfcast.room.heartbeat import Heartbeat

STALE = Error(code=Code.UNAVAILABLE, message="these values may be old: " + EXPLANATION[Code.UNAVAILABLE])
"""Tells followers that what they see is not live; `current` takes it back."""
FRAMES_KEPT_MAX = 64
"""Frames that serve the next follower, too, who is as far as this one was."""


class FollowedPool(Protocol):
    """What a view needs of its pool; `pool.live` is the one implementation."""

    name: str
    state: PoolState
    heartbeat: Heartbeat

    def now_ms(self) -> int:
        """The engine's time, as well as it is known here."""

    def entered(self, listener: Listener) -> None:
        """There is another follower."""

    def left(self, listener: Listener) -> None:
        """A follower is gone."""


class _Told:
    """How far one follower has been told; the number of its last change is its own (`Listener.told`)."""

    __slots__ = ("begun", "current", "more")

    def __init__(self) -> None:
        self.begun = False
        """Whether it knows the epoch."""
        self.current = False
        """Whether it knows that it has everything."""
        self.more = False
        """Whether its next page comes with the loop's next turn."""


class PoolView:
    """One choice of topics; what a pool's connections are opened to."""

    def __init__(self, pool: FollowedPool, topics: Sequence[Topic], rows_max: int) -> None:
        self.heartbeat = pool.heartbeat
        self._pool = pool
        self._topics = frozenset(topics)
        self._rows_max = rows_max
        self._followers: dict[Listener, _Told] = {}
        self._frames: dict[tuple[int, Encoding], tuple[bytes, int]] = {}

    @property
    def followers(self) -> int:
        """How many have chosen these topics here."""
        return len(self._followers)

    # --- gateway.connection.Target ------------------------------------------------------------------------------

    def enter(self, listener: Listener) -> bytes:
        """Take a connection in; returns the frames it must be sent first."""
        told = self._followers[listener] = _Told()
        self._pool.entered(listener)
        frames = self._next(listener, told)
        if not self._pool.state.live:
            frames += framed(STALE, listener.encoding)
        self._go_on(listener, told)
        return frames

    def leave(self, listener: Listener) -> None:
        """A connection is closed, or closing."""
        if self._followers.pop(listener, None) is not None:
            self._pool.left(listener)

    def hear(self, listener: Listener, payload: bytes | bytearray | memoryview, *, limited: bool) -> NoReturn:
        """A connection says something. Raises InvalidInput: nothing is asked for here."""
        raise InvalidInput("a pool's socket takes no messages; its topics are chosen with `?topics=` when it is opened")

    def answered(self, listener: Listener, number: int) -> bool:
        """Whether it has answered a numbered ping: none is sent here."""
        return False

    def catch_up(self, listener: Listener) -> None:
        """A connection that was skipped has drained."""
        told = self._followers.get(listener)
        if told is not None:
            metrics.SNAPSHOTS_RESENT.inc()
            self._send(listener, told)

    # --- the pool -------------------------------------------------------------------------------------------------

    def published(self) -> None:
        """Something has changed, or has become complete: tell everybody who can be told."""
        self._frames.clear()
        for listener, told in list(self._followers.items()):
            if listener.blocked:
                listener.behind = True
                metrics.FRAMES_SKIPPED.inc()
            elif not told.more:
                self._send(listener, told)

    def restart(self) -> None:
        """The epoch is a new one: everything is said anew."""
        self._frames.clear()
        for told in self._followers.values():
            told.begun = told.current = False

    def lost(self) -> None:
        """What everybody has may be old from here on."""
        frames = {encoding: framed(STALE, encoding) for encoding in Encoding}
        for listener, told in list(self._followers.items()):
            told.current = False
            listener.write(frames[listener.encoding])

    # --- parts ----------------------------------------------------------------------------------------------------

    def _send(self, listener: Listener, told: _Told) -> None:
        """Write the next page, if there is one; a connection that was skipped takes part again."""
        frames = self._next(listener, told)
        if frames or listener.behind:
            listener.refresh(frames)
        self._go_on(listener, told)

    def _go_on(self, listener: Listener, told: _Told) -> None:
        """See to it that what is left comes too: in the loop's next turn, or when the socket has drained."""
        if listener.told < self._pool.state.rows.last and not told.more:
            told.more = True
            asyncio.get_running_loop().call_soon(self._next_page, listener, told)

    def _next_page(self, listener: Listener, told: _Told) -> None:
        told.more = False
        if self._followers.get(listener) is not told:
            return
        if listener.blocked:
            listener.behind = True
        else:
            self._send(listener, told)

    def _next(self, listener: Listener, told: _Told) -> bytes:
        """The frames of what comes next for a follower, empty where that is nothing."""
        state, encoding, frames = self._pool.state, listener.encoding, []
        if not told.begun:
            told.begun = True
            frames.append(framed(self._snapshot(), encoding))
        if listener.told < state.rows.last:
            page, listener.told = self._page(listener.told, encoding)
            frames.append(page)
        if not told.current and listener.told == state.rows.last and self._topics <= state.complete:
            told.current = True
            frames.append(framed(Current(seq=state.seq, at_ms=self._pool.now_ms()), encoding))
        metrics.FRAMES_OUT.inc(len(frames))
        return b"".join(frames)

    def _snapshot(self) -> PoolSnapshot:
        state = self._pool.state
        topics = [topic for topic in Topic if topic in self._topics]
        return PoolSnapshot(
            pool=self._pool.name, epoch=state.epoch, seq=state.seq, at_ms=self._pool.now_ms(), topics=topics
        )

    def _page(self, told: int, encoding: Encoding) -> tuple[bytes, int]:
        """The frames behind the change of this number, and the number of the last change in them."""
        kept = self._frames.get((told, encoding))
        if kept is None:
            page = self._pool.state.rows.page(told, self._topics, self._rows_max)
            messages = self._messages([row for _, row in page.rows])
            kept = b"".join([framed(message, encoding) for message in messages]), page.told
            if len(self._frames) >= FRAMES_KEPT_MAX:
                self._frames.clear()
            self._frames[told, encoding] = kept
        return kept

    def _messages(self, rows: Sequence[Row]) -> list[PoolMessage]:
        """Rows as messages, one a topic."""
        at_ms = self._pool.now_ms()
        messages: list[PoolMessage] = []
        if units := [row for row in rows if isinstance(row, UnitsRow)]:
            messages.append(Units(at_ms=at_ms, rows=units))
        if people := [row for row in rows if isinstance(row, PeopleRow)]:
            messages.append(People(at_ms=at_ms, rows=people))
        if actions := [row for row in rows if isinstance(row, ActionRow)]:
            messages.append(Actions(at_ms=at_ms, rows=actions))
        if alerts := [row for row in rows if isinstance(row, Alert)]:
            messages.append(Alerts(at_ms=at_ms, rows=alerts))
        if crew := [row for row in rows if isinstance(row, CrewRow)]:
            messages.append(Crew(at_ms=at_ms, rows=crew))
        return messages
