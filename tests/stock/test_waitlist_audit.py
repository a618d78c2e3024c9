"""The audit finds what was written into the waitlists behind the book's back; people are never taken for units."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Count, Decline, Reserve, Wait, put
from shop import Shop

US = "\x1f"


@pytest.fixture
async def waited(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A shop with nothing left, for whose mugs ann and bob wait, and is not checked at the end."""
    book = StockBook(engine, "p", settings)
    shop = Shop(book, engine)
    await shop.set_up()
    await shop.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await shop.receive(2)
    await shop.ok(Reserve("r1", "evening", "mug", 2, "cem"))
    for name, user, qty in (("w1", "ann", 1), ("w2", "bob", 1), ("w3", "dan", 2)):
        await shop.ok(Wait(name, "evening", "mug", qty, user))
    yield shop
    await book.close()


async def test_a_sound_waitlist_passes(waited: Shop) -> None:
    report = await audit(waited.book)
    assert report.ok, report.violations
    assert report.waiting == 3
    await waited.ok(Cancel("r1", "cem", "cem"))
    await waited.ok(Decline("w3", "dan"))
    report = await audit(waited.book)
    assert (report.ok, report.waiting) == (True, 0), report.violations


@pytest.mark.parametrize(
    ("command", "key", "args", "found"),
    [
        ("HINCRBY", ":sku:mug", ("waiting", 1), {"mug"}),
        ("HDEL", ":sku:mug", ("waiting",), {"mug"}),
        ("HINCRBY", ":sku:mug", ("owed", 1), {"mug"}),
        ("SREM", ":waiting_skus", ("mug",), {"mug"}),
        ("SADD", ":waiting_skus", ("mug", "cup"), {"cup"}),
        ("ZREM", ":wait:evening:1:mug", ("w1",), {"mug", "w1"}),
        ("ZINCRBY", ":wait:evening:1:mug", (1, "w1"), {"w1"}),
        ("ZADD", ":wait:evening:1:mug", (9, "w9"), {"mug"}),
        ("ZREM", ":wait_order::mug", ("w2",), {"mug", "w2"}),
        ("ZADD", ":wait_order:douyin:mug", (1, "w1"), {"mug"}),
        ("HDEL", ":waiting:mug", (f"evening{US}2",), {"mug"}),
        ("HDEL", ":waits", ("w2",), {"w2"}),
        ("HDEL", ":waits_of", ("ann",), {"w1"}),
        ("HSET", ":waits_of", ("ann", "w1 w1"), {"w1"}),
        ("HSET", ":waits_of", ("ann", "w1 w2"), {"w1", "w2"}),
        ("HSET", ":waits_of", ("eve", "w1"), {"w1"}),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_what_does_not_agree_is_found(
    waited: Shop, command: str, key: str, args: tuple[str | int, ...], found: set[str]
) -> None:
    await waited.ok(put(What.SKU, "cup", {}))
    await waited.engine.command(command, waited.book.base + key, *args, key=waited.book.base + key)
    report = await audit(waited.book)
    assert {violation.invariant for violation in report.violations} == {9}
    assert {violation.subject for violation in report.violations} == found
    assert all("{" not in violation.detail for violation in report.violations)


async def test_a_user_that_waits_twice_for_a_sku_is_found(waited: Shop) -> None:
    """The same wait under two ids, each on every list."""
    book, engine = waited.book, waited.engine
    for command, key, args in (
        ("HSET", ":waits_of", ("ann", "w1 w7")),
        ("ZADD", ":wait:evening:1:mug", (7, "w7")),
        ("ZADD", ":wait_order::mug", (7, "w7")),
    ):
        await engine.command(command, book.base + key, *args, key=book.base + key)
    record = await engine.command("HGET", f"{book.base}:waits", "w1", key=f"{book.base}:waits")
    number = record.index(b"evening") + len(b"evening")
    twin = record[:number] + b"\x07" + record[number + 1 :]
    await engine.command("HSET", f"{book.base}:waits", "w7", twin, key=f"{book.base}:waits")
    subjects = {violation.subject for violation in (await audit(book)).violations}
    assert {"w1", "w7"} <= subjects


async def test_people_are_no_units(waited: Shop) -> None:
    assert await waited.units() == {"held:live": 2, "supplier": -2}
    [(_, _, buckets)] = [row for row in await waited.book.skus() if row[0] == "mug"]
    assert "waiting" not in buckets
    counted = await waited.ok(Count("c1", "mug", 2))
    assert counted.data[:2] == [2, 0], "a stocktake does not count people"
