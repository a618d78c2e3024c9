"""What happened in a pool, over the HTTP API: its ledger, its events, what operators did, and taking that back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from time import monotonic
from typing import TypedDict

from shelfcast_client.backoff import Backoff
from shelfcast_client.calls import NOT_EXECUTED, Calls, action_id, below
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.errors import ServerRefused, ServerUnreachable
from shelfcast_client.records import Action, LedgerEntry, MoveDone, PoolEvent

AGAIN_S = 0.1
AGAIN_MAX_S = 2.0
"""Pauses before a streamed answer that was cut is asked for again."""


class _Actions(TypedDict):
    actions: list[Action]
    next: int | None


class History:
    """The part of a `Merchant` that reads what happened, page by page, and undoes it."""

    _calls: Calls
    _path: str

    async def ledger(self, *, after: int = 0, presale: bool = False) -> AsyncIterator[LedgerEntry]:
        """The entries after sequence `after`, in their order and without a gap, up to the newest one. To follow the
        ledger, keep the last entry's `seq` and ask for what comes after it. `presale` is the ledger of quotas. Raises
        Archived where the first of them has left the server: its `archive` has it, and `begin_after` is what to go on
        with."""
        more = True
        while more:
            query = {"after": after, "limit": BULK_ROWS, "stream": "presale" if presale else "ledger"}
            page, more = await self._calls.lines(LedgerEntry, below(self._path, "ledger"), query=query)
            for entry in page:
                after = entry["seq"]
                yield entry

    async def ledger_entries(self, *, after: int = 0, presale: bool = False) -> AsyncIterator[LedgerEntry]:
        """As `ledger`, in one streamed answer: for a whole ledger. Where it is cut it goes on behind the last entry,
        for `retry_for_s` seconds without one; then ServerUnreachable is raised."""
        pauses = Backoff(Random(), base_s=AGAIN_S, cap_s=AGAIN_MAX_S)  # noqa: S311 - spreads load
        until_s = monotonic() + self._calls.retry_for_s
        while True:
            query: dict[str, str | int] = {"after": after, "limit": "all", "stream": "presale" if presale else "ledger"}
            try:
                async with aclosing(
                    self._calls.streamed(LedgerEntry, below(self._path, "ledger"), query=query)
                ) as entries:
                    async for entry in entries:
                        after = entry["seq"]
                        yield entry
                        until_s = monotonic() + self._calls.retry_for_s
            except (ServerRefused, ServerUnreachable) as fault:
                if isinstance(fault, ServerRefused) and fault.status not in NOT_EXECUTED:
                    raise
                if monotonic() >= until_s:
                    raise ServerUnreachable(f"the ledger behind {after} was not read to its end: {fault}") from None
                await asyncio.sleep(pauses.next_s(0))
            else:
                return

    async def events(self, *, after: int = 0) -> AsyncIterator[PoolEvent]:
        """What happened besides the moves after event `after`, in order and without a gap, up to the newest one. To
        follow it, keep the last one's `n`. Where the next one is not kept any more: ServerRefused (status 410), whose
        `begin_after` is what to go on with."""
        more = True
        while more:
            query = {"after": after, "limit": BULK_ROWS}
            page, more = await self._calls.lines(PoolEvent, below(self._path, "events"), query=query)
            for event in page:
                after = event["n"]
                yield event

    async def actions(self, *, room: str | None = None) -> AsyncIterator[Action]:
        """What operators did, newest first, as far as it is kept; in one room alone where it is named."""
        query: dict[str, str | int] = {"limit": BULK_ROWS} if room is None else {"limit": BULK_ROWS, "room": room}
        while True:
            page = await self._calls.ask(_Actions, "GET", below(self._path, "actions"), query=query)
            for action in page["actions"]:
                yield action
            if page["next"] is None:
                return
            query["before"] = page["next"]

    async def action(self, action: str) -> Action | None:
        """One action, by its id or by the key of the write; None where it is not known, or not any more."""
        return await self._calls.find(Action, "action", below(self._path, "actions", action_id(action)))

    async def undo(self, action: str) -> MoveDone:
        """Take an action back, all of it or nothing; repeated, it answers the same. The answer's `id` is that of the
        undo, and `undo` of that is the redo. ServerRefused: INSUFFICIENT where `field`, a place, holds too few free
        units of those that went there; Stale where somebody has changed it since; BAD_MESSAGE where nothing undoes
        it."""
        return await self._calls.ask(MoveDone, "POST", below(self._path, "actions", action_id(action), "undo"))
