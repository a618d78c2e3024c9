"""What the command line does can be taken back: each of its commands, undone, leaves everything as it was."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pages.conftest import OpenShop, Visit
from pages.console_login import console_link
from pages.live_shop import ROOM, SKU, LiveShop
from pages.visitor import Visitor
from pages.words import Words
from playwright.async_api import expect

COMMANDS = Path(__file__).parents[2] / "server/web/src/console/shell/command/commands.ts"
OTHER = "BOWL-01"
REVERSIBLE = {
    "put": "1 +5",
    "spotlight": "2 !",
    "freeze": "1 x",
    "elastic": "1 r 3",
    "elastic_step": "1 r",
    "move": "1 > douyin 4",
    "back": "1 < douyin 2",
    "next": "n",
    "previous": "p",
    "batch": "b lot",
}
"""Command → a line, one after the other in one shop."""
LAST_ONE_FIRST = "u"
FOR_GOOD = {
    "cue": "c Show the handle",
    "cue_about": "1 c Show the handle",
    "notice": "a Free shipping until nine",
}
"""Somebody has read it."""
OF_THE_PAGE = {"undo", "go", "help"}


async def test_what_the_command_line_does_is_undone_whole(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=60)
    await _fill(shop)
    words = Words("en")
    console = await visit(console_link(shop))
    await console.page.get_by_role("button", name=words("undo.open")).click()
    assert {*REVERSIBLE, *FOR_GOOD, *OF_THE_PAGE} == set(re.findall(r'\{ name: "(\w+)"', COMMANDS.read_text()))
    for name, line in REVERSIBLE.items():
        if name == "previous":
            await shop.merchant.change_room(ROOM, spotlight=OTHER)
            await expect(_done(console, words).first).to_contain_text("wang")
        before = await _everything(shop)
        await _enter(console, words, line)
        assert await _everything(shop) != before, line
        await _enter(console, words, LAST_ONE_FIRST)
        assert await _everything(shop) == before, line
    for line in FOR_GOOD.values():
        await _enter(console, words, line)
        await expect(_done(console, words).first).to_contain_text(words("undo.why.said"))


async def _fill(shop: LiveShop) -> None:
    merchant = shop.merchant
    await shop.sell(OTHER, "Stoneware bowl", 30)
    await merchant.define_channel("douyin", kind="dedicated")
    await merchant.allocate(SKU, 10, source="pool", target="channel:douyin")
    await merchant.carve(SKU, 9, source="pool", target="elastic")
    await merchant.define_elastic(SKU, "ask", at_units=1, step_units=4)
    await merchant.define_batch("lot", units={SKU: 12})


def _done(console: Visitor, words: Words) -> Any:
    """What was done, the last first."""
    return console.page.get_by_role("complementary", name=words("undo.title")).get_by_role("listitem")


async def _enter(console: Visitor, words: Words, line: str) -> None:
    """Write a line, and wait until the list of what was done has one more."""
    done = _done(console, words)
    # The list is loaded when it is first shown, and the shop has done something: empty is not yet there.
    await expect(done.first).to_be_visible()
    before = await done.count()
    field = console.page.get_by_label(words("command.label"))
    await field.fill(line)
    await expect(console.page.get_by_role("button", name=words("command.enter"), exact=True)).to_be_enabled()
    await field.press("Enter")
    await expect(field).to_have_value("")
    await expect(done).to_have_count(before + 1)


async def _everything(shop: LiveShop) -> tuple[Any, ...]:
    """The buckets of all SKUs, what is on air, what is frozen and which batches are open."""
    merchant = shop.merchant
    room = await merchant.room(ROOM)
    assert room is not None
    listed = await merchant.listed(ROOM)
    batches = {batch["batch"]: batch["state"] for batch in await merchant.batches()}
    frozen = {sku: row["frozen"] for sku, row in listed.items()}
    buckets = {sku: {place: n for place, n in units.items() if n} for sku, units in (await merchant.buckets()).items()}
    return buckets, room["spotlight"], frozen, batches
