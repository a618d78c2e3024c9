"""A room's shows, for tests of what they keep and count."""

from __future__ import annotations

import time

from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    Confirm,
    Reserve,
    put,
)
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shelfcast.stock.show import ShowRecord
from shop import Shop


async def row(shop: Shop, room: str, sku: str = "mug") -> ShelfRow:
    """The numbers of a SKU on a room's shelf."""
    view = await shop.book.room_view(room)
    assert view
    listed = next(one for one in view.skus if one.sku == sku)
    return shelf_row(
        listed.stock,
        view.room.channel,
        view.channel.kind,
        presale=listed.listing.presale,
        base=listed.base_row,
        sold_in_show=listed.sold_in_show,
    )


async def become(shop: Shop, room: str, *statuses: str) -> None:
    for status in statuses:
        by = By(f"{status}-{time.monotonic_ns()}", "wang")
        await shop.ok(put(What.ROOM, room, {"status": status}, by=by))


async def show_of(shop: Shop, room: str) -> ShowRecord:
    config = await shop.book.room_config(room)
    assert config
    record = await shop.book.show(f"{room}.{config.show}")
    assert record
    return record


async def sell(shop: Shop, name: str, room: str, qty: int, sku: str = "mug") -> None:
    await shop.ok(Reserve(name, room, sku, qty, name))
    await shop.ok(Confirm(name))
