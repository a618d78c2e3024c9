"""The host's second screen: one key for the next item, and the operator's words until they are acknowledged."""

from __future__ import annotations

from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU
from playwright.async_api import expect


async def test_one_key_shows_the_next_item_everywhere(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    await shop.sell("BOWL-01", "Stoneware bowl", 7)
    host = await visit(shop.link("host", "host"))
    overlay = await visit(shop.link("overlay", "host"))
    viewer = await visit(shop.link("rooms"))
    await expect(host.page.locator("#current-title")).to_have_text("Stoneware mug")
    await host.page.keyboard.press("n")
    await expect(host.page.locator("#current-title")).to_have_text("Stoneware bowl")
    await expect(overlay.page.locator(".product .title")).to_have_text("Stoneware bowl")
    await expect(viewer.page.locator(".stage-title")).to_have_text("Stoneware bowl")


async def test_a_cue_stays_until_it_is_acknowledged_on_any_screen(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    async with shop.operator() as operator:
        await operator.operator.cue("Show the bottom of the mug", sku=SKU)
        one, other = await visit(shop.link("host", "host")), await visit(shop.link("host", "host"))
        for host in (one, other):
            await expect(host.page.locator(".cue .text")).to_have_text("Show the bottom of the mug")
        await one.page.keyboard.press("a")
        for host in (one, other):
            await expect(host.page.locator(".cue")).to_have_count(0)
        await operator.until(lambda room: not room.cues)
    await other.page.reload()
    await expect(other.page.locator("#current-title")).to_be_visible()
    await expect(other.page.locator(".cue")).to_have_count(0)


async def test_a_viewer_or_a_stranger_is_not_let_backstage(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    for address in (shop.link("host"), shop.link("host", "viewer")):
        host = await visit(address)
        await expect(host.page.locator(".no-access")).to_be_visible()
        await expect(host.page.locator(".backstage")).to_have_count(0)


async def test_a_token_in_the_link_leaves_the_address_bar_and_reaches_no_log(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    host = await visit(shop.link("host", "host"))
    await expect(host.page.locator(".backstage")).to_be_visible()
    assert "token" not in host.page.url
    await host.page.reload()
    await expect(host.page.locator(".backstage")).to_be_visible()
    assert not any("eyJ" in line for line in shop.server.log)
