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
from pages.newcomer import Newcomer
from pages.words import Words
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

OpenEmpty = Callable[[], Awaitable[LiveShop]]


@session_loop_fixture
async def open_empty(settings: Settings, short_folder: Path) -> AsyncIterator[OpenEmpty]:
    """Opens a server with a pool, a room before its first show, and a login; its book is audited at the end."""
    async with AsyncExitStack() as opened:

        async def open_one() -> LiveShop:
            shop = LiveShop(msgspec.structs.replace(settings, data_dir=str(short_folder / secrets.token_hex(4))))
            opened.push_async_callback(shop.close)
            await shop.begin()
            opened.push_async_callback(shop.assert_sound)
            await shop.merchant.define_room(ROOM, channel=CHANNEL, title="Evening show", anonymous=True)
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
