"""Count sheets: made once, closed, over, and told to those who look; nothing undoes one."""

from __future__ import annotations

import pytest
from counting import Counting
from msgspec.structs import replace
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.count_operations import (
    CancelCount,
    ClaimSkus,
    CloseCounting,
    DropLine,
    OpenCount,
)
from shelfcast.stock.counts import CountState
from shelfcast.stock.operations import Undo
from shop import Shop

pytestmark = pytest.mark.each_engine


async def test_a_count_is_not_closed_while_somebody_counts(shop: Shop) -> None:
    await shop.receive(7)
    await shop.sell("cup")
    count = Counting(shop)
    await count.make("mug", "cup")
    assert (await count.record()).open_rows == 0
    await count.open("ann", zone="A")
    await count.open("ben", zone="B")
    await count.open("ben", "cup")
    assert (await count.record()).open_rows == 2
    await count.save("ann", 4, zone="A")
    # Ann is done with the SKU, and ben is not: without him 3 would be missing.
    [refused] = await shop.together(CloseCounting(count.id, "ops"))
    assert (refused.code, refused.field, refused.available) == (Code.BAD_MESSAGE, "open_lines", 2)
    assert (await count.record()).state is CountState.COUNTING
    await count.save("ben", 3, zone="B")
    await count.save("ben", 0, sku="cup")
    closed = await count.close()
    assert (closed.state, closed.open_rows, (await count.row()).difference) == (CountState.REVIEW, 0, 0)


async def test_a_count_is_closed_anyway_without_what_is_open(shop: Shop) -> None:
    await shop.receive(7)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 4, zone="A")
    opened = await count.open("ben", zone="B")
    assert (await count.close(anyway=True)).state is CountState.REVIEW
    assert (await count.row()).difference == -3
    # The counting goes on, and the line is dropped: nobody counts any more.
    await count.close(again=True)
    assert (await shop.refused(CloseCounting(count.id, "ops")))[1] == "open_lines"
    await shop.ok(DropLine(count.id, "mug", opened.lines[-1].n, "ben"))
    assert (await count.close()).open_rows == 0


async def test_a_sku_is_on_one_open_count(shop: Shop) -> None:
    await shop.sell("cup")
    first, second = Counting(shop), Counting(shop, "c2")
    await first.make("mug")
    await second.make("cup")
    record, elsewhere = (await shop.ok(ClaimSkus("c2", ["mug", "cup", "cup"]))).data
    assert (record["rows"], elsewhere) == (1, [["mug", "c1"]])
    assert await shop.book.counting(["mug", "cup"]) == {"mug": "c1", "cup": "c2"}
    assert await shop.refused(ClaimSkus("c2", ["nothing"])) == (Code.UNKNOWN_SKU, "sku")
    await shop.ok(cancel(first))
    record, elsewhere = (await shop.ok(ClaimSkus("c2", ["mug"]))).data
    assert (record["rows"], elsewhere) == (2, [])
    assert [row.sku for row in await shop.book.count_rows("c2", limit=1)] == ["cup"]
    assert [row.sku for row in await shop.book.count_rows("c2", after="cup", limit=9)] == ["mug"]


async def test_a_count_that_is_over_changes_no_more(shop: Shop) -> None:
    await shop.receive(5)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 5)
    assert await count.refused_to_apply("ops") == (Code.BAD_MESSAGE, "state")
    await count.close()
    assert await shop.refused(count.line("ann", 5)) == (Code.BAD_MESSAGE, "state")
    applied = await count.apply()
    assert await shop.refused(count.line("ann", 5, n=1)) == (Code.BAD_MESSAGE, "state")
    assert await shop.refused(cancel(count)) == (Code.BAD_MESSAGE, "state")
    assert await shop.refused(CloseCounting("c1", "ops")) == (Code.BAD_MESSAGE, "state")
    assert await count.apply() == applied
    assert await shop.refused(ClaimSkus("c1", [])) == (Code.BAD_MESSAGE, "state")
    assert await shop.refused(ClaimSkus("nothing", [])) == (Code.NOT_FOUND, "count")


async def test_a_count_is_made_once(shop: Shop) -> None:
    made = OpenCount("c1", "spot", "evening", "", "", True, 5, 5, "", By("m1", "ops"))
    first = await shop.ok(made)
    assert await shop.ok(made) == first
    assert await shop.refused(replace(made, blind=False)) == (Code.ID_CONFLICT, "blind")
    assert await shop.refused(replace(made, id="c2", room="nowhere")) == (Code.NOT_FOUND, "room")
    assert await shop.refused(replace(made, id="c2", kind="draft")) == (Code.BAD_MESSAGE, "kind")
    assert await shop.refused(replace(made, id="draft.x")) == (Code.BAD_MESSAGE, "id")
    assert [record.id for record in await shop.book.counts()] == ["c1"]


async def test_pages_hear_of_each_change_once_a_call(shop: Shop) -> None:
    await shop.receive(5)
    count = Counting(shop)
    await count.make("mug")
    last = (await shop.book.last_events(1))[0].n
    await shop.together(*[count.line("ann", 1, zone=zone) for zone in "ABCDE"])
    events = await shop.book.events(last)
    assert len(events) < 5  # five lines came in two calls at most
    assert {(event.type, event.subject) for event in events} == {("count", "c1")}
    await count.close()
    await count.apply()
    applied = next(event for event in await shop.book.last_events(5) if event.type == "count_applied")
    assert (applied.subject, applied.data) == ("c1", {"gained": 0, "lost": 0, "shortage": 0, "rows": 1})


async def test_nothing_undoes_a_count(shop: Shop) -> None:
    await shop.receive(5)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 4)
    await count.close()
    await count.reasons(("mug", "lost", ""))
    await count.apply()
    actions = {shown.action.kind: shown.action for shown in await shop.book.actions(limit=5)}
    assert (actions["count_apply"].why, actions["count_open"].why) == ("counted", "counted")
    assert [effect.qty for effect in actions["count_apply"].effect] == [1]
    refused = await shop.book.apply(Undo("u1", actions["count_apply"].id, "ops"))
    assert (refused.code, refused.field, refused.data) == (Code.BAD_MESSAGE, "action", "counted")


def cancel(count: Counting) -> CancelCount:
    return CancelCount(count.id, By(f"cancel-{count.id}", "ops"))
