"""The waitlist from the merchant's side of the SDK: who waits, and whom more units would serve."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures_server import ROOM, RunningServer
from shelfcast.http.routes import waitlist
from shelfcast.stock.operations import Reserve, Wait
from shelfcast_client import ServerRefused, records
from shelfcast_client.merchant import Merchant


async def test_a_merchant_reads_who_waits_and_whom_more_units_serve(shop: RunningServer, merchant: Merchant) -> None:
    assert (await merchant.change_room(ROOM, waitlist=True))["waitlist"] is True
    assert (await merchant.change_pool(auto_settle=True))["auto_settle"] is True
    assert await merchant.waiting_in(ROOM) == []
    await shop.apply(Reserve("r1", ROOM, "mug", 100, "ann"))
    await shop.apply(Wait("w1", ROOM, "mug", 2, "bob"))
    await shop.apply(Wait("w2", ROOM, "mug", 3, "cem"))
    assert await merchant.waiting_in(ROOM) == [{"sku": "mug", "people": 2, "units": 5}]
    found = await merchant.waiting_for("mug", 4)
    assert (found["people"], found["rooms"]) == (2, [{"room": ROOM, "people": 2}])
    assert (found["serves"], found["given"]) == (1, 2)
    assert (await merchant.waiting_for("mug", 5, target="channel:live"))["serves"] == 2
    assert (await merchant.audit())["waiting"] == 2
    await merchant.receive("mug", 5)
    assert await merchant.waiting_in(ROOM) == []


async def test_a_wrong_question_is_refused(merchant: Merchant) -> None:
    for question, field in (
        (merchant.waiting_in("none"), "room"),
        (merchant.waiting_for("none"), "sku"),
        (merchant.waiting_for("mug", target="channel:none"), "target"),
        (merchant.waiting_for("mug", -1), "units"),
    ):
        with pytest.raises(ServerRefused) as refused:
            await question
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("ours", "servers"),
    [
        (records.WaitingSku, waitlist.WaitingSku),
        (records.RoomWaiting, waitlist.RoomWaiting),
        (records.WaitingInRoom, waitlist.WaitingInRoom),
        (records.SkuWaiting, waitlist.SkuWaiting),
    ],
    ids=lambda kind: kind.__name__,
)
def test_records_have_the_servers_fields(ours: type, servers: Any) -> None:
    assert list(ours.__annotations__) == list(servers.__struct_fields__)
