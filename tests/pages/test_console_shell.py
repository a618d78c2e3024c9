"""What is around the views of the console: the way in, the head, the command line, what was done, who else is there."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.live_shop import POOL, ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import NOT_LET_IN, PHONE, SERVER_AWAY, Visitor
from pages.words import Words
from playwright.async_api import Locator, Page, Route, expect
from shelfcast.settings import Settings
from shelfcast_client.merchant import Merchant

OTHER, OTHER_TITLE = "BOWL-01", "Soup bowl"
SHOP = "douyin"
PASSWORD = "a long enough password"
WORDS = Words("en")
REFUSED = (*NOT_LET_IN, "a status of 403", "a status of 412")
"""What the browser writes of answers that these tests bring about."""

_TOKENS = """() => {
  const style = getComputedStyle(document.documentElement);
  const names = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .flatMap(rule => rule.style ? [...rule.style] : []).filter(name => name.startsWith("--level") ||
      ["--surface", "--ink", "--accent", "--danger-surface", "--good-ink"].includes(name));
  return Object.fromEntries([...new Set(names)].sort().map(name => [name, style.getPropertyValue(name)]));
}"""
_STICKS_OUT = """width => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll("#page *")].filter(each => each.getBoundingClientRect().right > width + 1)
    .map(each => each.outerHTML.slice(0, 120)).slice(0, 8)"""
_HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@session_loop_fixture(scope="module")
async def shop(short_folder: Path) -> AsyncIterator[LiveShop]:
    """One shop for all of these, which touch different things in it."""
    settings = Settings(
        key_prefix=f"t{secrets.token_hex(6)}",
        data_dir=str(short_folder / secrets.token_hex(4)),
        port=0,
        token_secret=secrets.token_hex(24),
        engine_call_timeout_ms=5_000,
    )
    shop = LiveShop(settings)
    try:
        await shop.open(units=40)
        await shop.merchant.define_channel(SHOP, kind="dedicated", title="Douyin shop")
        await shop.sell(OTHER, OTHER_TITLE, 50)
        yield shop
        await shop.assert_sound()
    finally:
        await shop.close()


@session_loop_fixture(scope="module")
async def boss(shop: LiveShop) -> AsyncIterator[Merchant]:
    """An operator's hands, beside the pages."""
    async with Merchant(shop.url, shop.token("operator", "boss"), POOL) as merchant:
        yield merchant


async def open_console(shop: LiveShop, visit: Visit, user: str, **look: Any) -> Visitor:
    """The console of an operator who came with a link, once it shows the pool as it is."""
    look = {"may_fail": REFUSED} | look
    visitor = await visit(f"{shop.url}/console?lang=en#token={shop.token('operator', user)}", **look)
    await expect(visitor.page.get_by_text(WORDS("connection.live"), exact=True)).to_be_visible()
    return visitor


def button(page: Page | Locator, key: str, **values: Any) -> Locator:
    return page.get_by_role("button", name=WORDS(key, **values), exact=True)


def line_of(page: Page) -> Locator:
    return page.get_by_label(WORDS("command.label"))


async def enter(page: Page, line: str, says: str) -> None:
    """Write a line, read what it would do, and do it."""
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type(line)
    await expect(page.locator(".command-says")).to_contain_text(says)
    await page.keyboard.press("Enter")
    await expect(line_of(page)).to_have_value("")


async def bucket(shop: LiveShop, place: str, sku: str = OTHER) -> int:
    return (await shop.merchant.sku_buckets(sku)).get(place, 0)


# --- the way in


async def test_one_comes_in_with_a_link_or_with_name_and_password(shop: LiveShop, boss: Merchant, visit: Visit) -> None:
    await boss.define_account("wang", "operator", password=PASSWORD)
    visitor = await open_console(shop, visit, "wang")
    page = visitor.page
    assert page.url.endswith(f"#/main/{ROOM}/board"), "the token is out of the address"
    await expect(page.get_by_label(WORDS("shell.room")).locator("option:checked")).to_have_text("Evening show")
    await expect(page.locator(".head-status")).to_contain_text(WORDS("status.live"))

    await page.get_by_text(WORDS("shell.menu"), exact=True).click()
    await button(page, "shell.logout").click()
    await page.get_by_label(WORDS("login.name"), exact=True).fill("wang")
    await page.get_by_label(WORDS("login.password"), exact=True).fill("some other password")
    await button(page, "login.enter").click()
    await expect(page.get_by_role("alert").filter(has_text=WORDS("login.wrong"))).to_be_visible()
    await page.get_by_label(WORDS("login.password"), exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".head-status")).to_be_visible()
    await page.reload()
    await expect(page.locator(".head-status")).to_be_visible()


async def test_a_bad_link_says_so_and_a_host_is_led_to_the_host_page(shop: LiveShop, visit: Visit) -> None:
    stranger = await visit(f"{shop.url}/console?lang=en#token=nonsense", may_fail=REFUSED)
    await expect(stranger.page.get_by_role("alert").filter(has_text=WORDS("login.link_wrong"))).to_be_visible()
    # A link that is opened in the same tab loads nothing anew.
    await stranger.page.goto(f"{shop.url}/console?lang=en#token={shop.token('host', 'mei')}")
    leads = stranger.page.get_by_role("link", name=WORDS("login.host_page", room="Evening show"))
    await expect(leads).to_have_attribute("href", f"/host/{ROOM}")
    await expect(stranger.page.get_by_role("navigation")).to_have_count(0)
    assert not await violations("not for a host", stranger)


async def test_a_session_that_ends_keeps_what_was_typed(shop: LiveShop, boss: Merchant, visit: Visit) -> None:
    await boss.define_account("zhao", "operator", password=PASSWORD)
    visitor = await visit(f"{shop.url}/console?lang=en", may_fail=(*REFUSED, *SERVER_AWAY))
    page = visitor.page
    await page.get_by_label(WORDS("login.name"), exact=True).fill("zhao")
    await page.get_by_label(WORDS("login.password"), exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(WORDS("connection.live"), exact=True)).to_be_visible()
    search = page.get_by_placeholder(WORDS("board.filter"))
    await search.fill("mu")
    await line_of(page).fill("c show the bottom")

    # Whoever has signed in under a name is signed out when its password is another.
    await boss.define_account("zhao", "operator", password=f"{PASSWORD} 2")
    dialog = page.get_by_role("dialog", name=WORDS("login.title"))
    await expect(dialog).to_contain_text(WORDS("login.again"))
    assert not await violations("the session is over", visitor)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label(WORDS("login.name"), exact=True)).to_have_value("zhao")
    await dialog.get_by_label(WORDS("login.password"), exact=True).fill(f"{PASSWORD} 2")
    await button(dialog, "login.enter").click()
    await expect(dialog).to_have_count(0)

    await expect(search).to_have_value("mu")
    await expect(line_of(page)).to_have_value("c show the bottom")
    await expect(page.get_by_text(WORDS("connection.live"), exact=True)).to_be_visible()
    await line_of(page).press("Enter")
    await expect(page.locator(".said")).to_contain_text(WORDS("do.cue.done"))


# --- colours and language


async def test_colours_and_language_are_chosen_and_remembered(shop: LiveShop, visit: Visit) -> None:
    dark = await open_console(shop, visit, "dark", color_scheme="dark")
    light = await open_console(shop, visit, "light", color_scheme="light")
    of_dark_device = await dark.page.evaluate(_TOKENS)
    of_light_device = await light.page.evaluate(_TOKENS)
    assert of_dark_device != of_light_device

    page = light.page
    await page.get_by_text(WORDS("shell.menu"), exact=True).click()
    await page.get_by_label(WORDS("theme.dark"), exact=True).check()
    assert await page.evaluate(_TOKENS) == of_dark_device
    await page.reload()
    await expect(page.locator(".head-status")).to_be_visible()
    assert await page.evaluate(_TOKENS) == of_dark_device
    await page.get_by_text(WORDS("shell.menu"), exact=True).click()
    await page.get_by_label(WORDS("theme.light"), exact=True).check()
    await page.get_by_role("button", name="中文").click()
    chinese = Words("zh")
    await expect(page.get_by_role("link", name=chinese("shell.view.board"), exact=True)).to_be_visible()
    await expect(page).to_have_title(chinese("shell.title"))

    await dark.page.get_by_text(WORDS("shell.menu"), exact=True).click()
    await dark.page.get_by_label(WORDS("theme.light"), exact=True).check()
    assert await dark.page.evaluate(_TOKENS) == of_light_device


# --- the command line, what was done, and taking it back


async def test_a_line_says_what_it_will_do_does_it_and_is_taken_back(shop: LiveShop, visit: Visit) -> None:
    visitor = await open_console(shop, visit, "chen")
    page = visitor.page
    before = await bucket(shop, f"channel:{SHOP}")
    # A digit begins the line; signs of a Chinese keyboard are as good.
    await page.keyboard.press("2")
    await page.keyboard.type("　》 dou ５")
    says = page.locator(".command-says")
    await expect(says).to_contain_text(f"Moves 5 of {OTHER_TITLE}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".said")).to_contain_text(f"5 of {OTHER_TITLE}")
    assert await bucket(shop, f"channel:{SHOP}") == before + 5

    await page.keyboard.type("2 > nowhere 5")
    await expect(says).to_contain_text("Expected a channel")
    await expect(line_of(page)).to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(line_of(page)).not_to_be_focused()
    await page.keyboard.press("/")
    await page.keyboard.press("ArrowUp")
    await expect(line_of(page)).to_have_value("2　》 dou ５")
    await page.keyboard.press("Escape")

    await enter(page, f"{OTHER.lower()} x", f"Stops all sales of {OTHER_TITLE}")
    await expect(page.get_by_role("group", name=WORDS("force"), exact=True)).to_contain_text(OTHER_TITLE)
    force = page.get_by_role("group", name=WORDS("force"), exact=True)
    await force.get_by_text(OTHER_TITLE).first.click()
    await expect(force).to_contain_text("chen")
    assert not await violations("in force", visitor)
    await enter(page, "2 x", f"Lets {OTHER_TITLE} be sold again")
    await expect(page.get_by_role("group", name=WORDS("force"), exact=True)).not_to_contain_text(OTHER_TITLE)

    # Ctrl+Z takes one's own back, the last one first.
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+z")
    await expect(page.get_by_role("group", name=WORDS("force"), exact=True)).to_contain_text(OTHER_TITLE)
    await page.keyboard.press("Control+z")
    await expect(page.get_by_role("group", name=WORDS("force"), exact=True)).not_to_contain_text(OTHER_TITLE)
    await page.keyboard.press("Control+z")
    await expect(page.locator(".said")).to_contain_text("Moved 5")
    assert await bucket(shop, f"channel:{SHOP}") == before


async def test_a_line_is_read_again_when_what_it_names_is_there(shop: LiveShop, visit: Visit) -> None:
    page = (await open_console(shop, visit, "hasty")).page
    written = asyncio.Event()

    async def hold(route: Route) -> None:
        await written.wait()
        await route.continue_()

    await page.route("**/channels", hold)
    await page.reload()
    await expect(page.get_by_text(WORDS("connection.live"), exact=True)).to_be_visible()
    await line_of(page).fill(f"{OTHER.lower()} > douyin 5")
    says = page.locator(".command-says")
    await expect(says).to_contain_text("Expected a channel")
    written.set()
    await expect(says).to_contain_text(f"Moves 5 of {OTHER_TITLE}")


async def test_the_list_of_what_was_done_takes_back_and_does_again(shop: LiveShop, visit: Visit) -> None:
    await shop.merchant.receive(OTHER, 3, key="more-bowls")
    visitor = await open_console(shop, visit, "sun")
    page = visitor.page
    before = await bucket(shop, f"channel:{SHOP}")
    await enter(page, "2 > douyin 4", "Moves 4")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("u")
    drawer = page.get_by_role("complementary", name=WORDS("undo.title"))
    newest = drawer.get_by_role("listitem").first
    await expect(newest).to_contain_text(f"Moved 4 of {OTHER_TITLE}: pool → {SHOP}")
    await expect(newest).to_contain_text("sun")
    await button(newest, "undo.undo_this", what=f"Moved 4 of {OTHER_TITLE}: pool → {SHOP}").click()
    await expect(newest).to_contain_text("Took back: Moved 4")
    await expect(drawer.get_by_role("listitem").nth(1)).to_contain_text(WORDS("undo.undone"))
    assert await bucket(shop, f"channel:{SHOP}") == before
    await newest.get_by_role("button").click()
    await expect(newest).to_contain_text("Did again: Moved 4")
    assert await bucket(shop, f"channel:{SHOP}") == before + 4
    # It stays open beside the view, and beside it stands why something cannot be taken back.
    # The keyboard is where it was; Escape there would close the list.
    await expect(drawer.get_by_role("listitem").nth(1)).to_be_focused()
    await line_of(page).focus()
    await enter(page, "c smile", "Tells the host")
    await expect(newest).to_contain_text(WORDS("undo.why.said"))

    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    since = page.get_by_role("complementary", name=WORDS("since.title"))
    await expect(since).to_contain_text("Did again: Moved 4")
    await expect(since).to_contain_text("Received 3 of")
    await since.get_by_label(WORDS("since.since")).select_option("time")
    await since.get_by_label(WORDS("since.at"), exact=True).fill("00:00")
    await expect(since).to_contain_text("Did again: Moved 4")
    await page.keyboard.press("Escape")
    await expect(since).to_have_count(0)


# --- two operators


async def test_of_two_who_edit_the_note_the_second_sees_both_and_chooses(shop: LiveShop, visit: Visit) -> None:
    one = (await open_console(shop, visit, "one")).page
    two = (await open_console(shop, visit, "two")).page
    await expect(one.locator(".over summary").filter(has_text="two")).to_be_visible()
    for page, text in ((one, "Mugs are late"), (two, "Bowls are late")):
        await button(page, "handover.edit_note").click()
        await page.get_by_role("textbox", name=WORDS("handover.label")).fill(text)
    await button(one, "handover.save").click()
    await expect(one.get_by_role("region", name=WORDS("handover"))).to_contain_text("Mugs are late")
    await button(two, "handover.save").click()
    dialog = two.get_by_role("dialog")
    await expect(dialog.get_by_role("alert").first).to_contain_text(WORDS("handover.stale"))
    await expect(dialog.get_by_role("figure", name=WORDS("handover.theirs"))).to_contain_text("Mugs are late")
    await expect(dialog.get_by_role("figure", name=WORDS("handover.yours"))).to_contain_text("Bowls are late")
    await button(dialog, "handover.both").click()
    await button(dialog, "handover.save").click()
    await expect(one.get_by_role("region", name=WORDS("handover"))).to_contain_text("Mugs are late\nBowls are late")
    pool = await shop.merchant.pool_definition()
    assert pool is not None
    assert pool["handover"] == "Mugs are late\nBowls are late"


# --- what calls for somebody


async def test_who_comes_back_is_told_what_rang_meanwhile(shop: LiveShop, visit: Visit) -> None:
    await shop.sell("LAST-01", "The last lamp", 20)
    visitor = await open_console(shop, visit, "qian", permissions=["notifications"])
    page = visitor.page
    sound = page.get_by_role("button", name=WORDS("sound.arm"), exact=True)
    await expect(sound).to_have_attribute("aria-pressed", "false")
    await sound.click()
    await expect(page.get_by_role("button", name=WORDS("sound.armed"), exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.evaluate(_HIDE, True)
    async with shop.operator() as room:
        await room.reserve("LAST-01", 19)
    await expect(page).to_have_title("(1) Shelfcast console")
    await page.evaluate(_HIDE, False)
    dialog = page.get_by_role("dialog", name=WORDS("missed.title"))
    await expect(dialog).to_contain_text("The last lamp")
    assert not await violations("what was missed", visitor)
    await button(dialog, "shell.close").click()
    await expect(dialog).to_have_count(0)


# --- everybody can use it


@pytest.mark.parametrize(("scheme", "viewport"), [("light", PHONE), ("dark", {"width": 640, "height": 400})])
async def test_axe_finds_nothing_around_the_views(
    shop: LiveShop, visit: Visit, scheme: str, viewport: dict[str, int]
) -> None:
    look: dict[str, Any] = {"color_scheme": scheme}
    login = await visit(f"{shop.url}/console?lang=en", may_fail=REFUSED, viewport=viewport, **look)
    await expect(login.page.get_by_role("heading", name=WORDS("login.title"))).to_be_visible()
    narrow = await open_console(shop, visit, "narrow", viewport=viewport, **look)
    assert await narrow.page.evaluate(_STICKS_OUT, viewport["width"]) == []
    found = [*await violations("login", login), *await violations("narrow", narrow)]
    visitor = await open_console(shop, visit, f"axe-{scheme}", **look)
    page = visitor.page
    await page.keyboard.press("/")
    found += await violations("command line", visitor)
    await page.keyboard.type("2 +")
    found += await violations("a line that cannot be read", visitor)
    await page.keyboard.press("Escape")
    for name in ("undo", "since"):
        await button(page, f"{name}.open").click()
        drawer = page.get_by_role("complementary", name=WORDS(f"{name}.title"))
        await expect(drawer.get_by_role("listitem").first).to_be_visible()
        found += await violations(name, visitor)
    await page.keyboard.press("Escape")
    for summary in page.locator(".over summary"), page.get_by_text(WORDS("shell.menu"), exact=True):
        await summary.first.click()
        found += await violations("opened below its button", visitor)
        await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name=WORDS("help.title"))).to_be_visible()
    found += await violations("help", visitor)
    await page.keyboard.press("Escape")
    await button(page, "handover.edit_note").click()
    found += await violations("handover note", visitor)
    assert not found, "\n".join(found)


async def test_the_keyboard_alone_reaches_everything_and_letters_can_be_switched_off(
    shop: LiveShop, visit: Visit
) -> None:
    visitor = await open_console(shop, visit, "keys")
    page = visitor.page
    # The last in the head: it comes with the pool's definition.
    await expect(button(page, "handover.edit_note")).to_be_visible()
    reached: list[str] = []
    for _ in range(25):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement?.textContent?.trim() ?? ''"))
    for name in ("shell.to_content", "undo.open", "since.open", "help.open", "shell.view.ledger", "handover.edit"):
        assert WORDS(name) in reached, (name, reached)

    for keys, view in ((("g", "p"), "before"), (("Alt+3",), "counts"), (("Alt+5",), "ledger"), (("g", "b"), "board")):
        for key in keys:
            await page.keyboard.press(key)
        # A view may have a part of its own name, once it is loaded.
        views = page.get_by_role("navigation", name=WORDS("shell.views"))
        link = views.get_by_role("link", name=WORDS(f"shell.view.{view}"), exact=True)
        await expect(link).to_have_attribute("aria-current", "page")
    # In a field letters are letters.
    await line_of(page).focus()
    await page.keyboard.type("gl?")
    await expect(line_of(page)).to_have_value("gl?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name=WORDS("help.title"))
    await expect(dialog).to_contain_text("3 > douyin 20")
    await dialog.get_by_label(WORDS("help.single")).uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    # What had the focus has it again, after what stands over the page and what stands beside it.
    for name in ("help.open", "undo.open", "handover.edit_note"):
        await button(page, name).focus()
        await page.keyboard.press("Enter")
        await expect(button(page, name)).not_to_be_focused()
        await page.keyboard.press("Escape")
        await expect(button(page, name)).to_be_focused()
    # Escape while a word is composed is the input method's own.
    await button(page, "handover.edit_note").click()
    await (
        page.get_by_role("dialog")
        .get_by_role("textbox")
        .dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    )
    await expect(page.get_by_role("dialog")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("/")
    await expect(line_of(page)).not_to_be_focused()
    await page.keyboard.press("Alt+6")
    await expect(page.get_by_role("link", name=WORDS("shell.view.emergency"), exact=True)).to_have_attribute(
        "aria-current", "page"
    )


async def test_one_polite_region_tells_what_others_stop(shop: LiveShop, boss: Merchant, visit: Visit) -> None:
    visitor = await open_console(shop, visit, "ear", may_fail=(*REFUSED, *SERVER_AWAY))
    polite = visitor.page.locator("[role=status], [aria-live]")
    said = visitor.page.locator("p.visually-hidden[role=status]")
    await expect(said).to_have_count(1)
    await boss.freeze(SKU, key="stop", reason="wrong price")
    await expect(said).to_contain_text(f"Froze {TITLE}")
    await boss.unfreeze(SKU, key="go on")
    await expect(said).to_contain_text(f"Thawed {TITLE}")
    await visitor.context.set_offline(True)
    await expect(said).to_contain_text(WORDS("connection.lost"))
    await expect(visitor.page.locator("main")).to_have_attribute("data-old", "true")
    await expect(visitor.page.locator(".head-connection")).to_have_attribute("data-state", "old")
    assert not await violations("without a connection", visitor)
    await visitor.context.set_offline(False)
    await expect(said).to_contain_text(WORDS("connection.back"))
    await expect(visitor.page.locator("main")).to_have_attribute("data-old", "false")
    regions = await polite.evaluate_all("all => all.map(each => each.outerHTML.slice(0, 80))")
    assert len(regions) == 1, json.dumps(regions)
