"""The archive of a pool's ledgers, over the HTTP API."""

from __future__ import annotations

from typing import Any, cast

from shelfcast_client.calls import Calls, below, new_id
from shelfcast_client.merchant.jobs import AUDIT_WAIT_S, Jobs
from shelfcast_client.records import Archive, ArchiveRun, Job


class Archives(Jobs):
    """The part of a `Merchant` that looks after the archive."""

    _calls: Calls
    _path: str

    async def archive(self) -> Archive:
        """Where the pool's archive is, and up to where the ledgers are in it."""
        return await self._calls.ask(Archive, "GET", below(self._path, "archive"))

    async def start_archive(self, *, kept_ms: int | None = None, anew: bool = False, key: str | None = None) -> Job:
        """Begin to write the archive and do not wait. `kept_ms` is how long entries stay in the engine that the archive
        has; without it as the server is set. `anew` writes once more whatever the engine has, where the archive has
        lost some of it."""
        said: dict[str, Any] = {} if kept_ms is None else {"kept_ms": kept_ms}
        if anew:
            said["anew"] = True
        path = below(self._path, "archive")
        return await self._calls.ask(Job, "POST", path, said, key=new_id() if key is None else key)

    async def write_archive(
        self, *, kept_ms: int | None = None, anew: bool = False, wait_s: float = AUDIT_WAIT_S
    ) -> ArchiveRun:
        """Write the archive, and say what was done. Raises JobFailed where the archive is away, or has not what was
        written: nothing has left the engine then; ServerUnreachable where it takes longer."""
        return cast(ArchiveRun, await self._result_of(await self.start_archive(kept_ms=kept_ms, anew=anew), wait_s))
