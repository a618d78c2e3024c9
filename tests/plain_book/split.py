"""Proposals of the split."""

from __future__ import annotations

from plain_book.drawing import Drawing
from plain_book.records import LAPSES_MS, PAUSE_MS, PlainProposal


class Split(Drawing):
    """Made, applied, dismissed and taken back."""

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
