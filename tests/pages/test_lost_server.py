"""The server is killed under open pages: none shows an old count as if it were true, and all end with the book's."""

from __future__ import annotations

import asyncio

from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU
from pages.visitor import SERVER_AWAY, Visitor
from playwright.async_api import expect
from shelfcast_client import Reserved, connect


async def test_every_page_says_that_its_counts_are_old_and_ends_with_the_books(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=50)
    await shop.sell("BOWL-01", "Stoneware bowl", 7)
    viewer, overlay, host = await asyncio.gather(
        visit(shop.link("rooms", "viewer"), may_fail=SERVER_AWAY),
        visit(shop.link("overlay", "host"), may_fail=SERVER_AWAY),
        visit(shop.link("host", "host"), may_fail=SERVER_AWAY),
    )
    count = {
        viewer: viewer.page.locator(".stage-product .left-count"),
        overlay: overlay.page.locator(".product .number"),
        host: host.page.locator(".figure.left dd"),
    }
    for shown in count.values():
        await expect(shown).to_contain_text("50")

    await shop.server.kill()
    await expect(viewer.page.locator(".strip")).to_have_attribute("data-kind", "old")
    await expect(viewer.page.locator(".viewer")).to_have_attribute("data-counts", "old")
    await expect(overlay.page.locator(".product[data-offer='aged'], .frame:empty")).to_have_count(1)
    await expect(host.page.locator(".connection")).to_contain_text("old")

    await shop.server.start()
    async with connect(shop.url, "evening", token=shop.token("viewer", "chen")) as buyer:
        assert isinstance(await buyer.reserve(SKU, 2), Reserved)
    await shop.write_off(11)
    left = await shop.available()
    assert left == 37
    for visitor, shown in count.items():
        await expect(shown).to_contain_text(str(left))
        await _is_current(visitor)
    await expect(host.page.locator("button.next")).to_be_enabled()


async def test_a_server_that_lost_its_stock_book_is_told_apart_from_a_lost_connection(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=50)
    viewer, host = await asyncio.gather(visit(shop.link("rooms", "viewer")), visit(shop.link("host", "host")))
    await expect(host.page.locator(".figure.left dd")).to_contain_text("50")
    told = {
        viewer: viewer.page.locator(".strip"),
        host: host.page.locator(".connection p:not([role])"),
    }
    heard = host.page.locator(".connection [role='status']")
    shop.pause_engine()
    try:
        for strip in told.values():
            await expect(strip).to_contain_text("The server has lost sight of its stock book. Counts are")
        await expect(heard).to_have_text("The server has lost sight of its stock book. The counts shown are old.")
    finally:
        shop.resume_engine()
    await expect(viewer.page.locator(".viewer[data-counts='old']")).to_have_count(0)
    await expect(told[host]).to_have_count(0)
    # A device without a network has lost the connection, whatever became of the stock book.
    for visitor, strip in told.items():
        await visitor.context.set_offline(True)
        await expect(strip).to_contain_text("onnect")
        await expect(strip).not_to_contain_text("stock book")


async def _is_current(visitor: Visitor) -> None:
    await expect(
        visitor.page.locator("[data-counts='old'], [data-offer='aged'], .strip[data-kind='old']")
    ).to_have_count(0)


async def test_what_was_asked_for_while_the_server_was_away_is_reserved_once_even_after_a_reload(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer"), may_fail=SERVER_AWAY)
    reserve = viewer.page.locator(".stage-product button.reserve")
    await expect(reserve).to_be_enabled()
    await shop.server.kill()
    await expect(viewer.page.locator(".strip")).to_have_attribute("data-kind", "old")
    await viewer.look()
    await reserve.click()
    await expect(viewer.page.locator(".wish")).to_have_count(1)
    await shop.server.start()
    await viewer.page.reload()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    await expect(viewer.page.locator(".stage-product .left-count")).to_have_text("4")
    assert await shop.available() == 4
