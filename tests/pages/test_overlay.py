"""The overlay in the picture: what it says where it cannot show anything."""

from __future__ import annotations

import pytest
from pages.conftest import OpenShop, Visit
from playwright.async_api import expect


@pytest.mark.parametrize(("language", "words"), [("en", "opens only by a link with a token"), ("zh", "带令牌的链接")])
async def test_in_a_room_of_members_it_says_that_a_token_is_needed(
    open_shop: OpenShop, visit: Visit, language: str, words: str
) -> None:
    shop = await open_shop(units=5, anonymous=False)
    overlay = await visit(shop.link("overlay", query=f"?lang={language}"))
    await expect(overlay.page.locator(".refusal")).to_contain_text(words)


async def test_of_a_token_that_is_none_it_says_that_it_is_not_valid(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5, anonymous=False)
    overlay = await visit(shop.link("overlay") + "#token=none")
    await expect(overlay.page.locator(".refusal")).to_contain_text("not valid")
