"""A shelf made ready before a sale begins: what `replay`, `demo` and `import` do in a running server."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from shelfcast_client.merchant import Merchant

from shelfcast.errors import InvalidInput
from shelfcast.insight.reconciliation import sellable
from shelfcast.sheets.catalogue import Catalogue


async def ensure_channel(merchant: Merchant, channel: str) -> None:
    """Make a shared channel where it is not there; one that is there stays as it is."""
    if await merchant.channel(channel) is None:
        await merchant.define_channel(channel)


async def stock_up(merchant: Merchant, rows: Sequence[dict[str, Any]], *, channel: str) -> None:
    """Define SKUs, and receive what each lacks of its `opening` units among those the channel can sell."""
    present = await merchant.buckets()
    missing = [
        {**row, "opening": max(0, row["opening"] - sellable(present.get(row["sku"], {}), channel))} for row in rows
    ]
    await merchant.catalogue(missing, key=f"stock-{uuid.uuid4().hex}")


async def check_room_takes(merchant: Merchant, room: str, skus: Iterable[str], listed: Collection[str]) -> None:
    """Raises InvalidInput where the room, there or not, could not list these SKUs besides those that are listed."""
    limit = (await merchant.rooms()).get("skus_a_room_max")
    count_then = len({*listed, *skus})
    if limit is not None and count_then > limit:
        has = f", {len(listed):,} of them already" if listed else ""
        raise InvalidInput(
            f"room {room} may list {limit:,} SKUs (the server's skus_a_room_max) and would list {count_then:,}"
            f"{has}; nothing was changed"
        )


def listing_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The SKUs as a room lists them, in the order of the file."""
    return [
        {"sku": article.sku, "position": position, **article.listing}
        for position, article in enumerate(catalogue.articles, start=1)
    ]
