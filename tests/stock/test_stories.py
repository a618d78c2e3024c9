"""The story of a reservation: all of its entries and no other's, found without reading the whole ledger."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    External,
    Fulfil,
    Move,
    MoveKind,
    Op,
    Pay,
    Quota,
    Refund,
    Reserve,
    Retire,
    SettleOversold,
    Ship,
    put,
)
from shelfcast.stock.reading.story import Story
from shelfcast.stock.reading.walk import LOOK_COUNT
from shelfcast.stock.records import LedgerEntry
from shop import Shop

DAY_MS = 86_400_000
HOLD_MS = 300_000


async def story(shop: Shop, name: str = "r", *, look_max: int = 5_000, **said: int) -> Story:
    holds = (HOLD_MS, 2 * HOLD_MS)
    return await shop.book.story(name, await shop.book.reservation(name), holds_ms=holds, look_max=look_max, **said)


async def busy(shop: Shop, entries: int = 40) -> None:
    """What others do meanwhile, a second of it."""
    await shop.advance(1_000)
    n = await shop.book.clock()
    moves: list[Op] = []
    for i in range(entries):
        source, target = ("pool", "safety") if i % 2 == 0 else ("safety", "pool")
        moves.append(Move(f"busy-{n[1]}-{i}", MoveKind.CARVE, "mug", 1, source, target))
    await shop.together(*moves)
    await shop.advance(1_000)


def kinds(found: Story) -> list[str]:
    return [entry.kind for entry in found.steps]


STORIES: dict[str, tuple[list[Op], list[str]]] = {
    "held": ([], ["reserve"]),
    "being paid": ([Pay("r")], ["reserve"]),
    "given back": ([Cancel("r", "li")], ["reserve", "cancel"]),
    "paid": ([Pay("r"), Confirm("r", "p")], ["reserve", "confirm"]),
    "shipped": ([Confirm("r"), Ship("s", "r")], ["reserve", "confirm", "ship"]),
    "shipped in parts": (
        [Confirm("r"), Ship("s1", "r", 1), CancelPaid("c", "r", 1)],
        ["reserve", "confirm", "ship", "cancel_paid"],
    ),
    "taken back": ([Confirm("r"), CancelPaid("c", "r")], ["reserve", "confirm", "cancel_paid"]),
}


@pytest.mark.parametrize("what", STORIES)
async def test_each_story_is_whole(shop: Shop, what: str) -> None:
    steps, expected = STORIES[what]
    await shop.receive(50)
    await busy(shop)
    await shop.ok(Reserve("r", "evening", "mug", 2, "li"))
    await shop.ok(Reserve("r2", "evening", "mug", 2, "r"))
    for step in steps:
        await busy(shop)
        await shop.ok(step)
    await busy(shop)
    found = await story(shop)
    assert (kinds(found), found.complete, found.next) == (expected, True, None)
    assert {entry.id for entry in found.steps} == {"r"}
    assert found.record
    assert found.record.id == "r"


async def test_units_from_two_places_are_one_story(shop: Shop) -> None:
    await shop.receive(3)
    await shop.move(MoveKind.ALLOCATE, 2, "pool", "channel:live")
    await shop.ok(Reserve("r", "evening", "mug", 3, "li"))
    await shop.ok(Cancel("r", "li"))
    found = await story(shop)
    assert [(step.kind, step.source, step.qty) for step in found.steps] == [
        ("reserve", "channel:live", 2), ("reserve", "pool", 1), ("cancel", "held:live", 1), ("cancel", "held:live", 2),
    ]  # fmt: skip


async def test_a_payment_that_came_too_late(shop: Shop) -> None:
    await shop.receive(2)
    await shop.ok(Reserve("r", "evening", "mug", 2, "li"))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    found = await story(shop)
    assert (kinds(found), found.complete) == (["reserve", "expire"], True)
    await shop.ok(Reserve("other", "evening", "mug", 1, "zhao"))
    assert (await shop.book.apply(Confirm("r", "p"))).code == "PAID_NO_STOCK"
    assert kinds(await story(shop)) == ["reserve", "expire", "paid_no_stock"]
    await shop.receive(5)
    await shop.ok(Confirm("r", "p"))
    assert kinds(await story(shop)) == ["reserve", "expire", "paid_no_stock", "reacquire"]


async def test_a_payment_that_went_back(shop: Shop) -> None:
    await shop.receive(1)
    await shop.ok(Reserve("r", "evening", "mug", 1, "li"))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    await shop.ok(Reserve("other", "evening", "mug", 1, "zhao"))
    await shop.book.apply(Confirm("r", "p"))
    await shop.ok(Refund("r", "wang", "sold out"))
    found = await story(shop)
    assert (kinds(found), found.steps[-1].reason) == (["reserve", "expire", "paid_no_stock", "refund"], "sold out")


async def test_an_order_of_another_platform(shop: Shop) -> None:
    await shop.receive(2)
    await busy(shop)
    await shop.ok(External("jd-8", "live", "mug", 3, reference="jd"))
    await busy(shop)
    await shop.receive(5)
    await shop.ok(SettleOversold("s", "jd-8", 1))
    await busy(shop)
    await shop.ok(Ship("p", "jd-8"))
    found = await story(shop, "jd-8")
    assert found.complete
    assert [(step.kind, step.target, step.qty) for step in found.steps] == [
        ("external", "sold:live", 2), ("external_oversold", "external_oversold:live", 1),
        ("settle", "sold:live", 1), ("settle", "outside", 1), ("ship", "shipped", 3),
    ]  # fmt: skip


async def test_a_presale_order_stands_in_both_ledgers(shop: Shop) -> None:
    await shop.terms(presale=True)
    await shop.ok(Quota("q", "mug", 5))
    await shop.ok(Reserve("r", "evening", "mug", 2, "li"))
    await shop.ok(Confirm("r"))
    assert kinds(await story(shop)) == ["reserve", "confirm"]
    await shop.receive(5)
    await shop.ok(Fulfil("f", "r"))
    found = await story(shop)
    assert (kinds(found), found.complete) == (["reserve", "confirm", "fulfil", "fulfil"], True)
    await shop.ok(Ship("s", "r"))
    assert kinds(await story(shop))[-1] == "ship"


async def test_a_reservation_without_a_record_is_told_from_the_ledger(shop: Shop) -> None:
    await shop.receive(50)
    await shop.ok(Reserve("r", "evening", "mug", 2, "li"))
    await busy(shop)
    await shop.ok(Cancel("r", "li"))
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.final_report("evening.1")
    await shop.advance(DAY_MS + 2 * 3_600_000)
    while (await shop.ok(Retire(100))).data:
        pass
    await busy(shop, 2 * LOOK_COUNT)
    found = await story(shop)
    assert (found.record, kinds(found), found.complete) == (None, ["reserve", "cancel"], True)
    cut = await story(shop, look_max=LOOK_COUNT)
    assert (kinds(cut), cut.complete, cut.next) == ([], False, None)
    near = await story(shop, look_max=LOOK_COUNT, near=found.steps[0].pool_seq)
    assert (near.steps, near.complete) == (found.steps, True)
    assert await story(shop, "nobody") == Story(record=None, steps=[], complete=False)


@pytest.mark.parametrize("holds", [(HOLD_MS,), (1_000, 60_000)])
async def test_a_story_goes_on_where_it_stopped(shop: Shop, holds: Sequence[int]) -> None:
    """With the wrong holds, it is looked for from the beginning of its show on."""
    await shop.receive(50)
    await shop.ok(Reserve("r", "evening", "mug", 2, "li"))
    await busy(shop, 3 * LOOK_COUNT)
    await shop.ok(Confirm("r"))
    await busy(shop, LOOK_COUNT)
    await shop.ok(Ship("s", "r"))
    record = await shop.book.reservation("r")
    assert record
    assert record.state is ReservationState.CONFIRMED
    steps: list[LedgerEntry] = []
    after = looks = 0
    while True:
        found = await shop.book.story("r", record, holds_ms=holds, look_max=LOOK_COUNT + 5, after=after)
        steps, looks = steps + found.steps, looks + 1
        if found.next is None:
            break
        assert not found.complete
        after = found.next
    assert ([step.kind for step in steps], found.complete) == (["reserve", "confirm", "ship"], True)
    assert looks > 2
