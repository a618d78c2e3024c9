"""What somebody is told of a count: the one place that keeps a blind count blind.

Whoever counts is not told what the book expects, nor whether it fits: role counter never, anybody else not while a
`blind` count goes on. HTTP, files and pages show what these functions leave. Rules: docs/rules.md#counts.
"""

from __future__ import annotations

from msgspec import Struct

from shelfcast.protocol.access import Principal, Role
from shelfcast.stock.counts import (
    CountKind,
    CountLine,
    CountQuestion,
    CountRecord,
    CountRow,
    CountState,
    RowStatus,
)

_GOES_ON = frozenset({CountState.OPENING, CountState.COUNTING})
_SAYS_WHETHER_IT_DIFFERS = frozenset({RowStatus.REASON, RowStatus.READY, RowStatus.APPLIED})


class Sight(Struct, frozen=True):
    """Who looks at a count, and whether the figures are for it: what the book expects, what others found, and all that
    follows from the two."""

    user: str
    figures: bool


def sight_of(principal: Principal, record: CountRecord) -> Sight:
    """What this caller sees of this count."""
    is_blind = principal.role is Role.COUNTER or (record.blind and record.state in _GOES_ON)
    return Sight(principal.user, figures=not is_blind)


def lines_told(row: CountRow, sight: Sight) -> list[CountLine]:
    """The lines of the last round that has any; without figures one's own."""
    shown = max((line.round for line in row.lines), default=row.round)
    return [line for line in row.lines if line.round == shown and (sight.figures or line.by == sight.user)]


def questions_told(row: CountRow, sight: Sight) -> list[CountQuestion]:
    """What moved meanwhile; without figures only where one has counted the SKU oneself."""
    return row.questions if sight.figures or has_line(row, sight.user) else []


def status_told(row: CountRow, sight: Sight) -> RowStatus:
    """What the SKU needs next; without figures nothing that tells whether it differs."""
    if sight.figures:
        return row.status
    if row.status in _SAYS_WHETHER_IT_DIFFERS:
        return RowStatus.COUNTED if row.lines else RowStatus.UNCOUNTED
    if row.status is RowStatus.ASKS and not has_line(row, sight.user):
        return RowStatus.COUNTED
    return row.status


def has_line(row: CountRow, user: str) -> bool:
    """Whether this person has counted the SKU, in whatever round."""
    return any(line.by == user for line in row.lines)


def may_count(record: CountRecord, row: CountRow, user: str) -> bool:
    """Whether this person may enter lines of the SKU now, as stock/library/count_lines.lua decides it: in the first
    round anybody while the count goes on, in a later one whoever has saved none of an earlier one."""
    if record.kind is CountKind.DRAFT or record.state not in (CountState.COUNTING, CountState.REVIEW):
        return False
    round_now = row.round + 1 if row.status is RowStatus.RECOUNT else row.round
    if record.state is CountState.REVIEW and round_now == 1:
        return False
    return not any(line.by == user and line.round < round_now and line.is_saved for line in row.lines)
