"""What people do on the pages of counts beside what is meant: Back, half a name, a step that another has taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.counting import (
    BOWL,
    REFUSED,
    SHIRT,
    Answers,
    Counter,
    desk_of,
    opened_count,
    operator,
    phone_of,
    put_aside,
    shop_to_count,
)
from pages.live_shop import ROOM, SKU, TITLE, LiveShop
from pages.visitor import PHONE
from pages.words import Words
from playwright.async_api import expect


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """All tests of this file share it."""
    async with shop_to_count() as opened:
        yield opened


async def test_back_leaves_an_open_line_first_and_then_the_sheet(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    count = await opened_count(shop, SKU, BOWL[0])
    phone = await phone_of(visit, shop, "anna-back")
    page = phone.page
    counter = Counter(page, words)
    await page.locator(f"a[href$='{count}']").click()
    await counter.begin(BOWL[1])
    await counter.good.fill("7")
    await page.go_back()
    await expect(counter.search).to_be_visible()
    await expect(page.get_by_role("button", name=words("counts.save_all"), exact=True)).to_be_visible()
    await page.get_by_role("button", name=BOWL[1]).click()
    await expect(counter.good).to_have_value("7")
    await counter.save.click()
    await expect(counter.search).to_be_visible()
    await page.go_back()
    await expect(page.locator(f"a[href$='{count}']")).to_be_visible()
    await put_aside(shop, count)


async def test_goods_of_a_delivery_are_found_by_part_of_their_name(shop: LiveShop, visit: Visit) -> None:
    words = Words("zh")
    async with operator(shop, "li") as li:
        receipt = (await li.make_receipt(supplier="Kiln"))["receipt"]
    phone = await phone_of(visit, shop, "anna-goods", "zh")
    page = phone.page
    answers = Answers(page)
    await page.get_by_role("link", name=words("counts.tab.receipts"), exact=True).click()
    await page.locator(f"a[href$='{receipt}']").click()
    goods = page.get_by_label(words("counts.search"), exact=True)
    good = page.get_by_label(words("counts.good"), exact=True)
    offered = page.get_by_role("list", name=words("counts.receipt.offered")).get_by_role("button")
    await goods.fill("stoneware")
    await expect(offered).to_have_count(2)
    await goods.press("Enter")
    await expect(page.locator("#receipt-sku-says")).to_have_text(words("counts.search.many", text="stoneware"))
    await offered.filter(has_text=TITLE).click()
    await expect(goods).to_have_value(SKU)
    await expect(good).to_be_focused()
    await good.fill("3")
    await good.press("Enter")
    await expect(page.locator(".lines li")).to_contain_text([TITLE])
    await goods.fill("thermal")
    await goods.press("Enter")
    await expect(goods).to_have_value(SHIRT[0])
    await goods.fill("nothing of that")
    await goods.press("Enter")
    await expect(page.locator("#receipt-sku-says")).to_have_text(words("counts.make.unknown", what="nothing of that"))
    assert not [body for url, body in answers.bodies if "/articles" in url and any(n in body for n in ("1237", "431"))]
    async with operator(shop, "li") as li:
        await li.cancel_receipt(receipt)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_step_that_somebody_was_faster_with_is_refused_in_words(
    shop: LiveShop, visit: Visit, language: str
) -> None:
    words = Words(language)
    count = await opened_count(shop, SKU, note=f"raced {language}")
    desk = await desk_of(visit, shop, "li-raced", language, may_fail=REFUSED)
    page = desk.page
    await page.locator(f"a[href$='{count}']").click()
    await page.get_by_role("button", name=words("counts.face.review"), exact=True).click()
    close = page.get_by_role("button", name=words("counts.do.close"), exact=True)
    await expect(close).to_be_visible()

    async def too_late(route: object) -> None:
        await put_aside(shop, count)
        await route.continue_()  # type: ignore[attr-defined]

    await page.route(f"**/{count}/close", too_late)
    await close.click()
    state = words("counts.state.cancelled")
    said = page.get_by_role("contentinfo").get_by_text(words("counts.refused.lead.state", state=state))
    await expect(said).to_be_visible()


async def test_no_sheet_is_made_of_what_is_on_others(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    count = await opened_count(shop, SKU, BOWL[0], SHIRT[0])
    desk = await desk_of(visit, shop, "li-none")
    page = desk.page
    await page.get_by_role("button", name=words("counts.new"), exact=True).click()
    await page.get_by_role("button", name=words("counts.make.do"), exact=True).click()
    await expect(page.get_by_role("heading", name=words("counts.made.none"))).to_be_focused()
    await expect(page.locator(f"main a[href$='{count}']")).to_be_visible()
    async with operator(shop, "li") as li:
        assert [each["count"] for each in await li.counts() if each["state"] == "counting"] == [count]
        assert all(each["room"] != ROOM or each["state"] == "cancelled" for each in await li.counts())
    await put_aside(shop, count)


async def test_a_title_without_a_space_makes_no_page_wider_than_a_phone(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    await shop.sell("LONG-04", "Unbreakable-" * 12, 40)
    count = await opened_count(shop, "LONG-04")
    desk = await desk_of(visit, shop, "li-narrow", viewport=PHONE)
    page = desk.page
    place = page.url.partition("#")[0] + f"#/main/{ROOM}/"
    for part in (f"counts/count/{count}", "after", "before"):
        await page.goto(place + part)
        if part == "before":
            await page.get_by_role("button", name=words("before.step.checklist"), exact=True).click()
        await expect(page.get_by_text("Unbreakable-").first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], part
    await put_aside(shop, count)
