"""The split over the HTTP API: proposals to move units between a pool's channels to where they are sold."""

from __future__ import annotations

from typing import TypedDict

from shelfcast_client.calls import Calls, below, new_id
from shelfcast_client.records import MoveDone, Proposal


class _Proposals(TypedDict):
    proposals: list[Proposal]


class _Made(TypedDict):
    proposal: Proposal | None


class Allocation:
    """The part of a `Merchant` that reads proposals, and decides about them; to apply, dismiss and undo one takes an
    operator's token. A proposal's id is `<pool>.<n>`. What is too old to be decided about raises Stale: it has lapsed,
    was decided otherwise, or a place (`field`) cannot give or take as many units any more."""

    _calls: Calls
    _path: str

    async def proposals(self) -> list[Proposal]:
        """The last proposals, newest first."""
        return (await self._calls.ask(_Proposals, "GET", below(self._path, "allocation", "proposals")))["proposals"]

    async def proposal(self, proposal: str) -> Proposal | None:
        """One proposal; None where it is not known, or not any more."""
        return await self._calls.find(Proposal, "proposal", self._proposal(proposal))

    async def propose(self, *, key: str | None = None) -> Proposal | None:
        """Work out the split now, and propose what follows; None where nothing is worth moving. With the same `key` it
        happens once."""
        path = below(self._path, "allocation", "proposals")
        made = await self._calls.ask(_Made, "POST", path, {}, key=new_id() if key is None else key)
        return made["proposal"]

    async def apply_proposal(self, proposal: str) -> Proposal:
        """Carry out all moves of a proposal, or none. Repeated, it answers the same. `undo` of the answer's `action`,
        or `undo_proposal`, takes it back."""
        return await self._calls.ask(Proposal, "POST", self._proposal(proposal, "apply"), {})

    async def dismiss_proposal(self, proposal: str, reason: str) -> Proposal:
        """Put a proposal aside, and say why (at most 200 characters)."""
        return await self._calls.ask(Proposal, "POST", self._proposal(proposal, "dismiss"), {"reason": reason})

    async def undo_proposal(self, proposal: str) -> MoveDone:
        """Take back what a proposal has moved, all of it or nothing. Raises ServerRefused: INSUFFICIENT where a place
        (`field`) does not hold as many free units any more."""
        return await self._calls.ask(MoveDone, "POST", self._proposal(proposal, "undo"), {})

    def _proposal(self, proposal: str, *step: str) -> str:
        return below(self._path, "allocation", "proposals", proposal, *step)
