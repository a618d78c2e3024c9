"""Somebody who has never seen the console: finds everything by what stands on the page, and by nothing else.

No test id, no selector: roles, labels and texts in the page's language, which are read from the files that the page is
built of. Works with a mouse, or with the keyboard alone (`hands`).
"""

from __future__ import annotations

import re
from pathlib import Path

from pages.hands import Hands
from pages.words import Words
from playwright.async_api import Locator, Page, expect


class Newcomer:
    """At the console, whose window is `page`."""

    def __init__(self, page: Page, words: Words, hands: Hands) -> None:
        self.page = page
        self.words = words
        self.hands = hands

    # --- what stands on the page

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """The button of this name, and no other."""
        return (within or self.page.locator("body")).get_by_role("button", name=name, exact=True)

    def region(self, name: str) -> Locator:
        """A part of the page that has a name."""
        return self.page.get_by_role("region", name=name, exact=True)

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """A field, by its label."""
        return (within or self.page.locator("body")).get_by_label(label, exact=True)

    async def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until this can be read somewhere."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    # --- moving about

    async def log_in(self, name: str, password: str) -> None:
        words = self.words
        await self.hands.write(self.field(words("login.name")), name)
        await self.hands.write(self.field(words("login.password")), password)
        await self.hands.press(self.button(words("login.enter")))
        await expect(self.page.get_by_role("link", name=words("shell.view.before"))).to_be_visible()

    async def go(self, view: str) -> None:
        """To one of the views."""
        views = self.page.get_by_role("navigation", name=self.words("shell.views"))
        link = views.get_by_role("link", name=self.words(f"shell.view.{view}"), exact=True)
        await self.hands.press(link)
        await expect(link).to_have_attribute("aria-current", "page")

    async def step(self, step: str) -> None:
        """To a step of the preparation."""
        name = self.words(f"before.step.{step}")
        heading = self.page.get_by_role("heading", name=name, exact=True)
        # The view is loaded when it is first shown: without its steps, no heading means nothing yet.
        await expect(self.button(name)).to_be_visible()
        if await heading.count() == 0:
            await self.hands.press(self.button(name))
            await expect(heading).to_be_focused()

    async def command(self, line: str, says: str | re.Pattern[str]) -> None:
        """Write a line; read what it will do; press Enter. Whoever is in it already needs no key to come there."""
        field = self.field(self.words("command.label"))
        if not await field.evaluate("each => each === document.activeElement"):
            await self.page.keyboard.press("/")
        await expect(field).to_be_focused()
        await self.page.keyboard.type(line)
        await self.reads(says)
        await self.page.keyboard.press("Enter")
        await expect(field).to_have_value("")

    # --- before the show

    async def choose_strategy(self, strategy: str) -> None:
        """One of the presets, with the split proposed."""
        words = self.words
        await self.step("strategy")
        name = words(f"before.strategy.{strategy}")
        await self.hands.press(self.page.get_by_role("radio", name=name))
        await self.hands.press(self.button(words("before.strategy.begin", name=name)))
        numbers = self.region(words("before.strategy.numbers"))
        await expect(numbers.get_by_text(words("before.strategy.as_preset", name=name))).to_be_visible()
        split = self.field(words("before.number.split"), numbers)
        await self.hands.choose(split, words("before.number.split.propose"))
        await self.hands.press(self.button(words("before.save"), numbers))
        await expect(numbers.get_by_text(words("before.saved"))).to_be_visible()

    async def give_catalogue(self, file: Path) -> None:
        """Drop a file, or choose it."""
        await self.step("import")
        choose = self.button(self.words("before.import.choose"))
        await self.hands.give_file(self.page.get_by_text(self.words("before.import.drop")), choose, file)
        await self.reads(file.name)

    async def put_file_away(self) -> None:
        await self.hands.press(self.button(self.words("before.import.discard")))

    async def apply_catalogue(self) -> None:
        await self.hands.press(self.button(self.words("before.import.apply")))
        await self.reads(self.words("before.import.state.applied"))

    async def make_channel(self, title: str) -> None:
        """A channel that has units of its own."""
        words = self.words
        await self.step("split")
        await self.hands.press(self.button(words("before.channel.new")))
        form = self.region(words("before.channel.new"))
        await self.hands.write(self.field(words("before.channel.title"), form), title)
        await self.hands.press(self.button(words("before.channel.make"), form))
        await expect(self.page.get_by_role("listitem", name=title)).to_be_visible()

    async def number(self, title: str, link: int) -> None:
        """What the host calls an article by."""
        words = self.words
        await self.step("shelf")
        cell = self.field(words("before.shelf.cell", column=words("before.term.link"), title=title))
        await self.hands.write(cell, str(link))
        await self.page.keyboard.press("Enter")
        await self.reads(words("before.shelf.saved", title=title))

    async def plan(self, title: str, minutes: int) -> None:
        """Give an article its place in the run order: the next one."""
        words = self.words
        await self.hands.press(self.button(words("before.shelf.more_of", title=title)))
        card = self.region(words("before.card.plan"))
        await self.hands.press(self.field(words("before.plan.planned"), card))
        await self.hands.write(self.field(words("before.plan.minutes"), card), str(minutes))
        await self.hands.press(self.button(words("before.save"), card))
        await self.reads(words("before.plan.saved", title=title))
        await self.hands.press(self.button(words("before.shelf.more_of", title=title)))

    async def make_batch(self, title: str, sku: str, units: int) -> None:
        """A lot on call: units that go on sale when somebody says so."""
        words = self.words
        await self.step("batches")
        await self.hands.press(self.button(words("before.batch.new")))
        form = self.region(words("before.batch.new"))
        await self.hands.write(self.field(words("before.batch.title"), form), title)
        await self.hands.write(self.field(words("before.sku"), form), sku)
        await self.hands.write(self.field(words("before.units"), form), str(units))
        await self.hands.press(self.button(words("before.batch.line.add"), form))
        await self.hands.press(self.button(words("before.batch.make"), form))
        await expect(self.page.get_by_role("listitem", name=title)).to_be_visible()

    async def accept_proposal(self) -> Locator:
        """Have the split worked out, and carry out what is proposed; its card."""
        words = self.words
        await self.step("split")
        part = self.region(words("before.proposals"))
        await self.hands.press(self.button(words("do.propose"), part))
        card = part.get_by_role("listitem").filter(has_text=words("before.proposal.state.open"))
        await self.hands.press(self.button(words("do.apply"), card))
        return part.get_by_role("listitem").filter(has_text=words("before.proposal.state.applied"))

    # --- the show

    async def arrange(self, title: str, *, ups: int) -> None:
        """Move an article up in the run order, and save the order."""
        words = self.words
        await self.hands.press(self.page.get_by_role("tab", name=words("board.side.order")))
        for _ in range(ups):
            await self.hands.press(self.button(words("board.order.up", title=title)))
        await self.hands.press(self.button(words("do.order")))
        await self.reads(words("do.order.done"))

    async def begin_show(self) -> None:
        words = self.words
        stage = self.region(words("board.stage"))
        begin = self.button(words("do.show.begin"), stage)
        await self.hands.press(begin)
        # Its sentence, and a button below that does it.
        await self.hands.press(begin.last)
        await self.reads(words("do.show.begin.done"))

    async def release_reserve(self, title: str, share: str, units: int, effect: str) -> None:
        """Answer the alert of an article that so little is left of: the sentence says the effect before the press."""
        words = self.words
        name = words("board.action.release", units=units)
        alert = self.page.get_by_role("listitem").filter(has_text=words("alerts.rule.share_left", share=share))
        alert = alert.filter(has_text=title)
        await self.hands.press(alert.get_by_role("button", name=name))
        await expect(alert.get_by_text(effect).last).to_be_visible()
        await self.hands.press(self.button(name, alert))
        await self.reads(words("do.alert.done", label=name))

    async def take_back(self, action: str) -> None:
        """Undo one of the things that were done, in the list of them."""
        words = self.words
        await self.hands.press(self.button(words("undo.open")))
        done = self.page.get_by_role("complementary", name=words("undo.title"))
        await self.hands.press(self.button(words("undo.undo_this", what=action), done))
        await expect(done.get_by_text(words("undo.undone"))).to_be_visible()
        await self.hands.press(self.button(words("shell.close"), done))

    async def end_show(self) -> None:
        """It asks once more."""
        words = self.words
        await self.go("emergency")
        show = self.region(words("emergency.show.title"))
        end = words("emergency.step.end")
        await self.hands.press(self.button(end, show))
        await expect(show.get_by_text(words("emergency.step.end.sure"))).to_be_visible()
        await self.hands.press(self.button(words("do.really", label=end), show))
        await self.reads(words("emergency.step.end.done", room="Evening show"))
