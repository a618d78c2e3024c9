"""The host's second screen: one key for the next item, and the operator's words until they are acknowledged."""

from __future__ import annotations

import re

import httpx
import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM, SKU
from pages.visitor import PHONE, SERVER_AWAY
from playwright.async_api import ViewportSize, expect
from shelfcast_client import Reserved, connect

LOW: ViewportSize = {"width": 1280, "height": 800}
"""A laptop beside the camera."""

_WHOLE_OR_AWAY = """() => {
  const list = document.querySelector(".run-order ol");
  const edge = list.getBoundingClientRect();
  return [...list.children].map(row => {
    const { top, bottom } = row.getBoundingClientRect();
    return (top >= edge.top - 1 && bottom <= edge.bottom + 1) || bottom <= edge.top + 1 || top >= edge.bottom - 1;
  });
}"""

_FIT = """() => [...document.querySelectorAll(".figure > *")]
  .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""

_LINE_IS_DRAWN = """() => {
  const canvas = document.querySelector(".plot canvas");
  if (canvas === null) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (data[at] < 100 && data[at + 2] > 200 && data[at + 3] > 200) return true;
  return false;
}"""
"""Whether the chart has anything in the colour of its line."""

_WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(entries => {
    for (const entry of entries.getEntries())
      for (const { node, previousRect: was, currentRect: now } of entry.sources)
        if (node?.closest?.(".current")) shifts.push([node.className, was.x, was.y, now.x, now.y].join(" "));
  }).observe({ type: "layout-shift" });
}"""
"""Which parts of what is on have jumped, as the browser itself counts it."""

_CHART_AT = "document.querySelector('.trend').getBoundingClientRect().top"

_PLACES = """() => [...document.querySelectorAll(".head > :not(.link-end), .desk, .desk section, .steps")]
  .map(each => [each.className, ...["x", "y", "width"].map(side => Math.round(each.getBoundingClientRect()[side]))])"""

_COVERS = """() => {
  const { top, bottom, left, right } = document.querySelector(".link-end").getBoundingClientRect();
  return [...document.querySelectorAll(".head > :not(.link-end), .desk section")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.top < bottom && box.bottom > top && box.left < right && box.right > left && box.width > 1;
  }).map(each => each.className);
}"""
"""What the warning of a link that ends stands on."""

_NOT_DRAWN = "row => !row.firstElementChild.checkVisibility({ contentVisibilityAuto: true })"


async def test_one_key_shows_the_next_item_everywhere(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    await shop.sell("BOWL-01", "Stoneware bowl", 7)
    host = await visit(shop.link("host", "host"))
    overlay = await visit(shop.link("overlay", "host"))
    viewer = await visit(shop.link("rooms"))
    await expect(host.page.locator("#current-title")).to_have_text("Stoneware mug")
    await host.page.keyboard.press("n")
    await expect(host.page.locator("#current-title")).to_have_text("Stoneware bowl")
    await expect(overlay.page.locator(".product .title")).to_have_text("Stoneware bowl")
    await expect(viewer.page.locator(".stage-title")).to_have_text("Stoneware bowl")


async def test_who_runs_the_show_finds_the_console_from_here(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    operator, host = await visit(shop.link("host", "operator")), await visit(shop.link("host", "host"))
    for visitor in (operator, host):
        await expect(visitor.page.locator("#current-title")).to_have_text("Stoneware mug")
    await expect(operator.page.get_by_role("link", name="Console")).to_have_attribute("href", "/console")
    await expect(host.page.get_by_role("link", name="Console")).to_have_count(0)


async def test_a_cue_stays_until_it_is_acknowledged_on_any_screen(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    async with shop.operator() as operator:
        await operator.operator.cue("Show the bottom of the mug", sku=SKU)
        one, other = await visit(shop.link("host", "host")), await visit(shop.link("host", "host"))
        for host in (one, other):
            await expect(host.page.locator(".cue .text")).to_have_text("Show the bottom of the mug")
        await one.page.keyboard.press("a")
        for host in (one, other):
            await expect(host.page.locator(".cue")).to_have_count(0)
        await operator.until(lambda room: not room.cues)
    await other.page.reload()
    await expect(other.page.locator("#current-title")).to_be_visible()
    await expect(other.page.locator(".cue")).to_have_count(0)


async def test_a_double_press_acknowledges_one_cue_and_the_keyboard_goes_on_to_the_next(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    async with shop.operator() as operator:
        for number in range(4):
            await operator.operator.cue(f"Say {number}")
        host = await visit(shop.link("host", "host"), viewport=LOW)
        cues = host.page.locator(".cue .text")
        await expect(cues).to_have_text(["Say 0", "Say 1", "Say 2", "Say 3"])
        button = await host.page.locator(".cue button").first.bounding_box()
        assert button is not None
        at = button["x"] + button["width"] / 2, button["y"] + button["height"] / 2
        for press in (lambda: host.page.mouse.click(*at), lambda: host.page.keyboard.press("a")):
            waiting = await cues.count()
            await press()
            # The next one has moved up under the pointer.
            await expect(cues).to_have_count(waiting - 1)
            await press()
            await host.look()
            await expect(cues).to_have_count(waiting - 1)
        await host.page.locator(".cue button").first.focus()
        await host.page.keyboard.press("Enter")
        await expect(cues).to_have_text(["Say 3"])
        await expect(host.page.locator(".cue button")).to_be_focused()
        await host.look()
        await host.page.keyboard.press("Enter")
        await expect(cues).to_have_count(0)
        await expect(host.page.locator("#cues-title")).to_be_focused()
        await operator.until(lambda room: not room.cues)


async def test_the_show_goes_on_with_what_followed_a_product_that_was_taken_off_the_shelf(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    for number in range(4):
        await shop.sell(f"TEA-{number}", f"Tea {number}", 9)
    await shop.merchant.change_room(ROOM, spotlight="TEA-1")
    host = await visit(shop.link("host", "host"), viewport=LOW)
    title = host.page.locator("#current-title")
    await expect(title).to_have_text("Tea 1")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {shop.token('service')}"}) as erp:
        (await erp.delete(f"{shop.url}/v1/rooms/{ROOM}/skus/TEA-1")).raise_for_status()
    await expect(title).to_have_text("Nothing is on")
    await expect(host.page.locator("[data-standing='next'] .title")).to_have_text("Tea 2")
    await expect(host.page.locator(".step .title")).to_have_text(["Tea 0", "Tea 2"])
    await host.page.keyboard.press("n")
    await expect(title).to_have_text("Tea 2")


async def test_what_is_reserved_counts_before_it_is_paid_and_says_so(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=40)
    host = await visit(shop.link("host", "host"))
    facts = {name: host.page.locator(f".figure.{name} dd") for name in ("pace", "held", "sold")}
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        reserved = await buyer.reserve(SKU, 4)
    assert isinstance(reserved, Reserved)
    await expect(host.page.locator(".figure.pace dt")).to_have_text("Reserved / min")
    await expect(facts["held"]).to_have_text("4")
    shop.end_minute()
    # Over a minute, and over more where one of the show had ended before.
    await expect(facts["pace"]).to_have_text(re.compile(r"^[1-4](\.\d)?$"))
    await expect(facts["held"]).to_have_text("4")
    # Read out as two, not as "00%".
    await expect(facts["sold"]).to_have_text("0 0%")
    await shop.merchant.confirm(reserved.id, reference="paid")
    await expect(facts["held"]).to_have_text("0")
    await expect(facts["sold"]).to_contain_text(re.compile(r"^4"))
    await expect(facts["pace"]).to_have_text(re.compile(r"^[1-4](\.\d)?$"))


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_figures_keep_their_place_whatever_they_say(open_shop: OpenShop, visit: Visit, locale: str) -> None:
    shop = await open_shop(units=12_345)
    host = await visit(shop.link("host", "host"), viewport=LOW, locale=locale)
    lasting = host.page.locator(".figure.lasting dd")
    await expect(lasting).to_have_text("—")
    chart_at = await host.page.evaluate(_CHART_AT)
    assert await host.page.evaluate(_FIT) == []
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        for _ in range(2):
            assert isinstance(await buyer.reserve(SKU, 20), Reserved)
    await expect(host.page.locator(".figure.held dd")).to_have_text("40")
    shop.end_minute()
    await expect(lasting.locator(".unit").first).to_be_visible()
    assert await host.page.evaluate(_FIT) == []
    assert await host.page.evaluate(_CHART_AT) == chart_at
    await shop.write_off(12_345 - 40 - 5)
    await expect(lasting).to_have_text(re.compile("^<1"))
    assert await host.page.evaluate(_FIT) == []
    assert await host.page.evaluate(_CHART_AT) == chart_at


async def test_nothing_jumps_while_units_sell_and_counts_gain_digits(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=0)
    host = await visit(shop.link("host", "host"), viewport=LOW)
    left, pace = (host.page.locator(f".figure.{name} dd") for name in ("left", "pace"))
    await expect(left).to_have_text(re.compile("^0"))
    await host.look()
    await host.page.evaluate(_WATCH_SHIFTS)
    shown = 0
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        for units in (5, 95, 400, 12_000, 1_200_000):
            await shop.receive(units)
            shown += units
            await expect(left).to_have_text(re.compile(f"^{shown:,}"))
            reserved = await buyer.reserve(SKU, 5)
            assert isinstance(reserved, Reserved)
            await expect(left).to_have_text(re.compile(f"^{shown - 5:,}"))
            shop.end_minute()
            await expect(pace).to_have_text(re.compile("^(0\\.)?[1-9]"))
            assert await host.page.evaluate(_FIT) == []
            await buyer.cancel(reserved.id)
            await expect(left).to_have_text(re.compile(f"^{shown:,}"))
            shop.end_minute()
            await expect(pace).to_have_text(re.compile("^0$"))
    await host.look()
    assert await host.page.evaluate("shifts") == []


async def test_no_price_is_shown_where_the_shop_has_named_none(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=2)
    await shop.merchant.catalogue([{"sku": "GIFT", "title": "Paper fan", "opening": 9}], key="gift")
    await shop.merchant.list_in_room(ROOM, [{"sku": "GIFT", "position": 9}])
    host = await visit(shop.link("host", "host"))
    await expect(host.page.locator(".terms .price")).to_have_text("CN¥49.90")
    terms = "document.querySelector('.terms').getBoundingClientRect().height"
    high = await host.page.evaluate(terms)
    await shop.merchant.change_room(ROOM, spotlight="GIFT")
    await expect(host.page.locator("#current-title")).to_have_text("Paper fan")
    await expect(host.page.locator(".terms .price")).to_have_count(0)
    assert await host.page.evaluate(terms) == high


async def test_a_long_run_order_shows_whole_rows_with_what_comes_next(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    for number in range(60):
        await shop.sell(f"TEA-{number:02}", "Tea that was stored for years, 357 g" if number % 3 else "Tea", 9)
    await shop.merchant.change_room(ROOM, spotlight="TEA-29")
    host = await visit(shop.link("host", "host"), viewport=LOW)
    rows = host.page.locator(".run-order li")
    await expect(host.page.locator("[data-standing='current']")).to_be_in_viewport(ratio=0.95)
    await expect(host.page.locator("[data-standing='next']")).to_be_in_viewport(ratio=0.95)
    assert await host.page.evaluate(_WHOLE_OR_AWAY) == [True] * 61
    await shop.merchant.change_room(ROOM, spotlight=None)
    await expect(host.page.locator("[data-standing='next'] .title")).to_contain_text("Tea")
    await expect(host.page.locator("[data-standing='current']")).to_have_count(0)
    await expect(host.page.locator("[data-standing='next']")).to_be_in_viewport(ratio=0.95)
    await host.page.reload()
    await expect(rows.first).to_have_attribute("data-standing", "next")
    await expect(rows.first).to_be_in_viewport(ratio=0.95)
    await shop.merchant.change_room(ROOM, spotlight="TEA-29")
    await expect(host.page.locator("[data-standing='next']")).to_be_in_viewport(ratio=0.95)
    # What is far out of sight costs nothing until somebody goes there.
    await host.page.wait_for_function(_NOT_DRAWN, arg=await rows.first.element_handle())
    await rows.first.locator("button").focus()
    await expect(rows.first).to_be_in_viewport(ratio=0.95)


async def test_a_keyboard_passes_a_long_run_order_with_one_key(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    for number in range(5):
        await shop.sell(f"TEA-{number}", f"Tea {number}", 9)
    await shop.merchant.change_room(ROOM, spotlight="TEA-1")
    host = await visit(shop.link("host", "host"), viewport=LOW)
    row = host.page.locator("[data-standing='current'] button")
    await row.focus()
    await host.page.keyboard.press("Tab")
    await expect(host.page.locator(".step.previous")).to_be_focused()
    await host.page.keyboard.press("Shift+Tab")
    await expect(row).to_be_focused()
    await host.page.keyboard.press("ArrowDown")
    await host.page.keyboard.press("ArrowDown")
    await host.page.keyboard.press("Enter")
    await expect(host.page.locator("#current-title")).to_have_text("Tea 3")


async def test_two_cues_leave_the_alerts_and_what_comes_next_in_sight(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=40)
    async with shop.operator() as operator, connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        for number in range(3):
            await shop.sell(f"TEA-{number}", "Tea that was stored for years in a cellar, 357 g", 10)
            assert isinstance(await buyer.reserve(f"TEA-{number}", 9), Reserved)
        await operator.operator.cue("Show the bottom of the mug, then the next one", sku=SKU)
        await operator.operator.cue("Say that the tea goes to the last", sku="TEA-0")
        await operator.operator.notice("Free shipping until nine")
        host = await visit(shop.link("host", "host"), viewport=LOW)
        for selector, number in ((".cue", 2), (".alert", 3), (".notice", 1), ("[data-standing='next']", 1)):
            shown = host.page.locator(selector)
            await expect(shown).to_have_count(number)
            for each in await shown.all():
                await expect(each).to_be_in_viewport(ratio=0.95)


async def test_the_chart_keeps_its_line_when_the_counts_grow_old(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=40)
    host = await visit(shop.link("host", "host"), viewport=LOW, may_fail=SERVER_AWAY)
    await host.page.wait_for_function(_LINE_IS_DRAWN)
    # The line ends where the server was last heard: that must be some pixels on.
    await host.look()
    await host.look()
    await shop.sell("BOWL-01", "Stoneware bowl", 7)
    await expect(host.page.locator(".run-order li")).to_have_count(2)
    await shop.server.kill()
    await expect(host.page.locator(".current[data-old='true']")).to_have_count(1)
    await host.look()
    await host.look()
    drawn = await host.page.evaluate(_LINE_IS_DRAWN)
    await shop.server.start()
    assert drawn, "an empty chart"


async def test_what_comes_next_stays_in_sight_when_the_counts_grow_old(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=40)
    async with connect(shop.url, ROOM, token=shop.token("viewer", "chen")) as buyer:
        for number in range(12):
            await shop.sell(f"TEA-{number}", "Tea", 10)
            if number < 3:
                assert isinstance(await buyer.reserve(f"TEA-{number}", 9), Reserved)
    await shop.merchant.change_room(ROOM, spotlight="TEA-10")
    host = await visit(shop.link("host", "host"), viewport=LOW, may_fail=SERVER_AWAY)
    next_one = host.page.locator("[data-standing='next']")
    await expect(next_one).to_be_in_viewport(ratio=0.95)
    await shop.server.kill()
    await expect(host.page.locator(".connection .stale")).to_be_visible()
    await expect(next_one).to_be_in_viewport(ratio=0.95)
    await shop.server.start()


async def test_a_viewer_or_a_stranger_is_not_let_backstage(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    for address in (shop.link("host"), shop.link("host", "viewer")):
        host = await visit(address)
        await expect(host.page.locator(".no-access")).to_be_visible()
        await expect(host.page.locator(".backstage")).to_have_count(0)


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "Link ends in 0"), ("zh-CN", "后到期")])
@pytest.mark.parametrize("size", [LOW, PHONE])
async def test_a_link_that_is_about_to_expire_is_told_where_nothing_moves_for_it(
    open_shop: OpenShop, visit: Visit, locale: str, words: str, size: dict[str, int]
) -> None:
    shop = await open_shop(units=5)
    lasting = await visit(shop.link("host", "host"), viewport=size, locale=locale)
    link = f"{shop.link('host')}#token={shop.token('host', ttl_s=500)}"
    ending = await visit(link, viewport=size, locale=locale)
    await expect(ending.page.locator(".link-end")).to_contain_text(words)
    await expect(ending.page.locator(".head > [role='status']")).not_to_be_empty()
    await expect(lasting.page.locator("#current-title")).to_be_visible()
    await expect(lasting.page.locator(".link-end")).to_have_count(0)
    places = [await each.page.evaluate(_PLACES) for each in (lasting, ending)]
    assert places[0] == places[1]
    assert await ending.page.evaluate(_COVERS) == []
    assert await ending.page.locator(".link-end").evaluate("each => each.scrollWidth <= each.clientWidth")


async def test_a_token_in_the_link_leaves_the_address_bar_and_reaches_no_log(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=5)
    host = await visit(shop.link("host", "host"))
    await expect(host.page.locator(".backstage")).to_be_visible()
    assert "token" not in host.page.url
    await host.page.reload()
    await expect(host.page.locator(".backstage")).to_be_visible()
    assert not any("eyJ" in line for line in shop.server.log)


async def test_what_comes_next_comes_into_sight_when_the_window_gets_low(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=40)
    for number in range(12):
        await shop.sell(f"TEA-{number}", "Tea", 10)
    await shop.merchant.change_room(ROOM, spotlight="TEA-10")
    host = await visit(shop.link("host", "host"), viewport={"width": LOW["width"], "height": 2_000})
    rows = host.page.locator(".run-order li")
    await expect(rows).to_have_count(13)
    await expect(rows.first).to_be_in_viewport()
    await host.page.set_viewport_size(LOW)
    await expect(host.page.locator("[data-standing='next']")).to_be_in_viewport(ratio=0.95)
