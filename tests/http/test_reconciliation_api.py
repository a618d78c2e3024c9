"""The reconciliation of a show over HTTP: what became of its reservations, beside what was counted."""

from __future__ import annotations

from typing import Any

import pytest

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
        headers = {"Idempotency-Key": f"{step}-{name}"}
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


async def test_who_does_not_know_the_show_is_told_nothing(shop: Any) -> None:
    assert (await shop.problem("GET", "/v1/shows/evening.9/reconciliation"))["field"] == "show"
    stranger = shop.as_("operator", pool="other")
    assert (await shop.problem("GET", SHOW, as_=stranger))["status"] == 404
    assert (await shop.problem("GET", SHOW, as_=shop.as_("operator", room="night")))["status"] == 404
    assert (await shop.problem("GET", SHOW, as_=shop.as_("host")))["status"] == 403
    assert (await shop.ok("GET", SHOW, as_=shop.as_("operator", room="evening")))["show"] == "evening.1"
