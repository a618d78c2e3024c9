"""Goods that arrive, on the console: entered by two people who do not see each other's figures."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pages.conftest import Visit, session_loop_fixture
from pages.counting import (
    BOWL,
    SMALL_TARGETS,
    TARGET_MIN_PX,
    Answers,
    desk_of,
    on_hand,
    one_receives,
    operator,
    phone_of,
    shop_to_count,
)
from pages.live_shop import SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.words import Words
from playwright.async_api import Page, expect


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """All tests of this file share it."""
    async with shop_to_count() as opened:
        yield opened


async def test_two_people_enter_a_delivery_blind_until_they_agree(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    async with operator(shop, "li") as li:
        await li.change_pool(receipts_by_two=True)
    desk = await desk_of(visit, shop, "li-receipt")
    page = desk.page
    await page.get_by_role("link", name=words("counts.tab.receipts"), exact=True).click()
    await page.get_by_role("button", name=words("counts.receipt.new"), exact=True).click()
    await page.get_by_label(words("counts.receipt.supplier"), exact=True).fill("Kiln & Co")
    await page.get_by_label(words("counts.receipt.expected"), exact=True).fill(f"{SKU} 20\n{BOWL[1]} 7")
    found = await violations("a new receipt", desk)
    await page.get_by_role("button", name=words("counts.receipt.make"), exact=True).click()
    await expect(page.get_by_role("heading", name="Kiln & Co")).to_be_visible()
    before = {sku: await on_hand(shop, sku) for sku in (SKU, BOWL[0])}
    phones = []
    for who, mugs in (("anna", 20), ("ben", 19)):
        phone = await phone_of(visit, shop, f"{who}-receipt")
        answers = Answers(phone.page)
        await phone.page.get_by_role("link", name=words("counts.tab.receipts"), exact=True).click()
        await phone.page.get_by_role("link", name="Kiln & Co").click()
        for sku, units in ((SKU, mugs), (BOWL[0], 7)):
            await _entered(phone.page, words, sku, units)
        await expect(phone.page.locator(".lines")).to_contain_text(TITLE)
        phones.append((phone, answers))
    found += await violations("lines of a receipt", phones[0][0])
    assert not await phones[0][0].page.evaluate(SMALL_TARGETS, TARGET_MIN_PX)
    for phone, _ in phones:
        await phone.page.get_by_role("button", name=words("counts.receipt.done"), exact=True).click()
    for phone, answers in phones:
        await expect(phone.page.get_by_role("alert")).to_contain_text(TITLE)
        await expect(phone.page.get_by_role("alert")).not_to_contain_text(BOWL[1])
        assert not await answers.others(phone.page.url.rsplit("/", 1)[-1])
    found += await violations("a receipt that differs", phones[1][0])
    assert {sku: await on_hand(shop, sku) for sku in before} == before

    ben = phones[1][0].page
    await ben.get_by_role("button", name=words.like("counts.mend.of", title=TITLE)).click()
    await ben.get_by_label(words("counts.good"), exact=True).fill("20")
    await ben.get_by_role("button", name=words("counts.receipt.add"), exact=True).click()
    await expect(ben.locator(".lines li").first).to_contain_text("20")
    for phone, _ in phones:
        await phone.page.get_by_role("button", name=words("counts.receipt.done"), exact=True).click()
    await expect(page.get_by_text(words("counts.receipt.state.received"), exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_text(SKU, exact=True))
    await expect(row.get_by_role("cell")).to_have_text(["20", "20"])
    found += await violations("a receipt that came in", desk)
    assert not found, "\n".join(found)
    assert await on_hand(shop, SKU) == before[SKU] + 20
    assert await on_hand(shop, BOWL[0]) == before[BOWL[0]] + 7
    await one_receives(shop)


async def _entered(page: Page, words: Words, sku: str, units: int) -> None:
    """One line, as a scanner and a thumb make it."""
    await page.get_by_label(words("counts.search"), exact=True).fill(sku)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(words("counts.good"), exact=True)).to_be_focused()
    await page.keyboard.type(str(units))
    await page.keyboard.press("Enter")
    await expect(page.locator(".lines").get_by_text(f"{units} good")).to_be_visible()
