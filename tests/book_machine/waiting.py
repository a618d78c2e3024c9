"""The waitlist."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from plain_book.records import LIVE
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Decline, Drop, Move, MoveKind, Quota, Wait

from book_machine.drawn import USERS, picks, rooms, skus, small, users
from book_machine.reservations import Reservations

CROWD = tuple(f"c{n}" for n in range(1, 13))
"""More people than the first band has places."""


class Waiting(Reservations):
    """Rules of those who wait."""

    @rule(room=rooms, sku=skus, qty=small, user=users)
    def wait(self, room: str, sku: str, qty: int, user: str) -> None:
        self.wait_as(self.move_id(), room, sku, qty, user)

    @rule(
        room=rooms,
        sku=skus,
        holds=st.lists(small, max_size=3),
        wants=st.lists(st.tuples(rooms, st.integers(1, 5)), min_size=1, max_size=3),
    )
    def come_too_late(self, room: str, sku: str, holds: list[int], wants: list[tuple[str, int]]) -> None:
        """Some is in checkouts, the rest is gone, and some of those who come then want more than comes free at once."""
        for qty in holds:
            self.reserve_as(self.move_id(), room, sku, qty, "rich")
        self.take_away(room, sku)
        for user, (where, qty) in zip(USERS, wants, strict=False):
            self.wait_as(self.move_id(), where, sku, qty, user)

    @rule(room=rooms, sku=skus)
    def wait_in_a_crowd(self, room: str, sku: str) -> None:
        self.take_away(room, sku)
        for user in CROWD:
            self.wait_as(self.move_id(), room, sku, 1, user)

    def take_away(self, room: str, sku: str) -> None:
        """What a room could sell is not to be sold, until a reserve has nothing more to release."""
        for _ in range(4):
            if self.plain.terms[room, sku].presale and (units := self.plain.units[sku]["presale"]):
                self.both(Quota(self.move_id(), sku, -units), self.plain.quota(sku, -units))
            for place in self.plain.drawn(sku, self.plain.CHANNELS[room]):
                if units := self.plain.units[sku][place]:
                    code = self.plain.move(sku, place, "unsellable", units)
                    self.both(Move(self.move_id(), MoveKind.QUARANTINE, sku, units, place, "unsellable"), code)

    @rule(back=st.integers(0, 3), declines=st.booleans())
    def give_back(self, back: int, declines: bool) -> None:
        """One of the last live holds."""
        live = [name for name, r in self.plain.reservations.items() if r.state in LIVE and not r.external]
        if back < len(live):
            name = live[-1 - back]
            user = self.plain.reservations[name].user
            if declines and name in self.plain.waits:
                self.both(Decline(name, user), self.plain.decline(name, user))
            else:
                self.both(Cancel(name, user), self.plain.cancel(name, user))

    @rule(ms=st.sampled_from((29_999, 30_000, 90_250)), look=st.booleans())
    def wait_longer(self, ms: int, look: bool) -> None:
        self.advance(ms)
        if look:
            self.look_first()

    @rule(pick=picks)
    def wait_again(self, pick: int) -> None:
        if wait := self.plain.waits.get(self.waiting(pick)):
            self.wait_as(wait.name, wait.room, wait.sku, wait.qty, wait.user)

    @rule(pick=picks, room=rooms, sku=skus, qty=small, user=users)
    def wait_under_a_used_id(self, pick: int, room: str, sku: str, qty: int, user: str) -> None:
        self.wait_as(self.waiting(pick) if pick % 2 else self.name(pick), room, sku, qty, user)

    @rule(pick=picks, room=rooms, sku=skus, qty=small, user=users)
    def reserve_under_the_id_of_a_wait(self, pick: int, room: str, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.waiting(pick), room, sku, qty, user)

    @rule(pick=picks, user=st.none() | users)
    def decline(self, pick: int, user: str | None) -> None:
        name = self.waiting(pick)
        whose = user or (self.plain.waits[name].user if name in self.plain.waits else "ann")
        self.both(Decline(name, whose), self.plain.decline(name, whose))

    @rule(room=rooms, keeps=st.sampled_from((True, True, True, False)))
    def switch_waitlist(self, room: str, keeps: bool) -> None:
        self.look_first()
        self.plain.waitlist[room] = keeps
        if not keeps:
            self.plain.end_all(room, "FORBIDDEN")
        self.set(What.ROOM, room, {"waitlist": keeps})

    @rule(settles=st.booleans())
    def switch_auto_settle(self, settles: bool) -> None:
        self.look_first()
        self.plain.auto_settle = settles
        self.set(What.POOL, "", {"auto_settle": settles})

    @rule()
    def serve(self) -> None:
        self.look_first()

    @rule(room=rooms, sku=skus)
    def leave_the_shelf(self, room: str, sku: str) -> None:
        """And come back at once: the same terms, and nobody who waits."""
        self.look_first()
        self.plain.end_all(room, "SALE_ENDED", sku)
        self.plain.defined = True
        values = self.run(self.shop.book.listing(room, sku))
        terms = self.plain.terms[room, sku]
        limit, terms.limit_per_user = terms.limit_per_user, None  # of what is on no shelf a late payment has none
        self.both(Drop(room, sku), "OK")
        terms.limit_per_user = limit
        self.set(What.LISTING, sku, values, parent=room)

    def wait_as(self, name: str, room: str, sku: str, qty: int, user: str) -> None:
        code = self.plain.wait(name, room, sku, qty, user)
        outcome = self.both(
            Wait(name, room, sku, qty, user), lambda: self.plain.answer_of(name) if code == "OK" else code
        )
        if outcome.code == "OK":
            wait = self.plain.waits[name]
            assert outcome.state == ("waiting" if wait.state == "waiting" else self.plain.reservations[name].state)
            if wait.state == "waiting":
                assert tuple(outcome.data) == (wait.number, *self.plain.place(wait))
            else:
                r = self.plain.reservations[name]
                assert (outcome.qty, outcome.expires_at_ms) == (r.qty, r.expires_at)

    def waiting(self, pick: int) -> str:
        """The id of a wait, of the last ones sooner than of those long ago."""
        made = list(self.plain.waits)
        return made[-1 - pick % min(len(made), 30)] if made else "nobody's"
