"""An evening to look at: a dozen products of the sample catalogue on one shelf, and people who buy them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.resources import as_file, files
from typing import Any, Self

from pages.live_shop import POOL, ROOM, LiveShop
from shelfcast.commands.stocking import listing_rows
from shelfcast.sheets.catalogue import read_catalogue
from shelfcast_client import Reserved, Room, connect
from shelfcast_client.merchant import Merchant

TITLE = "Tea, snacks and small things · 茶点之夜"
ON_SALE = {
    "TEA-001": "茉莉龙珠",
    "TEA-002": "普洱茶饼",
    "TEA-003": "桂花乌龙",
    "TEA-005": "旅行茶具",
    "SNK-101": "糖炒栗子",
    "SNK-103": "带壳核桃",
    "SNK-106": "芝麻糖",
    "KIT-202": "铸铁锅",
    "KIT-204": "保温杯",
    "HOM-302": "真丝枕套",
    "BTY-402": "护手霜",
    "CLO-601": "羊绒围巾",
}
"""SKU of the sample catalogue → what the shop adds to its title."""
UNITS_TIMES = 8
"""The sample's opening stock is that of a small shop."""
ORDER_QTY = 20
"""What one person buys at once, at the most; no product of the sample allows less."""
BUYERS = 6


class Evening:
    """A demonstration room on air. Use it as an async context manager, over a shop that is not open yet."""

    def __init__(self, shop: LiveShop) -> None:
        self.shop = shop
        self._open = AsyncExitStack()
        self._buyers: list[Room] = []
        self._turn = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opened:
            opened.push_async_callback(self.shop.close)
            await self.shop.open(units=12, title=TITLE, open_reservations=True)
            await self._stock_the_shelf()
            for number in range(BUYERS):
                token = self.shop.token("viewer", f"guest-{number}")
                self._buyers.append(await opened.enter_async_context(connect(self.shop.url, ROOM, token=token)))
            self._open = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    @property
    def merchant(self) -> Merchant:
        return self.shop.merchant

    async def show(self, sku: str) -> None:
        """The host holds it up."""
        await self.merchant.change_room(ROOM, spotlight=sku)

    async def terms(self, sku: str, **terms: Any) -> None:
        """Change a product's terms in the room; what is not named goes back to the catalogue's."""
        await self.merchant.list_in_room(ROOM, [self._listings[sku] | terms])

    async def left(self, sku: str) -> int:
        """What the book says is free."""
        return await self.shop.available(sku)

    async def hold(self, sku: str, qty: int) -> str:
        """Somebody puts units into a checkout. Returns the reservation's id."""
        self._turn += 1
        result = await self._buyers[self._turn % BUYERS].reserve(sku, qty)
        assert isinstance(result, Reserved), result
        return result.id

    async def pay(self, reservation: str) -> None:
        await self.merchant.confirm(reservation, reference="paid")

    async def give_back(self, reservation: str) -> None:
        """Somebody leaves the checkout."""
        await self.merchant.cancel(reservation)

    async def sell_down(self, sku: str, left: int) -> None:
        """People buy until so many units are left."""
        while (more := await self.left(sku) - left) > 0:
            await self.pay(await self.hold(sku, min(more, ORDER_QTY)))

    @asynccontextmanager
    async def trade(self, sku: str, every_s: float) -> AsyncIterator[None]:
        """Meanwhile people buy one unit after another."""

        async def sell() -> None:
            while True:
                await self.pay(await self.hold(sku, 1))
                await asyncio.sleep(every_s)

        selling = asyncio.get_running_loop().create_task(sell())
        try:
            yield
        finally:
            selling.cancel()
            with suppress(asyncio.CancelledError):
                await selling

    async def _stock_the_shelf(self) -> None:
        with as_file(files("shelfcast") / "sample" / "catalogue.csv") as file:
            catalogue = read_catalogue(file)
        catalogue.articles = [article for article in catalogue.articles if article.sku in ON_SALE]
        rows = [
            {"sku": article.sku, **article.config, "opening": article.opening * UNITS_TIMES}
            for article in catalogue.articles
        ]
        titles = {row["sku"]: f"{row['title']} · {ON_SALE[row['sku']]}" for row in rows}
        self._listings = {row["sku"]: row | {"title": titles[row["sku"]]} for row in listing_rows(catalogue)}
        await self.merchant.catalogue(rows, key=f"{POOL}-evening")
        await self.merchant.list_in_room(ROOM, list(self._listings.values()))
