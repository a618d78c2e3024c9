"""Chromium for `pages.py`: a page in a window of its own, and what the developer tools' protocol tells of it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import Browser, CDPSession, Page, ViewportSize, async_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
CLOCK_ASKED = 20
BUILT = {"Document", "Script", "Stylesheet", "Font"}
"""Kinds of requests, as the developer tools call them."""

_WATCH = """selector => {
  const seen = [];
  const read = () => parseInt(document.querySelector(selector)?.textContent.replace(/[^0-9]*([0-9][0-9,]*).*/, "$1")
    .replaceAll(",", "") ?? "", 10);
  const now = () => performance.timeOrigin + performance.now();
  let last = read();
  new MutationObserver(() => {
    const left = read();
    if (left === last) return;
    last = left;
    const row = [left, now(), 0];
    seen.push(row);
    requestAnimationFrame(() => { row[2] = now(); });
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  window.benchSeen = seen;
}"""

_FRAMES = """ms => new Promise(done => {
  const gaps = [];
  const until = performance.now() + ms;
  let last = null;
  const frame = at => {
    if (last !== null) gaps.push(at - last);
    last = at;
    if (at < until) requestAnimationFrame(frame); else done(gaps);
  };
  requestAnimationFrame(frame);
})"""

_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Kind(NamedTuple):
    """One of the pages, and where it shows how many are left of the spotlit SKU."""

    path: str
    viewport: ViewportSize
    left: str


KINDS = {
    "viewer": Kind("rooms", {"width": 1280, "height": 900}, ".stage-product .left-count"),
    "overlay": Kind("overlay", {"width": 1920, "height": 1080}, ".product .number"),
    "host": Kind("host", {"width": 1280, "height": 800}, ".figure.left dd"),
}


class Shown(NamedTuple):
    """A count on a page: when the document had it, and when the frame after that began, by our clock."""

    left: int
    changed_ms: float
    drawn_ms: float


class Window:
    """A page in a browser context of its own: its own process, with nothing in its cache."""

    def __init__(self, page: Page, tools: CDPSession, kind: Kind) -> None:
        self._page = page
        self._tools = tools
        self._kind = kind
        self._faults: list[str] = []
        self.requests = 0
        self.transferred_bytes = 0
        self.built_bytes = 0
        """Of these, what the page itself is made of: its HTML, scripts and styles."""
        self._built: set[str] = set()
        self.snapshot_bytes = 0
        page.on("pageerror", lambda error: self._faults.append(str(error)))
        tools.on("Network.requestWillBeSent", self._asked)
        tools.on("Network.loadingFinished", self._loaded)
        tools.on("Network.webSocketFrameReceived", self._received)

    async def open(self, address: str) -> None:
        """Load the page and wait until it shows a count."""
        await self._tools.send("Network.enable")
        # Time that the main thread computes, not time that passes while others have the core.
        await self._tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        await self._page.goto(address)
        await self._page.locator(self._kind.left).first.wait_for()
        await self._page.evaluate(_DRAWN)
        await self._page.wait_for_load_state("networkidle")

    async def figures(self) -> dict[str, float]:
        """What the browser counts of the page: seconds of its main thread, bytes of its heap, nodes."""
        answer = await self._tools.send("Performance.getMetrics")
        found = {row["name"]: row["value"] for row in answer["metrics"]}
        return found | {"elements": await self._page.evaluate("document.querySelectorAll('*').length")}

    async def collected(self) -> dict[str, float]:
        """The same, after the garbage was collected."""
        await self._tools.send("HeapProfiler.collectGarbage")
        return await self.figures()

    async def snapshot(self) -> dict[str, Any]:
        """All that is in the heap, as the browser's own format tells it. The page stands still meanwhile."""
        chunks: list[str] = []

        def take(event: dict[str, Any]) -> None:
            chunks.append(event["chunk"])

        self._tools.on("HeapProfiler.addHeapSnapshotChunk", take)
        await self._tools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
        self._tools.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
        found: dict[str, Any] = json.loads("".join(chunks))
        return found

    async def watch(self) -> None:
        """Note from now on when the count changes."""
        await self._page.evaluate(_WATCH, self._kind.left)

    async def seen(self) -> list[Shown]:
        """The counts that were shown since this was last asked."""
        offset_ms = await self.clock_offset_ms()
        rows = await self._page.evaluate("benchSeen.splice(0)")
        return [Shown(left, changed - offset_ms, drawn - offset_ms) for left, changed, drawn in rows if drawn]

    async def frame_gaps(self, seconds: float) -> list[float]:
        """Milliseconds between the frames that the page is asked to draw."""
        gaps: list[float] = await self._page.evaluate(_FRAMES, seconds * 1000)
        return gaps

    def assert_sound(self) -> None:
        """No script of the page failed."""
        if self._faults:
            raise RuntimeError(f"the page had errors: {self._faults}")

    async def clock_offset_ms(self) -> float:
        """The page's clock minus ours, from the quickest of several questions."""
        found = []
        for _ in range(CLOCK_ASKED):
            before = time.time() * 1000
            theirs: float = await self._page.evaluate("performance.timeOrigin + performance.now()")
            after = time.time() * 1000
            found.append((after - before, theirs - (before + after) / 2))
        return min(found)[1]

    @property
    def page(self) -> Page:
        """The page, for what somebody does at it."""
        return self._page

    def _asked(self, event: dict[str, Any]) -> None:
        self.requests += 1
        if event.get("type") in BUILT:
            self._built.add(event["requestId"])

    def _loaded(self, event: dict[str, Any]) -> None:
        self.transferred_bytes += int(event["encodedDataLength"])
        if event["requestId"] in self._built:
            self.built_bytes += int(event["encodedDataLength"])

    def _received(self, event: dict[str, Any]) -> None:
        if self.snapshot_bytes == 0:
            self.snapshot_bytes = len(event["response"]["payloadData"].encode())


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield browser
        await browser.close()


def window(browser: Browser, name: str, address: str) -> AbstractAsyncContextManager[Window]:
    """The page, opened; fails at the end where one of its scripts did."""
    return window_of(browser, KINDS[name], address)


@asynccontextmanager
async def window_of(browser: Browser, kind: Kind, address: str, script: str = "") -> AsyncIterator[Window]:
    """The same of any kind of page; `script` runs in it before its own."""
    context = await browser.new_context(viewport=kind.viewport, locale="en-GB", reduced_motion="no-preference")
    if script:
        await context.add_init_script(script)
    page = await context.new_page()
    made = Window(page, await context.new_cdp_session(page), kind)
    await made.open(address)
    yield made
    await context.close()
    made.assert_sound()
