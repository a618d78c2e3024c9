from __future__ import annotations

from typing import Any

R1 = "/v1/pools/main/reservations/r1"
PRESALE = {"presale": True}


async def test_a_reservation_is_paid_confirmed_and_shipped(shop: Any) -> None:
    await shop.reserve("r1", qty=3)
    held = await shop.ok("GET", R1)
    assert (held["state"], held["sku"], held["qty"], held["user"]) == ("active", "mug", 3, "li")
    paying = await shop.ok("POST", f"{R1}/pay", as_=shop.as_("service"))
    assert paying["state"] == "payment_pending"
    assert paying["expires_at_ms"] > held["expires_at_ms"]
    confirmed = await shop.ok("POST", f"{R1}/confirm", {"reference": "pay-77"})
    assert (confirmed["state"], confirmed["left"]) == ("confirmed", 3)
    assert await shop.ok("POST", f"{R1}/confirm", {"reference": "pay-77"}) == confirmed
    assert (await shop.ok("GET", R1))["reference"] == "pay-77"
    part = await shop.ok("POST", f"{R1}/ship", {"id": "parcel-1", "qty": 1})
    assert part["left"] == 2
    assert await shop.ok("POST", f"{R1}/ship", {"id": "parcel-1", "qty": 1}) == part
    other = await shop.problem("POST", f"{R1}/ship", {"id": "parcel-1", "qty": 2})
    assert (other["code"], other["field"]) == ("ID_CONFLICT", "qty")
    back = await shop.ok("POST", f"{R1}/cancel-paid", {"qty": 1, "reason": "broken"}, headers={"Idempotency-Key": "c1"})
    assert back["left"] == 1
    assert (await shop.ok("POST", f"{R1}/ship", {"id": "parcel-2"}))["left"] == 0
    units = await shop.units()
    assert (units["pool"], units["shipped"], units.get("sold:live", 0)) == (98, 2, 0)


async def test_a_payment_says_what_was_paid_and_a_refund_what_went_back(shop: Any) -> None:
    await shop.reserve("r1", qty=3)
    bare = await shop.problem("POST", f"{R1}/confirm", {"currency": "EUR"})
    assert (bare["code"], bare["field"]) == ("BAD_MESSAGE", "currency")
    await shop.ok("POST", f"{R1}/confirm", {"paid_minor": 1_000, "currency": "EUR"})
    await shop.ok("POST", f"{R1}/cancel-paid", {"id": "c1", "qty": 1})
    much = await shop.problem("POST", f"{R1}/cancel-paid", {"id": "c2", "qty": 1, "refunded_minor": 668})
    assert (much["code"], much["field"]) == ("BAD_MESSAGE", "refunded_minor")
    assert "667" in much["detail"]
    record = await shop.ok("GET", R1)
    assert (record["paid_minor"], record["refunded_minor"], record["currency"]) == (1_000, 333, "EUR")


async def test_steps_that_come_too_late_say_why(shop: Any) -> None:
    await shop.reserve("r1")
    await shop.ok("POST", f"{R1}/cancel", {"reason": "changed my mind"})
    assert (await shop.ok("POST", f"{R1}/cancel"))["state"] == "cancelled"
    for step in ("pay", "confirm"):
        late = await shop.problem("POST", f"{R1}/{step}")
        assert (late["status"], late["code"], late["retry"]) == (409, "ALREADY_CANCELLED", "never")
    await shop.reserve("r2")
    await shop.ok("POST", "/v1/pools/main/reservations/r2/confirm")
    late = await shop.problem("POST", "/v1/pools/main/reservations/r2/cancel")
    assert late["code"] == "ALREADY_CONFIRMED"
    for step in ("pay", "confirm", "cancel", "refund"):
        unknown = await shop.problem("POST", f"/v1/pools/main/reservations/none/{step}")
        assert (unknown["status"], unknown["code"]) == (404, "NOT_FOUND")


async def test_a_payment_without_stock_waits_for_its_refund(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"hold_ms": 1})
    expires_at_ms = (await shop.reserve("r1", qty=5)).expires_at_ms
    pool = await shop.services.pools.get("main")
    while await pool.book.now_ms() <= expires_at_ms:
        pass
    await shop.ok("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "stop"})
    late = await shop.problem("POST", f"{R1}/confirm", {"reference": "pay-1"})
    assert (late["status"], late["code"]) == (409, "PAID_NO_STOCK")
    waiting = await shop.ok("GET", "/v1/pools/main/reservations?state=paid_no_stock")
    assert [(row["id"], row["reference"]) for row in waiting["reservations"]] == [("r1", "pay-1")]
    assert (await shop.ok("POST", f"{R1}/refund", {"reason": "sold out"}))["state"] == "cancelled"
    assert (await shop.ok("GET", "/v1/pools/main/reservations?state=paid_no_stock"))["reservations"] == []


async def test_a_presale_order_is_fulfilled_when_the_goods_are_there(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening/skus/mug", PRESALE)
    quota = {"kind": "quota", "sku": "mug", "qty": 5, "id": "quota"}
    await shop.ok("POST", "/v1/pools/main/moves", quota)
    await shop.reserve("r1", qty=2)
    await shop.ok("POST", f"{R1}/confirm")
    assert (await shop.problem("POST", f"{R1}/fulfil"))["field"] == "id"
    assert (await shop.problem("POST", f"{R1}/fulfil", {"id": "f", "qty": 1}))["field"] == "qty"
    await shop.ok("POST", f"{R1}/fulfil", {"id": "f"})
    units = await shop.units()
    assert (units["pool"], units["sold:live"], units["presale"]) == (98, 2, 3)


async def test_a_list_is_asked_for_one_way(shop: Any) -> None:
    path = "/v1/pools/main/reservations"
    for query in ("", "?state=paid_no_stock&user=li"):
        assert (await shop.problem("GET", path + query))["status"] == 422
    assert (await shop.problem("GET", f"{path}?state=active"))["field"] == "state"
    await shop.reserve("r1")
    await shop.reserve("r2")
    rows = (await shop.ok("GET", f"{path}?user=li"))["reservations"]
    assert [row["id"] for row in rows] == ["r1", "r2"]


async def test_a_rooms_payments_without_stock_are_not_cut_by_those_of_other_rooms(shop: Any) -> None:
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live", "status": "live", "hold_ms": 1})
    await shop.ok("PUT", "/v1/rooms/night/skus/mug", {})
    await shop.ok("PATCH", "/v1/rooms/evening", {"hold_ms": 1})
    names = [("n1", "night"), ("n2", "night"), ("n3", "night"), ("e1", "evening"), ("e2", "evening")]
    pool = await shop.services.pools.get("main")
    for name, room in names:
        expires_at_ms = (await shop.reserve(name, room=room)).expires_at_ms
    while await pool.book.now_ms() <= expires_at_ms:
        pass
    await shop.ok("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "stop"})
    for name, _ in names:
        await shop.problem("POST", f"/v1/pools/main/reservations/{name}/confirm")
    listed = "/v1/pools/main/reservations?state=paid_no_stock&limit=2"
    mine = await shop.ok("GET", listed, as_=shop.as_("operator", room="evening"))
    assert [row["id"] for row in mine["reservations"]] == ["e1", "e2"]
    everything = await shop.ok("GET", listed)
    assert [row["id"] for row in everything["reservations"]] == ["n1", "n2"]
