"""Who was too late waits: what each of them sees, hears and may do until the turn comes, and after it."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import PHONE, SERVER_AWAY, Visitor
from playwright.async_api import Locator, expect
from shelfcast.protocol.states import RoomStatus
from shelfcast_client import Reserved, Room, connect

_NOTE = """
window.heard = []; window.rung = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.rung += 1; return start.apply(this, when); };
document.addEventListener("DOMContentLoaded", () =>
  new MutationObserver(() => {
    const said = document.querySelector("[data-voice='at-once']")?.textContent;
    if (said && said !== window.heard.at(-1)) window.heard.push(said);
  }).observe(document, { subtree: true, childList: true, characterData: true }));
"""
"""Notes what the page says at once, and how often a tone begins."""


OFFER_MS = 15_000
"""A turn that is to be missed: longer than busy browsers take to show it, and axe-core to look at it."""


class Buyer:
    """Somebody who was faster, and has all of it in the checkout."""

    def __init__(self, shop: LiveShop, qty: int) -> None:
        self._shop = shop
        self._qty = qty
        self._stack = AsyncExitStack()
        self._id = ""

    async def __aenter__(self) -> Buyer:
        room = connect(self._shop.url, ROOM, token=self._shop.token("viewer", "hua"))
        self.room: Room = await self._stack.enter_async_context(room)
        answer = await self.room.reserve(SKU, self._qty)
        assert isinstance(answer, Reserved), answer
        self._id = answer.id
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def give_back(self) -> None:
        await self.room.cancel(self._id)


async def watcher(shop: LiveShop, visit: Visit, user: str, **options: Any) -> Visitor:
    """The page of somebody who watches, and came too late."""
    visitor = await visit(shop.link("rooms", "viewer", user), init=_NOTE, **options)
    await expect(stage(visitor).locator("button.reserve")).to_have_attribute("aria-disabled", "false")
    return visitor


def stage(visitor: Visitor) -> Locator:
    return visitor.page.locator(f".stage-product[data-sku='{SKU}']")


def turn(visitor: Visitor) -> Locator:
    return visitor.page.locator(".turn")


def called(words: str) -> re.Pattern[str]:
    """The name of a button of the mug's."""
    return re.compile(rf"^{words} ?: {TITLE}$")


async def wait(visitor: Visitor, qty: int = 1) -> None:
    await visitor.look()
    for _ in range(qty - 1):
        await stage(visitor).locator(".step").last.click()
    await stage(visitor).locator("button.reserve").click()
    await expect(stage(visitor).locator(".purchase")).to_have_attribute("data-phase", "waiting")


async def hear(visitor: Visitor, *words: str) -> None:
    """Wait until the page has said these at once, and nothing else."""
    await visitor.page.wait_for_function("count => window.heard.length >= count", arg=len(words))
    heard = await visitor.page.evaluate("window.heard")
    assert len(heard) == len(words), heard
    for said, expected in zip(heard, words, strict=True):
        assert expected in said, heard


async def test_what_is_given_back_is_the_turn_of_the_first_and_then_of_the_next(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=1, waitlist=True, open_reservations=True)
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(shop, visit, "chen", viewport=PHONE)
        li = await watcher(shop, visit, "li", locale="zh-CN")
        await expect(stage(chen).locator("button.reserve")).to_have_text(re.compile("Wait for one"))
        await wait(chen)
        await wait(li)
        await expect(stage(chen).locator(".says")).to_have_text("You are among the first 10 who wait. 2 wait here.")
        await expect(stage(li).locator(".says")).to_have_text("您排在前 10 位。本间 2 人在排队。")
        focused = stage(chen).locator("button.reserve")
        await focused.focus()
        await buyer.give_back()

        await expect(turn(chen).locator("h3")).to_have_text("It is your turn!")
        await expect(turn(chen).locator(".hold-left")).to_have_text(re.compile(r"01:[0-3]\d"))
        await expect(chen.page).to_have_title(f"Your turn: {TITLE} · Evening show")
        await expect(focused).to_be_focused()
        await hear(chen, f"It is your turn: 1 × {TITLE} held for you. You have 01:")
        assert await chen.page.evaluate("window.rung") == 2
        await expect(stage(li).locator(".left-count")).to_have_text("0")
        await expect(turn(li)).to_have_count(0)

        await chen.look()
        await turn(chen).get_by_role("button", name=called("Decline")).click()
        await expect(chen.page.locator(".receipt[data-fate='cancelled']")).to_contain_text("Declined")
        await expect(chen.page).to_have_title("Evening show · Shelfcast")
        await expect(turn(li).locator("h3")).to_have_text("轮到您了！")
        await hear(li, f"轮到您了：已为您保留 {TITLE} 1 件，请在 01:")
        await li.look()
        await turn(li).get_by_role("button", name=re.compile("付款")).click()
        await expect(li.page.locator(".receipt[data-fate='paid']")).to_have_count(1)
        await expect(turn(li)).to_have_count(0)


async def test_a_place_outlives_a_reload_and_a_lost_server(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True)
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(shop, visit, "chen", may_fail=SERVER_AWAY)
        await wait(chen)
        place = chen.page.locator(".place")
        first = await place.get_attribute("data-wait")
        await chen.page.reload()
        await expect(place).to_have_attribute("data-wait", str(first))
        await expect(place.locator(".wish-state")).to_have_text("You are among the first 10 who wait.")
        await shop.server.kill()
        await expect(chen.page.locator(".strip")).to_have_attribute("data-kind", "old")
        await shop.server.start()
        await expect(chen.page.locator(".strip")).not_to_have_attribute("data-kind", "old")
        await expect(place).to_have_attribute("data-wait", str(first))
        await buyer.give_back()
        await expect(turn(chen)).to_have_attribute("data-reservation", str(first))
        await hear(chen, "It is your turn")
        await chen.page.reload()
        await expect(turn(chen)).to_have_attribute("data-reservation", str(first))


async def test_who_leaves_the_list_is_on_it_no_more(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True)
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(shop, visit, "chen")
        await wait(chen)
        await chen.look()
        await stage(chen).get_by_role("button", name=called("Leave the list")).click()
        await expect(stage(chen).locator(".says")).to_have_text("You wait no more.")
        await expect(chen.page.locator(".place")).to_have_count(0)
        await expect(stage(chen).locator("button.reserve")).to_be_focused()
        await buyer.give_back()
        await expect(stage(chen).locator(".left-count")).to_have_text("1")
        await hear(chen)


async def test_a_missed_turn_is_said_and_can_be_waited_for_again(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True, server={"offer_ms": OFFER_MS})
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(shop, visit, "chen")
        await wait(chen)
        await buyer.room.wait(SKU)
        await expect(stage(chen).locator(".says")).to_contain_text("2 wait here.")
        await buyer.give_back()
        await expect(turn(chen)).to_have_count(1)
        missed = chen.page.locator(".wait-news[data-why='lapsed']")
        await expect(missed).to_contain_text("Your time ran out, and your turn with it.")
        await expect(turn(chen)).to_have_count(0)
        await expect(chen.page.locator(".receipt[data-fate='expired']")).to_contain_text("Turn missed")
        await chen.look()
        await missed.get_by_role("button", name=called("Wait again")).click()
        await expect(chen.page.locator(".place")).to_have_count(1)
        await expect(missed).to_have_count(0)


async def test_who_waits_for_more_than_come_free_gets_what_there_is_and_is_told_so(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=2, waitlist=True, server={"wait_skip_ms": 2_000})
    async with Buyer(shop, 2) as buyer:
        chen = await watcher(shop, visit, "chen")
        await wait(chen, qty=3)
        await buyer.give_back()
        await expect(turn(chen).locator(".turn-hint")).to_contain_text("You get 2 of the 3 you waited for.")
        await hear(chen, f"2 × {TITLE} held for you, of 3 that you waited for")
        await chen.page.reload()
        await expect(turn(chen).locator(".turn-hint")).to_contain_text("You get 2 of the 3 you waited for.")


async def test_a_list_that_stops_keeps_the_places_and_one_that_ends_says_why(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True)
    async with Buyer(shop, 1):
        chen = await watcher(shop, visit, "chen")
        await wait(chen)
        says = stage(chen).locator(".says")
        await shop.merchant.change_room(ROOM, status=RoomStatus.PAUSED)
        await expect(says).to_have_text("The show is paused. You stay among the first 10 who wait.")
        await shop.merchant.change_room(ROOM, status=RoomStatus.LIVE)
        await expect(says).to_have_text("You are among the first 10 who wait.")
        await shop.merchant.change_room(ROOM, waitlist=False)
        over = chen.page.locator(".wait-news[data-why='over']")
        await expect(over).to_contain_text("The shop has closed the list: nobody waits here any more.")
        await expect(stage(chen).locator("button.reserve")).to_have_text(re.compile("May come back"))
        await chen.look()
        await over.get_by_role("button", name=called("OK")).click()
        await expect(over).to_have_count(0)
        await shop.merchant.change_room(ROOM, waitlist=True)
        await wait(chen)
        await shop.merchant.change_room(ROOM, status=RoomStatus.ENDED)
        await expect(over).to_contain_text("The sale is over: nothing more comes.")
        await chen.page.reload()
        await expect(over).to_contain_text("The sale is over: nothing more comes.")


async def test_host_and_overlay_show_how_many_wait(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True)
    host = await visit(shop.link("host", "host"))
    overlay = await visit(shop.link("overlay"))
    without = await visit(shop.link("overlay", query="?show=price,bar"))
    chinese = await visit(shop.link("overlay"), locale="zh-CN")
    async with Buyer(shop, 1) as buyer:
        assert (await buyer.room.wait(SKU)).ok
        await expect(overlay.page.locator(".product .waiting")).to_have_text("1 waits")
        await expect(chinese.page.locator(".product .waiting")).to_have_text("1 人排队")
        await expect(host.page.locator(".terms .wait")).to_have_text("1 waits")
        await expect(host.page.locator(".run-order .level").first).to_have_text("1 waits")
        await expect(without.page.locator(".product")).to_have_attribute("data-offer", "all_held")
        await expect(without.page.locator(".product .waiting")).to_have_count(0)
        late = await visit(shop.link("overlay"))
        await expect(late.page.locator(".product .waiting")).to_have_text("1 waits")


@pytest.mark.long
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "zh-CN")])
async def test_everybody_can_wait_and_take_the_turn(
    open_shop: OpenShop, visit: Visit, scheme: str, locale: str
) -> None:
    """axe-core finds nothing, nothing sticks out on a phone, a keyboard is enough, and less motion is respected."""
    shop = await open_shop(units=1, waitlist=True, open_reservations=True, server={"offer_ms": OFFER_MS})
    found: list[str] = []
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(
            shop, visit, "chen", viewport=PHONE, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        host = await visit(shop.link("host", "host"), color_scheme=scheme, locale=locale)
        overlay = await visit(shop.link("overlay"), locale=locale)
        found += await violations("a place to be had", chen)
        await wait(chen)
        await buyer.room.wait(SKU)
        await expect(host.page.locator(".terms .wait")).to_have_count(1)
        await expect(overlay.page.locator(".product .waiting")).to_have_count(1)
        for name, visitor in (("waiting", chen), ("host", host), ("overlay", overlay)):
            found += await violations(name, visitor)
        await chen.page.locator(".yours-toggle").click()
        found += await violations("waiting, unfolded", chen)
        await chen.page.locator(".yours-toggle").click()
        await buyer.give_back()
        await expect(turn(chen)).to_have_count(1)
        duration = await turn(chen).evaluate("turn => getComputedStyle(turn).animationDuration")
        assert float(duration.removesuffix("s")) <= 0.001, duration
        found += await violations("the turn", chen)
        assert await _width(chen) <= PHONE["width"]
        await expect(chen.page.locator(".wait-news")).to_have_count(1)
        found += await violations("a missed turn", chen)
        assert await _width(chen) <= PHONE["width"]
    assert not found, "\n".join(found)


async def test_a_keyboard_leads_to_the_turn(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, waitlist=True, open_reservations=True)
    async with Buyer(shop, 1) as buyer:
        chen = await watcher(shop, visit, "chen")
        await chen.look()
        await stage(chen).locator("button.reserve").focus()
        await chen.page.keyboard.press("Enter")
        await expect(chen.page.locator(".place")).to_have_count(1)
        await buyer.give_back()
        await expect(turn(chen)).to_have_count(1)
        await chen.look()
        # The first link of the page leads there, and the next stop is to pay.
        skip = chen.page.get_by_role("link", name="It is your turn: go to it")
        await skip.focus()
        await chen.page.keyboard.press("Enter")
        await expect(turn(chen)).to_be_focused()
        await chen.page.keyboard.press("Tab")
        await expect(turn(chen).locator("button.pay")).to_be_focused()
        await chen.page.keyboard.press("Enter")
        await expect(chen.page.locator(".receipt[data-fate='paid']")).to_have_count(1)


async def _width(visitor: Visitor) -> int:
    return int(await visitor.page.evaluate("document.documentElement.scrollWidth"))
