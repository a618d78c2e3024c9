"""Counts: sheets, what was found on them, and what is due for one. A token of role counter is told no figure of the
book, nor is anybody while a `blind` count goes on: those are None then."""

from __future__ import annotations

from typing import TypedDict


class Signature(TypedDict):
    """Who has signed a count, and when."""

    by: str
    at_ms: int


class Count(TypedDict):
    """A count sheet. It is opening, counting, in review, applying, applied or cancelled. Of its `rows` SKUs
    `counted_rows` have a saved line, and of `open_rows` somebody has a line open; `asking`, `recounts` and `unreasoned`
    have to be 0 before it is signed, at its `revision`."""

    count: str
    kind: str
    state: str
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
    open_rows: int
    asking: int
    recounts: int | None
    unreasoned: int | None
    differing: int | None
    over: int | None
    revision: int
    signatures: list[Signature]
    signatures_needed: int | None
    closed_at_ms: int | None
    closed_by: str
    applied_at_ms: int | None
    applied_by: str
    gained: int | None
    lost: int | None
    shortage: int | None
    unmoved_bad: int | None
    move: str | None


class CountLine(TypedDict):
    """What somebody found of a SKU in a zone; `open` while it is being counted."""

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


class CountQuestion(TypedDict):
    """`units` left (below zero) or came while a SKU was counted: how many of them are `included` in the lines?"""

    seq: int
    at_ms: int
    kind: str
    units: int
    reference: str
    entries: int
    included: int | None
    answered_by: str


class CountRow(TypedDict):
    """A SKU of a count: `counted` + `adjusted` - `on_hand` = `difference`. `counted` None is not zero: nobody has."""

    sku: str
    title: str
    barcode: str
    shelf_zone: str
    image_url: str
    link: int | None
    status: str
    round: int
    may_count: bool
    lines: list[CountLine]
    questions: list[CountQuestion]
    counted: int | None
    bad: int | None
    on_hand: int | None
    unsellable: int | None
    adjusted: int | None
    difference: int | None
    reason: str | None
    reason_note: str
    shortage: int | None
    unmoved_bad: int | None
    write_off_from: str | None


class Elsewhere(TypedDict):
    """A SKU that is counted on another count."""

    sku: str
    count: str


class CountMade(TypedDict):
    """A count that was made, or got more SKUs; `elsewhere` are those that others have."""

    count: Count
    elsewhere: list[Elsewhere]


class LineSaved(TypedDict):
    """A line of a count, and its SKU as it is now."""

    line: int
    row: CountRow


class FileFault(TypedDict):
    """A row of a file that was not saved, and why."""

    line: int
    sku: str
    reason: str


class CountFileRead(TypedDict):
    """What became of a sheet that was sent as a file: lines `saved`, SKUs `added` for them, rows that say nothing
    (`uncounted`), and at most 1,000 of `fault_count` `faults`."""

    saved: int
    added: int
    uncounted: int
    faults: list[FileFault]
    fault_count: int
    notes: list[str]


class Due(TypedDict):
    """A SKU that is due for a count: `grade` a, b or c by the value sold; `why` due, never or shortage."""

    sku: str
    title: str
    grade: str
    value_minor: int
    currency: str
    counted_at_ms: int | None
    due_at_ms: int
    why: str


class CountPlan(TypedDict):
    """What is due for a cycle count, the most valuable first: at most 1,000 of `due_count`. `counting` SKUs are on an
    open count, `later` ones not due yet."""

    days: int
    due: list[Due]
    due_count: int
    counting: int
    later: int
