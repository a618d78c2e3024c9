"""Chinese and English, by the browser's language or by choice."""

from __future__ import annotations

import re

import pytest
from pages.conftest import OpenShop, Visit
from playwright.async_api import expect


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [("zh-CN", "zh-CN", "预订|抢|留"), ("en-US", "en", "Reserve"), ("fr-FR", "en", "Reserve")],
)
async def test_the_browsers_language_decides(
    open_shop: OpenShop, visit: Visit, locale: str, language: str, words: str
) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer"), locale=locale)
    await expect(viewer.page.locator(".stage-product button.reserve")).to_have_text(re.compile(words))
    await expect(viewer.page.locator("html")).to_have_attribute("lang", re.compile(f"^{language[:2]}"))


async def test_a_language_that_was_chosen_stays(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer"))
    await viewer.page.get_by_role("button", name="中文").click()
    await expect(viewer.page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    await expect(viewer.page.locator(".price").first).to_contain_text("¥49.90")
    await viewer.page.goto(shop.link("host", "host"))
    await expect(viewer.page.locator("html")).to_have_attribute("lang", re.compile("^zh"))


async def test_a_choice_on_the_page_outlives_the_one_of_its_link(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer", query="?lang=zh"))
    await expect(viewer.page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    await viewer.page.get_by_role("button", name="English").click()
    assert viewer.page.url == shop.link("rooms")
    await viewer.page.reload()
    await expect(viewer.page.locator("html")).to_have_attribute("lang", re.compile("^en"))
