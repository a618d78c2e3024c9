"""Counts: rounds by different people, and what takes two signatures."""

from __future__ import annotations

import pytest
from counting import Counting
from msgspec.structs import replace
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.count_operations import AskRecount, CloseCounting, DropLine, OpenCount, OpenLine, SignCount
from shelfcast.stock.counts import RowStatus
from shelfcast.stock.operations import put
from shop import Shop

pytestmark = pytest.mark.each_engine


async def counted(shop: Shop, found: int, *, sign_over: int = 10, recount_over: int = 1_000) -> Counting:
    """A count of 50 mugs in review, of which `found` were found, with a reason where they differ."""
    await shop.receive(50)
    count = Counting(shop)
    await count.make("mug", sign_over=sign_over, recount_over=recount_over)
    await count.save("ann", found)
    await count.close()
    if found != 50 and abs(found - 50) <= recount_over:
        await count.reasons(("mug", "lost", ""))
    return count


async def test_a_large_difference_is_counted_again_by_somebody_else(shop: Shop) -> None:
    count = await counted(shop, 40, recount_over=5)
    assert ((await count.record()).recounts, (await count.row()).status) == (1, RowStatus.RECOUNT)
    assert await count.refused_to_apply("ops") == (Code.BAD_MESSAGE, "recounts")
    assert await shop.refused(OpenLine("c1", "mug", "", "", "", "ann")) == (Code.SAME_SIGNER, "user")
    assert await shop.refused(count.line("ann", 44)) == (Code.SAME_SIGNER, "user")
    assert await shop.refused(count.line("ann", 44, n=1)) == (Code.BAD_MESSAGE, "line")
    await count.open("bob")
    assert (await count.row()).difference == -10  # the last round that has a line counts
    row = await count.save("bob", 43)
    assert (row.round, row.difference, row.status) == (2, -7, RowStatus.REASON)  # the second round is believed
    assert [line.round for line in row.lines] == [1, 2]
    await count.reasons(("mug", "damaged", ""))
    assert (await count.apply()).lost == 7


async def test_one_may_correct_its_own_line_of_the_second_round(shop: Shop) -> None:
    count = await counted(shop, 40, recount_over=5)
    n = (await count.save("bob", 43, zone="A")).lines[-1].n
    row = await count.save("cleo", 5, zone="B")
    assert (row.counted, row.round) == (48, 2)
    assert (await count.save("bob", 45, n=n)).counted == 50
    dropped = await shop.ok(DropLine("c1", "mug", n, "bob"))
    assert dropped.data["counted"] == 5
    dropped = await shop.ok(DropLine("c1", "mug", row.lines[-1].n, "cleo"))
    assert (dropped.data["round"], dropped.data["difference"], dropped.data["status"]) == (1, -10, "recount")
    assert (await count.record()).recounts == 1


async def test_no_more_lines_of_the_first_round_in_review(shop: Shop) -> None:
    count = await counted(shop, 49)
    assert await shop.refused(count.line("bob", 1)) == (Code.BAD_MESSAGE, "state")
    assert await shop.refused(DropLine("c1", "mug", 1, "ann")) == (Code.BAD_MESSAGE, "state")
    await count.close(again=True)
    assert (await count.save("bob", 1)).difference == 0


async def test_an_operator_may_ask_for_another_round(shop: Shop) -> None:
    count = await counted(shop, 49)
    asked = AskRecount("c1", ["mug"], "ops")
    assert await shop.refused(replace(asked, skus=["cup"])) == (Code.NOT_FOUND, "sku")
    await shop.ok(asked)
    row = await count.row()
    assert (row.status, row.recount_asked_by, row.difference) == (RowStatus.RECOUNT, "ops", -1)
    assert await shop.refused(count.line("ann", 50)) == (Code.SAME_SIGNER, "user")
    await count.save("bob", 50)
    await shop.ok(asked)  # and once more
    assert await shop.refused(count.line("bob", 50)) == (Code.SAME_SIGNER, "user")
    row = await count.save("cleo", 47)
    assert (row.round, row.difference) == (3, -3)


async def test_a_round_begins_where_the_one_before_ended(shop: Shop) -> None:
    count = await counted(shop, 49)
    await shop.receive(3)  # between the rounds: whoever counts now may have seen them or not
    await shop.ok(AskRecount("c1", ["mug"], "ops"))
    row = await count.save("bob", 52)
    assert [question.units for question in row.questions] == [3]
    assert (await count.answer(row.questions[0].seq, 3)).difference == -1


async def test_up_to_the_threshold_one_signs_and_beyond_it_two(shop: Shop) -> None:
    one = await counted(shop, 40)
    assert ((await one.record()).over, (await one.record()).signatures_needed) == (0, 1)
    record = await one.apply("ops")
    assert [signature.by for signature in record.signatures] == ["ops"]
    two = Counting(shop, "c2")
    await two.make("mug", sign_over=10)
    await two.save("ann", 29)
    await two.close()
    await two.reasons(("mug", "lost", ""))
    assert (await two.record()).signatures_needed == 2
    assert await two.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")
    assert await two.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")  # having asked is no signature
    await two.sign("ops")
    await two.sign("ops")
    assert len((await two.record()).signatures) == 1
    assert await two.refused_to_apply("ops") == (Code.SAME_SIGNER, "user")
    assert await two.refused_to_apply("") == (Code.BAD_MESSAGE, "user")
    assert (await shop.units())["pool"] == 40
    record = await two.apply("zoe")
    assert [signature.by for signature in record.signatures] == ["ops", "zoe"]
    assert (await shop.units())["pool"] == 29


async def test_many_bad_units_take_two_as_well(shop: Shop) -> None:
    await shop.receive(50)
    count = Counting(shop)
    await count.make("mug", sign_over=10)
    await count.save("ann", 39, 11)
    await count.close()
    assert await count.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")
    await count.sign("zoe")
    await count.apply("ops")
    assert (await shop.units())["unsellable"] == 11


async def test_what_is_signed_is_what_was_seen(shop: Shop) -> None:
    count = await counted(shop, 30, recount_over=1_000)
    await count.sign("zoe")
    revision = (await count.record()).revision
    await count.reasons(("mug", "damaged", ""))
    assert (await count.record()).signatures == []
    stale = await shop.book.apply(SignCount("c1", revision, "zoe"))
    assert (stale.code, stale.data) == (Code.STALE, [revision, revision + 1])
    assert await shop.refused(count.applied_by("ops", revision)) == (Code.STALE, "revision")
    assert await count.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")
    await count.sign("zoe")
    await count.reasons(("mug", "damaged", ""))  # says what was said
    assert [signature.by for signature in (await count.record()).signatures] == ["zoe"]
    await shop.ok(AskRecount("c1", ["mug"], "ops"))
    assert (await count.record()).signatures == []
    await count.save("bob", 30)
    await count.sign("zoe")
    await count.close(again=True)
    await count.close()
    assert (await count.record()).signatures == []


async def test_nobody_counts_or_signs_without_a_name(shop: Shop) -> None:
    count = await counted(shop, 30)
    for op in (
        SignCount("c1", (await count.record()).revision, ""),
        AskRecount("c1", ["mug"], ""),
        CloseCounting("c1", "", True),
        count.line("", 1),
        OpenLine("c1", "mug", "", "", "", ""),
        DropLine("c1", "mug", 1, ""),
    ):
        assert await shop.refused(op) == (Code.BAD_MESSAGE, "user"), op


async def test_a_sheet_cannot_say_more_than_its_pool(shop: Shop) -> None:
    await shop.ok(put(What.POOL, "", {"sign_over_units": 10}))
    made = OpenCount("c1", "spot", "", "", "", True, 5, 11, "", By("m1", "ops"))
    assert await shop.refused(made) == (Code.BAD_MESSAGE, "sign_over")
    await shop.ok(replace(made, sign_over=10))


async def test_two_sign_where_the_pool_is_stricter_by_now(shop: Shop) -> None:
    count = await counted(shop, 45, sign_over=10)
    await shop.ok(put(What.POOL, "", {"sign_over_units": 4}, by=By("p0", "ops")))
    assert await count.refused_to_apply("ops") == (Code.NEEDS_APPROVAL, "user")
    await count.sign("ops")
    assert await count.refused_to_apply("ops") == (Code.SAME_SIGNER, "user")
    assert (await count.apply("zoe")).lost == 5
