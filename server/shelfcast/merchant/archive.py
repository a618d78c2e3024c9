"""A pool's archive is written, read back, folded, and only then are entries taken out of the engine.

A run may end behind every step: what is noted is whole, and the next run writes the rest anew under the same names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from time import perf_counter

from msgspec import Struct

from shelfcast.archive import checkpoints, names
from shelfcast.archive.checkpoints import SavedCheckpoint
from shelfcast.archive.ledgers import (
    LedgerPart,
    Numbered,
    entries_between,
    merged,
    parts_between,
    read_part,
    write_part,
)
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged, EngineUnavailable, InvalidInput
from shelfcast.merchant.archive_state import waiting_shows
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.archive_operations import NoteCheckpoint, Trim
from shelfcast.stock.archived import Archived, Checkpoint, LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.fold import Fold
from shelfcast.stock.fold_state import FoldState, Kept
from shelfcast.stock.folded_book import Complaint
from shelfcast.stock.people_operations import NamePeople
from shelfcast.stock.records import LedgerEntry, Stream

ARCHIVE = "archive"
"""The kind of the job."""
ENGINE_PAGE = 1_000
"""Entries that are read from the engine in one call: one or two milliseconds of its time."""
ENTRIES_A_CHECKPOINT = 1_000_000
"""Entries that are folded in one go: what they come to is in memory, with all that the book has forgotten since."""
PEOPLE_A_CALL = 500


class ArchiveRun(Struct, kw_only=True):
    """What a run has done. Up to the pool's sequence `through` the archive has everything; `entries` were written, in
    `parts` of `bytes` as stored. `trimmed` have left the engine, and up to `cut` all have. `waiting` are shows without
    a final report, which the rest waits for; `violations` are invariants that the written entries break, which an audit
    names."""

    place: str
    through: int = 0
    entries: int = 0
    parts: int = 0
    bytes: int = 0
    checkpoint: str = ""
    trimmed: int = 0
    cut: int = 0
    waiting: list[str] = []
    held_back: str = ""
    violations: int = 0


class Archiving:
    """One run for a pool, step by step."""

    def __init__(
        self,
        book: StockBook,
        store: ArchiveStore,
        settings: Settings,
        *,
        kept_ms: int | None = None,
        anew: bool = False,
        said: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """`kept_ms` is how long entries stay in the engine that the archive has. `anew`: whatever the engine has is
        written once more, where the archive has lost some of it. `said` takes how many entries were gone through, and
        of how many, each as often as it is gone through."""
        self._book = book
        self._store = store
        self._settings = settings
        self._kept_ms = settings.ledger_kept_ms if kept_ms is None else kept_ms
        self._anew = anew
        self._said = said
        self._verified: set[str] = set()
        self._done = self._total = 0
        self.result = ArchiveRun(place=store.place)

    async def run(self) -> ArchiveRun:
        """All steps. Raises ArchiveError, EngineError; InvalidInput where the book cannot be archived yet."""
        async for _ in self.steps():
            pass
        return self.result

    async def steps(self) -> AsyncGenerator[str]:
        """The steps, each by its name when it is done; whoever stops here leaves nothing half done. Raises as `run`."""
        book = self._book
        _, seq, _ = await book.clock()
        people_from = await book.people_from() if seq else 0
        if people_from is None:
            raise InvalidInput(
                "the pool's book is still written for servers of a release before, and names customers: "
                "try again in a minute"
            )
        archived = await book.archived()
        waiting = await waiting_shows(book)
        through = min([seq, *(show.started_seq for show in waiting)])
        self.result.waiting = [show.show for show in waiting]
        if self._anew:
            base = _at_the_cut(archived, through)
            async for step in self._extend(base, through, people_from, archived.through.seq):
                yield step
            archived = await book.archived()
        while through > archived.through.seq:
            at = min(through, archived.through.seq + ENTRIES_A_CHECKPOINT)
            last = archived.checkpoints[-1] if archived.checkpoints else None
            async for step in self._extend(last, at, people_from, archived.through.seq):
                yield step
            archived = await book.archived()
        self.result.through, self.result.cut = archived.through.seq, archived.cut.seq
        for target in await self._targets(archived):
            async for step in self._trim(archived, target):
                yield step
            if self.result.trimmed:
                return

    # --- into the archive ----------------------------------------------------------------------------------------

    async def _extend(self, last: Checkpoint | None, through: int, people_from: int, known: int) -> AsyncGenerator[str]:
        """Write what comes behind a checkpoint (None: from the first entry on), and note the next one. `known` is the
        place of the last one that the book has noted: where another run notes one first, this one is given up."""
        book, store, result = self._book, self._store, self.result
        before = await checkpoints.load(store, book.pool, last) if last else None
        behind = last.place if last else LedgerPlace()
        self._total += 2 * (through - behind.seq)
        upgraded, drawn = await book.upgraded_shows(), await book.batches_drawn()

        def begun(complain: Complaint) -> Fold:
            if before is None:
                return Fold(complain, upgraded, drawn)
            return Fold.from_state(before.state, complain, upgraded, drawn)

        parts: list[LedgerPart] = []
        engines = begun(lambda *_: self._note_violation())
        waiting: dict[Stream, list[LedgerEntry]] = {stream: [] for stream in Stream}
        reader, size = _EngineReader(book, people_from), self._settings.archive_part_entries
        sources = {stream: reader.pages(stream, behind.of(stream), through) for stream in Stream}
        async for page in merged(sources, behind.seq, through, f"the engine's ledger of pool {book.pool}"):
            self._fold(engines, page)
            for stream, entry in page:
                waiting[stream].append(entry)
            for stream, entries in waiting.items():
                while len(entries) >= size:
                    parts.append(await write_part(store, book.pool, stream, entries[:size]))
                    del entries[:size]
                    yield f"part {parts[-1].name(book.pool)}"
        for stream, entries in waiting.items():
            if entries:
                parts.append(await write_part(store, book.pool, stream, entries))
                yield f"part {parts[-1].name(book.pool)}"
        archives = begun(lambda *_: None)
        async for page in entries_between(store, book.pool, parts, behind.seq, through):
            self._fold(archives, page)
            await asyncio.sleep(0)
        yield "folded"
        saved = await self._agreed(archives, engines, [*(before.parts if before else ()), *parts])
        yield "compared"
        name = await checkpoints.save(store, book.pool, saved)
        yield "saved"
        await self._note(name, saved, known)
        result.checkpoint = name
        result.entries += through - behind.seq
        result.parts += len(parts)
        result.bytes += sum(part.size for part in parts)
        yield "noted"
        await self._tidy(saved, behind)
        yield "tidied"

    async def _agreed(self, archives: Fold, engines: Fold, parts: list[LedgerPart]) -> SavedCheckpoint:
        """What both folds came to, without what the book has forgotten. Raises ArchiveDamaged where they differ."""
        kept = await self._book.kept()
        state, other = [await asyncio.to_thread(_state, fold, kept) for fold in (archives, engines)]
        digest = await asyncio.to_thread(state.hash)
        if digest != await asyncio.to_thread(other.hash):
            raise ArchiveDamaged(
                f"what was read back of {names.ledger_folder(self._book.pool, Stream.STOCK)} up to sequence "
                f"{state.place.seq:,} does not fold to what the engine's entries do"
            )
        return SavedCheckpoint(hash=digest, parts=parts, state=state)

    async def _note(self, name: str, saved: SavedCheckpoint, known: int) -> None:
        place = saved.state.place
        outcome = await self._book.apply(
            NoteCheckpoint(place.seq, place.ledger, place.presale, name, saved.hash, saved.state.last_at_ms, known)
        )
        if outcome.code in (Code.STALE, Code.ID_CONFLICT):
            raise InvalidInput("somebody else has written the archive meanwhile: nothing was noted, nothing is lost")
        if outcome.code is not Code.OK:
            raise EngineUnavailable(f"the book did not note {name}: {outcome.code} {outcome.field}")

    def _fold(self, fold: Fold, page: list[Numbered]) -> None:
        for stream, entry in page:
            fold.add(stream, entry)
        self._gone_through(len(page))

    async def _tidy(self, saved: SavedCheckpoint, behind: LedgerPlace) -> None:
        """Delete parts that a run left which did not come to its end: no checkpoint has them."""
        pool = self._book.pool
        if (await self._book.archived()).through != saved.state.place:
            return  # another run has gone on since: what is there may be its own
        known = {part.name(pool) for part in saved.parts}
        for stream in Stream:
            for one in await self._store.list(names.ledger_folder(pool, stream)):
                part = names.part_of(pool, one.name)
                if part and one.name not in known and behind.of(stream) < part.first <= saved.state.place.of(stream):
                    await self._store.delete(one.name)

    def _note_violation(self) -> None:
        self.result.violations += 1

    def _gone_through(self, entries: int) -> None:
        self._done += entries
        self._said(self._done, max(self._done, self._total))

    # --- out of the engine ---------------------------------------------------------------------------------------

    async def _targets(self, archived: Archived) -> list[Checkpoint]:
        """The checkpoints behind the cut all of whose entries are old enough, the newest first."""
        old_ms = await self._book.now_ms() - self._kept_ms
        old = [one for one in archived.checkpoints if one.last_at_ms <= old_ms and one.place.seq > archived.cut.seq]
        return old[::-1]

    async def _trim(self, archived: Archived, target: Checkpoint) -> AsyncGenerator[str]:
        """Look once more at what the archive has of the entries up to a checkpoint, then take them out."""
        book, pool, result = self._book, self._book.pool, self.result
        begun, gone = archived.cut.seq, target.place.seq - archived.cut.seq
        self._total += 2 * gone
        newest = archived.checkpoints[-1]
        saved = await checkpoints.load(self._store, pool, newest)
        if target != newest:
            await checkpoints.load(self._store, pool, target)  # where audits will begin
        for part in parts_between(saved.parts, begun, target.place.seq):
            self._gone_through(part.last - part.first + 1)
            if part.name(pool) not in self._verified:
                await read_part(self._store, pool, part)
                self._verified.add(part.name(pool))
                yield f"verified {part.name(pool)}"
        left = gone
        while left > 0:
            began_s = perf_counter()
            outcome = await book.apply(Trim(target.place.seq, self._settings.trim_entries_a_call_max))
            took_s = perf_counter() - began_s
            if outcome.code is Code.GATE:
                result.held_back = result.held_back or outcome.field
                return
            if outcome.code is not Code.OK:
                raise EngineUnavailable(f"the book took no entries out: {outcome.code} {outcome.field}")
            result.trimmed += left - outcome.data
            self._gone_through(left - outcome.data)
            left = outcome.data
            result.cut = target.place.seq - left
            yield "trimmed"
            await asyncio.sleep(took_s)


class _EngineReader:
    """Entries as archives have them, from the engine: with pseudonyms instead of users."""

    def __init__(self, book: StockBook, people_from: int) -> None:
        self._book = book
        self._people_from = people_from

    async def pages(self, stream: Stream, behind: int, through_seq: int) -> AsyncIterator[list[LedgerEntry]]:
        """Those of a ledger behind a number in it, up to a sequence of the pool. The engine has as long a pause behind
        each page as it took."""
        while True:
            began_s = perf_counter()
            page = await self._book.ledger(stream, behind, ENGINE_PAGE)
            if page and page[0].pool_seq <= self._people_from and await self._name(page):
                page = await self._book.ledger(stream, behind, ENGINE_PAGE)
            took_s = perf_counter() - began_s
            entries = [entry for entry in page if entry.pool_seq <= through_seq]
            if entries:
                yield entries
            if len(entries) < ENGINE_PAGE:
                return
            behind = entries[-1].seq
            await asyncio.sleep(took_s)

    async def _name(self, page: list[LedgerEntry]) -> bool:
        """Give those a pseudonym whom entries name; whether there were any."""
        found = {entry.user for entry in page if entry.user and entry.pool_seq <= self._people_from}
        users = sorted(found - (await self._book.users_of(found)).keys() - await self._book.forgotten(found))
        for first in range(0, len(users), PEOPLE_A_CALL):
            outcome = await self._book.apply(NamePeople(users[first : first + PEOPLE_A_CALL]))
            if outcome.code is not Code.OK:
                raise EngineUnavailable(f"the book gave no pseudonyms: {outcome.code}")
        return bool(users)


def _at_the_cut(archived: Archived, through: int) -> Checkpoint | None:
    """The checkpoint behind which the engine has everything; None where nothing has left it. Raises InvalidInput where
    there is none, or where a checkpoint up to `through` would not be a new one."""
    if through <= archived.through.seq:
        raise InvalidInput("nothing has come since the last checkpoint that may be archived: try again when it has")
    if not archived.cut.seq:
        return None
    found = next((one for one in archived.checkpoints if one.place == archived.cut), None)
    if found is None:
        raise InvalidInput("entries are being taken out up to the next checkpoint: let that come to its end first")
    return found


def _state(fold: Fold, kept: Kept) -> FoldState:
    """What was folded, without what the book has forgotten."""
    fold.forget(kept)
    return fold.state()
