"""Which SKUs are due for a cycle count, as a job: the ledger of the last weeks says what sells."""

from __future__ import annotations

from typing import Any

from shelfcast.heavy.kind import Work
from shelfcast.insight.count_plan import DAY_MS, DAYS, Counted, Sale, ValueSold, due, grades
from shelfcast.stock.records import LedgerEntry, Stream

COUNT_PLAN = "count_plan"
DUE_MAX = 1_000
"""SKUs that are listed; all are counted."""
LEDGER_PAGE = 2_000
SKUS_A_PAGE = 500


class CountPlan:
    """Grades the pool's SKUs, and says which are due. Its progress counts ledger entries."""

    name = COUNT_PLAN

    async def run(self, work: Work) -> dict[str, Any]:
        """The plan: see `http.routes.count_items.CountPlan`. SKUs that are on an open count are not due."""
        book = work.book
        now_ms = await book.now_ms()
        graded = grades((await self._sold(work, now_ms - DAYS * DAY_MS)).by_currency)
        titles: dict[str, str] = {}
        counted: dict[str, Counted] = {}
        counting = 0
        async for page in book.catalogue(SKUS_A_PAGE):
            names = [sku for sku, _, _ in page]
            on_a_count = await book.counting(names)
            counting += len(on_a_count)
            titles |= {sku: config.title for sku, config, _ in page if sku not in on_a_count}
            last = await book.last_counts(names)
            counted |= {sku: Counted(one.at_ms, one.shortage) for sku, one in last.items()}
        config = await book.pool_config()
        found = due(titles, graded, counted, now_ms, currency=config.currency)
        return {
            "days": DAYS,
            "due": [
                {
                    "sku": one.sku,
                    "title": titles[one.sku],
                    "grade": str(one.graded.grade),
                    "value_minor": one.graded.value_minor,
                    "currency": one.graded.currency,
                    "counted_at_ms": one.counted_at_ms,
                    "due_at_ms": one.due_at_ms,
                    "why": str(one.why),
                }
                for one in found[:DUE_MAX]
            ],
            "due_count": len(found),
            "counting": counting,
            "later": len(titles) - len(found),
        }

    async def _sold(self, work: Work, since_ms: int) -> ValueSold:
        """What was sold since a time, from the ledger."""
        sold, read = ValueSold(), 0
        behind = await work.book.ledger_seq_at(Stream.STOCK, since_ms)
        async for entries in work.book.ledger_to_now(Stream.STOCK, behind, LEDGER_PAGE):
            for entry in entries:
                sold.add(_sale(entry))
            read += len(entries)
            work.progress.say(read, 0)
        return sold


def _sale(entry: LedgerEntry) -> Sale:
    return Sale(
        entry.id,
        entry.kind,
        entry.sku,
        entry.qty,
        entry.price_minor,
        entry.currency,
        entry.paid_minor,
        entry.refunded_minor,
    )
