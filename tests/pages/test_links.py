"""Links with a token: opened where the page is shown already, broken on their way, or expired."""

from __future__ import annotations

import re

import pytest
from pages.conftest import OpenShop, Visit
from pages.visitor import NOT_LET_IN
from playwright.async_api import Page, expect

KEPT = "Object.keys(sessionStorage).filter(key => key.startsWith('shelfcast.link'))"


async def may_reserve(page: Page) -> None:
    await expect(page.locator(".stage-product button.reserve")).to_contain_text("Reserve")


async def test_a_link_opened_in_a_tab_that_shows_the_page_signs_in(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms"))
    await expect(viewer.page.locator(".stage-product button.reserve")).to_contain_text("Sign in")
    await viewer.page.goto(shop.link("rooms", "viewer"))
    await may_reserve(viewer.page)
    assert viewer.page.url == shop.link("rooms")
    await viewer.page.reload()
    await may_reserve(viewer.page)


@pytest.mark.parametrize("page", ["overlay", "host"])
async def test_a_new_link_takes_the_place_of_one_that_was_refused(open_shop: OpenShop, visit: Visit, page: str) -> None:
    shop = await open_shop(units=5)
    visitor = await visit(shop.link(page) + "#token=none", may_fail=NOT_LET_IN)
    await expect(visitor.page.locator(".refusal, .no-access h1")).to_have_text(re.compile("not valid, or no longer"))
    await visitor.page.goto(shop.link(page, "host"))
    await expect(visitor.page.locator(".product .number, .figure.left dd").first).to_contain_text("5")
    assert visitor.page.url == shop.link(page)


@pytest.mark.parametrize(
    ("broken", "page", "says"),
    [
        ("abc def", "rooms", "Your sign-in is not valid"),
        ("abc%00.def", "overlay", "The link you came with is not valid, or no longer."),
        ("abc/def", "host", "The link you came with is not valid, or no longer."),
    ],
)
async def test_a_broken_link_is_said_to_be_not_valid_and_a_reload_does_without(
    open_shop: OpenShop, visit: Visit, broken: str, page: str, says: str
) -> None:
    shop = await open_shop(units=5)
    visitor = await visit(f"{shop.link(page)}#token={broken}", may_fail=NOT_LET_IN)
    await expect(visitor.page.locator("body")).to_contain_text(says)
    assert await visitor.page.evaluate(KEPT) == []
    await visitor.page.reload()
    await expect(visitor.page.locator("body")).to_contain_text("Stoneware mug" if page != "host" else "a host’s link")
