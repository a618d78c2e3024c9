"""Products' pictures: nothing moves for one, and what there is without one stays where it does not come."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pages.conftest import Visit, session_loop_fixture
from pages.live_shop import ROOM, SKU, LiveShop
from pages.visitor import Visitor
from playwright.async_api import Locator, expect
from shelfcast.settings import Settings

PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9' width='900' height='900'><g/></svg>"
REFUSED = ("Content Security Policy", "violates the following", "a status of 404", "net::ERR_")
ALL_COME = "() => [...document.images].every(each => each.complete)"
PLACES = """() => [...document.querySelectorAll("#page *:not(img)")].map(each => {
    const box = each.getBoundingClientRect();
    return [each.tagName, each.getAttribute("class"), box.x, box.y, box.width, box.height].join(" ");
})"""
PAGES = {"rooms": ("viewer", ".stage-picture"), "overlay": ("", ".product"), "host": ("host", ".headline")}


class Gallery:
    """An origin of pictures: `late.svg` comes when it is let go, `gone.svg` never was, `away.svg` is somewhere else."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.asked: Counter[str] = Counter()
        """Host and path → how often."""
        self.port = 0

    @property
    def origin(self) -> str:
        """The one that is allowed; the other one is that of the name `localhost`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def foreign(self) -> str:
        return f"http://localhost:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        path = head[0].split()[1]
        host = next(line.split(": ", 1)[1] for line in head if line.lower().startswith("host: "))
        self.asked[host.partition(":")[0] + path] += 1
        if path == "/late.svg":
            await self.let_go.wait()
        status, more, body = "200 OK", "", PICTURE
        if path == "/gone.svg":
            status, body = "404 Not Found", b""
        elif path == "/away.svg":
            status, more, body = "302 Found", f"Location: {self.foreign}/here.svg\r\n", b""
        fields = f"Content-Type: image/svg+xml\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n{more}"
        writer.write(f"HTTP/1.1 {status}\r\n{fields}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@session_loop_fixture
async def gallery() -> AsyncIterator[Gallery]:
    made = Gallery()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    made.let_go.set()
    server.close()


@session_loop_fixture
async def shop(settings: Settings, gallery: Gallery) -> AsyncIterator[LiveShop]:
    """A shop that allows the gallery by its address; its book has a picture of the gallery's name, from before that."""
    async with AsyncExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="shelfcast-"))
        kept = msgspec.structs.replace(settings, data_dir=str(Path(folder) / "data"))
        before = LiveShop(kept, SHELFCAST_IMAGE_ORIGINS=f"{gallery.origin},{gallery.foreign}")
        opened.push_async_callback(before.close)
        await before.open(units=5)
        await before.merchant.change_sku(SKU, image_url=f"{gallery.foreign}/here.svg")
        await before.close()
        now = LiveShop(kept, SHELFCAST_IMAGE_ORIGINS=gallery.origin)
        opened.push_async_callback(now.close)
        yield await now.open(units=5)


async def show(shop: LiveShop, gallery: Gallery, name: str) -> None:
    await shop.merchant.change_sku(SKU, image_url=f"{gallery.origin}/{name}")


async def enter(visit: Visit, shop: LiveShop, page: str, gallery: Gallery, **options: Any) -> tuple[Visitor, Locator]:
    """The page, and the tile of what is on."""
    role, part = PAGES[page]
    hosts = {f"127.0.0.1:{gallery.port}", f"localhost:{gallery.port}"}
    visitor = await visit(shop.link(page, role), may_fail=REFUSED, may_ask=hosts, **options)
    return visitor, visitor.page.locator(f"{part} .tile").first


async def assert_characters_alone(visitor: Visitor, tile: Locator) -> None:
    await expect(tile.locator("img")).to_have_count(1)
    await visitor.page.wait_for_function(ALL_COME)
    await expect(tile.locator("img")).to_have_css("opacity", "0")
    await expect(tile.locator(".tile-letters")).to_be_visible()


@pytest.mark.parametrize("page", PAGES)
async def test_a_picture_that_comes_late_moves_nothing(
    shop: LiveShop, gallery: Gallery, visit: Visit, page: str
) -> None:
    await show(shop, gallery, "late.svg")
    visitor, tile = await enter(visit, shop, page, gallery)
    await expect(tile.locator(".tile-letters")).to_have_text("Sm")
    await expect(tile.locator("img")).to_have_css("opacity", "0")
    await visitor.drawn()
    before = await visitor.page.evaluate(PLACES)
    gallery.let_go.set()
    await expect(tile.locator("img")).to_have_css("opacity", "1")
    await visitor.drawn()
    assert await visitor.page.evaluate(PLACES) == before
    assert await tile.bounding_box() == await tile.locator("img").bounding_box()


@pytest.mark.parametrize("page", PAGES)
async def test_a_picture_that_fails_or_is_not_allowed_leaves_the_first_characters(
    shop: LiveShop, gallery: Gallery, visit: Visit, page: str
) -> None:
    """Whether the book has it from before the setting, or it is gone, or its origin sends the browser to another."""
    visitor, tile = await enter(visit, shop, page, gallery)
    await assert_characters_alone(visitor, tile)
    for name in ("gone.svg", "away.svg"):
        await show(shop, gallery, name)
        await expect(tile.locator("img")).to_have_attribute("src", f"{gallery.origin}/{name}")
        await assert_characters_alone(visitor, tile)
        assert gallery.asked[f"127.0.0.1/{name}"] > 0
    assert gallery.asked["localhost/here.svg"] == 0
    await show(shop, gallery, "here.svg")
    await expect(tile.locator("img")).to_have_css("opacity", "1")
    # One of the server's own needs no setting.
    await shop.merchant.change_sku(SKU, image_url="/static/sample/panda.svg")
    await expect(tile.locator("img")).to_have_attribute("src", "/static/sample/panda.svg")
    await expect(tile.locator("img")).to_have_css("opacity", "1")
    await shop.merchant.change_sku(SKU, image_url="")
    await expect(tile.locator("img")).to_have_count(0)


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "No. 7"), ("zh-CN", "7号")])
async def test_a_product_is_called_by_its_link_number(
    shop: LiveShop, gallery: Gallery, visit: Visit, locale: str, words: str
) -> None:
    viewer, _ = await enter(visit, shop, "rooms", gallery, locale=locale)
    host, _ = await enter(visit, shop, "host", gallery, locale=locale)
    await shop.merchant.change_listing(ROOM, SKU, link=7)
    for visitor, part in ((viewer, ".stage"), (viewer, ".item"), (host, ".headline"), (host, ".run-order li")):
        await expect(visitor.page.locator(f"{part} .link-number")).to_have_text(words)
