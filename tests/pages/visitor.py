"""People at their browsers: one window of Chromium each, and everything that must never happen in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 30_000
"""How long a page may take to show what it must; a busy machine takes seconds."""

LOOK_MS = 1_000

_LOOK = """ms => {
  const until = performance.now() + ms;
  return new Promise(done => {
    const frame = () => (performance.now() < until ? requestAnimationFrame(frame) : done());
    frame();
  });
}"""

_AT_REST = """() => Promise.all(
  document.getAnimations()
    .filter(each => each.effect.getTiming().iterations !== Infinity)
    .map(each => each.finished.catch(() => 0))
)"""

expect.set_options(timeout=PATIENCE_MS)

SERVER_AWAY = ("WebSocket connection to", "net::ERR_")
"""What the browser itself writes while the server is away: for `may_fail`, where a test takes it away."""
NOT_LET_IN = ("HTTP Authentication failed", "a status of 401")
"""What it writes of a room that lets a page in with a valid token only: for `may_fail`."""
NO_SUCH_ROOM = ("Unexpected response code: 404", "a status of 404")
"""What it writes of a room that there is not: for `may_fail`."""

_GUESTS = "/guests"
"""Where a page without a link asks to be a guest. Most rooms take none; what the browser writes then is no fault."""


class Visitor:
    """A browser context with one page. Collects `faults`: errors of scripts, breaches of the page's policy, requests to
    another host, requests that failed. `leave` fails if there was one. `may_fail` are parts of what the browser writes
    of failures that a test brings about, `may_ask` other hosts that the page may ask."""

    def __init__(
        self,
        context: BrowserContext,
        page: Page,
        home: str,
        may_fail: Collection[str] = (),
        may_ask: Collection[str] = (),
    ) -> None:
        self.context = context
        self.page = page
        self.faults: list[str] = []
        self._may_fail = may_fail
        self._hosts = {urlsplit(home).netloc, *may_ask}
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("console", self._heard)
        page.on("request", self._asked)

    @classmethod
    async def enter(
        cls,
        browser: Browser,
        address: str,
        *,
        init: str = "",
        locale: str = "en-GB",
        may_fail: Collection[str] = (),
        may_ask: Collection[str] = (),
        **options: Any,
    ) -> Self:
        """Open the page in a window of its own; `init` is a script that runs before the page's."""
        context = await browser.new_context(locale=locale, **{"viewport": DESK} | options)
        context.set_default_timeout(PATIENCE_MS)
        if init:
            await context.add_init_script(init)
        visitor = cls(context, await context.new_page(), address, may_fail, may_ask)
        await visitor.page.goto(address)
        return visitor

    async def look(self) -> None:
        """Take the time that a person takes to see what has changed. A press that comes sooner was meant for what was
        there before, and the page lets it pass."""
        await self.page.evaluate(_LOOK, LOOK_MS)

    async def drawn(self) -> None:
        """Wait until all that moves has come to rest: axe-core judges colours as they are at the moment."""
        await self.page.evaluate(_AT_REST)

    async def leave(self) -> None:
        await self.context.close()
        assert not self.faults, self.faults

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error" or any(known in message.text for known in self._may_fail):
            return
        asked = message.location["url"]
        if not (asked.endswith(_GUESTS) and "a status of 403" in message.text):
            self.faults.append(f"console: {message.text} ({asked})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in self._hosts:
            self.faults.append(f"asked another host: {request.url}")
