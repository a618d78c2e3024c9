"""Whether the archive can be written, for those who look after a server: asked seldom, and never waited for."""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog

from shelfcast.archive.store import ArchiveStore
from shelfcast.barrier import barrier

_log = structlog.get_logger(__name__)

CONTENT_FOR_S = 300.0
COMPLAINS_FOR_S = 30.0
"""How long an answer is believed. Each question is a small object that is written and deleted."""


class ArchiveWatch:
    """Asks the archive whether it can be written, beside whatever else goes on. You must `close` it."""

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store
        self._complaint = ""
        self._asked_s = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    def complaint(self) -> str:
        """Why it could not be written when it was asked last; empty where it could. It is asked again by itself."""
        lasts_s = COMPLAINS_FOR_S if self._complaint else CONTENT_FOR_S
        if monotonic() - self._asked_s >= lasts_s:
            self._asked_s = monotonic()
            self._asking = asyncio.get_running_loop().create_task(self._ask(), name="archive watch")
        return self._complaint

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        with barrier("archive.watch"):
            found = await self._store.complaint()
            if found and not self._complaint:
                _log.warning("archive.unusable", error=found)
            elif self._complaint and not found:
                _log.info("archive.usable", place=self._store.place)
            self._complaint = found
