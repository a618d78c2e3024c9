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


class CountedChange(TypedDict):
    """What one row would enter on a count sheet: `verdict` new, or changed, of which `good_before` and `bad_before` are
    the units there now."""

    line: int
    sku: str
    title: str
    verdict: str
    zone: str
    lot: str
    expires_on: str
    good: int
    bad: int
    note: str
    good_before: int | None
    bad_before: int | None


class CountsPreview(TypedDict):
    """What an import of counts would enter, as `CataloguePreview`. `uncounted` rows have no figure."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    uncounted: int
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[CountedChange]
    columns: list[str]
    first_rows: list[FileRow]
    encoding: str
    encodings: list[str]
    dates: list[str]


class OrderChange(TypedDict):
    """What the units of a SKU in an order would do: new ones are booked (`units`), of changed ones `cancels` come
    back."""

    line: int
    order: str
    sku: str
    title: str
    verdict: str
    units: int
    cancels: int
    paid_minor: int | None
    currency: str


class ShortSku(TypedDict):
    """A SKU of which the new orders want more than the channel has."""

    sku: str
    title: str
    asked: int
    there: int


class OrderEffect(TypedDict):
    """What the new orders take of the channel's stock: `units`, of which some come `from_stock` and the others would be
    `oversold`; `cancelled` ones come back."""

    channel: str
    orders: int
    units: int
    from_stock: int
    oversold: int
    cancelled: int
    short_count: int
    short: list[ShortSku]


class OrdersPreview(TypedDict):
    """What an import of orders would book, as `CataloguePreview`. `unpaid` rows are left aside."""

    summary: str
    rows: int
    new: int
    changed: int
    same: int
    bad: int
    unpaid: int
    effect: OrderEffect
    notes: list[str]
    ignored_columns: list[str]
    faults: list[PreviewFault]
    fault_count: int
    changes: list[OrderChange]
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
        "kind": str,
        "name": str,
        "state": str,
        "reason": str,
        "room": str | None,
        "opening": str | None,
        "encoding": str | None,
        "dates": str | None,
        "channel": str | None,
        "count": str | None,
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
        "counts": CountsPreview | None,
        "orders": OrdersPreview | None,
    },
)
"""A file that was sent to be imported. It is reading, then ready or failed, applying, and applied or stopped; `reason`
says why. Of its rows `done` of `of` are written or refused, and the first 1,000 that were `refused` are listed.
`reading` counts how often it was read: apply it with that of the preview you looked at. By its `kind` that is
`preview` (catalogue), `counts` or `orders`; of counts that are applied `count` is the sheet that they are on."""
