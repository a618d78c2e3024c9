"""Parts of ledgers as objects: entries as JSON lines, in the order of their numbers.

Which parts there are is not read off the archive's names: each checkpoint lists all of those before it, with their
checksums (`archive.checkpoints`). So what a run left that did not come to its end is nobody's, and what is missing has
a name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import pairwise

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore, checksum_of
from shelfcast.errors import ArchiveDamaged
from shelfcast.stock.records import LedgerEntry, Stream

ENTRIES_A_PAGE = 2_000
"""Entries that are handed over at a time: some milliseconds' work of whoever folds them."""

Numbered = tuple[Stream, LedgerEntry]
"""An entry, and which ledger it stands in."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LedgerEntry)


class LedgerPart(Struct, frozen=True, kw_only=True):
    """A part of a ledger: the numbers in it of its first and last entry, the pool's sequences of both, its checksum,
    and its length as stored when it was written, in bytes. The checksum is of the entries without their `reason`: what
    was said of a person who is forgotten leaves the part, and it stays the same."""

    stream: Stream
    first: int
    last: int
    first_seq: int
    last_seq: int
    checksum: str
    size: int

    def name(self, pool: str) -> str:
        """What its object is called."""
        return names.ledger_part(pool, self.stream, self.first, self.last)


async def write_part(store: ArchiveStore, pool: str, stream: Stream, entries: Sequence[LedgerEntry]) -> LedgerPart:
    """Write entries that follow one another, at least one, and read them back. Raises ArchiveError."""
    first, last = entries[0], entries[-1]
    size = await store.keep(
        names.ledger_part(pool, stream, first.seq, last.seq), await asyncio.to_thread(_encoder.encode_lines, entries)
    )
    return LedgerPart(
        stream=stream,
        first=first.seq,
        last=last.seq,
        first_seq=first.pool_seq,
        last_seq=last.pool_seq,
        checksum=await asyncio.to_thread(_checksum, entries),
        size=size,
    )


async def read_part(store: ArchiveStore, pool: str, part: LedgerPart) -> list[LedgerEntry]:
    """The entries of a part, as they were written. Raises ArchiveError."""
    name = part.name(pool)
    content = await store.get(name)
    if content is None:
        raise ArchiveDamaged(f"{name} is missing")
    try:
        entries = await asyncio.to_thread(_decoder.decode_lines, content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(f"{name} cannot be read: {error}") from error
    if await asyncio.to_thread(_checksum, entries) != part.checksum:
        raise ArchiveDamaged(f"{name} is not what was written: its checksum differs")
    return entries


def _checksum(entries: Sequence[LedgerEntry]) -> str:
    return checksum_of(
        _encoder.encode_lines([replace(entry, reason="") if entry.reason else entry for entry in entries])
    )


def parts_between(parts: Sequence[LedgerPart], behind_seq: int, through_seq: int) -> list[LedgerPart]:
    """Those that have entries behind one sequence of the pool and up to another, in order."""
    return [part for part in parts if part.last_seq > behind_seq and part.first_seq <= through_seq]


async def entries_between(
    store: ArchiveStore, pool: str, parts: Sequence[LedgerPart], behind: int, through: int
) -> AsyncIterator[list[Numbered]]:
    """The entries of both ledgers together behind a sequence of the pool and up to another, in order, in pages that are
    not empty. One part of each ledger is in memory. Raises ArchiveUnavailable, and ArchiveDamaged where one of them is
    not there, or twice."""
    needed = parts_between(parts, behind, through)
    sources = {stream: _read_all(store, pool, [part for part in needed if part.stream is stream]) for stream in Stream}
    async for page in merged(sources, behind, through, f"the archive of pool {pool}"):
        yield page


async def merged(
    sources: Mapping[Stream, AsyncIterator[list[LedgerEntry]]], behind: int, through: int, where: str
) -> AsyncIterator[list[Numbered]]:
    """The entries of two ledgers as one, by the pool's sequence: those behind one and up to another, in pages that are
    not empty. `where` is what both are read from, for people. Raises ArchiveDamaged where there is a gap."""
    ledgers = {stream: _Ledger(source) for stream, source in sources.items()}
    seq, page = behind, list[Numbered]()
    while seq < through:
        seq += 1
        for stream, ledger in ledgers.items():
            if await ledger.has(seq):
                page.append((stream, ledger.take()))
                break
        else:
            raise ArchiveDamaged(f"{where} has no entry of sequence {seq:,}")
        if len(page) >= ENTRIES_A_PAGE:
            yield page
            page = []
    if page:
        yield page


async def _read_all(store: ArchiveStore, pool: str, parts: Sequence[LedgerPart]) -> AsyncIterator[list[LedgerEntry]]:
    for before, after in pairwise(parts):
        if after.first != before.last + 1:
            raise ArchiveDamaged(f"{after.name(pool)} does not follow on {before.name(pool)}")
    for part in parts:
        yield await read_part(store, pool, part)


class _Ledger:
    """One ledger's entries, one at a time."""

    def __init__(self, source: AsyncIterator[list[LedgerEntry]]) -> None:
        self._source = source
        self._entries: Sequence[LedgerEntry] = ()
        self._at = 0

    async def has(self, pool_seq: int) -> bool:
        """Whether the entry of a sequence of the pool is its next one; those before it are passed over."""
        while True:
            while self._at < len(self._entries):
                found = self._entries[self._at].pool_seq
                if found >= pool_seq:
                    return found == pool_seq
                self._at += 1
            page = await anext(self._source, None)
            if page is None:
                self._entries, self._at = (), 0
                return False
            self._entries, self._at = page, 0

    def take(self) -> LedgerEntry:
        """The next entry."""
        self._at += 1
        return self._entries[self._at - 1]
