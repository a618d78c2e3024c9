"""A room's checklist as answers show it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from shelfcast.insight.checklist import Check, CureKind, Level
from shelfcast.merchant.gate import Verdict
from shelfcast.protocol.access import Role
from shelfcast.stock.configuration import Gate


class CureItem(Struct, frozen=True, kw_only=True):
    """What mends an item. `kind` names it (docs/rules.md#go-live-gate has them all), and `about` what it is about: of
    it `sku`, `units`, `source`, `target`, `channel`, `room`, `pool`, `batch`, `count`, `lot`, `expires_on`, `link`.
    `method`, `path` and `body` are the request that does it, which takes an Idempotency-Key; null where somebody has to
    say more first. `view` and `step` are where the console asks for that. `role` is who may."""

    kind: CureKind
    about: dict[str, Any]
    method: str | None
    path: str | None
    body: dict[str, Any] | None
    view: str | None
    step: str | None
    role: Role


class ChecklistItem(Struct, frozen=True, kw_only=True):
    """One thing that was looked at: of the room, where `sku` is null, or of one SKU of it. `check` names it, `level`
    says how it stands, and `why` the case it is (docs/rules.md#go-live-gate); `values` are the numbers of its sentence.
    `detail` is the sentence in English. Where nothing mends it here, `cures` is empty and the sentence says why."""

    check: Check
    level: Level
    sku: str | None
    title: str
    link: int | None
    why: str
    values: dict[str, Any]
    detail: str
    cures: list[CureItem]


class CheckTally(Struct, frozen=True, kw_only=True):
    """How many items of one `check` stand how."""

    check: Check
    passes: int
    warns: int
    fails: int


class GateFound(Struct, frozen=True, kw_only=True):
    """What the room's checklist said of a show that begins: how many items fail and warn, and whether it goes on air
    although something fails that would stop it."""

    fails: int
    warns: int
    overridden: bool


class Checklist(Struct, frozen=True, kw_only=True):
    """What stands for and against a room's going on air, as of the pool's sequence `seq`: how many items pass, warn and
    fail; `items` are those that were asked for, the gravest first. `gate` is the room's setting, and `may_go_live`
    whether `live` would be taken now without an override; where the gate is off, it would. Of what was asked for,
    `left_out` items more than `limit` are not listed. `checks` has each check that looked at something."""

    room: str
    pool: str
    gate: Gate
    seq: int
    at_ms: int
    planned_start_ms: int | None
    passes: int
    warns: int
    fails: int
    may_go_live: bool
    checks: list[CheckTally]
    left_out: int
    items: list[ChecklistItem]


def gate_found(verdict: Verdict | None) -> GateFound | None:
    """What the gate said, as the API shows it; None where nobody looked."""
    if verdict is None:
        return None
    return GateFound(fails=verdict.fails, warns=verdict.warns, overridden=verdict.overridden)
