"""The reconciliation of a show against the book it is made of: any sale, and one of many SKUs."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from shelfcast.engine import Engine
from shelfcast.merchant.after_show import reconcile
from shelfcast.merchant.after_show_items import Reconciliation, SoldUnits
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    Fulfil,
    Move,
    MoveKind,
    Op,
    Pay,
    Quota,
    Refund,
    Reserve,
    Ship,
    put,
)
from shelfcast.stock.reading.rows import pairs
from shop import Shop
from shows import become, show_of

SKUS = ("mug", "bowl", "print")
PRESALE = "print"
STEPS = 400
MANY = 2_000
CALLS_MAX = 48
EVENING = "evening"


async def reconciled(shop: Shop) -> Reconciliation:
    return await reconcile(shop.book, await show_of(shop, EVENING))


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_sale_the_sums_are_the_books(shop: Shop, seed: int) -> None:
    """Only the evening's room sells: so what its show has are all units of its channel."""
    chance = random.Random(seed)
    for sku in SKUS[1:]:
        await shop.sell(sku)
    await shop.ok(put(What.LISTING, PRESALE, {"presale": True}, parent=EVENING))
    for sku in SKUS:
        await shop.receive(60, sku)
    await shop.ok(Quota("quota", PRESALE, 60))
    made: list[str] = []
    for step in range(STEPS):
        if step % 70 == 50:
            await shop.advance(600_000)
            await shop.book.apply(Expire(500))
        await _do_some(shop, chance, step, made)
    await become(shop, EVENING, "ended")
    for step in range(STEPS, STEPS + 20):
        await _do_some(shop, chance, step, made)
    found = await reconciled(shop)
    await _hold_against(shop, found, made)
    total, presale = found.totals.stock, found.totals.presale
    assert presale is not None
    assert min(total.sold, total.cancelled, total.shipped, total.held, presale.awaiting_goods) > 0
    assert presale.unshipped > presale.awaiting_goods, "goods came for none of the presale"


async def _do_some(shop: Shop, chance: random.Random, step: int, made: list[str]) -> None:
    """Something about one of the last reservations `made`, or another one."""
    name = chance.choice(made[-25:]) if made else ""
    sku = chance.choice(SKUS)
    if not name or chance.random() < 0.4:
        hold = Reserve(f"r{step}", EVENING, sku, chance.randint(1, 4), f"user{chance.randint(1, 50)}")
        if (await shop.book.apply(hold)).code == Code.OK:
            made.append(hold.id)
        return
    makes: list[Op] = [
        Pay(name),
        Confirm(name, paid_minor=chance.choice([-1, 700])),
        Cancel(name),
        Ship(f"s{step}", name, 1),
        CancelPaid(f"c{step}", name, 1),
        Fulfil(f"f{step}", name),
        Refund(name),
        Move(f"m{step}", MoveKind.WRITE_OFF, sku, 2, "pool", "written_off"),
        Move(f"m{step}", MoveKind.RECEIVE, sku, 3, "supplier", "pool"),
    ]
    await shop.book.apply(chance.choices(makes, weights=(2, 6, 1, 4, 3, 4, 1, 1, 3))[0])


async def _hold_against(shop: Shop, found: Reconciliation, made: list[str]) -> None:
    sold = {sku: int(units) async for _, page in shop.book.pages(f"sold:{found.show}") for sku, units in pairs(page)}
    records = await shop.book.reservations(made)
    for row in found.skus:
        units, presale = await shop.units(row.sku), row.presale or SoldUnits()
        assert row.stock.sold + presale.sold == sold.get(row.sku, 0), row.sku
        fulfilled = presale.unshipped - presale.awaiting_goods
        assert row.stock.unshipped + fulfilled == units.get("sold:live", 0), row.sku
        assert presale.awaiting_goods == units.get("presale_sold:live", 0), row.sku
        assert row.stock.held + row.stock.payment_pending == units.get("held:live", 0), row.sku
        assert presale.held + presale.payment_pending == units.get("presale_held:live", 0), row.sku
        assert row.stock.shipped + presale.shipped == units.get("shipped", 0), row.sku
        states: Counter[str] = Counter()
        for record in records:
            if record.sku == row.sku:
                states[record.state] += record.qty
        assert row.stock.paid_no_stock + presale.paid_no_stock == states["paid_no_stock"], row.sku
        assert row.stock.payment_pending + presale.payment_pending == states["payment_pending"], row.sku
    refunded = sum(record.refunded_minor for record in records)
    assert sum(money.refunded_minor for money in found.totals.money) == refunded
    paid = sum(record.paid_minor or 0 for record in records)
    assert sum(money.paid_minor for money in found.totals.money) == paid
    assert found.totals.stock.sold == sum(row.stock.sold for row in found.skus)


async def test_a_show_of_many_skus_is_read_in_few_calls(
    shop: Shop, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await become(shop, EVENING, "ended")
    names = [f"sku-{number:04}" for number in range(MANY - 1)]
    for first in range(0, len(names), 200):
        some = names[first : first + 200]
        outcomes = await shop.together(*(put(What.SKU, sku, {"title": sku, "price_minor": 100}) for sku in some))
        outcomes += await shop.together(*(put(What.LISTING, sku, {}, parent=EVENING) for sku in some))
        outcomes += await shop.together(
            *(Move(f"in-{sku}", MoveKind.RECEIVE, sku, 9, "supplier", "pool") for sku in some)
        )
        assert {outcome.code for outcome in outcomes} == {Code.OK}
    await become(shop, EVENING, "live")
    for first in range(0, len(names), 200):
        some = names[first : first + 200]
        await shop.together(*(Reserve(f"r-{sku}", EVENING, sku, 1, f"user-{sku}") for sku in some))
        await shop.together(*(Confirm(f"r-{sku}") for sku in some[::2]))
    calls: Counter[str] = Counter()
    for name in ("call", "command"):
        one = getattr(engine, name)

        async def counted(*given: Any, one: Any = one, name: str = name, **more: Any) -> Any:
            calls[name] += 1
            return await one(*given, **more)

        monkeypatch.setattr(engine, name, counted)
    found = await reconciled(shop)
    assert (len(found.skus), found.totals.stock.sold, found.totals.stock.held) == (MANY, 1_000, 999)
    assert 0 < sum(calls.values()) <= CALLS_MAX, calls
