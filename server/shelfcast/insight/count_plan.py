"""The plan of cycle counts: what sells most is counted most often. Pure.

SKUs are graded by the value that was sold of them lately (ABC analysis): A are those that together bring the first 80 %
of a currency's value, B those up to 95 %, C the others. A is due a week behind its last count, B two, C 30 days; one
that was never counted, or was short when it was, is due at once. Rules: docs/rules.md#counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

DAYS = 90
"""How far back sales count."""
DAY_MS = 86_400_000
A_SHARE, B_SHARE = 0.80, 0.95


class Grade(StrEnum):
    """How much of the value a SKU brings."""

    A = "a"
    B = "b"
    C = "c"


EVERY_DAYS: Mapping[Grade, int] = {Grade.A: 7, Grade.B: 14, Grade.C: 30}


class Why(StrEnum):
    """Why a SKU is due."""

    DUE = "due"
    NEVER = "never"
    SHORTAGE = "shortage"


class Sale(Struct, frozen=True):
    """What an entry of the ledger says about a sale: `paid_minor` and `refunded_minor` are for all of its reservation,
    and stand in the first of several entries alone; None where nobody said them."""

    id: str
    kind: str
    sku: str
    qty: int
    price_minor: int | None
    currency: str
    paid_minor: int | None
    refunded_minor: int | None


class Graded(Struct, frozen=True):
    """A SKU's grade, and the value sold that it goes by."""

    grade: Grade
    value_minor: int
    currency: str


class Counted(Struct, frozen=True):
    """When a SKU was counted last, and how many units were short then."""

    at_ms: int
    shortage: int


class Due(Struct, frozen=True, kw_only=True):
    """A SKU that is due for a count."""

    sku: str
    graded: Graded
    counted_at_ms: int | None
    due_at_ms: int
    why: Why


class ValueSold:
    """Adds up what was sold of each SKU, by currency, entry by entry in the order of the ledger.

    A payment that waits for stock is no sale, so that its refund takes nothing off.
    """

    SALES = frozenset({"confirm", "reacquire", "external", "external_oversold", "fulfil"})
    RETURNS = frozenset({"cancel_paid"})

    def __init__(self) -> None:
        self.by_currency: dict[str, Counter[str]] = {}
        """Currency → SKU → value in minor units."""
        self._said: tuple[str, str] = ("", "")
        """Of the entries that an amount was just said for, which have none of their own."""

    def add(self, sale: Sale) -> None:
        """Take the next entry; of another kind than a sale it is passed over."""
        if sale.kind in self.SALES:
            self._book(sale, sale.paid_minor, 1)
        elif sale.kind in self.RETURNS:
            self._book(sale, sale.refunded_minor, -1)

    def add_day(self, sku: str, currency: str, value_minor: int) -> None:
        """Take what a SKU brought in a day, less what went back."""
        self.by_currency.setdefault(currency, Counter())[sku] += value_minor

    def _book(self, sale: Sale, said: int | None, sign: int) -> None:
        step = (sale.id, sale.kind)
        if said is not None:
            amount, self._said = said, step
        elif step == self._said or sale.price_minor is None:
            return
        else:
            amount, self._said = sale.qty * sale.price_minor, ("", "")
        self.by_currency.setdefault(sale.currency, Counter())[sale.sku] += sign * amount


def grades(by_currency: Mapping[str, Mapping[str, int]]) -> dict[str, Graded]:
    """The grade of each SKU that was sold; of several currencies the best. Any other SKU is C."""
    found: dict[str, Graded] = {}
    for currency, values in sorted(by_currency.items()):
        ranked = sorted(((value, sku) for sku, value in values.items() if value > 0), key=lambda row: (-row[0], row[1]))
        total, before = sum(value for value, _ in ranked), 0
        for value, sku in ranked:
            grade = Grade.A if before < A_SHARE * total else Grade.B if before < B_SHARE * total else Grade.C
            before += value
            if sku not in found or grade < found[sku].grade:
                found[sku] = Graded(grade, value, currency)
    return found


def due(
    skus: Iterable[str],
    graded: Mapping[str, Graded],
    counted: Mapping[str, Counted],
    now_ms: int,
    *,
    currency: str,
) -> list[Due]:
    """Those of these SKUs that are due: the best grade first, in it the most valuable. `currency` is that of SKUs that
    sold nothing."""
    found = []
    for sku in skus:
        grade = graded.get(sku) or Graded(Grade.C, 0, currency)
        last = counted.get(sku)
        if last is None:
            found.append(Due(sku=sku, graded=grade, counted_at_ms=None, due_at_ms=now_ms, why=Why.NEVER))
            continue
        is_short = last.shortage > 0
        due_at_ms = last.at_ms if is_short else last.at_ms + EVERY_DAYS[grade.grade] * DAY_MS
        if due_at_ms <= now_ms:
            why = Why.SHORTAGE if is_short else Why.DUE
            found.append(Due(sku=sku, graded=grade, counted_at_ms=last.at_ms, due_at_ms=due_at_ms, why=why))
    return sorted(found, key=lambda one: (one.graded.grade, -one.graded.value_minor, one.sku))
