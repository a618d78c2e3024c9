"""Somebody is forgotten whose orders are in the archive: nothing says who it was, and every checksum stays valid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from old_node import OldNode, make_old
from people_data import places_of
from shelfcast.archive import checkpoints
from shelfcast.archive.ledgers import entries_between
from shelfcast.archive.store import ArchiveStore
from shelfcast.engine import Engine
from shelfcast.errors import ArchiveUnavailable, InvalidInput
from shelfcast.merchant.archive import Archiving
from shelfcast.merchant.archive_audit import archive_audit
from shelfcast.merchant.people import forget
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Expire, Reserve, Ship, put
from shelfcast.stock.records import LedgerEntry
from shop import Shop

ANN, BEN = "ann@example.com", "ben@example.com"
SAID = ("ann changed her mind", "ann called")


@pytest.fixture
async def shop(engine: Engine, settings: Settings, tmp_path: Path) -> AsyncIterator[Shop]:
    settings = replace(settings, archive_url=str(tmp_path / "archive"), archive_part_entries=5)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.ok(put(What.POOL, "", {"rehearsal": True}))
    await shop.set_up()
    yield shop
    audited = await archive_audit(shop.book, store_of(shop))
    assert audited.ok, audited.violations
    await shop.book.close()


def store_of(shop: Shop) -> ArchiveStore:
    return ArchiveStore(shop.book._settings)


async def sell(shop: Shop) -> None:
    """What ann and ben did; the shows are over, and reported."""
    await shop.receive(50)
    for user in (ANN, BEN):
        await shop.ok(Reserve(f"{user}-1", "evening", "mug", 2, user))
        await shop.ok(Confirm(f"{user}-1", "order", "shop"))
        await shop.ok(Ship(f"{user}-parcel", f"{user}-1", 1, "shop"))
        await shop.ok(CancelPaid(f"{user}-back", f"{user}-1", 1, "shop", SAID[1]))
        await shop.ok(Reserve(f"{user}-2", "evening", "mug", 1, user))
        await shop.ok(Cancel(f"{user}-2", user, user, SAID[0]))
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.1")


async def archive(shop: Shop) -> None:
    await Archiving(shop.book, store_of(shop), shop.book._settings, kept_ms=0).run()


async def archived(shop: Shop) -> list[LedgerEntry]:
    """All entries of the archive; their checksums are held against them in reading."""
    last = (await shop.book.archived()).checkpoints[-1]
    saved = await checkpoints.load(store_of(shop), "p", last)
    pages = entries_between(store_of(shop), "p", saved.parts, 0, last.place.seq)
    return [entry async for page in pages for _, entry in page]


async def everything(shop: Shop) -> bytes:
    """All objects, unpacked."""
    store = store_of(shop)
    return b"\n".join([await store.get(one.name) or b"" for one in await store.list("p/")])


@contextmanager
def away(folder: Path) -> Iterator[None]:
    """Where the archive was is none."""
    aside = folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder")
    yield
    folder.unlink()
    aside.rename(folder)


async def test_the_archive_names_nobody(shop: Shop) -> None:
    await sell(shop)
    await archive(shop)
    content = await everything(shop)
    assert b'"' + ANN.encode() + b'"' not in content
    assert SAID[0].encode() in content
    names = await shop.book.pseudonyms([ANN, BEN])
    assert {entry.user for entry in await archived(shop) if entry.user} == set(names.values())
    assert {entry.user for entry in await shop.book.named(await archived(shop)) if entry.user} == {ANN, BEN}


async def test_what_was_said_of_somebody_leaves_it(shop: Shop) -> None:
    await sell(shop)
    await archive(shop)
    before = await archived(shop)
    done = await forget(shop.book, store_of(shop), ANN)
    assert done.archive_parts > 0
    after = await archived(shop)
    assert after == [replace(entry, reason="") if entry.user == done.pseudonym else entry for entry in before]
    assert {entry.reason for entry in after if entry.user} == {"", *SAID}, "ben's words are there"
    assert (await archive_audit(shop.book, store_of(shop))).ok
    assert (await forget(shop.book, store_of(shop), BEN)).archive_parts > 0
    content = await everything(shop)
    assert not [word for word in SAID if word.encode() in content]


async def test_entries_that_are_archived_afterwards_say_nothing_either(shop: Shop) -> None:
    await sell(shop)
    done = await forget(shop.book, store_of(shop), ANN)
    assert done.archive_parts == 0
    await archive(shop)
    assert {entry.reason for entry in await archived(shop) if entry.user == done.pseudonym} == {""}


async def test_an_archive_that_is_away_leaves_it_to_be_gone_on_with(shop: Shop) -> None:
    await sell(shop)
    await archive(shop)
    ann = (await shop.book.pseudonyms([ANN]))[ANN]
    with away(Path(shop.book._settings.archive_url)), pytest.raises(ArchiveUnavailable):
        await forget(shop.book, store_of(shop), ANN)
    assert await shop.book.pseudonyms([ANN]) == {ANN: ann}, "the map goes last"
    done = await forget(shop.book, store_of(shop), ANN)
    assert (done.pseudonym, done.archive_parts > 0) == (ann, True)
    assert await shop.book.pseudonyms([ANN]) == {}


async def test_whom_older_entries_name_is_forgotten_once_these_are_archived(shop: Shop) -> None:
    await make_old(shop, OldNode(shop, 4), 4)
    await sell(shop)
    await shop.advance(Settings().format_quiet_ms)
    await shop.ok(Expire(1))
    with pytest.raises(InvalidInput, match="archive them first"):
        await forget(shop.book, store_of(shop), ANN)
    assert b'"' + ANN.encode() + b'"' not in await everything(shop)
    await archive(shop)
    done = await forget(shop.book, store_of(shop), ANN)
    assert done.archive_parts > 0
    kept = [key for key in await places_of(shop, f"'{ANN}'") if not key.endswith(":moves")]
    assert kept == []
    assert (await archive_audit(shop.book, store_of(shop))).ok
