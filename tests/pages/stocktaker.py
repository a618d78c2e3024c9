"""Somebody who clears the checklist and counts, on the console: finds everything by what stands on the page."""

from __future__ import annotations

from collections.abc import Mapping

from pages.newcomer import Newcomer
from playwright.async_api import Locator, expect


class Stocktaker:
    """A newcomer among the goods."""

    def __init__(self, newcomer: Newcomer) -> None:
        self._it = newcomer
        self._words = newcomer.words
        self._hands = newcomer.hands

    async def clear_checklist(self, there: Mapping[str, int]) -> None:
        """Read what fails, count all that was never counted (`there`: title → units that lie there), and see that the
        room may go on air."""
        it, words = self._it, self._words
        await it.go("before")
        await it.step("checklist")
        await it.reads(words("checklist.verdict.refused"))
        label = words("checklist.count_other", n=len(there))
        counted = it.page.get_by_role("group", name=words("checklist.check.counted"), exact=True)
        await self._hands.press(it.button(label, counted))
        await self._hands.press(it.button(label, counted).last)
        for title, units in there.items():
            await self.count(title, units)
        await self.close_and_apply()
        await it.go("before")
        await it.step("checklist")
        await it.reads(words("checklist.verdict.open"))

    async def open_count(self, title: str) -> None:
        """A sheet of one article."""
        it, words = self._it, self._words
        await it.go("counts")
        await self._hands.press(it.button(words("counts.new")))
        await self._hands.choose(it.field(words("counts.make.kind")), words("counts.kind.spot"))
        await self._hands.choose(it.field(words("counts.make.what")), words("counts.make.what.skus"))
        await self._hands.write(it.field(words("counts.make.skus")), title)
        await it.reads(words("counts.make.found_other" if words.language == "zh" else "counts.make.found_one", shown=1))
        await self._hands.press(it.button(words("counts.make.do")))

    async def begin(self, title: str) -> Locator:
        """Go to an article of the sheet; the part of the page where its figures are entered."""
        await self._hands.press(self._it.page.get_by_role("button").filter(has_text=title).first)
        return self._it.region(title)

    async def count(self, title: str, units: int) -> None:
        """Find an article on the sheet, and say how many there are."""
        part = await self.begin(title)
        await self.found(part, units)

    async def found(self, part: Locator, units: int) -> None:
        """Enter so many, and save."""
        it, words = self._it, self._words
        await self._hands.write(it.field(words("counts.good"), part), str(units))
        await self._hands.press(it.button(words("counts.save"), part))
        await expect(part).to_have_count(0)

    async def close_and_apply(self, reasons: Mapping[str, str] | None = None, *, shown: str = "") -> None:
        """Close the counting, give each difference its reason (`reasons`: title → word), and stand for it; `shown` is a
        difference that can be read then."""
        it, words = self._it, self._words
        await self._hands.press(it.button(words("counts.face.review")))
        await self._hands.press(it.button(words("counts.do.close")))
        sign = it.button(words("counts.do.apply"))
        for title, reason in (reasons or {}).items():
            why = it.field(words("counts.reason.of", title=title))
            row = it.page.get_by_role("row").filter(has_text=title)
            await expect(row).to_contain_text(shown)
            await self._hands.choose(why, words(f"counts.reason.{reason}"))
            # Until it is noted, whoever signs would sign something else.
            await expect(row.get_by_text(words("counts.status.ready"), exact=True)).to_be_visible()
        await self._hands.press(sign)
        await self._hands.press(it.button(words("do.really", label=words("counts.do.apply"))))
        await it.reads(words("counts.state.applied"))
