"""Counting on the console: by phone while it sells, blind, or by keyboard alone; then signed by two, and applied."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.counting import (
    BARCODES,
    BOWL,
    BOWLS,
    LOOKS,
    MUGS,
    SHIRT,
    Answers,
    Counter,
    desk_of,
    on_hand,
    opened_count,
    operator,
    put_aside,
    selling,
    shop_to_count,
)
from pages.counting_evening import Evening
from pages.hands import Keyboard
from pages.live_shop import POOL, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.words import Words
from playwright.async_api import expect
from shelfcast_client import ServerRefused
from shelfcast_client.merchant import Merchant


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """All tests of this file share it."""
    async with shop_to_count() as opened:
        yield opened


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
async def test_people_count_blind_while_it_sells_and_two_sign_what_differs(
    shop: LiveShop, visit: Visit, language: str, scheme: str
) -> None:
    """Of the mugs 3 are gone and 2 are broken; 12 bowls more are there than the book has; the shirts are right, but a
    parcel leaves while they are counted."""
    evening = Evening(shop, visit, language, scheme)
    li = await evening.desk("li")
    there = {sku: await on_hand(shop, sku) for sku in BARCODES}
    there[SKU] -= 3
    there[BOWL[0]] += 12
    await evening.judge("no count", li)
    async with selling(shop, *BARCODES) as bought:
        told = Answers(li.page)
        await evening.made(li)
        (phone, anna), (_, ben) = await evening.phone("anna"), await evening.phone("ben")
        await evening.judge("the list of a phone", phone)
        await evening.counted_while_a_parcel_leaves(phone, anna, there[SHIRT[0]])
        await ben.begin(BOWL[1])
        await ben.found(there[BOWL[0]] - 1)
        await anna.begin(TITLE)
        await anna.found(there[SKU] - 2, bad=2)
        for counter in (anna, ben):
            assert not await counter.answers.figures()
            shown = await counter.page.locator("body").inner_text()
            # The shirts are as many as Anna has typed herself.
            assert not re.search(rf"(?<!\d)({MUGS}|{BOWLS})(?!\d)", shown.replace(",", ""))
        await evening.closed(li)
        # What those who count blind are not told is told to an operator by now: it would have been found.
        assert await told.figures()
        await evening.recounted(ben, there[BOWL[0]])
        await evening.reasoned_and_signed(li)
        await evening.applied(await evening.desk("wang"))
        for counter in (anna, ben):
            assert not await counter.answers.figures()
        assert next(bought) > 0, "nothing was sold while people counted"
    assert not evening.found, "\n".join(evening.found)
    there[SHIRT[0]] -= 2
    assert {sku: await on_hand(shop, sku) for sku in BARCODES} == there
    assert (await shop.merchant.sku_buckets(SKU))["unsellable"] == 2
    await shop.assert_sound()
    # The next time the broken ones are known.
    await shop.merchant.write_off(SKU, 2, source="unsellable", key=f"broken-{language}", reason="broken")


async def test_closing_says_who_counts_still_and_goes_on_when_pressed_again(shop: LiveShop, visit: Visit) -> None:
    words = Words("en")
    count = await opened_count(shop, SKU)
    desk = await desk_of(visit, shop, "closes", may_fail=("a status of 409",))
    page = desk.page
    await page.get_by_role("link", name=words("counts.name", kind=words("counts.kind.spot"), of="1 SKU")).click()
    await page.get_by_role("button", name=words("counts.face.review"), exact=True).click()
    async with Merchant(shop.url, shop.token("counter", "ben"), POOL) as ben:
        await ben.open_line(count, SKU, zone="B1")
    await expect(page.get_by_text(words("counts.do.close.open_one", shown=1))).to_be_visible()
    await page.get_by_role("button", name=words("counts.do.close"), exact=True).click()
    anyway = page.get_by_role("button", name=words("counts.do.close.anyway"), exact=True)
    await expect(anyway).to_be_visible()
    await expect(page.get_by_text(words("counts.refused.lead.BAD_MESSAGE.open_lines")).first).to_be_visible()
    async with operator(shop, "li") as li:
        assert [one["state"] for one in await li.counts() if one["count"] == count] == ["counting"]
    await anyway.click()
    await expect(page.get_by_role("button", name=words("counts.do.reopen"), exact=True)).to_be_visible()
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


async def _refused(who: Any, sku: str, units: int) -> str:
    try:
        await who.write_off(sku, units, reason="soaked")
    except ServerRefused as refusal:
        return str(refusal.code)
    return ""
