"""Nothing jumps on the viewer page, and each part of it has its room."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from pages.visitor import PHONE, Visitor
from playwright.async_api import expect
from shelfcast.protocol.messages import RoomStatus
from shelfcast_client import connect

WATCHING = 12

_BOX = (
    "element => { const box = element.getBoundingClientRect(); return [box.x + scrollX, box.y + scrollY, box.height] }"
)


async def box(visitor: Visitor, selector: str) -> list[float]:
    """Left and upper edge on the page, and height, in px."""
    found: list[float] = await visitor.page.locator(selector).first.evaluate(_BOX)
    return [round(each, 1) for each in found]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_the_head_of_a_phone_keeps_each_part_on_one_line(open_shop: OpenShop, visit: Visit, locale: str) -> None:
    shop = await open_shop(units=2)
    async with AsyncExitStack() as watching:
        for number in range(WATCHING - 1):
            room = connect(shop.url, ROOM, token=shop.token("viewer", f"guest-{number}"))
            await watching.enter_async_context(room)
        viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE, locale=locale)
        await expect(viewer.page.locator(".viewers")).to_contain_text(str(WATCHING))
        heights = []
        for status in RoomStatus:
            await shop.merchant.change_room(ROOM, status=status)
            await expect(viewer.page.locator(f".status[data-status='{status}']")).to_be_visible()
            heights.append([(await box(viewer, part))[2] for part in (".status", ".viewers", ".header")])
    assert heights == heights[:1] * len(heights)
    status_px, viewers_px, _ = heights[0]
    assert max(status_px, viewers_px) < 2 * await _line_px(viewer)


async def _line_px(visitor: Visitor) -> float:
    px: str = await visitor.page.locator(".viewers").evaluate("element => getComputedStyle(element).fontSize")
    return float(px.removesuffix("px"))
