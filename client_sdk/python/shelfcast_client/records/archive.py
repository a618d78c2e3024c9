"""Where a pool's ledgers are when they have left the engine."""

from __future__ import annotations

from typing import TypedDict


class LedgerPlace(TypedDict):
    """A place in both ledgers: the pool's sequence, and the number of the last entry of each up to it."""

    seq: int
    ledger: int
    presale: int


class ArchiveCheckpoint(TypedDict):
    """Everything up to the pool's sequence `seq` is in the archive, read back and folded, and what that comes to has
    this `hash`. `objects` and `bytes` are what it added; None where the archive did not say."""

    seq: int
    at_ms: int
    last_at_ms: int
    name: str
    hash: str
    objects: int | None
    bytes: int | None


class WaitingShow(TypedDict):
    """A show without a final report: entries from `started_seq` on stay out of the archive until it has one.
    `ended_at_ms` is None while it is on; `pending` are the reservations that its report waits for."""

    show: str
    room: str
    started_seq: int
    ended_at_ms: int | None
    pending: int


class Archive(TypedDict):
    """Where a pool's archive is, and up to where. Entries behind `cut` are in the engine, those up to it in the archive
    alone. `entries` and `memory_bytes` are the engine's, by ledger (`ledger`, `presale`); `objects` and `bytes` all
    that the archive has of the pool. `complaint` says why the archive could not be asked, or that it lacks the last
    checkpoint; else it is empty."""

    place: str
    complaint: str
    seq: int
    cut: LedgerPlace
    checkpoints: list[ArchiveCheckpoint]
    entries: dict[str, int]
    memory_bytes: dict[str, int]
    objects: int | None
    bytes: int | None
    waiting: list[WaitingShow]


class ArchiveRun(TypedDict):
    """What a run of the archive did. Up to `through` the archive has everything; `entries` were written, in `parts` of
    `bytes` as stored. `trimmed` have left the engine, and up to `cut` all have. `waiting` are shows without a final
    report, which entries behind their beginning wait for; `held_back` says why old entries stay in the engine that the
    archive has (a show, or `days`: their day has no totals yet). `violations` are invariants that the written entries
    break."""

    place: str
    through: int
    entries: int
    parts: int
    bytes: int
    checkpoint: str
    trimmed: int
    cut: int
    waiting: list[str]
    held_back: str
    violations: int
