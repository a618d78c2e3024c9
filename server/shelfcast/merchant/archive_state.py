"""What is known of a pool's archive: for whoever asks where the ledger's older entries are."""

from __future__ import annotations

import asyncio

from msgspec import Struct
from msgspec.structs import replace

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore, ObjectInfo
from shelfcast.errors import ArchiveError
from shelfcast.stock.archived import Checkpoint, LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.reading.memory import LedgerMemory
from shelfcast.stock.records import Stream


class ShownCheckpoint(Struct, frozen=True, kw_only=True):
    """A checkpoint: everything up to the pool's sequence `seq` is in the archive, read back and folded, and what that
    comes to has this `hash`. `objects` and `bytes` are the parts of both ledgers that it added, and itself; null where
    the archive did not say."""

    seq: int
    at_ms: int
    last_at_ms: int
    """When the last entry up to it was made."""
    name: str
    hash: str
    objects: int | None
    bytes: int | None


class WaitingShow(Struct, frozen=True, kw_only=True):
    """A show without a final report: entries from `started_seq` on stay out of the archive until it has one.
    `ended_at_ms` is null while it is on; `pending` are the reservations that its report waits for."""

    show: str
    room: str
    started_seq: int
    ended_at_ms: int | None
    pending: int


class ArchiveState(Struct, frozen=True, kw_only=True):
    """Where a pool's archive is, and up to where. Entries behind `cut` are in the engine; those up to it are in the
    archive alone. `entries` and `memory_bytes` are the engine's, by ledger; `objects` and `bytes` all that the archive
    has of the pool. `complaint` says why the archive could not be asked, or that it lacks the last checkpoint; else it
    is empty."""

    place: str
    complaint: str
    seq: int
    cut: LedgerPlace
    checkpoints: list[ShownCheckpoint]
    """The oldest first."""
    entries: dict[Stream, int]
    memory_bytes: dict[Stream, int]
    objects: int | None
    bytes: int | None
    waiting: list[WaitingShow]
    """The shows that began first come first."""


async def waiting_shows(book: StockBook) -> list[WaitingShow]:
    """The shows that are kept and have no final report; those that began first come first. Raises EngineError."""
    records = await book.report_records()
    found = []
    for show in await book.shows_of(await book.show_ids()):
        record = records.get(show.id)
        if record is None or record.final is None:
            found.append(
                WaitingShow(
                    show=show.id,
                    room=show.room,
                    started_seq=show.started_seq,
                    ended_at_ms=show.ended_at_ms or None,
                    pending=len(record.pending) if record else 0,
                )
            )
    return sorted(found, key=lambda show: show.started_seq)


async def archive_state(book: StockBook, store: ArchiveStore) -> ArchiveState:
    """Where the archive is, and up to where. Raises EngineError; an archive that is away is part of the answer."""
    _, seq, _ = await book.clock()
    archived = await book.archived()
    taken: dict[Stream, LedgerMemory] = {stream: await book.ledger_memory(stream) for stream in Stream}
    state = ArchiveState(
        place=store.place,
        complaint="",
        seq=seq,
        cut=archived.cut,
        checkpoints=[],
        entries={stream: one.entries for stream, one in taken.items()},
        memory_bytes={stream: one.bytes for stream, one in taken.items()},
        objects=None,
        bytes=None,
        waiting=await waiting_shows(book),
    )
    try:
        found = await store.list(f"{book.pool}/")
    except ArchiveError as error:
        return replace(state, complaint=str(error), checkpoints=_shown(book.pool, archived.checkpoints, None))
    return await asyncio.to_thread(_with_objects, book.pool, state, archived.checkpoints, found)


def _with_objects(
    pool: str, state: ArchiveState, checkpoints: list[Checkpoint], found: list[ObjectInfo]
) -> ArchiveState:
    """The same with what the archive has of the pool, which may be many thousands of objects."""
    return replace(
        state,
        complaint=_lost(state.place, checkpoints, found),
        checkpoints=_shown(pool, checkpoints, found),
        objects=len(found),
        bytes=sum(one.size for one in found),
    )


def _lost(place: str, checkpoints: list[Checkpoint], found: list[ObjectInfo]) -> str:
    """What is to be said of an archive that has not the last checkpoint: it is empty, or another one."""
    if not checkpoints or any(one.name == checkpoints[-1].name for one in found):
        return ""
    return f"{place} lacks {checkpoints[-1].name}: is this the folder or bucket that was written to?"


def _shown(pool: str, checkpoints: list[Checkpoint], found: list[ObjectInfo] | None) -> list[ShownCheckpoint]:
    """The checkpoints with what each has added to the archive."""
    sizes = {one.name: one.size for one in found or ()}
    parts = [(part, one.size) for one in found or () if (part := names.part_of(pool, one.name)) is not None]
    shown, before = [], LedgerPlace()
    for one in checkpoints:
        mine = [
            size
            for part, size in parts
            if before.of(part.stream) < part.first and part.last <= one.place.of(part.stream)
        ]
        mine += [sizes[one.name]] if one.name in sizes else []
        shown.append(
            ShownCheckpoint(
                seq=one.place.seq,
                at_ms=one.at_ms,
                last_at_ms=one.last_at_ms,
                name=one.name,
                hash=one.hash,
                objects=None if found is None else len(mine),
                bytes=None if found is None else sum(mine),
            )
        )
        before = one.place
    return shown
