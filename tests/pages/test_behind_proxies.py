"""Pages behind what shops put in front of a server: they work, or they say within seconds why they do not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pages.conftest import OpenShop, Visit, session_loop_fixture
from pages.front import PASSWORD, USER, Front
from pages.live_shop import LiveShop
from playwright.async_api import expect

OpenFront = Callable[..., Awaitable[Front]]
CREDENTIALS = {"username": USER, "password": PASSWORD}
REFUSED = ("WebSocket connection to", "HTTP Authentication failed", "the server responded with a status of")
SAYS = {"rooms": ".opening .why, .closed", "overlay": ".refusal", "host": ".waiting .why, .no-access h1"}


@session_loop_fixture
async def open_front() -> AsyncIterator[OpenFront]:
    """Proxies that are there until the pages are closed: ask for it before `visit`."""
    async with AsyncExitStack() as opened:

        async def open_one(port: int, **manner: Any) -> Front:
            return await opened.enter_async_context(Front(port, **manner))

        yield open_one


async def assert_each_page_says(shop: LiveShop, front: Front, visit: Visit, words: re.Pattern[str], lang: str) -> None:
    for page, place in SAYS.items():
        address = front.before(shop.link(page, "host", query=f"?lang={lang}"))
        visitor = await visit(address, may_fail=REFUSED)
        await expect(visitor.page.locator(place)).to_contain_text(words)


@pytest.mark.parametrize(("lang", "words"), [("en", "Host header"), ("zh", "Host 标头")])
async def test_a_page_that_a_proxy_hides_the_host_of_says_so(
    open_shop: OpenShop, open_front: OpenFront, visit: Visit, lang: str, words: str
) -> None:
    shop = await open_shop(units=5)
    front = await open_front(shop.server.port, host="backend:8000")
    await assert_each_page_says(shop, front, visit, re.compile(words), lang)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "proxy in between may not let WebSockets"), ("zh", "不允许 WebSocket")]
)
async def test_a_page_whose_proxy_carries_no_sockets_says_so(
    open_shop: OpenShop, open_front: OpenFront, visit: Visit, lang: str, words: str
) -> None:
    shop = await open_shop(units=5)
    front = await open_front(shop.server.port, answers=lambda _, upgrade: 400 if upgrade else None)
    await assert_each_page_says(shop, front, visit, re.compile(words), lang)


async def test_a_page_whose_proxy_answers_in_the_servers_place_says_with_what(
    open_shop: OpenShop, open_front: OpenFront, visit: Visit
) -> None:
    shop = await open_shop(units=5)
    front = await open_front(shop.server.port, answers=lambda path, _: 502 if path.startswith("/v1/") else None)
    await assert_each_page_says(shop, front, visit, re.compile(r"Said by the proxy \(status 502\)"), "en")
    home = await visit(front.before(f"{shop.url}/"), may_fail=REFUSED)
    await expect(home.page.locator(".unreachable")).to_contain_text("status 502")
    viewer = await visit(front.before(shop.link("rooms", "viewer")), may_fail=REFUSED)
    await expect(viewer.page.locator(".opening .why")).to_contain_text("status 502")
    # What goes wrong for a while is not for good.
    front.answers = lambda _path, _upgrade: None
    await expect(viewer.page.locator(".stage-product .left-count")).to_have_text("5")


async def test_every_page_works_behind_a_password(open_shop: OpenShop, open_front: OpenFront, visit: Visit) -> None:
    shop = await open_shop(units=5)
    front = await open_front(shop.server.port, password=True)
    viewer, overlay, host = await asyncio.gather(
        *(
            visit(front.before(shop.link(page, role)), http_credentials=CREDENTIALS, may_fail=("status of 401",))
            for page, role in (("rooms", "viewer"), ("overlay", ""), ("host", "host"))
        )
    )
    await expect(overlay.page.locator(".product .number")).to_have_text("5")
    await expect(host.page.locator(".figure.left dd")).to_contain_text("5")
    button = viewer.page.locator(".stage-product button.reserve")
    await expect(button).to_be_enabled()
    await viewer.look()
    await button.click()
    await expect(viewer.page.locator(".hold")).to_have_count(1)
    await expect(overlay.page.locator(".product .number")).to_have_text("4")


async def test_a_guest_behind_a_password_is_one_and_the_same(
    open_shop: OpenShop, open_front: OpenFront, visit: Visit
) -> None:
    shop = await open_shop(units=5, open_reservations=True)
    front = await open_front(shop.server.port, password=True)
    guest = await visit(front.before(shop.link("rooms")), http_credentials=CREDENTIALS, may_fail=("status of 401",))
    button = guest.page.locator(".stage-product button.reserve")
    await expect(button).to_be_enabled()
    await guest.look()
    await button.click()
    await expect(guest.page.locator(".hold")).to_have_count(1)
    await guest.page.reload()
    await expect(guest.page.locator(".hold")).to_have_count(1)
    await guest.page.locator(".hold button.pay").click()
    await expect(guest.page.locator(".stage-product .says")).to_have_text("Paid. It is yours.")
