"""What is asked of the book about counts (stock/library/counts.lua). As in `stock.operations` the order of the fields
is part of the format. `user` is who counts, signs or answers: never empty."""

from __future__ import annotations

from shelfcast.stock.actions import By
from shelfcast.stock.operations import Op


class OpenCount(Op, frozen=True, tag="count_open"):
    """Make a count sheet without SKUs, in the state `opening`; once an id. The outcome's data is its record."""

    id: str
    kind: str
    room: str
    zone: str
    category: str
    blind: bool
    recount_over: int
    sign_over: int
    note: str
    by: By


class ClaimSkus(Op, frozen=True, tag="count_claim"):
    """Put SKUs (at most 500) on a sheet that is opening or counted. A SKU is on one open sheet at most. The outcome's
    data: [its record, [[sku, the count it is on already], …]]; SKUs that the catalogue has not are UNKNOWN_SKU."""

    count: str
    skus: list[str]


class BeginCounting(Op, frozen=True, tag="count_begin"):
    """All SKUs are on it: opening → counting. The outcome's data is its record."""

    count: str


class OpenLine(Op, frozen=True, tag="count_line_open"):
    """Somebody begins to count a SKU in a zone. The outcome's data is the row."""

    count: str
    sku: str
    zone: str
    lot: str
    expires_on: str
    user: str


class SaveLine(Op, frozen=True, tag="count_line"):
    """What was found. `line` 0 makes a line, which was begun at the sequence `begun_seq` (0: when the sheet was
    opened); a number is a line of the same person. The outcome's data is [the line's number, the row]."""

    count: str
    line: int
    sku: str
    zone: str
    lot: str
    expires_on: str
    good: int
    bad: int
    note: str
    user: str
    begun_seq: int = 0
    once: str = ""
    """Where it is not empty, a line that was made under this key is found again; ID_CONFLICT names what another one
    said, whatever its line has become since."""


class DropLine(Op, frozen=True, tag="count_line_drop"):
    """A line of one's own was a mistake. The outcome's data is the row."""

    count: str
    sku: str
    line: int
    user: str


class AnswerQuestion(Op, frozen=True, tag="count_answer"):
    """So many units of what left or came are in the lines. The outcome's data is the row."""

    count: str
    sku: str
    seq: int
    included: int
    user: str


class AskRecount(Op, frozen=True, tag="count_recount"):
    """These SKUs (at most 250) are to be counted again, by others. The outcome's data is the record."""

    count: str
    skus: list[str]
    user: str


class GiveReasons(Op, frozen=True, tag="count_reasons"):
    """Why SKUs differ: [sku, reason, note], at most 250. The outcome's data is the record."""

    count: str
    rows: list[tuple[str, str, str]]
    user: str


class CloseCounting(Op, frozen=True, tag="count_close"):
    """Nobody counts any more: counting → review; `again` the other way round. While somebody has a line open it is
    refused (`open_lines`; `available` says of how many SKUs), unless it is to be closed `anyway`: those lines have no
    effect then. The outcome's data is the record."""

    count: str
    user: str
    again: bool = False
    anyway: bool = False


class SignCount(Op, frozen=True, tag="count_sign"):
    """Somebody stands for what the count found at this revision. The outcome's data is the record."""

    count: str
    revision: int
    user: str


class ApplyCount(Op, frozen=True, tag="count_apply"):
    """Move the differences, at most so many SKUs a call: while the outcome's `left` is not 0, so many are still to be
    done, and the same operation goes on. Whoever applies has signed. The outcome's data is the record."""

    count: str
    revision: int
    user: str
    by: By


class CancelCount(Op, frozen=True, tag="count_cancel"):
    """Nothing comes of it: all its SKUs are free. While the outcome's `left` is not 0, so many are still listed as on
    it, and the same operation goes on (upkeep does, too). The outcome's data is the record."""

    count: str
    by: By
