"""Orders and reservations by the merchant's side of the SDK against the real server."""

from __future__ import annotations

import pytest
from fixtures_server import ROOM, RunningServer
from mugs import has
from shelfcast.stock.operations import Reserve
from shelfcast_client import ServerRefused, connect
from shelfcast_client.calls import id_of
from shelfcast_client.merchant import Merchant


async def hold(shop: RunningServer, reservation: str, qty: int = 1, user: str = "li") -> int:
    """A customer's hold; when it ends."""
    outcome = await shop.apply(Reserve(reservation, ROOM, "mug", qty, user))
    return outcome.expires_at_ms


async def test_an_order_of_another_platform_is_booked_and_settled(merchant: Merchant) -> None:
    number = "京东/88 #1"
    booked = await merchant.order(number, channel="live", sku="mug", qty=103, user="zhao", reference="jd 88")
    assert booked == await merchant.order(number, channel="live", sku="mug", qty=103, user="zhao", reference="jd 88")
    assert (booked["id"], booked["left"]) == (id_of(number), 100)
    order = await merchant.reservation(number)
    assert order is not None
    assert (order["oversold"], order["external"], order["reference"]) == (3, True, "jd 88")
    with pytest.raises(ServerRefused, match="INSUFFICIENT"):
        await merchant.settle(number, 3)
    await merchant.receive("mug", 5)
    await merchant.settle(number, 3)
    assert (await merchant.ship(number, 100))["left"] == 3
    assert (await merchant.ship(number))["left"] == 0
    await merchant.take_back("mug", 2)
    await merchant.inspect("mug", 1, target="pool")
    await has(merchant, pool=3, shipped=101, returned=1)
    with pytest.raises(ServerRefused) as refused:
        await merchant.order("o2", channel="live", sku="bowl", qty=1)
    assert (refused.value.status, refused.value.code) == (404, "UNKNOWN_SKU")


async def test_a_customers_reservation_is_paid_and_leaves_the_house(shop: RunningServer, merchant: Merchant) -> None:
    async with connect(shop.url, ROOM, token=shop.token(user="li")) as room:
        reserved = await room.reserve("mug", 3)
    assert reserved.ok
    assert [row["id"] for row in await merchant.reservations_of("li")] == [reserved.id]
    assert (await merchant.pay(reserved.id))["state"] == "payment_pending"
    paid = await merchant.confirm(reserved.id, reference="payment 9", actor="till 2")
    assert paid == await merchant.confirm(reserved.id, reference="payment 9", actor="till 2")
    assert (await merchant.ship(reserved.id, 1, key="parcel-1"))["left"] == 2
    assert (await merchant.ship(reserved.id, 1, key="parcel-1"))["left"] == 2
    assert (await merchant.cancel_paid(reserved.id, reason="too many"))["left"] == 0
    await has(merchant, pool=99, shipped=1, sold__live=0)
    with pytest.raises(ServerRefused) as refused:
        await merchant.cancel(reserved.id)
    assert (refused.value.status, refused.value.code, refused.value.retry) == (409, "ALREADY_CONFIRMED", "never")
    assert await merchant.reservation("none") is None
    entries = [entry async for entry in merchant.ledger()]
    assert [entry["actor"] for entry in entries if entry["kind"] == "confirm"] == ["till 2 (by erp)"]


async def test_a_hold_is_given_back(shop: RunningServer, merchant: Merchant) -> None:
    await hold(shop, "r1", 4)
    await has(merchant, pool=96)
    assert (await merchant.cancel("r1", reason="changed his mind"))["state"] == "cancelled"
    await has(merchant, pool=100)


async def test_a_payment_without_stock_waits_for_its_refund(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.change_room(ROOM, hold_ms=1)
    expires_at_ms = await hold(shop, "r1")
    book = await shop.book()
    while await book.now_ms() <= expires_at_ms:
        pass
    await merchant.freeze("mug")
    with pytest.raises(ServerRefused) as refused:
        await merchant.confirm("r1", reference="payment 1")
    assert (refused.value.status, refused.value.code) == (409, "PAID_NO_STOCK")
    assert [row["reference"] for row in await merchant.paid_without_stock()] == ["payment 1"]
    assert (await merchant.refund("r1"))["state"] == "cancelled"
    assert await merchant.paid_without_stock() == []


async def test_a_presale_order_is_fulfilled(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.quota("mug", 5)
    await merchant.change_listing(ROOM, "mug", presale=True)
    await hold(shop, "r1", 2)
    await merchant.confirm("r1")
    await merchant.fulfil("r1")
    await has(merchant, pool=98, sold__live=2, presale=3)
    assert [entry["qty"] async for entry in merchant.ledger(presale=True)][:1] == [5]
