"""What a show's report says, for answers, files and the archive. Rules and formulas: docs/rules.md#report.

A report has two parts that are never added: the *show* (its own reservations, wherever their units came from; what
became of them is as of the report's sequence) and the *pool during the show* (every channel, cut at the two sequences
between which the show was on).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from shelfcast.merchant.after_show_items import AskedRefund, CountFound, MoneyTotal, SoldUnits
from shelfcast.stock.refusals import RefusedCode
from shelfcast.stock.reports import Decided, ReportState


class LostDemand(Struct, frozen=True, kw_only=True):
    """Refused for lack of stock, "at least": how many `people` (each once), the `units` they asked for together and the
    `attempts`. Whose orders are blocked or refused for another reason is not among them."""

    people: int
    units: int
    attempts: int


class Suggestion(Struct, frozen=True, kw_only=True):
    """What to do about a SKU next, with the numbers that it comes from (docs/rules.md#suggestions). `units` is how many
    to have in stock, or to get rid of; null where the kind has no number. `because` names a sentence of the page, which
    `numbers` fill in. `with_sku` is the SKU to sell it with, of a bundle alone."""

    kind: Decided
    units: int | None
    because: str
    numbers: dict[str, float]
    with_sku: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided about a SKU after the show."""

    kind: Decided
    units: int | None
    note: str
    by: str
    at_ms: int


class ReportedSku(Struct, frozen=True, kw_only=True):
    """A SKU of the show. Times are of the clock; a time or number is null where there is none: nothing sold, never sold
    out, no plan, nobody counted. `link` is null where it had none.

    `stock` and `presale` (null where it had none) stand apart. `orders` counts reservations that were paid, `pending`
    units that are neither sold nor free. `price_minor` is the price at the end, null where it had none. `sell_through`
    is sold ÷ (sold + `left_to_sell`), of what the room could still sell at the end. `minutes_to_sold_out` (from the
    show's beginning, or when it came onto the shelf) and `on_air_minutes` leave pauses out. `best_pace` is the most
    units that one minute took. `forecast_error` is sold − `expected`, both of stock and presale together.
    """

    sku: str
    title: str
    link: int | None
    category: str
    supplier: str
    price_minor: int | None
    currency: str
    stock: SoldUnits
    presale: SoldUnits | None
    orders: int
    pending: int
    money: list[MoneyTotal]
    left_to_sell: int
    sell_through: float | None
    first_sale_ms: int | None
    sold_out_at_ms: int | None
    minutes_to_sold_out: float | None
    on_air_minutes: float
    best_pace: int
    best_pace_ms: int | None
    expected: int | None
    forecast_error: int | None
    lost: LostDemand
    waiting: int
    """People who still waited for it at the end."""
    count: CountFound | None
    suggestions: list[Suggestion]

    @property
    def sold(self) -> int:
        """What the show sold of it net, of stock and ahead of it: what a plan and a sell-through rate look at."""
        return self.stock.sold + (self.presale.sold if self.presale else 0)


class PoolSkuDuring(Struct, frozen=True, kw_only=True):
    """A SKU in the whole pool while the show was on, all channels together, in units on hand:

    opening + received + returned + gained − shipped − written_off − lost = closing.

    `moved_in` and `moved_out` are units that people and rules moved into and out of the places that the show sold from
    (allocated, released, batches opened and closed); they change no sum. `closing_places` says where the closing units
    are. `external_sold` are paid orders of other platforms, net; `oversold` those of them beyond the stock.
    `difference` is by how much the identity does not hold: always 0, or the book has to be audited.
    """

    sku: str
    title: str
    opening: int
    received: int
    returned: int
    gained: int
    shipped: int
    written_off: int
    lost: int
    closing: int
    difference: int
    moved_in: int
    moved_out: int
    external_sold: int
    oversold: int
    closing_places: dict[str, int]


class ChannelDuring(Struct, frozen=True, kw_only=True):
    """A channel of the pool while the show was on, in units: sold net of what was cancelled after payment, of stock and
    (`presale_sold`) ahead of it, and what it was given and gave away. `oversold` of them were beyond the stock, less
    what was settled. `orders` were paid. `is_show` marks the show's own."""

    channel: str
    title: str
    is_show: bool
    orders: int
    sold: int
    cancelled: int
    presale_sold: int
    shipped: int
    oversold: int
    moved_in: int
    moved_out: int


class BatchDuring(Struct, frozen=True, kw_only=True):
    """A batch that was open while the show was on, or some of it: units that were in it when the show began, and those
    that it was filled with since; what holds and orders took of them net (`sold`), what was left at the show's end or
    its own, and where that went (empty while it is open). `missed`: its window went by unseen."""

    batch: str
    channel: str
    opened_at_ms: int | None
    closed_at_ms: int | None
    units: int
    sold: int
    left: int
    leftover_to: str
    missed: bool


class ReportMinute(Struct, frozen=True, kw_only=True):
    """A minute of the show at its end: viewers then, and what had been paid (units), taken and refused by then."""

    at_ms: int
    viewers: int
    paid: int
    taken: int
    refused: int


class ReportEvent(Struct, frozen=True, kw_only=True):
    """Something that charts show over their lines: a status, the spotlight, an alert that rang."""

    at_ms: int
    kind: str
    sku: str
    text: str


class ReportedAlert(Struct, frozen=True, kw_only=True):
    """An alert of the show: when it rang, was read, acted upon (`acted` is the action) and over, and who did that."""

    id: str
    rule: str
    sku: str
    severity: str
    value: float | None
    threshold: float | None
    fired_at_ms: int
    acknowledged_at_ms: int | None
    acknowledged_by: str
    acted: str
    acted_by: str
    acted_at_ms: int | None
    resolved_at_ms: int | None
    note: str


class CountDuring(Struct, frozen=True, kw_only=True):
    """A count sheet that was applied during the show or after it, up to the report."""

    count: str
    kind: str
    applied_at_ms: int
    skus: int
    gained: int
    lost: int
    shortage: int
    signed_by: list[str]


class ReportTotals(Struct, frozen=True, kw_only=True):
    """Sums over the show's SKUs; money by currency, never added across."""

    skus: int
    skus_sold: int
    active_sku_rate: float | None
    orders: int
    stock: SoldUnits
    presale: SoldUnits | None
    pending: int
    money: list[MoneyTotal]
    sell_through: float | None
    lost: LostDemand
    """Each person once, whatever they asked for."""
    viewers_most: int
    expected: int | None
    forecast_error: int | None
    sold_out: int
    """SKUs that were sold out at some time."""


class PoolTotals(Struct, frozen=True, kw_only=True):
    """Sums over the pool's SKUs during the show."""

    skus: int
    opening: int
    received: int
    returned: int
    gained: int
    shipped: int
    written_off: int
    lost: int
    closing: int
    difference: int
    external_sold: int
    oversold: int


class Report(Struct, frozen=True, kw_only=True):
    """A show's report. `state` final says that nothing of it is pending, or that it has waited long enough.

    What happened between `started_seq` and `ended_seq` is in the pool's part; what became of the show's own
    reservations is as of the pool's sequence `seq`, read at `at_ms`. `checksum` is the SHA-256 of the report's JSON
    with nothing between the quotes of this field, which is the last. Users stand in it by their pseudonyms, and
    what they said in asking for a refund does not (the request has it).
    """

    show: str
    room: str
    title: str
    pool: str
    channel: str
    time_zone: str
    currency: str
    state: ReportState
    started_at_ms: int
    ended_at_ms: int
    started_seq: int
    ended_seq: int
    planned_start_ms: int | None
    planned_minutes: int | None
    live_minutes: float
    """On air, pauses left out."""
    continued: int
    seq: int
    at_ms: int
    totals: ReportTotals
    skus: list[ReportedSku]
    pool_totals: PoolTotals
    pool_skus: list[PoolSkuDuring]
    channels: list[ChannelDuring]
    batches: list[BatchDuring]
    minutes: list[ReportMinute]
    events: list[ReportEvent]
    refusals: list[RefusedCode]
    alerts: list[ReportedAlert]
    counts: list[CountDuring]
    refund_requests: list[AskedRefund]
    checksum: str = ""


class ReportPart(StrEnum):
    """The tables of a report as files have them."""

    SKUS = "skus"
    POOL = "pool"
    CHANNELS = "channels"
    BATCHES = "batches"
    MINUTES = "minutes"
    REFUSALS = "refusals"
    ALERTS = "alerts"
    COUNTS = "counts"
    REFUNDS = "refunds"
