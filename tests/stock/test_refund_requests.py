"""Refunds that are asked for, in the book: nothing moves by them, and the goods or a decision end them."""

from __future__ import annotations

import msgspec
import pytest
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import CancelPaid, Confirm, External, Move, MoveKind, Reserve, Ship, Undo
from shelfcast.stock.receipt_operations import AskRefund, DecideRefund
from shelfcast.stock.records import UNSAID, Stream
from shelfcast.stock.refund_requests import RefundRequest, RefundState
from shop import Shop

pytestmark = pytest.mark.each_engine


async def paid(shop: Shop, id: str = "o1", qty: int = 4, paid_minor: int = 4_000) -> None:  # noqa: A002
    await shop.receive(qty)
    await shop.ok(Reserve(id, "evening", "mug", qty, "li"))
    await shop.ok(Confirm(id, paid_minor=paid_minor))


def ask(units: int, reason: str = "broken", *, id: str = "o1", key: str = "ask") -> AskRefund:  # noqa: A002
    return AskRefund(id, units, reason, By(key, "an"))


def decide(state: str, amount: int = UNSAID, *, id: str = "o1", note: str = "", key: str = "decide") -> DecideRefund:  # noqa: A002
    return DecideRefund(id, state, note, amount, By(key, "chief"))


def bring_back(qty: int, move_id: str = "back", reference: str = "o1", sku: str = "mug") -> Move:
    return Move(move_id, MoveKind.RETURN, sku, qty, "shipped", "returned", "an", "", reference)


async def request(shop: Shop, id: str = "o1") -> RefundRequest:  # noqa: A002
    found = await shop.book.refund_request(id)
    assert found is not None
    return found


async def refunded(shop: Shop, id: str = "o1") -> int | None:  # noqa: A002
    found = await shop.book.reservation(id)
    assert found is not None
    return found.refunded_minor


async def test_nothing_moves_by_asking(shop: Shop) -> None:
    await paid(shop)
    before, seq = await shop.units(), (await shop.book.clock())[1]
    await shop.ok(ask(2))
    assert (await shop.units(), (await shop.book.clock())[1]) == (before, seq)
    found = await request(shop)
    assert (found.state, found.sku, found.units, found.done_units) == (RefundState.OPEN, "mug", 2, 0)
    assert (found.room, found.show, found.channel, found.user, found.asked_by) == (
        "evening", "evening.1", "live", "li", "an"
    )  # fmt: skip
    told = [event.data for event in await shop.book.events() if event.type == "refund_request"]
    assert told == [{"state": "open", "sku": "mug", "units": 2, "done_units": 0, "age_ms": 0}]


async def test_a_reservation_has_one_that_is_open(shop: Shop) -> None:
    await paid(shop)
    first = await shop.ok(ask(2))
    assert (await shop.ok(ask(2, key="lost answer"))).data == first.data
    assert await shop.refused(ask(3, key="other")) == (Code.ID_CONFLICT, "units")
    assert await shop.refused(ask(2, "late", key="other")) == (Code.ID_CONFLICT, "reason")
    await shop.ok(decide("declined"))
    again = await shop.ok(ask(2))
    assert again.data["state"] == "declined", "under its key it is the same one, decided or not"
    anew = await shop.ok(ask(2, key="asks again"))
    assert anew.data["state"] == "open"


@pytest.mark.parametrize("shipped", [0, 1, 4])
async def test_as_many_can_go_back_as_are_sold_or_shipped(shop: Shop, shipped: int) -> None:
    await paid(shop)
    if shipped:
        await shop.ok(Ship("s", "o1", shipped))
    outcome = await shop.book.apply(ask(5))
    assert (outcome.code, outcome.available) == (Code.INSUFFICIENT, 4)
    await shop.ok(ask(4))


async def test_what_was_never_paid_or_never_there_is_not_asked_back(shop: Shop) -> None:
    await shop.receive(1)
    await shop.ok(Reserve("held", "evening", "mug", 1, "li"))
    outcome = await shop.book.apply(ask(1, id="held"))
    assert (outcome.code, outcome.field, outcome.data) == (Code.BAD_MESSAGE, "state", ["active", "confirmed"])
    assert await shop.refused(ask(1, id="nothing")) == (Code.NOT_FOUND, "reservation")
    assert await shop.refused(decide("declined", id="held")) == (Code.NOT_FOUND, "refund_request")
    await shop.ok(External("x", "douyin", "mug", 3))
    await shop.ok(ask(3, id="x"))
    assert (await request(shop, "x")).room == ""


async def test_paid_units_that_come_back_end_it(shop: Shop) -> None:
    await paid(shop)
    await shop.ok(ask(3))
    await shop.ok(CancelPaid("c1", "o1", 2))
    found = await request(shop)
    assert (found.state, found.done_units) == (RefundState.OPEN, 2)
    await shop.ok(CancelPaid("c2", "o1", 1, actor="bo"))
    found = await request(shop)
    assert (found.state, found.done_units, found.decided_by) == (RefundState.CANCELLED_PAID, 3, "bo")
    assert found.decided_at_ms >= found.asked_at_ms


async def test_a_return_that_names_the_order_ends_it(shop: Shop) -> None:
    await paid(shop)
    await shop.sell("cup")
    await shop.ok(Ship("s", "o1", 3))
    await shop.ok(ask(3))
    await shop.ok(bring_back(1, "other", reference="o2"))
    await shop.ok(bring_back(1, "nameless", reference=""))
    assert (await request(shop)).done_units == 0
    await shop.ok(CancelPaid("c", "o1", 1))
    await paid(shop, "o2")
    await shop.ok(Ship("s2", "o2", 4))
    await shop.ok(bring_back(2, "back"))
    found = await request(shop)
    assert (found.state, found.done_units) == (RefundState.RETURNED, 3)


async def test_a_return_that_is_undone_opens_it_again(shop: Shop) -> None:
    await paid(shop)
    await shop.ok(Ship("s", "o1", 4))
    await shop.ok(ask(2))
    await shop.ok(bring_back(2))
    assert (await request(shop)).state == RefundState.RETURNED
    await shop.ok(Undo(undo_id("back"), "back", "bo"))
    found = await request(shop)
    assert (found.state, found.done_units, found.decided_by, found.decided_at_ms) == (RefundState.OPEN, 0, "", 0)
    assert [each.reservation for each in (await shop.book.refunds_in(RefundState.OPEN)).requests] == ["o1"]
    await shop.ok(Undo(undo_id(undo_id("back")), undo_id("back"), "bo"))
    assert (await request(shop)).state == RefundState.RETURNED
    assert (await shop.book.refunds_in(RefundState.OPEN)).requests == []


async def test_declined_is_declined(shop: Shop) -> None:
    await paid(shop)
    await shop.ok(ask(2))
    await shop.ok(decide("declined", note="used"))
    await shop.ok(decide("declined", note="used", key="again"))
    outcome = await shop.book.apply(decide("without_goods"))
    assert (outcome.code, outcome.field, outcome.data) == (Code.BAD_MESSAGE, "state", ["declined", "open"])
    await shop.ok(CancelPaid("c", "o1", 2))
    found = await request(shop)
    assert (found.state, found.note, found.decided_by, found.done_units) == (RefundState.DECLINED, "used", "chief", 0)


async def test_money_without_goods_adds_up_and_goes_back_once(shop: Shop) -> None:
    await paid(shop)
    units = await shop.units()
    await shop.ok(ask(1))
    await shop.ok(decide("without_goods"))
    assert await shop.units() == units
    assert ((await request(shop)).refunded_minor, await refunded(shop)) == (1_000, 1_000), "its part of what was paid"
    entry = (await shop.book.ledger(Stream.STOCK, 0, 100))[-1]
    assert (entry.kind, entry.id, entry.qty, entry.refunded_minor, entry.room) == (
        "refund_only",
        "o1",
        0,
        1_000,
        "evening",
    )
    again = await shop.ok(decide("without_goods", key="again"))
    assert (again.data["refunded_minor"], await refunded(shop)) == (1_000, 1_000)
    too_much = await shop.book.apply(CancelPaid("c", "o1", 4, refunded_minor=3_001))
    assert (too_much.code, too_much.field, too_much.available) == (Code.BAD_MESSAGE, "refunded_minor", 3_000)
    await shop.ok(CancelPaid("c", "o1", 4))
    assert await refunded(shop) == 4_000, "the goods that come back later bring no more than the rest"


async def test_a_stated_amount_is_at_most_what_has_not_gone_back(shop: Shop) -> None:
    await paid(shop)
    await shop.ok(CancelPaid("c", "o1", 1, refunded_minor=1_500))
    await shop.ok(ask(3))
    refused = await shop.book.apply(decide("without_goods", 2_501))
    assert (refused.code, refused.field, refused.available) == (Code.BAD_MESSAGE, "refunded_minor", 2_500)
    assert (await request(shop)).state == RefundState.OPEN
    await shop.ok(decide("without_goods", 700))
    assert ((await request(shop)).refunded_minor, await refunded(shop)) == (700, 2_200)


async def test_there_are_as_many_as_may_be_and_the_first_decided_go(shop: Shop, settings: Settings) -> None:
    book = StockBook(
        shop.engine,
        "p",
        msgspec.structs.replace(settings, refund_requests_open_max=2, refund_requests_kept_max=1),
    )
    for n in range(3):
        await paid(shop, f"o{n}", 1)
    outcomes = [await book.apply(ask(1, id=f"o{n}", key=f"k{n}")) for n in range(3)]
    assert [(o.code, o.field, o.available) for o in outcomes[1:]] == [
        (Code.OK, "", -1),
        (Code.SHELF_FULL, "refunds", 2),
    ]
    for n in range(2):
        assert (await book.apply(decide("declined", id=f"o{n}", key=f"d{n}"))).code is Code.OK
    assert [each.reservation for each in await book.refund_requests()] == ["o1"]
    assert [each.reservation for each in (await book.refunds_in(RefundState.DECLINED)).requests] == ["o1"]
    await book.close()


async def test_pages_go_on_where_they_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast.stock.reading.receipts.SCAN_COUNT", 2)
    names = [f"o{n}" for n in range(5)]
    for name in names:
        await paid(shop, name, 1)
    await shop.together(*[ask(1, id=name, key=f"ask-{name}") for name in names])  # all of one moment
    found, after = [], ""
    while True:
        page = await shop.book.refunds_in(RefundState.OPEN, after=after)
        found += [each.reservation for each in page.requests]
        after = page.next
        if not after:
            break
    assert found == names
