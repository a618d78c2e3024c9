"""The console's ledger and its emergency calls: what happened, told in words; what stops sales, said first."""

from __future__ import annotations

import os
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import CHANNEL, ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import PHONE, Visitor
from pages.words import Words
from playwright.async_api import expect
from shelfcast_client import Reserved, connect

_STICKING_OUT = """() => [...document.querySelectorAll('main *')]
  .filter(each => !each.closest('.ledger-scroll table') && each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => `${each.tagName}.${each.className}`)"""
LOOKS = [("light", "en-GB", "en"), ("dark", "zh-CN", "zh")]


async def sell(shop: LiveShop) -> str:
    """Somebody buys two mugs, and one of them is shipped; somebody else gives a mug back. The id of what was bought."""
    async with connect(shop.url, ROOM, token=shop.token("viewer", "li")) as room:
        bought = await room.reserve(SKU, 2)
    assert isinstance(bought, Reserved)
    await shop.merchant.confirm(bought.id, reference="pay 7", paid_minor=9_980)
    await shop.merchant.ship(bought.id, 1, key="parcel 1")
    async with connect(shop.url, ROOM, token=shop.token("viewer", "zhao")) as room:
        left = await room.reserve(SKU, 1)
        assert isinstance(left, Reserved)
        await room.cancel(left.id)
    return bought.id


async def status_of(shop: LiveShop) -> tuple[str, int]:
    """The room's status, and the number of its show."""
    room = await shop.merchant.room(ROOM)
    assert room is not None
    return room["status"], room["show"]


async def open_console(shop: LiveShop, visit: Visit, view: str, **look: Any) -> Visitor:
    """An operator's console, at one of its views."""
    visitor = await visit(f"{shop.url}/console#token={shop.token('operator')}", **look)
    link = visitor.page.locator(f".console-views a[href$='/{view}']")
    await link.click()
    await expect(link).to_have_attribute("aria-current", "page")
    return visitor


async def keep(visitor: Visitor, name: str) -> None:
    """A picture to look at, where a folder for them is named."""
    folder = os.environ.get("SHELFCAST_TEST_PICTURES")
    if folder:
        await visitor.drawn()
        await visitor.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def nothing_sticks_out(visitor: Visitor) -> None:
    """Of the view, on a narrow phone; a wide table scrolls by itself."""
    await visitor.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await visitor.page.evaluate(_STICKING_OUT) == []


@pytest.mark.parametrize(("scheme", "locale", "language"), LOOKS)
async def test_what_happened_is_found_and_told_in_words(
    open_shop: OpenShop, visit: Visit, scheme: str, locale: str, language: str
) -> None:
    shop, words = await open_shop(units=50), Words(language)
    bought = await sell(shop)
    operator = await open_console(shop, visit, "ledger", color_scheme=scheme, locale=locale)
    page = operator.page
    rows = page.locator(".ledger-results tbody tr")
    shipped = words("ledger.step.ship", units=1, title=TITLE)
    await expect(rows.first).to_contain_text(words.like("ledger.step.cancel", units=1, title=TITLE))
    found = [*await violations("the ledger", operator)]

    await page.get_by_label(words("ledger.field.order"), exact=True).fill("pay 7")
    await page.get_by_role("button", name=words("ledger.go"), exact=True).click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("99.80")
    await page.get_by_role("button", name=words("ledger.clear"), exact=True).click()
    await page.get_by_label(words("ledger.field.user"), exact=True).fill("li")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text(shipped)

    await page.get_by_role("button", name=words("ledger.tell", id=bought)).first.click()
    story = page.get_by_role("region", name=words("ledger.story.of", id=bought))
    await expect(story.get_by_role("heading")).to_be_focused()
    steps = story.locator("li")
    await expect(steps).to_have_count(3)
    await expect(steps.nth(0)).to_contain_text(words.like("ledger.step.reserve", units=2, title=TITLE, user="li"))
    await expect(steps.nth(0)).to_contain_text(words.like("ledger.tail.until"))
    await expect(steps.nth(1)).to_contain_text("99.80")
    await expect(steps.nth(2)).to_contain_text(shipped)
    await expect(story).to_contain_text(words("ledger.state.confirmed"))
    found += await violations("a story", operator)
    await keep(operator, f"ledger-{language}")

    await page.get_by_label(words("ledger.field.sku"), exact=True).fill("NO-SUCH")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(words("ledger.none"))).to_be_visible()
    await expect(story).to_be_visible()
    # What was typed is still there after another view.
    await page.locator(".console-views a[href$='/emergency']").click()
    await page.locator(".console-views a[href$='/ledger']").click()
    await expect(page.get_by_label(words("ledger.field.sku"), exact=True)).to_have_value("NO-SUCH")
    await nothing_sticks_out(operator)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("scheme", "locale", "language"), LOOKS)
async def test_every_call_says_first_what_it_does(
    open_shop: OpenShop, visit: Visit, scheme: str, locale: str, language: str
) -> None:
    shop, words = await open_shop(units=50), Words(language)
    await shop.merchant.define_room("night", channel=CHANNEL, title="Night", status="live")
    async with connect(shop.url, ROOM, token=shop.token("viewer", "li")) as room:
        assert isinstance(await room.reserve(SKU, 2), Reserved)
        operator = await open_console(shop, visit, "emergency", color_scheme=scheme, locale=locale)
        page = operator.page
        force = page.get_by_role("main").locator(".in-force")
        await expect(force).to_contain_text(words("emergency.force.none"))
        stop = page.get_by_role("region", name=words("emergency.freeze.title"))
        what = words("emergency.what.sku", name=TITLE)
        await expect(stop).to_contain_text(words("emergency.choose"))
        await stop.get_by_label(words("emergency.name.sku"), exact=True).fill(SKU)
        await expect(stop).to_contain_text(words.like("emergency.freeze.sku", what=what))
        units = words("emergency.units_other", n=2)
        stays = words(f"emergency.holds_{'one' if language == 'en' else 'other'}", n=1, units=units)
        await expect(stop).to_contain_text(stays)
        await stop.get_by_label(words("emergency.reason"), exact=True).fill("smoke in the warehouse")
        found = [*await violations("the calls", operator)]
        await keep(operator, f"emergency-{language}")
        await stop.get_by_role("button", name=words("emergency.freeze"), exact=True).click()
        frozen = words("emergency.force.frozen", what=what)
        await expect(force).to_contain_text(frozen)
        await expect(force).to_contain_text(words("emergency.force.reason", reason="smoke in the warehouse"))
        assert (await shop.merchant.listed(ROOM))[SKU]["frozen"]
        # What is frozen is offered to be thawed.
        await expect(stop).to_contain_text(words.like("emergency.thaw.sku", what=what))

        show = page.get_by_role("region", name=words("emergency.show.title"))
        await expect(show).to_contain_text(words.like("emergency.step.pause.says", room="Evening show"))
        await show.get_by_role("button", name=words("emergency.step.pause"), exact=True).click()
        await expect(force.locator("li")).to_have_count(2)
        found += await violations("something in force", operator)
        await keep(operator, f"in-force-{language}")
        thaw = words("emergency.force.go_on", way=words("emergency.thaw"), name=frozen)
        await force.get_by_role("button", name=thaw).click()
        await force.get_by_role("button", name=words("emergency.thaw"), exact=True).click()
        await expect(force.locator("li")).to_have_count(1)
        await show.get_by_role("button", name=words("emergency.step.resume"), exact=True).click()
        await expect(force).to_contain_text(words("emergency.force.none"))

        # Only the end asks once more.
        end = words("emergency.step.end")
        await show.get_by_role("button", name=end, exact=True).click()
        await expect(show).to_contain_text(words("emergency.step.end.sure"))
        assert await status_of(shop) == ("live", 1)
        await show.get_by_role("button", name=words("do.really", label=end)).click()
        await expect(show).to_contain_text(words("emergency.status.ended"))
        await show.get_by_role("button", name=words("emergency.step.continue"), exact=True).click()
        await expect(show).to_contain_text(words("emergency.status.live"))
    assert await status_of(shop) == ("live", 1)
    await nothing_sticks_out(operator)
    assert not found, "\n".join(found)
