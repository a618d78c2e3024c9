"""Reservations and orders."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    External,
    Fulfil,
    Pay,
    Refund,
    Reserve,
    SettleOversold,
    Ship,
)

from book_machine.clock import Clock
from book_machine.drawn import USERS, picks, rooms, skus, small, users


class Reservations(Clock):
    """Rules of what customers do, and of their orders."""

    @rule(room=rooms, sku=skus, qty=small, user=users)
    def reserve(self, room: str, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.move_id(), room, sku, qty, user)

    @rule(sku=skus, qty=st.integers(3, 12), user=users)
    def reserve_much(self, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.move_id(), "evening", sku, qty, user)

    @rule(sku=skus, user=users)
    def take_everything(self, sku: str, user: str) -> None:
        self.reserve_as(self.move_id(), "evening", sku, max(1, self.plain.available(sku, "live")), user)

    @rule(sku=skus, user=users)
    def pay_late(self, sku: str, user: str) -> None:
        name = self.move_id()
        self.reserve_as(name, "evening", sku, 2, user)
        self.advance(300_250)
        self.expire()
        self.take_everything(sku, "bob")
        self.both(Confirm(name), self.plain.confirm(name))

    @rule(pick=picks, room=rooms, sku=skus, qty=small, user=users)
    def reserve_another_under_a_used_id(self, pick: int, room: str, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.name(pick), room, sku, qty, user)

    def reserve_as(self, name: str, room: str, sku: str, qty: int, user: str) -> None:
        outcome = self.both(Reserve(name, room, sku, qty, user), self.plain.reserve(name, room, sku, qty, user))
        if outcome.code == "OK":
            assert outcome.expires_at_ms == self.plain.reservations[name].expires_at

    @rule(pick=picks)
    def reserve_again(self, pick: int) -> None:
        name = self.name(pick)
        if (r := self.plain.reservations.get(name)) and not r.external:
            code = self.plain.reserve(name, r.room, r.sku, r.qty, r.user)
            self.both(Reserve(name, r.room, r.sku, r.qty, r.user), code)

    @rule(pick=picks)
    def pay(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Pay(name), self.plain.pay(name))

    @rule(pick=picks)
    def confirm(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Confirm(name), self.plain.confirm(name))

    @rule(pick=picks, user=st.sampled_from((*USERS, "")))
    def cancel(self, pick: int, user: str) -> None:
        name = self.name(pick)
        self.both(Cancel(name, user), self.plain.cancel(name, user))

    @rule(pick=picks)
    def refund(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Refund(name), self.plain.refund(name))

    @rule(pick=picks, qty=st.integers(0, 4))
    def ship(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(Ship(self.move_id(), name, qty), self.plain.ship(name, qty))

    @rule(pick=picks, qty=st.integers(0, 4))
    def cancel_paid(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(CancelPaid(self.move_id(), name, qty), self.plain.cancel_paid(name, qty))

    @rule(pick=picks, channel=st.sampled_from(("live", "douyin")), sku=skus, qty=small)
    def external(self, pick: int, channel: str, sku: str, qty: int) -> None:
        name = self.name(pick)
        self.both(External(name, channel, sku, qty), self.plain.external(name, channel, sku, qty))

    @rule(pick=picks, qty=small)
    def settle(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(SettleOversold(self.move_id(), name, qty), self.plain.settle(name, qty))

    @rule(pick=picks)
    def fulfil(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Fulfil(self.move_id(), name), self.plain.fulfil(name))
