"""Goods that arrive, lots, an ERP's figures and refunds by the merchant's side of the SDK against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from mugs import has
from shelfcast.stock.operations import Reserve
from shelfcast_client import ServerRefused
from shelfcast_client.merchant import Merchant


async def test_two_take_goods_in_and_what_expires_is_pulled(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.define_pool(receipts_by_two=True)
    made = await merchant.make_receipt(supplier="Mill", expected={"mug": 7}, key="Lieferung 7")
    assert made == await merchant.make_receipt(supplier="Mill", expected={"mug": 7}, key="Lieferung 7")
    assert (made["by_two"], made["expected"]) == (True, None)
    with pytest.raises(ServerRefused, match="make a receipt"):
        await merchant.receive("mug", 7)
    for person, good in (("an", 7), ("bo", 6), ("bo", 7)):
        async with Merchant(shop.url, shop.token("counter", user=person), POOL) as counter:
            found = await counter.enter_receipt(
                "Lieferung 7", [{"sku": "mug", "good": good, "lot": "A", "expires_on": "2020-01-31"}], done=True
            )
    assert (found["state"], found["units"]) == ("received", 7)
    assert await merchant.receipt("Lieferung 7") is not None
    assert await merchant.receipt("nothing") is None
    assert [one["state"] for one in await merchant.receipts()] == ["received"]
    await has(merchant, pool=107)
    [lot] = (await merchant.expiring_lots(0))["lots"]
    assert (lot["lot"], lot["units"], lot["free"]) == ("A", 7, 107)
    done = await merchant.pull_lot("mug", 7, lot="A", expires_on="2020-01-31", reason="expired", key="pull A")
    assert done["undoable"]
    await has(merchant, pool=100, unsellable=7)


async def test_an_erps_export_is_held_against_the_book(merchant: Merchant, tmp_path: Path) -> None:
    assert await merchant.erp_level("mug") is None
    assert (await merchant.note_erp_levels({"mug": 98}))["differing"] == 1
    file = tmp_path / "stock.csv"
    file.write_text("货号,库存\nmug,97\nplate,3\n", encoding="gb18030")
    noted = await merchant.note_erp_file(file, encoding="gbk")
    assert (noted["noted"], noted["unknown"]) == (1, ["plate"])
    level = await merchant.erp_level("mug")
    assert level is not None
    assert (level["units"], level["difference"]) == (97, -3)


async def test_a_refund_is_asked_for_and_decided(shop: RunningServer, merchant: Merchant) -> None:
    await shop.apply(Reserve("r1", ROOM, "mug", 2, "li"))
    await merchant.confirm("r1", paid_minor=2_000)
    asked = await merchant.ask_refund("r1", 1, "broken")
    assert (asked["state"], asked["units"]) == ("open", 1)
    assert [one["reservation"] async for one in merchant.refund_requests()] == ["r1"]
    decided = await merchant.decide_refund("r1", "without_goods", note="keeps it")
    assert (decided["refunded_minor"], decided["note"]) == (1_000, "keeps it")
    assert [one async for one in merchant.refund_requests()] == []
    assert [one["reservation"] async for one in merchant.refund_requests("without_goods")] == ["r1"]
