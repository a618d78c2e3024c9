"""Goods are found by what stands on them, by whoever takes them in, and nothing is told of how many there are."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

ROWS = [
    {
        "sku": "tea",
        "title": "龙井茶",
        "barcode": "6901234567892",
        "zone": "A1",
        "aliases": ["green tea"],
        "opening": 41,
    },
    {"sku": "tea-2", "title": "Tea for two", "barcode": "6901234567908", "opening": 23},
    {"sku": "pot", "title": "Teapot", "barcode": "tea", "opening": 7},
]


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    await api.ok("POST", "/v1/pools/main/catalogue", {"skus": ROWS}, headers={"Idempotency-Key": "more"})
    return api


async def find(shop: Any, words: str, more: str = "") -> Any:
    return await shop.ok("GET", f"/v1/pools/main/articles?q={quote(words)}{more}", as_=shop.as_("counter", "an"))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("6901234567892", ["tea"]),
        ("６９０１２３４５６７８９２", ["tea"]),
        (" TEA-2 ", ["tea-2"]),
        ("龙井", ["tea"]),
        ("Green Tea", ["tea"]),
        ("tea", ["pot", "tea", "tea-2"]),
        ("nothing of that", []),
    ],
)
async def test_goods_are_found_the_likeliest_first(shop: Any, words: str, found: list[str]) -> None:
    answer = await find(shop, words)
    assert [each["sku"] for each in answer["articles"]] == found
    assert answer["more"] is False


async def test_it_says_what_goods_are_and_nothing_of_units_or_prices(shop: Any) -> None:
    assert (await find(shop, "龙井茶"))["articles"] == [
        {"sku": "tea", "title": "龙井茶", "barcode": "6901234567892", "shelf_zone": "A1"}
    ]


async def test_it_says_whether_there_are_more(shop: Any) -> None:
    answer = await find(shop, "tea", "&limit=2")
    assert ([each["sku"] for each in answer["articles"]], answer["more"]) == (["pot", "tea"], True)


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=" + "x" * 129, "q=tea&limit=0", "q=tea&limit=51"])
async def test_what_cannot_be_looked_for(shop: Any, query: str) -> None:
    problem = await shop.problem("GET", f"/v1/pools/main/articles?{query}", as_=shop.as_("counter", "an"))
    assert (problem["status"], problem["field"]) == (422, "limit" if "limit" in query else "q")


async def test_a_page_of_a_large_catalogue_is_no_end(shop: Any) -> None:
    rows = [{"sku": f"bulk-{n:04}", "title": f"Cup {n}"} for n in range(1_000)]
    for first in (0, 500):
        key = {"Idempotency-Key": f"bulk-{first}"}
        await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows[first : first + 500]}, headers=key)
    answer = await find(shop, "bulk-", "&limit=50")
    assert [each["sku"] for each in answer["articles"]] == [f"bulk-{n:04}" for n in range(50)]
    assert answer["more"] is True
    assert [each["sku"] for each in (await find(shop, "cup 999"))["articles"]] == ["bulk-0999"]
