"""Shows, and what there was to sell in them."""

from __future__ import annotations

from plain_book.drawing import Drawing
from plain_book.records import LIVE


class Shows(Drawing):
    """The statuses of rooms."""

    NEXT = {  # noqa: RUF012
        "scheduled": {"live"}, "live": {"paused", "ended"}, "paused": {"live", "ended"}, "ended": {"live"},
    }  # fmt: skip

    def places(self, room: str, sku: str) -> list[str]:
        return ["presale"] if self.terms[room, sku].presale else self.looked_at(sku, self.CHANNELS[room])

    def holding(self, sku: str, place: str) -> int:
        return sum(r.home[place] for r in self.reservations.values() if r.sku == sku and r.state in LIVE)

    def note_bases(self, room: str) -> None:
        for sku in self.units:
            batches = [f"batch:{name}" for name, batch in self.batches.items() if self.is_open(batch)]
            self.bases[f"{room}.{self.show[room]}", sku] = {
                place: self.taken[sku][place] - self.holding(sku, place)
                for place in ("pool", f"channel:{self.CHANNELS[room]}", "presale", *batches)
            }

    def offered(self, room: str, sku: str) -> int:
        places, base = self.places(room, sku), self.bases[f"{room}.{self.show[room]}", sku]
        there = places if places == ["presale"] else self.drawn(sku, self.CHANNELS[room])
        taken = sum(self.taken[sku][place] - base.get(place, 0) for place in places)
        return sum(self.units[sku][place] for place in there) + taken

    def set_status(self, room: str, status: str, *, continues: bool, continue_ms: int) -> str:
        before = self.status[room]
        if status == before:
            return "OK"
        if status not in self.NEXT[before]:
            return "BAD_MESSAGE"
        if continues and (before != "ended" or self.now - self.ended_at[room] > continue_ms):
            return "BAD_MESSAGE"
        if before == "ended" and not continues:
            self.show[room] += 1
            self.note_bases(room)
        if status == "ended":
            self.ended_at[room] = self.now
        self.status[room] = status
        return "OK"

    def on_air(self, sku: str) -> list[str]:
        """The rooms whose show is on and sells the SKU from stock."""
        return [r for r in self.CHANNELS if self.status[r] in ("live", "paused") and not self.terms[r, sku].presale]
