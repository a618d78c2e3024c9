"""The host goes on while a viewer is busy, points at something, or has not looked for a while."""

from __future__ import annotations

import asyncio
import re

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU, LiveShop
from pages.visitor import PATIENCE_MS, PHONE
from playwright.async_api import expect
from shelfcast.protocol.states import RoomStatus

TEA = "Jasmine pearl tea"
BREAK = "Back after a short break"
_PRESS_WHEN_MOVED = """point => {
  const [x, y] = point;
  window.pressed = new Promise(done => {
    const observer = new MutationObserver(async () => {
      observer.disconnect();
      // A tile is drawn, and found, with the frame after that in which it moved.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      const button = document.elementFromPoint(x, y).closest("button.reserve");
      button.click();
      done(button.closest(".item").dataset.sku);
    });
    observer.observe(document.querySelector(".items"), { childList: true });
  });
  return null;
}"""


async def three_products(open_shop: OpenShop) -> LiveShop:
    """A mug, which is on the screen, a tea and a bowl, five of each."""
    shop = await open_shop(units=5)
    await shop.sell("TEA", TEA, 5)
    await shop.sell("BOWL", "Stoneware bowl", 5)
    return shop


async def test_who_listens_with_the_keyboard_on_the_stage_hears_that_the_host_has_moved_on(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await three_products(open_shop)
    viewer = await visit(shop.link("rooms", "viewer"))
    stage, heard = viewer.page.locator(".stage"), viewer.page.locator("[data-voice='room']")
    await expect(heard).to_contain_text("On screen now: Stoneware mug")
    await stage.locator("button.reserve").focus()
    await viewer.page.keyboard.press("Shift+Tab")
    await viewer.page.keyboard.press("Tab")
    # The host is at the bowl for a moment only: by the time there is a pause to say so, it is not true any more.
    await shop.merchant.change_room(ROOM, spotlight="BOWL")
    await expect(stage.locator(".moved-on-text")).to_have_text("Now: Stoneware bowl")
    await shop.merchant.change_room(ROOM, spotlight="TEA")
    await expect(heard).to_have_text(f"The host now shows {TEA}. “Show it” above goes there.")
    await expect(stage.locator(".stage-title")).to_have_text("Stoneware mug")
    # With a key, so that the stage stays for a while longer.
    await viewer.page.keyboard.press("Shift+Tab")
    await stage.get_by_role("button", name="Show it").focus()
    await viewer.page.keyboard.press("Enter")
    await expect(stage.locator(".stage-title")).to_have_text(TEA)
    await expect(stage.locator(".stage-title")).to_be_focused()
    await viewer.page.keyboard.press("Tab")
    assert await stage.locator(":focus").count() == 1


async def test_a_press_on_what_has_just_moved_under_the_pointer_does_not_count(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await three_products(open_shop)
    viewer = await visit(shop.link("rooms", "viewer"))
    tea = viewer.page.locator(".item[data-sku='TEA'] button.reserve")
    await expect(tea).to_be_enabled()
    await viewer.look()
    await tea.scroll_into_view_if_needed()
    box = await tea.bounding_box()
    assert box is not None
    await viewer.page.evaluate(_PRESS_WHEN_MOVED, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    await shop.merchant.change_room(ROOM, run_order=[SKU, "BOWL", "TEA"])
    async with asyncio.timeout(PATIENCE_MS / 1000):
        assert await viewer.page.evaluate("window.pressed") == "BOWL"
    bowl = viewer.page.locator(".item[data-sku='BOWL']")
    await expect(bowl.locator(".says")).to_contain_text("Press again if")
    assert await shop.available("BOWL") == 5
    await viewer.look()
    await bowl.locator("button.reserve").click()
    await expect(bowl.locator(".purchase[data-phase='held']")).to_have_count(1)


@pytest.mark.parametrize("status", [RoomStatus.PAUSED, RoomStatus.ENDED])
async def test_words_from_before_a_turn_of_the_show_stand_behind_it_with_their_time(
    open_shop: OpenShop, visit: Visit, status: RoomStatus
) -> None:
    shop = await open_shop(units=5)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    strip, text = viewer.page.locator(".strip"), viewer.page.locator(".strip-text")
    await expect(viewer.page.locator(f".item[data-sku='{SKU}']")).to_be_visible()
    async with shop.operator() as room:
        await room.operator.notice(BREAK)
        said = re.compile(rf"^From the host \d\d:\d\d {BREAK}$")
        await expect(text).to_have_text(said)
        box = await strip.bounding_box()
        assert box is not None
        await shop.merchant.change_room(ROOM, status=status)
        turned = re.compile(rf"^The show is {'over' if status == RoomStatus.ENDED else status}\..+\d\d:\d\d {BREAK}$")
        await expect(text).to_have_text(turned)
        await expect(strip).to_have_attribute("data-kind", status)
        assert (turned_box := await strip.bounding_box()) is not None
        assert turned_box["height"] == box["height"]
        late = await visit(shop.link("rooms", "viewer", user="late"))
        await expect(late.page.locator(".strip-text")).to_have_text(turned)
        await room.operator.notice("Free shipping until nine")
        await expect(text).to_have_text(re.compile(r"^From the host \d\d:\d\d Free shipping until nine$"))
