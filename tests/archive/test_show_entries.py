"""A show's own entries, wherever they are by now."""

from __future__ import annotations

import pytest
from archive.test_archiving import archiving, shop, store_of
from shelfcast.merchant.show_entries import show_entries
from shelfcast.stock.operations import CancelPaid
from shelfcast.stock.records import LedgerEntry
from shop import Shop

__all__ = ["shop"]


async def all_of(shop: Shop, show: str, limit: int) -> list[LedgerEntry]:
    """All that are told, page by page; what is behind the last one is nothing."""
    record = await shop.book.show(show)
    assert record
    found, after, complete = list[LedgerEntry](), 0, False
    while not complete:
        page = await show_entries(shop.book, store_of(shop), record, after=after, limit=limit, look_max=10)
        assert len(page.entries) <= limit
        assert all(entry.pool_seq > after for entry in page.entries)
        assert page.through > after or page.is_complete
        found += page.entries
        after, complete = page.through, page.is_complete
    return found


@pytest.mark.parametrize("limit", [1, 4, 1_000])
async def test_they_are_the_same_from_the_archive(shop: Shop, limit: int) -> None:
    before = await all_of(shop, "evening.1", limit)
    assert [entry.pool_seq for entry in before] == sorted({entry.pool_seq for entry in before})
    assert {(entry.id, entry.kind) for entry in before} >= {("r0", "reserve"), ("p1", "confirm"), ("r3", "cancel")}
    run = await archiving(shop).run()
    assert run.trimmed > 0
    assert await all_of(shop, "evening.1", limit) == before
    # What comes later is in the engine alone.
    await shop.ok(CancelPaid("back", "r1", 1))
    after = await all_of(shop, "evening.1", limit)
    assert after[: len(before)] == before
    assert [(entry.id, entry.kind) for entry in after[len(before) :]] == [("r1", "cancel_paid")]
