"""Heavy work on the server."""

from __future__ import annotations

from typing import Any, TypedDict


class Job(TypedDict):
    """Heavy work on the server: `done` of `total`, in a unit of its kind. `state` is queued, running, done, failed or
    cancelled; `result` is what a job that is done has found, None in lists; `reason` says why it failed, `code` whether
    the caller can mend that (BAD_MESSAGE)."""

    job: str
    kind: str
    state: str
    asked_by: str
    made_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    done: int
    total: int
    cancel_wanted: bool
    reason: str
    code: str
    result: Any
