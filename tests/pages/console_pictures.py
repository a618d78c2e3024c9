"""The console in every view and many states, photographed while the demo sells: part of `make screenshots`.

One window for each theme in each language, and a phone. Whoever works in them finds things by what stands on the page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from pages.contact_sheet import ContactSheet
from pages.hands import Mouse
from pages.newcomer import Newcomer
from pages.visitor import SERVER_AWAY, Visitor
from pages.words import Words
from playwright.async_api import Browser, Locator, expect

LAPTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LOT = "lot-1"
WRONG = "twelve"
CATALOGUE = f"""sku,title,price,opening,limit_per_user
TEA-001,"Jasmine pearl tea, 100 g",72.00,49,24
TEA-009,"White peony, 50 g",96.00,30,
TEA-010,"Lapsang souchong, 80 g",{WRONG},40,
"""
"""A price that changes, an article that is new, and one that is wrong."""


class Window(NamedTuple):
    """A window that is open while the demo runs."""

    name: str
    language: str
    scheme: str
    viewport: dict[str, int] = LAPTOP


WINDOWS = (
    Window("console-en-light", "en", "light"),
    Window("console-zh-light", "zh", "light"),
    Window("console-en-dark", "en", "dark"),
    Window("console-zh-dark", "zh", "dark"),
)
PHONES = (Window("console-phone-en", "en", "light", PHONE), Window("console-phone-zh-dark", "zh", "dark", PHONE))
Step = Callable[[Newcomer], Awaitable[None]]


class ConsolePictures:
    """Windows on the console, each with somebody at it."""

    def __init__(self, sheet: ContactSheet) -> None:
        self._sheet = sheet
        self._at: dict[str, tuple[Visitor, Newcomer]] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, browser: Browser, address: str, sheet: ContactSheet, windows: tuple[Window, ...] = WINDOWS
    ) -> AsyncIterator[ConsolePictures]:
        """Fails where a page had a fault."""
        pictures = cls(sheet)
        async with AsyncExitStack() as opened:
            for name, language, scheme, viewport in windows:
                visitor = await Visitor.enter(
                    browser,
                    f"{address}?lang={language}",
                    viewport=viewport,
                    color_scheme=scheme,
                    locale="zh-CN" if language == "zh" else "en-GB",
                    may_fail=(*SERVER_AWAY, "a status of 401", "a status of 403", "a status of 409"),
                )
                opened.push_async_callback(visitor.leave)
                newcomer = Newcomer(visitor.page, Words(language), Mouse(visitor.page))
                pictures._at[name] = visitor, newcomer
            yield pictures

    async def first(self, *steps: Step) -> None:
        """Take these steps in one window alone."""
        _, newcomer = next(iter(self._at.values()))
        for step in steps:
            await step(newcomer)

    async def take(self, state: str, *steps: Step) -> None:
        """Take these steps in each window, and a picture of it."""
        for name, (visitor, newcomer) in self._at.items():
            for step in steps:
                await step(newcomer)
            await visitor.drawn()
            self._sheet.add(state, name, await visitor.page.screenshot(scale="css"))


def to(view: str) -> Step:
    """Go to a view."""
    return lambda it: it.go(view)


def at_step(step: str) -> Step:
    """Go to a step of the preparation."""

    async def take(it: Newcomer) -> None:
        await it.step(step)
        await expect(it.page.get_by_text(it.words("before.reading"))).to_have_count(0)

    return take


def press(key: str, **values: object) -> Step:
    """Press what is called so."""
    return lambda it: it.hands.press(it.button(it.words(key, **values)))


def command(line: str) -> Step:
    """Write a line, and leave it so."""

    async def take(it: Newcomer) -> None:
        await it.page.keyboard.press("/")
        await it.page.keyboard.press("Control+A")
        await it.page.keyboard.type(line)

    return take


async def escape(it: Newcomer) -> None:
    await it.page.keyboard.press("Escape")


async def something_to_do(it: Newcomer) -> None:
    """Until an alert asks for reserve."""
    await expect(_release(it).first).to_be_visible(timeout=120_000)


async def read_an_answer(it: Newcomer) -> None:
    """Open what an alert offers: the sentence says what it does."""
    await _release(it).first.click()
    await expect(it.button(it.words("do.cancel")).first).to_be_visible()


async def choose_an_item(it: Newcomer) -> None:
    """The first that one has heard of."""
    row = it.page.get_by_role("row").filter(has_text="Jasmine pearl tea")
    await row.get_by_role("gridcell").nth(1).click()


def side(part: str) -> Step:
    """One of the parts beside the table."""
    return lambda it: it.hands.press(it.page.get_by_role("tab", name=it.words(f"board.side.{part}")))


def give(file: Path) -> Step:
    """Drop a file, and wait for what is in it."""

    async def take(it: Newcomer) -> None:
        await it.give_catalogue(file)
        await expect(it.page.get_by_text(WRONG).first).to_be_visible()

    return take


async def freeze_words(it: Newcomer) -> None:
    """What a freeze of the whole pool would reach."""
    await it.page.get_by_role("radio", name=it.words("emergency.scope.pool")).click()
    await expect(it.page.get_by_text(it.words.like("emergency.freeze.pool")).first).to_be_visible()


async def search(it: Newcomer) -> None:
    await it.field(it.words("ledger.field.sku")).fill("TEA-001")
    await it.hands.press(it.button(it.words("ledger.go")))
    await expect(it.page.get_by_role("button", name=it.words.like("ledger.tell")).first).to_be_visible()


async def tell_a_story(it: Newcomer) -> None:
    await it.page.get_by_role("button", name=it.words.like("ledger.tell")).first.click()
    story = it.page.get_by_role("region", name=it.words.like("ledger.story.of"))
    await expect(story.get_by_role("listitem").first).to_be_visible()


async def freeze_one(it: Newcomer) -> None:
    await command("1 x")(it)
    await it.page.keyboard.press("Enter")
    await expect(it.field(it.words("command.label"))).to_have_value("")


async def in_force(it: Newcomer) -> None:
    over_every_view = it.page.get_by_role("group", name=it.words("force"), exact=True)
    await expect(over_every_view.get_by_text(it.words.like("emergency.force.frozen")).first).to_be_visible()


async def proposed(it: Newcomer) -> None:
    """Until there is a proposal to decide about."""
    open_ones = it.page.get_by_text(it.words("before.proposal.state.open"), exact=True)
    await expect(open_ones.first).to_be_visible(timeout=150_000)


async def is_lost(it: Newcomer) -> None:
    await expect(it.page.get_by_text(it.words.like("connection.old")).first).to_be_visible()


def _release(it: Newcomer) -> Locator:
    name = re.compile("^" + it.words.like("board.action.release").pattern)
    return it.page.get_by_role("button", name=name, expanded=False)


def after(tab: str) -> Step:
    """Go to a part of the view After, of a show that has a report."""

    async def take(it: Newcomer) -> None:
        await it.go("after")
        shows = it.field(it.words("after.show"))
        state = re.compile(it.words("after.state.provisional"), re.IGNORECASE)
        reported = shows.locator("option").filter(has_text=state)
        await expect(reported.first).to_be_attached(timeout=200_000)
        await shows.select_option(await reported.first.get_attribute("value"))
        await it.page.get_by_role("link", name=it.words(f"after.tab.{tab}"), exact=True).click()
        await expect(it.page.locator(".after [aria-busy=true]")).to_have_count(0)

    return take


async def of_the_demo(browser: Browser, url: str, sheet: ContactSheet, folder: Path) -> None:
    """All views of the demo that has just begun at `url`."""
    file = folder / "new articles.csv"
    await asyncio.to_thread(file.write_text, CATALOGUE, "utf-8")
    async with ConsolePictures.open(browser, f"{url}/console", sheet) as at:
        await at.take("before: a file", to("before"), at_step("import"))
        await at.take("before: what a file would change", give(file))
        for step in ("room", "shelf", "strategy", "reserve", "batches", "split", "goods"):
            await at.take(f"before: {step}", at_step(step))
        await at.take("board", to("board"), something_to_do)
        await at.take("board: an alert's answer", read_an_answer)
        await at.take("board: an item", choose_an_item)
        await at.take("board: run order", side("order"))
        await at.take("board: cues and notice", side("said"))
        await at.take("command line", command(f"b {LOT}"))
        await at.take("command line: not understood", command("3 > nowhere 5"))
        await at.take("help", escape, press("help.open"))
        await at.take("ledger", press("shell.close"), to("ledger"), search)
        await at.take("ledger: a story", tell_a_story)
        await at.take("emergency", to("emergency"), freeze_words)
        await at.first(to("board"), freeze_one)
        await at.take("something is in force", to("emergency"), in_force)
        await at.take("done and undo", to("board"), press("undo.open"))
        await at.take("what happened", press("shell.close"), press("since.open"))
        await at.take("handover note", press("shell.close"), press("handover.edit_note"))
        await at.take("a proposal to move units", press("handover.cancel"), to("before"), at_step("split"), proposed)
        await at.take("board, later", to("board"), choose_an_item, side("item"))
        for tab in ("reconciliation", "report", "suggested", "replay"):
            await at.take(f"after: {tab}", after(tab))
    async with ConsolePictures.open(browser, f"{url}/console", sheet, PHONES) as at:
        await at.take("board on a phone", something_to_do)
        await at.take("emergency on a phone", to("emergency"), freeze_words)
