"""The split."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Undo
from shelfcast.stock.proposal_operations import ApplyProposal, DismissProposal, Propose
from shelfcast.stock.proposals import ProposedMove

from book_machine.drawn import skus, small
from book_machine.machine import Machine


class Split(Machine):
    """Rules of proposals."""

    @rule(live=st.integers(0, 3), douyin=st.integers(0, 3), cap=st.none() | st.integers(3, 20))
    def set_bounds(self, live: int, douyin: int, cap: int | None) -> None:
        self.look_first()
        self.plain.floors, self.plain.cap = {"pool": live, "channel:douyin": douyin}, cap
        self.set(What.CHANNEL, "live", {"floor_units": live})
        self.set(What.CHANNEL, "douyin", {"floor_units": douyin, "cap_units": cap})

    @rule(moves=st.lists(st.tuples(skus, st.booleans(), small), min_size=1, max_size=2, unique_by=lambda move: move[0]))
    def propose(self, moves: list[tuple[str, bool, int]]) -> None:
        places = {True: ("pool", "channel:douyin"), False: ("channel:douyin", "pool")}
        rows = [(sku, *places[to_douyin], qty) for sku, to_douyin, qty in moves]
        op = Propose("", -1, 0, [ProposedMove(sku, qty, source, target) for sku, source, target, qty in rows], "ann")
        assert self.both(op, "OK").data == self.plain.propose(rows)

    @rule(moves=st.lists(st.tuples(skus, small), min_size=1, max_size=2, unique_by=lambda move: move[0]))
    def propose_and_apply(self, moves: list[tuple[str, int]]) -> None:
        self.propose([(sku, True, qty) for sku, qty in moves])
        self.apply(0)

    @rule(back=st.integers(0, 2))
    def apply(self, back: int) -> None:
        if name := self.proposal(back):
            action = self.move_id()
            code = self.plain.apply(name, action)
            self.both(ApplyProposal(action, name, "ann"), code)

    @rule(back=st.integers(0, 2))
    def dismiss(self, back: int) -> None:
        if name := self.proposal(back):
            self.both(DismissProposal(self.move_id(), name, "ann", "no"), self.plain.dismiss(name))

    @rule(back=st.integers(0, 2))
    def undo_or_redo(self, back: int) -> None:
        name = self.proposal(back)
        proposal = self.plain.proposals.get(name)
        if proposal and proposal.state in ("applied", "undone") and len(proposal.action) < 100:
            action = proposal.action
            self.both(Undo(f"undo:{action}", action, "ann"), self.plain.turn(name))

    def proposal(self, back: int) -> str:
        """The id of a proposal, the last one at 0; empty where there are not so many."""
        made = list(self.plain.proposals)
        return made[-1 - back] if back < len(made) else ""
