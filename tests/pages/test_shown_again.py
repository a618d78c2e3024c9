"""A connection may die without a word, as of a phone that goes to another network: who looks at the page again sees
within a moment what is true, and a wish that was sent into the dark is granted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Self

import pytest
from pages.conftest import OpenShop, Visit, session_loop_fixture
from pages.live_shop import LiveShop
from pages.visitor import PHONE, SERVER_AWAY
from playwright.async_api import expect

SOON_MS = 30_000
"""Below the 54 seconds after which silence alone tells that a connection is gone. Backstage it does so after 9, and
then the counts are shown as old, which is looked for."""
_CHUNK = 65_536
_COUNT = {"rooms": ".stage-product .left-count", "overlay": ".product .number", "host": ".figure.left dd"}
_SHOWN = "document.dispatchEvent(new Event('visibilitychange'))"
_SHOWN_BY_OBS = "window.dispatchEvent(new CustomEvent('obsSourceVisibleChanged', { detail: { visible: true } }))"
_OLD = (
    "[data-counts='old'], [data-offer='aged'], [data-aged='true'], .strip[data-kind='old'], .connection p:not([role])"
)
_WATCH_FOR_OLD = f"""
  window.seenOld = 0;
  new MutationObserver(() => {{
    if (document.querySelector("{_OLD}") !== null) window.seenOld += 1;
  }}).observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
"""


class Network:
    """Between a page and its server. `change` makes black holes of the connections that there are: neither end learns
    of it."""

    def __init__(self, shop: LiveShop) -> None:
        self.delay_s = 0.0
        self.reaches = True
        self.dialled = 0
        self._shop = shop
        self._age = 0
        self._dark = asyncio.Event()
        self._carrying: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    def change(self) -> None:
        self._age += 1

    def link(self, page: str, role: str) -> str:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return self._shop.link(page, role).replace(str(self._shop.server.port), str(port), 1)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled += 1
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._carrying.add(task)
        # Also of one that is cancelled before it has begun.
        task.add_done_callback(lambda _: writer.close())

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        age = self._age
        async with AsyncExitStack() as ends:
            if not self.reaches:
                await self._dark.wait()
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._shop.server.port)
            ends.callback(server_writer.close)
            await asyncio.gather(self._pipe(reader, server_writer, age), self._pipe(server_reader, writer, age))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, age: int) -> None:
        while data := await reader.read(_CHUNK):
            if age != self._age:
                await self._dark.wait()
            await asyncio.sleep(self.delay_s)
            writer.write(data)
            await writer.drain()
        writer.close()


OpenNetwork = Callable[[LiveShop], Awaitable[Network]]


@session_loop_fixture
async def network() -> AsyncIterator[OpenNetwork]:
    async with AsyncExitStack() as opened:

        async def open_one(shop: LiveShop) -> Network:
            network = await Network(shop).open()
            opened.push_async_callback(network.close)
            return network

        yield open_one


@pytest.mark.parametrize(
    ("page", "shown"), [("rooms", _SHOWN), ("host", _SHOWN), ("overlay", _SHOWN), ("overlay", _SHOWN_BY_OBS)]
)
async def test_a_page_that_is_shown_again_shows_what_is_true(
    open_shop: OpenShop, network: OpenNetwork, visit: Visit, page: str, shown: str
) -> None:
    shop = await open_shop(units=50)
    between = await network(shop)
    visitor = await visit(between.link(page, "host" if page != "rooms" else "viewer"), init=_WATCH_FOR_OLD)
    count = visitor.page.locator(_COUNT[page])
    await expect(count).to_contain_text("50")
    await visitor.page.evaluate("window.seenOld = 0")
    between.delay_s = 0.05
    between.change()
    await shop.write_off(13)
    await visitor.page.evaluate(shown)
    await expect(count).to_contain_text("37", timeout=SOON_MS)
    assert await visitor.page.evaluate("window.seenOld") == 0, "nothing flickers where the connection is there at once"


async def test_a_page_that_is_shown_again_without_a_network_says_soon_that_its_counts_are_old(
    open_shop: OpenShop, network: OpenNetwork, visit: Visit
) -> None:
    shop = await open_shop(units=50)
    between = await network(shop)
    viewer = await visit(between.link("rooms", "viewer"), may_fail=SERVER_AWAY)
    await expect(viewer.page.locator(".stage-product .left-count")).to_have_text("50")
    between.reaches = False
    between.change()
    await viewer.page.evaluate(_SHOWN)
    await expect(viewer.page.locator(".viewer")).to_have_attribute("data-counts", "old", timeout=SOON_MS)


async def test_who_goes_to_and_fro_between_two_windows_asks_once(
    open_shop: OpenShop, network: OpenNetwork, visit: Visit
) -> None:
    shop = await open_shop(units=50)
    between = await network(shop)
    viewer = await visit(between.link("rooms", "viewer"))
    await expect(viewer.page.locator(".stage-product .left-count")).to_have_text("50")
    dialled = between.dialled
    for _ in range(5):
        await viewer.page.evaluate(_SHOWN)
    await viewer.look()
    assert between.dialled == dialled + 1


async def test_a_wish_into_the_dark_is_granted_once_on_another_connection(
    open_shop: OpenShop, network: OpenNetwork, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    between = await network(shop)
    viewer = await visit(between.link("rooms", "viewer"), viewport=PHONE)
    reserve = viewer.page.locator(".stage-product button.reserve")
    await expect(reserve).to_be_enabled()
    await viewer.look()
    between.change()
    await reserve.click()
    await expect(viewer.page.locator(".stage .says")).to_have_text("No answer yet. Still asking for you…")
    await expect(viewer.page.locator(".stage-product .purchase[data-phase='held']")).to_have_count(1, timeout=SOON_MS)
    assert await shop.available() == 4
