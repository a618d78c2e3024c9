"""All checks of one SKU."""

from __future__ import annotations

from collections.abc import Iterator

from shelfcast.insight.checklist import Item
from shelfcast.insight.checks.counting import counting_items
from shelfcast.insight.checks.facts import RoomFacts, SkuFacts
from shelfcast.insight.checks.goods import goods_items
from shelfcast.insight.checks.stock import stock_items
from shelfcast.insight.checks.terms import terms_items


def sku_items(room: RoomFacts, sku: SkuFacts) -> Iterator[Item]:
    """What is looked at of a SKU that the room lists, or that stands in its run order."""
    for part in (stock_items, counting_items, goods_items, terms_items):
        for item in part(room, sku):
            item.sku, item.title, item.link = sku.sku, sku.title, sku.link
            yield item
