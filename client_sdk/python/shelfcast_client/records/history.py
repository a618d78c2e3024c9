"""Moves, reservations, and what happened: the ledger, events, what operators did, and whether the book is sound."""

from __future__ import annotations

from typing import Any, TypedDict

from shelfcast_client.messages import ReservationState
from shelfcast_client.records.checklist import GateFound


class MoveDone(TypedDict):
    """A move was made. `seq` is the pool's sequence; `data` is what a count or an opened batch reports besides;
    `undoable` says whether `undo(id)` takes it back."""

    id: str
    seq: int
    data: dict[str, int] | None
    short_reservations: list[str]
    undoable: bool


class FreezeDone(TypedDict):
    """What a flag is over, as of the pool's sequence `seq`: how many `skus`, which `rooms` and their `viewers`, and the
    live `holds`, which stay, with their units. `frozen` is the flag now (of a dry run: then), `changed` whether it was
    another. `undoable` says whether `undo(id)` takes it back."""

    id: str
    seq: int
    frozen: bool
    changed: bool
    dry_run: bool
    undoable: bool
    skus: int
    rooms: list[str]
    holds: int
    units_held: int
    viewers: int


class InForce(TypedDict):
    """What stops sales: a flag that is set (`kind` "frozen"), or a room that is "paused". `since_ms` is None where the
    server does not know it."""

    kind: str
    scope: str
    name: str
    since_ms: int | None
    by: str
    reason: str
    action: str


class StatusDone(TypedDict):
    """What a room's status is over, as of the pool's sequence `seq`: how many `skus` it lists, its live `holds`, which
    stay, with their units, how many are `waiting` there and watch it. `before` is the status that it followed on,
    `show` the id of the show that it is in; `changed` says whether the room was (of a dry run: would be) another.
    `undoable` says whether `undo(id)` takes it back. `gate` is what the room's checklist said of a show that begins;
    None where nobody looked."""

    id: str
    seq: int
    room: str
    show: str
    before: str
    status: str
    changed: bool
    dry_run: bool
    undoable: bool
    skus: int
    holds: int
    units_held: int
    waiting: int
    viewers: int
    gate: GateFound | None


class Step(TypedDict):
    """Where a reservation stands after a step; `left` are the units it still holds or owns."""

    id: str
    seq: int
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int
    left: int


class Reservation(TypedDict):
    """A reservation or an order of another platform (`external`). `oversold` are the units that it is owed, `show` the
    id of the show it was made in, `price_minor` what one unit cost then, `paid_minor` what was paid for all of it: None
    where nobody said so."""

    id: str
    state: ReservationState
    sku: str
    qty: int
    user: str
    room: str
    channel: str
    expires_at_ms: int
    from_channel: int
    from_pool: int
    from_batches: dict[str, int]
    left: int
    shipped: int
    oversold: int
    presale: bool
    external: bool
    reference: str
    show: str
    price_minor: int | None
    currency: str
    window: str
    paid_minor: int | None
    refunded_minor: int


class LedgerEntry(TypedDict):
    """`qty` units of `sku` went from `source` to `target`. `seq` is the entry's place in its own ledger. From `room` on
    it tells of the reservation that it is about: `limit` and `window` say which limit of a customer its units were
    taken under, `paid_minor` and `refunded_minor` what this very step tells."""

    seq: int
    pool_seq: int
    at_ms: int
    id: str
    kind: str
    sku: str
    qty: int
    source: str
    target: str
    channel: str
    user: str
    reference: str
    actor: str
    reason: str
    room: str
    show: str
    price_minor: int | None
    currency: str
    limit: int | None
    window: str
    paid_minor: int | None
    refunded_minor: int | None


class ReservationStory(TypedDict):
    """All that happened to a reservation: its record (None where it is not kept any more) and its entries of both
    ledgers, oldest first. Where it is not `complete`, the first ones were not found; they may be in the archive where
    `archived_through` says up to which sequence entries are."""

    reservation: Reservation | None
    steps: list[LedgerEntry]
    next: int | None
    complete: bool
    archived_through: int | None


class PoolEvent(TypedDict):
    """Something that happened in the pool besides its moves: `n` counts from 1 without a gap, `room` is empty where it
    is the whole pool's, `action` is the id of the write behind it. docs/http-api.md has the types and their `data`."""

    n: int
    at_ms: int
    type: str
    room: str
    subject: str
    data: dict[str, Any]
    actor: str
    action: str


class Effect(TypedDict):
    """`qty` units of `sku` went from `source` to `target`."""

    sku: str
    qty: int
    source: str
    target: str


class Action(TypedDict):
    """What somebody did: `kind` to `subject`, in `room` (empty: the whole pool), with its `effect` in units. `n` orders
    them. Where it is not `undoable` now, `why_not` is a word or code for it and `reason` a sentence."""

    id: str
    n: int
    at_ms: int
    actor: str
    kind: str
    room: str
    subject: str
    effect: list[Effect]
    rows: int
    what: str
    fields: list[str]
    text: str
    undoable: bool
    why_not: str
    reason: str
    undoes: str
    undone_by: str


class Violation(TypedDict):
    """One thing in the book that is not as it must be."""

    invariant: int
    subject: str
    detail: str


class Audit(TypedDict):
    """What the audit of a pool's book looked at and found; at most 1,000 `violations` are listed."""

    ok: bool
    pool: str
    entries: int
    skus: int
    reservations: int
    users: int
    waiting: int
    units_on_hand: int
    units_oversold: int
    violation_count: int
    violations: list[Violation]
