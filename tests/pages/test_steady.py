"""Nothing jumps on the viewer page, and each part of it has its room."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from pages.visitor import DESK, PHONE, Visitor
from playwright.async_api import expect
from shelfcast.protocol.states import RoomStatus
from shelfcast_client import connect

WATCHING = 12
MANY = 1_234_567
SHELF = 200
LONG = "A tea set for travelling with a pot, two cups without handles and a bag that keeps them all from breaking"

_BOX = (
    "element => { const box = element.getBoundingClientRect(); return [box.x + scrollX, box.y + scrollY, box.height] }"
)


async def box(visitor: Visitor, selector: str) -> list[float]:
    """Left and upper edge on the page, and height, in px."""
    found: list[float] = await visitor.page.locator(selector).first.evaluate(_BOX)
    return [round(each, 1) for each in found]


async def fits(visitor: Visitor) -> bool:
    """Whether nothing sticks out at the side."""
    inside: bool = await visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return inside


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_the_head_of_a_phone_keeps_each_part_on_one_line(open_shop: OpenShop, visit: Visit, locale: str) -> None:
    shop = await open_shop(units=2, status=RoomStatus.SCHEDULED)
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


@pytest.mark.parametrize("viewport", [DESK, {"width": 700, "height": 800}, PHONE, {"width": 320, "height": 640}])
async def test_the_shelf_and_the_controls_stay_where_they_are_whatever_is_shown(
    open_shop: OpenShop, visit: Visit, viewport: dict[str, int]
) -> None:
    shop = await open_shop(units=2)
    terms: dict[str, Any] = {"limit_per_user": 2, "closes_at_ms": 4_000_000_000_000}
    await shop.sell("LONG", LONG, MANY, **terms)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=viewport)
    places = []
    for sku in (SKU, "LONG"):
        await shop.merchant.change_room(ROOM, spotlight=sku)
        stage = f".stage-product[data-sku='{sku}']"
        await expect(viewer.page.locator(f"{stage} .purchase-controls")).to_be_visible()
        assert await fits(viewer), sku
        places.append([await box(viewer, part) for part in (f"{stage} .purchase-controls", ".shelf .section-heading")])
    assert places[0] == places[1]
    await shop.merchant.change_room(ROOM, spotlight=None)
    await expect(viewer.page.locator(".between")).to_be_visible()
    assert await box(viewer, ".shelf .section-heading") == places[0][1]


async def test_the_word_beside_a_count_stays_when_a_digit_goes(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=11)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    count, word = f".item[data-sku='{SKU}'] .left-count", f".item[data-sku='{SKU}'] .left-word"
    await expect(viewer.page.locator(count)).to_have_text("11")
    before = await box(viewer, word)
    await shop.write_off(4)
    await expect(viewer.page.locator(count)).to_have_text("7")
    assert await box(viewer, word) == before


@pytest.mark.parametrize("viewport", [PHONE, {"width": 320, "height": 640}])
async def test_a_long_title_is_unfolded_and_the_shelf_stays(
    open_shop: OpenShop, visit: Visit, viewport: dict[str, int]
) -> None:
    shop = await open_shop(units=2)
    await shop.sell("LONG", LONG, 9)
    viewer = await visit(shop.link("rooms", "viewer"), viewport=viewport)
    unfold = viewer.page.get_by_role("button", name="Whole title")
    await expect(viewer.page.locator(".stage-title")).to_be_visible()
    await expect(unfold).to_have_count(0)
    await shop.merchant.change_room(ROOM, spotlight="LONG")
    title = viewer.page.locator(".stage-title")
    hidden = "element => element.scrollHeight - element.clientHeight"
    await unfold.focus()
    assert await title.evaluate(hidden) > 0
    places = [".stage .purchase-controls", ".shelf .section-heading"]
    before = [await box(viewer, part) for part in places]
    await unfold.press("Enter")
    fold = viewer.page.get_by_role("button", name="Shorter title")
    await expect(fold).to_be_focused()
    assert await title.evaluate(hidden) <= 0
    assert [await box(viewer, part) for part in places] == before
    await fold.click()
    assert await title.evaluate(hidden) > 0


async def test_a_title_of_one_word_and_a_high_price_stay_in_their_places(open_shop: OpenShop, visit: Visit) -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    shop = await open_shop(units=2, open_reservations=True)
    row = {"sku": "WORD", "title": word, "price_minor": 12_345_678, "currency": "KWD", "opening": 9}
    await shop.merchant.catalogue([row], key="word")
    await shop.merchant.list_in_room(ROOM, [{"sku": "WORD", "position": 9}])
    await shop.merchant.change_room(ROOM, spotlight="WORD")
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    stage = viewer.page.locator(".stage-product[data-sku='WORD']")
    await stage.locator("button.reserve").click()
    await expect(stage.locator("button.pay")).to_contain_text("12,345.678")
    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.className)"
    titles_and_buttons = viewer.page.locator(".stage-title, .item-title, .units-title, .stage-product button")
    assert await titles_and_buttons.evaluate_all(cut) == []


async def test_a_long_shelf_is_as_long_before_it_was_drawn_as_after(open_shop: OpenShop, visit: Visit) -> None:
    """Tiles that are out of sight are not drawn; the room that is kept for them is the room they take."""
    shop = await open_shop(units=2)
    skus = [f"P-{number:03}" for number in range(SHELF - 1)]
    rows = [{"sku": sku, "title": sku, "price_minor": 100, "currency": "CNY", "opening": 9} for sku in skus]
    await shop.merchant.catalogue(rows, key="shelf")
    await shop.merchant.list_in_room(ROOM, [{"sku": sku, "position": at + 2} for at, sku in enumerate(skus)])
    viewer = await visit(shop.link("rooms", "viewer"), viewport=PHONE)
    items = viewer.page.locator(".item")
    await expect(items).to_have_count(SHELF)
    first, last = await box(viewer, ".item"), items.last
    before = await last.evaluate(_BOX)
    await last.scroll_into_view_if_needed()
    await expect(last.locator("button.reserve")).to_be_in_viewport()
    await viewer.drawn()
    assert await last.evaluate(_BOX) == before
    assert before[2] == first[2]


async def test_forced_colours_keep_what_a_sign_says(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=2)
    await shop.sell("GONE", "Sold out long ago", 0)
    viewer = await visit(shop.link("rooms", "viewer"), forced_colors="active")
    gone = viewer.page.locator(".item[data-sku='GONE'] button.reserve")
    await expect(gone).to_have_attribute("aria-disabled", "true")
    colour = "element => getComputedStyle(element).color"
    open_button = viewer.page.locator(f".item[data-sku='{SKU}'] button.reserve")
    assert await gone.evaluate(colour) != await open_button.evaluate(colour)
    drop = "element => getComputedStyle(element, '::before').color"
    word = viewer.page.locator(".stage .level")
    assert await word.evaluate(drop) == await viewer.page.locator("body").evaluate(colour)


async def test_a_product_whose_price_the_shop_has_not_named_is_not_called_free(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=2, open_reservations=True)
    await shop.merchant.catalogue([{"sku": "GIFT", "title": "Paper fan", "opening": 9}], key="gift")
    await shop.merchant.list_in_room(ROOM, [{"sku": "GIFT", "position": 9}])
    await shop.merchant.change_room(ROOM, spotlight="GIFT")
    viewer = await visit(shop.link("rooms", "viewer"))
    stage = viewer.page.locator(".stage-product[data-sku='GIFT']")
    await stage.locator("button.reserve").click()
    await expect(stage.locator("button.pay")).to_contain_text(re.compile(r"^Pay\s+demo"))
    await expect(viewer.page.get_by_text("0.00")).to_have_count(0)
