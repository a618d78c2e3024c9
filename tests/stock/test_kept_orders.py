"""Orders of another platform whose ids are known when their records are over."""

from __future__ import annotations

from shelfcast.protocol.codes import Code
from shelfcast.stock.operations import CancelPaid, External, Retire, Ship
from shop import Shop

DAY_MS = 86_400_000
KEEP_MS = 31 * DAY_MS


def order(name: str, qty: int = 2, keep_ms: int = KEEP_MS) -> External:
    return External(name, "douyin", "mug", qty, keep_ms=keep_ms)


async def test_an_order_that_is_over_is_not_booked_again_while_its_id_is_kept(shop: Shop) -> None:
    await shop.ok(order("o1"))
    await shop.ok(order("o2", keep_ms=0))
    for name in ("o1", "o2"):
        await shop.ok(CancelPaid(f"c-{name}", name))
    await shop.advance(2 * DAY_MS)
    await shop.ok(Retire(100))
    assert await shop.book.reservations(["o1", "o2"]) == []
    before = await shop.units()
    await shop.ok(order("o1"))
    assert await shop.units() == before
    await shop.ok(order("o2", keep_ms=0))
    assert await shop.units() != before, "nobody has asked for this one's id to be kept"
    await shop.assert_sound()


async def test_an_order_that_goes_on_is_answered_as_ever(shop: Shop) -> None:
    await shop.ok(order("o1"))
    assert (await shop.ok(order("o1"))).qty == 2
    assert await shop.refused(order("o1", qty=3)) == (Code.ID_CONFLICT, "qty")


async def test_ids_are_forgotten_in_their_time(shop: Shop) -> None:
    await shop.ok(order("o1"))
    await shop.ok(CancelPaid("c", "o1"))
    await shop.advance(2 * DAY_MS)
    await shop.ok(Retire(100))
    await shop.advance(KEEP_MS)
    key = f"{shop.book.base}:external_orders"
    assert await shop.book.kept_orders(["o1"], await shop.book.now_ms()) == set()
    await shop.ok(order("o3"))
    assert await shop.engine.command("ZRANGE", key, 0, -1, key=key) == [b"o3"]
    await shop.ok(order("o1"))
    assert (await shop.units())["external_oversold:douyin"] == 4


async def test_several_orders_of_one_call_are_all_kept(shop: Shop) -> None:
    outcomes = await shop.together(*[order(f"n{n}") for n in range(20)], Ship("s", "n0"))
    assert [outcome.code for outcome in outcomes[:20]] == [Code.OK] * 20
    names = [f"n{n}" for n in range(20)]
    assert await shop.book.kept_orders(names, await shop.book.now_ms()) == set(names)
