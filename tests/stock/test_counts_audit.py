"""The audit of the counts: it finds what does not agree, and nothing where all does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from counting import Counting
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import CancelCount, ClaimSkus
from shelfcast.stock.operations import Retire, put
from shop import Shop

SKUS = [f"sku-{n:04}" for n in range(1_200)]


@pytest.fixture
async def shop(engine: Engine, settings: Settings) -> AsyncIterator[Shop]:
    """A shop whose book is wrong in the end."""
    made = Shop(StockBook(engine, "p", settings), engine)
    await made.set_up()
    await made.sell("cup")
    await made.receive(10)
    yield made
    await made.book.close()


async def command(shop: Shop, *args: str | bytes | int) -> None:
    name, suffix, *more = args
    key = f"{shop.book.base}{suffix!s}"
    await shop.engine.command(str(name), key, *more, key=key)


async def checks(shop: Shop) -> set[tuple[str, str]]:
    wrong = await shop.book.wrong_counts()
    assert all(one.said() for one in wrong)
    return {(one.check, one.subject) for one in wrong}


async def test_each_index_and_number_is_held_against_the_rows(shop: Shop) -> None:
    count = Counting(shop)
    await count.make("mug", "cup")
    await count.save("ann", 7)
    assert await checks(shop) == set()
    await command(shop, "HSET", ":meta", "counting", 2)
    assert await checks(shop) == {("open", "")}
    await command(shop, "HSET", ":meta", "counting", 1)
    await command(shop, "HSET", ":meta", "drafts", 1)
    assert await checks(shop) == {("drafts", "")}
    await command(shop, "HDEL", ":meta", "drafts")
    await command(shop, "HDEL", ":counting", "cup")
    await command(shop, "HSET", ":counting", "tea", "c1")
    assert await checks(shop) == {("off", "cup"), ("on", "tea")}
    await command(shop, "HDEL", ":counting", "tea")
    await command(shop, "HSET", ":counting", "cup", "c1")
    await command(shop, "ZREM", ":count:c1:names", "cup")
    assert await checks(shop) == {("name", "cup")}
    await command(shop, "ZADD", ":count:c1:names", 0, "cup")
    record = msgspec.structs.asdict(await count.record()) | {"differing": 0, "lines": 3, "open_rows": 1}
    await command(shop, "HSET", ":counts", "c1", msgspec.msgpack.encode(record))
    assert await checks(shop) == {("differing", "c1"), ("lines", "c1"), ("open_rows", "c1")}


async def test_the_skus_of_a_large_cancelled_count_leave_it_by_and_by(shop: Shop) -> None:
    await shop.together(*[put(What.SKU, sku, {"title": sku}) for sku in SKUS])
    count, other = Counting(shop), Counting(shop, "c2")
    await count.make(*SKUS)
    cancel = CancelCount("c1", By("x1", "ops"))
    assert (await shop.ok(cancel)).left == 700
    assert await checks(shop) == set()
    assert await shop.book.counting(SKUS) == {}  # all are free at once
    await other.make(*SKUS[600:800])
    assert len(await shop.book.counting(SKUS)) == 200
    assert (await shop.ok(cancel)).left == 200
    assert (await shop.ok(Retire(100))).data == 100  # upkeep goes on where nobody does
    assert (await shop.ok(Retire(1_000))).data == 100
    assert (await shop.ok(Retire(1_000))).data == 0
    assert await shop.book.counting(SKUS) == dict.fromkeys(SKUS[600:800], "c2")
    assert (await shop.ok(ClaimSkus("c2", SKUS[300:400]))).data[1] == []
    assert await checks(shop) == set()
    await command(shop, "SADD", ":counts_leaving", "c2")
    assert await checks(shop) == {("leaving", "c2")}
