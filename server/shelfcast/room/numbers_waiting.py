"""How many people wait in a room, as its viewers are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.protocol.from_server import Waitlist
from shelfcast.room.shelf import Shelf


class NumbersWaiting:
    """What viewers have not been told yet."""

    __slots__ = ("_changed",)

    def __init__(self) -> None:
        self._changed: dict[str, None] = {}

    def __bool__(self) -> bool:
        return bool(self._changed)

    def count(self, shelf: Shelf, people: int) -> None:
        """So many wait for this SKU in the room now."""
        if shelf.wait(people):
            self._changed[shelf.sku] = None

    def take(self, shelves: Mapping[str, Shelf]) -> Waitlist | None:
        """What viewers are to be told now, and have been told from then on."""
        changed, self._changed = self._changed, {}
        rows = []
        for shelf in [shelves[sku] for sku in changed if sku in shelves]:
            if shelf.waiting != shelf.waiting_shown:
                shelf.waiting_shown = shelf.waiting
                rows.append((shelf.sku, shelf.waiting))
        return Waitlist(rows=rows) if rows else None

    def all_told(self, shelves: Mapping[str, Shelf]) -> None:
        """A snapshot has told everything."""
        self._changed.clear()
        for shelf in shelves.values():
            shelf.waiting_shown = shelf.waiting
