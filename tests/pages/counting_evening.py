"""A count of a whole evening on the console's pages: three people with phones, two operators at desks."""

from __future__ import annotations

from pages.conftest import Visit
from pages.counting import (
    BARCODES,
    BOWL,
    SHIRT,
    SMALL_TARGETS,
    TARGET_MIN_PX,
    Counter,
    desk_of,
    parcel,
    phone_of,
)
from pages.live_shop import ROOM, SKU, LiveShop
from pages.test_accessible import violations
from pages.visitor import Visitor
from pages.words import Words
from playwright.async_api import Locator, Page, expect


class Evening:
    """One count of three SKUs, and what axe-core finds on the pages meanwhile."""

    def __init__(self, shop: LiveShop, visit: Visit, language: str, scheme: str) -> None:
        self.shop, self.language = shop, language
        self.words = Words(language)
        kind, of = self.words("counts.kind.before"), self.words("counts.of.room", name=ROOM)
        self.title = self.words("counts.name", kind=kind, of=of)
        self.found: list[str] = []
        self._visit, self._scheme = visit, scheme

    async def phone(self, who: str) -> tuple[Visitor, Counter]:
        """Somebody who counts, at this count."""
        user = f"{who}-{self.language}"
        visitor = await phone_of(self._visit, self.shop, user, self.language, color_scheme=self._scheme)
        counter = Counter(visitor.page, self.words)
        await counter.open(self.title)
        return visitor, counter

    async def desk(self, who: str) -> Visitor:
        """An operator, at the list of counts."""
        return await desk_of(self._visit, self.shop, f"{who}-{self.language}", self.language, color_scheme=self._scheme)

    async def judge(self, state: str, visitor: Visitor) -> None:
        self.found += await violations(state, visitor)

    async def made(self, li: Visitor) -> None:
        """A count of the room's whole shelf, blind, with the thresholds that the form proposes."""
        await li.page.get_by_role("button", name=self.words("counts.new"), exact=True).click()
        await self.judge("a new count", li)
        await li.page.get_by_role("button", name=self.words("counts.make.do"), exact=True).click()
        await expect(li.page.get_by_role("heading", name=self.title)).to_be_visible()

    async def counted_while_a_parcel_leaves(self, visitor: Visitor, anna: Counter, shirts: int) -> None:
        """Two of the shirts leave after they were counted, and before that is saved: in her figures, says Anna."""
        await anna.begin(SHIRT[1])
        await self.judge("a line of a phone", visitor)
        assert not await anna.page.evaluate(SMALL_TARGETS, TARGET_MIN_PX)
        await parcel(self.shop, SHIRT[0], 2, f"SF-{self.language}")
        await anna.found(shirts)
        asked = self.words.like("counts.question.left.ship.named_other", shown="2")
        question = anna.page.get_by_role("group", name=asked)
        await expect(question).to_contain_text(f"SF-{self.language}")
        await self.judge("a question", visitor)
        await question.get_by_role("button", name=self.words("counts.question.all_other", shown=2)).click()
        await expect(question).to_have_count(0)

    async def closed(self, li: Visitor) -> None:
        """Nobody counts any more; 11 bowls too many are to be counted again."""
        await li.page.get_by_role("button", name=self.words("counts.face.review"), exact=True).click()
        await expect(li.page.get_by_text(self.words("counts.review.hidden"))).to_be_visible()
        await li.page.get_by_role("button", name=self.words("counts.do.close"), exact=True).click()
        await expect(row_of(li.page, BOWL[0])).to_contain_text("+11")
        await expect(row_of(li.page, BOWL[0])).to_contain_text(self.words("counts.status.recount"))
        await self.judge("differences", li)

    async def recounted(self, ben: Counter, bowls: int) -> None:
        """By a third person: who has counted them in the first round may not."""
        _, chen = await self.phone("chen")
        again = chen.page.get_by_role("button", name=BOWL[1])
        await expect(again).to_contain_text(self.words("counts.recount"))
        await chen.scan(BARCODES[BOWL[0]])
        await expect(chen.good).to_be_focused()
        await chen.found(bowls)
        await ben.page.get_by_role("button", name=BOWL[1]).click()
        await expect(ben.page.get_by_role("heading", name=BOWL[1])).to_be_visible()
        await expect(ben.good).to_have_count(0)

    async def reasoned_and_signed(self, li: Visitor) -> None:
        """Both differences have a reason, and one of two has signed."""
        page = li.page
        await expect(row_of(page, BOWL[0])).to_contain_text("+12")
        await expect(row_of(page, SKU)).to_contain_text("−3")
        await expect(row_of(page, SHIRT[0])).to_have_count(0)
        for sku, reason in ((BOWL[0], "found"), (SKU, "lost")):
            await row_of(page, sku).get_by_role("combobox").select_option(reason)
            await expect(row_of(page, sku)).to_contain_text(self.words("counts.status.ready"))
        signing = page.get_by_role("region", name=self.words("counts.signing"))
        await signing.get_by_role("button", name=self.words("counts.do.sign"), exact=True).click()
        await expect(signing).to_contain_text(self.words("counts.signing.wait"))
        await expect(signing.get_by_role("button")).to_have_count(0)
        await self.judge("signed by one", li)

    async def applied(self, wang: Visitor) -> None:
        """By the second one, who is told what it moves and asked once more."""
        await wang.page.get_by_role("link", name=self.title).click()
        signing = wang.page.get_by_role("region", name=self.words("counts.signing"))
        says = signing.locator(".perform-says")
        for effect, units in (("lost.pool", 3), ("gained", 12), ("to_unsellable", 2)):
            await expect(says).to_contain_text(self.words(f"counts.effect.{effect}", units=units))
        apply = self.words("counts.do.apply")
        await signing.get_by_role("button", name=apply, exact=True).click()
        await expect(says).to_contain_text(self.words("do.final"))
        await self.judge("asked once more", wang)
        await wang.look()
        await signing.get_by_role("button", name=self.words("do.really", label=apply), exact=True).click()
        await expect(wang.page.get_by_text(self.words("counts.result", gained=12, lost=3, short=0))).to_be_visible()
        await self.judge("applied", wang)


def row_of(page: Page, sku: str) -> Locator:
    """A SKU among the differences."""
    return page.get_by_role("row").filter(has=page.get_by_text(sku, exact=True))
