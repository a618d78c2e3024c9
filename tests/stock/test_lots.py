"""Lots in the book: what came with them, what was counted, and what is pulled before it expires."""

from __future__ import annotations

import msgspec
import pytest
from counting import Counting
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, What
from shelfcast.stock.operations import Confirm, MoveKind, Reserve, Undo, put
from shelfcast.stock.receipt_operations import EnterReceipt, OpenReceipt, PullLot
from shelfcast.stock.receipts import ReceiptLine
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


async def arrive(shop: Shop, receipt: str, *lines: tuple[int, str, str], book: StockBook | None = None) -> None:
    """Good units of mugs with their lot and day come in."""
    book = book or shop.book
    found = [ReceiptLine(sku="mug", good=good, lot=lot, expires_on=day) for good, lot, day in lines]
    await book.apply(OpenReceipt(receipt, "", "", "", [], By(f"open-{receipt}", "an")))
    outcome = await book.apply(EnterReceipt(receipt, found, True, "an", By(f"done-{receipt}", "an")))
    assert outcome.code is Code.OK, outcome


async def shown(shop: Shop) -> list[tuple[str, str, int, int]]:
    return [(lot.lot, lot.expires_on, lot.units, lot.pulled) for lot in await shop.book.lots(["mug"])]


def pull(qty: int, lot: str = "A", day: str = "2027-01-31", *, id: str = "p1", sku: str = "mug") -> PullLot:  # noqa: A002
    return PullLot(id, sku, lot, day, qty, "an", "expires")


async def test_lots_come_with_receipts_and_add_up(shop: Shop) -> None:
    await arrive(shop, "r1", (5, "B", "2027-03-01"), (3, "A", "2027-01-31"), (2, "", ""))
    await arrive(shop, "r2", (4, "A", "2027-01-31"), (1, "C", ""))
    assert await shown(shop) == [("A", "2027-01-31", 7, 0), ("B", "2027-03-01", 5, 0), ("C", "", 1, 0)]
    assert [lot.source for lot in await shop.book.lots(["mug"])] == ["receipt:r2", "receipt:r1", "receipt:r2"]
    assert await shop.book.lots() == await shop.book.lots(["mug", "nothing"])
    assert await shop.units() == {"supplier": -15, "pool": 15}


async def test_bad_units_are_of_no_lot(shop: Shop) -> None:
    await shop.ok(OpenReceipt("r", "", "", "", [], By("o", "an")))
    found = ReceiptLine(sku="mug", good=0, bad=4, lot="A", expires_on="2027-01-31")
    await shop.ok(EnterReceipt("r", [found], True, "an", By("d", "an")))
    assert await shown(shop) == []
    assert await shop.units() == {"supplier": -4, "unsellable": 4}


async def test_what_expires_is_found_by_its_day(shop: Shop) -> None:
    await shop.sell("cup")
    await arrive(shop, "r1", (5, "B", "2027-03-01"), (3, "A", "2027-01-31"), (2, "N", ""))
    assert await shop.book.expiring_lots("2027-01-30", 10) == ([], False)
    found, more = await shop.book.expiring_lots("2027-01-31", 10)
    assert ([lot.lot for lot in found], more) == (["A"], False)
    found, more = await shop.book.expiring_lots("2099-01-01", 1)
    assert ([lot.lot for lot in found], more) == (["A"], True)
    found, more = await shop.book.expiring_lots("2099-01-01", 10)
    assert ([lot.lot for lot in found], more) == (["A", "B"], False), "what has no day expires on none"
    await shop.ok(pull(3))
    found, _ = await shop.book.expiring_lots("2099-01-01", 10)
    assert [lot.lot for lot in found] == ["B"], "what is all pulled is done with"


async def test_a_lot_is_pulled_from_where_units_are_free(shop: Shop) -> None:
    await arrive(shop, "r1", (20, "A", "2027-01-31"))
    await shop.ok(put(What.BATCH, "b", BatchConfig(title="b")))
    await shop.ok(Reserve("sold", "evening", "mug", 4, "li"))
    await shop.ok(Confirm("sold"))
    for kind, qty, target in (
        (MoveKind.CARVE, 3, "safety"),
        (MoveKind.CARVE, 3, "elastic"),
        (MoveKind.CARVE, 3, "batch:b"),
        (MoveKind.ALLOCATE, 3, "channel:douyin"),
    ):
        await shop.move(kind, qty, "pool", target)
    outcome = await shop.ok(pull(14))
    units = {"supplier": -20, "sold:live": 4, "unsellable": 14, "channel:douyin": 2}
    assert await shop.units() == units
    assert await shown(shop) == [("A", "2027-01-31", 20, 14)]
    assert outcome.action == ("p1", True)
    entries = [e for e in await shop.book.ledger(Stream.STOCK, 0, 100) if e.kind == "quarantine"]
    assert [(e.source, e.qty) for e in entries] == [
        ("pool", 4), ("safety", 3), ("elastic", 3), ("batch:b", 3), ("channel:douyin", 1)
    ]  # fmt: skip
    assert {(e.id, e.reference, e.reason) for e in entries} == {("p1", "A", "expires")}
    assert await shop.ok(pull(14)) == outcome, "once an id"
    assert await shop.units() == units


async def test_a_pull_is_taken_back_and_done_again(shop: Shop) -> None:
    await arrive(shop, "r1", (5, "A", "2027-01-31"))
    await shop.ok(pull(4))
    await shop.ok(Undo(undo_id("p1"), "p1", "bo"))
    assert await shop.units() == {"supplier": -5, "pool": 5}
    assert await shown(shop) == [("A", "2027-01-31", 5, 0)]
    assert [lot.lot for lot in (await shop.book.expiring_lots("2027-02-01", 9))[0]] == ["A"]
    await shop.ok(Undo(undo_id(undo_id("p1")), undo_id("p1"), "bo"))
    assert await shop.units() == {"supplier": -5, "pool": 1, "unsellable": 4}
    assert await shown(shop) == [("A", "2027-01-31", 5, 4)]


async def test_what_cannot_be_pulled(shop: Shop) -> None:
    await arrive(shop, "r1", (5, "A", "2027-01-31"), (5, "B", "2027-02-28"))
    for op, code, field, available in (
        (pull(1, "Z"), Code.NOT_FOUND, "lot", -1),
        (pull(1, "A", "2027-02-28"), Code.NOT_FOUND, "lot", -1),
        (pull(1, sku="nothing"), Code.UNKNOWN_SKU, "sku", -1),
        (pull(6), Code.INSUFFICIENT, "lot", 5),
    ):
        outcome = await shop.book.apply(op)
        assert (outcome.code, outcome.field, outcome.available) == (code, field, available)
    await shop.ok(Reserve("r", "evening", "mug", 7, "li"))
    outcome = await shop.book.apply(pull(4))
    assert (outcome.code, outcome.field, outcome.available) == (Code.INSUFFICIENT, "", 3)
    await shop.ok(pull(3))
    outcome = await shop.book.apply(pull(3, id="p1", lot="B", day="2027-02-28"))
    assert (outcome.code, outcome.field) == (Code.ID_CONFLICT, "lot")
    assert await shop.units() == {"supplier": -10, "held:live": 7, "unsellable": 3}


async def test_of_more_lots_than_may_be_those_that_expire_last_go(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, lots_a_sku_max=2))
    await arrive(shop, "r1", (1, "N", ""), (1, "C", "2027-03-01"), (1, "A", "2027-01-31"), book=book)
    assert [lot for lot, *_ in await shown(shop)] == ["A", "C"]
    await arrive(shop, "r2", (1, "B", "2027-02-28"), book=book)
    assert [lot for lot, *_ in await shown(shop)] == ["A", "B"]
    await book.close()


async def counted(shop: Shop, *lines: tuple[str, int, str, str], name: str = "c1") -> None:
    """Mugs are counted, by zone, with their lots."""
    count = Counting(shop, name)
    await count.make("mug")
    for zone, good, lot, day in lines:
        await count.save("ann", good, zone=zone, lot=lot, expires_on=day)
    record = await count.close()
    if record.unreasoned:
        await count.reasons(("mug", "lost", ""))
    await count.apply()


async def test_a_count_says_which_lots_there_are(shop: Shop) -> None:
    await arrive(shop, "r1", (6, "A", "2027-01-31"), (4, "B", "2027-03-01"))
    await shop.ok(pull(2))
    await counted(shop, ("a1", 2, "A", "2027-01-31"), ("a2", 1, "A", "2027-01-31"), ("a3", 5, "C", "2027-02-28"))
    assert await shown(shop) == [("A", "2027-01-31", 3, 0), ("C", "2027-02-28", 5, 0)]
    assert {lot.source for lot in await shop.book.lots(["mug"])} == {"count:c1"}
    assert [lot.lot for lot in (await shop.book.expiring_lots("2027-02-01", 9))[0]] == ["A"]


async def test_lots_that_came_after_the_last_line_stay(shop: Shop) -> None:
    await arrive(shop, "r1", (5, "A", "2027-01-31"), (2, "B", "2027-02-28"))
    count = Counting(shop)
    await count.make("mug")
    await count.save("ann", 4, zone="a1", lot="A", expires_on="2027-01-31")
    await count.save("ann", 3, zone="a2", lot="A", expires_on="2027-01-31")
    await arrive(shop, "r2", (9, "C", "2027-03-01"))
    await count.close()
    await count.apply()
    assert await shown(shop) == [("A", "2027-01-31", 7, 0), ("C", "2027-03-01", 9, 0)]
    found, _ = await shop.book.expiring_lots("2027-03-01", 9)
    assert [lot.lot for lot in found] == ["A", "C"]


async def test_what_is_pulled_after_the_last_line_stays_pulled(shop: Shop) -> None:
    await arrive(shop, "r1", (10, "A", "2027-01-31"), (5, "B", "2027-02-28"))
    await shop.ok(pull(1, id="before"))
    count = Counting(shop)
    await count.make("mug")
    await shop.ok(pull(2, id="not-in-it"))
    await count.save("ann", 7, 3, zone="a1", lot="A", expires_on="2027-01-31")
    await shop.ok(pull(3))
    await count.save("ann", 5, zone="a2", lot="B", expires_on="2027-02-28")
    await shop.ok(pull(1, id="p2"))
    await shop.ok(pull(2, "B", "2027-02-28", id="p3"))
    await shop.ok(Undo("undo:p2", "p2", "ops"))
    await count.close()
    await count.apply()
    # Of A 7 were there, and 3 of these are pulled: before its day 4 can still be.
    assert await shown(shop) == [("A", "2027-01-31", 7, 3), ("B", "2027-02-28", 5, 2)]
    assert await shop.refused(pull(5, id="p4")) == (Code.INSUFFICIENT, "lot")
    await shop.ok(pull(4, id="p5"))
    await counted(shop, ("a1", 0, "A", "2027-01-31"), ("a2", 3, "B", "2027-02-28"), name="c2")
    assert await shown(shop) == [("B", "2027-02-28", 3, 0)]


async def test_a_count_that_names_no_lots_leaves_them_unless_nothing_is_there(shop: Shop) -> None:
    await arrive(shop, "r1", (6, "A", "2027-01-31"))
    await counted(shop, ("", 5, "", ""))
    assert await shown(shop) == [("A", "2027-01-31", 6, 0)]
    await counted(shop, ("", 0, "", ""), name="c2")
    assert await shown(shop) == []
    assert await shop.book.expiring_lots("2027-02-01", 9) == ([], False)
