"""What somebody enters on a count sheet of the console: with a scanner, without a server, from a file."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from pathlib import Path

from pages.conftest import Visit, session_loop_fixture
from pages.counting import (
    BARCODES,
    BOWL,
    HANDHELD,
    REFUSED,
    SHIRT,
    Counter,
    desk_of,
    opened_count,
    operator,
    phone_of,
    put_aside,
    shop_to_count,
)
from pages.hands import Mouse
from pages.live_shop import SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import SERVER_AWAY
from pages.words import Words
from playwright.async_api import expect


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """All tests of this file share it."""
    async with shop_to_count() as opened:
        yield opened


async def test_a_scanner_goes_from_one_sku_to_the_next(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    count = await opened_count(shop, *BARCODES)
    visitor = await phone_of(visit, shop, "scanner")
    counter = Counter(visitor.page, words)
    await counter.open(words("counts.name", kind=words("counts.kind.spot"), of="3 SKUs"))
    # Wherever the focus is: on a button, say.
    await visitor.page.get_by_role("button", name=TITLE).focus()
    await counter.scan(BARCODES[SKU])
    await expect(counter.good).to_be_focused()
    await visitor.page.keyboard.type("7")
    # The next one is scanned into the field of units: no number of units, but the next SKU.
    await counter.scan(BARCODES[BOWL[0]])
    await expect(visitor.page.get_by_role("heading", name=BOWL[1])).to_be_visible()
    await expect(counter.good).to_have_value("")
    await visitor.page.keyboard.type("5")
    await visitor.page.keyboard.press("Enter")
    await expect(counter.search).to_be_focused()
    await counter.scan("4000000000000")
    await expect(visitor.page.locator(".said-here")).to_have_text(words("counts.search.none", text="4000000000000"))
    await counter.search.fill("")
    done = visitor.page.get_by_role("region", name=words("counts.group.done_other", shown=2))
    await expect(done.get_by_role("button", name=TITLE)).to_contain_text("7")
    await expect(done.get_by_role("button", name=BOWL[1])).to_contain_text("5")

    # A line is mended, a second place is counted, a line is dropped.
    await done.get_by_role("button", name=BOWL[1]).click()
    await visitor.page.get_by_role("button", name=words.like("counts.mend.of", title=BOWL[1])).click()
    await expect(counter.good).to_have_value("5")
    await counter.found(6)
    await done.get_by_role("button", name=BOWL[1]).click()
    await visitor.page.get_by_role("button", name=words("counts.another")).click()
    await visitor.page.get_by_label(words("counts.zone"), exact=True).fill("Rack 9")
    await counter.found(4)
    await expect(done.get_by_role("button", name=BOWL[1])).to_contain_text("10")
    await done.get_by_role("button", name=TITLE).click()
    await visitor.page.get_by_role("button", name=words.like("counts.drop.of", title=TITLE)).click()
    await expect(visitor.page.get_by_role("button", name=words("counts.begin"), exact=True)).to_be_visible()
    async with operator(shop, "li") as li:
        bowls = await li.count_row(count, BOWL[0])
        assert bowls is not None
        # Blind: an operator is not told either.
        assert (bowls["counted"], bowls["lines"]) == (None, [])
        await li.close_count(count)
        bowls = await li.count_row(count, BOWL[0])
        assert bowls is not None
        assert sorted((line["zone"], line["good"]) for line in bowls["lines"]) == [("A1", 6), ("Rack 9", 4)]
        assert (await li.counts())[0]["counted_rows"] == 1
    await put_aside(shop, count)


async def test_what_is_typed_outlasts_a_server_that_goes_away_and_a_page_that_is_loaded_anew(
    shop: LiveShop, visit: Visit
) -> None:
    words = Words("en")
    count = await opened_count(shop, SKU)
    visitor = await phone_of(visit, shop, "offline", may_fail=(*SERVER_AWAY, *REFUSED))
    page, counter = visitor.page, Counter(visitor.page, words)
    title = words("counts.name", kind=words("counts.kind.spot"), of="1 SKU")
    await counter.open(title)
    await counter.begin(TITLE)
    await counter.good.fill("41")
    await shop.server.kill()
    await counter.bad.fill("1")
    await counter.save.click()
    await expect(page.get_by_text(words("counts.not_saved"))).to_be_visible()
    await expect(page.get_by_text(words("counts.offline"))).to_have_count(1)
    assert not await violations("without a server", visitor)
    await page.get_by_role("button", name=words("counts.later"), exact=True).click()
    unsaved = page.get_by_role("region", name=words("counts.group.unsaved_one", shown=1))
    await expect(unsaved.get_by_role("button", name=TITLE)).to_be_visible()
    await shop.server.start()
    await page.reload()
    await expect(unsaved.get_by_role("button", name=TITLE)).to_be_visible()
    await unsaved.get_by_role("button", name=TITLE).click()
    await expect(counter.good).to_have_value("41")
    await expect(counter.bad).to_have_value("1")
    await page.get_by_role("button", name=words("counts.later"), exact=True).click()
    await unsaved.get_by_role("button", name=words("counts.save_all"), exact=True).click()
    await expect(unsaved).to_have_count(0)
    async with operator(shop, "li") as li:
        await li.close_count(count)
        row = await li.count_row(count, SKU)
        assert row is not None
        assert [(line["good"], line["bad"], line["open"]) for line in row["lines"]] == [(41, 1, False)]
    # What was typed when the counting was over is kept, and told.
    await put_aside(shop, count)


async def test_a_sheet_goes_out_as_a_file_and_comes_back_filled_in(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    words = Words("en")
    count = await opened_count(shop, SKU, SHIRT[0])
    desk = await desk_of(visit, shop, "files")
    page = desk.page
    await page.get_by_role("link", name=words("counts.name", kind=words("counts.kind.spot"), of="2 SKUs")).click()
    await page.get_by_role("button", name=words("counts.face.file"), exact=True).click()
    for kind in ("csv", "xlsx"):
        async with page.expect_download() as saved:
            await page.get_by_role("button", name=words(f"counts.file.{kind}"), exact=True).click()
        download = await saved.value
        assert download.suggested_filename == f"{count}.{kind}"
        await download.save_as(tmp_path / f"sheet.{kind}")
    assert (tmp_path / "sheet.xlsx").read_bytes().startswith(b"PK")
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["sku"] for row in rows} == {SKU, SHIRT[0]}
    for row in rows:
        row["good"] = "many" if row["sku"] == SKU else "12"
    filled = tmp_path / "filled.csv"
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    choose = page.get_by_role("button", name=words("counts.file.choose"), exact=True)
    await Mouse(page).give_file(page.locator(".drop"), choose, filled)
    result = page.get_by_role("region", name=words("counts.file.saved_one", shown=1))
    await expect(result.get_by_role("rowheader")).to_have_text([SKU])
    await expect(result.get_by_role("row").last).to_contain_text("many")
    assert not await violations("a file with a fault", desk)
    async with operator(shop, "li") as li:
        assert (await li.counts())[0]["counted_rows"] == 1
    await put_aside(shop, count)


async def test_an_account_for_one_pool_counts_there_and_is_told_of_nothing_else(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    async with operator(shop, "li") as li:
        await li.define_account("dora", "counter", password="eight letters", pools=["main"])
    count = await opened_count(shop, SKU)
    visitor = await visit(f"{shop.url}/console?lang=en", may_fail=REFUSED, **HANDHELD)
    page = visitor.page
    await page.get_by_label(words("login.name"), exact=True).fill("dora")
    await page.get_by_label(words("login.password"), exact=True).fill("eight letters")
    await page.keyboard.press("Enter")
    counter = Counter(page, words)
    await counter.open(words("counts.name", kind=words("counts.kind.spot"), of="1 SKU"))
    await counter.begin(TITLE)
    await counter.good.fill("3")
    # The session ends; what is typed stays, and is saved after a login.
    async with operator(shop, "li") as li:
        await li.define_account("dora", "counter", password="other letters", pools=["main"])
        dialog = page.get_by_role("dialog", name=words("login.title"))
        await dialog.get_by_label(words("login.password"), exact=True).fill("other letters")
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await expect(counter.good).to_have_value("3")
        await counter.save.click()
        await expect(counter.search).to_be_visible()
        await li.close_count(count)
        row = await li.count_row(count, SKU)
    assert row is not None
    assert [(line["by"], line["good"]) for line in row["lines"]] == [("dora", 3)]
    await put_aside(shop, count)
