"""What a show's reconciliation says, for answers. Rules: docs/rules.md#after-the-show."""

from __future__ import annotations

from msgspec import Struct

from shelfcast.stock.counts import CountKind, CountState, RowStatus


class SoldUnits(Struct, frozen=True, kw_only=True):
    """Units by what became of the show's reservations. `sold` is net of what was `cancelled` after payment, and is
    `shipped` or `unshipped`; of that, `awaiting_goods` are a presale's whose goods have not come.

    Neither sold nor free: `held` in checkouts and `payment_pending`. `paid_no_stock` were paid too late and wait for
    stock. Money went back and no stock moved: `refunded_no_stock` of those, `refunded_without_goods` by a request.
    `refund_asked` are units of requests that nobody has decided yet; they are sold as before.
    """

    sold: int = 0
    cancelled: int = 0
    shipped: int = 0
    unshipped: int = 0
    awaiting_goods: int = 0
    held: int = 0
    payment_pending: int = 0
    paid_no_stock: int = 0
    refunded_no_stock: int = 0
    refunded_without_goods: int = 0
    refund_asked: int = 0


class CountFound(Struct, frozen=True, kw_only=True):
    """What a count that was applied after the show's beginning found of a SKU in the whole pool: `counted` differed by
    `difference` from the book, and of a loss `shortage` was in reservations. `signed_by` are who signed and applied
    it; `reason` is empty where nothing differed. `kind` is null of a sheet that is not kept any more, of which neither
    reason nor signers are known."""

    count: str
    kind: CountKind | None
    at_ms: int
    counted: int
    difference: int
    shortage: int
    reason: str
    reason_note: str
    reason_by: str
    signed_by: list[str]


class OpenCount(Struct, frozen=True, kw_only=True):
    """The count that a SKU is on, which changes nothing yet. `difference` is null before all of it is counted and in
    review."""

    count: str
    kind: CountKind
    state: CountState
    status: RowStatus
    difference: int | None


class ReconciledSku(Struct, frozen=True, kw_only=True):
    """A SKU of a show. `link` is null where the room does not list it any more. `stock` and `presale` (null where the
    show has none) stand apart and are never added. `count` is null where nobody has counted since the show began: that
    is not zero."""

    sku: str
    title: str
    link: int | None
    stock: SoldUnits
    presale: SoldUnits | None
    count: CountFound | None
    open_count: OpenCount | None


class MoneyTotal(Struct, frozen=True, kw_only=True):
    """Amounts of one currency in minor units: what payments said (`paid_minor`), what the units of payments without an
    amount come to by their price (`by_price_minor`), and what went back (`refunded_minor`)."""

    currency: str
    paid_minor: int
    by_price_minor: int
    refunded_minor: int


class ReconciliationTotals(Struct, frozen=True, kw_only=True):
    """Sums over a show's `skus`: units of `stock` and of `presale` apart, money by currency. Since the show began
    `counted` SKUs were counted, of which `differing` did, by `gained` and `lost` units; `open_differences` differ in a
    count that is not applied yet."""

    skus: int
    stock: SoldUnits
    presale: SoldUnits | None
    counted: int
    differing: int
    gained: int
    lost: int
    shortage: int
    open_differences: int
    money: list[MoneyTotal]


class AskedRefund(Struct, frozen=True, kw_only=True):
    """A refund that was asked for and not processed: of `units`, `done_units` came back so far; it is `age_ms` old."""

    reservation: str
    sku: str
    title: str
    presale: bool
    units: int
    done_units: int
    reason: str
    user: str
    asked_by: str
    asked_at_ms: int
    age_ms: int


class Reconciliation(Struct, frozen=True, kw_only=True):
    """A show beside what was counted: its reservations as of the pool's sequence `seq`, counts and requests of a moment
    later. `skus` come by their link number, then by name; `refund_requests` that are open, the oldest first. The end is
    null while the show is on."""

    show: str
    room: str
    pool: str
    channel: str
    started_at_ms: int
    ended_at_ms: int | None
    seq: int
    at_ms: int
    skus: list[ReconciledSku]
    totals: ReconciliationTotals
    refund_requests: list[AskedRefund]
