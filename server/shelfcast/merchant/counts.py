"""Counts: making a sheet, what is entered on it, and what comes of it. Rules: docs/rules.md#counts.

`user` is who counts, answers or signs. What somebody may see of a count says `merchant.count_sight`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.protocol.codes import Code
from shelfcast.protocol.text import is_blank
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RECOUNT_OVER_UNITS, SIGN_OVER_UNITS, PoolConfig
from shelfcast.stock.count_operations import (
    AnswerQuestion,
    ApplyCount,
    AskRecount,
    BeginCounting,
    CancelCount,
    ClaimSkus,
    CloseCounting,
    DropLine,
    GiveReasons,
    OpenCount,
    OpenLine,
    SaveLine,
    SignCount,
)
from shelfcast.stock.counts import CountKind, CountReason, CountRecord, CountRow, CountState
from shelfcast.stock.outcomes import Outcome

STEP_SKUS = 500
"""SKUs of a count that one call of the book takes at most."""
WEIGHED_STEP_SKUS = 250
"""The same where they are weighed anew: of recounts and reasons."""
OVERLOADS_MAX = 100
"""How often a count that is applied is asked for again where others had the book's time."""

_T = TypeVar("_T")


class Scope(Struct, frozen=True, kw_only=True):
    """Which SKUs a count is of: those that are named, else those of the room, in the zone and of the category, as far
    as these are said; the whole pool where nothing is."""

    room: str = ""
    zone: str = ""
    category: str = ""
    skus: Sequence[str] | None = None


class NewCount(Struct, frozen=True, kw_only=True):
    """A count to make. None takes what the pool's settings say."""

    id: str
    kind: CountKind
    scope: Scope
    blind: bool
    recount_over: int | None
    sign_over: int | None
    note: str


class Claimed(NamedTuple):
    """A count with SKUs put on it; `elsewhere` are those that another open count has: (SKU, that count)."""

    outcome: Outcome
    elsewhere: list[tuple[str, str]]


class Found(Struct, frozen=True, kw_only=True):
    """What was found of a SKU in a place. `begun_seq` 0: it was begun when the SKU was put on it."""

    sku: str
    zone: str = ""
    lot: str = ""
    expires_on: str = ""
    good: int = 0
    bad: int = 0
    note: str = ""
    begun_seq: int = 0


def steps(items: Sequence[_T], size: int = STEP_SKUS) -> Iterator[Sequence[_T]]:
    """As many at a time as one call of the book takes."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


# --- making a sheet -------------------------------------------------------------------------------------------


def sign_over_of(config: PoolConfig) -> int:
    """The difference beyond which a count of the pool takes two signatures."""
    return SIGN_OVER_UNITS if config.sign_over_units is None else config.sign_over_units


async def open_count(book: StockBook, new: NewCount, by: By) -> Claimed:
    """Make a sheet and put its SKUs on it, once an id; one that was begun is gone on with. Raises InvalidInput for a
    threshold above the pool's, and for a scope that has no SKU."""
    config = await book.pool_config()
    most = sign_over_of(config)
    if new.sign_over is not None and new.sign_over > most:
        raise InvalidInput(f"expected at most {most}, the pool's sign_over_units", field="sign_over")
    recount_over = RECOUNT_OVER_UNITS if config.recount_over_units is None else config.recount_over_units
    scope = new.scope
    skus = [sku async for some in skus_of(book, scope) for sku in some]
    if not skus and scope.skus is None and await book.count(new.id) is None:
        raise _of_nothing(scope)
    opened = await book.apply(
        OpenCount(
            new.id,
            new.kind,
            scope.room,
            scope.zone,
            scope.category,
            new.blind,
            recount_over if new.recount_over is None else new.recount_over,
            most if new.sign_over is None else new.sign_over,
            new.note,
            by,
        )
    )
    if opened.code is not Code.OK:
        return Claimed(opened, [])
    record = await book.count(new.id)
    if record is not None and record.state is not CountState.OPENING:
        return await _made_before(book, record, opened, skus, is_named=scope.skus is not None)
    claimed = await claim(book, new.id, skus)
    if claimed.outcome.code is not Code.OK:
        await book.apply(CancelCount(new.id, by))
        return claimed
    begun = await book.apply(BeginCounting(new.id))
    return Claimed(msgspec.structs.replace(begun, action=opened.action), claimed.elsewhere)


def _of_nothing(scope: Scope) -> InvalidInput:
    said = {
        "room": f"is listed in the room {scope.room!r}",
        "zone": f"lies in the zone {scope.zone!r}",
        "category": f"is of the category {scope.category!r}",
    }
    parts = [field for field in said if getattr(scope, field)]
    which = " and ".join(said[field] for field in parts) or "is in the pool"
    return InvalidInput(f"expected a scope that has SKUs: none {which}", field=parts[-1] if parts else "skus")


async def _made_before(
    book: StockBook, record: CountRecord, opened: Outcome, skus: Sequence[str], *, is_named: bool
) -> Claimed:
    """A sheet that this id has made before. Of named SKUs each has to be on it, or on another one."""
    on: dict[str, str] = {}
    for some in steps(skus):
        on |= await book.counting(some)
    if is_named and record.state in (CountState.COUNTING, CountState.REVIEW) and len(on) < len(skus):
        return Claimed(Outcome(Code.ID_CONFLICT, field="skus"), [])
    return Claimed(opened, [(sku, on[sku]) for sku in skus if on.get(sku, record.id) != record.id])


async def claim(book: StockBook, count: str, skus: Sequence[str]) -> Claimed:
    """Put SKUs on a sheet, step by step; done again it adds what is missing. The outcome is the first refusal."""
    outcome, elsewhere = Outcome(Code.OK), []
    for some in steps(skus):
        outcome = await book.apply(ClaimSkus(count, list(some)))
        if outcome.code is not Code.OK:
            break
        elsewhere += [(sku, other) for sku, other in outcome.data[1]]
    return Claimed(outcome, elsewhere)


async def skus_of(book: StockBook, scope: Scope) -> AsyncIterator[list[str]]:
    """The SKUs of a scope by name, page by page. Raises EngineError."""
    if scope.skus is not None:
        yield sorted(set(scope.skus))
        return
    listed = set(await book.listed_skus(scope.room)) if scope.room else None
    if listed is not None and not scope.zone and not scope.category:
        yield sorted(listed)
        return
    async for page in book.catalogue(STEP_SKUS):
        yield [
            sku
            for sku, config, _ in page
            if (listed is None or sku in listed)
            and scope.zone in ("", config.zone)
            and scope.category in ("", config.category)
        ]


# --- what is entered ------------------------------------------------------------------------------------------


async def open_line(book: StockBook, count: str, found: Found, user: str) -> Outcome:
    """Somebody begins to count a SKU in a place: from now on what moves of it is asked about."""
    return await book.apply(OpenLine(count, found.sku, found.zone, found.lot, found.expires_on, user))


async def save_line(book: StockBook, count: str, found: Found, user: str, *, line: int = 0, once: str = "") -> Outcome:
    """Save what was found, as a new line (0) or one of the same person; a new one happens once a key."""
    return await book.apply(
        SaveLine(
            count,
            line,
            found.sku,
            found.zone,
            found.lot,
            found.expires_on,
            found.good,
            found.bad,
            found.note,
            user,
            found.begun_seq,
            once,
        )
    )


async def change_line(
    book: StockBook, count: str, row: CountRow, line: int, good: int, bad: int, note: str, user: str
) -> Outcome:
    """Say anew what was found on a line, where it was."""
    before = next((one for one in row.lines if one.n == line), None)
    if before is None:
        return Outcome(Code.NOT_FOUND, field="line")
    found = Found(
        sku=row.sku, zone=before.zone, lot=before.lot, expires_on=before.expires_on, good=good, bad=bad, note=note
    )
    return await save_line(book, count, found, user, line=line)


async def drop_line(book: StockBook, count: str, sku: str, line: int, user: str) -> Outcome:
    """A line of one's own was a mistake."""
    return await book.apply(DropLine(count, sku, line, user))


async def answer_question(book: StockBook, count: str, sku: str, seq: int, included: int, user: str) -> Outcome:
    """So many units of what left or came are in the lines."""
    return await book.apply(AnswerQuestion(count, sku, seq, included, user))


async def ask_recount(book: StockBook, count: str, skus: Sequence[str], user: str) -> Outcome:
    """Have SKUs counted again by others; the first refusal, or the last outcome."""
    outcome = Outcome(Code.OK)
    for some in steps(skus, WEIGHED_STEP_SKUS):
        outcome = await book.apply(AskRecount(count, list(some), user))
        if outcome.code is not Code.OK:
            break
    return outcome


async def give_reasons(book: StockBook, count: str, rows: Sequence[tuple[str, CountReason, str]], user: str) -> Outcome:
    """Say why SKUs differ: (SKU, reason, note). Raises InvalidInput where `other` has no note."""
    for index, (_, reason, note) in enumerate(rows):
        if reason is CountReason.OTHER and is_blank(note):
            raise InvalidInput(
                "expected a note: nothing else says what the other reason is", field=f"rows[{index}].note"
            )
    outcome = Outcome(Code.OK)
    for some in steps(rows, WEIGHED_STEP_SKUS):
        outcome = await book.apply(GiveReasons(count, [(sku, str(reason), note) for sku, reason, note in some], user))
        if outcome.code is not Code.OK:
            break
    return outcome


# --- what comes of it -----------------------------------------------------------------------------------------


async def close(book: StockBook, count: str, user: str, *, anyway: bool = False) -> Outcome:
    """Nobody counts any more: it is looked at. `anyway`: lines that somebody has open have no effect."""
    return await book.apply(CloseCounting(count, user, anyway=anyway))


async def reopen(book: StockBook, count: str, user: str) -> Outcome:
    """The counting goes on."""
    return await book.apply(CloseCounting(count, user, again=True))


async def sign(book: StockBook, count: str, revision: int, user: str) -> Outcome:
    """Stand for what the count found at this revision."""
    return await book.apply(SignCount(count, revision, user))


async def apply(book: StockBook, count: str, revision: int, user: str, by: By) -> Outcome:
    """Move the differences, over several calls of the book where they are many; whoever applies has signed. One that
    was begun is gone on with."""
    refusals = 0
    while True:
        outcome = await book.apply(ApplyCount(count, revision, user, by))
        if outcome.code is Code.OVERLOADED and refusals < OVERLOADS_MAX:
            # Moves of others had this call's part; the next one has its own.
            refusals += 1
        elif outcome.code is not Code.OK or outcome.left == 0:
            return outcome


async def cancel(book: StockBook, count: str, by: By) -> Outcome:
    """Nothing comes of the count."""
    return await book.apply(CancelCount(count, by))


async def all_counts(book: StockBook) -> list[CountRecord]:
    """The counts that are kept: those that are open first, the newest first. Raises EngineError."""
    over = (CountState.APPLIED, CountState.CANCELLED)
    return sorted(await book.counts(), key=lambda record: (record.state in over, -record.made_at_ms, record.id))
