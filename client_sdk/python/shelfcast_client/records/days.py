"""Business days: what each came to, how long stock lasts, and what does not sell."""

from __future__ import annotations

from typing import TypedDict

from shelfcast_client.records.after_show import MoneyTotal


class DayUnits(TypedDict):
    """Units of one SKU, or of all `skus` together, over one day or several: opening + received + returned + gained −
    shipped − written_off − lost = closing. Presale stands apart. `available_minutes` is None of several SKUs."""

    skus: int
    opening: int
    opening_sellable: int
    received: int
    returned: int
    gained: int
    shipped: int
    written_off: int
    lost: int
    closing: int
    closing_sellable: int
    sold: int
    cancelled: int
    external_sold: int
    external_cancelled: int
    presale_sold: int
    presale_cancelled: int
    fulfilled: int
    money: list[MoneyTotal]
    available_minutes: float | None


class Inventory(TypedDict):
    """Days of inventory over the last 30 days. `days_of_inventory` is None where the `state` is "not_enough_days" or
    "no_sales"; else that is "known"."""

    state: str
    days_of_inventory: float | None
    mean_closing: float
    mean_sold: float
    days: int
    days_without_stock: int
    threshold_days: int
    is_over: bool


class DayTotal(TypedDict):
    """A business day, from `from_ms` to `to_ms`: what is behind the pool's sequence `from_seq` up to `through_seq`."""

    date: str
    from_ms: int
    to_ms: int
    from_seq: int
    through_seq: int
    units: DayUnits


class SkuTotal(TypedDict):
    """A SKU over all days that were asked for."""

    sku: str
    title: str
    category: str
    units: DayUnits
    inventory: Inventory


class DayTotals(TypedDict):
    """Days of a pool, oldest first. `first` and `last` are the days whose totals are kept, None before the first.
    `skus` are those of a page by SKU, `next` is the `after` to go on with."""

    pool: str
    time_zone: str
    day_starts: str
    first: str | None
    last: str | None
    sku: str
    days: list[DayTotal]
    skus: list[SkuTotal]
    inventory: Inventory | None
    next: str | None


class SlowMover(TypedDict):
    """A SKU of which nothing was sold for `idle_days` days in which it was available: why that may be, what to do, and
    the numbers of both."""

    sku: str
    title: str
    category: str
    units: int
    price_minor: int | None
    currency: str
    idle_days: int
    last_sale: str | None
    shows_on_air: int
    minutes_on_air: float
    reason: str
    remedy: str
    numbers: dict[str, float]
    inventory: Inventory


class SkuStock(TypedDict):
    """A SKU with stock for more days than its threshold."""

    sku: str
    title: str
    category: str
    units: int
    inventory: Inventory


class SlowMovers(TypedDict):
    """What does not sell as of the end of a day (None: no day is kept), the first `listed_max` of each list."""

    pool: str
    date: str | None
    at_ms: int
    slow: list[SlowMover]
    slow_count: int
    overstocked: list[SkuStock]
    overstocked_count: int
    listed_max: int
