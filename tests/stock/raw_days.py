"""What the raw entries of the ledgers say of business days: the totals are held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from shelfcast.insight.day_totals import SALES, DayRow
from shelfcast.merchant.day_files import Day
from shelfcast.stock.book import StockBook
from shelfcast.stock.records import LedgerEntry, Stream

FLOWS = {
    "received": ("supplier", 1),
    "returned": ("returned", 1),
    "gained": ("count_gain", 1),
    "shipped": ("shipped", -1),
    "written_off": ("written_off", -1),
    "lost": ("count_loss", -1),
}
SAID = ("opening", "closing", *FLOWS, *(name for name in SALES if name != "fulfilled"))


def is_here(place: str) -> bool:
    kind = place.partition(":")[0]
    return kind in {"pool", "safety", "elastic", "unsellable", "channel", "batch", "held", "sold"}


async def all_entries(book: StockBook) -> list[LedgerEntry]:
    found = [entry for stream in Stream for entry in await book.ledger(stream, limit=100_000)]
    return sorted(found, key=lambda entry: entry.pool_seq)


def recomputed(entries: Sequence[LedgerEntry], sku: str, from_ms: int, to_ms: int) -> dict[str, int]:
    """A day of a SKU, from all entries of the pool, by their times alone."""
    of_sku = [entry for entry in entries if entry.sku == sku]
    found: Counter[str] = Counter()
    for entry in of_sku:
        here = is_here(entry.target) - is_here(entry.source)
        if entry.at_ms < to_ms:
            found["closing"] += here * entry.qty
        if entry.at_ms < from_ms:
            found["opening"] += here * entry.qty
        if not from_ms <= entry.at_ms < to_ms:
            continue
        for name, (account, sign) in FLOWS.items():
            outside = entry.source if here > 0 else entry.target
            if here and outside == account:
                found[name] += here * sign * entry.qty
        into, out = entry.target.partition(":")[0], entry.source.partition(":")[0]
        if entry.kind in {"confirm", "reacquire"}:
            found["presale_sold" if into == "presale_sold" else "sold"] += entry.qty
        elif entry.kind in {"external", "external_oversold"}:
            found["external_sold"] += entry.qty
        elif entry.kind == "cancel_paid":
            name = "presale" if out == "presale_sold" else "" if entry.room else "external"
            found[f"{name}_sold".lstrip("_")] -= entry.qty
            found[f"{name}_cancelled".lstrip("_")] += entry.qty
    return dict(found)


def check_chain(days: Sequence[Day]) -> None:
    """Each begins with what the one before it ended with."""
    for before, after in pairwise(days):
        assert (before.head.to_ms, before.head.through) == (after.head.from_ms, after.head.begin)
        closing = {row.sku: (row.closing, row.closing_sellable) for row in before.rows}
        for row in after.rows:
            assert (row.opening, row.opening_sellable) == closing.get(row.sku, (0, 0))
        left = closing.keys() - {row.sku for row in after.rows}
        assert all(closing[sku] == (0, 0) for sku in left)


def check_rows(day: Day, entries: Sequence[LedgerEntry]) -> None:
    rows = {row.sku: row for row in day.rows}
    for sku in ("mug", "cup", "jar"):
        expected = recomputed(entries, sku, day.head.from_ms, day.head.to_ms)
        row = rows.get(sku) or DayRow(sku)
        assert {name: getattr(row, name) for name in SAID} == {name: expected.get(name, 0) for name in SAID}, sku
        came = row.received + row.returned + row.gained - row.shipped - row.written_off - row.lost
        assert row.opening + came == row.closing
        assert 0 <= row.available_ms <= day.head.to_ms - day.head.from_ms
