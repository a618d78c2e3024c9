"""Every page in every state, as pictures: `make screenshots`, or `PYTHONPATH=tests python -m pages.screenshots`.

    [--out out/screenshots] [--only SCENE ...] [--keep FOLDER]

Starts a server of its own and drives a real evening: goods, buyers, an operator, a host, and a server that is killed.
Nothing on the pictures is made up but the stream behind the overlay. Each state is photographed in windows of several
kinds: desk and phone, light and dark, Chinese and English. Writes PNG files and an index.html that shows them all;
fails where a page had an error, broke its policy or asked another host. With `--keep docs/screenshots` it also writes
the pictures that the documentation shows.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from pages.conftest import CHROMIUM_FLAGS
from pages.console_pictures import of_the_demo
from pages.contact_sheet import ContactSheet, over_backdrop
from pages.evening import Evening
from pages.live_shop import ROOM, LiveShop
from pages.visitor import DESK, NO_SUCH_ROOM, NOT_LET_IN, PHONE, SERVER_AWAY, Visitor
from playwright.async_api import Browser, Locator, async_playwright, expect
from shelfcast.http.api.auth import Tokens
from shelfcast.http.built_pages import Pages
from shelfcast.protocol.access import Role
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings

SECRET = "a secret of the screenshots, 32 bytes and more"
SOON_S = 17
"""How far ahead an opening is set that is to be photographed at OPENS_IN."""
OPENS_IN = "00:12"
PACE_S = 10
"""So long one product is bought before the host's page is photographed: it shows a pace."""
DEMO_SPEED = 30
"""Half of the demo's usual one: its evening lasts as long as the console is photographed."""
LATEST_S = 600
"""The command ends by itself, whatever hangs."""

LOW = {"width": 1280, "height": 800}
STREAM = {"width": 1920, "height": 1080}


class Kind(NamedTuple):
    """A window that is open all evening."""

    name: str
    page: str
    role: str
    viewport: dict[str, int]
    locale: str = "en-GB"
    scheme: str = "light"


KINDS = (
    Kind("viewer-desk-en-light", "rooms", "viewer", DESK),
    Kind("viewer-desk-zh-dark", "rooms", "viewer", DESK, "zh-CN", "dark"),
    Kind("viewer-phone-zh-light", "rooms", "viewer", PHONE, "zh-CN"),
    Kind("viewer-phone-en-dark", "rooms", "viewer", PHONE, "en-GB", "dark"),
    Kind("overlay-en", "overlay", "host", STREAM),
    Kind("overlay-zh", "overlay", "host", STREAM, "zh-CN"),
    Kind("host-en", "host", "host", LOW),
    Kind("host-zh", "host", "host", LOW, "zh-CN", "dark"),
)
VIEWERS = [kind.name for kind in KINDS if kind.page == "rooms"]
OVERLAYS = [kind.name for kind in KINDS if kind.page == "overlay"]
HOSTS = [kind.name for kind in KINDS if kind.page == "host"]
BUYING = "viewer-desk-en-light"
"""The window in which wang, who has them all, buys."""

KEPT = {
    "viewer": ("own hold", "viewer-desk-en-light", 1280),
    "viewer-phone": ("last seven", "viewer-phone-en-dark", 360),
    "viewer-phone-zh": ("all held", "viewer-phone-zh-light", 360),
    "viewer-phone-opens": ("opens in a moment", "viewer-phone-en-dark", 360),
    "overlay": ("last seven", "overlay-en-on-air", 960),
    "host": ("notice and cues", "host-en", 1280),
    "console-board": ("board, later", "console-en-light", 1280),
    "console-board-zh": ("board, later", "console-zh-light", 1280),
    "console-import": ("before: what a file would change", "console-en-light", 1280),
    "console-import-zh": ("before: what a file would change", "console-zh-light", 1280),
    "console-command": ("command line", "console-en-light", 1280),
    "console-undo": ("done and undo", "console-en-dark", 1280),
    "console-after": ("after: report", "console-en-light", 1280),
    "console-after-zh": ("after: report", "console-zh-light", 1280),
    "console-emergency": ("something is in force", "console-en-light", 1280),
    "console-emergency-zh": ("something is in force", "console-zh-light", 1280),
}
"""What the documentation shows: file → state, window, width. Of the scenes that are taken."""


class Photographer:
    """The windows, and the pictures that are taken of them."""

    def __init__(self, browser: Browser, evening: Evening, sheet: ContactSheet) -> None:
        self.browser = browser
        self.evening = evening
        self.sheet = sheet
        self.windows: dict[str, Visitor] = {}

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Open the windows, and close them; fails where a page had a fault."""
        async with AsyncExitStack() as opened:
            for kind in KINDS:
                visitor = await self._enter(kind, self.evening.shop.link(kind.page, kind.role))
                opened.push_async_callback(visitor.leave)
                self.windows[kind.name] = visitor
            yield

    def stage(self, window: str = BUYING) -> Locator:
        return self.windows[window].page.locator(".stage-product")

    async def until(self, selector: str, of: list[str], text: str | None = None) -> None:
        """Wait until each of the windows has it, in sight or, on a phone, folded away."""
        for name in of:
            shown = self.windows[name].page.locator(selector).first
            await (expect(shown).to_be_attached() if text is None else expect(shown).to_contain_text(text))

    async def shows(self, title: str) -> None:
        """Wait until every window has this product on its stage."""
        await self.until(".stage-title", VIEWERS, title)
        await self.until(".product .title", OVERLAYS, title)
        await self.until("#current-title", HOSTS, title)

    async def take(self, state: str, of: list[str] | None = None, *, full: bool = False) -> None:
        """A picture of each window, all at once."""
        names = of or list(self.windows)
        await asyncio.gather(*(self._take_one(state, name, self.windows[name], full=full) for name in names))

    async def take_alone(self, state: str, kind: Kind, address: str, shows: str, **take: Any) -> None:
        """A picture of a page that is opened for it."""
        visitor = await self._enter(kind, address)
        await expect(visitor.page.locator(shows).first).to_be_visible()
        await self._take_one(state, kind.name, visitor, **take)
        await visitor.leave()

    async def press(self, button: Locator) -> None:
        """As somebody does who has seen what is there."""
        await self.windows[BUYING].look()
        await button.click()

    async def _enter(self, kind: Kind, address: str) -> Visitor:
        return await Visitor.enter(
            self.browser,
            address,
            viewport=kind.viewport,
            locale=kind.locale,
            color_scheme=kind.scheme,
            may_fail=(*SERVER_AWAY, *NOT_LET_IN, *NO_SUCH_ROOM, "a status of 403"),
        )

    async def _take_one(self, state: str, name: str, visitor: Visitor, *, full: bool = False) -> None:
        size = visitor.page.viewport_size
        if full and size is not None:
            # The window itself is made higher: what is out of sight is not drawn.
            height = await visitor.page.evaluate("document.documentElement.scrollHeight")
            await visitor.page.set_viewport_size({"width": size["width"], "height": height})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await visitor.drawn()
        overlay = name.startswith("overlay")
        png = await visitor.page.screenshot(omit_background=overlay, scale="css")
        self.sheet.add(state, name, png)
        if overlay:
            self.sheet.add(state, f"{name}-on-air", over_backdrop(png))
        if full and size is not None:
            await visitor.page.set_viewport_size(size)


# --- the evening, in the order in which it goes ---------------------------------------------------------------------


async def opening(at: Photographer) -> None:
    await at.evening.show("TEA-001")
    await at.shows("Jasmine")
    async with at.evening.trade("TEA-001", every_s=0.2):
        await asyncio.sleep(PACE_S)
        await at.take("as it opens")
    await at.take("the whole shelf", VIEWERS, full=True)


async def running_low(at: Photographer) -> None:
    await at.evening.sell_down("TEA-002", 32)
    await at.evening.show("TEA-002")
    await at.shows("tea cake")
    await at.take("low")


async def selling_out(at: Photographer) -> None:
    scarf = "CLO-601"
    await at.evening.sell_down(scarf, 30)
    await at.evening.show(scarf)
    await at.shows("Cashmere")
    await at.evening.sell_down(scarf, 7)
    await at.until(".product[data-offer='last']", OVERLAYS)
    await at.take("last seven")
    held = await at.evening.hold(scarf, 7)
    await at.until(".product[data-offer='all_held']", OVERLAYS)
    await at.take("all held")
    await at.evening.pay(held)
    await at.until(".product[data-offer='sold_out']", OVERLAYS)
    await at.take("sold out")


async def buying(at: Photographer) -> None:
    await at.evening.show("TEA-003")
    await at.shows("Osmanthus")
    await at.press(at.stage().locator("button.reserve"))
    await at.until(".stage-product .pay[aria-disabled='false']", VIEWERS)
    await at.take("own hold", [*VIEWERS, *HOSTS])
    await at.press(at.stage().locator("button.pay"))
    await at.until(".receipt[data-fate='paid']", [BUYING])
    await at.until(".stage-product .reserve[aria-disabled='false']", VIEWERS)
    await at.take("paid", VIEWERS)
    await at.take("paid, the whole shelf", VIEWERS, full=True)
    await at.press(at.stage().locator("button.reserve"))
    await at.until(".hold", VIEWERS)
    await at.press(at.stage().locator("button.give-back"))
    await at.until(".receipt[data-fate='cancelled']", [BUYING])
    await at.until(".stage-product .reserve[aria-disabled='false']", VIEWERS)
    await at.take("given back", VIEWERS)


async def reaching_a_limit(at: Photographer) -> None:
    await at.evening.terms("TEA-003", limit_per_user=1)
    await at.until(".stage-product .purchase[data-offer='none']", [BUYING])
    await at.take("limit reached", [BUYING])
    await at.windows[BUYING].page.mouse.move(2, 2)


async def waiting_for_more(at: Photographer) -> None:
    """Who was too late waits, and gets what comes back."""
    tea = "TEA-005"
    await at.evening.merchant.change_room(ROOM, waitlist=True)
    await at.evening.sell_down(tea, 7)
    await at.evening.show(tea)
    await at.shows("Travel tea set")
    held = await at.evening.hold(tea, 7)
    await at.until(".stage-product .purchase[data-offer='wait']", VIEWERS)
    await at.take("a place to be had", VIEWERS)
    await at.press(at.stage().locator("button.reserve"))
    await at.until(".place", VIEWERS)
    await at.until(".product .waiting", OVERLAYS)
    await at.until(".terms .wait", HOSTS)
    await at.take("waiting")
    await at.evening.give_back(held)
    await at.until(".turn .pay[aria-disabled='false']", VIEWERS)
    await at.take("the turn has come")
    await at.press(at.windows[BUYING].page.locator(".turn .give-back"))
    await at.until(".receipt[data-fate='cancelled']", [BUYING])
    await at.evening.merchant.change_room(ROOM, waitlist=False)


async def being_left_behind(at: Photographer) -> None:
    """Whose pointer is on the controls keeps the product; the host goes on."""
    await at.stage().locator("button.reserve").hover()
    await at.evening.show("KIT-204")
    await at.until(".moved-on button", [BUYING])
    await at.take("the host has moved on", [BUYING])
    await at.windows[BUYING].page.mouse.move(2, 2)
    await at.shows("Vacuum flask")


async def waiting_for_a_sale(at: Photographer) -> None:
    await at.evening.terms("KIT-204", opens_at_ms=int((time.time() + SOON_S) * 1000))
    await at.evening.show("KIT-204")
    await at.shows("Vacuum flask")
    await at.until(".countdown", [BUYING], OPENS_IN)
    await at.take("opens in a moment")
    await at.until(".product[data-offer='left']", OVERLAYS)
    await at.take("has just opened", OVERLAYS)


async def being_directed(at: Photographer) -> None:
    await at.evening.sell_down("KIT-202", 12)
    async with at.evening.shop.operator() as room:
        await room.operator.freeze("KIT-204", reason="the flasks are being recounted")
        await at.until(".product[data-offer='frozen']", OVERLAYS)
        await at.take("frozen")
        await room.operator.freeze("KIT-204", frozen=False)
        await room.operator.notice("Free shipping until 21:00 · 九点前包邮")
        await room.operator.cue("Show how the lid closes, then the next one", sku="KIT-204")
        await room.operator.cue("Twelve woks left: say so · 只剩十二口锅", sku="KIT-202")
        await at.until(".cue", HOSTS)
        await at.until(".notice", OVERLAYS)
        async with at.evening.trade("KIT-204", every_s=0.3):
            await asyncio.sleep(PACE_S)
            await at.take("notice and cues")
        await room.operator.notice("")


async def taking_a_break(at: Photographer) -> None:
    for status in (RoomStatus.PAUSED, RoomStatus.ENDED, RoomStatus.LIVE):
        await at.evening.merchant.change_room(ROOM, status=status)
        await at.until(f".status[data-status='{status}']", [*VIEWERS, *HOSTS])
        if status is not RoomStatus.LIVE:
            await at.take(status)
    await at.evening.merchant.change_room(ROOM, spotlight=None)
    await at.until(".nothing", HOSTS)
    await at.take("nothing on the stage")


async def losing_the_server(at: Photographer) -> None:
    await at.windows[BUYING].page.mouse.move(2, 2)
    await at.evening.show("SNK-101")
    await at.shows("chestnuts")
    await at.evening.shop.server.kill()
    await at.until(".strip[data-kind='old']", VIEWERS)
    await at.until(".product[data-offer='aged']", OVERLAYS)
    await at.press(at.stage().locator("button.reserve"))
    await at.until(".wish", [BUYING])
    await at.take("the server is away")
    await at.evening.shop.server.start()
    await at.until(".hold", VIEWERS)
    await at.until(".product[data-offer='left']", OVERLAYS)
    await at.until(".current[data-old='false']", HOSTS)
    await at.take("the server is back")


async def being_refused(at: Photographer) -> None:
    shop = at.evening.shop
    await shop.merchant.define_room("members", channel="live", title="Members", status="live", anonymous=False)
    await shop.merchant.define_room("public", channel="live", title="Open evening", status="live")
    await shop.merchant.list_in_room("public", [{"sku": "TEA-001"}, {"sku": "TEA-003"}])
    await shop.merchant.change_room("public", spotlight="TEA-001")
    foreign = Tokens(Settings(token_secret=SECRET[::-1])).mint(role=Role.VIEWER, user="wang")
    sizes = (("viewer", "rooms", DESK, PHONE), ("host", "host", LOW, LOW), ("overlay", "overlay", STREAM, STREAM))
    viewer, host, overlay = (
        (Kind(f"{page}-en", path, "", one), Kind(f"{page}-zh-dark", path, "", other, "zh-CN", "dark"))
        for page, path, one, other in sizes
    )
    cases = (
        ("no such room", "nowhere", "", (*viewer, *host, *overlay)),
        ("no token", "members", "", (*viewer, *host, *overlay)),
        ("not signed in", "public", "", viewer),
        ("a viewer at the host's page", ROOM, f"#token={shop.token('viewer')}", host),
        ("a token of somebody else", ROOM, f"#token={foreign}", (*viewer, *host, *overlay)),
    )
    for state, room, fragment, kinds in cases:
        for kind in kinds:
            shows = {"rooms": ".closed, .stage-title", "host": ".no-access", "overlay": ".refusal"}[kind.page]
            await at.take_alone(state, kind, f"{shop.url}/{kind.page}/{room}{fragment}", shows)


async def arriving(at: Photographer) -> None:
    for kind in (Kind("home-en-light", "", "", DESK), Kind("home-phone-zh-dark", "", "", PHONE, "zh-CN", "dark")):
        await at.take_alone("home of a server", kind, at.evening.shop.url, ".rooms li", full=True)


async def trying_the_demo(at: Photographer) -> None:
    """What `make demo` shows to who opens its addresses, some seconds after it began."""
    async with _demo() as url:
        kinds = (
            (Kind("home-en-light", "", "", DESK), url, ".rooms li"),
            (Kind("home-zh-dark", "", "", DESK, "zh-CN", "dark"), url, ".rooms li"),
            (Kind("viewer-desk-en-light", "rooms", "", DESK), f"{url}/rooms/demo", ".stage-title"),
            (Kind("host-en", "host", "", LOW), f"{url}/host/demo", ".figures"),
            (Kind("overlay-en", "overlay", "", STREAM), f"{url}/overlay/demo", ".product"),
        )
        for kind, address, shows in kinds:
            await at.take_alone("the demo", kind, address, shows)


async def running_the_show(at: Photographer) -> None:
    """The console, of the demo that begins now."""
    async with _demo("--speed", str(DEMO_SPEED)) as url:
        with tempfile.TemporaryDirectory(prefix="shelfcast-") as folder:
            await of_the_demo(at.browser, url, at.sheet, Path(folder))
    login = (Kind("console-en-light", "", "", LOW), Kind("console-zh-dark", "", "", LOW, "zh-CN", "dark"))
    for kind in login:
        await at.take_alone("log in to the console", kind, f"{at.evening.shop.url}/console", "form")


@contextlib.asynccontextmanager
async def _demo(*options: str) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", "demo", "--port", str(port), *options,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if b"Ctrl-C" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


SCENES: tuple[Callable[[Photographer], Awaitable[None]], ...] = (
    arriving, opening, running_low, selling_out, buying, reaching_a_limit, waiting_for_more, being_left_behind,
    waiting_for_a_sale, being_directed, taking_a_break, losing_the_server, being_refused, trying_the_demo,
    running_the_show,
)  # fmt: skip


async def photograph(folder: Path, only: list[str], keep: Path | None) -> None:
    scenes = [scene for scene in SCENES if not only or scene.__name__ in only]
    sheet = ContactSheet(folder)
    # The engine's socket lies in the data folder, and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="shelfcast-") as data:
        settings = Settings(data_dir=f"{data}/data", token_secret=SECRET, port=0)
        async with async_playwright() as playwright, Evening(LiveShop(settings)) as evening:
            chromium = shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
            photographer = Photographer(browser, evening, sheet)
            async with photographer.at_work():
                for scene in scenes:
                    await scene(photographer)
            await browser.close()
    print(sheet.write_index())
    if keep is not None:
        for name, (state, window, width) in KEPT.items():
            if sheet.has(state):
                sheet.keep(state, window, keep / f"{name}.png", width)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/screenshots"))
    parser.add_argument("--only", nargs="*", default=[], choices=[scene.__name__ for scene in SCENES], metavar="SCENE")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the documentation's pictures there")
    asked = parser.parse_args()
    if shutil.which("chromium") is None:
        sys.exit("no chromium on PATH: on Debian, apt-get install chromium")
    if Pages().page("room") is None:
        sys.exit("the pages are not built: python server/web/node.py build, with a Node 20")
    asyncio.run(asyncio.wait_for(photograph(asked.out, asked.only, asked.keep), LATEST_S))


if __name__ == "__main__":
    main()
