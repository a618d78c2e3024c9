"""What a shop needs for an evening, worked out of the orders that will come: goods, stock, quotas, a second wave."""

from __future__ import annotations

import csv
import math
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from shelfcast.sheets.orders import Event, Kind, OrderDay, OrderLine
from shelfcast.stock.places import HELD, SOLD, UNSELLABLE, unsold

LIVE, DOUYIN, WEBSHOP = "live", "douyin", "webshop"
CHANNELS = {DOUYIN: "Douyin shop", WEBSHOP: "Web shop"}
"""Where the pool sells besides the room, each from units of its own."""
LIVE_PERCENT, DOUYIN_PERCENT = 60, 25
"""Customers that buy in the room, and in the Douyin shop; the others do in the web shop."""
SUPPLY = 1.6
"""Units of a SKU for each that is asked for: a tenth is the safety buffer, some is the elastic reserve."""
SUPPLY_MORE = 12
QUOTA = 1.05
QUOTA_MORE = 2
WAVE_UNITS = 12
SCARCE_SHARE = 0.3
"""Of what the room is asked for of the SKU that is to sell out."""
OFFERED_SHARE = 0.75
"""Of what comes in: behind the safety buffer and the elastic reserve."""
CURRENCY = "GBP"


def channel_of(customer: str) -> str:
    """Where a customer buys: always in the same place."""
    percent = zlib.crc32(customer.encode()) % 100
    return LIVE if percent < LIVE_PERCENT else DOUYIN if percent < LIVE_PERCENT + DOUYIN_PERCENT else WEBSHOP


@dataclass
class Goods:
    """What the day asks for, and what the shop has for that."""

    day: OrderDay
    asked: dict[str, Counter[str]]
    """Channel → SKU → units that its customers will ask for."""
    opening: dict[str, int]
    """SKU → units that the import brings in."""
    quotas: dict[str, dict[str, int]]
    """Channel → SKU → units of its own."""
    scarce: str
    """The SKU that sells out; empty where none is to."""
    wave: str
    """The SKU that has a second wave."""

    def write(self, file: Path) -> None:
        """The catalogue as a file, as somebody's spreadsheet would save it."""
        with file.open("w", newline="", encoding="utf-8-sig") as out:
            rows = csv.writer(out)
            rows.writerow(["sku", "title", "price", "currency", "zone", "opening"])
            for number, (sku, good) in enumerate(sorted(self.day.goods.items())):
                price = f"{(good.price_minor or 100) / 100:.2f}"
                rows.writerow(
                    [text_code(sku), good.title, price, CURRENCY, f"Shelf {number % 7 + 1}", self.opening[sku]]
                )

    def run_order(self, slots: int) -> list[dict[str, object]]:
        """The SKUs that the room asks most for, each with what somebody expects it to sell: of the one that will sell
        out far too little."""
        most = self.asked[LIVE].most_common(slots)
        expected = {sku: int(units * SCARCE_SHARE * 0.9) if sku == self.scarce else units for sku, units in most}
        return [{"sku": sku, "minutes": 3, "expected_units": units, "note": ""} for sku, units in expected.items()]


def goods_for(day: OrderDay, *, sells_out: bool) -> Goods:
    """What there has to be for all orders of a day, but for one SKU that sells out where it `sells_out`."""
    asked: dict[str, Counter[str]] = {channel: Counter() for channel in (LIVE, DOUYIN, WEBSHOP)}
    lost: Counter[str] = Counter()
    for event in day.events:
        for line in event.lines:
            if event.kind is Kind.PURCHASE:
                asked[channel_of(event.customer)][line.sku] += line.qty
            elif event.kind is Kind.LOSS:
                lost[line.sku] += line.qty
    total: Counter[str] = sum(asked.values(), Counter())
    opening = {sku: math.ceil(total[sku] * SUPPLY) + lost[sku] + SUPPLY_MORE for sku in day.goods}
    quotas = {
        channel: {sku: math.ceil(units * QUOTA) + QUOTA_MORE for sku, units in asked[channel].items()}
        for channel in CHANNELS
    }
    wave, *others = [sku for sku, _ in asked[LIVE].most_common() if not lost[sku]]
    largest = {sku: max(line.qty for line in lines) for sku, lines in _lines_of(day).items()}
    # Many ask for it, and nobody for much: so it is sold to the last one.
    scarce = max(others, key=lambda sku: asked[LIVE][sku] // largest[sku])
    if sells_out:
        given = sum(quota.get(scarce, 0) for quota in quotas.values())
        opening[scarce] = math.ceil((given + asked[LIVE][scarce] * SCARCE_SHARE) / OFFERED_SHARE)
    return Goods(day, asked, opening, quotas, scarce if sells_out else "", wave)


def _lines_of(day: OrderDay) -> dict[str, list[OrderLine]]:
    """SKU → what customers ask for in the room."""
    lines: dict[str, list[OrderLine]] = defaultdict(list)
    for event in day.events:
        if event.kind is Kind.PURCHASE and channel_of(event.customer) == LIVE:
            for line in event.lines:
                lines[line.sku].append(line)
    return lines


def is_for(event: Event, channel: str) -> bool:
    """Whether an event is this channel's: what the shop itself does is the room's."""
    shops_own = event.kind in (Kind.LOSS, Kind.FIND)
    return channel == LIVE if shops_own else channel_of(event.customer) == channel


def amount(minor: int) -> str:
    """Money as somebody reads it."""
    return f"{minor / 100:,.2f} {CURRENCY}"


def on_shelf(buckets: dict[str, int]) -> int:
    """Units of a SKU that are there, whoever has them."""
    return unsold(buckets) + sum(
        units for place, units in buckets.items() if place == UNSELLABLE or place.startswith((HELD, SOLD))
    )


def text_code(sku: str) -> str:
    """A code as exports write it, so that nothing reads it as a number."""
    return f'="{sku}"' if sku.replace("E", "").replace(".", "").isdigit() else sku
