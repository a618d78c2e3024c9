"""Everybody can use the pages: axe-core finds nothing, a keyboard is enough, and nothing sticks out on a phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU
from pages.visitor import NO_SUCH_ROOM, PHONE, SERVER_AWAY, Visitor
from playwright.async_api import expect

AXE = Path(__file__).parents[2] / "server" / "web" / "node_modules" / "axe-core" / "axe.min.js"

_RUN_AXE = "axe.run({resultTypes: ['violations']})"


async def violations(state: str, visitor: Visitor) -> list[str]:
    """What axe-core finds wrong with the page as it is."""
    await visitor.drawn()
    if not await visitor.page.evaluate("'axe' in window"):
        await visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await visitor.page.evaluate(_RUN_AXE)
    return [
        f"{state}: {each['id']}: {each['help']}: {json.dumps([node['html'][:160] for node in each['nodes']])}"
        for each in found["violations"]
    ]


@pytest.mark.long
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "zh-CN")])
async def test_axe_finds_no_violation_on_any_page_in_any_state(
    open_shop: OpenShop, visit: Visit, scheme: str, locale: str
) -> None:
    shop = await open_shop(units=5)
    await shop.sell("GONE", "Sold out long ago", 0)
    await shop.sell("SOON", "Opens tomorrow", 5, opens_at_ms=4_000_000_000_000)
    look = {"color_scheme": scheme, "locale": locale, "may_fail": (*SERVER_AWAY, *NO_SUCH_ROOM)}
    home = await visit(shop.url, **look)
    viewer = await visit(shop.link("rooms", "viewer"), **look)
    stranger = await visit(shop.link("rooms"), viewport=PHONE, **look)
    overlay = await visit(shop.link("overlay", "host"), **look)
    host = await visit(shop.link("host", "host"), **look)
    shut_out = await visit(shop.link("host"), **look)
    nowhere = await visit(f"{shop.url}/rooms/nowhere", **look)
    for visitor in (home, viewer, stranger, overlay, host, shut_out, nowhere):
        await expect(visitor.page.locator("h1, h2, .product").first).to_be_visible()
    room_pages = {"viewer": viewer, "stranger": stranger, "overlay": overlay, "host": host}

    found = [
        *await violations("home", home),
        *await violations("host without a token", shut_out),
        *await violations("no such room", nowhere),
    ]
    for name, visitor in room_pages.items():
        found += await violations(f"{name}, as it opens", visitor)

    async with shop.operator() as room:
        await room.operator.notice("Free shipping until nine")
        await room.operator.cue("Show the bottom of the mug", sku=SKU)
    await viewer.page.locator(".stage-product button.reserve").click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    await expect(host.page.locator(".cue")).to_have_count(1)
    for name, visitor in room_pages.items():
        found += await violations(f"{name}, with a notice and a hold", visitor)

    await shop.server.kill()
    await expect(viewer.page.locator(".strip")).to_have_attribute("data-kind", "old")
    await expect(stranger.page.locator(".strip")).to_have_attribute("data-kind", "old")
    await expect(host.page.locator(".current[data-old='true']")).to_have_count(1)
    for name, visitor in room_pages.items():
        found += await violations(f"{name}, without a server", visitor)
    await shop.server.start()
    assert not found, "\n".join(found)


async def test_a_keyboard_is_enough_to_reserve_and_to_give_back(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer"))
    reserve = viewer.page.locator(".stage-product button.reserve")
    await expect(reserve).to_be_enabled()
    await _tab_to(viewer, "button.reserve")
    await viewer.page.keyboard.press("Enter")
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    # The button became the countdown, and the focus is still there.
    await expect(reserve).to_be_focused()
    await viewer.look()
    await _tab_to(viewer, "button.give-back")
    await viewer.page.keyboard.press("Space")
    await expect(viewer.page.locator(".receipt[data-fate='cancelled']")).to_have_count(1)
    await expect(viewer.page.locator(":focus")).to_have_count(1)
    assert await shop.available() == 5


async def _tab_to(visitor: Visitor, selector: str) -> None:
    for _ in range(30):
        if await visitor.page.evaluate("what => document.activeElement.matches(what)", selector):
            return
        await visitor.page.keyboard.press("Tab")
    raise AssertionError(f"thirty times Tab, and no {selector}")


@pytest.mark.parametrize("page", ["rooms", "host"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_nothing_sticks_out_on_a_narrow_phone(open_shop: OpenShop, visit: Visit, page: str, locale: str) -> None:
    shop = await open_shop(units=12_345)
    await shop.sell("LONG", "An unusually long title of a product that nobody ever thought would be on a phone" * 2, 9)
    visitor = await visit(shop.link(page, "host"), viewport=PHONE, locale=locale)
    await expect(visitor.page.get_by_text("An unusually long").first).to_be_visible()
    width = await visitor.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{width[0]} px wide on a screen of {width[1]} px"


async def test_an_overlay_of_any_size_has_no_scroll_bar_and_a_background_that_shows_the_stream(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    for width, height in ((1920, 1080), (1080, 1920), (400, 300), (200, 120)):
        overlay = await visit(shop.link("overlay"), viewport={"width": width, "height": height})
        await expect(overlay.page.locator(".product")).to_be_visible()
        inside = await overlay.page.evaluate(
            "[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
        )
        assert inside == [True, True], (width, height)
        background = "getComputedStyle(document.%s).backgroundColor"
        for element in ("body", "documentElement"):
            assert await overlay.page.evaluate(background % element) == "rgba(0, 0, 0, 0)"
