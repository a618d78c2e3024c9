"""The reconciliation of a show over HTTP: what became of its reservations, beside what was counted."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from shelfcast.stock.operations import Expire

SHOW = "/v1/shows/evening.1/reconciliation"
MAIN = "/v1/pools/main"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    return api


class Orders:
    """What customers and the shop do with a show's reservations."""

    def __init__(self, shop: Any) -> None:
        self._shop = shop

    async def hold(self, name: str, qty: int = 1) -> None:
        await self._shop.reserve(name, qty, user=f"user-{name}")

    async def pay(self, name: str, qty: int = 1, **said: Any) -> None:
        await self.hold(name, qty)
        await self.do(name, "confirm", **said)

    async def do(self, name: str, step: str, **body: Any) -> Any:
        headers = {"Idempotency-Key": f"{step.replace('/', '-')}-{name}"}
        return await self._shop.ok("POST", f"{MAIN}/reservations/{name}/{step}", body or {}, headers=headers)


async def test_a_show_is_reconciled_by_what_became_of_its_reservations(shop: Any) -> None:
    orders = Orders(shop)
    await orders.pay("whole", 3)
    await orders.pay("parted", 5)
    await orders.pay("undone", 2, paid_minor=1_000, currency="EUR")
    await orders.do("parted", "ship", qty=2)
    await orders.do("undone", "cancel-paid", qty=1)
    await orders.hold("open", 4)
    await orders.hold("paying", 1)
    await orders.do("paying", "pay")
    await orders.hold("left", 2)
    await orders.do("left", "cancel")
    found = await shop.ok("GET", SHOW)
    [row] = found["skus"]
    assert (found["show"], found["room"], found["pool"], found["ended_at_ms"]) == ("evening.1", "evening", "main", None)
    assert (row["sku"], row["title"], row["link"], row["presale"], row["count"]) == ("mug", "Mug", 1, None, None)
    stock = row["stock"]
    assert (stock["sold"], stock["cancelled"], stock["shipped"], stock["unshipped"]) == (9, 1, 2, 7)
    assert (stock["held"], stock["payment_pending"], stock["paid_no_stock"]) == (4, 1, 0)
    assert found["totals"]["stock"] == stock
    assert found["totals"]["presale"] is None
    assert {one["currency"]: one for one in found["totals"]["money"]} == {
        "CNY": {"currency": "CNY", "paid_minor": 0, "by_price_minor": 8 * 990, "refunded_minor": 0},
        "EUR": {"currency": "EUR", "paid_minor": 1_000, "by_price_minor": 0, "refunded_minor": 500},
    }
    units = await shop.units()
    assert (units["sold:live"], units["held:live"]) == (stock["unshipped"], stock["held"] + stock["payment_pending"])


async def count_after(shop: Any, found: dict[str, int], reason: str = "lost") -> str:
    """A count of the room that two people sign, and applied."""
    what = {"kind": "after", "room": "evening", "blind": False, "recount_over": 100}
    made = await shop.ok("POST", f"{MAIN}/counts", what)
    count = made["count"]["count"]
    for sku, good in found.items():
        await shop.ok(
            "POST", f"{MAIN}/counts/{count}/lines", {"sku": sku, "good": good}, as_=shop.as_("counter", "zhou")
        )
    await shop.ok("POST", f"{MAIN}/counts/{count}/close", {})
    rows = (await shop.ok("GET", f"{MAIN}/counts/{count}/rows"))["rows"]
    differing = [{"sku": row["sku"], "reason": reason, "note": "box 7"} for row in rows if row["difference"]]
    if differing:
        await shop.ok("PUT", f"{MAIN}/counts/{count}/reasons", {"rows": differing})
    return str(count)


async def sign(shop: Any, count: str, *people: str) -> None:
    """The last of them applies it."""
    revision = {"revision": (await shop.ok("GET", f"{MAIN}/counts/{count}"))["revision"]}
    *signers, last = [shop.as_("operator", name) for name in people]
    for signer in signers:
        await shop.ok("POST", f"{MAIN}/counts/{count}/sign", revision, as_=signer)
    assert (await shop.ok("POST", f"{MAIN}/counts/{count}/apply", revision, as_=last))["state"] == "applied"


async def test_what_was_counted_stands_beside_it_with_its_reason_and_who_signed(shop: Any) -> None:
    rows = [{"sku": sku, "title": sku.title(), "price_minor": 500, "opening": 40} for sku in ("bowl", "cup")]
    await shop.ok("POST", f"{MAIN}/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    for sku in ("bowl", "cup"):
        await shop.ok("PUT", f"/v1/rooms/evening/skus/{sku}", {})
    orders = Orders(shop)
    await orders.pay("one", 3)
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    count = await count_after(shop, {"mug": 93, "bowl": 40})
    by_sku = {row["sku"]: row for row in (await shop.ok("GET", SHOW))["skus"]}
    open_one = {"count": count, "kind": "after", "state": "review"}
    assert by_sku["mug"]["open_count"] == open_one | {"status": "ready", "difference": -7}
    assert by_sku["bowl"]["open_count"]["difference"] == 0
    assert by_sku["cup"]["open_count"] == open_one | {"status": "uncounted", "difference": None}
    assert (await shop.ok("GET", SHOW))["totals"]["open_differences"] == 1
    await sign(shop, count, "li", "zhao")
    found = await shop.ok("GET", SHOW)
    by_sku = {row["sku"]: row for row in found["skus"]}
    mug = by_sku["mug"]["count"]
    assert (mug["count"], mug["kind"], mug["counted"], mug["difference"]) == (count, "after", 93, -7)
    assert (mug["reason"], mug["reason_note"], mug["reason_by"]) == ("lost", "box 7", "wang")
    assert mug["signed_by"] == ["li", "zhao"]
    assert (by_sku["bowl"]["count"]["difference"], by_sku["bowl"]["count"]["reason"]) == (0, "")
    assert by_sku["cup"]["count"] is by_sku["cup"]["open_count"] is None
    totals = found["totals"]
    assert [totals[name] for name in ("skus", "counted", "differing", "gained", "lost")] == [3, 2, 1, 0, 7]
    assert totals["open_differences"] == 0


async def test_a_count_while_the_next_show_is_on_is_not_of_this_one(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "live"})
    await sign(shop, await count_after(shop, {"mug": 101}, "found"), "li")
    assert (await shop.ok("GET", SHOW))["skus"][0]["count"] is None
    assert (await shop.ok("GET", SHOW.replace(".1", ".2")))["skus"][0]["count"]["difference"] == 1


async def test_a_presale_stands_apart_also_once_its_goods_are_there(shop: Any) -> None:
    await shop.ok("PUT", "/v1/rooms/evening/skus/mug", {"presale": True})
    quota = {"kind": "quota", "sku": "mug", "qty": 20, "id": "quota"}
    await shop.ok("POST", f"{MAIN}/moves", quota)
    orders = Orders(shop)
    await orders.pay("ahead", 3)
    await orders.pay("undone", 2)
    await orders.hold("open", 1)
    await orders.pay("there", 4)
    await orders.do("undone", "cancel-paid")
    await orders.do("there", "fulfil")
    await orders.do("there", "ship", qty=1)
    [row] = (await shop.ok("GET", SHOW))["skus"]
    presale = row["presale"]
    assert (presale["sold"], presale["cancelled"], presale["shipped"], presale["unshipped"]) == (7, 2, 1, 6)
    assert (presale["awaiting_goods"], presale["held"]) == (3, 1)
    assert set(row["stock"].values()) == {0}
    units = await shop.units()
    assert (units["presale_sold:live"], units["presale_held:live"], units["sold:live"]) == (3, 1, 3)


async def test_money_that_went_back_without_goods_moves_no_stock(shop: Any) -> None:
    orders = Orders(shop)
    await orders.hold("late", 3)
    await orders.hold("later", 2)
    await shop.ok(
        "POST", f"{MAIN}/moves", {"kind": "write_off", "sku": "mug", "qty": 95, "source": "pool", "id": "fire"}
    )
    await expire(shop)
    await shop.ok(
        "POST", f"{MAIN}/moves", {"kind": "write_off", "sku": "mug", "qty": 5, "source": "pool", "id": "rest"}
    )
    for name in ("late", "later"):
        assert (await shop.problem("POST", f"{MAIN}/reservations/{name}/confirm", {}))["code"] == "PAID_NO_STOCK"
    await orders.do("late", "refund")
    found = await shop.ok("GET", SHOW)
    stock = found["skus"][0]["stock"]
    assert (stock["sold"], stock["held"], stock["paid_no_stock"], stock["refunded_no_stock"]) == (0, 0, 2, 3)
    [money] = found["totals"]["money"]
    assert (money["by_price_minor"], money["refunded_minor"]) == (5 * 990, 3 * 990)
    # Once there is stock, the second one is sold.
    await shop.ok("POST", f"{MAIN}/moves", {"kind": "receive", "sku": "mug", "qty": 2, "target": "pool", "id": "in"})
    await orders.do("later", "confirm")
    again = await shop.ok("GET", SHOW)
    stock = again["skus"][0]["stock"]
    assert (stock["sold"], stock["paid_no_stock"], stock["refunded_no_stock"]) == (2, 0, 3)
    assert again["totals"]["money"] == found["totals"]["money"]


async def test_what_went_back_without_goods_adds_up_over_the_requests_of_an_order(shop: Any) -> None:
    orders = Orders(shop)
    await orders.pay("first", 3)
    path = f"{MAIN}/reservations/first/refund-request"
    columns = ("sold", "refund_asked", "refunded_without_goods")
    for n, state, told in (
        (0, "without_goods", (3, 0, 1)),
        (1, "declined", (3, 0, 1)),
        (2, "without_goods", (3, 0, 2)),
        (3, "", (3, 1, 2)),
    ):
        await shop.ok("POST", path, {"units": 1, "reason": f"piece {n}"}, headers={"Idempotency-Key": f"ask-{n}"})
        if state:
            await shop.ok("POST", f"{path}/decide", {"state": state}, headers={"Idempotency-Key": f"said-{n}"})
        stock = (await shop.ok("GET", SHOW))["skus"][0]["stock"]
        assert tuple(stock[column] for column in columns) == told


async def test_refunds_that_wait_are_listed_with_their_age_the_oldest_first(shop: Any) -> None:
    orders = Orders(shop)
    for name, qty in (("first", 3), ("second", 2), ("third", 1), ("fourth", 2)):
        await orders.pay(name, qty)
    await ahead(shop, 0)
    for name, qty in (("first", 2), ("second", 1), ("third", 1), ("fourth", 2)):
        await orders.do(name, "refund-request", units=qty, reason="too small")
        await ahead(shop, 60_000)
    found = await shop.ok("GET", SHOW)
    assert [one["reservation"] for one in found["refund_requests"]] == ["first", "second", "third", "fourth"]
    ages = [one["age_ms"] for one in found["refund_requests"]]
    assert [older - younger for older, younger in pairwise(ages)] == [60_000] * 3
    assert (found["skus"][0]["stock"]["sold"], found["skus"][0]["stock"]["refund_asked"]) == (8, 6)
    await orders.do("second", "refund-request/decide", state="without_goods", note="keep it")
    await orders.do("third", "refund-request/decide", state="declined", note="worn")
    await orders.do("first", "cancel-paid", qty=1)
    await orders.do("fourth", "cancel-paid")
    found = await shop.ok("GET", SHOW)
    [left] = found["refund_requests"]
    assert (left["reservation"], left["title"], left["units"], left["done_units"]) == ("first", "Mug", 2, 1)
    stock = found["skus"][0]["stock"]
    assert (stock["sold"], stock["cancelled"], stock["refund_asked"], stock["refunded_without_goods"]) == (5, 3, 1, 1)
    [money] = found["totals"]["money"]
    assert (money["by_price_minor"], money["refunded_minor"]) == (8 * 990, 4 * 990)
    assert (await shop.units())["sold:live"] == 5


async def ahead(shop: Any, ms: int) -> None:
    """The pool's clock stands, so much later."""
    pool = await shop.services.pools.get("main")
    key = f"{pool.book.base}:meta"
    later = await pool.book.now_ms() + ms
    await shop.services.pools._engine.command("HSET", key, "rehearsal_clock_ms", later, key=key)


async def expire(shop: Any) -> None:
    """All holds run out."""
    await ahead(shop, 3_600_000)
    pool = await shop.services.pools.get("main")
    await pool.book.apply(Expire(100))


async def test_who_does_not_want_to_wait_is_told_the_job(shop: Any) -> None:
    response = await shop.call("GET", SHOW, params={"wait_ms": 0})
    assert response.status_code == 202
    location, kind = response.headers["Location"], response.json()["kind"]
    assert (location, kind) == (f"{MAIN}/jobs/{response.json()['job']}", "reconciliation")
    async with asyncio.timeout(30):
        while (job := await shop.ok("GET", location))["state"] in ("queued", "running"):
            pass
    assert job["result"]["show"] == "evening.1"
    assert (await shop.problem("GET", SHOW, params={"wait_ms": -1}))["field"] == "wait_ms"


async def test_who_does_not_know_the_show_is_told_nothing(shop: Any) -> None:
    assert (await shop.problem("GET", "/v1/shows/evening.9/reconciliation"))["field"] == "show"
    stranger = shop.as_("operator", pool="other")
    assert (await shop.problem("GET", SHOW, as_=stranger))["status"] == 404
    assert (await shop.problem("GET", SHOW, as_=shop.as_("operator", room="night")))["status"] == 404
    assert (await shop.problem("GET", SHOW, as_=shop.as_("host")))["status"] == 403
    assert (await shop.ok("GET", SHOW, as_=shop.as_("operator", room="evening")))["show"] == "evening.1"
