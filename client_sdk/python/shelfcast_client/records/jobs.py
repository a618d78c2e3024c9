"""Heavy work on the server, and what it finds."""

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


class PreviewFault(TypedDict):
    """What is wrong with one cell of a file."""

    line: int
    column: str
    message: str


class PreviewChange(TypedDict):
    """One value of a SKU that a file would change, as a person reads it."""

    column: str
    before: str
    after: str


class PreviewRow(TypedDict):
    """What one row of a file would do: `verdict` new or changed, units of opening stock that it `receives`, of which
    `safety` and `elastic` are set aside, or that are `kept_back` because the pool has held units of the SKU before."""

    line: int
    sku: str
    verdict: str
    receives: int
    kept_back: int
    safety: int
    elastic: int
    changes: list[PreviewChange]


class CataloguePreview(TypedDict):
    """What an import of a file would do: how many `rows` are new, changed, the same or `bad`; the first two are listed
    in `changes`, at most 1,000 `faults` of `fault_count`."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    receives: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[PreviewRow]
