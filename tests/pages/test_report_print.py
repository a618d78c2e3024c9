"""The printed report in a browser: its own style and nothing else, A4 across, as long as its tables are."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, Route
from reports import a_report
from shelfcast.exports.report_page import report_page
from shelfcast.sheets.columns import Language

MEDIA_BOX = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]")
POINTS_OF_A4 = (842, 595)


async def shown(browser: Browser, skus: int, language: Language) -> tuple[Page, list[str]]:
    """The page as a server sends it, and what the browser had to say about it."""
    page = await (await browser.new_context()).new_page()
    said: list[str] = []
    made = report_page(a_report(skus), language)
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(body=made.html, content_type="text/html", headers={"Content-Security-Policy": made.policy})

    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.route("**/*", answer)
    await page.goto("http://report.test/report.html")
    said += [url for url in asked if not url.endswith(("/report.html", "/favicon.ico"))]
    return page, said


@pytest.mark.parametrize("language", list(Language))
async def test_it_is_printed_on_a4_across(browser: Browser, language: Language) -> None:
    page, said = await shown(browser, 60, language)
    assert said == [], "the policy lets it have its style, and it asks for nothing else"
    assert await page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    printed = await page.pdf(prefer_css_page_size=True)
    sizes = {(round(float(width)), round(float(height))) for width, height in MEDIA_BOX.findall(printed)}
    assert sizes == {POINTS_OF_A4}
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 5


async def test_nothing_of_it_is_cut_at_the_side(browser: Browser) -> None:
    page, _ = await shown(browser, 9, Language.EN)
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 1_054, "height": 700})
    found = await page.evaluate(
        "[document.documentElement.scrollWidth,"
        " ...[...document.querySelectorAll('table, svg')].map((it) => it.getBoundingClientRect().right)]"
    )
    assert max(found) <= 1_055, "279 mm at 96 to the inch"


async def test_more_rows_are_more_pages_and_each_has_the_head_again(browser: Browser) -> None:
    page, _ = await shown(browser, 300, Language.ZH)
    assert await page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    few, _ = await shown(browser, 3, Language.ZH)
    counts = [len(re.findall(rb"/Type\s*/Page\b", await each.pdf(prefer_css_page_size=True))) for each in (few, page)]
    assert counts[1] > counts[0] + 10
