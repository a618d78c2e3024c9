"""Proposals of the split: what should move where, and what has become of it."""

from __future__ import annotations

from typing import TypedDict


class ProposalMove(TypedDict):
    """`qty` units of `sku` from one place to another. The minutes say for how long each of the two has units, before
    and after the whole proposal; None where nothing is expected to be sold there."""

    sku: str
    qty: int
    source: str
    target: str
    source_minutes_before: float | None
    source_minutes_after: float | None
    target_minutes_before: float | None
    target_minutes_after: float | None


class Proposal(TypedDict):
    """A proposal. `state` is open, applied, dismissed, undone or lapsed; it can be decided about until `lapses_at_ms`.
    `made_by` is `book` where it was made in its time; `seq` is the pool's sequence that it is based on; `action` is the
    one that applied or dismissed it."""

    id: str
    state: str
    made_at_ms: int
    made_by: str
    lapses_at_ms: int
    seq: int
    moves: list[ProposalMove]
    units: int
    decided_at_ms: int | None
    decided_by: str
    reason: str
    action: str
