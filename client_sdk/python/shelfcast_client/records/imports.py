"""Files that are imported: what they would change, and how far that is written."""

from __future__ import annotations

from typing import TypedDict


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
    """What one row of a file would do to the SKU, called `title` then: `verdict` new or changed, units of opening stock
    that it `receives`, of which `safety` and `elastic` are set aside, or that are `kept_back` because the pool has held
    units of the SKU before."""

    line: int
    sku: str
    title: str
    verdict: str
    receives: int
    kept_back: int
    safety: int
    elastic: int
    changes: list[PreviewChange]


class FileRow(TypedDict):
    """A row of a file as it was read: a cell for each of its columns."""

    line: int
    cells: list[str]


class CataloguePreview(TypedDict):
    """What an import of a file would do: how many `rows` are new, changed, the same or `bad`; the first two are listed
    in `changes`, at most 1,000 `faults` of `fault_count`. `columns` and `first_rows` are the file's as they were read,
    `encoding` what was found, `encodings` and `dates` what may be said."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    receives: int
    kept_back: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[PreviewRow]
    columns: list[str]
    first_rows: list[FileRow]
    encoding: str
    encodings: list[str]
    dates: list[str]


class RefusedRow(TypedDict):
    """A row of an import that was not written, or not all of it: the server's `code`, and the `reason` for people."""

    line: int
    sku: str
    code: str
    reason: str


Import = TypedDict(
    "Import",
    {
        "import": str,
        "name": str,
        "state": str,
        "reason": str,
        "room": str | None,
        "opening": str | None,
        "encoding": str | None,
        "dates": str | None,
        "made_by": str,
        "made_at_ms": int,
        "expires_at_ms": int,
        "done": int,
        "of": int,
        "refused": list[RefusedRow],
        "refused_count": int,
        "reading": int,
        "action": str | None,
        "preview": CataloguePreview | None,
    },
)
"""A file that was sent to be imported. It is reading, then ready or failed, applying, and applied or stopped; `reason`
says why. Of its rows `done` of `of` are written or refused, and the first 1,000 that were `refused` are listed.
`reading` counts how often it was read: apply it with that of the preview you looked at."""
