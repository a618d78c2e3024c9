"""The audit: fold a pool's ledgers from their first entry, or from a checkpoint, and hold the book against the result.

The book goes on selling while it is audited. Its state is read first, in pages that each carry the sequence
they were read at; then the ledger is folded, and every page is compared at the moment the fold has reached its
sequence. So a difference is a violation, never a race.

The invariants stand in docs/rules.md#invariants.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec import Struct, field

from shelfcast.errors import EntriesArchived
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.fold import MAY_BE_NEGATIVE, Fold
from shelfcast.stock.fold_state import FoldState
from shelfcast.stock.places import (
    BATCH,
    COUNT_GAIN,
    COUNT_LOSS,
    EXTERNAL_OVERSOLD,
    FULFILLED,
    HELD,
    PRESALE_HELD,
    PRESALE_SOLD,
    RETURNED,
    SHIPPED,
    SOLD,
    SUPPLIER,
    WRITTEN_OFF,
)
from shelfcast.stock.reading.book_keys import NAMES_APART
from shelfcast.stock.reading.reservations import reservation_from
from shelfcast.stock.reading.rows import buckets_from, counters_from, pairs
from shelfcast.stock.records import LedgerEntry, Stream
from shelfcast.stock.waitlist_audit import said
from shelfcast.stock.windows import EVER

INVARIANTS = {
    1: "units on hand = received + returned + gained - shipped - written off - lost",
    2: "no bucket is negative",
    3: "held and sold units are those of the reservations",
    4: "buckets are the fold of the ledger; its sequence has no gap",
    5: "a reservation resolves at most once",
    6: "no user's net units exceed the limit in its window",
    8: "what is counted beside the buckets is the fold of the ledger",
    9: "who waits, or is owed units, stands on each of its lists, once, and is counted",
    10: "the indexes and numbers of the counts are those of their rows",
}

SOLD_IN = "sold:"
UNITS, UNITS_OF_DAYS = "units", "units_days"
"""Pages of customers' net units: that count for ever, or (behind a colon) in a show or
from a batch; and those of the last days."""
LEDGER_PAGE = 2_000
VIOLATIONS_MAX = 1_000
"""Violations that are listed; all are counted."""

LIVE = (ReservationState.ACTIVE, ReservationState.PAYMENT_PENDING)
OUTSIDE_ACCOUNTS = (SUPPLIER, SHIPPED, RETURNED, WRITTEN_OFF, COUNT_GAIN, COUNT_LOSS)
PRESALE_PLACES = ("promise", "presale", PRESALE_HELD, PRESALE_SOLD, FULFILLED)


class Violation(Struct, frozen=True):
    """One thing that is not as it must be."""

    invariant: int
    subject: str
    detail: str


class AuditReport(Struct, kw_only=True):
    """What an audit looked at and found."""

    pool: str
    entries: int = 0
    skus: int = 0
    reservations: int = 0
    users: int = 0
    waiting: int = 0
    """Waits that stand."""
    units_on_hand: int = 0
    units_oversold: int = 0
    """Units that external platforms sold beyond the stock; the book itself never does."""
    violation_count: int = 0
    violations: list[Violation] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all invariants hold."""
        return self.violation_count == 0

    def add(self, invariant: int, subject: str, detail: str) -> None:
        """Note a violation."""
        self.violation_count += 1
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(invariant, subject, detail))

    def count_of(self, invariant: int) -> int:
        """Violations of one invariant among those listed."""
        return sum(violation.invariant == invariant for violation in self.violations)


class _Page(Struct):
    """A page of the book's state, and the pool's sequence at which it was read."""

    what: str
    seq: int
    items: list[tuple[str, Any]]
    pseudonyms: dict[str, str] = field(default_factory=dict)
    """Of the users on it: the ledger knows them by those."""

    def names_of(self, user: str) -> set[str]:
        """What the ledger may call a user: entries of before say the user where nobody had a pseudonym yet."""
        return {user, self.pseudonyms.get(user, user)}

    @property
    def show(self) -> str:
        """The show whose sales it has; empty where it is about something else."""
        return self.what.removeprefix(SOLD_IN) if self.what.startswith(SOLD_IN) else ""


Progress = Callable[[int, int], None]
"""Takes how many ledger entries are folded, and of how many."""


Entries = AsyncIterator[tuple[Stream, LedgerEntry]]
"""Entries of both ledgers, by the pool's sequence."""


async def audit(
    book: StockBook,
    progress: Progress = lambda done, total: None,
    begin: FoldState | None = None,
    earlier: Entries | None = None,
) -> AuditReport:
    """Audit one pool. Reads the whole ledger and state; the pool may be selling meanwhile.

    Where the first entries have left the engine, it begins at the state of a checkpoint, or takes entries from
    elsewhere first: `earlier` are those behind `begin` (of the first on, without it), in order, as far as there are
    any; the engine has the others. Raises EntriesArchived where entries between are in the archive alone: then it takes
    a later checkpoint, or more entries from there. Raises EngineError.
    """
    report = AuditReport(pool=book.pool)
    cut = await book.cut()
    if earlier is None and (begin.place.seq if begin else 0) < cut.seq:
        wanted = "an audit begins at a checkpoint behind them, or reads them there"
        raise EntriesArchived(book.pool, Stream.STOCK, cut.ledger, cut.seq, hint=wanted)
    _, total, _ = await book.clock()
    progress(0, total)
    drawn = await book.batches_drawn()
    windows = [UNITS, UNITS_OF_DAYS, *[f"{UNITS}:{show}" for show in await book.shows_with_units()]]
    windows += [f"{UNITS}:{BATCH}{batch}" for batch in drawn]
    pages = [
        await _named(book, _Page(what, seq, pairs(items)))
        for what in ("skus", *windows, "reservations", *[SOLD_IN + show for show in await book.show_ids()])
        async for seq, items in book.pages(what)
    ]
    kept = set(await book.show_ids())  # one that was forgotten meanwhile takes what it sold along
    counted = {(page.show, sku) for page in pages for sku, _ in page.items if page.show}
    upgraded = await book.upgraded_shows()
    fold = Fold.from_state(begin, report.add, upgraded, drawn) if begin else Fold(report.add, upgraded, drawn)
    if pages and fold.seq > pages[0].seq:
        report.add(4, f"sequence {fold.seq}", f"the checkpoint is there; the book counts {pages[0].seq} entries")
        return report
    entries = all_entries(book, fold.place, earlier)
    for page in pages:  # read one after another, so their sequences only grow
        while fold.seq < page.seq:
            following = await anext(entries, None)
            if following is None:
                report.add(4, f"sequence {fold.seq + 1}", f"missing; the book counts {page.seq} entries")
                fold.seq = page.seq
                break
            fold.add(*following)
            if fold.seq % LEDGER_PAGE == 0:
                progress(fold.seq, max(total, page.seq))
        if page.show in kept:
            _compare_sold(report, fold, page, counted)
        elif not page.show:
            _COMPARE[page.what.partition(":")[0]](report, fold, await _named(book, page))
        progress(fold.seq, max(total, page.seq))
        await asyncio.sleep(0)  # A book that stands still has thousands of pages of one sequence.
    _check_completeness(report, fold, pages)
    _check_sums(report, fold)
    async for standing, wrong in book.wrong_waits():
        report.waiting += standing
        for found in wrong:
            report.add(9, found.subject, said(found))
    for one in await book.wrong_counts():
        report.add(10, one.subject or "counts", one.said())
    report.entries = fold.seq
    return report


async def _named(book: StockBook, page: _Page) -> _Page:
    """The page, with the pseudonyms of its users: of those who had none when it was read, those of now."""
    if page.what.partition(":")[0] in (UNITS, UNITS_OF_DAYS):
        users = {name.partition(NAMES_APART)[0] for name, _ in page.items}
        page.pseudonyms |= await book.pseudonyms(users - page.pseudonyms.keys())
    return page


async def all_entries(book: StockBook, behind: LedgerPlace, earlier: Entries | None = None) -> Entries:
    """Both ledgers as one behind a place: first what comes from elsewhere, then what the engine has behind that. Raises
    EntriesArchived where the engine has the next one not any more."""
    numbers = behind.numbers()
    if earlier is not None:
        async for stream, entry in earlier:
            numbers[stream] = entry.seq
            yield stream, entry
    sources = {stream: _entries_of(book, stream, after) for stream, after in numbers.items()}
    heads = {stream: await anext(source, None) for stream, source in sources.items()}
    while waiting := [(head.pool_seq, stream, head) for stream, head in heads.items() if head]:
        _, stream, entry = min(waiting)
        yield stream, entry
        heads[stream] = await anext(sources[stream], None)


async def _entries_of(book: StockBook, stream: Stream, after: int) -> AsyncIterator[LedgerEntry]:
    while page := await book.ledger(stream, after, LEDGER_PAGE):
        for entry in page:
            yield entry
        after = page[-1].seq


def _compare_skus(report: AuditReport, fold: Fold, page: _Page) -> None:
    for sku, flat in page.items:
        report.skus += 1
        stored, folded = buckets_from(pairs(flat)), fold.units[sku]
        for place in sorted(stored.keys() | folded.keys()):
            units = stored.get(place, 0)
            if units != folded[place]:
                report.add(4, f"{sku} {place}", f"the book says {units}, the ledger {folded[place]}")
            if units < 0 and place not in MAY_BE_NEGATIVE:
                report.add(2, f"{sku} {place}", f"{units} units")
        counted, recount = counters_from(pairs(flat)), fold.counters[sku]
        for name in sorted(counted.keys() | recount.keys()):
            if counted[name] != recount[name]:
                report.add(8, f"{sku} {name}", f"the book says {counted[name]}, the ledger {recount[name]}")
        on_hand = sum(units for place, units in stored.items() if _is_bucket(place))
        accounts = -sum(stored.get(account, 0) for account in OUTSIDE_ACCOUNTS)
        if on_hand != accounts:
            report.add(1, sku, f"{on_hand} units in the buckets, {accounts} by the accounts")
        report.units_on_hand += on_hand
        report.units_oversold += sum(n for place, n in stored.items() if place.startswith(EXTERNAL_OVERSOLD))


def _compare_units(report: AuditReport, fold: Fold, page: _Page) -> None:
    window = page.what.partition(":")[2] or EVER
    for name, units in page.items:
        report.users += 1
        user, _, sku = name.partition(NAMES_APART)
        if window.startswith(BATCH):
            drawn = fold.from_batches[window.removeprefix(BATCH)]
            folded = sum(drawn[each, sku] for each in page.names_of(user))
            if int(units) != folded:
                report.add(6, f"{user} {sku}", f"the book says {int(units)} from {window}, the ledger {folded}")
        else:
            _compare_window(report, fold, page, window, (user, sku), int(units))


def _compare_days(report: AuditReport, fold: Fold, page: _Page) -> None:
    for name, hours in page.items:
        report.users += 1
        user, _, sku = name.partition(NAMES_APART)
        numbers = hours.split(" ")
        for hour, units in zip(numbers[::2], numbers[1::2], strict=True):
            if int(hour) > fold.hours_behind:
                _compare_window(report, fold, page, hour, (user, sku), int(units))


def _compare_window(report: AuditReport, fold: Fold, page: _Page, window: str, of: tuple[str, str], units: int) -> None:
    user, sku = of
    folded = sum(fold.by_user[window, each, sku] for each in page.names_of(user))
    if units != folded:
        within = "" if window == EVER else f" in {window}"
        report.add(6, f"{user} {sku}", f"the book says {units} net units{within}, the ledger {folded}")


def _compare_reservations(report: AuditReport, fold: Fold, page: _Page) -> None:
    for name, blob in page.items:
        report.reservations += 1
        record = reservation_from(name, blob)
        folded = fold.reservations.get(name)
        if folded is None:
            report.add(3, name, f"a record of {record.left} units that the ledger does not know")
            continue
        state = {"reacquired": "confirmed"}.get(folded.state, folded.state)
        stored = "active" if record.state in LIVE else str(record.state)
        paid_back = stored == "cancelled" and state == "confirmed" and folded.left == 0
        if stored != state and not paid_back:
            report.add(5, name, f"the book says {record.state}, the ledger {state}")
        if (record.sku, record.channel, record.left) != (folded.sku, folded.channel, folded.left):
            report.add(
                3,
                name,
                f"the book says {record.left} of {record.sku} in {record.channel}, "
                f"the ledger {folded.left} of {folded.sku} in {folded.channel}",
            )


def _compare_sold(report: AuditReport, fold: Fold, page: _Page, counted: set[tuple[str, str]]) -> None:
    """`counted` are the shows and SKUs of all pages: what was sold before the first of a show's is in one of them."""
    folded = fold.sold[page.show]
    for sku, units in page.items:
        if int(units) != folded[sku]:
            report.add(8, f"{sku} sold in {page.show}", f"the book says {int(units)}, the ledger {folded[sku]}")
    for sku, n in folded.items():
        if n and (page.show, sku) not in counted:
            report.add(8, f"{sku} sold in {page.show}", f"the book has no count of it, the ledger {n}")
            counted.add((page.show, sku))


_COMPARE = {
    "skus": _compare_skus,
    UNITS: _compare_units,
    UNITS_OF_DAYS: _compare_days,
    "reservations": _compare_reservations,
}


def _check_completeness(report: AuditReport, fold: Fold, pages: list[_Page]) -> None:
    """What the fold knows of, from before the pages were read, must have been in one of them."""
    first = next((page for page in pages if page.what == "reservations"), None)
    if first is None:
        return
    stored = {name for page in pages if page.what == "reservations" for name, _ in page.items}
    catalogue = {name for page in pages if page.what == "skus" for name, _ in page.items}
    for name, folded in fold.reservations.items():
        if folded.left > 0 and name not in stored and folded.made_at <= first.seq:
            report.add(3, name, f"{folded.left} units of {folded.sku} without a record")
    for sku in fold.units.keys() - catalogue:
        report.add(4, sku, "the ledger moves a SKU that the catalogue does not have")


def _check_sums(report: AuditReport, fold: Fold) -> None:
    """Held and sold units are those of the reservations, at the end of the fold."""
    expected: Counter[tuple[str, str]] = Counter()
    for folded in fold.reservations.values():
        place = HELD if folded.state == "active" else SOLD
        expected[folded.sku, place + folded.channel] += folded.left
    actual: Counter[tuple[str, str]] = Counter()
    for sku, units in fold.units.items():
        for place, n in units.items():
            if place.startswith((HELD, SOLD, PRESALE_HELD, PRESALE_SOLD)):
                actual[sku, place.removeprefix("presale_")] += n
    for sku, place in sorted(expected.keys() | actual.keys()):
        n, owned = actual[sku, place], expected[sku, place]
        if n != owned:
            report.add(3, f"{sku} {place}", f"{n} units in the ledger, reservations have {owned}")


def _is_bucket(place: str) -> bool:
    return (
        place not in OUTSIDE_ACCOUNTS
        and not place.startswith(EXTERNAL_OVERSOLD)
        and not place.startswith(PRESALE_PLACES)
    )
