"""The split: what is known of the demand, proposals to move units where they are sold, and what becomes of them.

Rules: docs/rules.md#split; the numbers are worked out in `insight.allocation`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import NamedTuple

from shelfcast.errors import EngineUnavailable, InvalidInput
from shelfcast.insight.allocation import NEVER_MINUTES, Move, Place, split
from shelfcast.merchant import actions
from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ChannelConfig, ChannelKind, Split
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import CHANNEL, POOL
from shelfcast.stock.proposal_operations import NO_FENCE, ApplyProposal, DismissProposal, Propose, SampleDemand
from shelfcast.stock.proposals import Cover, DemandPage, DemandRow, ProposalRecord, ProposalState, ProposedMove

SKUS_A_SAMPLE = 250
"""SKUs that one engine call samples: with nine places each, 10 ms on a busy machine."""
SKUS_IN_A_ROW = 10
"""SKUs whose split is worked out before anything else may run: each takes up to 0.5 ms."""
MOVES_A_PROPOSAL_MAX = 200
"""What can be undone in one step; of more the SKUs with the least cover come first, the others with the next round."""
BOOK = "book"
"""Who applies what is applied by itself."""
MINUTE_MS = 60_000

WHY: Mapping[str, str] = {
    ProposalState.LAPSED: "it has lapsed; ask for a new one",
    ProposalState.APPLIED: "it was applied",
    ProposalState.DISMISSED: "it was dismissed",
    ProposalState.UNDONE: "it was applied, and undone",
}
"""Why nothing more can be decided about a proposal, by the state it is in."""


class WorkedOut(NamedTuple):
    """The moves that the split asks for, and the pool's sequence at which it was worked out."""

    seq: int
    moves: list[ProposedMove]


async def sample(book: StockBook, fence: int) -> int | None:
    """Note what has been taken from every place by now, in bounded steps; when the split was worked out last, in ms.
    None where somebody else has the lease. Raises EngineUnavailable."""
    after = ""
    while True:
        outcome = await book.apply(SampleDemand(fence, after, SKUS_A_SAMPLE))
        if outcome.code is Code.STALE:
            return None
        if outcome.code is not Code.OK:
            raise EngineUnavailable(f"sampling the demand of pool {book.pool}: {outcome.code}")
        after, round_ms = outcome.data
        if not after:
            return int(round_ms)


async def round_if_due(
    book: StockBook, fence: int, now_ms: int, last_ms: int, *, moves_max: int, pause_ms: int
) -> None:
    """Work out the split where its time has come, and propose what follows. Where the pool says so, what the book has
    proposed is applied at once, also what whoever had the lease before has left open. Raises EngineUnavailable."""
    config = await book.pool_config()
    if config.split is Split.OFF:
        return
    if not 0 <= now_ms - last_ms < config.split_every_minutes * MINUTE_MS:
        found = await work_out(book, moves_max=moves_max, pause_ms=pause_ms)
        _check_done(book, await book.apply(Propose("", fence, found.seq, found.moves, BOOK, is_round=True)))
    if config.split is Split.AUTO:
        for record in await book.proposals():
            if record.made_by == BOOK and record.state_at(now_ms) is ProposalState.OPEN:
                _check_done(book, await book.apply(ApplyProposal(apply_id(record.id), record.id, BOOK, fence)))


def _check_done(book: StockBook, outcome: Outcome) -> None:
    """Raises EngineUnavailable where the book did not look at it; a refusal stands."""
    if outcome.code in (Code.UNAVAILABLE, Code.OVERLOADED):
        raise EngineUnavailable(f"the split of pool {book.pool}: {outcome.code}")


async def propose(book: StockBook, key: str, *, actor: str, moves_max: int, pause_ms: int) -> Outcome:
    """Work out the split now, and propose what follows. The outcome's data: the proposal's id, "" where nothing is
    worth moving. Raises InvalidInput where the pool's split is off: no demand is noted then."""
    if (await book.pool_config()).split is Split.OFF:
        raise InvalidInput("expected propose or auto: while it is off no demand is noted", field="split")
    found = await work_out(book, moves_max=moves_max, pause_ms=pause_ms)
    return await book.apply(Propose(key, NO_FENCE, found.seq, found.moves, actor))


async def apply(book: StockBook, proposal: str, key: str, *, actor: str) -> Outcome:
    """Carry a proposal out, all of it or nothing; done once, whoever asks, and answered the same. Of a STALE outcome
    `why_stale` has the words."""
    return await book.apply(ApplyProposal(key, proposal, actor))


async def dismiss(book: StockBook, proposal: str, key: str, *, actor: str, reason: str) -> Outcome:
    """Put a proposal aside."""
    return await book.apply(DismissProposal(key, proposal, actor, reason))


async def undo(book: StockBook, proposal: ProposalRecord, *, actor: str) -> Outcome | None:
    """Take back what was applied, all of it or nothing, while the places it went to hold as many free units. None where
    nothing was applied, or the log keeps that action no more."""
    if proposal.state not in (ProposalState.APPLIED, ProposalState.UNDONE):
        return None
    shown = await book.action(proposal.action)
    return await actions.undo(book, shown.action, actor=actor) if shown is not None else None


def apply_id(proposal: str) -> str:
    """The id of the action that applies a proposal, where nobody names one."""
    return f"apply:{proposal}"


def dismiss_id(proposal: str) -> str:
    """The id of the action that dismisses a proposal, where nobody names one."""
    return f"dismiss:{proposal}"


def why_stale(outcome: Outcome) -> str:
    """Why a proposal was not applied or dismissed, of a STALE outcome."""
    if outcome.field in WHY:
        return WHY[outcome.field]
    if outcome.available >= 0:
        return (
            f"{outcome.field} can give or take {outcome.available:,} units of {outcome.sku!r} now, fewer than proposed"
        )
    return EXPLANATION[outcome.code]


async def work_out(book: StockBook, *, moves_max: int, pause_ms: int) -> WorkedOut:
    """What should move as things are. Raises EngineError."""
    channels, seq = await book.channels(), 0
    by_sku: dict[str, list[Move]] = {}
    async for page in _pages(book, pause_ms):
        seq = seq or page.seq
        for number, row in enumerate(page.rows):
            if number % SKUS_IN_A_ROW == 0:
                await asyncio.sleep(0)  # others of this process have their turn
            moves = split(places_of(row, channels), POOL)
            if moves:
                by_sku[row.sku] = moves
    return WorkedOut(seq, list(_neediest(by_sku, min(moves_max, MOVES_A_PROPOSAL_MAX))))


def places_of(row: DemandRow, channels: Mapping[str, ChannelConfig]) -> list[Place]:
    """The places of a SKU, each with what its channel says; all shared channels are the pool's."""
    shared = [channel for channel in channels.values() if channel.kind is ChannelKind.SHARED]
    places = []
    for name, units, taken, in_batches in row.places:
        own = [channels[name.removeprefix(CHANNEL)]] if name != POOL else shared
        weight = sum(channel.weight_of(row.category) for channel in own)
        floor_units = sum(channel.floor_units or 0 for channel in own)
        cap_units = None if name == POOL else own[0].cap_units
        places.append(Place(name, units, taken, weight, floor_units, cap_units, in_batches))
    return places


async def _pages(book: StockBook, pause_ms: int) -> AsyncIterator[DemandPage]:
    cursor = "0"
    while True:
        page = await book.demand(cursor, pause_ms)
        yield page
        cursor = page.cursor
        if cursor == "0":
            return


def _neediest(by_sku: Mapping[str, list[Move]], most: int) -> Iterable[ProposedMove]:
    """The moves of whole SKUs, those with the least cover first, at most so many."""
    left = most
    for sku in sorted(by_sku, key=lambda sku: (min(move.target_before for move in by_sku[sku]), sku)):
        moves = by_sku[sku]
        if len(moves) > left:
            return
        left -= len(moves)
        for move in moves:
            yield ProposedMove(
                sku,
                move.units,
                move.source,
                move.target,
                _kept(move.source_before),
                _kept(move.source_after),
                _kept(move.target_before),
                _kept(move.target_after),
            )


def _kept(minutes: float) -> Cover:
    return False if minutes == NEVER_MINUTES else round(minutes, 1)
