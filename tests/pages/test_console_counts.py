"""Counting on the console: by phone while everything sells, blind, with a scanner or by keyboard alone; then looked at,
signed by two, and applied."""

from __future__ import annotations

import csv
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from conftest import TOKEN_SECRET
from pages.conftest import Visit, session_loop_fixture
from pages.counting import Answers, Counter, on_hand, operator, parcel, selling
from pages.hands import Keyboard, Mouse
from pages.live_shop import ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import DESK, PHONE, SERVER_AWAY, Visitor
from pages.words import Words
from playwright.async_api import Page, expect
from shelfcast.settings import Settings
from shelfcast_client import ServerRefused

HANDHELD: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
LOOKS = [("en", "light"), ("zh", "dark")]
TARGET_MIN_PX = 44
REFUSED = ("a status of 401", "a status of 409", "a status of 403")

# Numbers that stand nowhere but in the book: on a page of somebody who counts blind each would be told by it.
MUGS, BOWLS, SHIRTS = 1_237, 431, 688
BOWL, SHIRT = ("BOWL-02", "Stoneware bowl"), ("SHIRT-03", "Thermal shirt")
BARCODES = {SKU: "6901234567892", BOWL[0]: "6901234567908", SHIRT[0]: "6901234567915"}

_SMALL_TARGETS = """least => [...document.querySelectorAll(
    "main button, main a, main input:not([type=checkbox], [type=file]), main select, main summary")]
  .filter(each => each.checkVisibility())
  .map(each => [each.getBoundingClientRect().height, each.textContent.trim() || each.id])
  .filter(([height]) => height < least)"""


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """A room on air; all tests of this file share it."""
    folder = tempfile.mkdtemp(prefix="shelfcast-")
    settings = Settings(
        key_prefix=f"t{secrets.token_hex(6)}",
        data_dir=str(Path(folder) / "data"),
        port=0,
        token_secret=TOKEN_SECRET,
        engine_call_timeout_ms=5_000,
    )
    opened = LiveShop(settings)
    try:
        await opened.open(units=MUGS)
        await opened.sell(*BOWL, BOWLS)
        await opened.sell(*SHIRT, SHIRTS)
        await opened.merchant.catalogue(
            [{"sku": sku, "barcode": barcode, "zone": "A1"} for sku, barcode in BARCODES.items()], key="barcodes"
        )
        yield opened
        await opened.assert_sound()
    finally:
        await opened.close()
        shutil.rmtree(folder)


async def phone_of(visit: Visit, shop: LiveShop, user: str, language: str = "en", **options: Any) -> Visitor:
    """The phone of somebody who counts, at the list of counts."""
    link = f"{shop.url}/console?lang={language}#token={shop.token('counter', user)}"
    visitor: Visitor = await visit(link, **HANDHELD | options)
    words = Words(language)
    pool = visitor.page.get_by_label(words("counts.pool.name"))
    await pool.fill("main")
    await pool.press("Enter")
    await expect(visitor.page.get_by_role("navigation", name=words("counts.parts"))).to_be_visible()
    return visitor


async def desk_of(visit: Visit, shop: LiveShop, user: str, language: str = "en", **options: Any) -> Visitor:
    """The console of an operator, at the counts."""
    link = f"{shop.url}/console?lang={language}#token={shop.token('operator', user)}"
    visitor: Visitor = await visit(link, **{"viewport": DESK} | options)
    words = Words(language)
    await visitor.page.get_by_role("link", name=words("shell.view.counts"), exact=True).click()
    await expect(visitor.page.get_by_role("button", name=words("counts.new"), exact=True)).to_be_visible()
    return visitor


async def opened_count(shop: LiveShop, *skus: str, **more: Any) -> str:
    """A spot check of these SKUs, made by somebody else; returns its id."""
    async with operator(shop, "made") as made_by:
        made = await made_by.open_count("spot", skus=list(skus), **more)
    return made["count"]["count"]


async def put_aside(shop: LiveShop, count: str) -> None:
    async with operator(shop, "made") as made_by:
        await made_by.cancel_count(count)


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_people_count_blind_while_it_sells_and_two_sign_what_differs(
    shop: LiveShop, visit: Visit, language: str, scheme: str
) -> None:
    """Three people count with phones, two sign at desks. Of the mugs 3 are gone and 2 are broken; 12 bowls more are
    there than the book has; the shirts are right, but a parcel leaves while they are counted."""
    words, look = Words(language), {"color_scheme": scheme}
    li = await desk_of(visit, shop, f"li-{language}", language, **look)
    there = {sku: await on_hand(shop, sku) for sku in BARCODES}
    there[SKU] -= 3
    there[BOWL[0]] += 12
    title = words("counts.name", kind=words("counts.kind.before"), of=words("counts.of.room", name=ROOM))
    found = await violations("no count", li)
    async with selling(shop, *BARCODES) as bought:
        page, looks = li.page, Answers(li.page)
        await page.get_by_role("button", name=words("counts.new"), exact=True).click()
        found += await violations("a new count", li)
        await page.get_by_role("button", name=words("counts.make.do"), exact=True).click()
        await expect(page.get_by_role("heading", name=title)).to_be_visible()

        visitors = [await phone_of(visit, shop, f"{who}-{language}", language, **look) for who in ("anna", "ben")]
        anna, ben = (Counter(visitor.page, words) for visitor in visitors)
        answers = [Answers(visitor.page) for visitor in visitors]
        for counter in (anna, ben):
            await counter.open(title)
        found += await violations("the list of a phone", visitors[0])
        await anna.begin(SHIRT[1])
        found += await violations("a line of a phone", visitors[0])
        assert not await anna.page.evaluate(_SMALL_TARGETS, TARGET_MIN_PX)
        await parcel(shop, SHIRT[0], 2, f"SF-{language}")
        await anna.found(there[SHIRT[0]])
        question = anna.page.get_by_role("group", name=words.like("counts.question.left.ship.named_other", shown="2"))
        await expect(question).to_contain_text(f"SF-{language}")
        found += await violations("a question", visitors[0])
        await question.get_by_role("button", name=words("counts.question.all_other", shown=2)).click()
        await expect(question).to_have_count(0)
        await ben.begin(BOWL[1])
        await ben.found(there[BOWL[0]] - 1)
        await anna.begin(TITLE)
        await anna.found(there[SKU] - 2, bad=2)
        for counter, answer in zip((anna, ben), answers, strict=True):
            assert not await answer.figures()
            shown = await counter.page.locator("body").inner_text()
            # The shirts are as many as anna has typed herself.
            assert not re.search(rf"(?<!\d)({MUGS}|{BOWLS})(?!\d)", shown.replace(",", ""))

        await page.get_by_role("button", name=words("counts.face.review"), exact=True).click()
        await expect(page.get_by_text(words("counts.review.hidden"))).to_be_visible()
        await page.get_by_role("button", name=words("counts.do.close"), exact=True).click()
        bowls = page.get_by_role("row").filter(has=page.get_by_text(BOWL[0], exact=True))
        await expect(bowls).to_contain_text("+11")
        await expect(bowls).to_contain_text(words("counts.status.recount"))
        found += await violations("differences", li)
        # What is not told to those who count blind would have been found there: it is here.
        assert await looks.figures()

        chen = Counter((await phone_of(visit, shop, f"chen-{language}", language, **look)).page, words)
        await chen.open(title)
        await expect(chen.page.get_by_role("button", name=BOWL[1])).to_contain_text(words("counts.recount"))
        await chen.scan(BARCODES[BOWL[0]])
        await expect(chen.good).to_be_focused()
        await chen.found(there[BOWL[0]])
        # Ben has counted them in the first round: they are nothing for him.
        await expect(ben.page.get_by_role("button", name=BOWL[1])).to_be_visible()

        await expect(bowls).to_contain_text("+12")
        mugs = page.get_by_role("row").filter(has=page.get_by_text(SKU, exact=True))
        await expect(mugs).to_contain_text("−3")
        await expect(page.get_by_role("row").filter(has=page.get_by_text(SHIRT[0], exact=True))).to_have_count(0)
        for row, reason in ((bowls, "found"), (mugs, "lost")):
            await row.get_by_role("combobox").select_option(reason)
            await expect(row).to_contain_text(words("counts.status.ready"))
        signing = page.get_by_role("region", name=words("counts.signing"))
        await expect(signing.locator(".perform-says")).to_contain_text("12")
        await signing.get_by_role("button", name=words("counts.do.sign"), exact=True).click()
        await expect(signing).to_contain_text(words("counts.signing.wait"))
        found += await violations("signed by one", li)

        wang = await desk_of(visit, shop, f"wang-{language}", language, **look)
        await wang.page.get_by_role("link", name=title).click()
        signing = wang.page.get_by_role("region", name=words("counts.signing"))
        says = signing.locator(".perform-says")
        for effect, units in (("lost.pool", 3), ("gained", 12), ("to_unsellable", 2)):
            await expect(says).to_contain_text(words(f"counts.effect.{effect}", units=units))
        apply = words("counts.do.apply")
        await signing.get_by_role("button", name=apply, exact=True).click()
        await expect(says).to_contain_text(words("do.final"))
        found += await violations("asked once more", wang)
        await wang.look()
        await signing.get_by_role("button", name=words("do.really", label=apply), exact=True).click()
        result = words("counts.result", gained=12, lost=3, short=0)
        await expect(wang.page.get_by_text(result)).to_be_visible()
        await expect(page.get_by_text(result)).to_be_visible()
        found += await violations("applied", wang)
        assert next(bought) > 20, "nothing was sold while people counted"
    assert not found, "\n".join(found)
    there[SHIRT[0]] -= 2
    assert {sku: await on_hand(shop, sku) for sku in BARCODES} == there
    assert (await shop.merchant.sku_buckets(SKU))["unsellable"] == 2
    await shop.assert_sound()
    # The next time the broken ones are known.
    await shop.merchant.write_off(SKU, 2, source="unsellable", key=f"broken-{language}", reason="broken")


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
        assert (await li.counted(count) or {})["counted_rows"] == 1
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


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_a_keyboard_is_enough_to_make_a_count_to_count_and_to_apply(
    shop: LiveShop, visit: Visit, language: str, scheme: str
) -> None:
    words = Words(language)
    desk = await desk_of(visit, shop, f"keys-{language}", language, color_scheme=scheme)
    page, hands = desk.page, Keyboard(desk.page)
    before = await on_hand(shop, BOWL[0])
    await hands.press(page.get_by_role("button", name=words("counts.new"), exact=True))
    await hands.choose(page.get_by_label(words("counts.make.what")), words("counts.make.what.skus"))
    await hands.write(page.get_by_label(words("counts.make.skus"), exact=True), BOWL[0])
    await hands.press(page.get_by_label(words("counts.make.blind"), exact=True))
    await hands.press(page.get_by_role("button", name=words("counts.make.do"), exact=True))
    counter = Counter(page, words)
    await hands.write(counter.search, BARCODES[BOWL[0]])
    await page.keyboard.press("Enter")
    await expect(counter.good).to_be_focused()
    await page.keyboard.type(str(before - 1))
    await page.keyboard.press("Enter")
    await expect(counter.search).to_be_focused()
    await hands.press(page.get_by_role("button", name=words("counts.face.review"), exact=True))
    await hands.press(page.get_by_role("button", name=words("counts.do.close"), exact=True))
    row = page.get_by_role("row").filter(has=page.get_by_text(BOWL[0], exact=True))
    await expect(row).to_contain_text("−1")
    # For many at once.
    await hands.press(row.get_by_role("checkbox"))
    one = "counts.bulk_one" if language == "en" else "counts.bulk_other"
    bulk = page.get_by_role("region", name=words(one, count=1))
    await hands.choose(bulk.get_by_label(words("counts.column.reason")), words("counts.reason.other"))
    await hands.press(bulk.get_by_role("button", name=words("counts.bulk.reason"), exact=True))
    await expect(bulk.get_by_role("alert")).to_have_text(words("counts.reason.note_needed"))
    assert not await violations("several at once", desk)
    await hands.write(bulk.get_by_label(words("counts.note"), exact=True), "given away")
    await hands.press(bulk.get_by_role("button", name=words("counts.bulk.reason"), exact=True))
    await expect(row).to_contain_text(words("counts.status.ready"))
    apply = words("counts.do.apply")
    await hands.press(page.get_by_role("button", name=apply, exact=True))
    await desk.look()
    await hands.press(page.get_by_role("button", name=words("do.really", label=apply), exact=True))
    await expect(page.get_by_text(words("counts.result", gained=0, lost=1, short=0))).to_be_visible()
    assert await on_hand(shop, BOWL[0]) == before - 1


async def test_a_move_above_the_threshold_stands_as_a_draft_that_another_person_applies(
    shop: LiveShop, visit: Visit
) -> None:
    words = Words("en")
    async with operator(shop, "li") as li:
        await li.change_pool(sign_over_units=10)
        before = await on_hand(shop, SHIRT[0])
        refused = await _refused(li, SHIRT[0], 30)
        assert refused == "NEEDS_APPROVAL"
        assert await on_hand(shop, SHIRT[0]) == before
    wang = await desk_of(visit, shop, "wang-draft")
    await wang.page.get_by_role("link", name=words("counts.kind.draft")).click()
    told = words.like("counts.draft.write_off_other", shown=30, title=SHIRT[1], most=10)
    await expect(wang.page.get_by_text(told)).to_be_visible()
    assert not await violations("a draft", wang)
    async with operator(shop, "li") as li:
        [draft] = [each for each in await li.counts() if each["kind"] == "draft"]
        await li.cancel_count(draft["count"])
    await expect(wang.page.get_by_text(words("counts.state.cancelled"), exact=True)).to_be_visible()


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
    assert not await phones[0][0].page.evaluate(_SMALL_TARGETS, TARGET_MIN_PX)
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
    async with operator(shop, "li") as li:
        await li.change_pool(receipts_by_two=False)


async def _entered(page: Page, words: Words, sku: str, units: int) -> None:
    """One line, as a scanner and a thumb make it."""
    await page.get_by_label(words("counts.search"), exact=True).fill(sku)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(words("counts.good"), exact=True)).to_be_focused()
    await page.keyboard.type(str(units))
    await page.keyboard.press("Enter")
    await expect(page.locator(".lines").get_by_text(f"{units} good")).to_be_visible()


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
        assert (await li.counted(count) or {})["counted_rows"] == 1
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
        await counter.save.click()
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


async def _refused(who: Any, sku: str, units: int) -> str:
    try:
        await who.write_off(sku, units, reason="soaked")
    except ServerRefused as refusal:
        return str(refusal.code)
    return ""
