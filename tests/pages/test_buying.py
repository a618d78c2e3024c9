"""Two people, one mug: what each of them sees while the other buys it."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU, TITLE, LiveShop
from pages.visitor import NOT_LET_IN, PHONE, SERVER_AWAY, Visitor
from playwright.async_api import Locator, expect
from shelfcast_client import Reserved, connect

HOLD_MS = 10_000
"""Longer than busy browsers take to show what is held, and by whom."""
TOKEN_S = 12
"""A sign-in that is over while the page stands open."""


def stage(visitor: Visitor) -> Locator:
    return visitor.page.locator(f".stage-product[data-sku='{SKU}']")


def reserve_button(visitor: Visitor) -> Locator:
    return stage(visitor).locator("button.reserve")


async def test_the_last_unit_goes_to_one_runs_out_and_is_bought_by_the_other(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1, hold_ms=HOLD_MS, open_reservations=True)
    wang = await visit(shop.link("rooms", "viewer", "wang"))
    chen = await visit(shop.link("rooms", "viewer", "chen"))
    overlay = await visit(shop.link("overlay", "host", "hua"))
    await expect(stage(chen).locator(".ribbon")).to_have_text("Last one left")
    await expect(overlay.page.locator(".product")).to_have_attribute("data-offer", "last")

    await reserve_button(wang).click()
    await expect(stage(wang).get_by_role("button", name="Give back")).to_be_visible()
    await expect(stage(chen).locator(".left-count")).to_have_text("0")
    await expect(reserve_button(chen)).to_have_text(re.compile("May come back"))
    await expect(reserve_button(chen)).to_have_attribute("aria-disabled", "true")
    await expect(overlay.page.locator(".product")).to_have_attribute("data-offer", "all_held")

    await expect(wang.page.locator(".receipt[data-fate='expired']")).to_be_visible()
    await expect(stage(chen).locator(".left-count")).to_have_text("1")
    await expect(overlay.page.locator(".product")).to_have_attribute("data-offer", "last")

    await reserve_button(chen).click()
    await stage(chen).get_by_role("button", name="Pay CN¥49.90 demo").click()
    await expect(chen.page.locator(".receipt[data-fate='paid']")).to_be_visible()
    for visitor in (wang, chen):
        await expect(reserve_button(visitor)).to_have_text(re.compile("Sold out"))
    await expect(overlay.page.locator(".product")).to_have_attribute("data-offer", "sold_out")


async def test_what_is_given_back_is_free_for_the_other_at_once(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=1)
    wang = await visit(shop.link("rooms", "viewer", "wang"), viewport=PHONE)
    chen = await visit(shop.link("rooms", "viewer", "chen"), viewport=PHONE)
    await reserve_button(wang).click()
    await expect(stage(chen).locator(".left-count")).to_have_text("0")
    await stage(wang).get_by_role("button", name="Give back").click()
    await expect(stage(chen).locator(".left-count")).to_have_text("1")
    await expect(wang.page.locator(".receipt[data-fate='cancelled']")).to_have_count(1)


async def test_who_has_no_token_is_told_to_sign_in(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=3)
    stranger = await visit(shop.link("rooms"))
    await expect(reserve_button(stranger)).to_have_text(re.compile("Sign in"))
    await expect(stage(stranger).locator(".says")).to_have_text("To reserve, sign in through the shop's link.")
    await reserve_button(stranger).click(force=True)
    assert await shop.available() == 3


@pytest.mark.parametrize("twice", ["button => { button.click(); button.click(); }", None])
async def test_a_button_that_bounces_reserves_once(open_shop: OpenShop, visit: Visit, twice: str | None) -> None:
    shop = await open_shop(units=5)
    wang = await visit(shop.link("rooms", "viewer"))
    await expect(reserve_button(wang)).to_be_enabled()
    await wang.look()
    if twice is None:
        await reserve_button(wang).dblclick()
    else:
        # Before anything of the first press is drawn.
        await reserve_button(wang).evaluate(twice)
    await expect(wang.page.locator(".hold")).to_have_count(1)
    await wang.look()
    await expect(wang.page.locator(".hold")).to_have_count(1)
    assert await shop.available() == 4


async def test_an_answer_is_taken_away_when_it_is_not_true_any_more(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=2)
    wang = await visit(shop.link("rooms", "viewer", "wang"), may_fail=SERVER_AWAY)
    says = stage(wang).locator(".says")
    await expect(reserve_button(wang)).to_have_text(re.compile("^Reserve"))
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as chen:
        # Only who does not see the count can ask for what is not there.
        await wang.context.set_offline(True)
        await expect(reserve_button(wang)).to_have_text(re.compile("Reserve when back"))
        await wang.look()
        await reserve_button(wang).click()
        held = await chen.reserve(SKU, 2)
        assert isinstance(held, Reserved)
        await wang.context.set_offline(False)
        await expect(says).to_have_text("Everything is in somebody's checkout. It may come back: keep an eye on it.")
        await chen.cancel(held.id)
    await expect(reserve_button(wang)).to_have_text(re.compile("^Reserve"))
    await expect(says).to_have_text("")
    await shop.write_off(2)
    await expect(says).to_have_text("Sold out. No unit is left.")


async def test_what_was_paid_does_not_hide_for_ever_why_nothing_can_be_bought(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=1, open_reservations=True)
    wang = await visit(shop.link("rooms", "viewer"))
    await reserve_button(wang).click()
    await stage(wang).locator("button.pay").click()
    says = stage(wang).locator(".says")
    await expect(says).to_have_text("Paid. It is yours.")
    await expect(says).to_have_text("Sold out. No unit is left.")


async def test_a_customers_limit_says_how_many_are_left_of_it(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=9, open_reservations=True)
    await shop.merchant.list_in_room(ROOM, [{"sku": SKU, "position": 1, "limit_per_user": 3}])
    async with connect(shop.url, ROOM, token=shop.token("viewer", "wang")) as elsewhere:
        held = await elsewhere.reserve(SKU, 2)
        assert isinstance(held, Reserved)
        await shop.merchant.confirm(held.id, reference="paid elsewhere")
    wang = await visit(shop.link("rooms", "viewer", "wang"))
    says = stage(wang).locator(".says")
    more = stage(wang).get_by_role("button", name=f"More {TITLE}")
    # What was paid on another device only the server knows of.
    for _ in range(2):
        await more.click()
    await reserve_button(wang).click()
    await expect(says).to_have_text("You may have 1 more: that is the limit for one customer.")
    await expect(stage(wang).locator(".quantity-value")).to_have_text("1")
    await expect(more).to_have_attribute("aria-disabled", "true")
    await wang.look()
    await reserve_button(wang).click()
    await expect(stage(wang).get_by_role("button", name="Give back")).to_be_visible()


async def test_what_was_paid_counts_towards_the_limit_also_after_a_reload(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=9, open_reservations=True)
    await shop.merchant.list_in_room(ROOM, [{"sku": SKU, "position": 1, "limit_per_user": 1}])
    wang = await visit(shop.link("rooms", "viewer", "wang"))
    await reserve_button(wang).click()
    await stage(wang).locator("button.pay").click()
    await expect(reserve_button(wang)).to_have_text(re.compile("Limit reached"))
    await wang.page.reload()
    await expect(reserve_button(wang)).to_have_text(re.compile("Limit reached"))
    await expect(stage(wang).locator(".says")).to_have_text("You have all that one customer may.")


_COVERED = """pay => {
  const texts = document.createTreeWalker(pay, NodeFilter.SHOW_TEXT);
  const label = [];
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (node.data.trim() && !node.parentElement.closest(".demo-mark")) label.push(node);
  }
  const price = /[^\\s]+$/.exec(label[0].data.trim());
  const lines = (start, end) => {
    const range = document.createRange();
    range.setStart(label[0], start);
    range.setEnd(label[0], end);
    return [...range.getClientRects()];
  };
  const mark = pay.querySelector(".demo-mark").getBoundingClientRect();
  const isUnder = line => line.right > mark.left && line.left < mark.right && line.top + line.height / 5 < mark.bottom;
  const word = lines(0, price.index - 1);
  const amount = lines(price.index, price.index + price[0].length);
  return { broken: amount.length !== 1, covered: [...word, ...amount].some(isUnder) };
}"""
"""Whether the price of a "pay" button breaks, and whether the mark of a demonstration lies on its words."""


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_smallest_phone_shows_the_whole_price_on_the_button(
    open_shop: OpenShop, visit: Visit, language: str
) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    await change_listing(shop, "PATCH", price_minor=1_299_900)
    link = shop.link("rooms", "viewer", query=f"?lang={language}")
    wang = await visit(link, viewport={"width": 320, "height": 640})
    await reserve_button(wang).click()
    for pay in (stage(wang).locator("button.pay"), wang.page.locator(".item button.pay")):
        await expect(pay).to_be_visible()
        assert await pay.evaluate(_COVERED) == {"broken": False, "covered": False}


@pytest.mark.parametrize(("width", "text"), [(320, 1), (360, 1.5), (360, 2)])
async def test_the_docks_countdown_is_whole_on_a_small_screen(
    open_shop: OpenShop, visit: Visit, width: int, text: float
) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    wang = await visit(shop.link("rooms", "viewer"), viewport={"width": width, "height": 640})
    await wang.page.evaluate("share => { document.documentElement.style.fontSize = `${100 * share}%`; }", text)
    await reserve_button(wang).click()
    left = wang.page.locator(".yours-summary .countdown")
    await expect(left).to_be_visible()
    assert await left.evaluate(
        """time => {
            const own = time.getBoundingClientRect();
            const line = time.closest(".yours-summary").getBoundingClientRect();
            return own.left >= line.left && own.right <= line.right && own.width > 0;
        }"""
    )
    await wang.page.get_by_role("button", name="Show all").click()
    pay = wang.page.locator(".hold button.pay")
    await expect(pay).to_be_visible()
    assert await pay.evaluate(_COVERED) == {"broken": False, "covered": False}


async def change_listing(shop: LiveShop, method: str, **terms: int) -> None:
    headers = {"Authorization": f"Bearer {shop.token('service')}"}
    async with httpx.AsyncClient(base_url=shop.url, headers=headers, trust_env=False) as http:
        answer = await http.request(method, f"/v1/rooms/{ROOM}/skus/{SKU}", json=terms)
        answer.raise_for_status()


async def test_what_is_held_stays_what_was_reserved(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    wang = await visit(shop.link("rooms", "viewer", "wang"))
    await reserve_button(wang).click()
    pay = wang.page.locator(".hold button.pay")
    await expect(pay).to_have_text(re.compile(r"^Pay CN¥49\.90"))
    await change_listing(shop, "PATCH", price_minor=9_900)
    await expect(stage(wang).locator(".stage-price .price")).to_have_text("CN¥99.00")
    await expect(stage(wang).locator("button.pay")).to_have_text(re.compile(r"^Pay CN¥49\.90"))
    await change_listing(shop, "DELETE")
    await expect(wang.page.locator(".stage-between")).to_be_visible()
    await wang.page.reload()
    await expect(pay).to_have_text(re.compile(rf"^Pay CN¥49\.90.*for {TITLE}"))
    await expect(wang.page.locator(".hold .units-title")).to_have_text(TITLE)
    await pay.click()
    await expect(wang.page.locator(".receipt[data-fate='paid'] .units-title")).to_have_text(TITLE)


async def test_a_page_reserves_nothing_by_itself_and_speaks_of_nobody_elses_hold(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    # As a page left them that spoke for another customer, to another book, or a day ago.
    wish = {"sku": SKU, "qty": 1, "user": "wang", "epoch": 1, "expiresAtMs": 4_000_000_000_000}
    others: list[dict[str, Any]] = [{"user": "chen"}, {}, {"expiresAtMs": 1_000}]
    held = [wish | {"id": f"another-visit-{at}"} | each for at, each in enumerate(others)]
    held.append({"id": "an-older-page", "sku": SKU, "qty": 1})
    kept = json.dumps({"receipts": [], "held": held})
    init = f"sessionStorage['shelfcast.receipts.{ROOM}'] = {json.dumps(kept)}"
    wang = await visit(shop.link("rooms", "viewer", "wang"), init=init)
    await expect(wang.page.locator(".receipt[data-fate='gone']")).to_have_count(2)
    await wang.look()
    await expect(wang.page.locator(".hold")).to_have_count(0)
    assert await shop.available() == 5


async def test_a_press_right_after_the_price_changed_does_not_count(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    wang = await visit(shop.link("rooms", "viewer", "wang"))
    await wang.look()
    await stage(wang).evaluate(
        """stage => new MutationObserver(() => stage.querySelector("button.reserve").click())
            .observe(stage.querySelector(".stage-price"), {characterData: true, childList: true, subtree: true})"""
    )
    await change_listing(shop, "PATCH", price_minor=9_900)
    says = stage(wang).locator(".says")
    await expect(says).to_have_text("This changed just as you pressed. Press again if it is what you want.")
    assert await shop.available() == 5
    await wang.look()
    await reserve_button(wang).click()
    await expect(stage(wang).locator("button.pay")).to_have_text(re.compile(r"^Pay CN¥99\.00"))


async def test_giving_back_on_a_page_that_has_stopped_says_so(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=3)
    token = shop.token("viewer", ttl_s=TOKEN_S)
    wang = await visit(f"{shop.link('rooms')}#token={token}", may_fail=NOT_LET_IN)
    await reserve_button(wang).click()
    give_back = stage(wang).get_by_role("button", name="Give back")
    await expect(give_back).to_be_enabled()
    await expect(wang.page.locator(".closed")).to_be_visible()
    await give_back.click()
    await expect(stage(wang).locator(".says")).to_have_text("This page has stopped.")
    await expect(give_back).to_be_visible()


async def test_the_stage_goes_with_the_host_when_what_the_mouse_rests_on_is_taken_off(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=2)
    for sku in ("TEA", "CUP"):
        await shop.sell(sku, sku.title(), 5)
    wang = await visit(shop.link("rooms", "viewer"))
    await reserve_button(wang).hover()
    await change_listing(shop, "DELETE")
    await expect(wang.page.locator(".stage-between")).to_be_visible()
    await wang.look()
    # Where nothing of the next product's controls is: it would stay for that.
    await wang.page.mouse.move(1, 1)
    for sku in ("TEA", "CUP"):
        await shop.merchant.change_room(ROOM, spotlight=sku)
        await expect(wang.page.locator(f".stage-product[data-sku='{sku}']")).to_be_visible()
