"""A person's data over the HTTP API: what a pool keeps of somebody, and forgetting it."""

from __future__ import annotations

from typing import cast

import httpx

from shelfcast_client.calls import below, new_id
from shelfcast_client.merchant.jobs import AUDIT_WAIT_S, Jobs
from shelfcast_client.records import Forgotten, Job, Person


class People(Jobs):
    """The part of a `Merchant` that is about one person's data; an operator's alone."""

    async def person(self, user: str, *, wait_s: float = AUDIT_WAIT_S) -> Person:
        """What the pool keeps of a person, and what has to end before the person can be forgotten. Raises JobFailed."""
        answer = await self._calls.send("GET", below(self._path, "people", user), timeout_s=wait_s)
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return cast(Person, found)

    async def forget_person(self, user: str, *, key: str | None = None, wait_s: float = AUDIT_WAIT_S) -> Forgotten:
        """Forget a person: what was sold stays, under a pseudonym. Raises JobFailed, which says what has to end first
        where something does."""
        path = below(self._path, "people", user)
        job = await self._calls.ask(Job, "DELETE", path, key=new_id() if key is None else key)
        return cast(Forgotten, await self._result_of(job, wait_s))
