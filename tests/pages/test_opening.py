"""A sale that opens at an instant, seen on devices whose clocks are wrong."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from playwright.async_api import expect

DAY_MS = 24 * 3600 * 1000
AWAY_MS = 8_000
"""So far ahead is the opening when the pages, which are there already, are told of it."""

WRONG_CLOCK = """(() => {
  const wrong = %d, Right = Date;
  Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + wrong); }
    static now() { return Right.now() + wrong; }
  };
})()"""


@pytest.mark.parametrize("wrong_ms", [-40_000, 40_000])
async def test_a_sale_opens_at_its_second_whatever_the_device_thinks(
    open_shop: OpenShop, visit: Visit, wrong_ms: int
) -> None:
    shop = await open_shop(units=5)
    viewer, overlay = await asyncio.gather(
        visit(shop.link("rooms", "viewer"), init=WRONG_CLOCK % wrong_ms),
        visit(shop.link("overlay"), init=WRONG_CLOCK % wrong_ms),
    )
    opens_at_ms = int(time.time() * 1000) + AWAY_MS
    await shop.merchant.list_in_room(ROOM, [{"sku": SKU, "opens_at_ms": opens_at_ms}])
    assert abs(await viewer.page.evaluate("Date.now()") - time.time() * 1000 - wrong_ms) < 30_000
    reserve = viewer.page.locator(".stage-product button.reserve")
    await expect(reserve).to_have_text(re.compile(r"Opens in 00:0[1-8]"))
    await expect(reserve).to_have_attribute("aria-disabled", "true")
    await expect(overlay.page.locator(".countdown")).to_have_text(re.compile(r"00:0[1-8]"))
    await expect(reserve).to_be_enabled()
    # The engine's clock is this machine's; what it says is known on the page to within the way of one message.
    assert time.time() * 1000 > opens_at_ms - 1_000
    await viewer.look()
    await reserve.click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    await expect(overlay.page.locator(".countdown")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "opens"), [("en-GB", r"^Opens \d{1,2} \w{3,}"), ("zh-CN", r"^(\d+年)?\d+月\d+日.* 开抢")]
)
async def test_a_sale_that_opens_in_days_is_told_by_its_date(
    open_shop: OpenShop, visit: Visit, locale: str, opens: str
) -> None:
    shop = await open_shop(units=5)
    now_ms = int(time.time() * 1000)
    await shop.merchant.list_in_room(ROOM, [{"sku": SKU, "opens_at_ms": now_ms + 7 * DAY_MS}])
    await shop.sell("BOWL-01", "Stoneware bowl", 7, closes_at_ms=now_ms + 7 * DAY_MS)
    viewer = await visit(shop.link("rooms", "viewer"), locale=locale)
    host = await visit(shop.link("host", "host"), locale=locale)
    await expect(viewer.page.locator(".stage-product button.reserve")).to_have_text(re.compile(opens))
    await expect(viewer.page.locator(".item[data-sku='BOWL-01'] .says")).not_to_be_empty()
    await expect(host.page.locator(".terms strong")).to_be_visible()
    for page in (viewer.page, host.page):
        await expect(page.get_by_text(re.compile(r"\d\d+:\d\d:\d\d"))).to_have_count(0)


@pytest.mark.parametrize("wrong_ms", [-25 * 3600 * 1000, 25 * 3600 * 1000])
async def test_a_guest_stays_who_it_is_on_a_device_whose_clock_is_a_day_off(
    open_shop: OpenShop, visit: Visit, wrong_ms: int
) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    async with shop.operator() as operator:
        await operator.operator.notice("Free shipping until nine")
        guest = await visit(shop.link("rooms"), init=WRONG_CLOCK % wrong_ms)
        # What was said a moment ago was said today.
        await expect(guest.page.locator(".strip time")).to_have_text(re.compile(r"^\d{1,2}:\d\d$"))
    reserve = guest.page.locator(".stage-product button.reserve")
    await expect(reserve).to_be_enabled()
    await guest.look()
    await reserve.click()
    await expect(guest.page.locator(".hold")).to_have_count(1)
    passed = await guest.page.evaluate("sessionStorage.getItem('shelfcast.guest.viewer.evening')")
    await guest.page.reload()
    await expect(guest.page.locator(".hold")).to_have_count(1)
    assert await guest.page.evaluate("sessionStorage.getItem('shelfcast.guest.viewer.evening')") == passed
