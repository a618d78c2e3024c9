"""Searching both ledgers of a pool, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct

from shelfcast.stock.reading.people import ON_BEHALF, PeopleReader
from shelfcast.stock.reading.walk import Row, WalkedLedgers
from shelfcast.stock.records import LedgerEntry, Stream

Needle = tuple[bytes, ...]
"""Names of one thing, of which an entry contains one."""
NONE: Mapping[str, str] = MappingProxyType({})


class Wanted(Struct, frozen=True, kw_only=True):
    """What an entry has to be like; what is empty says nothing. `order` is the reference of an entry, or the id of an
    order; `actor` who did it, or on whose behalf."""

    sku: str = ""
    user: str = ""
    reservation: str = ""
    order: str = ""
    actor: str = ""
    kind: str = ""

    def needles(self, pseudonyms: Mapping[str, str] = NONE) -> list[Needle]:
        """What an entry that fits contains, packed, each of them somewhere: nearly all others are passed over by
        that, unread. `pseudonyms` are those of the user and the actor, where they have one."""
        words = (self.sku, self.reservation, self.order, self.kind)
        people = (self.user, self.actor)
        return [
            *[(word.encode(),) for word in words if word],
            *[tuple(name.encode() for name in {word, pseudonyms.get(word, word)}) for word in people if word],
        ]

    def fits(self, entry: LedgerEntry, pseudonyms: Mapping[str, str] = NONE) -> bool:
        """Whether this entry, as it is stored, is like that."""
        if self.user and entry.user not in (self.user, pseudonyms.get(self.user, self.user)):
            return False
        actors = {entry.actor, *entry.actor.removesuffix(")").split(ON_BEHALF)}
        return (
            self.sku in ("", entry.sku)
            and self.reservation in ("", entry.id)
            and self.order in ("", entry.reference, entry.id)
            and self.kind in ("", entry.kind)
            and (not self.actor or not actors.isdisjoint((self.actor, pseudonyms.get(self.actor, self.actor))))
        )


class SearchPage(NamedTuple):
    """What was found, newest first; `next` is where to go on, None where the engine has nothing older. Then
    `archived_through` is the pool's sequence up to which entries, of the time that was asked for, may be in the archive
    that nobody has looked at; None where there are none."""

    entries: list[LedgerEntry]
    next: int | None
    archived_through: int | None = None


class LedgerSearch(PeopleReader, WalkedLedgers):
    """What a `StockBook` finds in its ledgers."""

    async def search_ledger(
        self,
        wanted: Wanted,
        *,
        limit: int,
        look_max: int,
        before: int = 0,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> SearchPage:
        """The newest entries of both ledgers that fit, at most `limit`: those before the pool's sequence `before` (0:
        all), made from `from_ms` up to `to_ms`. At most `look_max` entries are looked at."""
        last = newest = await self._last_numbers()
        oldest = dict.fromkeys(Stream, 0) if from_ms is None else await self._numbers_until(from_ms - 1, last)
        if to_ms is not None:
            newest = await self._numbers_until(to_ms, last)
        if before:
            newest = await self._numbers_through(before - 1, newest)
        walk = self._walk_back(newest, oldest, look_max)
        pseudonyms = await self.pseudonyms((wanted.user, wanted.actor))
        needles = wanted.needles(pseudonyms)
        found: list[LedgerEntry] = []
        reached = before
        while len(found) < limit and (row := await walk.next()):
            reached = row.pool_seq
            entry = fitting(row, needles, wanted, pseudonyms)
            if entry is not None:
                found.append(entry)
        entries = await self._for_people(found)
        if not await walk.is_over():
            return SearchPage(entries, reached)
        cut = await self.cut()
        # Entries behind the cut of before that time say that those in front of it are older still.
        reaches_it = cut.seq > 0 and all(oldest[stream] <= cut.of(stream) for stream in Stream)
        return SearchPage(entries, None, cut.seq if reaches_it else None)


def fitting(
    row: Row, needles: list[Needle], wanted: Wanted, pseudonyms: Mapping[str, str] = NONE
) -> LedgerEntry | None:
    """The entry of this row, if it is like that."""
    if not all(any(name in row.packed for name in needle) for needle in needles):
        return None
    entry = row.entry()
    return entry if wanted.fits(entry, pseudonyms) else None
