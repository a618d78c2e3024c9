"""Batches open and close."""

from __future__ import annotations

from plain_book.drawing import Drawing


class Batches(Drawing):
    """By hand, and by the clock with a look."""

    def open_batch(self, name: str) -> None:
        batch = self.batches[name]
        if batch.opened_at is None and not self.is_over(batch):
            batch.opened_at, self.defined = self.now, True

    def close_batch(self, name: str) -> None:
        batch = self.batches[name]
        if batch.closed:
            return
        goes_to = self.leftover_of(name)
        for sku, units in self.units.items():
            self.shift(sku, f"batch:{name}", goes_to, units[f"batch:{name}"])
            self.taken[sku][f"batch:{name}"] = 0
        batch.closed, batch.went_to, self.defined = True, goes_to, True

    def open_due(self) -> int:
        """What a look does. Returns how many batches it opened or closed."""
        looked_at = 0
        for name, batch in self.batches.items():
            if batch.closed:
                continue
            begins = batch.opened_at is None and batch.opens_at is not None and batch.opens_at <= self.now
            ends = self.is_over(batch)
            looked_at += begins or ends
            if begins:
                self.defined = True
                batch.opened_at = batch.opens_at
                batch.missed = ends and not batch.drawn
            if ends:
                self.close_batch(name)
        return looked_at
