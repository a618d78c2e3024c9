"""Sales that are stopped, by whichever flag: every page says so at once, and that they go on."""

from __future__ import annotations

import asyncio

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import CHANNEL, POOL, ROOM, SKU
from playwright.async_api import expect
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.emergencies import Scope

SCOPES: list[Scope] = [{"sku": SKU}, {"channel": CHANNEL}, {"room": ROOM}, {"pool": True}]

STOPPED = "Sales stopped for now"


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: next(iter(scope)))
async def test_the_pages_say_that_sales_are_stopped_and_go_on(open_shop: OpenShop, visit: Visit, scope: Scope) -> None:
    shop = await open_shop(units=40)
    viewer, overlay, host = await asyncio.gather(
        visit(shop.link("rooms", "viewer")), visit(shop.link("overlay")), visit(shop.link("host", "host"))
    )
    reserve = viewer.page.locator(".stage button.reserve")
    await expect(reserve).to_be_enabled()
    async with Merchant(shop.url, shop.token("operator", "li"), POOL) as operator:
        await operator.freeze_scope(scope, reason="wrong price on the card")
        await expect(viewer.page.locator(".stage .ribbon")).to_have_text(STOPPED)
        await expect(viewer.page.locator(".stage .says")).to_contain_text("The shop has stopped sales for now.")
        await expect(overlay.page.locator(".product[data-offer=frozen]")).to_contain_text("Sale stopped")
        await expect(host.page.locator(".current .left .level")).to_have_text("Stopped")
        late = await visit(shop.link("rooms", "viewer", "li"))
        await expect(late.page.locator(".stage .ribbon")).to_have_text(STOPPED)
        for page in (viewer, overlay, host):
            await page.look()
        await operator.thaw_scope(scope)
    await expect(viewer.page.locator(".stage .ribbon[data-kind=frozen]")).to_have_count(0)
    await expect(overlay.page.locator(".product .number")).to_have_text("40")
    await expect(host.page.locator(".current .left .level")).not_to_contain_text("Stopped")
    await reserve.click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
