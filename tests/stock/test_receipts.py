"""Receipts in the book: entered blind by two, received once they are equal."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Move, MoveKind, Undo, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.receipt_operations import CancelReceipt, EnterReceipt, NoteErpLevels, OpenReceipt
from shelfcast.stock.receipts import ReceiptExpected, ReceiptLine, ReceiptRecord, ReceiptState
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


def opened(id: str = "r1", *expected: tuple[str, int], supplier: str = "Mill") -> OpenReceipt:  # noqa: A002
    return OpenReceipt(
        id, supplier, "PO-7", "", [ReceiptExpected(*row) for row in expected], By(f"make-{id}-{supplier}", "chief")
    )


def line(sku: str = "mug", good: int = 0, bad: int = 0, **more: Any) -> ReceiptLine:
    return ReceiptLine(sku=sku, good=good, bad=bad, **more)


def entered(user: str, *lines: ReceiptLine, done: bool = True, id: str = "r1") -> EnterReceipt:  # noqa: A002
    return EnterReceipt(id, list(lines), done, user, By(f"by-{user}", user))


async def by_two(shop: Shop) -> None:
    await shop.ok(put(What.POOL, "", {"receipts_by_two": True}))


async def receipt(shop: Shop, id: str = "r1") -> ReceiptRecord:  # noqa: A002
    found = await shop.book.receipt(id)
    assert found is not None
    return found


async def ledger(shop: Shop) -> list[LedgerEntry]:
    return await shop.book.ledger(Stream.STOCK, 0, 100)


async def test_one_person_receives_what_it_found(shop: Shop) -> None:
    await shop.sell("cup")
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=7, bad=1), line("cup", good=2), done=False))
    assert await shop.units() == {}
    outcome = await shop.ok(entered("an", line(good=7, bad=1), line("cup", good=3)))
    assert await shop.units() == {"supplier": -8, "pool": 7, "unsellable": 1}
    assert await shop.units("cup") == {"supplier": -3, "pool": 3}
    found = await receipt(shop)
    assert (found.state, found.units, found.bad, found.seq) == (ReceiptState.RECEIVED, 11, 1, outcome.seq)
    entries = await ledger(shop)
    assert [(e.kind, e.sku, e.qty, e.source, e.target) for e in entries] == [
        ("receive", "mug", 7, "supplier", "pool"),
        ("receive", "mug", 1, "supplier", "unsellable"),
        ("receive", "cup", 3, "supplier", "pool"),
    ]
    assert {(e.id, e.reference, e.actor, e.reason) for e in entries} == {("r1", "r1", "an", "PO-7")}


async def test_two_people_receive_once_they_are_equal(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=5), line(good=2)))
    assert (await receipt(shop)).state == ReceiptState.OPEN
    assert await shop.units() == {}, "one of two is not enough"
    await shop.ok(entered("bo", line(good=7)))
    assert await shop.units() == {"supplier": -7, "pool": 7}, "lines of a SKU add up"
    assert (await receipt(shop)).received_by == "bo"


async def test_the_same_person_twice_is_one(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    for _ in range(3):
        await shop.ok(entered("an", line(good=7)))
    assert (await receipt(shop)).state == ReceiptState.OPEN
    assert await shop.units() == {}


@pytest.mark.parametrize(
    "other",
    [
        line(good=6),
        line(good=7, bad=1),
        line(good=6, bad=1),
        line(good=7, lot="L1"),
        line(good=7, expires_on="2027-01-31"),
    ],
)
async def test_what_is_not_equal_differs_and_is_named(shop: Shop, other: ReceiptLine) -> None:
    await by_two(shop)
    await shop.sell("cup")
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=7), line("cup", good=1)))
    await shop.ok(entered("bo", other, line("cup", good=1)))
    found = await receipt(shop)
    assert (found.state, found.differing) == (ReceiptState.DIFFERS, ["mug"])
    assert await shop.units() == {}
    # Whoever looks again and does not say that this is all of it has not finished.
    await shop.ok(entered("bo", line(good=7), line("cup", good=1), done=False))
    assert (await receipt(shop)).state == ReceiptState.DIFFERS
    await shop.ok(entered("bo", line(good=7), line("cup", good=1)))
    assert await shop.units() == {"supplier": -7, "pool": 7}
    assert (await receipt(shop)).differing == []


async def test_whichever_two_are_equal_count(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=7)))
    await shop.ok(entered("bo", line(good=8)))
    await shop.ok(entered("cy", line(good=9)))
    assert (await receipt(shop)).state == ReceiptState.DIFFERS
    await shop.ok(entered("di", line(good=8)))
    assert await shop.units() == {"supplier": -8, "pool": 8}


async def test_nothing_found_is_as_good_as_no_line(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=0)))
    await shop.ok(entered("bo"))
    found = await receipt(shop)
    assert (found.state, found.units) == (ReceiptState.RECEIVED, 0)
    assert await ledger(shop) == []


async def test_a_receipt_is_by_two_as_the_pool_was_when_it_was_made(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    by_one = {"receipts_by_two": None}
    assert (await shop.refused(put(What.POOL, "", by_one, by=By("p1", "an"))))[0] is Code.NEEDS_APPROVAL
    await shop.ok(put(What.POOL, "", by_one, by=By("p2", "bo")))
    await shop.ok(entered("an", line(good=7)))
    assert await shop.units() == {}
    await shop.ok(opened("r2"))
    await shop.ok(entered("an", line(good=7), id="r2"))
    assert await shop.units() == {"supplier": -7, "pool": 7}


async def test_a_receipt_is_made_and_entered_once(shop: Shop) -> None:
    first = await shop.ok(opened("r1", ("mug", 5)))
    assert await shop.ok(opened("r1", ("mug", 5))) == first
    assert await shop.refused(opened("r1", ("mug", 6))) == (Code.ID_CONFLICT, "expected")
    assert await shop.refused(opened("r1", ("mug", 5), supplier="Other")) == (Code.ID_CONFLICT, "supplier")
    await shop.ok(entered("an", line(good=5)))
    again = await shop.ok(entered("an", line(good=5)))
    assert again.data["state"] == "received"
    assert await shop.units() == {"supplier": -5, "pool": 5}
    refused = await shop.book.apply(entered("an", line(good=6)))
    assert (refused.code, refused.field, refused.data) == (Code.BAD_MESSAGE, "state", ["received", "open", "differs"])


async def test_a_cancelled_receipt_brings_nothing(shop: Shop) -> None:
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=5), done=False))
    for _ in range(2):
        await shop.ok(CancelReceipt("r1", By("c", "chief")))
    assert await shop.refused(entered("an", line(good=5))) == (Code.BAD_MESSAGE, "state")
    assert await shop.units() == {}
    await shop.ok(opened("r2"))
    await shop.ok(entered("an", line(good=5), id="r2"))
    assert await shop.refused(CancelReceipt("r2", By("c2", "chief"))) == (Code.BAD_MESSAGE, "state")


@pytest.mark.parametrize(
    ("op", "code", "field"),
    [
        (entered("an", line(good=1), id="nowhere"), Code.NOT_FOUND, "receipt"),
        (CancelReceipt("nowhere", By("c", "chief")), Code.NOT_FOUND, "receipt"),
        (entered("an", line(good=1), line("nothing", good=1)), Code.UNKNOWN_SKU, "sku"),
        (opened("r2", ("nothing", 1)), Code.UNKNOWN_SKU, "sku"),
    ],
)
async def test_what_a_receipt_cannot_be(shop: Shop, op: Any, code: Code, field: str) -> None:
    await shop.ok(opened())
    outcome = await shop.book.apply(op)
    assert (outcome.code, outcome.field) == (code, field)
    assert code is not Code.UNKNOWN_SKU or outcome.sku == "nothing"
    assert (await receipt(shop)).entries == []


async def small(shop: Shop, settings: Settings, **limits: int) -> StockBook:
    """The shop's book as a server with these limits has it."""
    return StockBook(shop.engine, "p", msgspec.structs.replace(settings, **limits))


async def test_there_are_as_many_receipts_and_lines_as_may_be(shop: Shop, settings: Settings) -> None:
    book = await small(shop, settings, receipts_open_max=2, receipt_lines_max=2, receipts_kept_max=1)
    outcomes = [await book.apply(opened(f"r{n}")) for n in range(3)]
    assert [(o.code, o.field, o.available) for o in outcomes[1:]] == [
        (Code.OK, "", -1),
        (Code.SHELF_FULL, "receipts", 2),
    ]
    long = await book.apply(entered("an", *[line(good=1)] * 3, id="r0"))
    assert (long.code, long.field) == (Code.SHELF_FULL, "lines")
    for n in range(2):
        assert (await book.apply(entered("an", line(good=1), id=f"r{n}"))).code is Code.OK
    assert [found.id for found in await book.receipts()] == ["r1"], "the one that was over first has gone"
    assert await shop.engine.command("EXISTS", f"{book.base}:receipt:r0", key=book.base) == 0
    people = [
        await book.apply(opened("crowd")),
        *[await book.apply(entered(f"p{n}", done=False, id="crowd")) for n in range(9)],
    ]
    assert [(o.code, o.field) for o in people[-2:]] == [(Code.OK, ""), (Code.SHELF_FULL, "entries")]
    await book.close()


async def test_more_moves_than_a_call_may_make_are_refused_before_anything_is_kept(
    shop: Shop, settings: Settings
) -> None:
    book = await small(shop, settings, moves_a_call_max=100)
    skus = [f"sku-{n}" for n in range(51)]
    for sku in skus:
        assert (await book.apply(put(What.SKU, sku, {"title": sku}))).code is Code.OK
    await book.apply(opened())
    refused = await book.apply(entered("an", *[line(sku, good=1, bad=1) for sku in skus]))
    assert (refused.code, refused.field, refused.available) == (Code.SHELF_FULL, "lines", 100)
    assert (await receipt(shop)).entries == []
    assert (await book.apply(entered("an", *[line(sku, good=1, bad=1) for sku in skus[:50]]))).code is Code.OK
    assert len(await ledger(shop)) == 100
    await book.close()


async def plain_receive(shop: Shop, move_id: str, **more: Any) -> Outcome:
    return await shop.book.apply(Move(move_id, MoveKind.RECEIVE, "mug", 5, "supplier", "pool", "an", **more))


async def test_no_plain_move_walks_around_two_people(shop: Shop) -> None:
    await by_two(shop)
    assert (await plain_receive(shop, "m1")).code is Code.NEEDS_APPROVAL
    row = By("bulk", "an", "", "define_many")
    assert (await plain_receive(shop, "m2", by=row)).code is Code.OK, "the first units of a SKU are its opening stock"
    refused = await plain_receive(shop, "m3", by=row)
    assert (refused.code, refused.field) == (Code.NEEDS_APPROVAL, "kind")
    assert (await plain_receive(shop, "m4", by=row, opening=True)).code is Code.STALE
    assert (await plain_receive(shop, "m2", by=row)).code is Code.OK, "asked again, it is the same"
    assert await shop.units() == {"supplier": -5, "pool": 5}


async def test_what_two_have_received_one_does_not_send_back(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=7)))
    outcome = await shop.ok(entered("bo", line(good=7)))
    assert outcome.action == ("by-bo", False)
    undone = await shop.book.apply(Undo(undo_id("by-bo"), "by-bo", "an"))
    assert (undone.code, undone.data) == (Code.BAD_MESSAGE, "receipt")
    assert await shop.units() == {"supplier": -7, "pool": 7}


async def test_everybody_is_told_how_far_a_receipt_is_and_no_figure(shop: Shop) -> None:
    await by_two(shop)
    await shop.ok(opened())
    await shop.ok(entered("an", line(good=7)))
    await shop.ok(entered("bo", line(good=6)))
    await shop.ok(entered("bo", line(good=7, bad=0)))
    told = [event.data for event in await shop.book.events() if event.type == "receipt"]
    assert told == [
        {"state": "open", "by_two": True, "entries": 0, "done": 0},
        {"state": "open", "by_two": True, "entries": 1, "done": 1},
        {"state": "differs", "by_two": True, "entries": 2, "done": 2, "differing": 1},
        {"state": "received", "by_two": True, "entries": 2, "done": 2, "units": 7, "bad": 0, "skus": 1},
    ]


async def test_what_an_erp_says_is_held_against_the_book_of_that_moment(shop: Shop) -> None:
    assert not await shop.book.has_erp_levels()
    await shop.receive(10)
    await shop.move(MoveKind.QUARANTINE, 2, "pool", "unsellable")
    outcome = await shop.ok(NoteErpLevels([("mug", 8), ("nothing", 4)], "erp"))
    assert outcome.data == [1, ["nothing"], 1]
    await shop.move(MoveKind.WRITE_OFF, 2, "unsellable", "written_off")
    [(sku, level)] = (await shop.book.erp_levels(["mug", "nothing"])).items()
    assert (sku, level.units, level.on_hand, level.difference, level.seq) == ("mug", 8, 10, -2, outcome.seq)
    assert await shop.book.has_erp_levels()
    assert (await shop.ok(NoteErpLevels([("mug", 8)], "erp"))).data == [1, [], 0]
