"""Opens a book that a release of before has written (tests/stock/books) with the server of today."""

from __future__ import annotations

import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.library import LIBRARY


@asynccontextmanager
async def opened_book(packed: Path, folder: Path) -> AsyncIterator[StockBook]:
    """The book, whose engine runs on that folder."""
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    settings = Settings(data_dir=str(folder))
    embedded = EmbeddedEngine(folder, settings)
    engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
    book = StockBook(engine, "old", settings)
    yield book
    await book.close()
    await engine.close()
    await embedded.stop()
