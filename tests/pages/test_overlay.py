"""The overlay in the picture: what it says where it cannot show anything, and what it keeps of what it has shown."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from pages.conftest import OpenShop, Visit
from pages.fonts import FONTS
from pages.live_shop import ROOM, SKU, LiveShop
from pages.visitor import NOT_LET_IN, Visitor
from playwright.async_api import CDPSession, ViewportSize, expect
from shelfcast.protocol.states import RoomStatus
from shelfcast_client import Reserved, connect

SPOTLIGHTS = 20
AN_HOUR_MS = 3_600_000
MILLIONS = 12_345_678
STREAM: ViewportSize = {"width": 1920, "height": 1080}
LINK_S = 8
"""Longer than a busy browser takes to show what the link opens."""
LINK_OVER = "overlay: The link you came with is not valid, or no longer."
LONG = "A tea set for travelling with a pot, two cups without handles and a bag that keeps them all from breaking"


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


async def test_a_link_that_expires_on_air_leaves_the_product_in_the_picture(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    overlay, said = await _visit_until_the_link_expires(shop, visit)
    await shop.receive(20)
    await expect(overlay.page.locator(".product .number")).to_have_text("25")
    assert said == [LINK_OVER]
    # Now the page is a viewer's, and asks for the room anew as any other when it is shown.
    await overlay.page.evaluate(_SHOWN_BY_OBS)
    await shop.receive(20)
    await expect(overlay.page.locator(".product .number")).to_have_text("45")
    await expect(overlay.page.locator(".refusal")).to_have_count(0)
    assert said == [LINK_OVER]


async def test_a_link_that_expires_where_one_is_needed_leaves_the_reason_in_the_log_and_not_in_the_picture(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5, anonymous=False)
    overlay, said = await _visit_until_the_link_expires(shop, visit, may_fail=NOT_LET_IN)
    # It ages there, and goes when it is too old.
    await expect(overlay.page.locator(".product[data-offer='aged']")).to_have_count(1)
    await overlay.page.evaluate(_SHOWN_BY_OBS)
    await overlay.look()
    await expect(overlay.page.locator(".product[data-offer='aged'], .frame:empty")).to_have_count(1)
    assert said == [LINK_OVER]


@pytest.mark.parametrize("browser", FONTS, indirect=True)
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_the_title_stays_as_it_is_wrapped_whatever_is_said_beside_it(
    open_shop: OpenShop, visit: Visit, locale: str
) -> None:
    shop = await open_shop(units=2_000)
    # In no font are so many as narrow as the words.
    await shop.sell("SET", LONG, MILLIONS)
    await shop.merchant.change_room(ROOM, spotlight="SET")
    overlay = await visit(shop.link("overlay"), viewport=STREAM, locale=locale)
    places = {}
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:

        async def note(offer: str, number: str = "") -> None:
            await expect(overlay.page.locator(f".product[data-offer='{offer}']")).to_have_count(1)
            await expect(overlay.page.locator(".product .said")).to_contain_text(number)
            # "Back in stock" is on its way when the last ones come back, and says nothing of what is said now.
            assert offer == "left" or await overlay.page.locator(".flash").count() == 0
            await overlay.drawn()
            places[offer + number] = await overlay.page.locator(".title").evaluate(_BOX)
            assert await overlay.page.locator(".product *").evaluate_all(_STICKS_OUT) == [], offer

        await note("left", "12,345,678")
        await shop.write_off(MILLIONS - 2_000, "SET")
        await note("left", "2,000")
        await shop.write_off(1_998, "SET")
        await note("last", "2")
        held = await buyer.reserve("SET", 2)
        assert isinstance(held, Reserved)
        await note("all_held")
        await buyer.cancel(held.id)
        await shop.merchant.change_room(ROOM, status=RoomStatus.PAUSED)
        await note("paused")
        for offer, terms in (
            ("opens", {"opens_at_ms": int(time.time() * 1000) + AN_HOUR_MS}),
            ("opens_at", {"opens_at_ms": int(time.time() * 1000) + 200 * 24 * AN_HOUR_MS}),
            ("over", {"opens_at_ms": None, "closes_at_ms": 1_000}),
        ):
            await shop.merchant.list_in_room(ROOM, [{"sku": "SET", **terms}])
            await note(offer)
        await shop.write_off(2, "SET")
        await note("sold_out")
    assert len(set(map(str, places.values()))) == 1, places


@pytest.mark.parametrize("scale", ["0.5", "1", "2", "3"])
async def test_at_any_scale_the_product_is_whole_in_the_picture(open_shop: OpenShop, visit: Visit, scale: str) -> None:
    shop = await open_shop(units=5)
    await shop.sell("SET", LONG, 12_345)
    await shop.merchant.change_room(ROOM, spotlight="SET")
    for width, height in ((1920, 1080), (1080, 1920), (3840, 600), (400, 300)):
        size = {"width": width, "height": height}
        overlay = await visit(shop.link("overlay", query=f"?scale={scale}"), viewport=size)
        await expect(overlay.page.locator(".number")).to_have_text("12,345")
        await overlay.drawn()
        panel = await overlay.page.locator(".product").bounding_box()
        assert panel is not None
        assert 0 <= panel["x"] <= panel["x"] + panel["width"] <= width, size
        assert 0 <= panel["y"] <= panel["y"] + panel["height"] <= height, size
        title = await overlay.page.locator(".title").bounding_box()
        assert title is not None
        assert title["width"] > panel["width"] / 5, size
        assert await overlay.page.locator(".product *").evaluate_all(_STICKS_OUT) == [], size


@pytest.mark.parametrize("position", ["bottom-left", "top"])
async def test_a_notice_is_whole_in_the_picture_or_not_there(open_shop: OpenShop, visit: Visit, position: str) -> None:
    shop = await open_shop(units=5)
    async with shop.operator() as backstage:
        await backstage.operator.notice(LONG + ". " + LONG)
        for width, height, scale, fits in (
            (1920, 1080, 1, True),
            (1920, 250, 1, False),
            (800, 200, 1, False),
            (1920, 1080, 3, False),
        ):
            overlay = await visit(
                shop.link("overlay", query=f"?scale={scale}&position={position}"),
                viewport={"width": width, "height": height},
            )
            notice = overlay.page.locator(".notice")
            await expect(notice).to_have_count(1)
            await expect(overlay.page.locator(".product")).to_be_visible()
            await overlay.look()
            await expect(notice).to_be_visible(visible=fits)
            # What would be cut in a low source is there once it is high enough.
            await overlay.page.set_viewport_size(STREAM)
            await expect(notice).to_be_visible(visible=scale == 1)


async def test_before_the_show_no_unit_is_called_the_last(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=3, status=RoomStatus.SCHEDULED)
    overlay = await visit(shop.link("overlay", "host"), viewport=STREAM)
    said = overlay.page.locator(".product .said")
    await expect(said).to_have_text("3in stock")
    await expect(overlay.page.locator(".product")).to_have_attribute("data-offer", "in_stock")
    red = "rgb(255, 77, 94)"
    # No show has offered anything yet.
    await expect(overlay.page.locator(".bar")).to_have_count(0)
    await shop.merchant.change_room(ROOM, status=RoomStatus.LIVE)
    await expect(said).to_have_text("Last3left")
    await expect(overlay.page.locator(".bar .free")).to_have_css("background-color", red)


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
        counts = [await _objects(tools, overlay)]
        for _ in range(2):
            await show(SPOTLIGHTS)
            counts.append(await _objects(tools, overlay))
    # What is made once, with the first sign of life for instance, comes in one of the rounds.
    assert min(after - before for before, after in pairwise(counts)) < SPOTLIGHTS, counts


async def _visit_until_the_link_expires(shop: LiveShop, visit: Visit, **options: object) -> tuple[Visitor, list[str]]:
    """An overlay on air whose link has just expired, and what it says in the console."""
    link = f"{shop.link('overlay')}#token={shop.token('host', ttl_s=LINK_S)}"
    overlay = await visit(link, **options)
    said: list[str] = []
    overlay.page.on("console", lambda message: said.append(message.text) if message.type == "warning" else None)
    async with overlay.page.expect_console_message(lambda message: message.type == "warning"):
        await expect(overlay.page.locator(".product .number")).to_have_text("5")
    return overlay, said


_SHOWN_BY_OBS = "dispatchEvent(new CustomEvent('obsSourceVisibleChanged', {detail: {visible: true}}))"

_BOX = """element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height].map(Math.round);
}"""

_STICKS_OUT = """parts => {
  const panel = document.querySelector(".product").getBoundingClientRect();
  const titled = document.querySelector(".what").getBoundingClientRect().right;
  return parts.filter(part => {
    const box = part.getBoundingClientRect();
    const left = part.closest(".said") ? titled : panel.left;
    return box.width > 0 && (
      box.left < left - 1 || box.right > panel.right + 1 || box.top < panel.top - 1 || box.bottom > panel.bottom + 1
    );
  }).map(part => part.className);
}"""


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
