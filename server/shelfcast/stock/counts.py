"""Count sheets as the book keeps them (stock/library/counts.lua): what people found, and what that makes of the stock.

Rules: docs/rules.md#counts.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class CountKind(StrEnum):
    """What a count is for. A `draft` is what the book made of a move that takes two signatures."""

    BEFORE = "before"
    SPOT = "spot"
    AFTER = "after"
    CYCLE = "cycle"
    DRAFT = "draft"


class CountState(StrEnum):
    """Where a count stands: SKUs are being put on it, counted, looked at and signed; then the differences are moved."""

    OPENING = "opening"
    COUNTING = "counting"
    REVIEW = "review"
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class RowStatus(StrEnum):
    """What a SKU of a count needs next."""

    UNCOUNTED = "uncounted"
    """Nobody has saved a line: that is not zero, and changes nothing."""
    COUNTING = "counting"
    """Somebody has a line open."""
    COUNTED = "counted"
    """While the count goes on: lines are saved, and more may come."""
    ASKS = "asks"
    """Goods left or came while it was counted: a question waits for its answer."""
    RECOUNT = "recount"
    """Somebody else has to count it again."""
    REASON = "reason"
    """It differs, and nobody has said why."""
    READY = "ready"
    APPLIED = "applied"


class CountReason(StrEnum):
    """Why a count differs from the book."""

    MISLOGGED_IN = "mislogged_in"
    MISLOGGED_OUT = "mislogged_out"
    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    SWAPPED = "swapped"
    EARLIER_COUNT = "earlier_count"
    SYSTEM = "system"
    OTHER = "other"
    """Takes a note."""


class CountLine(Struct, frozen=True, kw_only=True):
    """What one person found of a SKU in one place. `n` is its number in the count. It was opened at the sequence
    `begun_seq`, and saved at `seq` (`at_ms` 0: it is open still), when the book had `on_hand` units, of which
    `unsellable`.

    `lot` and `expires_on` (YYYY-MM-DD) are empty where goods have none. `round` is that of its SKU.
    """

    n: int
    round: int
    zone: str = ""
    lot: str = ""
    expires_on: str = ""
    good: int = 0
    bad: int = 0
    note: str = ""
    by: str
    begun_seq: int
    begun_at_ms: int
    seq: int = 0
    at_ms: int = 0
    on_hand: int = 0
    unsellable: int = 0

    @property
    def is_saved(self) -> bool:
        """Whether it says what was found; else it is open still."""
        return self.at_ms > 0


class CountQuestion(Struct, frozen=True, kw_only=True):
    """Goods that left (`units` below zero) or came while a SKU was counted, by the entry `seq` of the ledger: how many
    of them are in the lines? `included` is the answer, None before that. `entries` is how many movements it stands
    for, the last of which is `seq`; they are of one `kind`, or "several"."""

    seq: int
    at_ms: int
    kind: str
    units: int
    reference: str = ""
    entries: int = 1
    included: int | None = None
    answered_by: str = ""


class CountRow(Struct, frozen=True, kw_only=True):
    """A SKU of a count. The round that counts is the last one; `lines` are those of all rounds.

    `counted` (good and bad of the round's lines, None where there is none), `on_hand` at the last line's sequence, and
    what the answers add make `difference` = counted + adjusted - on_hand; `bad` - `unsellable` units beside become
    unsellable. `shortage` is what an applied row could not take from anywhere, `unmoved_bad` how many of the bad units
    are held or sold, and did not become unsellable.
    """

    sku: str
    status: RowStatus
    round: int = 1
    lines: list[CountLine] = []
    questions: list[CountQuestion] = []
    counted: int | None = None
    bad: int = 0
    on_hand: int = 0
    unsellable: int = 0
    adjusted: int = 0
    difference: int = 0
    reason: str = ""
    reason_note: str = ""
    reason_by: str = ""
    recount_asked_by: str = ""
    shortage: int = 0
    unmoved_bad: int = 0
    write_off_from: str = ""
    """Of a draft that a write-off became: the place that its units are to go from."""


class Signature(Struct, array_like=True, frozen=True):
    """Somebody has signed a count at this revision."""

    by: str
    at_ms: int
    revision: int


class CountRecord(Struct, frozen=True, kw_only=True):
    """A count sheet. Of its `rows` SKUs `counted_rows` have a saved line, of `open_rows`
    somebody has a line open; `asking` wait for an answer, `recounts` for
    another person, `unreasoned` for a reason; `differing` differ, `over` by more than `sign_over`.

    `room`, `zone` and `category` are what it was opened for, empty where that is not how. `revision` is raised by
    whatever changes what would be applied, and a signature holds for the revision it names alone.
    """

    id: str
    kind: CountKind
    state: CountState
    room: str = ""
    zone: str = ""
    category: str = ""
    blind: bool = True
    recount_over: int
    sign_over: int
    note: str = ""
    made_by: str
    made_at_ms: int
    made_seq: int
    rows: int = 0
    lines: int = 0
    counted_rows: int = 0
    open_rows: int = 0
    asking: int = 0
    recounts: int = 0
    unreasoned: int = 0
    differing: int = 0
    over: int = 0
    revision: int = 0
    signatures: list[Signature] = []
    closed_at_ms: int = 0
    closed_by: str = ""
    applied_at_ms: int = 0
    applied_seq: int = 0
    applied_by: str = ""
    applied_rows: int = 0
    gained: int = 0
    lost: int = 0
    shortage: int = 0
    unmoved_bad: int = 0
    cancelled_by: str = ""
    move: str = ""
    """The id of the move that a draft stands for."""

    @property
    def signatures_needed(self) -> int:
        """How many different people have to sign."""
        return 2 if self.over else 1

    @property
    def is_open(self) -> bool:
        """Whether its SKUs are on it, and on no other one."""
        return self.state not in (CountState.APPLIED, CountState.CANCELLED)


class LastCount(Struct, array_like=True, frozen=True):
    """When a SKU was counted last (and that was applied): the sequence and time of its last line, the count, how many
    were found, by how many that differed, and what was short."""

    at_ms: int
    seq: int
    count: str
    counted: int
    difference: int
    shortage: int
