"""The overlay in the picture: what it says where it cannot show anything, and what it keeps of what it has shown."""

from __future__ import annotations

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU
from pages.visitor import NOT_LET_IN, Visitor
from playwright.async_api import CDPSession, expect

SPOTLIGHTS = 20


@pytest.mark.parametrize(("language", "words"), [("en", "opens only by a link with a token"), ("zh", "带令牌的链接")])
async def test_in_a_room_of_members_it_says_that_a_token_is_needed(
    open_shop: OpenShop, visit: Visit, language: str, words: str
) -> None:
    shop = await open_shop(units=5, anonymous=False)
    overlay = await visit(shop.link("overlay", query=f"?lang={language}"), may_fail=NOT_LET_IN)
    await expect(overlay.page.locator(".refusal")).to_contain_text(words)


async def test_of_a_token_that_is_none_it_says_that_it_is_not_valid(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5, anonymous=False)
    overlay = await visit(shop.link("overlay") + "#token=none", may_fail=NOT_LET_IN)
    await expect(overlay.page.locator(".refusal")).to_contain_text("not valid")


async def test_it_keeps_nothing_of_what_it_has_shown(open_shop: OpenShop, visit: Visit) -> None:
    """It is open for days: of one object a spotlight would come thousands."""
    shop = await open_shop(units=500)
    await shop.sell("BOWL-01", "Stoneware bowl", 500)
    overlay = await visit(shop.link("overlay", "host"))
    tools = await overlay.context.new_cdp_session(overlay.page)
    async with shop.operator() as backstage:

        async def show(times: int) -> None:
            for number in range(times):
                sku, title = ((SKU, "mug"), ("BOWL-01", "bowl"))[number % 2]
                await backstage.operator.spotlight(sku)
                await backstage.operator.notice(f"Look at the {title}, {number}")
                await expect(overlay.page.locator(".title")).to_have_text(f"Stoneware {title}")
                await expect(overlay.page.locator(".notice")).to_contain_text(f", {number}")

        await show(4)
        before = await _objects(tools, overlay)
        await show(SPOTLIGHTS)
        assert await _objects(tools, overlay) < before + SPOTLIGHTS


async def _objects(tools: CDPSession, visitor: Visitor) -> int:
    """How many objects the page's program holds, those of nobody collected."""
    await visitor.drawn()
    base = await tools.send("Runtime.evaluate", {"expression": "Object.prototype"})
    found = await tools.send("Runtime.queryObjects", {"prototypeObjectId": base["result"]["objectId"]})
    count = await tools.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": "function() { return this.length; }",
            "returnByValue": True,
        },
    )
    await tools.send("Runtime.releaseObject", {"objectId": found["objects"]["objectId"]})
    return int(count["result"]["value"])
