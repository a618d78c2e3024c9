"""What is kept of a person, and forgetting one, as jobs."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.archive.store import ArchiveStore
from shelfcast.heavy.kind import Work
from shelfcast.merchant import people

PERSON = "person"
ERASE_PERSON = "erase_person"


class Whom(Struct, frozen=True, kw_only=True):
    """Who is meant."""

    user: str


class ShowPerson:
    """Looks for a person in the whole book. Its progress counts ledger entries."""

    name = PERSON

    async def run(self, work: Work) -> people.Person:
        """What is kept of that person."""
        user = msgspec.json.decode(work.job.parameters, type=Whom).user
        return await people.person(work.book, user, work.progress.say)


class ErasePerson:
    """Forgets a person: in the book, and in the archive. Its progress counts ledger entries."""

    name = ERASE_PERSON

    async def run(self, work: Work) -> people.Forgotten:
        """What was done. Begun again it goes on: the map to the pseudonym goes last."""
        user = msgspec.json.decode(work.job.parameters, type=Whom).user
        return await people.forget(work.book, ArchiveStore(work.settings), user, work.progress.say)
