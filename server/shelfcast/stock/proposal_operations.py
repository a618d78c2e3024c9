"""What is asked of the stock book about the split (stock/library/allocation.lua): operations like those of
`stock.operations`."""

from __future__ import annotations

from shelfcast.stock.operations import Op
from shelfcast.stock.proposals import ProposedMove

NO_FENCE = -1
"""Of what a person asks for: only what a duty does is held against the fence of its lease."""


class SampleDemand(Op, frozen=True, tag="sample_demand"):
    """The duty of the split: note what has been taken from the places of the next `limit` SKUs by name. The outcome's
    data: the name to go on behind ("": all are done), and when the split was worked out last, in ms."""

    fence: int
    after: str
    limit: int


class Propose(Op, frozen=True, tag="propose"):
    """Make a proposal of these moves, without those of SKUs that cannot give as much any more, or were in a proposal a
    moment ago. With an `id` it happens once. `is_round`: the duty has worked out the split. The outcome's data: the
    proposal's id, "" where nothing is left to propose."""

    id: str
    fence: int
    seq: int
    moves: list[ProposedMove]
    actor: str
    is_round: bool = False


class ApplyProposal(Op, frozen=True, tag="apply_proposal"):
    """Carry out all moves of a proposal, or none. `id` is that of the action. Applied before, the answer is the same.
    STALE: `field` is the state it is in, or the place that cannot give or take what of `sku` it should. The outcome's
    data: the proposal's id."""

    id: str
    proposal: str
    actor: str
    fence: int = NO_FENCE


class DismissProposal(Op, frozen=True, tag="dismiss_proposal"):
    """Put a proposal aside, with the reason. `id` is that of the action. The outcome's data: the proposal's id."""

    id: str
    proposal: str
    actor: str
    reason: str
