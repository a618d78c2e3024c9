"""When batches are open, whom they serve, and where their units go afterwards."""

from __future__ import annotations

from plain_book.records import PlainBatch
from plain_book.state import State


class Windows(State):
    """The clock and the order of batches."""

    def is_over(self, batch: PlainBatch) -> bool:
        return batch.closed or (batch.closes_at is not None and batch.closes_at <= self.now)

    def is_open(self, batch: PlainBatch) -> bool:
        begun = batch.opened_at is not None or (batch.opens_at is not None and batch.opens_at <= self.now)
        return begun and not self.is_over(batch)

    def serves(self, batch: PlainBatch, channel: str, *, external: bool = False) -> bool:
        return batch.channel == channel if batch.channel else channel == "live" and not external

    def open_batches(self, channel: str, *, external: bool = False) -> list[str]:
        found = [
            name
            for name, batch in self.batches.items()
            if self.is_open(batch) and self.serves(batch, channel, external=external)
        ]
        return sorted(found, key=lambda name: (self.batches[name].closes_at or 1e18, name))

    def leftover_of(self, name: str) -> str:
        batch = self.batches[name]
        if batch.closed:
            return batch.went_to
        if batch.leftover != "next":
            return batch.leftover
        own = (batch.opens_at or batch.opened_at or 0, name)
        following = [
            (other.opens_at, of)
            for of, other in self.batches.items()
            if other.opens_at is not None and other.channel == batch.channel and not self.is_over(other)
        ]
        later = sorted(place for place in following if place > own and place[1] != name)
        return f"batch:{later[0][1]}" if later else "pool"

    def home_of(self, place: str) -> str:
        """Where a unit from a place goes back to."""
        while place.startswith("batch:") and self.is_over(self.batches[place.removeprefix("batch:")]):
            place = self.leftover_of(place.removeprefix("batch:"))
        return place
