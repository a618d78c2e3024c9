"""What a checklist costs: few calls of the engine, however long the shelf."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.insight.checklist import Check, Wanted
from shelfcast.merchant.gate import checklist
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from shop import Shop

CALLS_MAX = 40
"""Calls of the engine for one checklist: some for the room, and some for each page of its SKUs."""


async def calls_of(shop: Shop, monkeypatch: pytest.MonkeyPatch, room: str) -> tuple[int, int]:
    """How many calls of the engine a checklist takes, and how many SKUs it looks at."""
    engine, calls = shop.book._engine, 0
    for name in ("call", "command"):
        real = getattr(engine, name)

        async def counted(*args: Any, real: Any = real, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            return await real(*args, **more)

        monkeypatch.setattr(engine, name, counted)
    found = await checklist(shop.book, room, Wanted(2_000))
    monkeypatch.undo()
    assert found is not None
    return calls, sum(found.findings.checks[Check.PRICE])


async def test_a_checklist_of_2000_skus_takes_few_calls(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    short, skus = await calls_of(shop, monkeypatch, "evening")
    assert skus == 1
    names = [f"sku-{n:04}" for n in range(1_999)]
    await shop.together(*[put(What.SKU, name, {"title": name, "price_minor": 100}) for name in names])
    await shop.together(*[put(What.LISTING, name, {}, parent="evening") for name in names])
    order = [{"sku": name, "expected_units": 3} for name in names]
    await shop.ok(put(What.ROOM, "evening", {"run_order": order}))
    long, skus = await calls_of(shop, monkeypatch, "evening")
    assert skus == 2_000
    assert short < CALLS_MAX
    assert long < CALLS_MAX
