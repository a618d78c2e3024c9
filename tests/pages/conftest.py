"""Chromium, and a shop on air that people visit with it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from pages.fonts import ONE_FAMILY, knowing_one_family
from pages.live_shop import LiveShop
from pages.visitor import Visitor
from playwright.async_api import Browser, async_playwright
from shelfcast.http.built_pages import Pages
from shelfcast.settings import Settings

_NOT_OF_A_TEST = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
"""The suggestions below the address bar are pages of the browser's own: each window loads them into a process of
their own, which costs most of a second of CPU, though nobody sees an address bar."""

_NOT_OF_PLAYWRIGHT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""What Playwright switches off itself: of several such switches Chromium heeds the last one alone."""

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=" + ",".join(_NOT_OF_A_TEST + _NOT_OF_PLAYWRIGHT),
)
"""It draws loopback pages only, as root in a container too, and looks nothing up elsewhere."""

session_loop_fixture = partial(pytest_asyncio.fixture, loop_scope="session")
"""For whatever a test with a browser has of a loop: the one that the browser lasts in."""

StartBrowser = Callable[[bool], Awaitable[Browser]]
OpenShop = Callable[..., Awaitable[LiveShop]]
Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium, and pages to show in it; without either the test is skipped."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium on PATH")
    if Pages().page("room") is None:
        pytest.skip("the pages are not built: make test builds them where there is a Node 20")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser share a loop, since what belongs to a loop ends with it: the browser is to last."""
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@session_loop_fixture(scope="session")
async def start_browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StartBrowser]:
    """A process's browsers, one for each set of fonts: started when first asked for, and anew where it is gone."""
    running: dict[bool, Browser] = {}
    async with async_playwright() as playwright:

        async def start(few_fonts: bool) -> Browser:
            found = running.get(few_fonts)
            if found is not None and found.is_connected():
                return found
            fonts = knowing_one_family(tmp_path_factory.mktemp("fonts")) if few_fonts else {}
            if fonts is None:
                pytest.skip("fontconfig's fc-match finds no font file on this machine")
            running[few_fonts] = await playwright.chromium.launch(
                executable_path=chromium, args=list(CHROMIUM_FLAGS), env={**os.environ, **fonts}
            )
            return running[few_fonts]

        yield start
        for each in running.values():
            await each.close()


@session_loop_fixture
async def browser(start_browser: StartBrowser, request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Chromium with the machine's fonts, or with one family: for all tests by `--fonts one`, for a test by
    `parametrize("browser", FONTS, indirect=True)`. It is the process's; the windows are the test's."""
    few = getattr(request, "param", None) == ONE_FAMILY or request.config.getoption("--fonts") == "one"
    shared = await start_browser(few)
    yield shared
    for left in shared.contexts:
        await left.close()


@session_loop_fixture
async def open_shop(settings: Settings, short_folder: Path) -> AsyncIterator[OpenShop]:
    """Opens a shop: `await open_shop(units=5, hold_ms=3000)`; closed at the end, its book audited. `server` is of the
    server's environment, by the names of its settings."""
    # The engine's socket lies in the data folder, and a socket's path is short.
    folder = short_folder / secrets.token_hex(4)
    async with AsyncExitStack() as opened:

        async def open_one(*, units: int, server: dict[str, int] | None = None, **room: Any) -> LiveShop:
            more = {f"SHELFCAST_{name.upper()}": str(value) for name, value in (server or {}).items()}
            shop = LiveShop(msgspec.structs.replace(settings, data_dir=str(folder)), **more)
            opened.push_async_callback(shop.close)
            await shop.open(units=units, **room)
            opened.push_async_callback(shop.assert_sound)
            return shop

        yield open_one


@session_loop_fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens windows: `await visit(shop.link("rooms"))`; closed at the end, which fails on any fault in them."""
    async with AsyncExitStack() as opened:

        async def visit_one(address: str, **options: Any) -> Visitor:
            visitor = await Visitor.enter(browser, address, **options)
            opened.push_async_callback(visitor.leave)
            return visitor

        yield visit_one
