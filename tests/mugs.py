"""Where the mugs of a test's shop are, as the merchant's side of the SDK reads it."""

from __future__ import annotations

from shelfcast_client.merchant import Merchant


async def has(merchant: Merchant, **expected: int) -> None:
    """The mugs stand in these places."""
    units = await merchant.sku_buckets("mug")
    assert {place: units.get(place.replace("__", ":"), 0) for place in expected} == expected
