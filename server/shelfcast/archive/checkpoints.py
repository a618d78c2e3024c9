"""Checkpoints as objects: what the entries up to a place fold to, and all parts of the ledgers up to there."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from shelfcast.archive import names
from shelfcast.archive.ledgers import LedgerPart
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged
from shelfcast.stock.archived import Archived, Checkpoint
from shelfcast.stock.fold_state import FoldState


class SavedCheckpoint(Struct, frozen=True, kw_only=True):
    """A checkpoint as its object has it: the state of the fold, and its hash. `parts` are those of both ledgers from
    their beginning."""

    hash: str
    parts: list[LedgerPart]
    state: FoldState


async def save(store: ArchiveStore, pool: str, saved: SavedCheckpoint) -> str:
    """Write a checkpoint, and read it back; its name. Raises ArchiveError."""
    name = names.checkpoint(pool, saved.state.place.seq, saved.hash)
    await store.put_json(name, saved)
    return name


async def load(store: ArchiveStore, pool: str, noted: Checkpoint) -> SavedCheckpoint:
    """A checkpoint that the book has noted. Raises ArchiveUnavailable, and ArchiveDamaged where the archive has not
    this one."""
    found = await store.get_json(noted.name, SavedCheckpoint)
    if found is None:
        raise ArchiveDamaged(f"{noted.name} is missing")
    if found.state.place != noted.place or await asyncio.to_thread(found.state.hash) != noted.hash:
        raise ArchiveDamaged(f"{noted.name} is not the checkpoint that the book has noted: its place or hash differs")
    return found


def newest_before(archived: Archived, seq: int) -> Checkpoint | None:
    """The newest checkpoint at or before a sequence of the pool."""
    return max(
        (one for one in archived.checkpoints if one.place.seq <= seq), key=lambda one: one.place.seq, default=None
    )
