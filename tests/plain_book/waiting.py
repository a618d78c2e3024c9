"""The waitlist: who was too late is next."""

from __future__ import annotations

from collections import Counter

from plain_book.elastic import Elastic
from plain_book.records import OFFER_MS, SKIP_MS, PlainWait
from plain_book.settling import Settling

BANDS = (10, 50, 100, 500, 1_000, 5_000)
WAITS_A_SKU_MAX = 10_000


class Waiting(Settling, Elastic):
    """Who waits for what, and who is next."""

    # --- the list

    def line(self, sku: str) -> list[PlainWait]:
        """Who waits for a SKU, in the order of turns."""
        return [w for w in self.waits.values() if w.sku == sku and w.state == "waiting"]

    def listed(self, sku: str) -> list[PlainWait]:
        """With those that are over, and are not taken out yet: they count."""
        return [w for w in self.waits.values() if w.sku == sku and w.listed]

    def place(self, wait: PlainWait) -> tuple[int, int]:
        """The band of a place, counted among those who wait for the same units: a dedicated channel's, or others'."""
        own = self.CHANNELS[wait.room] == "douyin"
        same = [w for w in self.listed(wait.sku) if (self.CHANNELS[w.room] == "douyin") == own]
        place, first = same.index(wait) + 1, 1
        for last in BANDS:
            if place <= last:
                return first, last
            first = last + 1
        return first, WAITS_A_SKU_MAX

    def told(self, sku: str) -> tuple[list[tuple[str, int]], dict[str, list[int]]]:
        """What rooms are told of a list: people by room, and by dedicated channel (empty: any other) the numbers of
        those whose places are the last of a band."""
        people = Counter(w.room for w in self.listed(sku))
        numbers: dict[str, list[int]] = {}
        for wait in self.listed(sku):
            channel = self.CHANNELS[wait.room]
            numbers.setdefault(channel if channel == "douyin" else "", []).append(wait.number)
        edges = {source: [of[last - 1] for last in BANDS if len(of) >= last] for source, of in numbers.items()}
        return sorted(people.items()), edges

    def end(self, wait: PlainWait, code: str) -> None:
        wait.state, wait.code = "over", code

    def end_all(self, room: str, code: str, sku: str = "") -> None:
        """The show of a room has ended, its waitlist is switched off, or a listing has left its shelf."""
        for wait in self.waits.values():
            if wait.state == "waiting" and wait.room == room and sku in ("", wait.sku):
                self.end(wait, code)

    def end_closed(self) -> None:
        """The clock has closed listings."""
        for (room, sku), terms in self.terms.items():
            if terms.closes_at is not None and terms.closes_at <= self.now:
                self.end_all(room, "SALE_ENDED", sku)

    def take_out(self, wait: PlainWait) -> None:
        if wait.listed and wait.state != "waiting":
            wait.listed = False
            self.touched.add(wait.sku)

    # --- what people ask for

    def wait(self, name: str, room: str, sku: str, qty: int, user: str) -> str:
        if known := self.waits.get(name):
            if (known.room, known.sku, known.qty, known.user) != (room, sku, qty, user):
                return "ID_CONFLICT"
            self.take_out(known)
            if known.state == "offered":
                self.expire_one(self.reservations[name])
            return "OK"  # the answer is that of the end of the call: answer_of
        if name in self.reservations:
            return "ID_CONFLICT"
        if not self.waitlist[room]:
            return "FORBIDDEN"
        if code := self.refusal(room, sku, qty, user):
            return code
        for own in [w for w in self.waits.values() if w.user == user and w.listed]:
            self.take_out(own)
            if own.sku == sku and own.state == "waiting":
                return "LIMIT_PER_USER"
        self.waits[name] = PlainWait(name, len(self.waits) + 1, room, sku, qty, user)
        self.touched.add(sku)
        return "OK"

    def answer_of(self, name: str) -> str:
        """What a wait that was not refused is answered."""
        wait = self.waits[name]
        if wait.state == "offered":
            return self.answer_state(self.reservations[name])
        return {"waiting": "OK", "left": "ALREADY_CANCELLED", "over": wait.code}[wait.state]

    def decline(self, name: str, user: str) -> str:
        wait = self.waits.get(name)
        if not wait or wait.user != user:
            return "NOT_FOUND"
        if wait.state == "offered":
            return self.cancel(name, user)
        if wait.state == "waiting":
            wait.state = "left"
        self.take_out(wait)
        return "OK" if wait.state == "left" else wait.code

    def reserve(self, name: str, room: str, sku: str, qty: int, user: str) -> str:
        """Nobody passes who waits and whose quantity fits."""
        if name not in self.reservations and not self.refusal(room, sku, qty, user):
            if name in self.waits and self.listed(sku):
                return "ID_CONFLICT"
            if self.free(room, sku):
                self.serve(sku)
        return super().reserve(name, room, sku, qty, user)

    # --- whose turn it is

    def free(self, room: str, sku: str) -> int:
        if self.terms[room, sku].presale:
            return self.units[sku]["presale"]
        return self.available(sku, self.CHANNELS[room])

    def free_to(self, wait: PlainWait) -> int:
        """Without what a batch's limit keeps from its user."""
        r = self.new(wait.room, wait.sku, wait.qty, wait.user)
        if r.presale:
            return self.units[r.sku]["presale"]
        return sum(self.allowed(r, place) for place in self.drawn(r.sku, r.channel))

    def sells(self, room: str, sku: str) -> bool:
        """Whose room does not sell now keeps the place."""
        opens_at = self.terms[room, sku].opens_at
        is_open = opens_at is None or opens_at <= self.now
        return self.status[room] == "live" and is_open and not self.is_frozen(room, sku)

    def waited_long(self, wait: PlainWait) -> bool:
        return wait.passed_at is not None and wait.passed_at + SKIP_MS <= self.now

    def given(self, wait: PlainWait, free: int) -> int:
        """How much a wait would be given of what is free."""
        return wait.qty if free >= wait.qty else free if self.waited_long(wait) else 0

    def serve(self, sku: str) -> None:
        """Offer what is free, to one after the other."""
        self.settle_all(sku)
        withheld: list[PlainWait] = []
        while True:
            line = [w for w in self.line(sku) if self.sells(w.room, sku) and w not in withheld]
            free = {w.name: self.free(w.room, sku) for w in line}
            turn = next((w for w in line if self.given(w, free[w.name])), None)
            if turn is None:
                break
            if not self.offer(turn, self.given(turn, free[turn.name])):
                withheld.append(turn)
            elif turn.state == "offered":
                for wait in line:
                    if wait.number < turn.number and free[wait.name]:
                        self.pass_over(wait)
        for wait in line:
            if 0 < free[wait.name] < wait.qty:
                self.pass_over(wait)

    def offer(self, wait: PlainWait, qty: int) -> bool:
        """False where a batch's limit keeps the units from its user."""
        code = self.refusal(wait.room, wait.sku, qty, wait.user) or ""
        if wait.name in self.reservations:
            code = "ID_CONFLICT"
        if code:
            self.end(wait, code)
        else:
            r = self.new(wait.room, wait.sku, qty, wait.user)
            r.qty = min(qty, self.free_to(wait)) if qty < wait.qty else qty
            if not r.qty or not self.hold(wait.name, r, OFFER_MS):
                return False
            wait.state = "offered"
        self.take_out(wait)
        return True

    def pass_over(self, wait: PlainWait) -> None:
        if wait.passed_at is None:
            wait.passed_at = self.now

    # --- when the book looks

    def look(self) -> None:
        """What the duty does: what is over is taken out, and what has come free by the clock is offered."""
        self.touched.update(sku for sku in self.units if self.listed(sku))
        for wait in self.waits.values():
            self.take_out(wait)

    def set_status(self, room: str, status: str, *, continues: bool, continue_ms: int) -> str:
        before = self.status[room]
        code = super().set_status(room, status, continues=continues, continue_ms=continue_ms)
        if code == "OK" and status == "ended" and before != "ended":
            self.end_all(room, "SALE_ENDED")
        return code

    def after_operation(self, *, by_hand: bool) -> None:
        """The rule of a reserve answers what has changed, those who wait get what is free, and both look again."""
        self.answer(by_hand=by_hand)
        if self.defined:
            self.touched.update(sku for sku in self.units if self.listed(sku) or self.owed(sku))
        while self.touched:
            touched, self.touched = self.touched, set()
            for sku in sorted(touched):
                self.serve(sku)
            self.touched.clear()  # an offer frees nothing
            self.answer(by_hand=False)
        self.defined = False

    # --- what must hold

    def check_turns(self) -> None:
        """Nobody is served twice, and nobody waits twice for the same."""
        for wait in self.waits.values():
            if wait.state == "waiting":
                assert [w for w in self.line(wait.sku) if w.user == wait.user] == [wait]
            if wait.state == "offered":
                r = self.reservations[wait.name]
                assert (r.room, r.sku, r.user) == (wait.room, wait.sku, wait.user)
                assert r.qty <= wait.qty

    def passed_by(self, sku: str) -> list[PlainWait]:
        """Those who wait although there is as much as they want, and they may have it."""
        return [w for w in self.line(sku) if self.sells(w.room, sku) and self.free_to(w) >= w.qty]
