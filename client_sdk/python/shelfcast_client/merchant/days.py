"""Business days over the HTTP API: their totals, and what does not sell."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import httpx

from shelfcast_client.calls import below
from shelfcast_client.merchant.jobs import AUDIT_WAIT_S, Jobs
from shelfcast_client.records import DayTotals, SlowMovers


class Days(Jobs):
    """The part of a `Merchant` that reads business days."""

    async def day_totals(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        sku: str | None = None,
        by_sku: bool = False,
        after: str = "",
        limit: int | None = None,
        wait_s: float = AUDIT_WAIT_S,
    ) -> DayTotals:
        """What each business day from `first` to `last` came to: all SKUs together (at most 400 days), one `sku`, or
        with `by_sku` a page of SKUs behind `after`, each over all days (at most 31). Without `first` 31 days are read,
        without `last` up to the last that is over. Raises ServerRefused, JobFailed."""
        given = {"from": first and str(first), "to": last and str(last), "sku": sku, "after": after, "limit": limit}
        given["by"] = "sku" if by_sku else None
        return cast(DayTotals, await self._read_days("day-totals", given, wait_s))

    async def slow_movers(self, *, weekly: bool = False, wait_s: float = AUDIT_WAIT_S) -> SlowMovers:
        """What was not sold for 30 days in which it was available, and what there is too much of; with `weekly` the
        list that the last week ended with. Raises ServerRefused, JobFailed."""
        given = {"weekly": "true" if weekly else None}
        return cast(SlowMovers, await self._read_days("slow-movers", given, wait_s))

    async def _read_days(self, what: str, given: dict[str, Any], wait_s: float) -> Any:
        query: dict[str, str | int] = {name: value for name, value in given.items() if value}
        answer = await self._calls.send("GET", below(self._path, what), query=query, timeout_s=wait_s)
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return found
