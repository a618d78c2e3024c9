"""What the server says of shares and alerts, on the host's second screen and in the overlay."""

from __future__ import annotations

import re

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from playwright.async_api import expect
from shelfcast_client import Reserved, connect

WORDS = {
    "en": ("≤ 20% left", "Watch the pace", "Got it", "noted by wang", "again in"),
    "zh": ("剩余 ≤ 20%", "留意销售速度", "收到", "wang 已知晓", "后再提醒"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_an_alert_is_noted_once_for_all_and_stands_until_it_is_over(
    open_shop: OpenShop, visit: Visit, language: str
) -> None:
    rule, advice, note, noted, aside = WORDS[language]
    shop = await open_shop(units=100)
    host = await visit(shop.link("host", "host", query=f"?lang={language}"))
    other = await visit(shop.link("host", "operator", user="zhang", query=f"?lang={language}"))
    alert, seen = host.page.locator(".alert"), other.page.locator(".alert")
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        held = await buyer.reserve(SKU, 82)
        assert isinstance(held, Reserved)
        for shown in (alert, seen):
            await expect(shown).to_have_count(1)
            await expect(shown).to_have_attribute("data-state", "firing")
            await expect(shown.locator(".rule")).to_have_text(rule)
            await expect(shown.locator(".advice")).to_have_text(advice)
        await alert.get_by_role("button", name=note).click()
        for shown in (alert, seen):
            await expect(shown).to_have_attribute("data-state", "acknowledged")
            await expect(shown.locator(".since")).to_have_text(noted)
            await expect(shown.get_by_role("button", name=note)).to_have_count(0)
        await seen.get_by_role("button").click()
        await expect(alert.locator(".since")).to_contain_text(aside)
        # A fifth is left, and a little more: the alert stands, and the page drops nothing by itself.
        await shop.receive(3)
        await expect(host.page.locator(".figure.left dd")).to_contain_text("21")
        await expect(alert).to_have_count(1)
        await buyer.cancel(held.id)
        await expect(alert).to_have_count(0)
        await expect(seen).to_have_count(0)


async def test_a_graver_tier_asks_again_though_the_milder_was_noted(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=100)
    host = await visit(shop.link("host", "host"))
    alert = host.page.locator(".alert")
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        assert isinstance(await buyer.reserve(SKU, 82), Reserved)
        await alert.get_by_role("button", name="Got it").click()
        await expect(alert).to_have_attribute("data-state", "acknowledged")
        assert isinstance(await buyer.reserve(SKU, 14), Reserved)
        await expect(alert).to_have_attribute("data-state", "firing")
        await expect(alert).to_have_attribute("data-severity", "critical")
        await expect(alert.locator(".rule")).to_have_text("≤ 5% left")


async def test_the_host_reads_share_left_and_a_dash_where_there_is_no_pace_yet(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=100)
    host = await visit(shop.link("host", "host"))
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        assert isinstance(await buyer.reserve(SKU, 30), Reserved)
        await expect(host.page.locator(".figure.left dd")).to_have_text(re.compile(r"^70\s*70%"))
    await expect(host.page.locator(".figure.pace dd")).to_have_text("—")
    await expect(host.page.locator(".figure.lasting dd")).to_have_text("—")


async def test_the_overlays_bar_is_the_servers_share_and_without_a_hosts_link_there_is_none(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=100)
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        assert isinstance(await buyer.reserve(SKU, 60), Reserved)
        overlay, passer_by = await visit(shop.link("overlay", "host")), await visit(shop.link("overlay"))
        free, held = overlay.page.locator(".bar .free"), overlay.page.locator(".bar .in-checkouts")
        await expect(free).to_have_attribute("style", "transform: scaleX(0.4);")
        await expect(held).to_have_attribute("style", "transform: scaleX(1);")
        # Between two tellings of what was offered the count goes on.
        assert isinstance(await buyer.reserve(SKU, 20), Reserved)
        await expect(free).to_have_attribute("style", "transform: scaleX(0.2);")
        await expect(passer_by.page.locator(".product .number")).to_have_text("20")
        await expect(passer_by.page.locator(".bar")).to_have_count(0)
