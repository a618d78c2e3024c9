"""The places of a room's connected users on its waitlist, and whom to tell that theirs has changed. Pure.

A place is a band: among the first 10, the 11th to the 50th, and so on. It follows from the number of the wait and the
numbers that the bands end with, which come with the SKU's stock, so that nobody is counted one by one; and those whose
band has changed stand in a row between where a band ended and where it ends now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest

from msgspec import UNSET, UnsetType

from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Place
from shelfcast.stock.changes import BAND_EDGES

Queue = tuple[Sequence[int], Code | None]
"""What places follow from: the numbers that the bands of a SKU end with, and why nothing is given at the moment."""
NOT_STOPPED: Queue = ([], None)


class Wait:
    """One wait. `told` is the place its user was told last, on all of its connections; None before the first time."""

    __slots__ = ("id", "number", "qty", "sku", "told", "user")

    def __init__(self, id: str, user: str, sku: str, qty: int, number: int) -> None:  # noqa: A002 - the field's own name
        self.id = id
        self.user = user
        self.sku = sku
        self.qty = qty
        self.number = number
        self.told: Place | None = None


class _Line:
    """Those who wait for one SKU, and the queue as it was when it was looked at last."""

    __slots__ = ("apart", "numbers", "queue", "waits")

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.numbers: list[int] = []
        """In order."""
        self.waits: dict[int, Wait] = {}
        self.apart: dict[int, Wait] = {}
        """Those who were told another place since than that look would give them."""


class Places:
    """All waits of a room's connected users. `queue_of` says how it stands with a SKU; `last` is the last place of the
    last band."""

    __slots__ = ("_last", "_lines", "_moved", "_queue_of")

    def __init__(self, queue_of: Callable[[str], Queue], last: int) -> None:
        self._queue_of = queue_of
        self._last = last
        self._lines: dict[str, _Line] = {}
        self._moved: dict[str, None] = {}
        """SKUs whose queue is another than when it was looked at last."""

    def __len__(self) -> int:
        return sum(len(line.numbers) for line in self._lines.values())

    def put(self, wait: Wait) -> None:
        """Somebody waits."""
        line = self._lines.get(wait.sku)
        if line is None:
            line = self._lines[wait.sku] = _Line(self._queue_of(wait.sku))
        if wait.number not in line.waits:
            insort(line.numbers, wait.number)
        line.waits[wait.number] = wait

    def drop(self, wait: Wait) -> None:
        """Somebody waits no more, or is not connected any more."""
        line = self._lines.get(wait.sku)
        if line is None or line.waits.get(wait.number) is not wait:
            return
        del line.waits[wait.number], line.numbers[bisect_left(line.numbers, wait.number)]
        line.apart.pop(wait.number, None)
        if not line.numbers:
            del self._lines[wait.sku]
            self._moved.pop(wait.sku, None)

    def of(self, wait: Wait) -> Place:
        """Its place now."""
        edges, stopped = self._queue_of(wait.sku)
        first, last = band(edges, wait.number, self._last)
        return Place(id=wait.id, sku=wait.sku, qty=wait.qty, first=first, last=last, stopped=_or_unset(stopped))

    def told(self, wait: Wait, place: Place) -> None:
        """All of its user's connections have been told this place."""
        wait.told = place
        line = self._lines.get(wait.sku)
        if line is not None and line.waits.get(wait.number) is wait and line.queue != self._queue_of(wait.sku):
            line.apart[wait.number] = wait
            self._moved[wait.sku] = None

    def news(self, wait: Wait) -> Place | None:
        """Its place, where its user has been told another one. None also where it is not here any more."""
        line = self._lines.get(wait.sku)
        if line is None or line.waits.get(wait.number) is not wait:
            return None
        place = self.of(wait)
        return None if place == wait.told else place

    def check(self, skus: Iterable[str] | None = None) -> bool:
        """How it stands with these SKUs (all, where none are named) may have changed. Whether anybody is to be told."""
        for sku in self._lines if skus is None else skus:
            line = self._lines.get(sku)
            if line is not None and line.queue != self._queue_of(sku):
                self._moved[sku] = None
        return bool(self._moved)

    def take(self) -> list[Wait]:
        """Those whose place may have changed since the last time, the first in line first."""
        moved, self._moved = self._moved, {}
        return [wait for sku in moved for wait in self._take(sku)]

    def _take(self, sku: str) -> Iterator[Wait]:
        line = self._lines[sku]
        (before, stopped_before), line.queue = line.queue, self._queue_of(sku)
        now, stopped = line.queue
        numbers = {*line.apart}
        line.apart = {}
        if stopped is not stopped_before:
            numbers.update(line.numbers)
        else:
            for low, high in _crossed(before, now):
                numbers.update(line.numbers[bisect_right(line.numbers, low) : bisect_right(line.numbers, high)])
        return (line.waits[number] for number in sorted(numbers))


def band(edges: Sequence[int], number: int, last: int) -> tuple[int, int]:
    """The first and the last place of the band that a wait of this number is in."""
    place = bisect_left(edges, number)
    first = BAND_EDGES[place - 1] + 1 if place else 1
    return first, BAND_EDGES[place] if place < len(BAND_EDGES) else max(last, first)


def _crossed(before: Sequence[int], now: Sequence[int]) -> Iterator[tuple[float, float]]:
    """Between where a band ended and where it ends now: above the first number, up to the second."""
    for old, new in zip_longest(before, now, fillvalue=float("inf")):
        if old != new:
            yield min(old, new), max(old, new)


def _or_unset(code: Code | None) -> Code | UnsetType:
    return UNSET if code is None else code
