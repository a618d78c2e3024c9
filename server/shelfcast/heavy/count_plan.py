"""Which SKUs are due for a cycle count, as a job: what was sold in the last weeks says what sells."""

from __future__ import annotations

from typing import Any

from shelfcast.archive.store import ArchiveStore
from shelfcast.heavy.kind import Work
from shelfcast.insight.count_plan import DAY_MS, DAYS, Counted, due, grades
from shelfcast.merchant.value_sold import value_sold

COUNT_PLAN = "count_plan"
DUE_MAX = 1_000
"""SKUs that are listed; all are counted."""
SKUS_A_PAGE = 500


class CountPlan:
    """Grades the pool's SKUs, and says which are due. Its progress counts ledger entries."""

    name = COUNT_PLAN

    async def run(self, work: Work) -> dict[str, Any]:
        """The plan: see `http.routes.count_items.CountPlan`. SKUs that are on an open count are not due."""
        book = work.book
        now_ms = await book.now_ms()
        store = ArchiveStore(work.settings)
        sold, since_ms = await value_sold(book, store, now_ms - DAYS * DAY_MS, work.progress.say)
        graded = grades(sold.by_currency)
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
            "days": -(-(now_ms - since_ms) // DAY_MS),
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
