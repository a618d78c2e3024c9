"""A fold as it is saved and loaded: what the entries up to a place come to, and a hash of it."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct

from shelfcast.stock.archived import LedgerPlace

_encoder = msgspec.json.Encoder(order="deterministic")


class FoldedState(Struct, array_like=True, frozen=True, gc=False):
    """A reservation of a fold (`stock.folded_book.Folded`). `home` and `drawn` keep their order, that of drawing."""

    id: str
    sku: str
    channel: str
    user: str
    state: str
    left: int
    made_at: int
    counts_for_limit: bool = True
    home: list[tuple[str, int]] | None = None
    drawn: list[tuple[str, int]] | None = None
    gone_at: int = 0


UserUnits = tuple[str, str, int]
"""User, SKU, net units."""


class FoldState(Struct, frozen=True, kw_only=True):
    """All that a fold knows at a place. Lists are sorted and zeros left out: the same fold is the same text.

    It grows with the catalogue, with reservations that are open or that the book remembers, with who bought what under
    a limit that still counts, and with the shows that are kept. `Fold.forget` takes out what the book has forgotten.
    """

    place: LedgerPlace
    last_at_ms: int = 0
    """When the latest entry was made."""
    units: dict[str, dict[str, int]] = {}
    """By SKU: units by place."""
    counters: dict[str, dict[str, int]] = {}
    """By SKU: what is counted beside them."""
    sold: dict[str, dict[str, int]] = {}
    """By show: net units by SKU."""
    by_user: dict[str, list[UserUnits]] = {}
    """By window, but for those of days."""
    hours: list[tuple[str, str, list[tuple[int, int]]]] = []
    """Of the windows of days: user, SKU, and net units by the hour since 1970."""
    hours_behind: int = 0
    """Hours up to this one are forgotten."""
    from_batches: dict[str, list[UserUnits]] = {}
    """By batch: what was drawn from it."""
    closed: list[tuple[str, str, int]] = []
    """SKU, place of a closed batch, and what had been taken from it."""
    reservations: list[FoldedState] = []

    def encoded(self) -> bytes:
        """As JSON, always in the same order."""
        return _encoder.encode(self)

    def hash(self) -> str:
        """The SHA-256 of its JSON, in hexadecimal digits."""
        return hashlib.sha256(self.encoded()).hexdigest()


class Kept(Struct, frozen=True, kw_only=True):
    """What the book keeps: names that nothing it has or will write can be about, but these, may be forgotten by a fold.

    `seq` is the pool's sequence before the rest was read.
    """

    seq: int
    reservations: set[str]
    shows: set[str]
    windows: set[str]
    """Shows whose customers' units still count."""
    batches: set[str]
