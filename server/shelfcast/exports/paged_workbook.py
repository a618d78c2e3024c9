"""A workbook of rows that are read page by page: a thread writes each page while nobody waits for it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

from shelfcast.exports.giving_way import giving_way
from shelfcast.sheets.columns import Column, Value
from shelfcast.sheets.workbooks import WorkbookFile

Rows = Sequence[Sequence[Value]]


class SheetHead(NamedTuple):
    """A sheet to be: its name and its columns."""

    name: str
    columns: Sequence[Column]


async def write_pages(book: WorkbookFile, sheets: Sequence[SheetHead], pages: AsyncIterator[Sequence[Rows]]) -> None:
    """Write the sheets, and close the book. A page has rows for each sheet. Raises TooManyRows where one is full, and
    what reading raises; then nothing is left."""
    try:
        writers = [await asyncio.to_thread(book.sheet, *sheet) for sheet in sheets]
        async for page in pages:
            for writer, rows in zip(writers, page, strict=True):
                await asyncio.to_thread(writer.write, giving_way(rows))
        await asyncio.to_thread(book.close)
    finally:
        await asyncio.to_thread(book.discard)


class TemporaryFile:
    """A place for a file that nobody needs behind the block."""

    def __enter__(self) -> Path:
        self._folder = tempfile.TemporaryDirectory(prefix="shelfcast-file-")
        return Path(self._folder.name) / "file"

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
