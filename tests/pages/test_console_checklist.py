"""The checklist before a show, on the console: what is open, each kind of cure, and going on air with it or without."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.counting import one_receives
from pages.hands import Hands, Keyboard, Mouse
from pages.live_shop import CHANNEL, POOL, LiveShop, shop_of_a_file
from pages.test_accessible import violations
from pages.visitor import PHONE, Visitor
from playwright.async_api import Locator, Page, expect
from shelfcast_client.merchant import Merchant

REFUSED = ("a status of 409",)
"""What the browser writes where the gate refuses: for `may_fail`."""
NAMES = {"en": ("Before", "Checklist"), "zh": ("播前", "开播检查")}
MANY = 400
"""Articles of a shelf that would hold the page up, were all of them drawn."""
DRAWN_MAX = 60
"""Of one kind of item at first, with some to spare."""


@session_loop_fixture(scope="module")
async def shop() -> AsyncIterator[LiveShop]:
    """A pool with two channels; each test makes a room with what it needs."""
    async with shop_of_a_file() as opened:
        await opened.begin()
        await opened.merchant.define_channel("douyin", kind="dedicated", title="Douyin")
        yield opened


async def make_room(shop: LiveShop, room: str, *articles: tuple[str, str, int], **terms: Any) -> None:
    """A room that does not begin with a failing checklist: SKU, title and opening stock of what it sells."""
    await shop.merchant.define_room(room, channel=CHANNEL, title=room, gate="refuse", **terms)
    rows = [
        {"sku": sku, "title": title, "price_minor": 4_990, "currency": "CNY", "opening": units}
        for sku, title, units in articles
    ]
    await shop.merchant.catalogue(rows, key=f"opening-{room}")
    await shop.merchant.list_in_room(
        room, [{"sku": sku, "position": n, "limit_per_user": 5} for n, (sku, _, _) in enumerate(articles, start=1)]
    )


@asynccontextmanager
async def somebody(shop: LiveShop, user: str) -> AsyncIterator[Merchant]:
    """An operator at work without a page: a program neither counts nor freezes."""
    async with Merchant(shop.url, shop.token("operator", user), POOL) as merchant:
        yield merchant


async def count_all(shop: LiveShop, room: str) -> None:
    """Somebody has counted what the room sells, and found what the book has."""
    async with somebody(shop, "counter") as merchant:
        count = (await merchant.open_count("before", room=room))["count"]["count"]
        for sku in await merchant.listed(room):
            places = await merchant.sku_buckets(sku)
            await merchant.save_line(count, sku, sum(units for units in places.values() if units > 0))
        closed = await merchant.close_count(count)
        assert (await merchant.apply_count(count, closed["revision"]))["state"] == "applied"


async def enter(
    visit: Visit,
    shop: LiveShop,
    room: str,
    *,
    user: str = "wang",
    language: str = "en",
    hands: type[Mouse | Keyboard] = Mouse,
    **look: Any,
) -> tuple[Page, Hands]:
    """The console of an operator, at the checklist of the room."""
    view, step = NAMES[language]
    address = f"{shop.url}/console?lang={language}"
    visitor: Visitor = await visit(f"{address}#token={shop.token('operator', user)}", may_fail=REFUSED, **look)
    page = visitor.page
    await expect(page.get_by_role("link", name=view)).to_be_visible()
    await page.goto(f"{address}#/{POOL}/{room}/before")
    worker = hands(page)
    await worker.press(page.get_by_role("button", name=step, exact=True))
    await expect(page.get_by_role("heading", name=step, exact=True)).to_be_focused()
    await expect(page.locator(".verdict")).to_be_visible()
    return page, worker


def items(page: Page, check: str) -> Locator:
    """What the checklist says of one check."""
    return page.get_by_role("group", name=check)


async def cure(hands: Hands, page: Page, label: str, title: str, says: str) -> None:
    """Press a cure, read what it will do, and do it; the item is gone then, and whoever pressed is at the head."""
    button = page.get_by_role("button", name=f"{label}: {title}", exact=True)
    await hands.press(button)
    await expect(page.locator(".check .perform-says")).to_have_text(says)
    await hands.press(page.locator(".check .perform button.main"))
    await expect(button).to_have_count(0)
    await expect(page.locator(".verdict h4")).to_be_focused()


async def test_each_cure_that_is_ready_says_what_it_does_and_clears_its_item(shop: LiveShop, visit: Visit) -> None:
    room = "cures"
    await make_room(
        shop,
        room,
        ("C-MUG", "Mug", 20),
        ("C-BOWL", "Bowl", 30),
        ("C-TEA", "Tea", 40),
        ("C-CAKE", "Cake", 0),
    )
    merchant = shop.merchant
    await merchant.catalogue([{"sku": "C-LID", "title": "Lid", "price_minor": 900, "currency": "CNY"}], key="lid")
    await merchant.receive("C-MUG", 50, target="elastic", reason="reserve")
    await merchant.allocate("C-BOWL", 30, source="pool", target="channel:douyin")
    async with somebody(shop, "li") as li:
        await li.freeze("C-TEA")
    await merchant.list_in_room(room, [{"sku": "C-LID", "limit_per_user": 5}])
    slots = [{"sku": "C-MUG", "expected_units": 60}, {"sku": "C-LID"}]
    await merchant.change_room(room, run_order=slots)
    await merchant.unlist(room, "C-LID")
    await receive_lot(shop, "C-CAKE", 30, days=3)

    page, hands = await enter(visit, shop, room)
    await expect(page.locator(".verdict")).to_contain_text("Not ready to go on air")
    await cure(hands, page, "Release the reserve", "Mug", "Releases 40 of the elastic reserve of Mug: 20 → 60 on sale.")
    await cure(
        hands, page, "Take units back from a channel", "Bowl", "Moves 1 of Bowl from douyin to pool: 0 → 1 on sale."
    )
    await cure(hands, page, "Thaw", "Tea", "Thaws it: it can be bought again.")
    await cure(hands, page, "Put it on the shelf", "Lid", "Puts Lid on the shelf: 0 free units can be sold here.")
    await cure(
        hands,
        page,
        "Set the buffer aside",
        "Tea",
        "Sets 4 of Tea aside into the safety buffer; they are not sold then.",
    )
    day = expiry(3)
    pulls = f"Makes 30 of Cake unsellable: lot L-3, which expires on {day}."
    await cure(hands, page, "Pull lot L-3", "Cake", pulls)

    # What lacks nothing but a number asks for that.
    await hands.press(page.get_by_role("button", name="Book what arrives: Lid"))
    await hands.write(page.locator(".check").get_by_label("Units"), "25")
    await expect(page.locator(".check .perform-says")).to_have_text("Takes in 25 of Lid: pool 0 → 25.")
    await hands.press(page.locator(".check .perform button.main"))
    await expect(page.get_by_role("button", name="Book what arrives: Lid")).to_have_count(0)
    buckets = await shop.merchant.buckets()
    assert (buckets["C-MUG"]["pool"], buckets["C-MUG"]["elastic"]) == (60, 10)
    assert buckets["C-CAKE"]["unsellable"] == 30
    assert buckets["C-LID"]["pool"] == 25


def expiry(days: int) -> str:
    """The day so many days from now in the pool's time zone, which is UTC."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date().isoformat()


async def receive_lot(shop: LiveShop, sku: str, units: int, *, days: int) -> None:
    """Goods come in whose lot expires in so many days."""
    async with httpx.AsyncClient(base_url=shop.url, timeout=100) as http:
        bearer = {"Authorization": f"Bearer {shop.token('operator', 'dock')}"}
        receipts = f"/v1/pools/{POOL}/receipts"
        made = (await http.post(receipts, json={"id": f"in-{sku}"}, headers=bearer)).raise_for_status().json()
        line = {"sku": sku, "good": units, "lot": f"L-{days}", "expires_on": expiry(days)}
        entry = {"lines": [line], "done": True}
        done = await http.put(f"{receipts}/{made['receipt']}/entry", json=entry, headers=bearer)
        assert done.raise_for_status().json()["state"] == "received"


async def test_what_needs_more_leads_to_its_place_and_is_checked_again_by_itself(shop: LiveShop, visit: Visit) -> None:
    room = "places"
    await make_room(shop, room, ("P-FAN", "Fan", 30), ("P-CUP", "Cup", 30))
    await shop.merchant.list_in_room(room, [{"sku": "P-FAN", "price_minor": 0}])
    page, hands = await enter(visit, shop, room)
    await hands.press(page.get_by_role("button", name="Set the price: Fan"))
    await expect(page.get_by_role("heading", name="Shelf", exact=True)).to_be_focused()
    await expect(page.get_by_label("Price of Cup")).to_have_count(0)
    await hands.write(page.get_by_label("Price of Fan"), "12.50")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The terms of Fan are saved.").first).to_be_visible()
    await hands.press(page.get_by_role("button", name="Checklist", exact=True))
    await expect(items(page, "Price")).to_have_count(0)

    await hands.press(page.get_by_role("button", name="Plan the beginning"))
    await expect(page.get_by_role("heading", name="Room", exact=True)).to_be_focused()
    await hands.press(page.get_by_role("button", name="Checklist", exact=True))
    await expect(page.get_by_role("button", name="Plan the beginning")).to_be_visible()
    # Somebody else, somewhere else.
    await shop.merchant.change_room(room, planned_start_ms=int(time.time() * 1000) + 3_600_000)
    await expect(page.get_by_role("button", name="Plan the beginning")).to_have_count(0)


async def test_all_that_was_never_counted_is_put_on_a_sheet_in_one_press(shop: LiveShop, visit: Visit) -> None:
    room = "counted"
    await make_room(shop, room, ("N-TEA", "Green tea", 12), ("N-POT", "Tea pot", 6))
    page, hands = await enter(visit, shop, room, hands=Keyboard)
    await hands.press(page.get_by_role("button", name="Open a count of these 2"))
    await expect(page.locator(".check .perform-says")).to_contain_text("Makes a count sheet of 2 articles")
    await hands.press(page.locator(".check .perform button.main"))
    await expect(page.get_by_role("heading", name="Before the show: 2 SKUs")).to_be_visible()
    async with somebody(shop, "li") as li:
        (count,) = [each for each in await li.counts() if each["made_by"] == "wang"]
    assert (count["kind"], count["rows"]) == ("before", 2)
    await hands.press(page.get_by_role("link", name="Before", exact=True))
    await expect(items(page, "Counted")).to_contain_text("Never counted.")
    await hands.press(page.get_by_role("button", name="Go on with the count: Tea pot").first)
    await expect(page.get_by_role("heading", name="Before the show: 2 SKUs")).to_be_visible()
    async with somebody(shop, "li") as li:
        await li.cancel_count(count["count"])


async def test_the_figures_of_an_erp_are_dropped_and_held_against_the_book(
    shop: LiveShop, visit: Visit, tmp_path: Path
) -> None:
    room = "erp"
    await make_room(shop, room, ("E-POT", "Pot", 12), ("E-CUP", "Saucer", 6))
    page, hands = await enter(visit, shop, room)
    part = page.get_by_role("region", name="The book beside your ERP")
    await expect(part).to_contain_text("Your ERP has not been heard yet.")
    drop, choose = part.locator(".drop"), part.get_by_role("button", name="Choose a file")
    picture = tmp_path / "levels.pdf"
    picture.write_bytes(b"%PDF")
    await hands.give_file(drop, choose, picture)
    await expect(part.get_by_role("alert")).to_contain_text("Expected: a .csv or .xlsx file")
    wrong = tmp_path / "库存.csv"
    wrong.write_bytes("货号,库存\nE-POT,11\nE-CUP,6\nE-WHAT,1\n".encode("gb18030"))
    await hands.give_file(drop, choose, wrong)
    await expect(part).to_contain_text("2 articles are compared. 1 differs from the book.")
    await expect(part).to_contain_text("1 is not known here: E-WHAT")
    # The file is of the ERP, not a catalogue: nobody was led away.
    await expect(page.get_by_role("heading", name="Checklist", exact=True)).to_be_visible()
    await expect(items(page, "The ERP's figures")).to_contain_text("the book had 12: -1")
    await expect(part).to_contain_text("Heard: ")
    right = tmp_path / "levels.csv"
    right.write_text("sku,units\nE-POT,12\nE-CUP,6\n", encoding="utf-8")
    await hands.give_file(drop, choose, right)
    await expect(part).to_contain_text("All agree with the book.")
    await expect(items(page, "The ERP's figures")).to_have_count(0)


async def test_a_show_is_refused_then_begun_with_a_reason_then_begun_clean(shop: LiveShop, visit: Visit) -> None:
    room = "air"
    await make_room(shop, room, ("A-MUG", "Grey mug", 12))
    page, hands = await enter(visit, shop, room)
    await hands.press(page.get_by_role("link", name="To the board, to begin the show"))
    stage = page.get_by_role("region", name="The show")
    begin = stage.get_by_role("button", name="Begin the show", exact=True)
    await hands.press(begin)
    gate = page.get_by_role("region", name="The checklist stands in the way: 1 thing fails")
    await expect(gate).to_contain_text("Counted Grey mug: Never counted.")
    await hands.press(gate.get_by_role("button", name="Open the checklist"))
    await expect(page.get_by_role("heading", name="Checklist", exact=True)).to_be_visible()
    definition = await shop.merchant.room(room)
    assert definition is not None
    assert definition["status"] == "scheduled"

    await hands.press(page.get_by_role("link", name="Emergency"))
    gate = page.get_by_role("region", name="The checklist stands in the way: 1 thing fails")
    await hands.press(gate.get_by_text("Go on air all the same …"))
    anyway = gate.get_by_role("button", name="Go on air all the same", exact=True)
    await expect(gate.locator(".perform-says")).to_have_text("Say why the show begins though the checklist fails.")
    await expect(anyway).to_be_disabled()
    await hands.write(gate.get_by_label("Why? It stays in the record."), "the counter is ill")
    await expect(gate.locator(".perform-says")).to_contain_text("1 items go on sale for 0 viewers.")
    await hands.press(anyway)
    await expect(gate.get_by_text("1 thing fails. Really?")).to_be_visible()
    await hands.press(gate.get_by_role("button", name="Yes: Go on air all the same"))
    await expect(
        page.get_by_text("The show is live, though 1 thing fails: “the counter is ill”.").first
    ).to_be_visible()
    definition = await shop.merchant.room(room)
    assert definition is not None
    assert definition["status"] == "live"

    await shop.merchant.change_room(room, status="ended")
    await count_all(shop, room)
    await hands.press(page.get_by_role("link", name="Before", exact=True))
    await expect(page.locator(".verdict")).to_contain_text("Ready to go on air")
    await hands.press(page.get_by_role("link", name="To the board, to begin the show"))
    await hands.press(begin)
    await expect(stage.locator(".perform-says")).to_contain_text("The checklist: 0 fail, ")
    await hands.press(begin.last)
    await expect(page.get_by_text("The show is live.", exact=True).first).to_be_visible()
    await shop.merchant.change_room(room, status="ended")


async def test_a_reminder_before_the_planned_start_leads_to_the_checklist(shop: LiveShop, visit: Visit) -> None:
    room = "soon"
    await make_room(shop, room, ("S-MUG", "White mug", 12), planned_start_ms=int(time.time() * 1000) + 600_000)
    shop.end_minute()  # once a minute it is looked at
    visitor = await visit(f"{shop.url}/console#token={shop.token('operator', 'wang')}")
    page, hands = visitor.page, Mouse(visitor.page)
    await expect(page.get_by_role("link", name="Before", exact=True)).to_be_visible()
    await page.goto(f"{shop.url}/console#/{POOL}/{room}/board")
    alert = page.get_by_role("listitem").filter(has_text="1 check fails, ")
    await hands.press(alert.get_by_role("button", name="Got it"))
    await hands.press(alert.locator(".perform").get_by_role("button", name="Got it"))
    await expect(alert).to_contain_text("noted by wang")
    await hands.press(alert.get_by_role("button", name="Open the checklist"))
    await expect(page.locator(".verdict")).to_contain_text("Not ready to go on air")


async def test_a_pool_takes_care_and_what_is_looser_takes_two_operators(shop: LiveShop, visit: Visit) -> None:
    room = "care"
    await make_room(shop, room, ("K-MUG", "Care mug", 12))
    page, hands = await enter(visit, shop, room)
    await hands.press(page.get_by_role("button", name="Strategy", exact=True))
    care = page.get_by_role("region", name="Counts and receipts")
    above = care.get_by_label("Two signatures above … units")
    for units, says in (("10", "Saved."), ("50", "A second operator has to agree")):
        await hands.write(above, units)
        await hands.press(care.get_by_role("button", name="Save"))
        await expect(care).to_contain_text(says)
    assert await rules(shop) == (10, False)
    other, others_hands = await enter(visit, shop, room, user="li")
    await others_hands.press(other.get_by_role("button", name="Strategy", exact=True))
    theirs = other.get_by_role("region", name="Counts and receipts")
    await others_hands.write(theirs.get_by_label("Two signatures above … units"), "50")
    await others_hands.press(theirs.get_by_label("Two people enter what arrives"))
    await others_hands.press(theirs.get_by_role("button", name="Save"))
    await expect(theirs).to_contain_text("Saved.")
    assert await rules(shop) == (50, True)

    await hands.press(page.get_by_role("button", name="Receive goods", exact=True))
    await expect(page.get_by_text("In this pool two people enter what arrives")).to_be_visible()
    await expect(page.get_by_label("Units that have arrived")).to_have_count(0)
    await hands.press(page.get_by_role("button", name="New receipt"))
    await expect(page.get_by_role("button", name="Make the receipt")).to_be_visible()
    await one_receives(shop)


async def rules(shop: LiveShop) -> tuple[int | None, bool]:
    """From how many units on two people sign, and whether two receive."""
    pool = await shop.merchant.pool_definition()
    assert pool is not None
    return pool["sign_over_units"], pool["receipts_by_two"]


async def test_many_articles_do_not_hold_the_page_up(shop: LiveShop, visit: Visit) -> None:
    room = "many"
    await make_room(shop, room, *((f"M-{n:03}", f"Article {n:03}", 9) for n in range(MANY)))
    page, hands = await enter(visit, shop, room)
    counted = items(page, "Counted")
    await expect(counted).to_contain_text(str(MANY))
    assert await page.locator(".check-items > li").count() < DRAWN_MAX
    await hands.write(counted.get_by_label("Find"), "article 123")
    await expect(counted.locator(".check-items > li")).to_have_count(1)
    await expect(counted).to_contain_text("M-123")
    await hands.press(page.get_by_text("things pass"))
    await expect(page.locator("details .check").first).to_be_visible()
    assert await page.locator(".check-items > li").count() < 3 * DRAWN_MAX


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("en", "light", None), ("zh", "dark", None), ("zh", "light", PHONE), ("en", "dark", PHONE)],
)
async def test_axe_finds_no_violation_in_the_checklist(
    shop: LiveShop, visit: Visit, language: str, scheme: str, size: dict[str, int] | None
) -> None:
    room = f"axe-{language}-{scheme}"
    mug, tea = f"X-{language}-{scheme}-1", f"X-{language}-{scheme}-2"
    await make_room(shop, room, (mug, "Axe mug", 12), (tea, "Axe tea", 0))
    await receive_lot(shop, tea, 8, days=2)
    look: dict[str, Any] = {"color_scheme": scheme} | ({} if size is None else {"viewport": size})
    page, hands = await enter(visit, shop, room, language=language, **look)
    visitor = Visitor(page.context, page, shop.url)
    state = f"{language}, {scheme}"
    found = await violations(state, visitor)
    for folded in await page.locator("details.folded > summary").all():
        await hands.press(folded)
    await expect(page.locator("details[open] .check, details[open] .sheet").first).to_be_visible()
    await hands.press(page.locator(".check-items button[aria-expanded='false']").first)
    await expect(page.locator(".check .perform").first).to_be_visible()
    found += await violations(f"{state}, all open", visitor)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.goto(f"{shop.url}/console?lang={language}#/{POOL}/{room}/board")
    await hands.press(page.locator(".board-status button").first)
    await expect(page.locator(".gate li").first).to_be_visible()
    await hands.press(page.locator(".gate summary"))
    found += await violations(f"{state}, refused", visitor)
    assert not found, "\n".join(found)
