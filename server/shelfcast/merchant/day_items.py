"""What is said of business days, for answers and in the archive. Rules and formulas: docs/rules.md#days."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from shelfcast.insight.inventory import InventoryState, SlowReason, SlowRemedy
from shelfcast.merchant.after_show_items import MoneyTotal
from shelfcast.stock.archived import LedgerPlace


class DayHead(Struct, frozen=True, kw_only=True):
    """The first line of a day's object in the archive; a row of each SKU follows (`insight.day_totals.DayRow`), by
    name. The day is the entries of both ledgers behind `begin` up to `through`. `paid_ahead`: see there."""

    date: str
    pool: str
    time_zone: str
    day_starts: str
    from_ms: int
    to_ms: int
    begin: LedgerPlace
    through: LedgerPlace
    totals: DayUnits
    paid_ahead: list[str] = []


class DayUnits(Struct, frozen=True, kw_only=True):
    """Units of one SKU, or of all `skus` together, over one day or several:

    opening + received + returned + gained − shipped − written_off − lost = closing, of all that is on hand;
    `opening_sellable` and `closing_sellable` are those of it that nobody has and that are fit to be sold, wherever they
    are set aside.

    `sold` is net of `cancelled`, in the pool's own rooms; `external_sold` the same of other platforms, units beyond the
    stock among them. Presale stands apart and is never added: `presale_sold` net; `fulfilled` are units of presale
    orders whose goods were drawn from the stock. `money` is by currency, never added across.

    `available_minutes` is how long some were for sale, of one SKU alone; null of several.
    """

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
    available_minutes: float | None = None


class Inventory(Struct, frozen=True, kw_only=True):
    """Days of inventory: `mean_closing` ÷ `mean_sold` of the last 30 days, those without stock left out and counted
    apart. `days_of_inventory` is null where they are too few (`not_enough_days`), or nothing was sold (`no_sales`).
    `is_over`: there is stock for more than `threshold_days`."""

    state: InventoryState
    days_of_inventory: float | None
    mean_closing: float
    mean_sold: float
    days: int
    days_without_stock: int
    threshold_days: int
    is_over: bool


class DayTotal(Struct, frozen=True, kw_only=True):
    """A business day, from `from_ms` to `to_ms`; in the ledgers what is behind the pool's sequence `from_seq` up to
    `through_seq`."""

    date: str
    from_ms: int
    to_ms: int
    from_seq: int
    through_seq: int
    units: DayUnits


class SkuTotal(Struct, frozen=True, kw_only=True):
    """A SKU over all days that were asked for, and its days of inventory at the last of them."""

    sku: str
    title: str
    category: str
    units: DayUnits
    inventory: Inventory


class DayTotals(Struct, frozen=True, kw_only=True):
    """Days of a pool, oldest first; of one SKU where that was asked for (`sku`, else empty), with its days of inventory
    at the last one. `first` and `last` are the days whose totals are kept, null before the first: a day is there once
    it is over. `skus` are those of a page by SKU, else empty; `next` is the `after` to go on with, null at the end."""

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


class SlowMover(Struct, frozen=True, kw_only=True):
    """A SKU of which nothing was sold for `idle_days` days in which it was available. `last_sale` is the day of the
    last sale, null where there was none since it had stock.

    `reason` says why it may be, `remedy` what to do; `numbers` fill in the page's sentence about both."""

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
    reason: SlowReason
    remedy: SlowRemedy
    numbers: dict[str, float]
    inventory: Inventory


class SlowMovers(Struct, frozen=True, kw_only=True):
    """The slow movers of a pool as of the end of a day, those with the most money in them first; and of the SKUs that
    do sell those `overstocked`: with stock for more days than their threshold.

    `date` is null where no day is kept. Of more than `listed_max` the rest is counted alone."""

    pool: str
    date: str | None
    at_ms: int
    slow: list[SlowMover]
    slow_count: int
    overstocked: list[SkuStock]
    overstocked_count: int
    listed_max: int


class SkuStock(Struct, frozen=True, kw_only=True):
    """A SKU with more stock than it sells in a long time."""

    sku: str
    title: str
    category: str
    units: int
    inventory: Inventory


class DaysBy(StrEnum):
    """How a pool's days are summed: each day over all SKUs, or each SKU over all days."""

    DAY = "day"
    SKU = "sku"
