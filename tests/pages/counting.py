"""People who count on the console, for tests of its pages, while the shop sells on."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from pages.conftest import Visit
from pages.live_shop import POOL, ROOM, SKU, LiveShop, shop_of_a_file
from pages.visitor import DESK, PHONE, Visitor
from pages.words import Words
from playwright.async_api import Locator, Page, Response, expect
from shelfcast_client import Reserved, ServerRefused, connect
from shelfcast_client.merchant import Merchant

HANDHELD: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
LOOKS = [("en", "light"), ("zh", "dark")]
TARGET_MIN_PX = 44
REFUSED = ("a status of 401", "a status of 409", "a status of 403")

# Numbers that stand nowhere but in the book: on a page of somebody who counts blind each would be told by it.
MUGS, BOWLS, SHIRTS = 1_237, 431, 688
BOWL, SHIRT = ("BOWL-02", "Stoneware bowl"), ("SHIRT-03", "Thermal shirt")
BARCODES = {SKU: "6901234567892", BOWL[0]: "6901234567908", SHIRT[0]: "6901234567915"}

SMALL_TARGETS = """least => [...document.querySelectorAll(
    "main button, main a, main input:not([type=checkbox], [type=file]), main select, main summary")]
  .filter(each => each.checkVisibility())
  .map(each => [each.getBoundingClientRect().height, each.textContent.trim() || each.id])
  .filter(([height]) => height < least)"""

ON_HAND = ("pool", "safety", "elastic", "unsellable", "batch:", "channel:", "held:", "sold:")
"""Places of units that are in the house: what people can count."""
EXPECTED = ("on_hand", "unsellable", "difference", "counted", "adjusted", "bad", "reason", "shortage", "write_off_from")
"""What an answer says of a SKU that whoever counts blind is not told."""
OF_THE_COUNT = ("recounts", "unreasoned", "differing", "over", "signatures_needed", "gained", "lost", "shortage")


@asynccontextmanager
async def shop_to_count() -> AsyncIterator[LiveShop]:
    """A room on air that sells three SKUs with barcodes, for the tests of a file; audited at the end."""
    async with shop_of_a_file() as opened:
        await opened.open(units=MUGS)
        await opened.sell(*BOWL, BOWLS)
        await opened.sell(*SHIRT, SHIRTS)
        await opened.merchant.catalogue(
            [{"sku": sku, "barcode": barcode, "zone": "A1"} for sku, barcode in BARCODES.items()], key="barcodes"
        )
        yield opened


async def on_hand(shop: LiveShop, sku: str) -> int:
    """How many the book has in the house."""
    buckets = await shop.merchant.sku_buckets(sku)
    return sum(units for place, units in buckets.items() if place.startswith(ON_HAND))


@asynccontextmanager
async def selling(shop: LiveShop, *skus: str) -> AsyncIterator[Iterator[int]]:
    """Somebody buys one of these after the other as fast as the server answers, and pays half of them. The iterator's
    next number is how many were bought."""
    bought = itertools.count()

    async def buy() -> None:
        token = shop.token("viewer", "buyer")
        async with connect(shop.url, ROOM, token=token) as room:
            for sku in itertools.cycle(skus):
                held = await room.reserve(sku, 1)
                if not isinstance(held, Reserved):
                    continue
                if next(bought) % 2:
                    await shop.merchant.confirm(held.id)
                else:
                    await shop.merchant.cancel(held.id)

    buyer = asyncio.create_task(buy())
    try:
        yield bought
        assert not buyer.done(), "the sale has stopped by itself"
    finally:
        buyer.cancel()
        with suppress(asyncio.CancelledError):
            await buyer


async def parcel(shop: LiveShop, sku: str, qty: int, order: str) -> None:
    """An order of another platform leaves the house."""
    await shop.merchant.order(order, channel="live", sku=sku, qty=qty)
    await shop.merchant.ship(order, reference=order)


def operator(shop: LiveShop, user: str) -> Merchant:
    """Somebody who runs the shop, by HTTP."""
    return Merchant(shop.url, shop.token("operator", user), POOL)


async def one_receives(shop: LiveShop) -> None:
    """Two people agree that one may take goods in."""
    async with operator(shop, "ann") as ann, operator(shop, "bo") as bo:
        with pytest.raises(ServerRefused, match="another operator"):
            await ann.change_pool(receipts_by_two=False)
        await bo.change_pool(receipts_by_two=False)


class Answers:
    """All that the server answers a page, as it comes."""

    def __init__(self, page: Page) -> None:
        self._pending: list[asyncio.Task[None]] = []
        self.bodies: list[tuple[str, str]] = []
        page.on("response", self._came)

    def _came(self, response: Response) -> None:
        if "/v1/" in response.url:
            self._pending.append(asyncio.create_task(self._keep(response)))

    async def _keep(self, response: Response) -> None:
        # One that the page has left before it was whole has nothing in it that the page got.
        with suppress(Exception):
            self.bodies.append((response.url, await response.text()))

    async def others(self, receipt: str) -> list[str]:
        """Lines of other people's, and what was announced, that were in an answer about a receipt."""
        await asyncio.gather(*self._pending)
        told = [json.loads(body) for url, body in self.bodies if f"/receipts/{receipt}" in url]
        assert told
        lines = [entry for each in told for entry in each["entries"] if entry["lines"] is not None]
        return [str(each["expected"]) for each in told if each["expected"] is not None] + [
            f"lines of {by}" for by in sorted({entry["by"] for entry in lines})[1:]
        ]

    async def figures(self) -> list[str]:
        """Whatever of the book's figures, or of what others found, was in an answer."""
        await asyncio.gather(*self._pending)
        assert any("/rows" in url for url, _ in self.bodies)
        return [
            f"{url}: {found}"
            for url, body in self.bodies
            if body.startswith(("{", "["))
            for found in _figures(json.loads(body))
        ]


def _figures(said: Any) -> Iterator[str]:
    if isinstance(said, list):
        for each in said:
            yield from _figures(each)
    elif isinstance(said, dict):
        names = EXPECTED if "may_count" in said else OF_THE_COUNT if "counted_rows" in said else ()
        yield from (f"{name}: {said[name]}" for name in names if said[name] is not None)
        for each in said.values():
            yield from _figures(each)


class Counter:
    """Somebody who counts on a page: a phone, or the console at a desk."""

    def __init__(self, page: Page, words: Words) -> None:
        self.page = page
        self.words = words
        self.answers = Answers(page)

    async def open(self, title: str) -> None:
        """The count of this name, from the list."""
        await self.page.get_by_role("link", name=title).click()
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible()
        await expect(self.search).to_be_visible()

    @property
    def search(self) -> Locator:
        return self.page.get_by_label(self.words("counts.search"), exact=True)

    @property
    def good(self) -> Locator:
        return self.page.get_by_label(self.words("counts.good"), exact=True)

    @property
    def bad(self) -> Locator:
        return self.page.get_by_label(self.words("counts.bad"), exact=True)

    @property
    def save(self) -> Locator:
        return self.page.get_by_role("button", name=self.words("counts.save"), exact=True)

    async def begin(self, title: str) -> None:
        """Press a SKU in the list: its line is begun on the server by then."""
        async with self.page.expect_response(lambda answer: answer.url.endswith("/lines")):
            await self.page.get_by_role("button", name=title).click()
        await expect(self.good).to_be_focused()

    async def scan(self, barcode: str) -> None:
        """As a scanner does, which knows of no field."""
        await self.page.keyboard.type(barcode)
        await self.page.keyboard.press("Enter")

    async def found(self, good: int, bad: int = 0) -> None:
        """Say what there is, and save it."""
        await self.good.fill(str(good))
        if bad:
            await self.bad.fill(str(bad))
        await self.save.click()
        await expect(self.search).to_be_visible()
        await expect(self.page.locator(".said-here")).to_contain_text(f"{good:,}")


async def phone_of(visit: Visit, shop: LiveShop, user: str, language: str = "en", **options: Any) -> Visitor:
    """The phone of somebody who counts, at the list of counts."""
    link = f"{shop.url}/console?lang={language}#token={shop.token('counter', user)}"
    visitor: Visitor = await visit(link, **HANDHELD | options)
    words = Words(language)
    pool = visitor.page.get_by_label(words("counts.pool.name"))
    await pool.fill("main")
    await pool.press("Enter")
    await expect(visitor.page.get_by_role("navigation", name=words("counts.parts"))).to_be_visible()
    return visitor


async def desk_of(visit: Visit, shop: LiveShop, user: str, language: str = "en", **options: Any) -> Visitor:
    """The console of an operator, at the counts."""
    link = f"{shop.url}/console?lang={language}#token={shop.token('operator', user)}"
    visitor: Visitor = await visit(link, **{"viewport": DESK} | options)
    words = Words(language)
    await visitor.page.get_by_role("link", name=words("shell.view.counts"), exact=True).click()
    await expect(visitor.page.get_by_role("button", name=words("counts.new"), exact=True)).to_be_visible()
    return visitor


async def opened_count(shop: LiveShop, *skus: str, **more: Any) -> str:
    """A spot check of these SKUs, made by somebody else; returns its id."""
    async with operator(shop, "made") as made_by:
        made = await made_by.open_count("spot", skus=list(skus), **more)
    return made["count"]["count"]


async def put_aside(shop: LiveShop, count: str) -> None:
    async with operator(shop, "made") as made_by:
        await made_by.cancel_count(count)
