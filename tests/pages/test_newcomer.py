"""A newcomer prepares and runs a whole show by what stands on the page, while people buy.

The suite goes through it with a mouse in English. `--newcomer all` also with the keyboard alone, and in Chinese.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import msgspec
import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.hands import WAYS
from pages.live_shop import CHANNEL, POOL, ROOM, LiveShop
from pages.looking_back import LookingBack, sold_in
from pages.newcomer import Newcomer
from pages.stocktaker import Stocktaker
from pages.words import VIEWER, Words
from playwright.async_api import expect
from shelfcast.settings import Settings
from shelfcast_client import Reserved, connect

NAME, PASSWORD = "lin", "jasmine on the third shelf"
MUG, BOWL, TEA = "青花陶瓷杯", "釉下彩大碗", "茉莉花茶"
WRONG_PRICE = "四十九块九"
CATALOGUE = f"""商品编码,商品名称,售价,期初库存
MUG-01,{MUG},{{price}},100
BOWL-01,{BOWL},89.00,60
TEA-01,{TEA},68.00,80
"""
DOUYIN_UNITS = 40
BUYERS = 4
LOT_UNITS = 20
SOLD = 34
"""Mugs, one an order."""

LAPTOP = {"width": 1440, "height": 900}
NO_FAULTS = ("a status of 401", "a status of 403", "a status of 409", "a status of 404")
"""What the browser writes of a page that asks who is logged in, whether this is a demonstration, in the moment when
the show ends once more what its end would do, and for a report that is being written."""
CONTINUE_MS = 2_000
"""Behind the show's end: the final report waits for it."""

OpenEmpty = Callable[[], Awaitable[LiveShop]]


@session_loop_fixture
async def open_empty(settings: Settings, short_folder: Path) -> AsyncIterator[OpenEmpty]:
    """Opens a server with a pool, a room before its first show, and a login; its book is audited at the end."""
    async with AsyncExitStack() as opened:

        async def open_one() -> LiveShop:
            folder = str(short_folder / secrets.token_hex(4))
            continued = {"SHELFCAST_SHOW_CONTINUE_MAX_MS": str(CONTINUE_MS)}
            shop = LiveShop(msgspec.structs.replace(settings, data_dir=folder), **continued)
            opened.push_async_callback(shop.close)
            await shop.begin()
            opened.push_async_callback(shop.assert_sound)
            await shop.merchant.define_room(ROOM, channel=CHANNEL, title="Evening show", anonymous=True, gate="refuse")
            async with httpx.AsyncClient(base_url=shop.url, timeout=100) as http:
                account = {"role": "operator", "pools": [POOL], "password": PASSWORD}
                bearer = {"Authorization": f"Bearer {shop.token('operator', 'owner')}"}
                (await http.put(f"/v1/accounts/{NAME}", json=account, headers=bearer)).raise_for_status()
            return shop

        yield open_one


def catalogue(folder: Path, name: str, price: str) -> Path:
    """The shop's file, as a spreadsheet in China saves it."""
    file = folder / name
    file.write_bytes(CATALOGUE.format(price=price).encode("gb18030"))
    return file


async def buy_all_but(shop: LiveShop, sku: str, left: int) -> None:
    """People buy and pay until so many are left."""
    async with AsyncExitStack() as opened:
        rooms = [
            await opened.enter_async_context(connect(shop.url, ROOM, token=shop.token("viewer", f"guest-{number}")))
            for number in range(BUYERS)
        ]
        turn = 0
        while await shop.available(sku) > left:
            result = await rooms[turn % BUYERS].reserve(sku, 1)
            assert isinstance(result, Reserved), result
            await shop.merchant.confirm(result.id, reference="paid")
            turn += 1


@pytest.fixture(params=[("mouse", "en"), ("keyboard", "en"), ("mouse", "zh"), ("keyboard", "zh")], ids="-".join)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """How the newcomer works, and the language of the pages."""
    hands, language = request.param
    if (hands, language) != ("mouse", "en") and request.config.getoption("--newcomer") != "all":
        pytest.skip("by hand: --newcomer all")
    return hands, language


async def test_a_newcomer_prepares_and_runs_a_show(
    open_empty: OpenEmpty, visit: Visit, way: tuple[str, str], tmp_path: Path
) -> None:
    hands, language = way
    shop, words = await open_empty(), Words(language)
    query = f"?lang={language}"
    console = await visit(f"{shop.url}/console{query}", may_fail=NO_FAULTS, viewport=LAPTOP)
    it = Newcomer(console.page, words, WAYS[hands](console.page))
    await it.log_in(NAME, PASSWORD)

    await prepare(it, tmp_path)

    await it.go("board")
    await it.arrange(BOWL, ups=1)
    viewer = await visit(shop.link("rooms", query=query))
    host = await visit(shop.link("host", "host", query=query))
    await it.begin_show()
    await it.command("8 !", MUG)
    left = viewer.page.locator(".stage-product .left-count")
    await expect(left).to_have_text("35")

    await shop.note_demand()
    await buy_all_but(shop, "MUG-01", 3)
    await expect(left).to_have_text("3")
    await it.release_reserve(MUG, "10%", 15, "3 → 18")
    await expect(left).to_have_text("18")

    await it.command("b lot", words.like("do.open_batch.says", batch="lot", units=LOT_UNITS))
    await it.command("8 c Show the handle", "Show the handle")
    await expect(host.page.get_by_text("Show the handle")).to_be_visible()

    await shop.note_demand()
    await it.go("before")
    await it.accept_proposal()
    await expect(left).to_have_text("30")

    await it.go("board")
    await it.command("8 x", words.like("do.freeze.says", title=MUG))
    frozen = viewer.page.get_by_text(Words(language, VIEWER)("banner.frozen"))
    await expect(frozen.first).to_be_visible()
    await it.command("8 x", words.like("do.thaw.says", title=MUG))
    await expect(frozen).to_have_count(0)
    await it.take_back(words("action.release_elastic", units=15, title=MUG, to=words("place.pool")))
    await expect(left).to_have_text("15")

    await count_while_it_sells(it, shop)
    await expect(left).to_have_text("11")
    await shop.note_demand()
    await it.end_show()
    await look_back(it, tmp_path)

    assert await units(shop) == {
        "MUG-01": {
            "supplier": -100,
            "pool": 11,
            "channel:douyin": 28,
            "safety": 10,
            "elastic": 15,
            "sold:live": SOLD,
            "count_loss": 2,
        },
        "BOWL-01": {"supplier": -60, "pool": 25, "batch:lot": 20, "safety": 6, "elastic": 9},
        "TEA-01": {"supplier": -80, "pool": 60, "safety": 8, "elastic": 12},
    }


async def prepare(it: Newcomer, folder: Path) -> None:
    """Bring in the catalogue, divide it, and count what lies there."""
    words = it.words
    await it.go("before")
    await it.choose_strategy("influencer")
    await it.give_catalogue(catalogue(folder, "新品.csv", WRONG_PRICE))
    await it.reads(WRONG_PRICE)
    await it.put_file_away()
    await it.give_catalogue(catalogue(folder, "新品改.csv", "49.90"))
    await it.reads(words("before.import.makes_other", **{"count, number": 3}))
    await it.apply_catalogue()
    for title, link in ((MUG, 8), (BOWL, 6)):
        await it.number(title, link)
    await it.make_channel("Douyin")
    await it.make_batch("lot", "BOWL-01", LOT_UNITS)
    await it.command(f"8 > douyin {DOUYIN_UNITS}", "75 → 35")
    await Stocktaker(it).clear_checklist({MUG: 100, BOWL: 60, TEA: 80})


async def count_while_it_sells(it: Newcomer, shop: LiveShop) -> None:
    """Two mugs are not there: one is sold while they are counted, and another before that is applied."""
    stocktaker = Stocktaker(it)
    await stocktaker.open_count("MUG-01")
    part = await stocktaker.begin(MUG)
    await buy_all_but(shop, "MUG-01", 14)
    await stocktaker.found(part, 98)
    await buy_all_but(shop, "MUG-01", 13)
    await stocktaker.close_and_apply({MUG: "lost"}, shown="−2")


async def look_back(it: Newcomer, folder: Path) -> None:
    """The show comes to what was sold in it: on the page, in the workbook, and on the board of its last minute."""
    back = LookingBack(it)
    await it.go("after")
    await back.reconciles(MUG, sold=SOLD, difference="−2", reason="lost", signed_by=NAME)
    await back.final_report()
    assert [await back.total(name) for name in ("sold", "orders", "neither")] == [str(SOLD), str(SOLD), "0"]
    assert sold_in(await back.download_workbook(folder)) == {MUG: SOLD, BOWL: 0, TEA: 0}
    await back.look_at_the_end(MUG, left=11, sold=SOLD)


async def units(shop: LiveShop) -> dict[str, dict[str, int]]:
    """SKU → where its units are."""
    return {
        sku: {place: count for place, count in buckets.items() if count}
        for sku, buckets in (await shop.merchant.buckets()).items()
    }
