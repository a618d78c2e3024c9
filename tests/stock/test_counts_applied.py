"""Counts of many SKUs: applied a page a call, and kept within bounds."""

from __future__ import annotations

import pytest
from counting import Counting
from msgspec.structs import replace
from shelfcast.engine import Engine
from shelfcast.merchant.counts import give_reasons
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import AskRecount, CancelCount, ClaimSkus, CloseCounting, GiveReasons, OpenCount
from shelfcast.stock.counts import CountReason, CountState, RowStatus
from shelfcast.stock.operations import Move, MoveKind, put
from shop import Shop

pytestmark = pytest.mark.each_engine

SKUS = [f"sku-{n:04}" for n in range(1_200)]


async def stocked(shop: Shop, *skus: str) -> None:
    """SKUs with ten units each."""
    await shop.together(*[put(What.SKU, sku, {"title": sku}) for sku in skus])
    await shop.together(*[Move(f"in-{sku}", MoveKind.RECEIVE, sku, 10, "supplier", "pool") for sku in skus])


async def test_differences_are_applied_a_page_a_call(shop: Shop) -> None:
    await stocked(shop, *SKUS)
    count = Counting(shop)
    await count.make(*SKUS)
    await shop.together(*[count.line("ann", 9, sku=sku) for sku in SKUS[:1_000]])
    await shop.together(*[count.line("bob", 3, sku=sku, zone="B") for sku in SKUS[:1_000:2]])
    await count.close()
    assert await shop.refused(AskRecount("c1", SKUS[:251], "ops")) == (Code.BAD_MESSAGE, "skus")
    assert await shop.refused(GiveReasons("c1", [(sku, "lost", "") for sku in SKUS[:251]], "ops")) == (
        Code.BAD_MESSAGE, "skus",
    )  # fmt: skip
    given = await give_reasons(shop.book, "c1", [(sku, CountReason.LOST, "") for sku in SKUS[:1_000]], "ops")
    assert given.code is Code.OK, given
    record = await count.record()
    assert (record.rows, record.lines, record.counted_rows, record.differing) == (1_200, 1_500, 1_000, 1_000)

    first_page = await shop.ok(count.applied_by("ops", record.revision))
    assert (first_page.left, first_page.data["state"]) == (950, CountState.APPLYING)
    # Whoever began is gone; the stock moves on, and so may anybody.
    assert await shop.refused(CancelCount("c1", By("x", "ops"))) == (Code.BAD_MESSAGE, "state")
    assert await shop.refused(count.line("ann", 9, sku=SKUS[700])) == (Code.BAD_MESSAGE, "state")
    await shop.move(MoveKind.WRITE_OFF, 4, "pool", "written_off", SKUS[999])
    assert SKUS[249] not in await shop.book.counting(SKUS)
    other = Counting(shop, "c2")
    await other.make(SKUS[0])
    assert await shop.refused(count.applied_by("zoe", record.revision - 1)) == (Code.STALE, "revision")
    second_page = await shop.ok(count.applied_by("zoe", record.revision))
    assert second_page.left == 700
    record = await count.apply("zoe")
    assert (record.state, record.applied_rows, record.gained, record.lost) == (CountState.APPLIED, 1_000, 1_000, 500)
    assert await shop.book.counting(SKUS) == {SKUS[0]: "c2"}
    assert [(await shop.units(sku))["pool"] for sku in (SKUS[0], SKUS[1], SKUS[999], SKUS[1_199])] == [12, 9, 5, 10]
    rows = await shop.book.count_rows("c1", after=SKUS[997], limit=3)
    assert [row.status for row in rows] == [RowStatus.APPLIED, RowStatus.APPLIED, RowStatus.UNCOUNTED]
    (action,) = [shown.action for shown in await shop.book.actions(limit=9) if shown.action.kind == "count_apply"]
    assert (action.rows, action.actor, len(action.effect)) == (1_000, "ops", 200)


async def test_what_is_not_begun_for_others_moves_changes_nothing(engine: Engine, settings: Settings) -> None:
    """The moves of a call were another's: the count is in review as before, for the rest of the call, too."""
    shop = Shop(StockBook(engine, "p", replace(settings, moves_a_call_max=1)), engine)
    await shop.set_up()
    await shop.receive(10)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 10)
    revision = (await count.close()).revision
    move = Move("in", MoveKind.RECEIVE, "mug", 1, "supplier", "pool")
    outcomes = await shop.together(move, count.applied_by("ops", revision), CloseCounting("c1", "ops", again=True))
    assert [outcome.code for outcome in outcomes] == [Code.OK, Code.OVERLOADED, Code.OK]
    record = await count.record()
    assert (record.state, record.signatures) == (CountState.COUNTING, [])
    await shop.assert_sound()
    await shop.book.close()


async def test_what_is_missing_is_taken_as_the_rules_say(shop: Shop) -> None:
    """Pool, safety buffer, elastic reserve, then the channels; what was found goes to the pool."""
    await shop.receive(20)
    await shop.move(MoveKind.CARVE, 5, "pool", "safety")
    await shop.move(MoveKind.CARVE, 5, "pool", "elastic")
    await shop.move(MoveKind.ALLOCATE, 5, "pool", "channel:douyin")
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 1, 2)
    await count.close()
    await count.reasons(("mug", "lost", ""))
    await count.apply()
    assert await shop.units() == {"supplier": -20, "count_loss": 17, "channel:douyin": 1, "unsellable": 2}


async def test_as_many_as_there_may_be(engine: Engine, settings: Settings) -> None:
    few = Settings(
        key_prefix=settings.key_prefix,
        data_dir=settings.data_dir,
        counts_open_max=2,
        counts_kept_max=1,
        count_lines_max=100,
    )
    shop = Shop(StockBook(engine, "p", few), engine)
    await shop.set_up()
    await stocked(shop, *SKUS[:100])
    first, second = Counting(shop), Counting(shop, "c2")
    await first.make("mug")
    await second.make(*SKUS[:100])
    third = OpenCount("c3", "spot", "", "", "", True, 5, 5, "", By("m3", "ops"))
    assert await shop.refused(third) == (Code.SHELF_FULL, "counts")
    await shop.sell("cup")
    assert await shop.refused(ClaimSkus("c2", ["cup"])) == (Code.SHELF_FULL, "skus")
    for n in range(100):
        await first.save("ann", n)
    assert await shop.refused(first.line("ann", 1)) == (Code.SHELF_FULL, "lines")
    assert await shop.refused(ClaimSkus("c1", [f"many-{n}" for n in range(501)])) == (Code.BAD_MESSAGE, "skus")
    await shop.ok(CancelCount("c1", By("x1", "ops")))
    await shop.ok(third)
    await shop.ok(CancelCount("c2", By("x2", "ops")))
    assert {record.id for record in await shop.book.counts()} == {"c2", "c3"}  # the oldest that is over is gone
    assert await shop.book.count_rows("c1", limit=5) == []
    await shop.assert_sound()
    await shop.book.close()
