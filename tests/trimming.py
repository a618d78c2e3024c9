"""Checkpoints and trims, for tests that need a book whose first entries are gone."""

from __future__ import annotations

from typing import NoReturn

import msgspec
from shelfcast.protocol.codes import Code
from shelfcast.stock.archive_operations import NoteCheckpoint, Trim
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.audit import Entries, all_entries
from shelfcast.stock.book import StockBook
from shelfcast.stock.fold import Fold
from shelfcast.stock.fold_state import FoldState
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import LedgerEntry, Stream
from shelfcast.stock.reports import ReportMark, ReportRecord

DAYS_NOTED_SEQ = 1_000_000_000
"""Behind all entries of a test."""

Sequence = list[tuple[Stream, LedgerEntry]]


async def note_days(book: StockBook) -> None:
    """All the days of a pool have their totals, those to come too: no entry waits for them."""
    key = f"{book.base}:meta"
    await book._engine.command("HSET", key, "day", "2001-01-01", "days_seq", DAYS_NOTED_SEQ, key=key)


async def entries_of(book: StockBook) -> Sequence:
    """What the engine has of both ledgers, in order."""
    return [each async for each in all_entries(book, await book.cut())]


async def passed_on(entries: Sequence) -> Entries:
    """Entries as an archive gives them."""
    for stream, entry in entries:
        yield stream, entry


async def place_at(book: StockBook, seq: int) -> LedgerPlace:
    """The place of both ledgers at a sequence of the pool behind the cut, by counting."""
    cut = await book.cut()
    streams = [stream for stream, entry in await entries_of(book) if entry.pool_seq <= seq]
    presale = streams.count(Stream.PRESALE)
    return LedgerPlace(seq=seq, ledger=cut.ledger + len(streams) - presale, presale=cut.presale + presale)


def complain(number: int, subject: str, detail: str) -> NoReturn:
    """Nothing may be wrong."""
    raise AssertionError((number, subject, detail))


async def folded(book: StockBook, begin: FoldState | None, entries: Sequence, *, forgetful: bool = True) -> FoldState:
    """The fold of these entries behind a state: saved, as text, and loaded."""
    drawn, upgraded = await book.batches_drawn(), await book.upgraded_shows()
    fold = Fold.from_state(begin, complain, upgraded, drawn) if begin else Fold(complain, upgraded, drawn)
    for stream, entry in entries:
        fold.add(stream, entry)
    if forgetful:
        fold.forget(await book.kept())
    state = fold.state()
    loaded = msgspec.json.decode(state.encoded(), type=FoldState)
    assert (loaded, loaded.hash()) == (state, state.hash())
    return loaded


async def note(book: StockBook, place: LedgerPlace, *, digest: str = "") -> Outcome:
    """The archive has everything up to there."""
    digest = digest or f"hash {place.seq}"
    return await book.apply(
        NoteCheckpoint(place.seq, place.ledger, place.presale, f"checkpoint {place.seq}", digest, 1_000)
    )


async def trim(book: StockBook, seq: int, begin: FoldState | None = None) -> FoldState:
    """Take out everything up to a checkpoint. An audit begins at what is returned; `begin` is where it began before."""
    gone = [(stream, entry) for stream, entry in await entries_of(book) if entry.pool_seq <= seq]
    state = await folded(book, begin, gone)
    left = 1
    while left:
        outcome = await book.apply(Trim(seq, 10_000))
        assert outcome.code is Code.OK, outcome
        left = outcome.data
    return state


async def final_report(book: StockBook, show: str) -> None:
    """The last report of a show is written; its object is nowhere."""
    record = ReportRecord(show=show, final=ReportMark(seq=0, at_ms=0, name="", checksum=""))
    key = f"{book.base}:reports"
    await book._engine.command("HSET", key, show, msgspec.msgpack.encode(record), key=key)
