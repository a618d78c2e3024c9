"""Chromium, and a shop on air that people visit with it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
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


@pytest.fixture
async def browser(chromium: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Browser]:
    """Chromium with the machine's fonts, or with one family: for all tests by `--fonts one`, for a test by
    `parametrize("browser", FONTS, indirect=True)`."""
    few = getattr(request, "param", None) == ONE_FAMILY or request.config.getoption("--fonts") == "one"
    fonts = knowing_one_family(tmp_path) if few else {}
    if fonts is None:
        pytest.skip("fontconfig's fc-match finds no font file on this machine")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=list(CHROMIUM_FLAGS), env={**os.environ, **fonts}
        )
        yield launched
        await launched.close()


@pytest.fixture
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


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens windows: `await visit(shop.link("rooms"))`; closed at the end, which fails on any fault in them."""
    async with AsyncExitStack() as opened:

        async def visit_one(address: str, **options: Any) -> Visitor:
            visitor = await Visitor.enter(browser, address, **options)
            opened.push_async_callback(visitor.leave)
            return visitor

        yield visit_one
