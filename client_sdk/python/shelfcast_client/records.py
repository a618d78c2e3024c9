"""What the HTTP API answers a merchant, as `Merchant` returns it: dicts with the fields of the OpenAPI document.

Counts are whole units, money is in minor units of its currency, times (`..._at_ms`) are milliseconds since 1970 on the
server's clock. A definition's `revision` is raised by each write that changes it. A newer server may add fields.
"""

from __future__ import annotations

from typing import Any, Required, TypedDict

from shelfcast_client.messages import ReservationState
from shelfcast_client.places import Buckets


class PoolDefinition(TypedDict):
    """A pool. Its business days begin at `day_starts` (such as 04:00) in `time_zone` (IANA); `currency` is that of SKUs
    which name none; a `rehearsal` is for drills."""

    pool: str
    title: str
    time_zone: str
    day_starts: str
    currency: str
    rehearsal: bool
    revision: int


class PoolSku(TypedDict):
    """A SKU of the catalogue. `elastic_release_at`: what is left when the elastic reserve is released by itself.
    `substitutes` are SKUs to offer instead, `aliases` what viewers call it, `zone` where it lies; `image_url` is a
    whole address, or a path of the server."""

    sku: str
    title: str
    price_minor: int
    currency: str
    barcode: str
    category: str
    elastic_release_at: int | None
    substitutes: list[str]
    aliases: list[str]
    zone: str
    supplier: str
    image_url: str
    revision: int
    buckets: Buckets


class Channel(TypedDict):
    """A channel. `kind` shared sells its own units and then the pool's, dedicated its own alone."""

    channel: str
    kind: str
    title: str
    revision: int


class Batch(TypedDict):
    """A batch. `opens_at_ms` None opens by hand alone; `opened_at_ms` is 0 while it is locked."""

    batch: str
    title: str
    opens_at_ms: int | None
    target: str
    opened_at_ms: int
    revision: int


class PoolUser(TypedDict):
    """A customer's `standing`: ok, review or blocked."""

    user: str
    standing: str
    reason: str
    revision: int


class Slot(TypedDict, total=False):
    """A place in a run order: its SKU, and what is planned for it; what is not is left out."""

    sku: Required[str]
    minutes: int
    expected_units: int
    note: str


class RoomDefinition(TypedDict):
    """A room. `hold_ms` and `payment_extension_ms` 0 are the server's defaults. `status` and `spotlight` raise
    `state_revision` alone. A slot of the run order that has nothing but its SKU is that name. `show` is the number
    of its current or last show, 0 before the first: `<room>.<show>` is that show's id."""

    room: str
    pool: str
    channel: str
    title: str
    status: str
    spotlight: str | None
    run_order: list[str | Slot]
    hold_ms: int
    payment_extension_ms: int
    anonymous: bool
    open_reservations: bool
    planned_start_ms: int | None
    planned_minutes: int | None
    time_zone: str
    show: int
    ended_at_ms: int
    revision: int
    state_revision: int
    viewers: int


class StatusChange(TypedDict):
    """A status that a room took; `actor` is empty where the book did it."""

    status: str
    at_ms: int
    actor: str


class Spotlit(TypedDict):
    """A SKU in the spotlight; `to_ms` is None where it still is."""

    sku: str
    from_ms: int
    to_ms: int | None


class Show(TypedDict):
    """One stretch of a room from live to ended: `show` is its id, `n` counts the room's shows from 1. Its end is None
    while it is on. `continued` is how often it went on after it had ended."""

    show: str
    room: str
    pool: str
    n: int
    channel: str
    status: str
    planned_start_ms: int | None
    planned_minutes: int | None
    time_zone: str
    started_at_ms: int
    started_seq: int
    started_by: str
    ended_at_ms: int | None
    ended_seq: int | None
    ended_by: str
    history: list[StatusChange]
    spotlight: list[Spotlit]
    continued: int


class RoomList(TypedDict):
    """The rooms that a token reaches, and how many SKUs each may list."""

    rooms: list[RoomDefinition]
    skus_a_room_max: int


class RoomSku(TypedDict):
    """A SKU's terms in a room, with its units there. Title "" and price -1 are the catalogue's. `link` is the number
    that hosts call it by; None where it has none.
    `limit_per_user` counts within `limit_window`: `show`, days such as `7d`, or `ever`."""

    sku: str
    title: str
    price_minor: int
    currency: str
    position: int
    opens_at_ms: int | None
    closes_at_ms: int | None
    limit_per_order: int | None
    limit_per_user: int | None
    limit_window: str
    last_n: int | None
    presale: bool
    lobby_ms: int
    link: int | None
    revision: int
    available: int
    held: int
    sold: int
    frozen: bool


class MoveDone(TypedDict):
    """A move was made. `seq` is the pool's sequence; `data` is what a count or an opened batch reports besides;
    `undoable` says whether `undo(id)` takes it back."""

    id: str
    seq: int
    data: dict[str, int] | None
    short_reservations: list[str]
    undoable: bool


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


class Job(TypedDict):
    """Heavy work on the server: `done` of `total`, in a unit of its kind. `state` is queued, running, done, failed or
    cancelled; `result` is what a job that is done has found, None in lists; `reason` says why it failed, `code` whether
    the caller can mend that (BAD_MESSAGE)."""

    job: str
    kind: str
    state: str
    asked_by: str
    made_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    done: int
    total: int
    cancel_wanted: bool
    reason: str
    code: str
    result: Any


class PreviewFault(TypedDict):
    """What is wrong with one cell of a file."""

    line: int
    column: str
    message: str


class PreviewChange(TypedDict):
    """One value of a SKU that a file would change, as a person reads it."""

    column: str
    before: str
    after: str


class PreviewRow(TypedDict):
    """What one row of a file would do: `verdict` new or changed, units of opening stock that it `receives`, or that are
    `kept_back` because the pool has held units of the SKU before."""

    line: int
    sku: str
    verdict: str
    receives: int
    kept_back: int
    changes: list[PreviewChange]


class CataloguePreview(TypedDict):
    """What an import of a file would do: how many `rows` are new, changed, the same or `bad`; the first two are listed
    in `changes`, at most 1,000 `faults` of `fault_count`."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    receives: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[PreviewRow]


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
    units_on_hand: int
    units_oversold: int
    violation_count: int
    violations: list[Violation]
