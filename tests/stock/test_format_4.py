"""What a book writes from format 4 on, and nothing of it while a server of format 3 still calls."""

from __future__ import annotations

import pytest
from counting import Counting
from old_node import OldNode, format_of, make_old
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.actions import By
from shelfcast.stock.alert_operations import RingPoolAlert
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Confirm, Move, MoveKind, OpenBatch, Reserve, put
from shelfcast.stock.receipt_operations import AskRefund, DecideRefund
from shelfcast.stock.records import UNSAID, Stream
from shop import Shop

QUIET_MS = Settings().format_quiet_ms
REMINDER = RingPoolAlert(0, "gate", "later", "", "1", "warning", 2.0, 60.0, 2, 9, "look")
BACK = DecideRefund("paid", "without_goods", "", UNSAID, By("back", "chief"))


@pytest.fixture
async def old(shop: Shop) -> OldNode:
    """A server of format 3, which has written the book so far and still calls."""
    node = OldNode(shop, 3)
    await make_old(shop, node, 3)
    return node


async def found_short(shop: Shop, count: str) -> None:
    """A count finds no mug, where ten are sold."""
    counted = Counting(shop, count)
    await counted.make("mug")
    await counted.save("ann", 0)
    await counted.close()
    await counted.reasons(("mug", "lost", ""))
    await counted.apply()


async def ask_for_money(shop: Shop) -> None:
    await shop.ok(Reserve("paid", "evening", "mug", 10, "li"))
    await shop.ok(Confirm("paid", paid_minor=9_900))
    await shop.ok(AskRefund("paid", 10, "broken", By("ask", "an")))


async def rules(shop: Shop) -> set[str]:
    return {str(record.rule) for record in await shop.book.alerts("")}


async def kinds(shop: Shop) -> set[str]:
    return {entry.kind for entry in await shop.book.ledger(Stream.STOCK)}


async def test_nothing_that_a_server_of_format_3_cannot_read_is_written_while_one_calls(
    shop: Shop, old: OldNode
) -> None:
    await shop.ok(put(What.ROOM, "later", {"channel": "live"}))
    await ask_for_money(shop)
    await found_short(shop, "c1")
    assert (await shop.ok(REMINDER)).data is False
    assert await shop.refused(BACK) == (Code.UNAVAILABLE, "")
    assert (await format_of(shop), await rules(shop), "refund_only" in await kinds(shop)) == (3, set(), False)
    await shop.assert_sound()

    await shop.advance(QUIET_MS)
    await shop.ok(REMINDER)
    await shop.ok(BACK)
    await found_short(shop, "c2")
    assert (await format_of(shop), await rules(shop), "refund_only" in await kinds(shop)) == (
        library.FORMAT, {"gate", "shortage"}, True,
    )  # fmt: skip
    await shop.assert_sound()


async def test_a_request_may_be_declined_while_one_calls(shop: Shop, old: OldNode) -> None:
    await ask_for_money(shop)
    await shop.ok(DecideRefund("paid", "declined", "", UNSAID, By("no", "chief")))


async def test_one_is_refused_in_words_that_it_knows(shop: Shop, old: OldNode) -> None:
    await shop.ok(put(What.POOL, "", {"sign_over_units": 5}))
    much = Move("much", MoveKind.WRITE_OFF, "mug", 50, "pool", "written_off", "ops")
    assert await old.apply(much) is Code.BAD_MESSAGE
    assert (await shop.book.apply(much)).code is Code.NEEDS_APPROVAL
    await shop.ok(put(What.ROOM, "later", {"channel": "live", "gate": "refuse"}))
    assert await old.apply(put(What.ROOM, "later", {"status": "live"})) is Code.BAD_MESSAGE


async def test_a_book_of_format_3_goes_on_selling_from_its_open_batches(shop: Shop, old: OldNode) -> None:
    await shop.ok(put(What.BATCH, "late", {}))
    await shop.move(MoveKind.CARVE, 6, "pool", "batch:late")
    await shop.ok(OpenBatch("open", "late", "zhang"))
    await shop.advance(QUIET_MS)
    await shop.ok(Reserve("r", "evening", "mug", 1, "ann"))
    assert await format_of(shop) == library.FORMAT
    assert (await shop.units())["batch:late"] == 5
    assert (await shop.book.batches())["late"].closed_at_ms == 0
    assert (await shop.book.pool_config()).safety_percent is None
