"""A page that the browser translates, or that something else changes: what it shows goes on being true."""

from __future__ import annotations

import asyncio
import re

import pytest
from pages.conftest import OpenShop, Visit
from pages.live_shop import ROOM
from pages.visitor import SERVER_AWAY, Visitor
from playwright.async_api import expect

TRANSLATE = """follows => {
  const isTranslated = node => node.parentElement === null || node.parentElement.closest("font, script, style");
  const translate = node => {
    if (isTranslated(node)) return;
    const outer = document.createElement("font");
    const inner = document.createElement("font");
    inner.textContent = node.data.trim() === "" ? node.data : `<${node.data}>`;
    outer.append(inner);
    node.replaceWith(outer);
  };
  const translateAll = root => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    found.forEach(translate);
  };
  translateAll(document.body);
  if (!follows) return;
  new MutationObserver(changes => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) node.nodeType === Node.TEXT_NODE ? translate(node) : translateAll(node);
  }).observe(document.body, { childList: true, subtree: true });
}"""
"""As browsers do it: each text node gives way to elements with other words. Whether a page asks to be left alone
(`translate="no"`) is not looked at: it must not depend on it."""


async def assert_ticks(visitor: Visitor, countdown: str) -> None:
    shown = visitor.page.locator(countdown).first
    before = await shown.inner_text()
    assert re.search(r"\d:\d\d", before), before
    await expect(shown).not_to_have_text(before)


@pytest.mark.parametrize("follows", [False, True], ids=["once", "what-changes-too"])
async def test_a_translated_page_goes_on(open_shop: OpenShop, visit: Visit, follows: bool) -> None:
    shop = await open_shop(units=50)
    await shop.sell("BOWL-01", "Stoneware bowl", 7)
    viewer, overlay, host = await asyncio.gather(
        *(
            visit(shop.link(page, role), may_fail=SERVER_AWAY)
            for page, role in (("rooms", "viewer"), ("overlay", "host"), ("host", "host"))
        )
    )
    button = viewer.page.locator(".stage-product button.reserve")
    await expect(button).to_be_enabled()
    await viewer.look()
    await button.click()
    await expect(viewer.page.locator(".hold .countdown").first).to_be_visible()
    count = {
        viewer: viewer.page.locator(".stage-product .left-count"),
        overlay: overlay.page.locator(".product .number"),
        host: host.page.locator(".figure.left dd"),
    }
    for visitor, shown in count.items():
        await expect(shown).to_contain_text("49")
        await visitor.page.evaluate(TRANSLATE, follows)

    await shop.write_off(19)
    for shown in count.values():
        await expect(shown).to_contain_text("30")
    await assert_ticks(viewer, ".hold .countdown")
    await shop.merchant.change_room(ROOM, status="paused")
    await expect(viewer.page.locator(".header .status")).to_contain_text("Paused")
    await expect(viewer.page.locator(".strip")).to_contain_text("The show is paused")
    await expect(host.page.locator(".head .status")).to_contain_text("Paused")
    await shop.merchant.change_room(ROOM, status="live", spotlight="BOWL-01")
    await expect(viewer.page.locator(".header .status")).to_contain_text("Live")
    await expect(overlay.page.locator(".product .title")).to_contain_text("Stoneware bowl")
    await expect(host.page.locator("#current-title")).to_contain_text("Stoneware bowl")
    # What comes and goes does so among translated neighbours.
    async with shop.operator() as operator:
        await operator.operator.notice("Free shipping until nine")
        await operator.operator.cue("Show the bottom of the bowl", sku="BOWL-01")
        for visitor in count:
            await expect(visitor.page.locator("body")).to_contain_text("Free shipping until nine")
        await expect(host.page.locator(".cue .text")).to_contain_text("Show the bottom")
        await operator.operator.notice("")
    for visitor in count:
        await expect(visitor.page.locator("body")).not_to_contain_text("Free shipping until nine")
    await shop.merchant.list_in_room(ROOM, [{"sku": "BOWL-01", "opens_at_ms": await _in_an_hour(viewer)}])
    await expect(overlay.page.locator(".countdown")).to_be_visible()
    await assert_ticks(overlay, ".product .countdown")
    await shop.server.kill()
    await expect(viewer.page.locator(".strip")).to_contain_text(re.compile("Connection lost"))
    await expect(host.page.locator(".connection")).to_contain_text("old")
    await shop.server.start()
    await expect(viewer.page.locator(".viewer")).to_have_attribute("data-counts", "current")


async def _in_an_hour(visitor: Visitor) -> int:
    return int(await visitor.page.evaluate("Date.now()")) + 3_600_000


WRAP_VIEWERS = """() => {
  const viewers = document.querySelector(".frame .viewers");
  const wrapper = document.createElement("div");
  viewers.replaceWith(wrapper);
  wrapper.append(viewers);
}"""


async def test_a_page_whose_elements_were_moved_is_drawn_anew(open_shop: OpenShop, visit: Visit) -> None:
    shop = await open_shop(units=50)
    overlay = await visit(shop.link("overlay", "host"))
    await expect(overlay.page.locator(".product .number")).to_have_text("50")
    await overlay.page.evaluate(WRAP_VIEWERS)
    async with shop.operator() as operator:
        await operator.operator.notice("Free shipping until nine")
        await expect(overlay.page.locator(".notice")).to_have_text("Free shipping until nine")
    await shop.write_off(20)
    await expect(overlay.page.locator(".product .number")).to_have_text("30")
    await expect(overlay.page.locator(".frame div .viewers")).to_have_count(0)
    assert [fault for fault in overlay.faults if "NotFoundError" not in fault and "insertBefore" not in fault] == []
    overlay.faults.clear()
