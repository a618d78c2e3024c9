"""The console's board: it stands still under a hand, answers alerts, and arranges the run.

`SHELFCAST_STILL_S=300 pytest --timeout 900 -k moves` with this file rests for five minutes, not for half a one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit
from pages.console_login import console_link
from pages.live_shop import ROOM, SKU, TITLE, LiveShop
from pages.test_accessible import violations
from pages.visitor import Visitor
from pages.words import Words
from playwright.async_api import Locator, ViewportSize, expect
from shelfcast_client import Reserved, Room, connect

LAPTOP: ViewportSize = {"width": 1440, "height": 900}
STILL_S = float(os.environ.get("SHELFCAST_STILL_S", "30"))
CHANGES_A_SECOND = 60
BUYERS = 6
"""Nobody may ask more than 20 times a second."""
ITEMS = 40
MANY = 200
"""From 150 rows on only those in sight are in the document."""

REFUSED = ("a status of 412",)
"""What the browser writes of a write that somebody else has been faster with."""

_WATCH = """() => {
  const rows = () => [...document.querySelectorAll('.board-row')]
    .map(row => `${row.dataset.sku} ${row.getBoundingClientRect().top}`).join();
  const widths = () => [...document.querySelectorAll('.board-head .board-cell')]
    .map(cell => cell.getBoundingClientRect().width).join();
  const begun = rows(), wide = widths();
  const seen = window.seen = { frames: 0, moved: 0, changes: 0 };
  const watch = new MutationObserver(changes => { seen.changes += changes.length; });
  watch.observe(document.querySelector('.board-rows'), { subtree: true, attributeFilter: ['data-changed'] });
  const frame = () => {
    seen.frames += 1;
    if (rows() !== begun || widths() !== wide) seen.moved += 1;
    requestAnimationFrame(frame);
  };
  frame();
}"""
"""Looks in each frame whether a row or a column is where it was; `changes` counts tinted digits."""

_REST = "ms => new Promise(done => setTimeout(() => done(window.seen), ms))"


def _rows(board: Visitor) -> Locator:
    return board.page.locator(".board-row")


async def _order(board: Visitor) -> list[str]:
    """The rows from top to bottom."""
    rows: list[str] = await _rows(board).evaluate_all("rows => rows.map(row => row.dataset.sku)")
    return rows


async def _open_board(shop: LiveShop, visit: Visit, language: str = "en", **look: Any) -> Visitor:
    board = await visit(console_link(shop, language=language), viewport=LAPTOP, **look)
    await expect(_rows(board).first).to_be_visible()
    return board


@asynccontextmanager
async def _changing(shop: LiveShop, skus: list[str]) -> AsyncIterator[None]:
    """Meanwhile people take units into checkouts and give them back, at a steady rate."""
    random = Random(15)
    loop = asyncio.get_running_loop()

    async def trade(buyer: Room) -> None:
        held: list[str] = []
        next_s = loop.time()
        while True:
            next_s += BUYERS / CHANGES_A_SECOND
            await asyncio.sleep(max(0.0, next_s - loop.time()))
            if len(held) < 8:
                result = await buyer.reserve(random.choice(skus), random.randint(1, 3))
                assert isinstance(result, Reserved), result
                held.append(result.id)
            else:
                await buyer.cancel(held.pop(random.randrange(len(held))))

    async with AsyncExitStack() as open_:
        buyers = [
            await open_.enter_async_context(connect(shop.url, ROOM, token=shop.token("viewer", f"guest-{number}")))
            for number in range(BUYERS)
        ]
        trading = [loop.create_task(trade(buyer)) for buyer in buyers]
        try:
            yield
        finally:
            for each in trading:
                each.cancel()
            for each in trading:
                with suppress(asyncio.CancelledError):
                    await each


@pytest.mark.long
async def test_no_row_moves_under_a_resting_pointer(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=200, open_reservations=True)
    skus = [f"ITEM-{number:02}" for number in range(ITEMS)]
    rows = [
        {"sku": sku, "title": f"Item {sku}", "price_minor": 990, "currency": "CNY", "opening": 200 + number}
        for number, sku in enumerate(skus)
    ]
    await shop.merchant.catalogue(rows, key="items")
    await shop.merchant.list_in_room(ROOM, [{"sku": sku, "position": 2 + at} for at, sku in enumerate(skus)])
    words = Words("en")
    board = await _open_board(shop, visit)
    page = board.page
    await expect(_rows(board)).to_have_count(1 + ITEMS)
    await page.get_by_role("button", name=words("board.column.available"), exact=True).click()
    await page.mouse.move(500, 400)
    await expect(page.locator(".board-age")).to_have_attribute("data-held", "true")
    begun = await _order(board)
    await page.evaluate(_WATCH)
    async with _changing(shop, skus):
        await shop.receive(1_000, sku=skus[0])
        seen = await page.evaluate(_REST, STILL_S * 1_000)
    assert seen["moved"] == 0
    assert seen["frames"] > STILL_S
    assert seen["changes"] > STILL_S * CHANGES_A_SECOND / 4, "values did not go on"
    await expect(page.locator(".board-age")).to_have_attribute("data-held", "true")

    # A new one comes last, one that is on air now stays where it is, until the hand has left.
    await shop.sell("NEW", "Brought in late", 5)
    await shop.merchant.change_room(ROOM, spotlight=skus[7])
    await expect(page.locator(f'.board-row[data-sku="{skus[7]}"] .on-air')).to_be_visible()
    await expect(_rows(board)).to_have_count(2 + ITEMS)
    assert await _order(board) == [*begun, "NEW"]
    await page.locator(f'.board-row[data-sku="{skus[3]}"] .board-cell').nth(3).click()
    await page.mouse.move(720, 10)
    await expect(page.locator(".board-age")).to_have_attribute("data-held", "true")
    assert await _order(board) == [*begun, "NEW"]

    # With the focus gone, too, they are sorted: on air first, the fewest left next. What was chosen stays so.
    await page.locator(".board-filter").focus()
    await expect(_rows(board).first).to_have_attribute("data-sku", skus[7])
    sorted_ = await _order(board)
    assert sorted_[1] == "NEW"
    assert sorted_[-1] == skus[0]
    await expect(page.locator('.board-row[aria-selected="true"]')).to_have_attribute("data-sku", skus[3])
    # The head is no row: whoever has pressed a name of it keeps none from moving.
    await page.get_by_role("button", name=words("board.column.sold"), exact=True).click()
    await page.mouse.move(720, 10)
    await expect(page.locator(".board-age")).to_have_attribute("data-held", "false")


async def test_an_alert_is_answered_and_the_run_arranged(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=100, open_reservations=True)
    await shop.sell("BOWL", "Stoneware bowl", 40)
    await shop.sell("CUP", "Tea cup", 40)
    await shop.merchant.change_room(ROOM, run_order=[SKU, "BOWL", "CUP"])
    await shop.receive(30)
    await shop.merchant.carve(SKU, 30, source="pool", target="elastic")
    viewer = await visit(shop.link("rooms", "viewer"))
    board = await _open_board(shop, visit, color_scheme="dark", may_fail=REFUSED)
    found = [
        *await _answer(shop, board, viewer),
        *await _step(board),
        *await _freeze(board),
        *await _arrange(shop, board),
    ]
    assert not found, "\n".join(found)


async def _answer(shop: LiveShop, board: Visitor, viewer: Visitor) -> list[str]:
    """A 10 % alert is answered by releasing the reserve; the viewer beside sees more."""
    words, page = Words("en"), board.page
    async with connect(shop.url, ROOM, token=shop.token("viewer", "many")) as many:
        for qty in (30, 30, 31):
            result = await many.reserve(SKU, qty)
            assert isinstance(result, Reserved), result
            await shop.merchant.confirm(result.id, reference="paid")
    left = viewer.page.locator(".stage")
    await expect(left).to_contain_text("9")
    release = words("board.action.release", units="30")
    alert = page.locator(".side-alert").filter(has_text=TITLE).filter(has=page.locator(".answer")).first
    await alert.get_by_role("button", name=release).click()
    await expect(alert.locator(".perform-says")).to_contain_text("9 → 39")
    found = await violations("board with an alert", board)
    await alert.locator(".perform").get_by_role("button", name=release).click()
    await expect(page.locator(f'.board-row[data-sku="{SKU}"] [data-column="available"]')).to_have_text("39")
    await expect(left).to_contain_text("39")
    assert await shop.available() == 39
    return found


async def _step(board: Visitor) -> list[str]:
    """The keys of a grid lead from cell to cell, to the actions of a row, and back."""
    page = board.page
    await page.locator(f'.board-row[data-sku="{SKU}"] [data-column="available"]').focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator('.board-row[data-sku="BOWL"] [data-column="available"]')).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await expect(page.locator("#board-item")).to_be_focused()
    await expect(page.locator("#board-item")).to_contain_text("Stoneware bowl")
    await page.keyboard.press("Escape")
    await expect(page.locator('.board-row[data-sku="BOWL"] [data-column="link"]')).to_be_focused()
    await page.keyboard.press("Control+Home")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".board-head [data-column='link'] button")).to_be_focused()
    return []


async def _freeze(board: Visitor) -> list[str]:
    """The actions of a row say what they will do, then do it."""
    freeze, page = Words("en")("do.freeze"), board.page
    await page.locator('.board-row[data-sku="CUP"]').click()
    actions = page.locator(".side-actions")
    await actions.get_by_role("button", name=freeze, exact=True).click()
    await expect(actions.locator(".perform-says")).to_contain_text("40")
    # By the second press of a double click another button lies under the hand: it does nothing.
    await actions.locator(".perform").get_by_role("button", name=freeze, exact=True).dblclick()
    await expect(page.locator('.board-row[data-sku="CUP"] .share')).to_have_attribute("data-level", "frozen")
    # What opened it has the focus again.
    await expect(actions.get_by_role("button", name=Words("en")("do.thaw"), exact=True)).to_be_focused()
    return await violations("board with an item", board)


async def _arrange(shop: LiveShop, board: Visitor) -> list[str]:
    """The run is arranged by buttons and by dragging; who saves second sees both orders."""
    words, page = Words("en"), board.page
    await page.get_by_role("tab", name=words("board.side.order")).click()
    order = page.locator(".side-order > ol > li")
    await expect(order).to_have_count(3)
    await page.get_by_role("button", name=words("board.order.down", title=TITLE)).click()
    await expect(order.first).to_have_attribute("data-sku", "BOWL")
    await order.nth(2).locator(".side-handle").drag_to(order.first, target_position={"x": 40, "y": 3})
    await expect(order.first).to_have_attribute("data-sku", "CUP")
    await shop.merchant.change_room(ROOM, run_order=["BOWL", "CUP", SKU])
    await page.locator(".side-order").get_by_role("button", name=words("do.order")).click()
    await expect(page.locator(".side-stale")).to_contain_text(words("board.order.theirs"))
    found = await violations("board with two orders", board)
    await page.get_by_role("button", name=words("board.order.keep_yours")).click()
    await expect(page.locator(".side-stale")).to_have_count(0)
    room = await shop.merchant.room(ROOM)
    assert room is not None
    assert room["run_order"] == ["CUP", "BOWL", SKU]
    return found


@pytest.mark.parametrize(("scheme", "language"), [("light", "zh"), ("dark", "en")])
async def test_everybody_can_use_the_board(open_shop: OpenShop, visit: Visit, scheme: str, language: str) -> None:
    shop = await open_shop(units=5)
    await shop.sell("GONE", "Sold out long ago", 0)
    words = Words(language)
    board = await _open_board(shop, visit, language, color_scheme=scheme)
    page = board.page
    found = await violations(f"board in {scheme}", board)
    await page.locator(".board-chooser summary").click()
    await page.get_by_label(words("board.column.category.name")).check()
    await expect(page.get_by_role("columnheader", name=words("board.column.category"))).to_be_visible()
    found += await violations("its columns", board)
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name=words("board.side.said")).click()
    await page.get_by_role("button", name=words("board.cue.faster")).click()
    await page.locator(".side-part .perform").get_by_role("button", name=words("do.cue")).click()
    await expect(page.locator(".side-cues")).to_contain_text(words("board.cue.faster"))
    tables = page.locator(".chart figcaption button")
    await expect(tables.first).to_be_visible()
    for button in await tables.all():
        await button.click()
    await page.get_by_role("button", name=words("do.show.pause")).click()
    await expect(page.locator(".board-turn .perform-says")).to_contain_text("2")
    found += await violations("cues, tables and a pause", board)
    await page.locator(".board-turn .main").click()
    await expect(page.get_by_role("button", name=words("do.show.resume"))).to_be_visible()
    await page.set_viewport_size({"width": 640, "height": 450})
    found += await violations("twice as large", board)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 640, "sticks out at 200 %"
    await _walk_a_long_table(shop, board)
    assert not found, "\n".join(found)


async def _walk_a_long_table(shop: LiveShop, board: Visitor) -> None:
    """Of a long table only what is in sight is there, and the keys lead everywhere."""
    rows = [
        {"sku": f"MANY-{number:03}", "title": f"One of many, {number}", "price_minor": 990, "currency": "CNY"}
        for number in range(MANY)
    ]
    await shop.merchant.catalogue(rows, key="many")
    await shop.merchant.list_in_room(ROOM, [{"sku": row["sku"], "position": 9} for row in rows])
    page = board.page
    await page.set_viewport_size(LAPTOP)
    grid = page.get_by_role("grid")
    await expect(grid).to_have_attribute("aria-rowcount", str(1 + 2 + MANY))
    assert await _rows(board).count() < MANY / 2
    await page.locator(f'.board-row[data-sku="{SKU}"] [data-column="title"]').focus()
    await page.keyboard.press("Control+End")
    focused = page.locator(".board-row:focus-within")
    await expect(focused).to_have_attribute("aria-rowindex", str(1 + 2 + MANY))
    await expect(focused).to_be_in_viewport()
    await page.keyboard.press("PageUp")
    await page.keyboard.press("Control+Home")
    await expect(focused).to_have_attribute("data-sku", SKU)
    await expect(focused).to_be_in_viewport()
