"""What the audience of a room is told, edition by edition, until everybody has been told. Pure.

A broadcast to many takes a while, and the room changes meanwhile. Each connection remembers the edition it was told
last; when its turn comes it is told what is new since then, in one frame of each kind and with the latest counts. So
nobody is sent what is old already, and what changes while a broadcast is under way goes out with the rest of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import framed
from shelfcast.protocol.from_server import Banner, ServerMessage, Snapshot, Stock, StockRow, Viewers, Waitlist


class Bulletin:
    """The editions that somebody may still have to be told."""

    __slots__ = ("_editions", "_frames", "edition")

    def __init__(self) -> None:
        self.edition = 0
        """The latest one's number; 0 before the first."""
        self._editions: deque[Sequence[ServerMessage]] = deque()
        """The latest ones, up to `edition`."""
        self._frames: dict[tuple[int, Encoding], bytes] = {}

    def publish(self, messages: Sequence[ServerMessage]) -> None:
        """A new edition."""
        self.edition += 1
        self._editions.append(messages)
        self._frames.clear()

    def since(self, told: int, encoding: Encoding) -> bytes:
        """The frames for whoever was told this edition last; empty where that is the latest. Made once for all who
        were."""
        frames = self._frames.get((told, encoding))
        if frames is None:
            kept = len(self._editions)
            missing = [self._editions[n] for n in range(max(0, kept - (self.edition - told)), kept)]
            messages = missing[0] if len(missing) == 1 else merged(missing)
            frames = self._frames[told, encoding] = framed_all(messages, encoding)
        return frames

    def forget(self, edition: int) -> None:
        """Everybody has been told this edition."""
        self._frames.clear()
        while len(self._editions) > self.edition - edition:
            self._editions.popleft()


def merged(editions: Iterable[Sequence[ServerMessage]]) -> list[ServerMessage]:
    """Several editions as one. Counts are absolute, so the latest of each SKU will do; a snapshot holds everything
    that was said before it but the news."""
    snapshot: list[ServerMessage] = []
    stock: Stock | None = None
    rows: dict[str, StockRow] = {}
    others: list[ServerMessage] = []
    viewers: list[ServerMessage] = []
    waiting: dict[str, int] = {}
    for message in (message for edition in editions for message in edition):
        match message:
            case Snapshot():
                snapshot, stock, rows, viewers, waiting = [message], None, {}, [], {}
                others = [other for other in others if isinstance(other, Banner)]
            case Stock():
                stock = message
                rows.update((row[0], row) for row in message.rows)
            case Viewers():
                viewers = [message]
            case Waitlist():
                waiting.update(message.rows)
            case _:
                others.append(message)
    counts = [Stock(seq=stock.seq, at_ms=stock.at_ms, rows=list(rows.values()))] if stock else []
    waitlist = [Waitlist(rows=list(waiting.items()))] if waiting else []
    return [*snapshot, *counts, *others, *waitlist, *viewers]


def framed_all(messages: Sequence[ServerMessage], encoding: Encoding) -> bytes:
    """The messages' frames, one behind the other: one write sends them all."""
    return b"".join([framed(message, encoding) for message in messages])
