"""The reconciliation of a show: its reservations by what became of them, beside what was counted."""

from __future__ import annotations

from typing import TypedDict


class SoldUnits(TypedDict):
    """Units by what became of a show's reservations. `sold` is net of what was `cancelled` after payment, and is
    `shipped` or `unshipped`; of that, `awaiting_goods` are a presale's whose goods have not come.

    Neither sold nor free: `held` in checkouts and `payment_pending`. `paid_no_stock` were paid too late and wait for
    stock. Money went back and no stock moved: `refunded_no_stock` of those, `refunded_without_goods` by a request.
    `refund_asked` are units of requests that nobody has decided yet; they are sold as before.
    """

    sold: int
    cancelled: int
    shipped: int
    unshipped: int
    awaiting_goods: int
    held: int
    payment_pending: int
    paid_no_stock: int
    refunded_no_stock: int
    refunded_without_goods: int
    refund_asked: int


class CountFound(TypedDict):
    """What a count that was applied after the show's beginning found of a SKU in the whole pool. `kind` is None of a
    sheet that is not kept any more."""

    count: str
    kind: str | None
    at_ms: int
    counted: int
    difference: int
    shortage: int
    reason: str
    reason_note: str
    reason_by: str
    signed_by: list[str]


class OpenCount(TypedDict):
    """The count that a SKU is on. `difference` is None before all of it is counted and in review."""

    count: str
    kind: str
    state: str
    status: str
    difference: int | None


class ReconciledSku(TypedDict):
    """A SKU of a show. `link` is None where the room does not list it any more, `presale` where the show has none.
    `count` is None where nobody has counted since the show began: that is not zero."""

    sku: str
    title: str
    link: int | None
    stock: SoldUnits
    presale: SoldUnits | None
    count: CountFound | None
    open_count: OpenCount | None


class MoneyTotal(TypedDict):
    """Amounts of one currency: what payments said, what those came to by their price that said nothing, and what went
    back."""

    currency: str
    paid_minor: int
    by_price_minor: int
    refunded_minor: int


class ReconciliationTotals(TypedDict):
    """Sums over a show's SKUs: units of stock and of presale apart, money by currency."""

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


class AskedRefund(TypedDict):
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


class Reconciliation(TypedDict):
    """A show beside what was counted: its reservations as of the pool's sequence `seq`. `skus` come by their link
    number, `refund_requests` that are open the oldest first. The end is None while the show is on."""

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
