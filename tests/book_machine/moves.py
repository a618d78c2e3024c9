"""The merchant's moves, and freezes."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.operations import Count, Freeze, Move, MoveKind, Quota

from book_machine.drawn import skus, small
from book_machine.machine import Machine

MOVES = [
    (MoveKind.RECEIVE, "supplier", "pool"),
    (MoveKind.RECEIVE, "supplier", "unsellable"),
    (MoveKind.RECEIVE, "supplier", "channel:douyin"),
    (MoveKind.CARVE, "pool", "safety"),
    (MoveKind.CARVE, "safety", "pool"),
    (MoveKind.CARVE, "pool", "elastic"),
    (MoveKind.CARVE, "pool", "batch:b1"),
    (MoveKind.CARVE, "pool", "batch:b2"),
    (MoveKind.CARVE, "batch:b1", "pool"),
    (MoveKind.CARVE, "batch:b2", "pool"),
    (MoveKind.ALLOCATE, "pool", "channel:douyin"),
    (MoveKind.ALLOCATE, "pool", "channel:live"),
    (MoveKind.ALLOCATE, "channel:live", "pool"),
    (MoveKind.RELEASE_ELASTIC, "elastic", "pool"),
    (MoveKind.RETURN, "shipped", "returned"),
    (MoveKind.RETURN, "returned", "pool"),
    (MoveKind.QUARANTINE, "pool", "unsellable"),
    (MoveKind.QUARANTINE, "unsellable", "pool"),
    (MoveKind.WRITE_OFF, "unsellable", "written_off"),
    (MoveKind.WRITE_OFF, "channel:douyin", "written_off"),
]


class Moves(Machine):
    """Rules of what the merchant does with units."""

    @rule(sku=skus, qty=st.integers(5, 30))
    def receive(self, sku: str, qty: int) -> None:
        self.both(
            Move(self.move_id(), MoveKind.RECEIVE, sku, qty, "supplier", "pool"),
            self.plain.move(sku, "supplier", "pool", qty),
        )

    @rule(move=st.sampled_from(MOVES), sku=skus, qty=small)
    def move(self, move: tuple[MoveKind, str, str], sku: str, qty: int) -> None:
        kind, source, target = move
        op = Move(self.move_id(), kind, sku, qty, source, target)
        code = self.plain.move(sku, source, target, qty, kind)
        self.both(op, code)
        if code == "OK":  # the same id moves nothing twice
            self.both(op, "OK")

    @rule(sku=skus, qty=st.integers(-4, 8).filter(bool))
    def quota(self, sku: str, qty: int) -> None:
        self.both(Quota(self.move_id(), sku, qty), self.plain.quota(sku, qty))

    @rule(sku=skus, change=st.integers(-30, 10))
    def count(self, sku: str, change: int) -> None:
        counted = max(0, self.plain.on_hand(sku) + change)
        shortage = self.plain.count(sku, counted)
        assert self.both(Count(self.move_id(), sku, counted), "OK").data[2] == shortage

    @rule(sku=skus, frozen=st.sampled_from((False, False, True)))
    def freeze(self, sku: str, frozen: bool) -> None:
        self.plain.set_flag_of_sku(sku, frozen=frozen)
        self.both(Freeze(self.move_id(), sku, frozen), "OK")

    @rule(
        flag=st.sampled_from(
            (("channel", "live"), ("channel", "douyin"), ("room", "evening"), ("room", "night"), ("pool", ""))
        ),
        frozen=st.sampled_from((False, False, True)),
    )
    def freeze_scope(self, flag: tuple[str, str], frozen: bool) -> None:
        scope, name = flag
        self.plain.set_flag(scope, name, frozen=frozen)
        self.both(Freeze(self.move_id(), name, frozen, scope=FreezeScope(scope)), "OK")
