"""The console's imports of counts and of another platform's orders: looked at first, in units and by channel."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.test_console_ledger import LOOKS, keep, open_console
from pages.words import Words
from playwright.async_api import Page, expect

DOUYIN = "douyin"
PLATFORM = 10
"""Mugs that the other platform's channel has."""


async def send(page: Page, words: Words, kind: str, file: Path) -> None:
    """Choose what the file is about, and drop it."""
    await page.get_by_label(words("before.import.about")).select_option(kind)
    if kind == "orders":
        await page.get_by_label(words("before.import.channel")).select_option(DOUYIN)
    await page.locator(".drop input[type=file]").set_input_files(file)


async def open_imports(shop: LiveShop, visit: Visit, **look: Any) -> Any:
    visitor = await open_console(shop, visit, "before", **look)
    await expect(visitor.page.locator(".drop")).to_be_visible()
    return visitor


@pytest.mark.parametrize(("scheme", "locale", "language"), LOOKS)
async def test_orders_of_a_platform_say_what_they_take_of_its_channel_before_they_are_booked(
    open_shop: OpenShop, visit: Visit, tmp_path: Path, scheme: str, locale: str, language: str
) -> None:
    shop, words = await open_shop(units=50), Words(language)
    await shop.merchant.define_channel(DOUYIN, kind="dedicated", title="Douyin shop")
    await shop.merchant.allocate(SKU, PLATFORM, source="pool", target=f"channel:{DOUYIN}", key="ten")
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d} 09:00"
    lines = ("订单号,商品编码,数量,付款时间,实付金额,订单状态", f"A-1,{SKU},2,{today},99.80,已付款",
             f"A-2,{SKU},9,{today},449.10,已发货", f"A-3,{SKU},1,,,待付款")  # fmt: skip
    file = tmp_path / "orders.csv"
    file.write_bytes("\n".join(lines).encode("gb18030"))
    visitor = await open_imports(shop, visit, color_scheme=scheme, locale=locale)
    page = visitor.page
    await send(page, words, "orders", file)
    says = words("before.import.orders.does_other", orders=2, channel=DOUYIN, units=11, stock=PLATFORM)
    await expect(page.get_by_text(says)).to_be_visible()
    short = page.get_by_role("region", name=words("before.import.orders.short"))
    assert await short.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == ["11", str(PLATFORM)]
    found = await violations("orders", visitor)
    await keep(visitor, f"import-orders-{language}")
    await page.get_by_role("button", name=words("before.import.apply"), exact=True).click()
    await expect(page.get_by_text(words("before.import.state.applied"), exact=True)).to_be_visible()
    buckets = await shop.merchant.sku_buckets(SKU)
    assert buckets.get(f"channel:{DOUYIN}", 0) == 0
    assert not found, "\n".join(found)


async def test_a_file_that_is_taken_for_something_else_says_what_it_was_taken_for(
    open_shop: OpenShop, visit: Visit, tmp_path: Path
) -> None:
    shop, words = await open_shop(units=50), Words("zh")
    await shop.merchant.define_channel(DOUYIN, kind="dedicated")
    file = tmp_path / "catalogue.csv"
    file.write_text(f"sku,title,price,opening\n{SKU},{TITLE},49.90,50\n", encoding="utf-8")
    page = (await open_imports(shop, visit, locale="zh-CN")).page
    await send(page, words, "orders", file)
    fault = page.get_by_role("alert").filter(has_text=words("before.import.failed"))
    columns = words("before.unread.no_column", a="order, qty, paid_at", b="sku, title, price, opening")
    await expect(fault).to_contain_text(columns)
    await expect(fault).to_contain_text(words("before.import.taken_for", about=words("before.import.about.orders")))


async def test_counts_from_a_file_fill_a_sheet_and_move_nothing(
    open_shop: OpenShop, visit: Visit, tmp_path: Path
) -> None:
    shop, words = await open_shop(units=50), Words("en")
    await shop.sell("BOWL", "Rice bowl", 7)
    file = tmp_path / "counts.csv"
    file.write_text(f"sku,good,bad,note\n{SKU},47,1,shelf 3\nBOWL,,,\nCUP,3,0,\n", encoding="utf-8")
    visitor = await open_imports(shop, visit)
    page = visitor.page
    await send(page, words, "counts", file)
    await expect(page.get_by_text(words("before.import.counts.does_one", rows=1))).to_be_visible()
    lines = page.get_by_role("region", name=words("before.import.counts.lines"))
    assert await lines.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == ["2", "", "47", "1", ""]
    await expect(lines.get_by_role("rowheader", name=TITLE)).to_be_visible()
    faults = page.get_by_role("region", name=words("before.import.faults"))
    await expect(faults).to_contain_text(words("before.fault.no_sku"))
    found = await violations("counts", visitor)
    await page.get_by_role("button", name=words("before.import.apply"), exact=True).click()
    await page.get_by_role("link", name=words("before.import.to_count")).click()
    await expect(page.locator(".counts")).to_contain_text(TITLE)
    assert await shop.available() == 50
    assert not found, "\n".join(found)
