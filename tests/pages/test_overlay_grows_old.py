"""What the overlay shows of counts that are no longer live: first with their age, then not at all."""

from __future__ import annotations

import re

from pages.conftest import OpenShop, Visit
from pages.visitor import SERVER_AWAY
from playwright.async_api import expect

HIDDEN_SOON_MS = 45_000
"""Counts are taken off the picture when they are 15 s old; a busy machine is given more."""

_WATCH = """() => {
  window.seen = new Set();
  const look = () => {
    const product = document.querySelector(".product");
    if (product?.dataset.offer === "aged") seen.add(product.querySelector(".said").innerText);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""
"""Keeps what stood beside the product while its count was old, however short."""


async def test_an_old_count_is_shown_with_its_age_and_then_taken_off_the_picture(
    open_shop: OpenShop, visit: Visit
) -> None:
    shop = await open_shop(units=50)
    overlay = await visit(shop.link("overlay"), may_fail=SERVER_AWAY)
    await expect(overlay.page.locator(".product .number")).to_have_text("50")
    await overlay.page.evaluate(_WATCH)
    await shop.server.kill()
    await expect(overlay.page.locator(".frame:empty")).to_have_count(1, timeout=HIDDEN_SOON_MS)
    await shop.server.start()
    said = await overlay.page.evaluate("[...seen]")
    assert said, "the count went without ever having been old"
    assert all(re.fullmatch(r"50\s*\d+ s ago", each) for each in said), said
