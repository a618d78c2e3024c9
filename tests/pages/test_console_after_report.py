"""The console's view After: a finished show's report, its files, what is decided, and the show minute by minute."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from pages.conftest import OpenShop, Visit, session_loop_fixture
from pages.finished_show import BOWL, EXPECTED, LAMP, SCARF, SHOW, buy, finish_show, report_of
from pages.live_shop import POOL, ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.test_console_ledger import LOOKS, keep
from pages.visitor import PHONE, Visitor
from pages.words import Words
from playwright.async_api import Locator, Page, expect
from shelfcast.settings import Settings
from shelfcast_client import ServerRefused
from shelfcast_client.merchant import Merchant
from waiting import WAIT_S

WORDS = Words("en")
DAYS = 32
"""After so many days without a sale something is slow."""
NOT_YET = ("a status of 404",)
"""What the browser writes of a report that is asked for before it is written."""
_STICKING_OUT = """() => [...document.querySelectorAll('.after *')]
  .filter(each => !each.closest('.scroll, .big-scroll, .chart-table, .bars-table, .visually-hidden'))
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => `${each.tagName}.${each.className}`)"""


@session_loop_fixture(scope="module")
async def shop(short_folder: Path) -> AsyncIterator[LiveShop]:
    """A shop whose show has ended, for all of these, which change nothing that another one looks at."""
    settings = Settings(
        key_prefix=f"t{secrets.token_hex(6)}",
        data_dir=str(short_folder / secrets.token_hex(4)),
        port=0,
        token_secret=secrets.token_hex(24),
        engine_call_timeout_ms=5_000,
    )
    shop = LiveShop(settings)
    try:
        await shop.open(units=50, status="scheduled")
        await finish_show(shop)
        yield shop
        await shop.assert_sound()
    finally:
        await shop.close()


@session_loop_fixture(scope="module")
async def boss(shop: LiveShop) -> AsyncIterator[Merchant]:
    """An operator's hands, beside the pages."""
    async with Merchant(shop.url, shop.token("operator", "boss"), POOL) as merchant:
        yield merchant


async def open_part(shop: LiveShop, visit: Visit, part: str, language: str = "en", **look: Any) -> Visitor:
    """An operator's console at a part of the view After, by its address."""
    fragment = f"token={shop.token('operator', 'wang')}"
    visitor = await visit(f"{shop.url}/console?lang={language}#{fragment}", **look)
    await visitor.page.locator(".console-views a[href$='/after']").click()
    tab = visitor.page.locator(f".counts-tabs a[href$='/{part}']")
    await tab.click()
    await expect(tab).to_have_attribute("aria-current", "page")
    return visitor


def fact(page: Page, name: str, part: str = "totals") -> Locator:
    """A number of the report that has a name of its own."""
    return page.locator(f"[data-part='{part}'] [data-fact='{name}'] dd")


def row(page: Page, table: str, key: str) -> Locator:
    """A row of a table."""
    return page.get_by_role("table", name=table, exact=True).locator(f"[data-key='{key}']")


def cell(of: Locator, column: str) -> Locator:
    return of.locator(f"[data-column='{column}']")


@pytest.mark.parametrize(("scheme", "locale", "language"), LOOKS)
async def test_a_report_says_what_the_show_came_to_in_numbers_tables_and_charts(
    shop: LiveShop, boss: Merchant, visit: Visit, scheme: str, locale: str, language: str
) -> None:
    words = Words(language)
    report = await boss.report(SHOW)
    assert report is not None
    visitor = await open_part(shop, visit, "report", language, color_scheme=scheme, locale=locale)
    page = visitor.page
    state = page.get_by_role("region", name=words("after.report.state"))
    await expect(state).to_contain_text(words("after.state.provisional"))
    await expect(state).to_contain_text(words("after.report.waits_other", units=2))
    await expect(state).to_contain_text(report["checksum"][:12])
    for name, value in (("sold", "12"), ("orders", "3"), ("neither", "2"), ("sold_out", "1"), ("expected", "12")):
        await expect(fact(page, name)).to_have_text(value)
    await expect(fact(page, "error")).to_have_text("−4")
    await expect(fact(page, "lost")).to_have_text(words("after.lost.people_other", people=2, units=3))

    skus = words("after.part.skus")
    mug = row(page, skus, SKU)
    for column, value in (("sold", "8"), ("left", "42"), ("through", "16")):
        await expect(cell(mug, column)).to_contain_text(value)
    await page.get_by_label(words("after.skus.face")).select_option("demand")
    await expect(cell(row(page, skus, BOWL), "lost")).to_have_text(words("after.lost.people_other", people=2, units=3))
    await expect(cell(row(page, skus, SKU), "expected")).to_have_text(str(EXPECTED))
    # Of numbers the largest come first, and what has none last.
    table = page.get_by_role("table", name=skus, exact=True)
    await table.get_by_role("button", name=words("after.total.expected"), exact=True).click()
    await expect(table.locator(".big-row").first).to_have_attribute("data-key", SKU)

    identity = page.locator(".identity")
    assert re.sub(r"\s+", " ", await identity.inner_text()).count("93") == 2
    await expect(page.get_by_text(words("after.pool.holds"))).to_be_visible()
    chart = page.get_by_role("figure").filter(has_text=words("after.minutes"))
    await expect(chart.locator("canvas")).to_be_visible()
    await chart.get_by_role("button", name=words("after.chart.table")).click()
    minutes = chart.get_by_role("row")
    assert await minutes.count() == 1 + len(report["minutes"])
    await expect(chart.get_by_role("table")).to_contain_text(words("after.event.spotlight", title="Rice bowl"))
    sold = page.get_by_role("figure").filter(has_text=words("after.bars.sold"))
    assert await sold.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == ["8", "42"]
    await expect(row(page, words("after.part.refusals"), "SOLD_OUT")).to_contain_text(words("after.refused.SOLD_OUT"))
    found = await violations("a report", visitor)
    await keep(visitor, f"report-{language}")
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await page.evaluate(_STICKING_OUT) == []
    # Beside the name there is room for a number.
    table, sold = page.get_by_role("group", name=skus, exact=True), cell(row(page, skus, SKU), "sold")
    within, number = await table.bounding_box(), await sold.bounding_box()
    assert within is not None
    assert number is not None
    assert number["x"] + number["width"] <= within["x"] + within["width"]
    await keep(visitor, f"report-phone-{language}")
    assert not found, "\n".join(found)


async def test_the_workbook_that_is_downloaded_has_the_totals_of_the_page(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    visitor = await open_part(shop, visit, "report")
    page = visitor.page
    said = {name: await fact(page, name).inner_text() for name in ("sold", "orders", "shipped")}
    async with page.expect_download() as saved:
        await page.get_by_role("link", name=WORDS("after.downloads.xlsx")).click()
    file = tmp_path / "report.xlsx"
    await (await saved.value).save_as(file)
    book = openpyxl.load_workbook(file, read_only=True)
    tables: list[list[tuple[Any, ...]]] = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    skus = next(rows for rows in tables if any(BOWL in row for row in rows))
    for name, value in said.items():
        at = [str(head).casefold() for head in skus[0]].index(name)
        assert sum(int(str(row[at])) for row in skus[1:]) == int(value), name
    async with page.expect_download() as saved:
        await page.get_by_role("link", name=WORDS("after.downloads.csv")).click()
    await (await saved.value).save_as(tmp_path / "skus.csv")
    content = (tmp_path / "skus.csv").read_text(encoding="utf-8-sig")
    assert len(content.splitlines()) == 1 + 4
    assert TITLE in content


async def test_files_speak_the_language_of_the_page(shop: LiveShop, visit: Visit, tmp_path: Path) -> None:
    words = Words("zh")
    page = (await open_part(shop, visit, "report", "zh")).page
    for name in ("xlsx", "csv"):
        async with page.expect_download() as saved:
            await page.get_by_role("link", name=words(f"after.downloads.{name}")).click()
        await (await saved.value).save_as(tmp_path / f"report.{name}")
    assert "售出" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    book = openpyxl.load_workbook(tmp_path / "report.xlsx", read_only=True)
    assert any("售出" in next(sheet.iter_rows(values_only=True)) for sheet in book.worksheets)


async def test_whoever_asks_for_a_report_that_there_is_not_gets_back(shop: LiveShop, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "report", may_fail=NOT_YET)
    which = visitor.page.get_by_label(WORDS("after.report.which"))
    await which.select_option("final")
    await expect(visitor.page.get_by_text(WORDS("after.report.coming"))).to_be_visible()
    await which.select_option("")
    await expect(visitor.page.get_by_role("region", name=WORDS("after.report.state"))).to_be_visible()


async def test_the_page_to_print_opens_in_a_tab_of_its_own(shop: LiveShop, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "report")
    sold = await fact(visitor.page, "sold").inner_text()
    async with visitor.context.expect_page() as opened:
        await visitor.page.get_by_role("link", name=WORDS("after.downloads.print")).click()
    printed = await opened.value
    await expect(printed.locator("body")).to_contain_text(TITLE)
    await expect(printed.locator("body")).to_contain_text(sold)


async def test_what_is_suggested_is_decided_about_one_and_many_and_anew(
    shop: LiveShop, boss: Merchant, visit: Visit
) -> None:
    visitor = await open_part(shop, visit, "suggested")
    page = visitor.page
    suggested = WORDS("after.suggested")
    bowl = row(page, suggested, BOWL)
    await expect(cell(bowl, "what")).to_have_text(WORDS("after.kind.restock.units", units=7))
    because = WORDS("after.because.restock_lost", sold=4, people=2, lost=3, unsold=0, more=7)
    await expect(cell(bowl, "why")).to_have_text(because)
    await expect(page.get_by_role("table", name=suggested).locator(".big-row")).to_have_count(1)
    await page.get_by_label(WORDS("after.choose.of", title="Rice bowl")).check()
    await expect(page.get_by_label(WORDS("after.decision.restock_to"))).to_have_value("7")
    await page.get_by_label(WORDS("after.decision.restock_to")).fill("x")
    await expect(page.get_by_text(WORDS("after.decision.units_fault"))).to_be_visible()
    await page.get_by_label(WORDS("after.decision.restock_to")).fill("20")
    what = WORDS("after.kind.restock.units", units=20)
    await expect(page.get_by_text(WORDS("after.decision.says_of", title="Rice bowl", what=what))).to_be_visible()
    await page.get_by_label(WORDS("after.decision.note"), exact=True).fill("before Friday")
    await page.get_by_role("button", name=WORDS("after.decision.one")).click()
    await expect(cell(bowl, "decided")).to_contain_text("before Friday")
    [made] = await boss.decisions(SHOW)
    assert (made["sku"], made["decision"]["kind"], made["decision"]["units"]) == (BOWL, "restock", 20)
    assert made["decision"]["by"] == "wang"
    found = await violations("decided", visitor)

    await page.get_by_label(WORDS("after.suggested.shown")).select_option("all")
    await page.get_by_role("button", name=WORDS("after.choose.all_other", shown=4)).click()
    await page.get_by_label(WORDS("after.decision.kind"), exact=True).select_option("drop")
    await expect(page.get_by_text(WORDS("after.kind.drop.skus", skus=4))).to_be_visible()
    await page.get_by_role("button", name=WORDS("after.decision.many_other", shown=4)).click()
    for sku in (SKU, SCARF, BOWL, LAMP):
        await expect(cell(row(page, suggested, sku), "decided")).to_contain_text(WORDS("after.kind.drop"))
    assert {each["decision"]["kind"] for each in await boss.decisions(SHOW)} == {"drop"}
    await visitor.look()
    await page.get_by_role("button", name=WORDS("undo.open")).click()
    await expect(page.get_by_text(WORDS("action.decide", title="Rice bowl")).first).to_be_visible()
    await expect(page.get_by_text(WORDS("undo.why.decided")).first).to_be_visible()
    assert not found, "\n".join(found)


async def test_a_sku_has_a_page_with_its_figures_and_its_last_shows(shop: LiveShop, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "report")
    page = visitor.page
    await page.get_by_role("link", name="Rice bowl", exact=True).click()
    await expect(page.get_by_role("heading", name="Rice bowl")).to_be_visible()
    assert page.url.endswith(f"/after/{SHOW}/report/{BOWL}")
    await expect(page.locator("[data-fact='sold'] dd")).to_have_text("4")
    history = page.get_by_role("region", name=WORDS("after.history"))
    await expect(cell(history.locator(f"[data-key='{SHOW}']"), "lost")).to_have_text(
        WORDS("after.lost.people_other", people=2, units=3)
    )
    found = await violations("a SKU", visitor)
    await page.go_back()
    await expect(page.get_by_role("table", name=WORDS("after.part.skus"))).to_be_visible()
    await page.go_forward()
    await expect(page.get_by_role("heading", name="Rice bowl")).to_be_visible()
    assert not found, "\n".join(found)


async def test_the_slider_shows_the_numbers_of_its_minute(shop: LiveShop, boss: Merchant, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "replay")
    page = visitor.page
    board = WORDS("after.replay.board")
    slider = page.get_by_role("slider")
    await expect(page.locator("[data-minute='0']")).to_be_visible()
    await slider.focus()
    minutes = (await boss.show_at(SHOW, 0))["minutes"]
    for minute in range(minutes):
        await expect(page.locator(f"[data-minute='{minute}']")).to_be_visible()
        at = await boss.show_at(SHOW, minute)
        for units in at["state"]["units"]:
            told = row(page, board, units.sku)
            for name in ("available", "held", "sold"):
                await expect(cell(told, name)).to_have_text(str(getattr(units, name)))
        await expect(page.locator("[data-fact='paid'] dd")).to_have_text(str(at["state"]["paid"]))
        titles = {term["sku"]: term["title"] for term in at["state"]["terms"]}
        await expect(page.locator("[data-fact='on_air'] dd")).to_have_text(
            titles.get(at["state"]["spotlight"] or "", "–")
        )
        await page.keyboard.press("ArrowRight")
    assert minutes >= 3
    assert at["state"]["paid"] == 12
    await expect(cell(row(page, board, BOWL), "level")).to_contain_text(WORDS("level.sold_out"))
    assert page.url.endswith(f"/replay/{minutes - 1}")
    found = await violations("a replay", visitor)
    # Played from the end it begins anew, and stops at the end by itself.
    await page.get_by_role("button", name=WORDS("after.replay.play")).click()
    await expect(page.locator("[data-minute='0']")).to_be_visible()
    await expect(page.get_by_role("button", name=WORDS("after.replay.pause"))).to_be_visible()
    last = page.locator(f"[data-minute='{minutes - 1}']")
    await expect(last).to_be_visible()
    await expect(page.get_by_role("button", name=WORDS("after.replay.play"))).to_be_visible()
    await page.reload()
    await expect(last).to_be_visible()
    assert not found, "\n".join(found)


async def test_somebody_is_forgotten_once_nothing_is_open(shop: LiveShop, boss: Merchant, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "archive")
    page = visitor.page
    card = page.get_by_role("region", name=WORDS("after.person"))
    await card.get_by_label(WORDS("after.person.user")).fill("sun")
    await card.get_by_role("button", name=WORDS("after.person.look")).click()
    await expect(card.get_by_text(WORDS("after.person.open")).first).to_be_visible()
    await expect(card.get_by_role("table")).to_contain_text(WORDS("after.person.why.unshipped"))
    await expect(card.get_by_role("button", name=WORDS("after.person.erase"))).to_be_disabled()
    found = await violations("a person", visitor)
    person = await boss.person("sun")
    for number, order in enumerate(person["open"]):
        await shop.merchant.ship(order["reservation"], order["units"], key=f"sun {number}")
    await card.get_by_role("button", name=WORDS("after.person.look")).click()
    await card.get_by_role("button", name=WORDS("after.person.erase")).click()
    await expect(card).to_contain_text(WORDS("after.person.sure", user="sun"))
    await visitor.look()
    really = WORDS("do.really", label=WORDS("after.person.erase"))
    await card.get_by_role("button", name=really).click()
    await expect(card.get_by_role("status").first).to_contain_text(WORDS("after.person.done", user="sun"))
    await card.get_by_role("button", name=WORDS("after.person.look")).click()
    await expect(card).to_contain_text(WORDS("after.person.nothing", user="sun"))
    assert not found, "\n".join(found)


async def test_the_archive_says_what_it_waits_for_and_is_written_when_asked(shop: LiveShop, visit: Visit) -> None:
    visitor = await open_part(shop, visit, "archive")
    page = visitor.page
    card = page.get_by_role("region", name=WORDS("after.archive"), exact=True)
    await expect(card).to_contain_text(WORDS("after.archive.waits_one", shown=1, shows=SHOW))
    await card.get_by_role("button", name=WORDS("after.archive.now")).click()
    await expect(page.locator(".said")).to_contain_text(WORDS("after.archive.done"))
    assert not await violations("the archive", visitor)


async def test_a_show_that_goes_on_withdraws_its_report(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=9)
    visitor = await open_part(shop, visit, "report", may_fail=NOT_YET)
    page = visitor.page
    await expect(page.get_by_text(WORDS("after.report.on_air"))).to_be_visible()
    await shop.merchant.change_room(ROOM, status="ended")
    await expect(page.get_by_text(WORDS("after.state.provisional"), exact=True).first).to_be_visible()
    await shop.merchant.change_room(ROOM, status="live", continue_show=True)
    await expect(page.get_by_text(WORDS("after.report.withdrawn"))).to_be_visible()
    await buy(shop, "li", SKU, 2)
    await shop.merchant.change_room(ROOM, status="ended")
    await expect(fact(page, "sold")).to_have_text("2")


async def test_an_archive_that_is_damaged_is_told_and_read_when_it_is_back(
    short_folder: Path, settings: Settings, visit: Visit
) -> None:
    folder = short_folder / secrets.token_hex(4)
    shop = LiveShop(msgspec.structs.replace(settings, data_dir=str(folder)))
    try:
        await shop.open(units=9)
        await shop.merchant.change_room(ROOM, status="ended")
        await report_of(shop)
        [file] = (folder / "archive" / POOL / "shows" / SHOW).glob("report-*")
        content = file.read_bytes()
        file.write_bytes(b"not what it was")
        visitor = await open_part(shop, visit, "report", may_fail=("a status of 503",))
        await expect(visitor.page.get_by_text(WORDS("after.away.archive"))).to_be_visible()
        file.write_bytes(content)
        await expect(fact(visitor.page, "sold")).to_have_text("0")
        await expect(visitor.page.get_by_text(WORDS("after.away.archive"))).to_have_count(0)
    finally:
        await shop.close()


async def test_days_say_what_was_sold_and_what_does_not_sell(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=50)
    await shop.sell(SCARF, "Silk scarf", 30)
    await buy(shop, "li", SKU, 5)
    await buy(shop, "zhao", SKU, 2)
    shop.pass_days(DAYS)
    await days_are_kept(shop, DAYS - 2)
    visitor = await open_part(shop, visit, "days", may_fail=("a status of 422",))
    page = visitor.page
    days = page.get_by_role("table", name=WORDS("after.days"), exact=True)
    first = (await shop.merchant.day_totals())["first"]
    assert first is not None
    table = page.get_by_role("region", name=WORDS("after.days.skus"))
    mug = cell(table.locator(f"[data-key='{SKU}']"), "inventory")
    await expect(mug).to_have_text(WORDS("after.inventory.no_sales", days=30))
    slow = page.get_by_role("table", name=WORDS("after.slow"), exact=True).locator(f"[data-key='{SCARF}']")
    await expect(cell(slow, "why")).to_have_text(WORDS("after.slow.reason.never_on_air"))
    await expect(cell(slow, "remedy")).to_have_text(WORDS("after.slow.remedy.put_on_air"))
    await expect(cell(slow, "value")).to_contain_text("1,497.00")
    found = await violations("days", visitor)
    await keep(visitor, "days-en")
    await page.get_by_label(WORDS("after.days.from")).fill(first)
    await page.get_by_label(WORDS("after.days.to"), exact=True).fill(first)
    await page.get_by_role("button", name=WORDS("after.days.show")).click()
    await expect(days.locator(".big-row")).to_have_count(1)
    await expect(cell(days.locator(f"[data-key='{first}']"), "sold")).to_have_text("7")
    await table.get_by_role("link", name=TITLE).click()
    own = page.get_by_role("table", name=WORDS("after.days.of", title=TITLE))
    await expect(cell(own.locator(f"[data-key='{first}']"), "sold")).to_have_text("7")
    await page.get_by_label(WORDS("after.days.from")).fill("2020-01-01")
    await page.get_by_role("button", name=WORDS("after.days.show")).click()
    await expect(page.get_by_text(WORDS("after.days.range"))).to_be_visible()
    assert not found, "\n".join(found)


async def days_are_kept(shop: LiveShop, days: int) -> None:
    """Wait until the totals of so many days are there; the server looks once a minute whether one is due."""
    async with asyncio.timeout(WAIT_S):
        while len((await shop.merchant.day_totals())["days"]) < days:
            shop.end_minute()


@pytest.mark.parametrize("role", ["counter", "host"])
async def test_who_may_not_look_back_is_shown_no_show(shop: LiveShop, visit: Visit, role: str) -> None:
    fragment = f"token={shop.token(role, 'chen')}"
    visitor = await visit(f"{shop.url}/console?lang=en#{fragment}", may_fail=("a status of 403",))
    page = visitor.page
    await expect(page.locator("h1").first).to_be_visible()
    await page.evaluate(f"location.hash = '#/{POOL}/{ROOM}/after/{SHOW}/report'")
    await expect(page.locator(".after")).to_have_count(0)
    await expect(page.locator(".console-views")).to_have_count(0)
    async with Merchant(shop.url, shop.token(role, "chen"), POOL) as merchant:
        with pytest.raises(ServerRefused, match="FORBIDDEN"):
            await merchant.report(SHOW)


async def test_the_last_report_is_final_and_goes_into_the_history(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=9, server={"show_continue_max_ms": 1})
    reservation = await buy(shop, "li", SKU, 2)
    await shop.merchant.ship(reservation, 2, key="parcel")
    await shop.merchant.change_room(ROOM, status="ended")
    await report_of(shop, "final")
    visitor = await open_part(shop, visit, f"{SHOW}/report")
    page = visitor.page
    await expect(page.get_by_text(WORDS("after.report.final"))).to_be_visible()
    chosen = page.get_by_label(WORDS("after.show"), exact=True).locator("option:checked")
    await expect(chosen).to_contain_text(WORDS("after.show.state.final"))
    await expect(page.get_by_role("button", name=WORDS("after.write"))).to_have_count(0)
    await page.get_by_label(WORDS("after.report.which")).select_option("provisional")
    await expect(page.get_by_text(WORDS("after.state.provisional"), exact=True).first).to_be_visible()
    await page.get_by_role("link", name=TITLE, exact=True).click()
    history = page.get_by_role("region", name=WORDS("after.history"))
    await expect(cell(history.locator(f"[data-key='{SHOW}']"), "sold")).to_have_text("2")
