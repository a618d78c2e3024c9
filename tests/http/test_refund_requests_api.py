"""Refunds that are asked for, over HTTP: nothing moves, and what is open has an age."""

from __future__ import annotations

from typing import Any

import pytest

POOL = "/v1/pools/main"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    return api


async def paid(shop: Any, id: str = "o1", qty: int = 3, room: str = "evening") -> None:  # noqa: A002
    await shop.reserve(id, qty, user=f"user-{id}", room=room)
    await shop.ok("POST", f"{POOL}/reservations/{id}/confirm", {"paid_minor": 990 * qty})


async def ask(shop: Any, units: int = 2, id: str = "o1", **options: Any) -> Any:  # noqa: A002
    body = {"units": units, "reason": "broken"}
    return await shop.ok("POST", f"{POOL}/reservations/{id}/refund-request", body, **options)


async def decide(shop: Any, state: str, id: str = "o1", **more: Any) -> Any:  # noqa: A002
    return await shop.ok("POST", f"{POOL}/reservations/{id}/refund-request/decide", {"state": state, **more})


async def listed(shop: Any, query: str = "", **options: Any) -> list[str]:
    found = (await shop.ok("GET", f"{POOL}/refund-requests{query}", **options))["requests"]
    return [each["reservation"] for each in found]


async def test_asking_moves_nothing_and_waits(shop: Any) -> None:
    await paid(shop)
    before, audit = await shop.units(), await shop.ok("GET", f"{POOL}/audit")
    asked = await ask(shop, as_=shop.as_("service", "desk"))
    assert asked == {
        "reservation": "o1", "state": "open", "sku": "mug", "title": "Mug", "units": 2, "done_units": 0,
        "reason": "broken", "room": "evening", "show": "evening.1", "channel": "live", "user": "user-o1",
        "asked_by": "desk", "asked_at_ms": asked["asked_at_ms"], "age_ms": asked["age_ms"], "decided_by": "",
        "decided_at_ms": None, "note": "", "refunded_minor": None, "currency": None,
    }  # fmt: skip
    assert await shop.units() == before
    assert await shop.ok("GET", f"{POOL}/audit") == audit
    assert await listed(shop) == ["o1"]
    pool = await shop.services.pools.get("main")
    now_ms = await pool.book.now_ms()
    key = f"{pool.book.base}:meta"
    await pool.book._engine.command("HSET", key, "rehearsal_clock_ms", now_ms + 90_000, key=key)
    [waiting] = (await shop.ok("GET", f"{POOL}/refund-requests"))["requests"]
    assert waiting["age_ms"] >= 90_000


async def test_goods_that_come_back_end_it(shop: Any) -> None:
    await paid(shop)
    await paid(shop, "o2")
    await ask(shop)
    await ask(shop, 1, "o2")
    await shop.ok("POST", f"{POOL}/reservations/o1/cancel-paid", {"id": "c", "qty": 2})
    assert (await listed(shop), await listed(shop, "?state=cancelled_paid")) == (["o2"], ["o1"])
    await shop.ok("POST", f"{POOL}/reservations/o2/ship", {"id": "s"})
    back = {"kind": "return", "sku": "mug", "qty": 1, "source": "shipped", "target": "returned"}
    await shop.ok("POST", f"{POOL}/moves", {"id": "b", **back, "reference": "o2"})
    assert (await listed(shop), await listed(shop, "?state=returned")) == ([], ["o2"])


async def test_it_is_declined_or_paid_back_without_goods(shop: Any) -> None:
    await paid(shop)
    await paid(shop, "o2")
    await ask(shop)
    await ask(shop, 1, "o2")
    declined = await decide(shop, "declined", note="worn")
    assert (declined["state"], declined["note"], declined["decided_by"]) == ("declined", "worn", "wang")
    before = await shop.units()
    refund = await decide(shop, "without_goods", "o2")
    assert (refund["state"], refund["refunded_minor"], refund["currency"]) == ("without_goods", 990, "CNY")
    assert await shop.units() == before
    assert (await shop.ok("GET", f"{POOL}/reservations/o2"))["refunded_minor"] == 990
    assert await listed(shop, "?state=declined") == ["o1"]
    problem = await shop.problem("POST", f"{POOL}/reservations/o1/refund-request/decide", {"state": "without_goods"})
    assert (problem["status"], problem["field"]) == (409, "state")
    assert problem["detail"] == "expected one that is open: it is declined"
    assert (await shop.ok("GET", f"{POOL}/audit"))["ok"]


async def test_only_a_person_decides(shop: Any) -> None:
    await paid(shop)
    await ask(shop)
    path = f"{POOL}/reservations/o1/refund-request/decide"
    for role in ("service", "counter", "host", "viewer"):
        assert (await shop.problem("POST", path, {"state": "declined"}, as_=shop.as_(role)))["status"] == 403
    assert await listed(shop) == ["o1"]


async def test_a_token_for_one_room_reaches_its_own(shop: Any) -> None:
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live", "status": "live"})
    await shop.ok("PUT", "/v1/rooms/night/skus/mug", {})
    await paid(shop)
    await paid(shop, "o2", room="night")
    mine = shop.as_("operator", room="night")
    for name in ("o1", "o2"):
        await ask(shop, 1, name)
    assert await listed(shop, as_=mine) == ["o2"]
    path = f"{POOL}/reservations/o1/refund-request"
    stranger = await shop.problem("POST", path, {"units": 1, "reason": "broken"}, as_=mine)
    nothing = await shop.problem("POST", path.replace("o1", "o9"), {"units": 1, "reason": "broken"}, as_=mine)
    assert stranger | {"detail": ""} == nothing | {"detail": ""}
    assert stranger["status"] == 404
    assert (await shop.problem("POST", f"{path}/decide", {"state": "declined"}, as_=mine))["status"] == 404
    response = await shop.call("POST", f"{path.replace('o1', 'o2')}/decide", {"state": "declined"}, as_=mine)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"units": 4, "reason": "x"}, 409, "INSUFFICIENT", ""),
        ({"units": 0, "reason": "x"}, 422, "BAD_MESSAGE", "units"),
        ({"units": 1, "reason": ""}, 422, "BAD_MESSAGE", "reason"),
        ({"units": 1, "reason": "   "}, 422, "BAD_MESSAGE", "reason"),
        ({"units": 1, "reason": "\u200b\u200b"}, 422, "BAD_MESSAGE", "reason"),
        ({"units": 1}, 422, "BAD_MESSAGE", "reason"),
        ({"units": "1", "reason": "x"}, 422, "BAD_MESSAGE", "units"),
    ],
)
async def test_what_cannot_be_asked(shop: Any, body: Any, status: int, code: str, field: str) -> None:
    await paid(shop)
    problem = await shop.problem("POST", f"{POOL}/reservations/o1/refund-request", body)
    assert (problem["status"], problem["code"], problem.get("field", "")) == (status, code, field)
    assert await listed(shop) == []


async def test_what_is_not_paid_is_not_asked_back(shop: Any) -> None:
    await shop.reserve("held")
    problem = await shop.problem("POST", f"{POOL}/reservations/held/refund-request", {"units": 1, "reason": "x"})
    assert (problem["status"], problem["field"]) == (409, "state")
    assert problem["detail"] == "expected one that is confirmed: it is active"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "open"}, "state"),
        ({"state": "returned"}, "state"),
        ({"state": "gone"}, "state"),
        ({"state": "declined", "refunded_minor": 5}, "refunded_minor"),
        ({"state": "without_goods", "refunded_minor": -5}, "refunded_minor"),
        ({"state": "without_goods", "refunded_minor": 2_971}, "refunded_minor"),
        ({"state": "declined", "note": "a\nb"}, "note"),
    ],
)
async def test_what_cannot_be_decided(shop: Any, body: Any, field: str) -> None:
    await paid(shop)
    await ask(shop)
    problem = await shop.problem("POST", f"{POOL}/reservations/o1/refund-request/decide", body)
    assert (problem["status"], problem["field"]) == (422, field), problem
    assert await listed(shop) == ["o1"]


async def test_they_are_listed_page_by_page(shop: Any) -> None:
    names = [f"o{n}" for n in range(5)]
    for name in names:
        await paid(shop, name, 1)
        await ask(shop, 1, name)
    found, after = [], ""
    while True:
        page = await shop.ok("GET", f"{POOL}/refund-requests", params={"limit": 2, "after": after})
        assert len(page["requests"]) <= 2
        found += [each["reservation"] for each in page["requests"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == names
    for wrong in ("x", "1x:o1", "ten:o1"):
        assert (await shop.problem("GET", f"{POOL}/refund-requests", params={"after": wrong}))["field"] == "after"
