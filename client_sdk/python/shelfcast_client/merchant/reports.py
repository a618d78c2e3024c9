"""Reports of shows over the HTTP API: reading and keeping them, and what is decided because of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal, TypedDict

from shelfcast_client.calls import Calls, below, new_id
from shelfcast_client.records import DecisionMade, Job, ListedReport, Report, SkuShows

ReportState = Literal["provisional", "final"]
Decided = Literal["restock", "discount", "bundle", "clear", "drop", "keep"]


class _Reports(TypedDict):
    reports: list[ListedReport]
    next: str | None


class _Decisions(TypedDict):
    decisions: list[DecisionMade]


class Reports:
    """The part of a `Merchant` that reads the reports of shows. A provisional one is written when a show has ended, the
    final one once nothing of it is pending. `decide` takes an operator's token."""

    _calls: Calls
    _path: str

    async def report(self, show: str, *, state: ReportState | None = None) -> Report | None:
        """A show's report: the final one, or where there is none yet the provisional one, or the one in this `state`;
        None where it is not written yet."""
        return await self._calls.find(Report, "state", below("/v1/shows", show, "report"), query=_said(state=state))

    async def report_json(self, show: str, *, state: ReportState | None = None) -> bytes:
        """The same as it was written: its checksum verifies. Raises ServerRefused with `field` "state" where it is not
        written yet. `report_file` saves the other forms."""
        path = below("/v1/shows", show, "report.json")
        return (await self._calls.send("GET", path, query=_said(state=state))).content

    async def write_report(self, show: str, *, key: str | None = None) -> Job:
        """Have the report of a show written anew that has ended and has no final one; `job` says how far it is."""
        path = below("/v1/shows", show, "report")
        return await self._calls.ask(Job, "POST", path, {}, key=new_id() if key is None else key)

    async def reports(self, *, room: str | None = None) -> AsyncIterator[ListedReport]:
        """The reports of the pool's shows that are kept, those of the last shows first; of one room alone with
        `room`."""
        query = _said(room=room)
        while True:
            page = await self._calls.ask(_Reports, "GET", below(self._path, "reports"), query=query)
            for report in page["reports"]:
                yield report
            if page["next"] is None:
                return
            query["before"] = page["next"]

    async def decisions(self, show: str) -> list[DecisionMade]:
        """What was decided about the SKUs of a show, by their names."""
        path = below("/v1/shows", show, "report", "decisions")
        return (await self._calls.ask(_Decisions, "GET", path))["decisions"]

    async def decide(
        self, show: str, sku: str, kind: Decided, *, units: int | None = None, note: str = "", key: str | None = None
    ) -> DecisionMade:
        """Note what is to become of a SKU after a show; it moves nothing, and the last decision stands. Raises
        ServerRefused: NOT_FOUND with `field` "sku" where the show's report has no such SKU."""
        body: dict[str, Any] = {"sku": sku, "kind": kind, "note": note}
        body |= {} if units is None else {"units": units}
        path = below("/v1/shows", show, "report", "decisions")
        return await self._calls.ask(DecisionMade, "POST", path, body, key=new_id() if key is None else key)

    async def sku_history(self, sku: str) -> SkuShows | None:
        """What a SKU came to in its last ten shows; None where the pool has no such SKU."""
        return await self._calls.find(SkuShows, "sku", below(self._path, "history", sku))


def _said(**given: str | None) -> dict[str, str | int]:
    return {name: value for name, value in given.items() if value is not None}
