"""Up to where a pool's ledgers are in the archive, and where they begin in the engine (stock/library/archiving.lua)."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.records import Stream


class LedgerPlace(Struct, frozen=True, kw_only=True):
    """A place in both ledgers: the pool's sequence, and the number of the last entry of each up to it. All are 0 before
    the first entry."""

    seq: int = 0
    ledger: int = 0
    presale: int = 0

    def of(self, stream: Stream) -> int:
        """The number of a ledger's last entry up to here."""
        return self.ledger if stream is Stream.STOCK else self.presale

    def numbers(self) -> dict[Stream, int]:
        """The same of both."""
        return {stream: self.of(stream) for stream in Stream}


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A checkpoint that the archive has: what the entries up to its place fold to. `hash` is that of the fold, `name`
    the object, `at_ms` when it was written, `last_at_ms` when the last entry up to it was made."""

    place: LedgerPlace
    name: str
    hash: str
    at_ms: int
    last_at_ms: int


class Archived(Struct, frozen=True, kw_only=True):
    """What is known of a pool's archive: its checkpoints, oldest first (the engine's ledger begins behind one of them),
    and `cut`, the place up to which entries were taken out of the engine."""

    cut: LedgerPlace = LedgerPlace()
    checkpoints: list[Checkpoint] = []

    @property
    def through(self) -> LedgerPlace:
        """Up to where the archive has everything."""
        return self.checkpoints[-1].place if self.checkpoints else LedgerPlace()
