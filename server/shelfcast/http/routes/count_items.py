"""Counts as answers show them. Whoever only counts is told no figure of the book: those are null then."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.counts import CountKind, CountState, RowStatus


class SignatureItem(Struct, frozen=True, kw_only=True):
    """Who has signed a count, and when."""

    by: str
    at_ms: int


class CountItem(Struct, frozen=True, kw_only=True):
    """A count. Of its `rows` SKUs `counted_rows` have a saved line; `asking` wait for an answer, `recounts` for
    somebody else, `unreasoned` for a reason: each has to be 0 before it is signed. `signatures_needed` different people
    sign, who say its `revision`. `gained`, `lost` and `shortage` are the units that applying it has moved, or could
    not.

    Null for whoever only counts, and of a `blind` count while it goes on: `differing` and what follows from it.
    """

    count: str
    kind: CountKind
    state: CountState
    room: str | None
    zone: str | None
    category: str | None
    blind: bool
    recount_over: int
    sign_over: int
    note: str
    made_by: str
    made_at_ms: int
    rows: int
    lines: int
    counted_rows: int
    asking: int
    recounts: int | None
    unreasoned: int | None
    differing: int | None
    over: int | None
    revision: int
    signatures: list[SignatureItem]
    signatures_needed: int | None
    closed_at_ms: int | None
    closed_by: str
    applied_at_ms: int | None
    applied_by: str
    gained: int
    lost: int
    shortage: int
    move: str | None


class CountList(Struct, frozen=True, kw_only=True):
    """The counts of a pool that are kept, those that are open first, the newest first."""

    counts: list[CountItem]


class CountLineItem(Struct, frozen=True, kw_only=True):
    """What somebody found of a SKU in a zone; `open` while it is being counted. `seq` is the pool's sequence at which
    it was saved, null before that."""

    line: int
    round: int
    zone: str
    lot: str
    expires_on: str | None
    good: int
    bad: int
    note: str
    by: str
    open: bool
    begun_seq: int
    begun_at_ms: int
    seq: int | None
    at_ms: int | None


class CountQuestionItem(Struct, frozen=True, kw_only=True):
    """`units` left (below zero) or came at `at_ms` by a move of this `kind`, while the SKU was counted: how many of
    them are in the lines? `included` is the answer, null before that. One stands for `entries` movements."""

    seq: int
    at_ms: int
    kind: str
    units: int
    reference: str
    entries: int
    included: int | None
    answered_by: str


class CountRowItem(Struct, frozen=True, kw_only=True):
    """A SKU of a count; `title`, `barcode`, `shelf_zone` and `image_url` are the catalogue's. `lines` are those of the
    last round, of whoever only counts its own; `may_count` says whether this caller may count it in this round.

    `counted` (null where nothing is saved) + `adjusted` - `on_hand` = `difference`, by what the book had at the last
    line. `write_off_from` is of a draft: the place that its units are to go from.
    """

    sku: str
    title: str
    barcode: str
    shelf_zone: str
    image_url: str
    status: RowStatus
    round: int
    may_count: bool
    lines: list[CountLineItem]
    questions: list[CountQuestionItem]
    counted: int | None
    bad: int | None
    on_hand: int | None
    unsellable: int | None
    adjusted: int | None
    difference: int | None
    reason: str | None
    reason_note: str
    shortage: int | None
    write_off_from: str | None


class CountRowList(Struct, frozen=True, kw_only=True):
    """SKUs of a count by name; `next` is the name to go on behind, null at the end."""

    rows: list[CountRowItem]
    next: str | None


class ElsewhereItem(Struct, frozen=True, kw_only=True):
    """A SKU that is on another open count, and is counted there."""

    sku: str
    count: str


class CountMade(Struct, frozen=True, kw_only=True):
    """A count that was made; `elsewhere` are SKUs that were meant and are on another open count."""

    count: CountItem
    elsewhere: list[ElsewhereItem]


class LineSaved(Struct, frozen=True, kw_only=True):
    """A line of a count, and its SKU as it is now."""

    line: int
    row: CountRowItem


class DueItem(Struct, frozen=True, kw_only=True):
    """A SKU whose count is due. `grade` is a, b or c by the value sold in the last `days`; `why` says due (its time has
    come), never (it was never counted) or shortage (the last count was short)."""

    sku: str
    title: str
    grade: str
    value_minor: int
    currency: str
    counted_at_ms: int | None
    due_at_ms: int
    why: str


class CountPlan(Struct, frozen=True, kw_only=True):
    """Which SKUs are due for a cycle count, the most valuable first; `later` is how many are not."""

    days: int
    due: list[DueItem]
    later: int
