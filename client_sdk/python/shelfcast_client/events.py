"""What a program sees while it iterates over a room: typed events in a buffer that cannot grow without bound."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count

from shelfcast_client import messages as m
from shelfcast_client.pool_messages import PoolMessage

EVENTS_MAX = 1_000


class State(StrEnum):
    """The states of a client's connection. The transitions stand in `session.TRANSITIONS`."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The connection's state changed; `retry_in_s` says when the next attempt comes, where there is one."""

    state: State
    reason: str = ""
    retry_in_s: float | None = None


Event = m.ServerMessage | PoolMessage | StateChange


class EventStream:
    """An async iterator over a room's events, from the moment it was made until the room is closed.

    A program that reads more slowly than events arrive gets fewer of them, never wrong ones: state is conflated
    (unread `stock` frames merge into one with the newest values, of `viewers` only the last is kept, a snapshot
    replaces what it covers), and past `events_max` unread events the oldest is dropped and counted in `dropped`.
    Ends when the room was closed by its owner; raises the room's error when the server ended it.
    """

    def __init__(self, events_max: int = EVENTS_MAX) -> None:
        self.dropped = 0
        self._max = events_max
        self._unread: OrderedDict[Hashable, Event] = OrderedDict()
        self._numbers = count()
        self._wake = asyncio.Event()
        self._ended = False
        self._error: Exception | None = None

    def __len__(self) -> int:
        """Unread events."""
        return len(self._unread)

    def put(self, event: Event) -> None:
        """Add an event; called by the room."""
        if self._ended:
            return
        if isinstance(event, m.Snapshot):
            for key in [key for key, unread in self._unread.items() if isinstance(unread, COVERED_BY_SNAPSHOT)]:
                del self._unread[key]
        key = _conflation_key(event)
        if key is None:
            key = next(self._numbers)
        else:
            event = _merge(self._unread.pop(key, None), event)
        self._unread[key] = event
        if len(self._unread) > self._max:
            self._unread.popitem(last=False)
            self.dropped += 1
        self._wake.set()

    def end(self, error: Exception | None = None) -> None:
        """No more events; called by the room. What is unread can still be read."""
        if not self._ended:
            self._ended, self._error = True, error
            self._wake.set()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        while not self._unread:
            if self._ended:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._unread.popitem(last=False)[1]

    async def aclose(self) -> None:
        """Stop: unread events are forgotten, an iteration that waits ends."""
        self._unread.clear()
        self.end()


COVERED_BY_SNAPSHOT = (m.Snapshot, m.Stock, m.Sale, m.Spotlight, m.Status, m.Viewers, m.Waitlist)


def _conflation_key(event: Event) -> Hashable:
    """Events with the same key replace one another while unread; None for those that each count."""
    if isinstance(event, m.Sale):
        return (m.Sale, event.sku)
    if isinstance(event, m.Waiting):
        return (m.Waiting, event.id)
    if isinstance(event, m.Snapshot | m.Stock | m.Spotlight | m.Status | m.Viewers | m.Me | m.Metrics | m.Waitlist):
        return event.type
    return None


def _merge(unread: Event | None, event: Event) -> Event:
    """The newer of two unread events of a key, with the rows of the older one that it does not give itself."""
    if isinstance(unread, m.Stock) and isinstance(event, m.Stock):
        return replace(event, rows=list({row.sku: row for row in (*unread.rows, *event.rows)}.values()))
    if isinstance(unread, m.Waitlist) and isinstance(event, m.Waitlist):
        return replace(event, rows=list({row.sku: row for row in (*unread.rows, *event.rows)}.values()))
    if isinstance(unread, m.Metrics) and isinstance(event, m.Metrics):
        return replace(event, rows=list({row.sku: row for row in (*unread.rows, *event.rows)}.values()))
    return event
