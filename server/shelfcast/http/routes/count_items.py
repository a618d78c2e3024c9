"""Counts as answers show them. Whoever only counts is told no figure of the book: those are null then."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.merchant.count_sight import Sight, lines_told, may_count, questions_told, status_told
from shelfcast.stock.configuration import SkuConfig
from shelfcast.stock.counts import CountKind, CountLine, CountQuestion, CountRecord, CountRow, CountState, RowStatus


class SignatureItem(Struct, frozen=True, kw_only=True):
    """Who has signed a count, and when."""

    by: str
    at_ms: int


class CountItem(Struct, frozen=True, kw_only=True):
    """A count. Of its `rows` SKUs `counted_rows` have a saved line, and of `open_rows`
    somebody has a line open; `asking` wait for an answer, `recounts` for
    somebody else, `unreasoned` for a reason: each has to be 0 before it is signed. `signatures_needed` different people
    sign, who say its `revision`. `gained`, `lost` and `shortage` are the units that applying it has moved, or could
    not; `unmoved_bad` of the bad ones are held or sold, and did not become unsellable.

    Null for whoever only counts, and of a `blind` count while it goes on: what says how the SKUs differ, which is
    `recounts`, `unreasoned`, `differing`, `over`, `signatures_needed`, `gained`, `lost`, `shortage` and `unmoved_bad`.
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
    open_rows: int
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
    gained: int | None
    lost: int | None
    shortage: int | None
    unmoved_bad: int | None
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
    """A SKU of a count; `title`, `barcode`, `shelf_zone` and `image_url` are the catalogue's, `link` is the number that
    the count's room calls it by, null where it has none. `lines` are those of the last round that has any; `may_count`
    says whether this caller may count it in this round.

    Whoever only counts, and everybody while a `blind` count goes on, is told no figure (they are null), its own lines
    alone, the `questions` of SKUs that it has lines of, and a `status` that does not say whether it differs.

    `counted` (null where nothing is saved) + `adjusted` - `on_hand` = `difference`, by what the book had at the last
    line. `write_off_from` is of a draft: the place that its units are to go from.
    """

    sku: str
    title: str
    barcode: str
    shelf_zone: str
    image_url: str
    link: int | None
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
    unmoved_bad: int | None
    write_off_from: str | None


class CountRowList(Struct, frozen=True, kw_only=True):
    """SKUs of a count by name; `next` is the name to go on behind, null at the end. One request looks at 2,000 SKUs at
    most: a page of those with a `status` may be short of its limit, or empty, and not be the last."""

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
    """Which SKUs are due for a cycle count, the most valuable first: at most 1,000 are listed, `due_count` counts all;
    `counting` is how many are on an open count, `later` how many are not due yet."""

    days: int
    due: list[DueItem]
    due_count: int
    counting: int
    later: int


class FileFault(Struct, frozen=True, kw_only=True):
    """A row of a count sheet that was not saved, and why."""

    line: int
    sku: str
    reason: str


class CountFileRead(Struct, frozen=True, kw_only=True):
    """What became of a count sheet that was sent as a file: so many lines were `saved`, and so many SKUs `added` to the
    count for them; `uncounted` rows say nothing of good or bad units, and change nothing. At most 1,000 `faults` are
    listed; `fault_count` counts all. `notes` say what was decided about the file, such as a guess of its encoding."""

    saved: int
    added: int
    uncounted: int
    faults: list[FileFault]
    fault_count: int
    notes: list[str]


# --- from what the book keeps ----------------------------------------------------------------------------------


def count_item(record: CountRecord, sight: Sight) -> CountItem:
    """A count as whoever looks is told it."""
    return CountItem(
        count=record.id,
        kind=record.kind,
        state=record.state,
        room=record.room or None,
        zone=record.zone or None,
        category=record.category or None,
        blind=record.blind,
        recount_over=record.recount_over,
        sign_over=record.sign_over,
        note=record.note,
        made_by=record.made_by,
        made_at_ms=record.made_at_ms,
        rows=record.rows,
        lines=record.lines,
        counted_rows=record.counted_rows,
        open_rows=record.open_rows,
        asking=record.asking,
        recounts=record.recounts if sight.figures else None,
        unreasoned=record.unreasoned if sight.figures else None,
        differing=record.differing if sight.figures else None,
        over=record.over if sight.figures else None,
        revision=record.revision,
        signatures=[
            SignatureItem(by=one.by, at_ms=one.at_ms) for one in record.signatures if one.revision == record.revision
        ],
        signatures_needed=record.signatures_needed if sight.figures else None,
        closed_at_ms=record.closed_at_ms or None,
        closed_by=record.closed_by,
        applied_at_ms=record.applied_at_ms or None,
        applied_by=record.applied_by,
        gained=record.gained if sight.figures else None,
        lost=record.lost if sight.figures else None,
        shortage=record.shortage if sight.figures else None,
        unmoved_bad=record.unmoved_bad if sight.figures else None,
        move=record.move or None,
    )


def row_item(
    record: CountRecord, row: CountRow, config: SkuConfig | None, link: int | None, sight: Sight
) -> CountRowItem:
    """A SKU of a count as whoever looks is told it; `config` is None of one that the catalogue has no more, `link` of
    one that the count's room has no number for."""
    goods = config or SkuConfig()
    figures = sight.figures
    return CountRowItem(
        sku=row.sku,
        title=goods.title,
        barcode=goods.barcode,
        shelf_zone=goods.zone,
        image_url=goods.image_url,
        link=link,
        status=status_told(row, sight),
        round=row.round,
        may_count=may_count(record, row, sight.user),
        lines=[_line_item(line) for line in lines_told(row, sight)],
        questions=[_question_item(question) for question in questions_told(row, sight)],
        counted=row.counted if figures else None,
        bad=row.bad if figures else None,
        on_hand=row.on_hand if figures else None,
        unsellable=row.unsellable if figures else None,
        adjusted=row.adjusted if figures else None,
        difference=row.difference if figures else None,
        reason=(row.reason or None) if figures else None,
        reason_note=row.reason_note if figures else "",
        shortage=row.shortage if figures else None,
        unmoved_bad=row.unmoved_bad if figures else None,
        write_off_from=(row.write_off_from or None) if figures else None,
    )


def _line_item(line: CountLine) -> CountLineItem:
    return CountLineItem(
        line=line.n,
        round=line.round,
        zone=line.zone,
        lot=line.lot,
        expires_on=line.expires_on or None,
        good=line.good,
        bad=line.bad,
        note=line.note,
        by=line.by,
        open=not line.is_saved,
        begun_seq=line.begun_seq,
        begun_at_ms=line.begun_at_ms,
        seq=line.seq if line.is_saved else None,
        at_ms=line.at_ms or None,
    )


def _question_item(question: CountQuestion) -> CountQuestionItem:
    return CountQuestionItem(
        seq=question.seq,
        at_ms=question.at_ms,
        kind=question.kind,
        units=question.units,
        reference=question.reference,
        entries=question.entries,
        included=question.included,
        answered_by=question.answered_by,
    )
