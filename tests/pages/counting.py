"""People who count on the console, for tests of its pages: a shop that sells on meanwhile, and what each of them does."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from pages.live_shop import POOL, ROOM, LiveShop
from pages.words import Words
from playwright.async_api import Locator, Page, Response, expect
from shelfcast_client import Reserved, connect
from shelfcast_client.merchant import Merchant

ON_HAND = ("pool", "safety", "elastic", "unsellable", "batch:", "channel:", "held:", "sold:")
"""Places of units that are in the house: what people can count."""
EXPECTED = ("on_hand", "unsellable", "difference", "counted", "adjusted", "bad", "reason", "shortage", "write_off_from")
"""What an answer says of a SKU that whoever counts blind is not told."""
OF_THE_COUNT = ("recounts", "unreasoned", "differing", "over", "signatures_needed", "gained", "lost", "shortage")


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
