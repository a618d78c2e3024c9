"""One Chromium for the tests of a process: each test finds it empty, and finds one whatever became of the last."""

from __future__ import annotations

import asyncio

from pages.conftest import StartBrowser
from playwright.async_api import Browser


async def test_a_browser_is_kept_until_it_is_gone(browser: Browser, start_browser: StartBrowser) -> None:
    assert browser.contexts == []
    few_fonts = True
    kept = await start_browser(few_fonts)
    assert await start_browser(few_fonts) is kept
    gone = asyncio.Event()
    kept.on("disconnected", lambda _: gone.set())
    await kept.close()
    await gone.wait()
    other = await start_browser(few_fonts)
    assert other is not kept
    assert other.is_connected()
    await (await other.new_context()).close()
