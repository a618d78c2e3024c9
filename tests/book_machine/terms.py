"""Terms of selling."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from shelfcast.settings import Settings
from shelfcast.stock.configuration import LowMark, What
from shelfcast.stock.operations import put

from book_machine.drawn import later, rooms, skus, small, users
from book_machine.machine import Machine


class Terms(Machine):
    """Rules of listings, rooms, users and marks."""

    @rule(
        channel=st.sampled_from(("live", "douyin")),
        units=st.none() | st.integers(1, 12),
        low_mark=st.sampled_from(LowMark),
    )
    def set_low_mark(self, channel: str, units: int | None, low_mark: LowMark) -> None:
        self.look_first()
        low_mark = LowMark.FIXED if units is None else low_mark  # another one without units is refused
        self.plain.low[channel] = units, low_mark.value
        self.set(What.CHANNEL, channel, {"low_mark_units": units, "low_mark": low_mark})

    @rule(
        room=rooms,
        sku=skus,
        order=st.none() | small,
        user=st.none() | small,
        window=st.sampled_from(("show", "show", "ever", "1d", "2d")),
        presale=st.sampled_from((False, False, True)),
    )
    def set_terms(self, room: str, sku: str, order: int | None, user: int | None, window: str, presale: bool) -> None:
        self.look_first()
        terms = self.plain.terms[room, sku]
        terms.limit_per_order, terms.limit_per_user, terms.presale = order, user, presale
        terms.limit_window = window
        values = {"limit_per_order": order, "limit_per_user": user, "limit_window": window, "presale": presale}
        self.set(What.LISTING, sku, values, parent=room)

    @rule(room=rooms, sku=skus, opens=st.none() | later, lasts=st.none() | later)
    def set_window(self, room: str, sku: str, opens: int | None, lasts: int | None) -> None:
        self.look_first()
        terms = self.plain.terms[room, sku]
        terms.opens_at = None if opens is None else self.plain.now + opens
        terms.closes_at = None if lasts is None else self.plain.now + (opens or 0) + lasts
        self.set(What.LISTING, sku, {"opens_at_ms": terms.opens_at, "closes_at_ms": terms.closes_at}, parent=room)

    @rule(
        room=rooms,
        status=st.sampled_from(("live", "live", "live", "live", "paused", "scheduled", "ended")),
        continues=st.booleans(),
    )
    def set_status(self, room: str, status: str, continues: bool) -> None:
        self.look_first()
        code = self.plain.set_status(room, status, continues=continues, continue_ms=Settings().show_continue_max_ms)
        self.plain.defined |= code == "OK"
        self.both(put(What.ROOM, room, {"status": status}, continues=continues), code)

    @rule(user=users, standing=st.sampled_from(("ok", "ok", "ok", "blocked", "review")))
    def set_standing(self, user: str, standing: str) -> None:
        self.look_first()
        self.plain.standing = {**self.plain.standing, user: standing}
        if standing == "ok":
            del self.plain.standing[user]
        self.set(What.USER, user, {"standing": standing})
