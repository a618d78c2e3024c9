"""An import as answers show it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from shelfcast.http.routes.previews import CataloguePreview, CountsPreview, OrdersPreview
from shelfcast.stock.imports import Import, ImportKind, Imports, ImportState, RefusedImportRow


class RefusedRow(RefusedImportRow, frozen=True, kw_only=True):
    """A row that was not written, or not all of it: the book's `code`, and the `reason` for people."""


class ImportItem(Struct, frozen=True, kw_only=True):
    """An import. It is `reading`, then `ready` or `failed` (it cannot be read so, and `reason` says why), `applying`,
    and `applied` or `stopped`: in part, and the next apply goes on. Of the rows to write `done` of `of` are written or
    refused; at most 1,000 `refused` ones are listed, `refused_count` counts all.

    `reading` counts how often the file was read, as whoever meant it otherwise had it: what is applied is said by it.
    `action` is the id of the action that writes it, null before the first apply.

    `room`, `opening`, `encoding`, `dates`, `channel` and `count` are as they were said, null where they were not; of
    counts that are applied `count` is the sheet that they are on. By its `kind` one of `preview` (of a catalogue),
    `counts` and `orders` says what was read: null while that is not known, where it is not asked for, and in lists.
    """

    import_: str = msgspec.field(name="import")
    kind: ImportKind
    name: str
    state: ImportState
    reason: str
    room: str | None
    opening: str | None
    encoding: str | None
    dates: str | None
    channel: str | None
    count: str | None
    made_by: str
    made_at_ms: int
    expires_at_ms: int
    done: int
    of: int
    refused: list[RefusedRow]
    refused_count: int
    reading: int
    action: str | None
    preview: CataloguePreview | None = None
    counts: CountsPreview | None = None
    orders: OrdersPreview | None = None


class ImportList(Struct, frozen=True, kw_only=True):
    """The imports of a pool that are kept, the oldest first, without their previews and the rows that were refused."""

    imports: list[ImportItem]


async def shown(imports: Imports, it: Import, *, preview: bool = True) -> ImportItem:
    """All of it, with its refused rows, and its preview where that is asked for and known. Raises EngineError."""
    refused = await imports.refused(it.id) if it.refused_count else []
    is_read = preview and it.state is not ImportState.READING
    return item_of(it, refused, await imports.preview(it.id) if is_read else None)


def item_of(it: Import, refused: list[RefusedImportRow] | None = None, preview: Raw | None = None) -> ImportItem:
    """An import, with what is known of it besides."""
    shown: Any = preview
    rows: Any = refused or []
    made = it.action if it.kind is ImportKind.COUNTS and it.applied_by else ""
    return ImportItem(
        import_=it.id,
        kind=it.kind,
        name=it.name,
        state=it.state,
        reason=it.reason,
        room=it.room or None,
        opening=it.opening or None,
        encoding=it.encoding or None,
        dates=it.dates or None,
        channel=it.channel or None,
        count=it.count or made or None,
        made_by=it.made_by,
        made_at_ms=it.made_at_ms,
        expires_at_ms=it.expires_at_ms,
        done=it.done,
        of=it.of,
        refused=rows,
        refused_count=it.refused_count,
        reading=it.reading,
        action=(it.action or None) if it.kind is ImportKind.CATALOGUE else None,
        preview=shown if it.kind is ImportKind.CATALOGUE else None,
        counts=shown if it.kind is ImportKind.COUNTS else None,
        orders=shown if it.kind is ImportKind.ORDERS else None,
    )
