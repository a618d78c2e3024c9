"""Reservations until they are paid: who may make one, and what becomes of it."""

from __future__ import annotations

from plain_book.records import EXTENSION_MS, HOLD_MS, HOUR_MS, LIVE, STEP_MS, PlainReservation
from plain_book.shows import Shows


class Reservations(Shows):
    """Holds, and what ends them."""

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

    # --- freezes: a flag each of the SKU, the room, its channel and the pool

    def is_frozen(self, room: str, sku: str) -> bool:
        over = {("room", room), ("channel", self.CHANNELS[room]), ("pool", "")}
        return sku in self.frozen or bool(over & self.stopped)

    def set_flag(self, scope: str, name: str, *, frozen: bool) -> None:
        before = set(self.stopped)
        (self.stopped.add if frozen else self.stopped.discard)((scope, name))
        self.defined |= self.stopped != before

    def set_flag_of_sku(self, sku: str, *, frozen: bool) -> None:
        if (sku in self.frozen) != frozen:
            self.touched.add(sku)
        (self.frozen.add if frozen else self.frozen.discard)(sku)

    # --- what is refused

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

    # --- holds

    @staticmethod
    def rounded(at: int) -> int:
        return -(-at // STEP_MS) * STEP_MS

    def reserve(self, name: str, room: str, sku: str, qty: int, user: str) -> str:
        if known := self.reservations.get(name):
            if (known.external, known.room, known.sku, known.qty, known.user) != (False, room, sku, qty, user):
                return "ID_CONFLICT"
            self.expire_one(known)
            return self.answer_state(known)
        if code := self.refusal(room, sku, qty, user):
            return code
        r = self.new(room, sku, qty, user)
        return "OK" if self.hold(name, r, HOLD_MS) else self.shortage(r)

    @staticmethod
    def answer_state(r: PlainReservation) -> str:
        return {
            "confirmed": "ALREADY_CONFIRMED",
            "cancelled": "ALREADY_CANCELLED",
            "expired": "EXPIRED",
            "paid_no_stock": "PAID_NO_STOCK",
        }.get(r.state, "OK")

    def new(self, room: str, sku: str, qty: int, user: str) -> PlainReservation:
        presale, show = self.terms[room, sku].presale, f"{room}.{self.show[room]}"
        r = PlainReservation(room, sku, qty, user, self.CHANNELS[room], presale=presale, show=show)
        r.window, r.hour = self.window(room, sku), self.now // HOUR_MS
        return r

    def hold(self, name: str, r: PlainReservation, ms: int) -> bool:
        if not self.draw(r, "held"):
            return False
        r.expires_at = self.rounded(self.now + ms)
        self.reservations[name] = r
        return True

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
        elif r.state != "confirmed" and not self.take_anew(r):
            if r.state == "expired":
                self.without_stock[name] = self.now
                self.touched.add(r.sku)
            r.state = "paid_no_stock"
            return "PAID_NO_STOCK"
        self.without_stock.pop(name, None)
        return "OK"

    def take_anew(self, r: PlainReservation) -> bool:
        """Units for a payment that came late, all of them or none."""
        limit = self.terms[r.room, r.sku].limit_per_user
        fits = limit is None or self.bought(r.user, r.sku, r.window) + r.qty <= limit
        if self.is_frozen(r.room, r.sku) or not fits or not self.draw(r, "sold"):
            return False
        r.hour = self.now // HOUR_MS
        self.sold[r.show, r.sku] += r.qty
        r.state = "confirmed"
        return True

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
            del self.without_stock[name]
            self.touched.add(r.sku)
        return "OK" if r and r.state == "cancelled" else "NOT_FOUND"

    def expire_one(self, r: PlainReservation | None) -> None:
        if r and r.state in LIVE and r.expires_at <= self.now:
            self.give_back(r, "held", r.left)
            r.state = "expired"

    def expire(self) -> int:
        before = sum(r.state in LIVE for r in self.reservations.values())
        for r in self.reservations.values():
            self.expire_one(r)
        return before - sum(r.state in LIVE for r in self.reservations.values())
