"""Records of a room's checklist."""

from __future__ import annotations

from typing import Any, TypedDict


class Cure(TypedDict):
    """What mends an item, of a `kind`, and what it is about. `method`, `path` and `body` are the request that does it,
    None where somebody has to say more first. `role` is who may."""

    kind: str
    about: dict[str, Any]
    method: str | None
    path: str | None
    body: dict[str, Any] | None
    view: str | None
    step: str | None
    role: str


class ChecklistItem(TypedDict):
    """One thing that was looked at: of the room, where `sku` is None, or of one SKU. `why` is the case that it is,
    `values` the numbers of the sentence `detail`."""

    check: str
    level: str
    sku: str | None
    title: str
    link: int | None
    why: str
    values: dict[str, Any]
    detail: str
    cures: list[Cure]


class CheckTally(TypedDict):
    """How many items of one `check` stand how."""

    check: str
    passes: int
    warns: int
    fails: int


class GateFound(TypedDict):
    """What the checklist said of a show that begins, and whether it goes on air although something fails."""

    fails: int
    warns: int
    overridden: bool


class Checklist(TypedDict):
    """What stands for and against a room's going on air, as of the pool's sequence `seq`. `may_go_live` says whether
    `live` would be taken now without an override."""

    room: str
    pool: str
    gate: str
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
