"""People: what is kept of one, and forgetting one. Rules: docs/rules.md#people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from shelfcast.archive.erasing import unsay
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import EngineUnavailable, InvalidInput
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Standing, What
from shelfcast.stock.people_operations import ErasePerson, EraseStep, NamePeople
from shelfcast.stock.reading.reservations import LIVE
from shelfcast.stock.records import Reservation
from shelfcast.stock.refund_requests import RefundState

NAMES_A_CALL = 500
"""Records that one step changes."""
OPEN_SHOWN_MAX = 20
"""Of what is open, how much a refusal names."""
WAITING = 1
"""The state of a wait that stands (stock/library/waiting.lua)."""

Progress = Callable[[int, int], None]
"""Takes how many entries of the ledgers were looked at, and of how many."""


class OpenOrder(Struct, frozen=True, kw_only=True):
    """Why somebody cannot be forgotten yet: `why` is hold, unshipped, paid_no_stock or refund_request."""

    reservation: str
    sku: str
    units: int
    why: str


class Person(Struct, kw_only=True):
    """What a pool keeps of one person: records, and entries of its ledgers that are in the engine.

    `pseudonym` is what the ledgers, the archive and reports say instead; null where nothing was ever written about that
    user. `open` is what has to come to its end before the person can be forgotten. `in_clear` counts the entries that
    say the user, in books that are older than pseudonyms."""

    user: str
    pseudonym: str | None
    standing: Standing
    reason: str
    orders: int = 0
    holds: int = 0
    waits: int = 0
    refund_requests: int = 0
    actions: int = 0
    counted_units: int = 0
    entries: int = 0
    in_clear: int = 0
    first_at_ms: int | None = None
    last_at_ms: int | None = None
    open: list[OpenOrder] = []


class Forgotten(Struct, frozen=True, kw_only=True):
    """Somebody was forgotten: `pseudonym` is what stays, `records` how many had the user in them, and `archive_parts`
    how many objects of the archive were written anew without what was said."""

    pseudonym: str
    records: int
    archive_parts: int


class _Kept(Struct, kw_only=True):
    """A person, and where what is kept of that person is."""

    person: Person
    orders: set[str]
    names: dict[EraseStep, list[Any]]


async def pseudonyms_of(book: StockBook, users: Iterable[str]) -> dict[str, str]:
    """What to call users in what stays, all of them: who has no pseudonym gets one. In a book that is still written
    for servers of before they are called nothing. Raises EngineError."""
    wanted = sorted(user for user in set(users) if user)
    found = await book.pseudonyms(wanted)
    without = [user for user in wanted if user not in found]
    for first in range(0, len(without), NAMES_A_CALL):
        some = without[first : first + NAMES_A_CALL]
        outcome = await book.apply(NamePeople(some))
        is_before = outcome.code is Code.UNAVAILABLE and await book.people_from() is None
        if outcome.code is not Code.OK and not is_before:
            raise EngineUnavailable(f"the book answered {outcome.code} to who somebody is")
        found |= dict.fromkeys(some, "") if is_before else dict(zip(some, outcome.data, strict=True))
    return found


async def person(book: StockBook, user: str, told: Progress = lambda done, total: None) -> Person:
    """What is kept of a user. Reads the whole book. Raises EngineError."""
    return (await _kept(book, user, told)).person


async def forget(
    book: StockBook, archive: ArchiveStore, user: str, told: Progress = lambda done, total: None
) -> Forgotten:
    """Forget a user; may be begun again where it did not come to its end. Raises InvalidInput while something is open
    or stands in clear, EngineError and ArchiveError."""
    if await book.people_from() is None:
        raise InvalidInput("the pool's book is still written for servers of a release before: try again in a minute")
    _refuse_open((await _kept(book, user, told)).person)
    begun = await _step(book, user, EraseStep.BEGIN)
    kept = await _kept(book, user, told)
    if kept.person.open or kept.person.in_clear:
        await _step(book, user, EraseStep.GIVE_UP)
        _refuse_open(kept.person)
    pseudonym, _ = begun
    await _step(book, user, EraseStep.HIDE)
    records = 0
    for step, names in kept.names.items():
        for first in range(0, len(names), NAMES_A_CALL):
            records += (await _step(book, user, step, names[first : first + NAMES_A_CALL]))[1]
    parts = await unsay(archive, book.pool, pseudonym)
    await _step(book, user, EraseStep.END)
    return Forgotten(pseudonym=pseudonym, records=records, archive_parts=parts)


async def _step(book: StockBook, user: str, step: EraseStep, names: Sequence[Any] = ()) -> tuple[str, int]:
    outcome = await book.apply(ErasePerson(user, step, names))
    if outcome.code is Code.STALE:
        raise _refused(user, [f"{outcome.data} (hold)"], 1)
    if outcome.code is not Code.OK:
        raise EngineUnavailable(f"the book answered {outcome.code} to {step}")
    name, changed = outcome.data
    return name, changed


def _refuse_open(found: Person) -> None:
    if found.open:
        shown = [f"{one.reservation} ({one.why}, {one.units} of {one.sku})" for one in found.open[:OPEN_SHOWN_MAX]]
        raise _refused(found.user, shown, len(found.open))
    if found.in_clear:
        raise InvalidInput(
            f"{found.in_clear:,} entries of the ledger are older than pseudonyms and say {found.user!r}: archive them "
            "first (shelfcast archive --now --keep-days 0), then ask again",
            field="user",
        )


def _refused(user: str, shown: Sequence[str], count: int) -> InvalidInput:
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return InvalidInput(
        f"{user!r} has {count:,} that must end first (ship, cancel, refund or decide): {', '.join(shown)}{more}",
        field="user",
    )


async def _kept(book: StockBook, user: str, told: Progress) -> _Kept:
    config = await book.user(user)
    known = await book.pseudonyms((user,))
    found = Person(user=user, pseudonym=known.get(user), standing=config.standing, reason=config.reason)
    names: dict[EraseStep, list[Any]] = {
        step: []
        for step in (EraseStep.RESERVATIONS, EraseStep.WAITS, EraseStep.REFUNDS, EraseStep.ACTIONS, EraseStep.UNITS)
    }
    kept = _Kept(person=found, orders=set(), names=names)
    await _look_through_entries(book, kept, told)
    async for record in book.records_of(user):
        found.orders += 1
        kept.orders.add(record.id)
        names[EraseStep.RESERVATIONS].append(record.id)
        if why := _why_open(record):
            found.holds += why == "hold"
            units = record.qty if why == "paid_no_stock" else record.left + record.oversold
            found.open.append(OpenOrder(reservation=record.id, sku=record.sku, units=units, why=why))
    async for name, wait in book.stored("waits"):
        if wait[3] == user:
            found.waits += wait[0] == WAITING
            names[EraseStep.WAITS].append(name)
    async for name, request in book.stored("refunds"):
        if request["user"] == user:
            found.refund_requests += 1
            kept.orders.add(name)
            names[EraseStep.REFUNDS].append(name)
            if request["state"] == RefundState.OPEN:
                units = request["units"] - request["done_units"]
                found.open.append(OpenOrder(reservation=name, sku=request["sku"], units=units, why="refund_request"))
    async for name, action in book.stored("actions"):
        if _is_about(action, kept):
            found.actions += 1
            names[EraseStep.ACTIONS].append(name)
    names[EraseStep.UNITS] = [place async for place in book.units_of(user)]
    found.counted_units = len(names[EraseStep.UNITS])
    return kept


async def _look_through_entries(book: StockBook, kept: _Kept, told: Progress) -> None:
    found = kept.person
    _, total, _ = await book.clock()
    async for entry, in_clear in book.entries_of(found.user, told=lambda done: told(done, total)):
        found.entries += 1
        found.in_clear += in_clear
        found.first_at_ms = found.first_at_ms or entry.at_ms
        found.last_at_ms = entry.at_ms
        kept.orders.add(entry.id)


def _why_open(record: Reservation) -> str:
    if record.state in LIVE:
        return "hold"
    if record.state is ReservationState.PAID_NO_STOCK:
        return "paid_no_stock"
    return "unshipped" if record.left or record.oversold else ""


def _is_about(action: dict[str, Any], kept: _Kept) -> bool:
    if action.get("what") == What.USER:
        return bool(action["subject"] == kept.person.user)
    of_order = action["subject"] in kept.orders if action.get("why") == "reservation" else False
    return bool(action.get("text")) and (of_order or action.get("reservation", "") in kept.orders)
