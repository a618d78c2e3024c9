"""A job that a duty wants done: under ids that follow from what it is for, so that two processes make one, and again
with back-off where it failed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

import structlog

from shelfcast.backoff import Backoff
from shelfcast.stock.jobs import Job, Jobs, JobState, Making

_log = structlog.get_logger(__name__)

NAME_MAX = 58
"""Characters of what a job is for, in front of its number: the ids of jobs have 64."""
ASKED_BY = "book"


class WantedJob:
    """One job. Ask with `step` again and again, until it says that the job was done."""

    def __init__(self, name: str, kind: str, parameters: Mapping[str, Any], backoff: Backoff) -> None:
        """`name` is what it is for: letters, digits and `_.:~-`."""
        self._name = name if len(name) <= NAME_MAX else f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        self._kind = kind
        self._parameters = dict(parameters)
        self._backoff = backoff
        self._number = 1
        self._failures = 0
        self._not_before_s = float("-inf")
        self._made = ""

    @property
    def is_under_way(self) -> bool:
        """Whether it was made and is not known to have ended; else it waits for its time."""
        return bool(self._made)

    async def step(self, jobs: Jobs) -> bool:
        """Make the job where it is not under way and its time has come; whether it was done since the last step. Raises
        EngineError."""
        if self._made:
            job = await jobs.get(self._made)
            if job is not None and not job.has_ended:
                return False
            return self._over(jobs.pool, job)
        if asyncio.get_running_loop().time() < self._not_before_s:
            return False
        making, job = await jobs.make(f"{self._name}:{self._number}", self._kind, self._parameters, asked_by=ASKED_BY)
        if making is Making.CONFLICT:
            self._number += 1
        elif making is not Making.FULL and job is not None:
            if job.has_ended:
                # Of a process before this one.
                return self._over(jobs.pool, job)
            self._made = job.id
        return False

    def _over(self, pool: str, job: Job | None) -> bool:
        """The job has ended, or is not known any more; whether it was done."""
        self._made = ""
        self._number += 1
        if job is not None and job.state is JobState.DONE:
            self._failures = 0
            return True
        self._failures += 1
        pause_s = self._backoff.pause_s(self._failures)
        self._not_before_s = asyncio.get_running_loop().time() + pause_s
        reason = job.reason if job is not None else "it is not known any more"
        _log.warning("job.wanted_again", pool=pool, kind=self._kind, of=self._name, reason=reason, pause_s=pause_s)
        return False
