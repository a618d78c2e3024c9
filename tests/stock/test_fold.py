"""The fold of a ledger: what cannot have happened is said, with the entry."""

from __future__ import annotations

import pytest
from shelfcast.stock.audit import VIOLATIONS_MAX, AuditReport
from shelfcast.stock.fold import Fold
from shelfcast.stock.records import LedgerEntry, Stream


def entries(*steps: tuple[str, int, str, str]) -> list[LedgerEntry]:
    """Entries about one reservation: kind, units, from where, to where."""
    return [
        LedgerEntry(
            seq=seq, pool_seq=seq, at_ms=0, id="r1", kind=kind, sku="mug", qty=qty, source=source, target=target,
            channel="live", user="ann", reference="", actor="", reason="",
        )
        for seq, (kind, qty, source, target) in enumerate(steps, start=1)
    ]  # fmt: skip


def complaints(*steps: tuple[str, int, str, str]) -> list[tuple[int, str, str]]:
    said: list[tuple[int, str, str]] = []
    fold = Fold(lambda number, subject, detail: said.append((number, subject, detail)))
    for entry in entries(*steps):
        fold.add(Stream.STOCK, entry)
    return said


RECEIVED = ("receive", 5, "supplier", "pool")
RESERVED = ("reserve", 2, "pool", "held:live")
CONFIRMED = ("confirm", 2, "held:live", "sold:live")


def test_what_can_have_happened_is_not_complained_of() -> None:
    expired = ("expire", 2, "held:live", "pool")
    queued = ("paid_no_stock", 0, "outside", "outside")
    late = ("reacquire", 2, "pool", "sold:live")
    assert complaints(RECEIVED, RESERVED, CONFIRMED) == []
    assert complaints(RECEIVED, RESERVED, expired, queued, late) == []


@pytest.mark.parametrize(
    ("steps", "number", "says"),
    [
        ((RESERVED,), 2, "-2 units after ledger 1"),
        ((RECEIVED, RESERVED, CONFIRMED, RESERVED), 5, "reserved again after it was confirmed (entry 4)"),
        ((RECEIVED, RESERVED, ("reacquire", 2, "pool", "sold:live")), 5, "paid late although it was active (entry 3)"),
        ((RECEIVED, RESERVED, ("paid_no_stock", 0, "outside", "outside")), 5,
         "queued without stock although it was active (entry 3)"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened_is_named(
    steps: tuple[tuple[str, int, str, str], ...], number: int, says: str
) -> None:
    assert [(found, detail) for found, _, detail in complaints(*steps)] == [(number, says)]


def test_a_report_lists_so_many_violations_and_counts_all() -> None:
    report = AuditReport(pool="p")
    for place in range(VIOLATIONS_MAX + 5):
        report.add(2, f"mug {place}", "-1 units")
    assert (len(report.violations), report.violation_count, report.ok) == (VIOLATIONS_MAX, VIOLATIONS_MAX + 5, False)
