"""What became of a show's reservations in units and money, for its reconciliation and its report: each sum once.

Rules: docs/rules.md#after-the-show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from msgspec.structs import fields

from shelfcast.insight.after_show import Money, ShowFold, Tally
from shelfcast.merchant.after_show_items import AskedRefund, MoneyTotal, SoldUnits
from shelfcast.protocol.states import ReservationState
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SkuConfig
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.refund_requests import RefundRequest, RefundState

PAYING = (ReservationState.PAYMENT_PENDING, ReservationState.CONFIRMED)
"""States of a hold in which its payment was under way when the ledgers were read, or has ended since."""

ByPlace = dict[tuple[str, bool], SoldUnits]
"""By SKU, and whether of a presale."""


async def paying(book: StockBook, fold: ShowFold) -> set[str]:
    """Those of the live holds whose payment is under way. Raises EngineError."""
    ids, found = list(fold.held), set[str]()
    for first in range(0, len(ids), SCAN_COUNT):
        records = await book.reservations(ids[first : first + SCAN_COUNT])
        found |= {reservation.id for reservation in records if reservation.state in PAYING}
    return found


def units_of(fold: ShowFold, paying: set[str], requests: Iterable[RefundRequest]) -> ByPlace:
    """What became of the units of each SKU."""
    beside: defaultdict[tuple[str, bool], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, hold in fold.held.items():
        column = "payment_pending" if name in paying else "held"
        beside[hold.sku, hold.is_presale][column] += hold.units
    for waiting in fold.owed.values():
        beside[waiting.sku, waiting.is_presale]["paid_no_stock"] += waiting.units
    for request in requests:
        place = request.sku, request.reservation in fold.presale_orders
        if request.earlier_units:
            beside[place]["refunded_without_goods"] += request.earlier_units
        if request.state is RefundState.WITHOUT_GOODS:
            beside[place]["refunded_without_goods"] += request.units - request.done_units
        elif request.state is RefundState.OPEN:
            beside[place]["refund_asked"] += request.units - request.done_units
    places = {*beside, *((sku, False) for sku in fold.stock), *((sku, True) for sku in fold.presale)}
    return {
        (sku, is_presale): _sold((fold.presale if is_presale else fold.stock)[sku], is_presale, beside[sku, is_presale])
        for sku, is_presale in places
    }


def _sold(tally: Tally, is_presale: bool, beside: dict[str, int]) -> SoldUnits:
    return SoldUnits(
        sold=tally.sold,
        cancelled=tally.cancelled,
        shipped=tally.shipped,
        unshipped=tally.unshipped,
        awaiting_goods=tally.awaiting_goods if is_presale else 0,
        refunded_no_stock=tally.refunded_no_stock,
        **beside,
    )


def sum_of(units: Iterable[SoldUnits]) -> SoldUnits:
    """The sum, column by column."""
    found = list(units)
    return SoldUnits(**{field.name: sum(getattr(one, field.name) for one in found) for field in fields(SoldUnits)})


def money_of(fold: ShowFold, requests: Iterable[RefundRequest]) -> dict[str, list[MoneyTotal]]:
    """The money of each SKU, by currency."""
    refunded = Counter({key: money.refunded for key, money in fold.money_of.items()})
    for request in requests:
        # Of a reservation that was not remembered any more, the request alone says what went back.
        is_told = request.reservation in fold.refunded_alone
        if request.state is RefundState.WITHOUT_GOODS and not is_told and request.refunded_minor > 0:
            refunded[request.sku, request.currency] += request.refunded_minor
    found: defaultdict[str, list[MoneyTotal]] = defaultdict(list)
    for sku, currency in sorted(refunded):
        money = fold.money_of.get((sku, currency), Money())
        found[sku].append(
            MoneyTotal(
                currency=currency,
                paid_minor=money.paid,
                by_price_minor=money.by_price,
                refunded_minor=refunded[sku, currency],
            )
        )
    return dict(found)


def money_sum(of_skus: Iterable[Iterable[MoneyTotal]]) -> list[MoneyTotal]:
    """The sum over SKUs, by currency, and never across."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for money in (one for some in of_skus for one in some):
        for place, amount in enumerate((money.paid_minor, money.by_price_minor, money.refunded_minor)):
            sums[money.currency][place] += amount
    return [
        MoneyTotal(currency=currency, paid_minor=paid, by_price_minor=by_price, refunded_minor=refunded)
        for currency, (paid, by_price, refunded) in sorted(sums.items())
    ]


def asked_refunds(
    requests: Iterable[RefundRequest], fold: ShowFold, titles: Mapping[str, str], users: Mapping[str, str], now_ms: int
) -> list[AskedRefund]:
    """The refunds that were asked for and wait, the oldest first. `users` says what to call a user instead."""
    asked = sorted((r for r in requests if r.state is RefundState.OPEN), key=lambda r: (r.asked_at_ms, r.reservation))
    return [
        AskedRefund(
            reservation=request.reservation,
            sku=request.sku,
            title=titles.get(request.sku, ""),
            presale=request.reservation in fold.presale_orders,
            units=request.units,
            done_units=request.done_units,
            reason=request.reason,
            user=users.get(request.user, request.user),
            asked_by=request.asked_by,
            asked_at_ms=request.asked_at_ms,
            age_ms=max(0, now_ms - request.asked_at_ms),
        )
        for request in asked
    ]


def titles_of(catalogue: Mapping[str, SkuConfig]) -> dict[str, str]:
    """What SKUs are called."""
    return {sku: config.title for sku, config in catalogue.items()}
