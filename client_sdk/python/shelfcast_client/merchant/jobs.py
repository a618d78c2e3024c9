"""Heavy work that a server does for a merchant, over the HTTP API: the audit, and previews of files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, TypedDict, cast

import httpx

from shelfcast_client.backoff import Backoff
from shelfcast_client.calls import Calls, below, new_id
from shelfcast_client.errors import JobFailed, ServerUnreachable
from shelfcast_client.merchant.imports import Dates, type_of
from shelfcast_client.records import Audit, CataloguePreview, ErpLevelsNoted, Job, Reconciliation

AUDIT_WAIT_S = 600.0
"""The audit reads the whole ledger, and waits for what the server does before it."""
LOOK_S = 0.1
LOOK_MAX_S = 2.0
"""Pauses between two looks at a job."""


class _JobList(TypedDict):
    jobs: list[Job]


class Jobs:
    """The part of a `Merchant` that has work done, and waits for it."""

    _calls: Calls
    _path: str

    async def audit(self, *, archive: bool = False, wait_s: float = AUDIT_WAIT_S) -> Audit:
        """Replay the ledger on the server and check every invariant of the book; `ok` says whether all hold. Where
        entries have left the engine it begins at the archive's checkpoint there, with `archive` at the first entry.

        Waits for `wait_s` seconds, then cancels and raises ServerUnreachable. Raises JobFailed.
        """
        return cast(Audit, await self._result_of(await self.start_audit(archive=archive), wait_s))

    async def preview_catalogue(
        self,
        file: bytes | Path,
        *,
        room: str | None = None,
        opening: str | None = None,
        encoding: str | None = None,
        dates: Dates | None = None,
        wait_s: float = AUDIT_WAIT_S,
    ) -> CataloguePreview:
        """What `shelfcast import` of this CSV file or XLSX workbook would change; nothing is changed.

        The options are as in `Meant`; `send_import` keeps the file, so that it can be applied. Raises ServerRefused or
        JobFailed where the file cannot be read as a catalogue, OSError where it is not there.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        given = {"room": room, "opening": opening, "encoding": encoding, "dates": dates}
        query: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        path = below(self._path, "catalogue", "preview")
        answer = await self._calls.send("POST", path, query=query, key=new_id(), file=(content, type_of(content)))
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return cast(CataloguePreview, found)

    async def note_erp_file(
        self,
        file: bytes | Path,
        *,
        units: str | None = None,
        encoding: str | None = None,
        wait_s: float = AUDIT_WAIT_S,
    ) -> ErpLevelsNoted:
        """Note what an ERP has on hand by its export, a CSV file or an XLSX workbook; nothing moves. `units` names the
        column with the units where it has no known name, `encoding` is that of a CSV file. Raises ServerRefused or
        JobFailed where the file cannot be read, OSError where it is not there."""
        content = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        given = {"units": units, "encoding": encoding}
        query: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        path = below(self._path, "erp-levels")
        answer = await self._calls.send("POST", path, query=query, key=new_id(), file=(content, type_of(content)))
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return cast(ErpLevelsNoted, found)

    async def reconciliation(self, show: str, *, wait_s: float = AUDIT_WAIT_S) -> Reconciliation:
        """What became of a show's reservations, beside what was counted since it began. Raises ServerRefused with
        `field` "show" where it is not known (any more), JobFailed."""
        answer = await self._calls.send("GET", below("/v1/shows", show, "reconciliation"), timeout_s=wait_s)
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return cast(Reconciliation, found)

    async def start_audit(self, *, archive: bool = False, key: str | None = None) -> Job:
        """Begin an audit and do not wait: `job` says how far it is, and what it found."""
        path = below(self._path, "audits")
        said = {"archive": True} if archive else {}
        return await self._calls.ask(Job, "POST", path, said, key=new_id() if key is None else key)

    async def job(self, job: str) -> Job | None:
        """A job of the pool; None where it is not known, or not any more."""
        return await self._calls.find(Job, "job", below(self._path, "jobs", job))

    async def jobs(self) -> list[Job]:
        """The jobs that are open or kept, the oldest first, without their results."""
        return (await self._calls.ask(_JobList, "GET", below(self._path, "jobs")))["jobs"]

    async def cancel_job(self, job: str) -> Job:
        """Cancel a job: one that waits at once, one that is under way soon."""
        return await self._calls.ask(Job, "DELETE", below(self._path, "jobs", job))

    async def _result_of(self, job: Job, wait_s: float) -> Any:
        """What a job found, once it has ended."""
        pauses = Backoff(Random(), base_s=LOOK_S, cap_s=LOOK_MAX_S)  # noqa: S311 - spreads load
        until_s = monotonic() + wait_s
        while job["state"] in ("queued", "running"):
            if monotonic() >= until_s:
                await self.cancel_job(job["job"])
                raise ServerUnreachable(f"job {job['job']} ({job['kind']}) has not ended within {wait_s:g} s")
            await asyncio.sleep(min(pauses.next_s(0), max(0.0, until_s - monotonic())))
            found = await self.job(job["job"])
            if found is None:
                raise JobFailed(job["job"], "forgotten", "the server does not know it any more")
            job = found
        if job["state"] != "done":
            raise JobFailed(job["job"], job["state"], job["reason"])
        if job["result"] is None:  # the answer that made it has none
            job = await self.job(job["job"]) or job
        return job["result"]
