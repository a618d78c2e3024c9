"""The home page, also where an address leads to no room."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from pages.conftest import OpenShop, Visit
from pages.visitor import NO_SUCH_ROOM
from playwright.async_api import expect


@pytest.mark.parametrize("name", ["Evening Show", "晚场", "{{room}} <b>$t(what)", "x" * 300])
async def test_somebody_with_a_name_that_no_room_can_have_is_shown_those_there_are(
    open_shop: OpenShop, visit: Visit, name: str
) -> None:
    shop = await open_shop(units=5)
    visitor = await visit(f"{shop.url}/rooms/{quote(name)}", may_fail=NO_SUCH_ROOM)
    await expect(visitor.page.get_by_role("alert")).to_contain_text(f"no room “{name[:80]}”")
    console = visitor.page.get_by_role("listitem").filter(has=visitor.page.get_by_role("link", name="Console"))
    await expect(console.last).to_contain_text("asks for a login")
    await visitor.page.get_by_role("link", name="Shelf").click()
    await expect(visitor.page.locator(".stage-product .left-count")).to_have_text("5")


async def test_an_address_that_is_no_text_is_shown_as_it_is(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    visitor = await visit(f"{shop.url}/host/%E0%A4%A?lang=zh", may_fail=NO_SUCH_ROOM)
    await expect(visitor.page.get_by_role("alert")).to_contain_text("没有“%E0%A4%A”这个直播间")
    await visitor.page.goto(f"{shop.url}/?lang=zh")
    await expect(visitor.page.get_by_role("link", name="货架")).to_have_count(1)
    await expect(visitor.page.get_by_role("alert")).to_have_count(0)
