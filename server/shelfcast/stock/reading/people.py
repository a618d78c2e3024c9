"""Reading who is meant: users and the pseudonyms that stand in what stays (stock/library/people.lua)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from shelfcast.stock.reading.book_keys import SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import text
from shelfcast.stock.records import LedgerEntry

ON_BEHALF = " (by "
"""Behind the name of an actor on whose behalf somebody else did it."""


class PeopleReader(BookKeys):
    """What a `StockBook` reads of the map between users and pseudonyms."""

    _people_from: int | None = None

    async def people_from(self) -> int | None:
        """The pool's sequence behind which entries hold pseudonyms; None while the book is of a format before 5, and
        names everybody. Raises EngineError."""
        if self._people_from is None:
            found = await self._read("HGET", ":meta", "people_from")
            self._people_from = None if found is None else int(found)
        return self._people_from

    async def pseudonyms(self, users: Iterable[str]) -> dict[str, str]:
        """The pseudonyms of those of these users who have one."""
        return await self._mapped(":people", users)

    async def users_of(self, pseudonyms: Iterable[str]) -> dict[str, str]:
        """The users behind these pseudonyms: those who were not forgotten."""
        return {name: user for name, user in (await self._mapped(":people_back", pseudonyms)).items() if user}

    async def forgotten(self, pseudonyms: Iterable[str]) -> set[str]:
        """Which of these are pseudonyms of people who were forgotten."""
        return {name for name, user in (await self._mapped(":people_back", pseudonyms)).items() if not user}

    async def named(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Entries for people to read, with users instead of pseudonyms. Who was forgotten stays under the pseudonym."""
        return with_users(entries, await self.users_of(entry.user for entry in entries))

    async def _for_machines(self, entries: list[LedgerEntry]) -> list[LedgerEntry]:
        """Entries of one ledger, in order, as machines read them: with the pseudonyms of those whom entries of before
        name, and without what was said of those who were forgotten."""
        people_from = await self.people_from()
        if people_from is None or not entries:
            return entries
        if min(entries[0].pool_seq, entries[-1].pool_seq) <= people_from:
            named = (entry.user for entry in entries if entry.pool_seq <= people_from)
            entries = with_users(entries, await self.pseudonyms(named))
        gone = await self.forgotten(entry.user for entry in entries if entry.reason)
        return [replace(entry, reason="") if entry.user in gone else entry for entry in entries] if gone else entries

    async def _for_people(self, entries: list[LedgerEntry]) -> list[LedgerEntry]:
        return await self.named(await self._for_machines(entries))

    async def _mapped(self, suffix: str, names: Iterable[str]) -> dict[str, str]:
        wanted = [name for name in dict.fromkeys(names) if name]
        found: dict[str, str] = {}
        for first in range(0, len(wanted), SCAN_COUNT):
            part = wanted[first : first + SCAN_COUNT]
            values = await self._read("HMGET", suffix, *part)
            found.update((name, text(value)) for name, value in zip(part, values, strict=True) if value is not None)
        return found


def with_users(entries: Sequence[LedgerEntry], names: dict[str, str]) -> list[LedgerEntry]:
    """Entries with other names for their users, and for actors who are their users, where `names` has them."""
    return [_renamed(entry, names[entry.user]) if entry.user in names else entry for entry in entries]


def _renamed(entry: LedgerEntry, user: str) -> LedgerEntry:
    rest = entry.actor.removeprefix(entry.user)
    is_actor = entry.actor.startswith(entry.user) and (not rest or rest.startswith(ON_BEHALF))
    return replace(entry, user=user, actor=user + rest if is_actor else entry.actor)
