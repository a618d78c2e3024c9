"""What is made ready before a show, on the console: a catalogue from a file, the shelf, batches, and the split."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.hands import Hands, Keyboard, Mouse
from pages.live_shop import ROOM, SKU, TITLE, LiveShop, shop_of_a_file
from pages.test_accessible import violations
from pages.visitor import Visitor
from playwright.async_api import Locator, Page, Route, expect

HEADER = "商品编码,商品名称,价格,期初库存,链接号\n"
_A_FILE_COMES = """() => {
  const carried = new DataTransfer();
  carried.items.add(new File(["a"], "a.csv"));
  document.body.dispatchEvent(new DragEvent("dragover", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
WRONG = "便宜"
"""A price that is none."""
STALE = ("a status of 412",)
"""What the browser writes where somebody else was faster: for `may_fail`."""


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """A room before its show, with one mug, and a channel with units of its own; all tests of this file share it."""
    async with shop_of_a_file() as opened:
        await opened.open(units=120, status="scheduled")
        await opened.merchant.define_channel("douyin", kind="dedicated", title="Douyin")
        yield opened


async def enter(visit: Visit, shop: LiveShop, user: str = "wang", **options: object) -> Page:
    """The console of somebody, at the preparation of the room."""
    visitor: Visitor = await visit(f"{shop.url}/console#token={shop.token('operator', user)}", **options)
    link = visitor.page.get_by_role("link", name="Before")
    await expect(link).to_be_visible()
    await visitor.page.goto(f"{shop.url}/console#/main/{ROOM}/before")
    await expect(visitor.page.get_by_role("heading", name="From a file")).to_be_visible()
    return visitor.page


async def step(hands: Hands, page: Page, name: str) -> Locator:
    await hands.press(page.get_by_role("button", name=name, exact=True).first)
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()
    return page.locator(".before-step")


def catalogue(folder: Path, name: str, rows: str) -> Path:
    """A file as Excel in China saves it."""
    file = folder / name
    file.write_bytes((HEADER + rows).encode("gb18030"))
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_file_is_dropped_looked_at_read_otherwise_and_applied(
    shop: LiveShop, visit: Visit, tmp_path: Path, scheme: str
) -> None:
    fan, cup = f"FAN-{scheme}", f"CUP-{scheme}"
    rows = f"{fan},{scheme}扇子,9.90,50,\n{cup},茶碗,{WRONG},30,\n{SKU},{TITLE},45.00,,\n"
    page = await enter(visit, shop, may_fail=STALE, color_scheme=scheme)
    hands, part = Mouse(page), page.locator(".before-step")
    found = await violations(scheme, Visitor(page.context, page, shop.url))
    drop, choose = page.locator(".drop"), page.get_by_role("button", name="Choose a file")
    await hands.give_file(drop, choose, catalogue(tmp_path, "货.csv", rows))

    await expect(part.get_by_text("not applied yet")).to_be_visible()
    fault = page.get_by_role("region", name="Faults").locator("tbody tr").first
    await expect(fault).to_contain_text("3")
    await expect(fault).to_contain_text("价格")
    await expect(fault).to_contain_text(f"'{WRONG}' is no price")
    says = part.locator(".perform-says")
    await expect(says).to_contain_text("receives 50 units, of which 5 go to the safety buffer")
    await expect(says).to_contain_text("1 bad row stays out")
    first = page.get_by_role("group", name="The first rows, as they were read").locator("tbody")
    await expect(first).to_contain_text(f"{scheme}扇子")
    found += await violations(scheme, Visitor(page.context, page, shop.url))

    await hands.choose(part.get_by_label("Encoding of the text"), "big5")
    await expect(first).not_to_contain_text("扇子")
    await hands.choose(part.get_by_label("Encoding of the text"), "gb18030")
    await expect(first).to_contain_text(f"{scheme}扇子")
    sent = (await shop.merchant.imports())[-1]["import"]
    await shop.merchant.change_import(sent, encoding="big5")  # by somebody else, who looks at it, too
    await shop.merchant.awaited_import(sent)
    await hands.press(part.get_by_role("button", name="Apply", exact=True))
    await expect(page.get_by_text("Somebody has changed how this file is read. Nothing was applied.")).to_be_visible()
    await expect(first).not_to_contain_text("扇子")
    assert await shop.merchant.sku(fan) is None
    await hands.choose(part.get_by_label("Encoding of the text"), "gb18030")
    await expect(first).to_contain_text(f"{scheme}扇子")
    await expect(page.get_by_text("Somebody has changed how")).to_have_count(0)
    await hands.press(part.get_by_role("button", name="Apply", exact=True))
    await expect(part.get_by_text("2 of 2 rows are written.")).to_be_visible()

    part = await step(hands, page, "Shelf")
    await expect(part.get_by_label(f"Link number of {scheme}扇子")).not_to_have_value("")
    await expect(part.get_by_text(cup)).to_have_count(0)
    found += await violations(f"{scheme}, shelf", Visitor(page.context, page, shop.url))
    for name in ("Strategy", "Reserve and buffer", "Channels and split", "Room", "Receive goods"):
        part = await step(hands, page, name)
        more = part.locator("button[aria-expanded='false']").last
        if await more.count():
            await hands.press(more)
        found += await violations(f"{scheme}, {name}", Visitor(page.context, page, shop.url))
    assert not found, "\n".join(found)
    buckets = await shop.merchant.sku_buckets(fan)
    assert (buckets["pool"], buckets["safety"]) == (45, 5)


async def test_a_file_that_cannot_be_read_says_what_was_expected_and_is_put_away(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    page = await enter(visit, shop)
    hands, part = Mouse(page), page.locator(".before-step")
    picture = tmp_path / "catalogue.pdf"
    picture.write_bytes(b"%PDF")
    nameless = tmp_path / "nameless.csv"
    nameless.write_text("a,b\n1,2\n", encoding="utf-8")
    drop, choose = page.locator(".drop"), page.get_by_role("button", name="Choose a file")
    await hands.give_file(drop, choose, picture)
    await expect(part.get_by_role("alert")).to_contain_text("Expected: a .csv or .xlsx file")
    await hands.give_file(drop, choose, nameless)
    await expect(part.get_by_role("alert")).to_contain_text("sku")
    await expect(part.get_by_role("button", name="Apply", exact=True)).to_have_count(0)
    # Wherever on the page the next one is dropped, and whatever is looked at.
    await step(hands, page, "Shelf")
    await page.evaluate(_A_FILE_COMES)
    await expect(drop).to_be_visible()
    await hands.give_file(drop, choose, nameless)
    await hands.give_file(part, choose, catalogue(tmp_path, "better.csv", "VASE-09,花瓶,9.00,1,\n"))
    await expect(part.get_by_text("better.csv")).to_be_visible()
    await expect(part.get_by_text("not applied yet")).to_be_visible()
    await hands.press(part.get_by_role("button", name="Put this file away"))
    await expect(choose).to_be_visible()
    await hands.press(page.get_by_role("button", name="Look at it: nameless.csv").first)
    await expect(part.get_by_text("cannot be read", exact=True)).to_be_visible()
    await hands.press(part.get_by_role("button", name="Put this file away"))
    await hands.press(page.get_by_role("button", name="Look at it: nameless.csv"))
    await hands.press(part.get_by_role("button", name="Put this file away"))
    await expect(part.get_by_text("nameless.csv")).to_have_count(0)


async def test_of_two_files_the_last_is_looked_at_whichever_is_read_first(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    page = await enter(visit, shop)
    hands, part = Mouse(page), page.locator(".before-step")
    last_is_read = asyncio.Event()

    async def hold(route: Route) -> None:
        """The first file is sent when the last has been read."""
        if "first.csv" in route.request.url:
            await last_is_read.wait()
        await route.continue_()

    await page.route("**/imports?**", hold)
    choose = page.get_by_role("button", name="Choose a file")
    for name in ("first.csv", "last.csv"):
        await hands.give_file(page.locator(".drop"), choose, catalogue(tmp_path, name, "VASE-08,花瓶,9.00,1,\n"))
    await expect(part.get_by_text("not applied yet")).to_be_visible()
    async with page.expect_response(lambda response: "first.csv" in response.url) as answered:
        last_is_read.set()
    await (await answered.value).finished()
    await page.evaluate(_TWO_FRAMES)
    await expect(part.get_by_text("last.csv")).to_be_visible()
    await expect(part.get_by_text("first.csv")).to_have_count(0)
    await hands.press(part.get_by_role("button", name="Put this file away"))
    await hands.press(page.get_by_role("button", name="Look at it: first.csv"))
    await hands.press(part.get_by_role("button", name="Put this file away"))
    await expect(choose).to_be_visible()


async def test_a_keyboard_is_enough_to_bring_in_a_file_and_to_number_it(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    page = await enter(visit, shop)
    hands, part = Keyboard(page), page.locator(".before-step")
    file = catalogue(tmp_path, "keys.csv", "KEY-1,钥匙扣,5.00,10,\n")
    await hands.give_file(page.locator(".drop"), page.get_by_role("button", name="Choose a file"), file)
    await hands.press(part.get_by_role("button", name="Apply", exact=True))
    await expect(part.get_by_text("1 of 1 rows is written.")).to_be_visible()
    part = await step(hands, page, "Shelf")
    link = part.get_by_label("Link number of 钥匙扣")
    await hands.write(link, "0")
    await page.keyboard.press("Enter")
    await expect(part.locator(".field-fault")).to_have_text("Expected: a whole number from 1 to 999.")
    await hands.write(link, "77")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The terms of 钥匙扣 are saved.").first).to_be_visible()
    listed = (await shop.merchant.listed(ROOM))["KEY-1"]
    assert listed["link"] == 77


async def test_two_who_edit_one_field_see_both_values_and_choose(shop: LiveShop, visit: Visit) -> None:
    mine, theirs = await enter(visit, shop, "wang", may_fail=STALE), await enter(visit, shop, "li", may_fail=STALE)
    title = "Shared jar"
    await shop.sell("JAR-01", title, 20)
    rows = []
    for page in (mine, theirs):
        part = await step(Mouse(page), page, "Shelf")
        await expect(part.get_by_label(f"Limit per customer of {title}")).to_be_visible()
        rows.append(part)
    limit, price = (rows[0].get_by_label(f"{name} of {title}") for name in ("Limit per customer", "Price"))
    await limit.fill("5")
    other = rows[1].get_by_label(f"Limit per customer of {title}")
    await other.fill("8")
    await other.press("Enter")
    await expect(theirs.get_by_text(f"The terms of {title} are saved.").first).to_be_visible()
    await limit.press("Enter")
    clash = rows[0].get_by_role("group", name="Limit per customer")
    await expect(clash.get_by_role("button", name="Yours: 5")).to_be_visible()
    await expect(clash.get_by_role("button", name="Theirs: 8")).to_be_visible()
    assert (await shop.merchant.listed(ROOM))["JAR-01"]["limit_per_user"] == 8
    await clash.get_by_role("button", name="Yours: 5").click()
    await expect(clash).to_have_count(0)
    await expect(other).to_have_value("5")

    # Of different fields both stay.
    await price.fill("12.50")
    await other.fill("6")
    await other.press("Enter")
    await expect(limit).to_have_value("6")
    await price.press("Enter")
    await expect(rows[1].get_by_label(f"Price of {title}")).to_have_value("12.50")
    listed = (await shop.merchant.listed(ROOM))["JAR-01"]
    assert (listed["limit_per_user"], listed["price_minor"]) == (6, 1_250)


async def test_a_sku_leaves_the_shelf_and_its_place_in_the_show_is_planned(shop: LiveShop, visit: Visit) -> None:
    title = "Lone vase"
    await shop.sell("VASE-01", title, 9)
    narrow = {"width": 720, "height": 900}
    page = await enter(visit, shop, may_fail=("a status of 422",), viewport=narrow)
    hands, part = Mouse(page), await step(Mouse(page), page, "Shelf")
    await hands.press(part.get_by_role("button", name=f"More of {title}"))
    plan = page.get_by_role("region", name="In the run order")
    await expect(plan).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= narrow["width"]
    await hands.press(plan.get_by_label("It is in the run order"))
    await hands.write(plan.get_by_label("Minutes on air"), "8")
    await hands.write(plan.get_by_label("Note for the host"), "show the base")
    await hands.press(plan.get_by_role("button", name="Save"))
    await expect(plan.get_by_text("Saved.", exact=True)).to_be_visible()
    room = await shop.merchant.room(ROOM)
    assert room is not None
    assert room["run_order"][-1] == {"sku": "VASE-01", "minutes": 8, "note": "show the base"}

    picture = page.get_by_role("region", name="The article, in every room")
    await hands.write(picture.get_by_label("Picture"), "https://elsewhere.example/vase.png")
    await hands.press(picture.get_by_role("button", name="Save"))
    await expect(picture.locator(".field-fault")).to_contain_text("image_origins")
    await hands.press(picture.get_by_role("button", name="Take back what I typed"))

    off = page.get_by_role("region", name="Take off the shelf")
    await hands.press(off.get_by_role("button"))
    await expect(off.locator(".perform-says")).to_contain_text("9 left here cannot be bought any more")
    await hands.press(off.get_by_role("button", name="Take off the shelf"))
    await expect(part.get_by_role("button", name=f"More of {title}")).to_have_count(0)
    assert "VASE-01" not in await shop.merchant.listed(ROOM)


async def _fill(hands: Mouse, card: Locator, units: int, says: str, *, back: bool = False) -> None:
    """Put more of the tea into a batch that waits, or some of it back."""
    await hands.press(card.get_by_role("button", name="Units in or out"))
    form = card.get_by_role("region", name="Units in or out")
    await hands.write(form.get_by_label("Article", exact=True), "TEA-01")
    await hands.write(form.get_by_label("Units", exact=True), str(units))
    if back:
        await hands.press(form.get_by_label("Take them back into the pool"))
    await expect(form.locator(".perform-says")).to_contain_text(says)
    await hands.press(form.get_by_role("button", name="Put back into the pool" if back else "Set aside"))
    await expect(form).to_have_count(0)


async def test_a_batch_and_a_proposal_say_what_they_move_before_they_do(shop: LiveShop, visit: Visit) -> None:
    await shop.sell("TEA-01", "Tea", 200)
    page = await enter(visit, shop)
    hands, part = Mouse(page), await step(Mouse(page), page, "Batches")
    await hands.press(part.get_by_role("button", name="New batch"))
    form = page.get_by_role("region", name="New batch")
    await hands.write(form.get_by_label("What it is called"), "Wave 2")
    await hands.write(form.get_by_label("Article", exact=True), "TEA-01")
    await hands.write(form.get_by_label("Units", exact=True), "40")
    await hands.press(form.get_by_role("button", name="Put in"))
    await expect(form.locator(".perform-says")).to_contain_text("40 of Tea (pool 200 → 160)")
    await hands.press(form.get_by_role("button", name="Make the batch"))
    card = part.get_by_role("listitem", name="Wave 2")
    await expect(card).to_contain_text("planned")
    await _fill(hands, card, 10, "pool 160 → 150, Wave 2 40 → 50")
    await _fill(hands, card, 10, "Wave 2 50 → 40, pool 150 → 160", back=True)
    await hands.press(card.get_by_role("button", name="Open batch"))
    await expect(card.locator(".perform-says")).to_contain_text("40 units can be bought from it")
    await hands.press(card.get_by_role("button", name="Open batch"))
    await expect(card.locator(".badge")).to_have_text("open")

    part = await step(hands, page, "Strategy")
    await hands.press(part.get_by_role("radio", name="Brand"))
    await expect(part.locator(".perform-says")).to_contain_text("Division over channels: off → propose it to me")
    await hands.press(part.get_by_role("button", name="Begin: Brand"))
    await expect(part.get_by_text("All as in “Brand”.")).to_be_visible()

    # Douyin has sold most of what it has, the pool nothing.
    await shop.merchant.allocate("TEA-01", 35, source="pool", target="channel:douyin", key="quota")
    await shop.note_demand()
    await shop.merchant.order("order-1", channel="douyin", sku="TEA-01", qty=30)
    await shop.note_demand()
    part = await step(hands, page, "Channels and split")
    await hands.press(part.get_by_role("button", name="Work out the split now"))
    proposal = page.get_by_role("region", name="Proposals to move units").get_by_role("listitem").first
    move = proposal.locator("tbody tr")
    await expect(move).to_contain_text("Tea")
    await expect(move).to_contain_text("Douyin")
    await expect(move.locator("td").last).to_have_text(re.compile(r"^6 min → "))
    await hands.press(proposal.get_by_role("button", name="Apply the proposal"))
    await expect(proposal.locator(".badge")).to_have_text("applied")
    moved = (await shop.merchant.sku_buckets("TEA-01"))["channel:douyin"] - 5
    assert moved > 0
    await hands.press(proposal.get_by_role("button", name="Undo"))
    await expect(proposal.locator(".badge")).to_have_text("undone")
    assert (await shop.merchant.sku_buckets("TEA-01"))["channel:douyin"] == 5


async def test_units_are_received_and_set_aside_and_a_new_room_is_filled(shop: LiveShop, visit: Visit) -> None:
    await shop.sell("BAG-01", "Bag", 10)
    page = await enter(visit, shop)
    hands, part = Mouse(page), await step(Mouse(page), page, "Receive goods")
    await hands.write(part.get_by_label("Article", exact=True), "BAG-01")
    await hands.write(part.get_by_label("Units that have arrived"), "30")
    await expect(part.locator(".perform-says")).to_have_text("Takes in 30 of Bag: pool 10 → 40.")
    await hands.press(part.get_by_role("button", name="Receive goods"))
    await expect(part.get_by_label("Article", exact=True)).to_have_value("")

    part = await step(hands, page, "Reserve and buffer")
    await hands.press(part.get_by_role("button", name="Change Bag"))
    move = page.get_by_role("region", name="Move units")
    await hands.write(move.get_by_label("Units"), "41")
    await expect(move.locator(".perform-says")).to_have_text("Only 40 are in the pool.")
    await hands.write(move.get_by_label("Units"), "15")
    await expect(move.locator(".perform-says")).to_contain_text("pool 40 → 25, elastic reserve 0 → 15")
    await hands.press(move.get_by_role("button", name="Set aside"))
    rule = page.get_by_role("region", name="When the reserve comes out")
    await hands.choose(rule.get_by_label("How"), "ask me first")
    await hands.write(rule.get_by_label("When so many units are left"), "5")
    # What is typed stays while another step is looked at.
    await step(hands, page, "Batches")
    part = await step(hands, page, "Reserve and buffer")
    await hands.press(part.get_by_role("button", name="Change Bag"))
    await expect(rule.get_by_label("When so many units are left")).to_have_value("5")
    await hands.press(rule.get_by_role("button", name="Save"))
    await expect(part.get_by_text("Asks you when 5 units are left: all of it.")).to_be_visible()
    buckets = await shop.merchant.sku_buckets("BAG-01")
    assert (buckets["pool"], buckets["elastic"]) == (25, 15)

    part = await step(hands, page, "Room")
    await hands.press(part.get_by_role("button", name="New room"))
    form = page.get_by_role("region", name="New room")
    await hands.write(form.get_by_label("What it is called"), "Morning show")
    await hands.choose(form.get_by_label("Sells through"), "Douyin")
    await hands.press(form.get_by_role("button", name="Make the room"))
    part = page.locator(".before-step")
    await expect(part.get_by_text("Nothing is on the shelf yet")).to_be_visible()
    await hands.press(part.get_by_role("button", name="Add articles"))
    await hands.press(part.get_by_role("checkbox", name="Bag"))
    await expect(part.locator(".perform-says")).to_contain_text("Puts Bag on the shelf")
    await hands.press(part.get_by_role("button", name="Put on the shelf"))
    await expect(part.get_by_label("Link number of Bag")).to_have_value("1")
    assert list(await shop.merchant.listed("morning-show")) == ["BAG-01"]
    made = await shop.merchant.room("morning-show")
    assert made is not None
    assert made["gate"] == "refuse"
