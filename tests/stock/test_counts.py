"""Counts: what people find while the stock sells, and what differs from the book."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from counting import Counting
from msgspec.structs import replace
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.count_operations import (
    AnswerQuestion,
    DropLine,
    GiveReasons,
    OpenCount,
)
from shelfcast.stock.counts import CountState, RowStatus
from shelfcast.stock.operations import Cancel, Confirm, MoveKind, Reserve, Ship
from shop import Shop

pytestmark = pytest.mark.each_engine


async def sell(shop: Shop, name: str, qty: int = 1) -> None:
    """Somebody buys, pays, and waits for the parcel."""
    await shop.ok(Reserve(name, "evening", "mug", qty, f"user-{name}"))
    await shop.ok(Confirm(name))


async def test_what_was_found_becomes_what_is_there(shop: Shop) -> None:
    await shop.receive(20)
    count = Counting(shop)
    record = await count.make("mug")
    assert (record.state, record.rows, record.made_by) == (CountState.COUNTING, 1, "ops")
    assert (await count.row()).status == RowStatus.UNCOUNTED
    assert (await count.open("ann")).status == RowStatus.COUNTING
    row = await count.save("ann", 17)
    assert (row.status, row.counted, row.on_hand, row.difference) == (RowStatus.COUNTED, 17, 20, -3)
    assert await count.row() == row
    record = await count.close()
    assert (record.counted_rows, record.differing, record.unreasoned, record.over) == (1, 1, 1, 0)
    assert (await count.row()).status == RowStatus.REASON
    await count.reasons(("mug", "lost", ""))
    assert (await count.row()).status == RowStatus.READY
    record = await count.apply()
    assert (record.state, record.gained, record.lost, record.shortage) == (CountState.APPLIED, 0, 3, 0)
    assert await shop.units() == {"supplier": -20, "pool": 17, "count_loss": 3}
    last = (await shop.book.last_counts(["mug", "cup"]))["mug"]
    assert (last.count, last.counted, last.difference, last.shortage) == ("c1", 17, -3, 0)
    assert await shop.book.counting(["mug"]) == {}


@pytest.mark.parametrize(("included", "difference"), [(0, 2), (1, 1), (2, 0)])
async def test_a_parcel_that_leaves_meanwhile_asks(shop: Shop, included: int, difference: int) -> None:
    """20 are there, 2 of them leave while somebody counts, who finds 20."""
    await shop.receive(20)
    await sell(shop, "r1", 2)
    count = Counting(shop)
    await count.make("mug")
    await count.open("ann")
    await shop.ok(Ship("s1", "r1", 0, "ops", "parcel-1"))
    row = await count.save("ann", 20)
    question = row.questions[0]
    assert (row.status, question.units, question.reference, question.kind) == (RowStatus.ASKS, -2, "parcel-1", "ship")
    row = await count.answer(question.seq, included)
    assert (row.status, row.adjusted, row.difference) == (RowStatus.COUNTED, -included, difference)


@pytest.mark.parametrize(("included", "difference"), [(0, 1), (2, -1), (4, -3)])
async def test_goods_that_come_meanwhile_ask(shop: Shop, included: int, difference: int) -> None:
    """20 are there, 4 come while somebody counts, who finds 21: of the 4 so many are in that."""
    await shop.receive(20)
    count = Counting(shop)
    await count.make("mug")
    await count.open("ann")
    await shop.receive(4)
    row = await count.save("ann", 21)
    (question,) = row.questions
    assert (row.status, question.units, row.on_hand) == (RowStatus.ASKS, 4, 24)
    assert (await count.answer(question.seq, included)).difference == difference


async def test_what_is_sold_and_shipped_later_changes_nothing(shop: Shop) -> None:
    await shop.receive(20)
    for name in ("r1", "r2"):
        await sell(shop, name, 2)
    count = Counting(shop)
    await count.make("mug")
    await count.open("ann")
    await sell(shop, "r3", 3)  # they stay where they are
    await shop.ok(Reserve("r4", "evening", "mug", 1, "eve"))
    await shop.ok(Cancel("r4"))
    row = await count.save("ann", 19)
    assert (row.questions, row.on_hand, row.difference) == ([], 20, -1)
    await shop.ok(Ship("s1", "r1"))
    await shop.receive(5)
    await shop.move(MoveKind.QUARANTINE, 1, "pool", "unsellable")
    assert await count.row() == row
    await count.close()
    await count.reasons(("mug", "lost", ""))
    await count.apply()
    assert (await shop.units())["pool"] == 20 - 2 - 2 - 3 + 5 - 1 - 1


async def test_two_zones_counted_an_hour_apart_add_up(shop: Shop) -> None:
    await shop.advance(0)  # the clock stands
    await shop.receive(30)
    await sell(shop, "r1", 4)
    count = Counting(shop)
    await count.make("mug")
    await count.open("ann", zone="A")
    await count.save("ann", 18, zone="A")
    await shop.advance(3_600_000)
    await shop.ok(Ship("s1", "r1"))
    await count.open("bob", zone="B")
    row = await count.save("bob", 12, zone="B")
    assert [(line.zone, line.by, line.on_hand) for line in row.lines] == [("A", "ann", 30), ("B", "bob", 26)]
    assert row.lines[1].at_ms - row.lines[0].at_ms == 3_600_000
    (question,) = row.questions  # it left between the two
    assert (row.status, question.units) == (RowStatus.ASKS, -4)
    row = await count.answer(question.seq, 4)  # from zone A, which was counted before
    assert (row.counted, row.adjusted, row.difference) == (30, -4, 0)


async def test_a_line_that_nobody_opened_was_begun_with_the_sheet(shop: Shop) -> None:
    await shop.receive(10)
    await sell(shop, "r1")
    await sell(shop, "r2")
    count = Counting(shop)
    await count.make("mug")
    _, seq, _ = await shop.book.clock()
    await shop.ok(Ship("s1", "r1"))
    _, later, _ = await shop.book.clock()
    await shop.ok(Ship("s2", "r2"))
    assert [q.units for q in (await count.save("ann", 8)).questions] == [-1, -1]
    row = await count.save("ann", 8, n=1, begun_seq=later)
    assert [q.units for q in row.questions] == [-1, -1]  # what was said before holds
    await shop.ok(OpenCount("c2", "spot", "", "", "", True, 5, 5, "", By("m2", "ops")))
    assert (await shop.refused(count.line("bob", 1, begun_seq=seq - 1)))[1] == "begun_seq"
    assert (await shop.refused(count.line("bob", 1, begun_seq=later + 100))) == (Code.BAD_MESSAGE, "begun_seq")


async def test_a_line_says_itself_when_it_was_begun(shop: Shop) -> None:
    """As a page that was without a network does."""
    await shop.receive(10)
    for name in ("r1", "r2"):
        await sell(shop, name)
    count = Counting(shop)
    await count.make("mug")
    await shop.ok(Ship("s1", "r1"))
    _, seq, _ = await shop.book.clock()
    await shop.ok(Ship("s2", "r2", 0, "ops", "parcel-2"))
    row = await count.save("ann", 8, begun_seq=seq, once="page-1")
    assert [q.reference for q in row.questions] == ["parcel-2"]
    again = await shop.ok(count.line("ann", 8, begun_seq=seq, once="page-1"))
    assert again.data[0] == row.lines[0].n
    assert (await count.record()).lines == 1


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("good", {"good": 9}),
        ("bad", {"bad": 2}),
        ("zone", {"zone": "B"}),
        ("lot", {"lot": "L2"}),
        ("expires_on", {"expires_on": "2027-01-01"}),
        ("begun_seq", {"begun_seq": 0}),
        ("sku", {"sku": "cup"}),
    ],
)
async def test_a_key_that_has_made_a_line_makes_no_other_one(shop: Shop, field: str, other: dict[str, Any]) -> None:
    await shop.receive(9)
    await shop.sell("cup")
    count = Counting(shop)
    await count.make("mug", "cup")
    said: dict[str, Any] = {"good": 8, "zone": "A", "begun_seq": (await shop.book.clock())[1], "once": "k"}
    row = await count.save("ann", **said)
    await count.save("ann", 5, zone="A", n=row.lines[0].n)
    assert await shop.refused(count.line("ann", **(said | other))) == (Code.ID_CONFLICT, field)
    assert (await shop.ok(count.line("ann", **said))).data[0] == row.lines[0].n, "what has become of it says no more"
    await count.save("bob", **(said | other))  # somebody else's key is another one
    assert (await count.record()).lines == 2


async def test_more_than_fifty_movements_are_one_question(shop: Shop) -> None:
    await shop.receive(200)
    for n in range(60):
        await sell(shop, f"r{n}")
    count = Counting(shop)
    await count.make("mug")
    await shop.ok(Ship("early", "r0"))  # nobody counts yet
    await count.open("ann")
    await shop.together(*[Ship(f"s{n}", f"r{n}") for n in range(1, 60)])
    row = await count.save("ann", 150)
    (question,) = row.questions
    assert (question.entries, question.units, row.status) == (59, -59, RowStatus.ASKS)
    assert (await count.answer(question.seq, 9)).difference == 150 - 9 - (200 - 60)
    for n in range(60):
        await sell(shop, f"t{n}")
    await shop.together(*[Ship(f"u{n}", f"t{n}") for n in range(60)])
    assert (await count.row()).difference == 1  # the line is saved: later parcels are in nobody's figures
    assert len((await count.row()).questions) == 1


async def test_not_counted_is_not_zero(shop: Shop) -> None:
    await shop.receive(7)
    await shop.sell("cup")
    await shop.receive(5, "cup")
    count = Counting(shop)
    await count.make("mug", "cup")
    await count.open("ann", "cup")
    await count.save("ann", 7)
    await count.close(anyway=True)
    record = await count.apply()
    assert (record.rows, record.counted_rows, record.applied_rows) == (2, 1, 1)
    row = await count.row("cup")
    assert (row.counted, row.difference, row.status) == (None, 0, RowStatus.COUNTING)
    assert (await shop.units("cup"))["pool"] == 5
    assert list(await shop.book.last_counts(["mug", "cup"])) == ["mug"]
    assert await shop.book.counting(["mug", "cup"]) == {}


async def test_nothing_found_is_zero(shop: Shop) -> None:
    await shop.receive(7)
    count = Counting(shop)
    await count.make("mug")
    assert (await count.save("ann", 0)).difference == -7


async def test_lines_of_several_lots_add_up_and_can_be_dropped(shop: Shop) -> None:
    await shop.receive(20)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 12, lot="L1", expires_on="2027-01-31")
    row = await count.save("ann", 9, lot="L2", expires_on="2027-06-30")
    assert (row.counted, row.difference, len(row.lines)) == (21, 1, 2)
    row = await count.save("ann", 8, n=row.lines[1].n)
    assert (row.counted, row.lines[1].lot) == (20, "L2")
    drop = DropLine("c1", "mug", row.lines[0].n, "ann")
    assert await shop.refused(replace(drop, user="bob")) == (Code.NOT_FOUND, "line")
    assert (await shop.ok(drop)).data["counted"] == 8
    assert (await count.record()).lines == 1


async def test_what_is_bad_becomes_unsellable_and_back(shop: Shop) -> None:
    await shop.receive(20)
    await shop.move(MoveKind.QUARANTINE, 2, "pool", "unsellable")
    count = Counting(shop)
    await count.make("mug")
    row = await count.save("ann", 15, 5)
    assert (row.difference, row.bad, row.unsellable) == (0, 5, 2)
    await count.close()
    await count.apply()
    assert await shop.units() == {"supplier": -20, "pool": 15, "unsellable": 5}
    again = Counting(shop, "c2")
    await again.make("mug")
    await again.save("ann", 18, 1)
    await again.close()
    await again.reasons(("mug", "lost", ""))
    await again.apply()
    assert await shop.units() == {"supplier": -20, "pool": 18, "unsellable": 1, "count_loss": 1}


async def test_units_that_are_sold_are_a_shortage(shop: Shop) -> None:
    await shop.receive(5)
    await sell(shop, "r1", 4)
    await shop.ok(Reserve("r2", "evening", "mug", 1, "eve"))
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 3)
    await count.close()
    await count.reasons(("mug", "lost", ""))
    record = await count.apply()
    assert (record.lost, record.shortage) == (0, 2)
    assert (await count.row()).shortage == 2
    assert (await shop.book.last_counts(["mug"]))["mug"].shortage == 2
    assert {short.id for short in await shop.book.short_reservations("mug", 2)} == {"r2", "r1"}
    assert await shop.units() == {"supplier": -5, "sold:live": 4, "held:live": 1}


async def test_bad_units_that_are_sold_are_told(shop: Shop) -> None:
    await shop.receive(5)
    await sell(shop, "r1", 4)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 2, 3)
    await count.close()
    assert (await count.record()).unmoved_bad == 0
    record = await count.apply()
    assert (record.shortage, record.unmoved_bad, (await count.row()).unmoved_bad) == (0, 2, 2)
    assert await shop.units() == {"supplier": -5, "sold:live": 4, "unsellable": 1}


async def test_a_difference_takes_a_reason(shop: Shop) -> None:
    await shop.receive(5)
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 4)
    assert await shop.refused(GiveReasons("c1", [("mug", "lost", "")], "ops")) == (Code.BAD_MESSAGE, "state")
    await count.close()
    assert await count.refused_to_apply("ops") == (Code.BAD_MESSAGE, "unreasoned")
    assert await shop.refused(GiveReasons("c1", [("mug", "whim", "")], "ops")) == (Code.BAD_MESSAGE, "reason")
    assert await shop.refused(GiveReasons("c1", [("mug", "other", "")], "ops")) == (Code.BAD_MESSAGE, "note")
    assert await shop.refused(GiveReasons("c1", [("cup", "lost", "")], "ops")) == (Code.NOT_FOUND, "sku")
    await count.reasons(("mug", "other", "the cat"))
    await count.close(again=True)
    assert (await count.save("ann", 7, n=1)).reason == ""  # why one is missing does not say why there are two more
    await count.close()
    await count.reasons(("mug", "found", ""))
    assert (await count.apply()).gained == 2


async def test_a_question_has_an_answer_before_it_is_applied(shop: Shop) -> None:
    await shop.receive(5)
    await sell(shop, "r1", 2)
    count = Counting(shop)
    await count.make("mug")
    await count.open("ann")
    await shop.ok(Ship("s1", "r1"))
    (question,) = (await count.save("ann", 5)).questions
    await count.close()
    assert await count.refused_to_apply("ops") == (Code.BAD_MESSAGE, "asking")
    answer = AnswerQuestion("c1", "mug", question.seq, 3, "ann")
    assert await shop.refused(answer) == (Code.BAD_MESSAGE, "included")
    assert await shop.refused(replace(answer, seq=1)) == (Code.NOT_FOUND, "question")
    await count.answer(question.seq, 2)
    assert (await count.record()).asking == 0
    await count.apply()


async def test_a_count_while_it_sells_finds_the_same_as_one_at_rest(shop: Shop) -> None:
    """Fifty reservations at a time, of which some are paid and some given back, from before the line is opened until
    the count is applied."""
    await shop.receive(2_000)
    sales, over = Sales(), asyncio.Event()

    async def customers(first: int) -> None:
        n = first
        while not over.is_set():
            name = f"r{n}"
            await shop.ok(Reserve(name, "evening", "mug", 1, f"u{n}"))
            if n % 3:
                await shop.ok(Confirm(name))
                sales.add()
            else:
                await shop.ok(Cancel(name))
            n += 50

    async with asyncio.TaskGroup() as group:
        for first in range(50):
            group.create_task(customers(first))
        count = Counting(shop)
        await count.make("mug")
        await count.open("ann", zone="A")
        await sales.reach(100)
        await count.save("ann", 1_500, zone="A")
        await sales.reach(200)
        row = await count.save("bob", 493, zone="B")
        assert (row.questions, row.on_hand, row.difference) == ([], 2_000, -7)
        await count.close()
        await count.reasons(("mug", "lost", ""))
        await count.apply()
        over.set()
    units = await shop.units()
    assert units["count_loss"] == 7
    assert units.get("pool", 0) == 2_000 - 7 - sales.made


class Sales:
    """How many there were, for whoever waits for so many."""

    def __init__(self) -> None:
        self.made = 0
        self._awaited: list[tuple[int, asyncio.Event]] = []

    def add(self) -> None:
        self.made += 1
        for least, reached in self._awaited:
            if self.made >= least:
                reached.set()

    async def reach(self, least: int) -> None:
        reached = asyncio.Event()
        self._awaited.append((least, reached))
        await reached.wait()
