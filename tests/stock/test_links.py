"""Link numbers: what hosts call a listing by, one listing's in a room, whatever is moved."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.configuration import LINK_MAX, What
from shelfcast.stock.operations import Drop, Undo, put
from shop import Shop

pytestmark = pytest.mark.each_engine


async def links(shop: Shop, room: str = "evening") -> dict[str, int | None]:
    return {sku: listing.link for sku, listing in (await shop.book.listings(room)).items()}


async def sells(shop: Shop, *skus: str) -> None:
    for sku in skus:
        await shop.ok(put(What.SKU, sku, {"title": sku}))


async def test_who_names_no_number_gets_the_lowest_free_one(shop: Shop) -> None:
    await sells(shop, "cup", "bowl", "jug")
    await shop.ok(put(What.LISTING, "cup", {"link": 3}, parent="evening"))
    await shop.ok(put(What.LISTING, "bowl", {}, parent="evening"))
    await shop.ok(put(What.LISTING, "jug", {"position": -5}, parent="evening"))
    assert await links(shop) == {"mug": 1, "bowl": 2, "cup": 3, "jug": 4}
    assert await links(shop, "morning") == {"mug": 1}
    await shop.ok(Drop("evening", "bowl"))
    await shop.ok(put(What.LISTING, "bowl", {}, parent="morning"))
    await shop.ok(put(What.LISTING, "bowl", {}, parent="evening"))
    assert (await links(shop))["bowl"] == 2
    view = await shop.book.room_view("evening")
    assert view
    assert {row.sku: row.listing.link for row in view.skus} == await links(shop)


async def test_a_number_stays_with_its_listing(shop: Shop) -> None:
    await sells(shop, "cup")
    await shop.ok(put(What.LISTING, "cup", {"link": 7}, parent="evening"))
    for fields in ({"position": 9}, {"link": None, "position": 2}, {"link": 7}):
        await shop.ok(put(What.LISTING, "cup", fields, parent="evening"))
        assert (await links(shop))["cup"] == 7
    await shop.ok(put(What.LISTING, "cup", {"link": 8}, parent="evening"))
    await shop.ok(put(What.LISTING, "mug", {"link": 7}, parent="evening"))
    assert await links(shop) == {"cup": 8, "mug": 7}


async def test_a_number_that_another_has_is_refused_with_who_has_it(shop: Shop) -> None:
    await sells(shop, "cup")
    outcome = await shop.book.apply(put(What.LISTING, "cup", {"link": 1}, parent="evening"))
    assert (outcome.code, outcome.field, outcome.sku) == (Code.ID_CONFLICT, "link", "mug")
    assert "cup" not in await links(shop)
    await shop.ok(Drop("evening", "mug"))
    await shop.ok(put(What.LISTING, "cup", {"link": 1}, parent="evening"))


async def test_rows_of_one_call_see_one_another(shop: Shop) -> None:
    skus = [f"sku-{n:03}" for n in range(60)]
    await asyncio.gather(*[shop.ok(put(What.SKU, sku, {})) for sku in skus])
    await asyncio.gather(
        shop.ok(put(What.LISTING, "mug", {"link": 40}, parent="evening")),
        *[shop.ok(put(What.LISTING, sku, {}, parent="evening")) for sku in skus],
        shop.ok(Drop("evening", "sku-059")),
    )
    given = await links(shop)
    assert len(given) == 60
    assert len(set(given.values())) == 60
    assert set(given.values()) <= set(range(1, 62))


async def test_a_listing_of_before_gets_its_number_with_the_next_write(shop: Shop) -> None:
    await sells(shop, "cup")
    await shop.ok(put(What.LISTING, "cup", {"position": 4}, parent="evening"))
    key = f"{shop.book.base}:listing:evening"
    blob = await shop.engine.command("HGET", key, "cup", key=key)
    before = msgspec.msgpack.decode(blob)
    del before["link"]
    await shop.engine.command("HSET", key, "cup", msgspec.msgpack.encode(before), key=key)
    assert await links(shop) == {"cup": None, "mug": 1}
    await shop.ok(put(What.LISTING, "cup", {"position": 4}, parent="evening"))
    assert await links(shop) == {"cup": 2, "mug": 1}


async def test_an_undo_takes_a_number_back_unless_it_is_another_s_now(shop: Shop) -> None:
    await sells(shop, "cup")
    by = [By(f"a{n}", "wang") for n in range(3)]
    await shop.ok(put(What.LISTING, "mug", {"link": 5}, parent="evening", by=by[0]))
    await shop.ok(Undo(undo_id("a0"), "a0", "li"))
    assert await links(shop) == {"mug": 1}
    await shop.ok(put(What.LISTING, "mug", {"link": 5}, parent="evening", by=by[1]))
    await shop.ok(put(What.LISTING, "cup", {"link": 1}, parent="evening"))
    outcome = await shop.book.apply(Undo(undo_id("a1"), "a1", "li"))
    assert (outcome.code, outcome.field, outcome.sku) == (Code.ID_CONFLICT, "link", "cup")
    await shop.ok(Drop("evening", "cup", by=by[2]))
    await shop.ok(Undo(undo_id("a2"), "a2", "li"))
    assert await links(shop) == {"mug": 5, "cup": 1}


async def test_beyond_the_last_number_there_is_none(shop: Shop) -> None:
    skus = [f"sku-{n}" for n in range(LINK_MAX + 1)]
    await asyncio.gather(*[shop.ok(put(What.SKU, sku, {})) for sku in skus])
    await asyncio.gather(*[shop.ok(put(What.LISTING, sku, {}, parent="evening")) for sku in skus])
    given = await links(shop)
    assert sorted(link for link in given.values() if link) == list(range(1, LINK_MAX + 1))
    assert sum(link is None for link in given.values()) == 2
