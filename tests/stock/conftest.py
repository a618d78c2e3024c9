from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shop import Shop


@pytest.fixture
async def shop(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    book = StockBook(engine, "p", settings)
    made = Shop(book, engine)
    await made.set_up()
    yield made
    await made.assert_sound()
    await book.close()
