"""What an operator sees after a show: differences, what stands apart, and refunds that wait for a decision."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import POOL, ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.test_console_ledger import LOOKS, keep
from pages.visitor import PHONE, Visitor
from pages.words import Words
from playwright.async_api import Page, expect
from shelfcast_client import Reserved, connect
from shelfcast_client.merchant import Merchant

BOWL, PRINT = "BOWL-02", "PRINT-03"
_STICKING_OUT = """() => [...document.querySelectorAll('.after *')]
  .filter(each => !each.closest('.scroll') && each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => `${each.tagName}.${each.className}`)"""


async def reserve(shop: LiveShop, user: str, qty: int, sku: str = SKU) -> str:
    async with connect(shop.url, ROOM, token=shop.token("viewer", user)) as room:
        held = await room.reserve(sku, qty)
    assert isinstance(held, Reserved), held
    return held.id


async def ask_refund(shop: LiveShop, reservation: str, units: int) -> None:
    async with httpx.AsyncClient(base_url=shop.url) as http:
        answer = await http.post(
            f"/v1/pools/{POOL}/reservations/{reservation}/refund-request",
            json={"units": units, "reason": "too small"},
            headers={"Authorization": f"Bearer {shop.token('service')}"},
        )
    assert answer.status_code == 200, answer.text


async def evening(shop: LiveShop) -> tuple[str, str]:
    """A show that has ended: mugs sold, shipped, held and being paid, a print sold ahead. Two orders ask for a refund:
    their ids, the one that asked first before the other."""
    await shop.sell(BOWL, "Rice bowl", 20)
    await shop.sell(PRINT, "Art print", 0, presale=True)
    await shop.merchant.quota(PRINT, 10, key="ahead")
    sold = [await reserve(shop, "li", 3), await reserve(shop, "zhao", 2), await reserve(shop, "sun", 2, PRINT)]
    for reservation in sold:
        await shop.merchant.confirm(reservation, reference=f"pay {reservation}")
    await shop.merchant.ship(sold[0], 1, key="parcel 1")
    await reserve(shop, "qian", 1)
    await shop.merchant.pay(await reserve(shop, "wu", 4))
    await shop.merchant.change_room(ROOM, status="ended")
    for reservation, units in ((sold[0], 1), (sold[1], 2)):
        await ask_refund(shop, reservation, units)
    return sold[0], sold[1]


async def open_after(shop: LiveShop, visit: Visit, user: str = "wang", **look: Any) -> Visitor:
    address = f"{shop.url}/console#token={shop.token('operator', user)}"
    visitor = await visit(address, **look)
    await visitor.page.locator(".console-views a[href$='/after']").click()
    return visitor


def row_of(page: Page, table: str, title: str) -> Any:
    region = page.get_by_role("region", name=table, exact=True).locator("table")
    return region.get_by_role("row").filter(has=page.get_by_role("rowheader", name=title))


async def cells(row: Any) -> list[str]:
    return [text.strip() for text in await row.locator("td").all_inner_texts()]


@pytest.mark.parametrize(("scheme", "locale", "language"), LOOKS)
async def test_a_show_is_looked_at_counted_and_settled(
    open_shop: OpenShop, visit: Visit, scheme: str, locale: str, language: str
) -> None:
    shop, words = await open_shop(units=50), Words(language)
    first, second = await evening(shop)
    operator = await open_after(shop, visit, color_scheme=scheme, locale=locale)
    page = operator.page
    mug = row_of(page, words("after.differences"), TITLE)
    await expect(mug).to_contain_text(words("after.not_counted"))
    assert (await cells(mug))[1:5] == ["5", "0", "1", "4"]
    assert await cells(row_of(page, words("after.pending"), TITLE)) == ["1", "4", "0"]
    assert await cells(row_of(page, words("after.presale"), "Art print")) == ["2", "2", "0", "2", "0", "0", "0"]
    found = [*await violations("after a show", operator)]
    await keep(operator, f"after-{language}")

    await _count(shop, page, words, language)
    await expect(mug).to_contain_text(words("counts.reason.lost"))
    assert (await cells(mug))[5:7] == ["47", "−2"]
    await expect(mug).to_contain_text(words("after.signed", who="li"))
    await expect(page.get_by_role("row").nth(1)).to_contain_text(TITLE)

    refunds = page.get_by_role("region", name=words("after.refunds"), exact=True)
    await expect(refunds.locator("li")).to_have_count(2)
    await expect(refunds.locator("li").first).to_contain_text(first)
    await refunds.get_by_role("button", name=words("after.decide.of", order=second)).click()
    await page.get_by_label(words("after.decide.way")).select_option("without")
    await page.get_by_label(words("after.without.amount", currency="CNY")).fill("12.5x")
    await expect(refunds).to_contain_text(words("after.without.amount_fault"))
    await page.get_by_label(words("after.without.amount", currency="CNY")).fill("12.50")
    says = "after.without.says_money_other"
    await expect(refunds).to_contain_text(words.like(says, units=2, title=TITLE))
    found += await violations("a refund", operator)
    await keep(operator, f"after-refund-{language}")
    await refunds.get_by_role("button", name=words("after.without"), exact=True).click()
    await refunds.get_by_role("button", name=words("do.really", label=words("after.without"))).click()
    await expect(refunds.locator("li")).to_have_count(1)
    without = row_of(page, words("after.without_goods"), TITLE)
    await expect(without.locator("td").nth(1)).to_have_text("2")
    reservation = await shop.merchant.reservation(second)
    assert reservation is not None
    assert reservation["refunded_minor"] == 1_250

    await refunds.get_by_role("button", name=words("after.decide.of", order=first)).click()
    await refunds.get_by_role("button", name=words("after.unsent"), exact=True).click()
    await refunds.get_by_role("button", name=words("do.really", label=words("after.unsent"))).click()
    await expect(refunds).to_contain_text(words("after.refunds.none"))
    assert (await cells(mug))[1:5] == ["4", "1", "1", "3"]
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await page.evaluate(_STICKING_OUT) == []
    await keep(operator, f"after-phone-{language}")
    assert not found, "\n".join(found)


async def _count(shop: LiveShop, page: Page, words: Words, language: str) -> None:
    """One press opens the count of the room; two are missing of what the book has, and somebody says why and signs."""
    key = "after.count.says_other"
    await expect(page.get_by_text(words.like(key, shown=3, room=ROOM))).to_be_visible()
    await page.get_by_role("button", name=words("after.count"), exact=True).click()
    await expect(page.locator(".counts-tabs a[href$='/counts']")).to_have_attribute("aria-current", "page")
    async with Merchant(shop.url, shop.token("operator", "li"), POOL) as li:
        [count] = await li.counts()
        assert (count["kind"], count["room"], count["rows"], count["blind"]) == ("after", ROOM, 3, True)
        await li.save_line(count["count"], SKU, 47)
        await page.locator(".console-views a[href$='/after']").click()
        await expect(page.get_by_role("link", name=words("after.count.open"))).to_be_visible()
        await expect(row_of(page, words("after.differences"), TITLE)).to_contain_text(words("after.open.counting"))
        await li.close_count(count["count"])
        await expect(row_of(page, words("after.differences"), TITLE)).to_contain_text(words("after.open.review"))
        await li.give_reasons(count["count"], [{"sku": SKU, "reason": "lost"}])
        found = await li.counted(count["count"])
        assert found is not None
        await li.apply_count(count["count"], found["revision"])
