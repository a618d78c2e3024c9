"""The stock book's rules once more, in plain Python and the slow way: what the property test holds the engine to.

Written from the design, not from the Lua files. One clock, set by the test.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

HOLD_MS = 300_000
EXTENSION_MS = 300_000
STEP_MS = 250
HOUR_MS = 3_600_000
PAUSE_MS = 600_000
LAPSES_MS = 600_000

LIVE = ("active", "payment_pending")
ON_HAND = ("unsellable", "safety", "elastic", "pool", "batch:", "channel:", "held:", "sold:")


@dataclass
class PlainReservation:
    """One reservation. `home` is where its units go back to."""

    room: str
    sku: str
    qty: int
    user: str
    channel: str
    presale: bool = False
    external: bool = False
    state: str = "active"
    expires_at: int = 0
    home: Counter[str] = field(default_factory=Counter)
    show: str = ""
    window: str = "ever"
    hour: int = 0
    """That its units count from, where its window is one of days."""
    shipped: int = 0
    oversold: int = 0

    @property
    def left(self) -> int:
        return self.home.total()

    def place(self, stage: str) -> str:
        return f"{'presale_' if self.presale else ''}{stage}:{self.channel}"


@dataclass
class Terms:
    """A listing."""

    limit_per_order: int | None = None
    limit_per_user: int | None = None
    limit_window: str = "show"
    opens_at: int | None = None
    closes_at: int | None = None
    presale: bool = False


@dataclass
class PlainRule:
    """When the elastic reserve is released by itself (`auto`), and how much at once; a step of None is all."""

    auto: bool = False
    at_units: int | None = None
    at_share_percent: int | None = None
    step: int | None = None


@dataclass
class PlainBatch:
    """A batch."""

    opens_at: int | None = None
    closes_at: int | None = None
    channel: str = ""
    exclusive: bool = False
    limit_per_user: int | None = None
    leftover: str = "pool"
    opened_at: int | None = None
    closed: bool = False
    drawn: bool = False
    missed: bool = False
    went_to: str = ""


@dataclass
class PlainProposal:
    """A proposal to move units: SKU, from, to, how many. `action` is the last one that applied or undid it."""

    moves: list[tuple[str, str, str, int]]
    made_at: int
    state: str = "open"
    action: str = ""


class PlainBook:
    """Channels `live` (shared) and `douyin` (dedicated), rooms `evening` and `morning` on them."""

    CHANNELS = {"evening": "live", "morning": "douyin"}  # noqa: RUF012

    def __init__(self, now: int, skus: tuple[str, ...]) -> None:
        self.now = now
        self.units: dict[str, Counter[str]] = {sku: Counter() for sku in skus}
        self.frozen: set[str] = set()
        """SKUs whose own flag is set."""
        self.stopped: set[tuple[str, str]] = set()
        """Channels, rooms, and the pool ("pool", ""), whose flag is set."""
        self.elastic: dict[str, PlainRule] = {sku: PlainRule() for sku in skus}
        self.elastic_steps: Counter[str] = Counter()
        self.shifted: list[tuple[str, set[str]]] = []
        """What the operation so far has moved of what can be sold: SKU, and the channels that it is about."""
        self.terms = {(room, sku): Terms() for room in self.CHANNELS for sku in skus}
        self.status = dict.fromkeys(self.CHANNELS, "live")
        self.show = dict.fromkeys(self.CHANNELS, 1)
        self.ended_at = dict.fromkeys(self.CHANNELS, 0)
        self.taken: dict[str, Counter[str]] = {sku: Counter() for sku in skus}
        self.sold: Counter[tuple[str, str]] = Counter()
        self.bases: dict[tuple[str, str], dict[str, int]] = {}
        self.standing: dict[str, str] = {}
        self.reservations: dict[str, PlainReservation] = {}
        self.batches: dict[str, PlainBatch] = {}
        self.from_batch: Counter[tuple[str, str, str]] = Counter()
        """By batch, user and SKU: net units."""
        self.low: dict[str, tuple[int | None, str]] = dict.fromkeys(self.CHANNELS.values(), (None, "fixed"))
        """Of each channel its low mark and what it does below it."""
        self.floors = {"pool": 0, "channel:douyin": 0}
        self.cap: int | None = None
        """Of the dedicated channel."""
        self.proposals: dict[str, PlainProposal] = {}
        self.split_at: dict[str, int] = {}
        """When a SKU was last in a proposal that was made or decided."""
        for room in self.CHANNELS:
            self.note_bases(room)

    # --- shows

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

    # --- customer limits

    def window(self, room: str, sku: str) -> str:
        kind = self.terms[room, sku].limit_window
        return f"{room}.{self.show[room]}" if kind == "show" else kind

    def bought(self, user: str, sku: str, window: str) -> int:
        """A user's net units in a window, from all reservations there are."""
        days = int(window[:-1]) if window.endswith("d") else 0
        own = [r for r in self.reservations.values() if (r.user, r.sku, r.external) == (user, sku, False)]
        if days:
            first = self.now // HOUR_MS - 24 * days
            return sum(r.left + r.shipped for r in own if r.window.endswith("d") and r.hour > first)
        return sum(r.left + r.shipped for r in own if r.window == window)

    # --- moving units

    def shift(self, sku: str, source: str, target: str, qty: int) -> None:
        units = self.units[sku]
        if qty and (about := self.channels_of(sku, (source, target))) is not None:
            self.shifted.append((sku, about))
        if source != "outside":
            units[source] -= qty
        if target != "outside":
            units[target] += qty
        for place, n in units.items():
            assert n >= 0 or place in ("supplier", "count_gain", "promise"), (sku, place, n)

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

    # --- batches

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

    def allowed(self, r: PlainReservation, place: str) -> int:
        there, name = self.units[r.sku][place], place.removeprefix("batch:")
        limit = self.batches[name].limit_per_user if place.startswith("batch:") else None
        if limit is None or not r.user or r.external:
            return there
        return max(0, min(there, limit - self.from_batch[name, r.user, r.sku]))

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

    def open_batch(self, name: str) -> None:
        batch = self.batches[name]
        if batch.opened_at is None and not self.is_over(batch):
            batch.opened_at = self.now

    def close_batch(self, name: str) -> None:
        batch = self.batches[name]
        if batch.closed:
            return
        goes_to = self.leftover_of(name)
        for sku, units in self.units.items():
            self.shift(sku, f"batch:{name}", goes_to, units[f"batch:{name}"])
            self.taken[sku][f"batch:{name}"] = 0
        batch.closed, batch.went_to = True, goes_to

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
                batch.opened_at = batch.opens_at if ends else self.now
                batch.missed = ends and not batch.drawn
            if ends:
                self.close_batch(name)
        return looked_at

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

    # --- reservations

    def expire_one(self, r: PlainReservation | None) -> None:
        if r and r.state in LIVE and r.expires_at <= self.now:
            self.give_back(r, "held", r.left)
            r.state = "expired"

    # --- freezes: a flag each of the SKU, the room, its channel and the pool

    def is_frozen(self, room: str, sku: str) -> bool:
        over = {("room", room), ("channel", self.CHANNELS[room]), ("pool", "")}
        return sku in self.frozen or bool(over & self.stopped)

    def set_flag(self, scope: str, name: str, *, frozen: bool) -> None:
        (self.stopped.add if frozen else self.stopped.discard)((scope, name))

    def refusal(self, room: str, sku: str, qty: int, user: str) -> str | None:
        terms = self.terms[room, sku]
        if standing := self.standing.get(user):
            return {"blocked": "BLOCKED", "review": "REVIEW"}[standing]
        if self.status[room] != "live":
            return {"scheduled": "NOT_OPEN", "paused": "PAUSED", "ended": "SALE_ENDED"}[self.status[room]]
        if self.is_frozen(room, sku):
            return "FROZEN"
        if terms.opens_at is not None and self.now < terms.opens_at:
            return "NOT_OPEN"
        if terms.closes_at is not None and self.now >= terms.closes_at:
            return "SALE_ENDED"
        if terms.limit_per_order is not None and qty > terms.limit_per_order:
            return "LIMIT_PER_ORDER"
        if terms.limit_per_user is not None and self.bought(user, sku, self.window(room, sku)) + qty > (
            terms.limit_per_user
        ):
            return "LIMIT_PER_USER"
        return None

    def shortage(self, r: PlainReservation) -> str:
        units = self.units[r.sku]
        drawn = places = ["presale"]
        if not r.presale:
            drawn, places = self.drawn(r.sku, r.channel), self.looked_at(r.sku, r.channel)
        there = sum(units[place] for place in drawn)
        free = there if r.presale else sum(self.allowed(r, place) for place in drawn)
        if there >= r.qty:
            return "LIMIT_PER_USER"
        if free:
            return "INSUFFICIENT"
        if any(self.holding(r.sku, place) for place in places) or units[r.place("held")]:
            return "ALL_HELD"
        if r.presale:
            return "SOLD_OUT"
        kept = r.channel == "live" and "pool" not in places and units["pool"]
        waits = any(
            units[f"batch:{name}"] and not self.is_open(batch) and self.serves(batch, r.channel)
            for name, batch in self.batches.items()
        )
        return "BATCH_EXHAUSTED" if kept or waits else "SOLD_OUT"

    def reserve(self, name: str, room: str, sku: str, qty: int, user: str) -> str:
        if known := self.reservations.get(name):
            if (known.external, known.room, known.sku, known.qty, known.user) != (False, room, sku, qty, user):
                return "ID_CONFLICT"
            self.expire_one(known)
            return {
                "confirmed": "ALREADY_CONFIRMED",
                "cancelled": "ALREADY_CANCELLED",
                "expired": "EXPIRED",
                "paid_no_stock": "PAID_NO_STOCK",
            }.get(known.state, "OK")
        if code := self.refusal(room, sku, qty, user):
            return code
        presale, show = self.terms[room, sku].presale, f"{room}.{self.show[room]}"
        r = PlainReservation(room, sku, qty, user, self.CHANNELS[room], presale=presale, show=show)
        r.window, r.hour = self.window(room, sku), self.now // HOUR_MS
        if not self.draw(r, "held"):
            return self.shortage(r)
        r.expires_at = self.rounded(self.now + HOLD_MS)
        self.reservations[name] = r
        return "OK"

    @staticmethod
    def rounded(at: int) -> int:
        return -(-at // STEP_MS) * STEP_MS

    def pay(self, name: str) -> str:
        r = self.reservations.get(name)
        self.expire_one(r)
        if not r:
            return "NOT_FOUND"
        if r.state == "active":
            r.state = "payment_pending"
            r.expires_at = self.rounded(r.expires_at + EXTENSION_MS)
        return {"payment_pending": "OK", "confirmed": "ALREADY_CONFIRMED", "cancelled": "ALREADY_CANCELLED"}.get(
            r.state, "EXPIRED"
        )

    def confirm(self, name: str) -> str:
        r = self.reservations.get(name)
        self.expire_one(r)
        if not r:
            return "NOT_FOUND"
        if r.state == "cancelled":
            return "ALREADY_CANCELLED"
        if r.state in LIVE:
            self.shift(r.sku, r.place("held"), r.place("sold"), r.left)
            self.sold[r.show, r.sku] += r.left
            r.state = "confirmed"
        elif r.state != "confirmed":
            limit = self.terms[r.room, r.sku].limit_per_user
            fits = limit is None or self.bought(r.user, r.sku, r.window) + r.qty <= limit
            if self.is_frozen(r.room, r.sku) or not fits or not self.draw(r, "sold"):
                r.state = "paid_no_stock"
                return "PAID_NO_STOCK"
            r.hour = self.now // HOUR_MS
            self.sold[r.show, r.sku] += r.qty
            r.state = "confirmed"
        return "OK"

    def cancel(self, name: str, user: str) -> str:
        r = self.reservations.get(name)
        self.expire_one(r)
        if not r or (user and r.user != user):
            return "NOT_FOUND"
        if r.state in LIVE:
            self.give_back(r, "held", r.left)
            r.state = "cancelled"
        return {"confirmed": "ALREADY_CONFIRMED", "expired": "EXPIRED", "paid_no_stock": "PAID_NO_STOCK"}.get(
            r.state, "OK"
        )

    def refund(self, name: str) -> str:
        r = self.reservations.get(name)
        if r and r.state == "paid_no_stock":
            r.state = "cancelled"
        return "OK" if r and r.state == "cancelled" else "NOT_FOUND"

    def expire(self) -> int:
        before = sum(r.state in LIVE for r in self.reservations.values())
        for r in self.reservations.values():
            self.expire_one(r)
        return before - sum(r.state in LIVE for r in self.reservations.values())

    # --- after the sale

    def paid(self, name: str) -> PlainReservation | None:
        r = self.reservations.get(name)
        return r if r and r.state == "confirmed" else None

    def ship(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        there = 0 if r.presale else r.left
        qty = qty or there
        if qty == 0 or qty > there:
            return "INSUFFICIENT"
        self.shift(r.sku, r.place("sold"), "shipped", qty)
        self.take_home(r, qty)
        r.shipped += qty
        return "OK"

    def cancel_paid(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        there = r.left + r.oversold
        qty = qty or there
        if qty == 0 or qty > there:
            return "INSUFFICIENT"
        owed = min(qty, r.oversold)
        r.oversold -= owed
        self.shift(r.sku, f"external_oversold:{r.channel}", "outside", owed)
        self.give_back(r, "sold", qty - owed)
        if not r.left and not r.oversold and not r.shipped:
            r.state = "cancelled"
        return "OK"

    def take_for(self, r: PlainReservation, qty: int) -> None:
        for place in self.sources(r.sku, r.channel, external=r.external):
            take = min(qty, self.units[r.sku][place])
            if take:
                self.shift(r.sku, place, r.place("sold"), take)
                self.note_drawn(r, place, take)
                qty -= take

    def fulfil(self, name: str) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        qty = r.left if r.presale else 0
        there = sum(self.units[r.sku][place] for place in self.sources(r.sku, r.channel))  # no mark holds for it
        if qty == 0 or there < qty:
            return "INSUFFICIENT"
        self.shift(r.sku, r.place("sold"), "fulfilled", qty)
        r.presale = False
        r.home.clear()
        self.take_for(r, qty)
        return "OK"

    def external(self, name: str, channel: str, sku: str, qty: int) -> str:
        if known := self.reservations.get(name):
            same = (known.external, known.channel, known.sku, known.qty) == (True, channel, sku, qty)
            return "OK" if same else "ID_CONFLICT"
        r = PlainReservation("", sku, qty, "", channel, external=True, state="confirmed")
        self.draw(r, "sold", partly=True)
        r.oversold = qty - r.left
        self.shift(sku, "outside", f"external_oversold:{channel}", r.oversold)
        self.reservations[name] = r
        return "OK"

    def settle(self, name: str, qty: int) -> str:
        r = self.paid(name)
        if not r:
            return "NOT_FOUND"
        if qty > r.oversold or self.available(r.sku, r.channel, external=True) < qty:
            return "INSUFFICIENT"
        self.take_for(r, qty)
        r.oversold -= qty
        self.shift(r.sku, f"external_oversold:{r.channel}", "outside", qty)
        return "OK"

    # --- the elastic reserve

    def release(self, sku: str, qty: int, target: str) -> str:
        if qty > self.units[sku]["elastic"] or not qty:
            return "INSUFFICIENT"
        self.shift(sku, "elastic", target, qty)
        self.elastic_steps[sku] += 1
        return "OK"

    def step_of(self, sku: str) -> int:
        reserve, step = self.units[sku]["elastic"], self.elastic[sku].step
        return reserve if step is None else min(step, reserve)

    def after_operation(self, *, by_hand: bool) -> None:
        """Hold the rules against what is left, of each SKU that the operation has moved units of."""
        shifted, self.shifted = self.shifted, []
        for sku in self.units if not by_hand else ():
            moved = [about for of, about in shifted if of == sku]
            looks = moved and self.elastic[sku].auto and self.units[sku]["elastic"]
            needy = self.needy(sku, set().union(*moved)) if looks else None
            if needy is not None:
                self.release(sku, self.step_of(sku), "pool" if needy == "live" else f"channel:{needy}")
        self.shifted.clear()

    def needy(self, sku: str, about: set[str]) -> str | None:
        """The channel that needs the reserve after what has changed for these, None where none does. One where an
        exclusive batch keeps the pool does not."""
        rule, on_air = self.elastic[sku], {self.CHANNELS[room] for room in self.on_air(sku)}
        if "shared" in about:
            about = about - {"shared"} | on_air & {"live"}
        reached = {
            channel for channel in (*about, *on_air) if channel != "live" or "pool" in self.sources(sku, channel)
        }
        least = min(((self.available(sku, channel), channel) for channel in about & reached), default=None)
        if rule.at_units is not None and least is not None and least[0] <= rule.at_units:
            return least[1]
        shares = [
            (Fraction(self.available(sku, self.CHANNELS[room]), offered), self.CHANNELS[room])
            for room in self.on_air(sku)
            if self.CHANNELS[room] in reached and (offered := self.offered(room, sku)) > 0
        ]
        if rule.at_share_percent is not None and shares and min(shares)[0] <= Fraction(rule.at_share_percent, 100):
            return min(shares)[1]
        return None

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

    def on_air(self, sku: str) -> list[str]:
        """The rooms whose show is on and sells the SKU from stock."""
        return [r for r in self.CHANNELS if self.status[r] in ("live", "paused") and not self.terms[r, sku].presale]

    # --- the split

    def hinders(self, sku: str, source: str, target: str, qty: int) -> bool:
        """Whether a move would take the source below its floor, or the dedicated channel above its cap."""
        units = self.units[sku]
        too_much = self.cap is not None and target != "pool" and units[target] + qty > self.cap
        return units[source] - self.floors[source] < qty or too_much

    def propose(self, moves: list[tuple[str, str, str, int]]) -> str:
        """Returns the proposal's id, "" where nothing can be proposed."""
        left = [
            move
            for move in moves
            if not self.hinders(*move) and self.now - self.split_at.get(move[0], -PAUSE_MS) >= PAUSE_MS
        ]
        if not left:
            return ""
        name = f"p.{len(self.proposals) + 1}"
        self.proposals[name] = PlainProposal(left, self.now)
        self.note_split(name, "open")
        return name

    def apply(self, name: str, action: str) -> str:
        proposal = self.proposals[name]
        if proposal.state == "applied":
            return "OK"
        if not self.is_standing(proposal) or any(self.hinders(*move) for move in proposal.moves):
            return "STALE"
        for sku, source, target, qty in proposal.moves:
            self.shift(sku, source, target, qty)
        self.note_split(name, "applied", action)
        return "OK"

    def dismiss(self, name: str) -> str:
        proposal = self.proposals[name]
        if proposal.state != "dismissed" and not self.is_standing(proposal):
            return "STALE"
        if proposal.state == "open":
            self.note_split(name, "dismissed")
        return "OK"

    def turn(self, name: str) -> str:
        """Undo what was applied, or do again what was undone."""
        proposal = self.proposals[name]
        back = proposal.state == "applied"
        moves = [
            (sku, target, source, qty) if back else (sku, source, target, qty)
            for sku, source, target, qty in proposal.moves
        ]
        if any(self.units[sku][source] < qty for sku, source, _, qty in moves):
            return "INSUFFICIENT"
        for sku, source, target, qty in moves:
            self.shift(sku, source, target, qty)
        self.note_split(name, "undone" if back else "applied", f"undo:{proposal.action}")
        return "OK"

    def is_standing(self, proposal: PlainProposal) -> bool:
        return proposal.state == "open" and self.now - proposal.made_at < LAPSES_MS

    def note_split(self, name: str, state: str, action: str = "") -> None:
        proposal = self.proposals[name]
        proposal.state, proposal.action = state, action
        self.split_at.update({move[0]: self.now for move in proposal.moves})

    # --- the merchant's moves

    def move(self, sku: str, source: str, target: str, qty: int, kind: str = "") -> str:
        if target.startswith("batch:") and self.is_over(self.batches[target.removeprefix("batch:")]):
            return "BAD_MESSAGE"
        if source != "supplier" and self.units[sku][source] < qty:
            return "INSUFFICIENT"
        self.shift(sku, source, target, qty)
        if kind == "release_elastic":
            self.elastic_steps[sku] += 1
        return "OK"

    def quota(self, sku: str, qty: int) -> str:
        if self.units[sku]["presale"] + qty < 0:
            return "INSUFFICIENT"
        self.shift(sku, "promise", "presale", qty)
        return "OK"

    def on_hand(self, sku: str) -> int:
        return sum(n for place, n in self.units[sku].items() if place.startswith(ON_HAND))

    def count(self, sku: str, counted: int) -> int:
        """Returns the shortage."""
        units = self.units[sku]
        missing = self.on_hand(sku) - counted
        if missing < 0:
            self.shift(sku, "count_gain", "pool", -missing)
        batches = sorted(self.batches, key=lambda name: (self.is_open(self.batches[name]), name))
        places = ["pool", "safety", "elastic", *[f"batch:{name}" for name in batches]]
        for place in [*places, "channel:douyin", "channel:live"]:
            take = max(0, min(missing, units[place]))
            self.shift(sku, place, "count_loss", take)
            missing -= take
        return max(0, missing)
