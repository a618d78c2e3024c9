"""Proposals of the split, and the demand behind them, as the book keeps them (stock/library/allocation.lua)."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct


class ProposalState(StrEnum):
    """What has become of a proposal. The book keeps one that has lapsed as open."""

    OPEN = "open"
    APPLIED = "applied"
    DISMISSED = "dismissed"
    UNDONE = "undone"
    LAPSED = "lapsed"


Cover = float | bool
"""Minutes for which the units last; False where that is without end."""


class ProposedMove(Struct, array_like=True, frozen=True):
    """`units` of a SKU from one place to another, with the cover of both before and after all of the proposal."""

    sku: str
    units: int
    source: str
    target: str
    source_before: Cover = False
    source_after: Cover = False
    target_before: Cover = False
    target_after: Cover = False


class ProposalRecord(Struct, frozen=True, kw_only=True):
    """One proposal: `<pool>.<n>`, worked out at the pool's sequence `seq`. `action` is the one that applied or
    dismissed it."""

    id: str
    n: int
    made_at_ms: int
    made_by: str
    lapses_at_ms: int
    seq: int
    state: ProposalState
    moves: list[ProposedMove]
    decided_at_ms: int = 0
    decided_by: str = ""
    reason: str = ""
    action: str = ""

    def state_at(self, now_ms: int) -> ProposalState:
        """What has become of it by then."""
        if self.state is ProposalState.OPEN and self.lapses_at_ms <= now_ms:
            return ProposalState.LAPSED
        return self.state


class DemandRow(Struct, array_like=True, frozen=True):
    """A SKU that sold within the window: its category, and of each place [its name, free units, taken within it,
    units in open batches that are sold beside it]."""

    sku: str
    category: str
    places: list[tuple[str, int, int, int]]


class DemandPage(Struct, array_like=True, frozen=True):
    """Some of the SKUs that sold within the window, at the pool's sequence `seq`; `cursor` "0" ends the last page."""

    seq: int
    cursor: str
    rows: list[DemandRow]


_decode_record = msgspec.msgpack.Decoder(ProposalRecord).decode
decode_demand = msgspec.msgpack.Decoder(DemandPage).decode


def proposal_from(kept: bytes) -> ProposalRecord:
    """A kept proposal. Raises msgspec.DecodeError."""
    return _decode_record(kept)
