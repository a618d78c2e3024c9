"""How an operator comes to the console of a shop: with a link."""

from __future__ import annotations

from pages.live_shop import LiveShop


def console_link(shop: LiveShop, *, user: str = "li", language: str = "en") -> str:
    """The address of the console with an operator's token."""
    return f"{shop.url}/console?lang={language}#token={shop.token('operator', user)}"
