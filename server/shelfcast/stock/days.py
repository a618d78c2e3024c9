"""What the book keeps of a pool's business days (stock/library/days.lua). Their totals are in the archive."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.archived import LedgerPlace


class DayMark(Struct, frozen=True, kw_only=True):
    """A day whose totals are in the archive: what lies between `from_ms` and `to_ms` by the book's clock, which are the
    entries up to `through` behind those of the day before. `name` is the object, `checksum` the SHA-256 of it,
    unpacked."""

    date: str
    """YYYY-MM-DD."""
    through: LedgerPlace
    from_ms: int
    to_ms: int
    at_ms: int
    """When it was noted."""
    name: str
    checksum: str
    skus: int
