"""The gate before a show: what a room's checklist finds now, and whether a show may begin on it.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from shelfcast.errors import EngineError
from shelfcast.insight.checklist import Findings, Item, Level, Wanted
from shelfcast.insight.checks.room import room_items
from shelfcast.insight.checks.sku import sku_items
from shelfcast.merchant.gate_facts import pages, read_room, read_skus, skus_of
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.book import UNAVAILABLE, StockBook
from shelfcast.stock.configuration import Gate, RoomConfig, What
from shelfcast.stock.operations import Put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import ON_AIR

JUDGED_AT_ONCE = 20
"""SKUs that are held against the rules before the loop serves others: a few milliseconds."""
FIRST_FAILING = Wanted(20, Level.FAIL)
"""Items that a refusal tells of; the checklist has the others."""
LOOKS_MAX = 3
"""How often a write looks at the checklist anew, where the room's gate was shut meanwhile."""
_STRICTEST_LAST = (Gate.OFF, Gate.WARN, Gate.REFUSE)


class Checked(NamedTuple):
    """What a checklist found as of the pool's sequence `seq`."""

    room: str
    config: RoomConfig
    seq: int
    at_ms: int
    findings: Findings


class Verdict(NamedTuple):
    """What the checklist said of a show that begins: how many items fail and warn, the first that fail, and why it may
    go on air with them (empty: nobody said)."""

    gate: Gate
    fails: int
    warns: int
    failing: Sequence[Item]
    override: str

    @property
    def overridden(self) -> bool:
        """Whether it goes on air although something fails that would stop it."""
        return self.gate is Gate.REFUSE and self.fails > 0 and self.override != ""

    @property
    def opens(self) -> bool:
        """Whether the show may begin."""
        return self.gate is not Gate.REFUSE or not self.fails or self.overridden


def stricter(one: Gate, other: Gate) -> Gate:
    """The one of two settings that lets less through."""
    return max(one, other, key=_STRICTEST_LAST.index)


async def checklist(
    book: StockBook, room: str, wanted: Wanted = FIRST_FAILING, becoming: Mapping[str, Any] | None = None
) -> Checked | None:
    """What stands for and against the room's going on air; None where there is no such room. All items are counted,
    those that are `wanted` are told. `becoming` are fields of it that a write would set meanwhile; with them also a
    room is looked at that such a write would make. Raises EngineError."""
    read = await read_room(book, room, becoming or {})
    if read is None:
        return None
    findings = Findings(wanted)
    for item in room_items(read.facts):
        findings.add(item)
    for page in pages(skus_of(read)):
        for n, sku in enumerate(await read_skus(book, read, page), start=1):
            for item in sku_items(read.facts, sku):
                findings.add(item)
            if n % JUDGED_AT_ONCE == 0:
                await asyncio.sleep(0)
    view = read.view
    return Checked(room, view.room, view.seq, view.at_ms, findings)


async def check_live(book: StockBook, room: str, becoming: Mapping[str, Any], *, override: str = "") -> Verdict | None:
    """What the gate says of a write that begins a show of the room now; None where the gate is off. The gate is the
    stricter of what the room has and what the write sets. Raises EngineError."""
    config = await book.room_config(room)
    gate = stricter(config.gate if config else Gate.OFF, Gate(becoming.get("gate") or Gate.OFF))
    checked = None if gate is Gate.OFF else await checklist(book, room, becoming=becoming)
    if checked is None:
        return None
    tally = checked.findings.tally
    return Verdict(gate, tally.fails, tally.warns, checked.findings.listed(), override)


def may_begin_show(op: Put) -> bool:
    """Whether the write might begin a show, as far as it says itself."""
    return op.what is What.ROOM and op.values.get("status") == RoomStatus.LIVE and not op.continues


async def passed(book: StockBook, op: Put, override: str) -> Outcome:
    """Carry out a write that might begin a show. Where it does, its outcome says what the room's checklist finds; where
    that fails and the gate is to refuse, and no `override` says why the show may begin, it is GATE.

    The book decides (`refuse_gate` in stock/library/configuration.lua): what a gate that was shut meanwhile does not
    let through is looked at again."""
    try:
        for _ in range(LOOKS_MAX):
            config = await book.room_config(op.key)
            if config is not None and config.status in ON_AIR:
                verdict = None
            else:
                verdict = await check_live(book, op.key, _becoming(op), override=override)
            said = (
                None if verdict is None else (verdict.fails, verdict.warns, verdict.override if verdict.fails else "")
            )
            outcome = await book.apply(replace(op, gate=said))
            if outcome.code is not Code.GATE or verdict is not None:
                break
    except EngineError:
        return UNAVAILABLE
    return replace(outcome, gate=verdict) if outcome.code in (Code.OK, Code.GATE) else outcome


def _becoming(op: Put) -> dict[str, Any]:
    return {**op.values, **dict.fromkeys(op.clear)}
