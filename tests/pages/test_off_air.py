"""A room before its show, in a break and after the end: nothing is offered that the server would refuse."""

from __future__ import annotations

import asyncio
import re

from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from pages.visitor import PATIENCE_MS, PHONE, Visitor
from playwright.async_api import expect
from shelfcast.protocol.states import RoomStatus

UNITS = 2

_LISTEN = """window.heard = [];
new MutationObserver(() => heard.push(document.querySelector("[data-voice='room']")?.textContent))
  .observe(document, {subtree: true, childList: true, characterData: true});"""
"""Keeps what a screen reader is told: a sentence is taken out again after a while."""

_HEARD = """sentence => new Promise(done => {
  const look = () => (heard.includes(sentence) ? done() : requestAnimationFrame(look));
  look();
})"""


async def shows(visitor: Visitor, status: RoomStatus, heading: str, count: str, button: str) -> None:
    """Wait until the page says this, on the stage and on the shelf."""
    page = visitor.page
    await expect(page.locator(f".status[data-status='{status}']")).to_be_visible()
    await expect(page.locator(".stage-heading")).to_have_text(heading)
    for place in (".stage-product", f".item[data-sku='{SKU}']"):
        await expect(page.locator(f"{place} .left")).to_have_text(count)
        await expect(page.locator(f"{place} button.reserve")).to_have_text(re.compile(button))


async def test_only_a_show_that_is_live_offers_its_last_units(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS, status=RoomStatus.SCHEDULED)
    viewer = await visit(shop.link("rooms", "viewer"))
    words = viewer.page.locator(".ribbon, .item-showing, .level")
    for status, heading, count, button in (
        (RoomStatus.SCHEDULED, "Coming up", "2 in stock", "Not open yet"),
        (RoomStatus.LIVE, "On screen now", "2 left", "Reserve"),
        (RoomStatus.PAUSED, "Last on screen", "2 left", "Paused"),
        (RoomStatus.ENDED, "Last on screen", "2 unsold", "Show over"),
        (RoomStatus.LIVE, "On screen now", "2 left", "Reserve"),
    ):
        await shop.merchant.change_room(ROOM, status=status)
        await shows(viewer, status, heading, count, button)
        is_live = status is RoomStatus.LIVE
        await expect(words).to_have_text(
            ["Last 2 left", "Last ones", "On screen", "Last ones"] if is_live else [""] * 4
        )
        if not is_live:
            await expect(viewer.page.locator("button.reserve[aria-disabled='false']")).to_have_count(0)


async def test_an_empty_stage_says_what_the_show_does(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS, status=RoomStatus.SCHEDULED)
    viewer = await visit(shop.link("rooms", "viewer"))
    await shop.merchant.change_room(ROOM, spotlight=None)
    for status, words in (
        (RoomStatus.SCHEDULED, "The show has not begun."),
        (RoomStatus.LIVE, "The host is between products."),
        (RoomStatus.PAUSED, "The show is paused."),
        (RoomStatus.ENDED, "The show is over."),
    ):
        await shop.merchant.change_room(ROOM, status=status)
        await expect(viewer.page.locator(".between")).to_have_text(words)
        await expect(viewer.page.locator(".stage-heading")).to_have_text("On screen")


async def test_what_is_held_when_the_show_ends_can_still_be_paid(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS, open_reservations=True)
    viewer = await visit(shop.link("rooms", "viewer"))
    strip = viewer.page.locator(".strip-text")
    await viewer.page.locator(".stage-product button.reserve").click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    await shop.merchant.change_room(ROOM, status=RoomStatus.ENDED)
    await expect(strip).to_have_text(re.compile("What you have reserved stays yours"))
    await viewer.look()
    await viewer.page.locator(".stage-product button.pay").click()
    await expect(viewer.page.locator(".receipt[data-fate='paid']")).to_be_visible()
    await expect(strip).to_have_text("The show is over. Thank you for watching.")


async def test_a_sale_that_is_over_in_a_live_room_offers_nothing_either(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS)
    viewer = await visit(shop.link("rooms", "viewer"))
    await expect(viewer.page.locator(".ribbon")).to_have_text("Last 2 left")
    await shop.merchant.list_in_room(ROOM, [{"sku": SKU, "closes_at_ms": 1_000}])
    await shows(viewer, RoomStatus.LIVE, "On screen now", "2 unsold", "Sale over")
    await expect(viewer.page.locator(".ribbon")).to_be_hidden()


async def test_a_product_that_is_kept_while_the_host_goes_on_is_not_called_on_screen(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=UNITS)
    await shop.sell("TEA", "Jasmine pearl tea", 5)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    stage = viewer.page.locator(".stage")
    await stage.locator("button.reserve").click()
    await expect(stage.locator("button.give-back")).to_be_visible()
    await shop.merchant.change_room(ROOM, spotlight="TEA")
    await expect(stage.locator(".moved-on-text")).to_have_text("Now: Jasmine pearl tea")
    await expect(stage.locator(".stage-heading")).to_have_text("Just shown")
    await stage.get_by_role("button", name="Show it").click()
    await expect(stage.locator(".stage-heading")).to_have_text("On screen now")
    await expect(stage.locator(".stage-title")).to_have_text("Jasmine pearl tea")


async def hears(visitor: Visitor, sentence: str) -> None:
    """Wait until a screen reader has been told this."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await visitor.page.evaluate(_HEARD, sentence)


async def test_who_listens_hears_the_hosts_words_and_that_the_show_ends(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS)
    viewer = await visit(shop.link("rooms", "viewer"), init=_LISTEN)
    await hears(viewer, "On screen now: Stoneware mug, CN¥49.90")
    async with shop.operator() as room:
        await room.operator.notice("Free shipping until nine")
    await hears(viewer, "From the host: Free shipping until nine")
    await shop.merchant.change_room(ROOM, status=RoomStatus.ENDED)
    await hears(viewer, "The show is over. Thank you for watching.")


async def test_the_hosts_long_words_are_unfolded_by_a_press(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=UNITS)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    strip = viewer.page.locator(".strip")
    async with shop.operator() as room:
        await room.operator.notice("Free shipping until nine")
        await expect(strip).to_contain_text("until nine")
        await expect(strip.get_by_role("button")).to_have_count(0)
        await room.operator.notice("Free shipping until nine for whoever buys two of anything. " * 5)
    folded = "element => element.scrollHeight > element.clientHeight + 1"
    await expect(strip.get_by_role("button", name="More")).to_have_attribute("aria-expanded", "false")
    assert await strip.locator(".strip-text").evaluate(folded)
    await strip.get_by_role("button", name="More").click()
    await expect(strip.get_by_role("button", name="Less")).to_have_attribute("aria-expanded", "true")
    assert not await strip.locator(".strip-text").evaluate(folded)
