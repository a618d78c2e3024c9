"""A book whose first entries name people goes to the archive under pseudonyms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from old_books import opened_book
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import InvalidInput
from shelfcast.merchant.archive import Archiving
from shelfcast.merchant.archive_audit import archive_audit
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.day_operations import NoteDay
from shelfcast.stock.operations import Expire
from shelfcast.stock.records import Stream
from trimming import final_report

BOOK = Path(__file__).parents[1] / "stock" / "books" / "version-11.tar.gz"
PEOPLE = ("ann", "bob", "cem", "dan", "eve")


@pytest.fixture
async def book(short_folder: Path) -> AsyncIterator[StockBook]:
    async with opened_book(BOOK, short_folder / "book") as opened:
        yield opened


async def test_old_users_are_given_pseudonyms_first(book: StockBook, tmp_path: Path) -> None:
    store = ArchiveStore(Settings(archive_url=str(tmp_path / "archive")))
    archiving = Archiving(book, store, Settings(), kept_ms=0)
    with pytest.raises(InvalidInput, match="of a release before"):
        await archiving.run()
    assert await store.list("old/") == []
    await raise_format(book)
    for show in await book.show_ids():
        await final_report(book, show)
    _, seq, _ = await book.clock()
    numbers = {stream: len(await book.ledger(stream)) for stream in Stream}
    day = NoteDay("2026-01-01", seq, numbers[Stream.STOCK], numbers[Stream.PRESALE], 0, 1, "name", "sum", 1, 31)
    assert (await book.apply(day)).code is Code.OK
    run = await Archiving(book, store, Settings(), kept_ms=0).run()
    assert run.entries == run.trimmed == sum(numbers.values())
    assert set(await book.pseudonyms(PEOPLE)) == set(PEOPLE)
    for one in await store.list("old/"):
        content = await store.get(one.name)
        assert content is not None
        assert not [user for user in PEOPLE if f'"{user}"'.encode() in content], one.name
    for whole in (False, True):
        report = await archive_audit(book, store, whole=whole)
        assert report.ok, report.violations


async def raise_format(book: StockBook) -> None:
    """No server of before has called for long enough."""
    await book.clock()
    engine, key = book._engine, f"{book.base}:meta"
    await engine.command("HSET", key, "rehearsal_clock_ms", await book.now_ms() + Settings().format_quiet_ms, key=key)
    assert (await book.apply(Expire(1))).code is Code.OK
