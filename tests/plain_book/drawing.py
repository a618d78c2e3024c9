"""Where a channel sells from, and how units are taken and given back."""

from __future__ import annotations

from plain_book.records import ON_HAND, PlainReservation
from plain_book.windows import Windows


class Drawing(Windows):
    """Moves between places."""

    # --- moving units

    def shift(self, sku: str, source: str, target: str, qty: int) -> None:
        units = self.units[sku]
        if qty:
            self.touched.add(sku)
        if qty and (about := self.channels_of(sku, (source, target))) is not None:
            self.shifted.append((sku, about))
        left, came = source.startswith(ON_HAND), target.startswith(ON_HAND)
        if qty and left != came:
            self.crossings[sku].append(qty if came else -qty)
        if source != "outside":
            units[source] -= qty
        if target != "outside":
            units[target] += qty
        for place, n in units.items():
            assert n >= 0 or place in ("supplier", "count_gain", "promise"), (sku, place, n)

    def channels_of(self, sku: str, move: tuple[str, str]) -> set[str] | None:
        """The channels ("shared": those on air) that have another number of units by a move, None where it is of
        nothing that can be sold."""
        if not any(place.startswith(("pool", "elastic", "channel:", "batch:")) for place in move):
            return None
        taker = {place.partition(":")[2] for place in move if place.startswith(("held:", "sold:"))}
        if taker:
            return taker
        about = {place.partition(":")[2] for place in move if place.startswith("channel:")}
        if any(place in ("pool", "elastic") for place in move):
            about.add("shared")
        for place in move:
            batch = self.batches[place.removeprefix("batch:")] if place.startswith("batch:") else None
            if batch and not batch.channel:
                about.add("shared")
            elif batch and (self.is_open(batch) or self.is_over(batch)):
                about.add(batch.channel)
        return about

    # --- where a channel sells from

    def sources(self, sku: str, channel: str, *, external: bool = False) -> list[str]:
        """What the kind of a channel gives it, in the order of drawing."""
        shared = channel == "live"
        open_now = self.open_batches(channel, external=external)
        places = [f"channel:{channel}", *[f"batch:{name}" for name in open_now]]
        kept = any(
            self.batches[name].exclusive and (self.units[sku][f"batch:{name}"] or self.taken[sku][f"batch:{name}"])
            for name in open_now
        )
        return places + (["pool"] if shared and not kept else [])

    def available(self, sku: str, channel: str, *, external: bool = False) -> int:
        return sum(self.units[sku][place] for place in self.drawn(sku, channel, external=external))

    # --- low marks

    def below(self, sku: str, channel: str, *, external: bool = False) -> str | None:
        """What a channel does that has come below its low mark; None where it has not."""
        units, rule = self.low[channel]
        left = sum(self.units[sku][place] for place in self.sources(sku, channel, external=external))
        return rule if units is not None and left < units and not external else None

    def looked_at(self, sku: str, channel: str, *, external: bool = False) -> list[str]:
        """The places whose units a channel sells or could sell, were it not below its mark."""
        places = self.sources(sku, channel, external=external)
        kept = any(
            self.batches[name].exclusive and (self.units[sku][f"batch:{name}"] or self.taken[sku][f"batch:{name}"])
            for name in self.open_batches(channel, external=external)
        )
        shares = self.below(sku, channel, external=external) == "share" and channel != "live" and not kept
        return [*places, "pool"] if shares else places

    def drawn(self, sku: str, channel: str, *, external: bool = False) -> list[str]:
        """Where a channel sells from now."""
        rule = self.below(sku, channel, external=external)
        places = [] if rule == "stop" else self.looked_at(sku, channel, external=external)
        return [place for place in places if rule != "fixed" or place != "pool"]

    # --- taking and giving back

    def allowed(self, r: PlainReservation, place: str) -> int:
        there, name = self.units[r.sku][place], place.removeprefix("batch:")
        limit = self.batches[name].limit_per_user if place.startswith("batch:") else None
        if limit is None or not r.user or r.external:
            return there
        return max(0, min(there, limit - self.from_batch[name, r.user, r.sku]))

    def note_drawn(self, r: PlainReservation, place: str, qty: int) -> None:
        r.home[place] += qty
        self.taken[r.sku][place] += qty
        if place.startswith("batch:"):
            name = place.removeprefix("batch:")
            self.batches[name].drawn = True
            if r.user and not r.external:
                self.from_batch[name, r.user, r.sku] += qty

    def take_home(self, r: PlainReservation, qty: int) -> list[tuple[str, int]]:
        """So many of its units are its no more; where they came from, the last drawn first."""
        batches = [place for place in reversed(r.home) if place.startswith("batch:")]
        taken = []
        for place in ("presale", "pool", *batches, f"channel:{r.channel}"):
            take = min(qty, r.home[place])
            if take:
                taken.append((place, take))
                r.home[place] -= take
                qty -= take
            if not r.home[place]:
                del r.home[place]
        assert qty == 0
        return taken

    def draw(self, r: PlainReservation, stage: str, *, partly: bool = False) -> bool:
        sku = r.sku
        if r.presale:
            if self.units[sku]["presale"] < r.qty:
                return False
            self.shift(sku, "presale", r.place(stage), r.qty)
            r.home["presale"] += r.qty
            self.taken[sku]["presale"] += r.qty
            return True
        missing = r.qty
        places = self.drawn(sku, r.channel, external=r.external)
        if sum(self.allowed(r, place) for place in places) < missing and not partly:
            return False
        for place in places:
            take = min(missing, self.allowed(r, place))
            if take:
                self.shift(sku, place, r.place(stage), take)
                self.note_drawn(r, place, take)
                missing -= take
        return missing < r.qty

    def give_back(self, r: PlainReservation, stage: str, qty: int) -> None:
        if stage == "sold" and r.show:
            self.sold[r.show, r.sku] -= qty
        for place, take in self.take_home(r, qty):
            self.shift(r.sku, r.place(stage), self.home_of(place), take)
            if stage == "held" and not (place.startswith("batch:") and not self.taken[r.sku][place]):
                self.taken[r.sku][place] -= take
            name = place.removeprefix("batch:")
            if place.startswith("batch:") and r.user and not r.external:
                self.from_batch[name, r.user, r.sku] -= take
