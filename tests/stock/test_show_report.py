"""A show's report: what is counted, from the ledgers of a real book."""

from __future__ import annotations

from shelfcast.merchant.report import Built, build
from shelfcast.merchant.report_items import PoolSkuDuring, Report, ReportedSku
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    External,
    MoveKind,
    Reserve,
    Ship,
)
from shelfcast.stock.refusals import Refusals
from shelfcast.stock.reports import ReportState
from shop import Shop
from shows import become, sell, show_of


async def built(shop: Shop, room: str = "evening") -> Built:
    refusals = Refusals(shop.engine, shop.book.base)
    return await build(shop.book, refusals, await show_of(shop, room), ReportState.PROVISIONAL)


def of(report: Report, sku: str = "mug") -> tuple[ReportedSku, PoolSkuDuring]:
    return next(r for r in report.skus if r.sku == sku), next(r for r in report.pool_skus if r.sku == sku)


async def test_a_worked_example(shop: Shop) -> None:
    """Every unit of an evening, by hand."""
    await become(shop, "evening", "ended")  # the shop's own first show: what came before is opening
    await shop.receive(100)
    await become(shop, "evening", "live")
    for n in range(4):
        await sell(shop, f"paid-{n}", "evening", 5)  # 20
    await shop.ok(Reserve("open", "evening", "mug", 3, "li"))
    await shop.ok(Reserve("left", "evening", "mug", 2, "wu"))
    await shop.ok(Cancel("left", "wu"))
    await shop.move(MoveKind.ALLOCATE, 30, "pool", "channel:douyin")
    await shop.ok(External("ext", "douyin", "mug", 4, "", "order-1", "platform"))
    await shop.ok(External("over", "douyin", "mug", 60, "", "order-2", "platform"))  # 26 there, 34 beyond
    await shop.receive(12)
    await shop.ok(Ship("ship-1", "paid-0", 5, "wang", ""))
    await shop.move(MoveKind.RETURN, 2, "shipped", "returned")
    await shop.move(MoveKind.RETURN, 1, "returned", "pool")
    await shop.move(MoveKind.WRITE_OFF, 3, "pool", "written_off")
    await shop.ok(CancelPaid("undo-1", "paid-1", 2, "wang", "broken"))
    await become(shop, "evening", "ended")
    # Behind the end: part of the show's own, not of the pool's part.
    await shop.ok(Confirm("open"))
    await shop.ok(Ship("ship-2", "paid-2", 5, "wang", ""))
    await shop.receive(50)
    report = (await built(shop)).report
    sku, pool = of(report)
    assert (sku.stock.sold, sku.stock.cancelled, sku.stock.shipped, sku.orders) == (21, 2, 10, 5)
    assert (sku.stock.held, sku.pending) == (0, 0)
    assert (pool.opening, pool.received, pool.returned, pool.shipped, pool.written_off) == (100, 12, 1, 5, 3)
    assert (pool.gained, pool.lost, pool.difference) == (0, 0, 0)
    assert pool.closing == 100 + 12 + 1 - 5 - 3
    assert (pool.external_sold, pool.oversold, pool.moved_out, pool.moved_in) == (64, 34, 30, 0)
    assert pool.closing_places == {"pool": 59 - 0, "held:live": 3, "sold:live": 13, "sold:douyin": 30}
    channels = {channel.channel: channel for channel in report.channels}
    assert (channels["live"].orders, channels["live"].sold, channels["live"].cancelled) == (4, 18, 2)
    assert (channels["douyin"].orders, channels["douyin"].sold, channels["douyin"].moved_in) == (2, 64, 30)
    assert [money.by_price_minor for money in sku.money] == [23 * 990]
