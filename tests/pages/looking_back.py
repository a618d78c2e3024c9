"""Somebody who looks back at a show on the console: finds everything by what stands on the page."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from pages.newcomer import Newcomer
from playwright.async_api import expect
from waiting import WAIT_S

NAME_COLUMN, SOLD_COLUMN = {"en": "title", "zh": "名称"}, {"en": "sold", "zh": "售出"}
"""The heads of a workbook's columns, by its language."""


class LookingBack:
    """A newcomer in the view After."""

    def __init__(self, newcomer: Newcomer) -> None:
        self._it = newcomer
        self._words = newcomer.words
        self._hands = newcomer.hands

    async def part(self, tab: str) -> None:
        """One of the view's parts."""
        words = self._words
        parts = self._it.page.get_by_role("navigation", name=words("after.parts"))
        link = parts.get_by_role("link", name=words(f"after.tab.{tab}"), exact=True)
        await self._hands.press(link)
        await expect(link).to_have_attribute("aria-current", "page")

    async def reconciles(self, title: str, *, sold: int, difference: str, reason: str, signed_by: str) -> None:
        """What became of an article stands in its row: units, what was not there, why, and who stands for it."""
        words = self._words
        await self.part("reconciliation")
        row = self._it.region(words("after.differences")).get_by_role("row").filter(has_text=title)
        for cell in (str(sold), difference):
            await expect(row.get_by_role("cell", name=cell, exact=True).first).to_be_visible()
        await expect(row).to_contain_text(words(f"counts.reason.{reason}"))
        await expect(row).to_contain_text(words("after.signed", who=signed_by))

    async def final_report(self) -> None:
        """The report, once it is the final one: the page looks again by itself."""
        words = self._words
        await self.part("report")
        state = self._it.region(words("after.report.state"))
        await expect(state).to_contain_text(words("after.report.final"), timeout=WAIT_S * 1000)

    async def total(self, name: str) -> str:
        """One of the show's numbers, which stands under its name."""
        totals = self._it.region(self._words("after.part.totals"))
        await expect(totals).to_be_visible()
        said = (await totals.inner_text()).splitlines()
        return said[said.index(self._words(f"after.total.{name}")) + 1]

    async def download_workbook(self, folder: Path) -> Path:
        """The report as a spreadsheet."""
        async with self._it.page.expect_download() as saved:
            await self._hands.press(self._it.page.get_by_role("link", name=self._words("after.downloads.xlsx")))
        download = await saved.value
        file = folder / download.suggested_filename
        await download.save_as(file)
        return file

    async def look_at_the_end(self, title: str, *, left: int, sold: int) -> None:
        """Move the slider from the show's first minute to its last: the board is as it was then."""
        words = self._words
        await self.part("replay")
        slider = self._it.field(words("after.replay.minute"))
        await expect(slider).to_have_value("0")
        await self._hands.slide_to_end(slider)
        last = await slider.get_attribute("max")
        assert last not in (None, "0")
        await expect(self._it.page.get_by_text(words.like("after.replay.at", minute=last, of=last))).to_be_visible()
        row = self._it.page.get_by_role("table", name=words("after.replay.board")).get_by_role("row")
        row = row.filter(has_text=title)
        for units in (left, sold):
            await expect(row.get_by_role("cell", name=str(units), exact=True)).to_be_visible()


def sold_in(file: Path) -> dict[str, int]:
    """Article → units sold, as the workbook has them."""
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            head, *rows = sheet.iter_rows(values_only=True)
            for language, sold in SOLD_COLUMN.items():
                if NAME_COLUMN[language] in head and sold in head:
                    name, units = head.index(NAME_COLUMN[language]), head.index(sold)
                    return {str(row[name]): int(str(row[units])) for row in rows if row[name]}
    finally:
        book.close()
    raise AssertionError(f"no sheet of {file.name} says what was sold")
