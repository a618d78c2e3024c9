"""A product whose first batch is sold: the pages say when the next one opens, and that it has."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU, LiveShop
from playwright.async_api import expect

HOUR_MS = 3_600_000


async def sold_out_until(shop: LiveShop, opens_at_ms: int | None) -> None:
    """Nothing is left but 3 that wait in a batch."""
    await shop.merchant.define_batch("second", opens_at_ms=opens_at_ms, units={SKU: 3}, key="fill")
    await shop.write_off(2)


@pytest.mark.parametrize(
    ("locale", "next_batch", "opened", "flash"),
    [
        ("en-GB", r"Next batch .*\d{1,2}:\d\d", "A new batch is open", "New batch open"),
        ("zh-CN", r"下一批 .*\d{1,2}:\d\d", "新一批开抢", "新一批开抢"),
    ],
)
async def test_the_pages_say_when_the_next_batch_opens(
    open_shop: OpenShop, visit: Visit, locale: str, next_batch: str, opened: str, flash: str
) -> None:
    shop = await open_shop(units=5)
    viewer, overlay, host = await asyncio.gather(
        visit(shop.link("rooms", "viewer"), locale=locale),
        visit(shop.link("overlay"), locale=locale),
        visit(shop.link("host", "host"), locale=locale),
    )
    await sold_out_until(shop, int(time.time() * 1000) + HOUR_MS)
    words = re.compile(next_batch)
    ribbon, says = viewer.page.locator(".stage .ribbon"), viewer.page.locator(".stage .says")
    for place in (ribbon, says, overlay.page.locator(".product .said"), host.page.locator(".current .terms")):
        await expect(place).to_have_text(words, use_inner_text=True)
    late = await visit(shop.link("rooms", "viewer", "li"), locale=locale)
    await expect(late.page.locator(".stage .ribbon")).to_have_text(words)
    for page in (viewer, overlay, host):
        await page.look()
    await shop.merchant.open_batch("second")
    await expect(ribbon).to_have_text(opened)
    await expect(overlay.page.locator(".flash")).to_have_text(flash)
    await expect(overlay.page.locator(".product .number")).to_have_text("3")
    await expect(host.page.locator(".current .terms")).not_to_have_text(words)
    await viewer.page.locator(".stage button.reserve").click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)


async def test_a_batch_that_somebody_opens_by_hand_is_announced_without_a_time(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    viewer, overlay = await asyncio.gather(visit(shop.link("rooms", "viewer")), visit(shop.link("overlay")))
    await sold_out_until(shop, None)
    await expect(viewer.page.locator(".stage .ribbon")).to_have_text("Another batch comes")
    await expect(overlay.page.locator(".product .label")).to_have_text("Another batch comes")
