"""Counts: moves of one person that a pool wants two for, and who may say how many that are."""

from __future__ import annotations

import pytest
from counting import Counting
from msgspec.structs import replace
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import CancelCount, OpenCount
from shelfcast.stock.counts import CountKind, CountState
from shelfcast.stock.operations import Confirm, Count, Move, MoveKind, Reserve, Undo, put
from shelfcast.stock.outcomes import Outcome
from shop import Shop

pytestmark = pytest.mark.each_engine

HOUR_MS = 3_600_000


@pytest.fixture
async def strict(shop: Shop) -> Shop:
    """The shop, with 100 mugs, where one person alone may move ten."""
    await shop.receive(100)
    await shop.ok(put(What.POOL, "", {"sign_over_units": 10}, by=By("p0", "ops")))
    return shop


def write_off(name: str, qty: int, source: str = "pool", sku: str = "mug") -> Move:
    return Move(name, MoveKind.WRITE_OFF, sku, qty, source, "written_off", "ops", "broken")


async def needs_approval(shop: Shop, op: Move | Count) -> Counting:
    """The count that a move has become."""
    outcome = await shop.book.apply(op)
    assert (outcome.code, outcome.field, outcome.available) == (Code.NEEDS_APPROVAL, "", 10)
    return Counting(shop, outcome.data)


async def test_a_pool_that_names_no_threshold_asks_nobody(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(write_off("w1", 50))
    await shop.ok(Count("n1", "mug", 10))
    assert await shop.book.counts() == []


async def test_small_moves_go_until_they_are_many(strict: Shop) -> None:
    await strict.ok(write_off("w1", 6))
    count = await needs_approval(strict, write_off("w2", 6))
    assert (await strict.units())["pool"] == 94
    record, row = await count.record(), await count.row()
    assert (record.kind, record.state, record.move, record.signatures_needed) == (
        CountKind.DRAFT,
        CountState.REVIEW,
        "w2",
        2,
    )
    assert (row.difference, row.write_off_from, row.reason, row.reason_note) == (-6, "pool", "other", "broken")
    await strict.ok(write_off("w1", 6))  # it was done


async def test_what_was_moved_a_day_ago_is_forgotten(strict: Shop) -> None:
    await strict.ok(write_off("w1", 10))
    await strict.advance(25 * HOUR_MS)
    await strict.ok(write_off("w2", 10))
    await strict.advance(23 * HOUR_MS)
    await needs_approval(strict, write_off("w3", 1))


async def test_gains_and_losses_count_together_by_sku(strict: Shop) -> None:
    await strict.sell("cup")
    await strict.receive(20, "cup")
    await strict.ok(write_off("w1", 6))
    await strict.ok(Count("n1", "mug", 98))  # 94 are in the book
    await strict.ok(write_off("w2", 10, sku="cup"))
    await needs_approval(strict, Count("n2", "mug", 97))


async def test_a_draft_is_applied_by_two(strict: Shop) -> None:
    count = await needs_approval(strict, write_off("w1", 30))
    again = await strict.book.apply(write_off("w1", 30))
    assert (again.code, again.data) == (Code.NEEDS_APPROVAL, count.id)
    assert await strict.refused(write_off("w1", 31)) == (Code.ID_CONFLICT, "qty")
    assert await strict.refused(Count("w1", "mug", 70)) == (Code.ID_CONFLICT, "kind")
    assert await count.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")
    await count.sign("ops")
    assert await count.refused_to_apply("ops") == (Code.SAME_SIGNER, "user")
    record = await count.apply("zoe")
    assert (record.lost, record.shortage) == (30, 0)
    assert await strict.units() == {"supplier": -100, "pool": 70, "written_off": 30}
    assert (await strict.ok(write_off("w1", 30))).code == Code.OK  # it was done
    assert (await strict.units())["pool"] == 70
    await strict.ok(write_off("w2", 10))  # two have signed for those


async def test_a_counted_draft_keeps_its_difference(strict: Shop) -> None:
    count = await needs_approval(strict, Count("n1", "mug", 130, "ops", "found a box"))
    await strict.ok(Reserve("r1", "evening", "mug", 20, "eve"))
    await strict.ok(Confirm("r1"))
    await strict.receive(7)
    await count.sign("ops")
    await count.apply("zoe")
    assert (await strict.units())["pool"] == 100 - 20 + 7 + 30
    assert (await strict.ok(Count("n1", "mug", 130))).data == [100, 30, 0]
    assert await strict.book.last_counts(["mug"]) == {}  # nobody has counted on a sheet


async def test_a_draft_whose_place_has_too_little_by_then(strict: Shop) -> None:
    await strict.move(MoveKind.CARVE, 5, "pool", "safety")
    count = await needs_approval(strict, write_off("w1", 40))
    await strict.ok(Reserve("r1", "evening", "mug", 70, "eve"))
    await count.sign("ops")
    record = await count.apply("zoe")  # 25 of the pool, 5 of the safety buffer
    assert (record.lost, record.shortage) == (30, 10)
    assert await strict.units() == {"supplier": -100, "held:live": 70, "written_off": 30}
    assert [short.id for short in await strict.book.short_reservations("mug", 10)] == ["r1"]


async def test_what_was_unsellable_is_written_off_of_nothing_else(strict: Shop) -> None:
    await strict.move(MoveKind.QUARANTINE, 20, "pool", "unsellable")
    count = await needs_approval(strict, write_off("w1", 20, "unsellable"))
    await strict.move(MoveKind.QUARANTINE, 5, "unsellable", "pool")
    await count.sign("ops")
    record = await count.apply("zoe")
    assert (record.lost, record.shortage) == (15, 5)
    assert await strict.units() == {"supplier": -100, "pool": 85, "written_off": 15}


async def test_a_count_draft_whose_units_are_sold_by_then(strict: Shop) -> None:
    count = await needs_approval(strict, Count("n1", "mug", 40))
    await strict.ok(Reserve("r1", "evening", "mug", 70, "eve"))
    await count.sign("ops")
    record = await count.apply("zoe")
    assert (record.lost, record.shortage) == (30, 30)
    assert (await strict.ok(Count("n1", "mug", 40))).data == [100, -60, 30]


async def test_a_sku_that_is_being_counted_is_decided_there(strict: Shop) -> None:
    sheet = Counting(strict)
    await sheet.make("mug", sign_over=10)
    outcome = await strict.book.apply(write_off("w1", 11))
    assert (outcome.code, outcome.field, outcome.data) == (Code.NEEDS_APPROVAL, "count", "c1")
    first = await strict.refused(write_off("w1", 12))
    assert first == (Code.NEEDS_APPROVAL, "count")
    row = await sheet.save("ann", 92)
    assert not (await sheet.record()).over
    await strict.ok(write_off("w2", 3))  # with the 8 that the sheet misses these are eleven
    assert (await sheet.record()).over == 1
    assert (await sheet.row()).difference == row.difference == -8
    await sheet.close()
    await sheet.reasons(("mug", "lost", ""))
    assert await sheet.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")


async def test_what_one_signed_for_counts_as_well(strict: Shop) -> None:
    sheet = Counting(strict)
    await sheet.make("mug", sign_over=10)
    await sheet.save("ann", 92)
    await sheet.close()
    await sheet.reasons(("mug", "lost", ""))
    await sheet.apply("ops")
    await needs_approval(strict, write_off("w1", 3))


async def test_drafts_and_sheets_take_no_room_from_each_other(strict: Shop, settings: Settings) -> None:
    few = Shop(StockBook(strict.engine, "p", replace(settings, counts_open_max=1, drafts_open_max=2)), strict.engine)
    for sku in ("cup", "tea", "jar"):
        await strict.sell(sku)
        await strict.receive(100, sku)
    drafts = [await needs_approval(few, write_off(f"w-{sku}", 11, sku=sku)) for sku in ("mug", "cup")]
    assert await few.refused(write_off("w-tea", 11, sku="tea")) == (Code.SHELF_FULL, "drafts")
    sheet = Counting(few)
    await sheet.make("jar", sign_over=10)
    other = OpenCount("c2", "spot", "", "", "", True, 5, 5, "", By("m2", "ops"))
    assert await few.refused(other) == (Code.SHELF_FULL, "counts")
    await few.assert_sound()
    await few.ok(CancelCount(drafts[0].id, By("x1", "zoe")))
    await needs_approval(few, write_off("w-tea", 11, sku="tea"))
    await drafts[1].sign("ops")
    await drafts[1].apply("zoe")
    await needs_approval(few, write_off("w-mug2", 11))
    await few.assert_sound()
    await few.book.close()


async def test_a_cancelled_draft_is_not_done(strict: Shop) -> None:
    count = await needs_approval(strict, write_off("m" * 64, 11))
    assert len(count.id) <= 64
    await strict.ok(CancelCount(count.id, By("x1", "zoe")))
    assert await strict.book.counting(["mug"]) == {}
    assert (await strict.units())["pool"] == 100
    again = await strict.book.apply(write_off("m" * 64, 11))
    assert (again.code, again.field, again.data) == (Code.NEEDS_APPROVAL, "id", count.id)
    await needs_approval(strict, write_off("w2", 11))


@pytest.mark.parametrize("becomes", ["looser", "off", "a day later"])
async def test_a_draft_is_not_done_besides(strict: Shop, becomes: str) -> None:
    await strict.ok(write_off("w0", 5))
    move = write_off("w1", 9)
    count = await needs_approval(strict, move)
    if becomes in ("looser", "off"):
        for actor in ("ops", "zoe"):
            await loosen(strict, actor, 50 if becomes == "looser" else None)
    else:
        await strict.advance(25 * HOUR_MS)
    again = await strict.book.apply(move)
    assert (again.code, again.data) == (Code.NEEDS_APPROVAL, count.id)
    await count.sign("ops")
    await count.apply("zoe")
    assert (await strict.units())["pool"] == 86
    await strict.ok(move)
    assert (await strict.units())["pool"] == 86


async def test_an_undo_takes_no_more_away_than_one_person_may(strict: Shop) -> None:
    await strict.ok(Move("a", MoveKind.RECEIVE, "mug", 11, "supplier", "pool"))
    undo = Undo("undo:a", "a", "ops")
    refusal = await strict.book.apply(undo)
    assert (refusal.code, refusal.sku, refusal.available) == (Code.NEEDS_APPROVAL, "mug", 10)
    shown = await strict.book.action("a")
    assert shown
    assert shown.refusal
    assert shown.refusal.code is Code.NEEDS_APPROVAL
    assert (await strict.units())["pool"] == 111
    await strict.ok(Move("b", MoveKind.RECEIVE, "mug", 4, "supplier", "pool"))
    await strict.ok(Undo("undo:b", "b", "ops"))
    await needs_approval(strict, write_off("w1", 7))  # with the four these are eleven
    await strict.ok(write_off("w2", 6))
    await strict.ok(Undo("undo:w2", "w2", "ops"))  # what one has taken away may come back
    await strict.ok(Move("c", MoveKind.CARVE, "mug", 50, "pool", "safety"))
    await strict.ok(Undo("undo:c", "c", "ops"))  # stays where it is


async def loosen(shop: Shop, actor: str, units: int | None) -> Outcome:
    return await shop.book.apply(put(What.POOL, "", {"sign_over_units": units}, by=By(f"p-{actor}-{units}", actor)))


@pytest.mark.parametrize("units", [11, None])
async def test_two_people_let_one_move_more(strict: Shop, units: int | None) -> None:
    for _ in range(2):
        first = await loosen(strict, "", units)  # somebody, not known who
        assert (first.code, first.field) == (Code.NEEDS_APPROVAL, "sign_over_units")
    first = await loosen(strict, "ops", units)
    assert (first.code, first.field) == (Code.NEEDS_APPROVAL, "sign_over_units")
    assert (await loosen(strict, "ops", units)).code == Code.SAME_SIGNER
    assert (await strict.book.pool_config()).sign_over_units == 10
    other = await loosen(strict, "zoe", 50)  # is another thing
    assert other.code == Code.NEEDS_APPROVAL
    assert (await loosen(strict, "ops", units)).code == Code.NEEDS_APPROVAL
    assert (await loosen(strict, "zoe", units)).code == Code.OK
    assert (await strict.book.pool_config()).sign_over_units == units


async def by_two(shop: Shop, actor: str, **more: object) -> tuple[Code, str]:
    values = {"receipts_by_two": False, **more}
    return await shop.refused(put(What.POOL, "", values, by=By(f"r-{actor}-{len(more)}", actor)))


async def test_two_people_let_one_take_goods_in(strict: Shop) -> None:
    done = await strict.ok(put(What.POOL, "", {"receipts_by_two": True}, by=By("r0", "ops")))
    assert not done.undoable
    assert (await strict.book.apply(Undo("u1", "r0", "zoe"))).data == "signed"
    assert await by_two(strict, "ops") == (Code.NEEDS_APPROVAL, "receipts_by_two")
    assert await by_two(strict, "ops") == (Code.SAME_SIGNER, "user")
    assert await by_two(strict, "zoe", sign_over_units=20) == (Code.NEEDS_APPROVAL, "sign_over_units")
    assert await by_two(strict, "ops") == (Code.NEEDS_APPROVAL, "receipts_by_two"), "that was another thing"
    assert (await strict.book.pool_config()).receipts_by_two
    assert (await by_two(strict, "zoe"))[0] is Code.OK
    assert not (await strict.book.pool_config()).receipts_by_two


async def test_what_one_has_said_holds_for_a_day(strict: Shop) -> None:
    await loosen(strict, "ops", 20)
    await strict.advance(25 * HOUR_MS)
    assert (await loosen(strict, "zoe", 20)).code == Code.NEEDS_APPROVAL
    assert (await loosen(strict, "ops", 20)).code == Code.OK


async def test_one_alone_may_say_less_and_nothing_undoes_it(strict: Shop) -> None:
    assert (await loosen(strict, "ops", 5)).code == Code.OK
    outcome = await strict.book.apply(Undo("u1", "p-ops-5", "ops"))
    assert (outcome.code, outcome.data) == (Code.BAD_MESSAGE, "signed")
    assert (await strict.book.pool_config()).sign_over_units == 5
    assert (await loosen(strict, "ops", 10)).code == Code.NEEDS_APPROVAL
