"""Searching both ledgers of a pool: newest first, in bounded steps, by what an entry says and by when it was made."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from shelfcast.stock.operations import Confirm, External, Move, MoveKind, Quota, Reserve
from shelfcast.stock.reading.search import SearchPage, Wanted
from shelfcast.stock.reading.walk import LOOK_COUNT
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

_numbers = count(1)


async def carve(shop: Shop, times: int, *, actor: str = "") -> None:
    """So many entries: a unit to and fro."""
    moves = []
    for n in range(times):
        source, target = ("pool", "safety") if n % 2 == 0 else ("safety", "pool")
        moves.append(Move(f"c{next(_numbers)}", MoveKind.CARVE, "mug", 1, source, target, actor))
    await shop.together(*moves)


async def find(shop: Shop, *, limit: int = 1000, look_max: int = 100_000, **said: Any) -> SearchPage:
    wanted = {name: said.pop(name) for name in list(said) if name in Wanted.__struct_fields__}
    return await shop.book.search_ledger(Wanted(**wanted), limit=limit, look_max=look_max, **said)


async def everything(shop: Shop) -> list[LedgerEntry]:
    """Both ledgers, newest first, as the plain reading has them."""
    entries = [entry for stream in Stream for entry in await shop.book.ledger(stream, 0, 100_000)]
    return sorted(entries, key=lambda entry: -entry.pool_seq)


async def test_an_empty_ledger_is_all_looked_at(shop: Shop) -> None:
    assert await find(shop) == SearchPage([], None)
    assert await find(shop, sku="mug", from_ms=0, to_ms=1, before=1) == SearchPage([], None)


async def test_both_ledgers_come_together_newest_first(shop: Shop) -> None:
    await shop.receive(10)
    for n in range(3):
        await shop.ok(Quota(f"q{n}", "mug", 5))
        await carve(shop, 2)
    assert (await find(shop)).entries == await everything(shop)
    assert [entry.kind for entry in (await find(shop, kind="quota")).entries] == ["quota"] * 3


async def test_each_word_narrows(shop: Shop) -> None:
    await shop.sell("cup")
    await shop.receive(20)
    await shop.receive(20, "cup")
    for name, sku, user in (("a", "mug", "li"), ("b", "cup", "li"), ("li", "mug", "zhao")):
        await shop.ok(Reserve(name, "evening", sku, 1, user))
    await shop.ok(Confirm("a", "pay-7", "erp (by wang)"))
    await shop.ok(External("pay-7", "live", "cup", 1))
    await shop.ok(Move("m", MoveKind.CARVE, "mug", 1, "pool", "safety", "wang"))

    async def ids(**said: Any) -> list[tuple[str, str]]:
        return [(entry.kind, entry.id) for entry in (await find(shop, **said)).entries]

    assert await ids(user="li") == [("confirm", "a"), ("reserve", "b"), ("reserve", "a")]
    assert await ids(user="li", sku="mug") == [("confirm", "a"), ("reserve", "a")]
    assert await ids(reservation="li") == [("reserve", "li")], "that of another customer says li, too"
    assert await ids(order="pay-7") == [("external", "pay-7"), ("confirm", "a")]
    assert await ids(actor="wang") == [("carve", "m"), ("confirm", "a")]
    assert await ids(actor="erp") == await ids(actor="erp (by wang)") == [("confirm", "a")]
    assert await ids(actor="er") == await ids(user="l") == await ids(sku="MUG") == []
    assert await ids(kind="reserve", user="zhao") == [("reserve", "li")]


async def test_a_search_goes_on_where_it_stopped(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(Quota("q", "mug", 5))
    await carve(shop, 7)
    whole, pages, before = await everything(shop), [], 0
    while True:
        page = await find(shop, limit=2, before=before)
        pages += page.entries
        if page.next is None:
            break
        assert len(page.entries) == 2
        before = page.next
    assert pages == whole


async def test_one_search_looks_at_so_many_entries(shop: Shop) -> None:
    await shop.receive(10)
    await carve(shop, 4 * LOOK_COUNT + 10)
    found: list[LedgerEntry] = []
    looks = before = 0
    while True:
        page = await find(shop, kind="receive", look_max=LOOK_COUNT + 1, before=before)
        found, looks = found + page.entries, looks + 1
        if page.next is None:
            break
        assert before == 0 or page.next == before - LOOK_COUNT - 1
        before = page.next
    assert ([entry.seq for entry in found], looks) == ([1], 5)


@pytest.mark.parametrize("looked", [LOOK_COUNT - 1, LOOK_COUNT, LOOK_COUNT + 1])
async def test_what_is_looked_at_to_the_last_is_complete(shop: Shop, looked: int) -> None:
    await shop.receive(10)
    await carve(shop, looked - 1)
    assert (await find(shop, kind="receive", look_max=looked)).next is None
    cut = await find(shop, kind="receive", look_max=looked - 1)
    assert (cut.entries, cut.next) == ([], 2)


async def test_times_are_found_in_both_ledgers(shop: Shop) -> None:
    await shop.receive(50)
    times = []
    for n in range(6):
        await shop.advance(1_000)
        times.append(await shop.book.now_ms())
        await carve(shop, 3)
        await shop.ok(Quota(f"q{n}", "mug", 1))
    whole = await everything(shop)
    for first in range(6):
        for last in range(6):
            page = await find(shop, from_ms=times[first], to_ms=times[last])
            assert page == SearchPage([e for e in whole if times[first] <= e.at_ms <= times[last]], None)
    newest = (await find(shop, to_ms=times[2] + 1, limit=1)).entries[0]
    assert (newest.id, newest.at_ms) == ("q2", times[2])
    assert (await find(shop, from_ms=times[-1] + 1)).entries == []
    assert (await find(shop, from_ms=times[3], before=newest.pool_seq)).entries == []
