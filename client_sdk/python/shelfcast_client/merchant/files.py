"""What a server has for spreadsheets and printers, over the HTTP API, saved as files: reports, ledgers, counts, the
catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from shelfcast_client.calls import below, new_id
from shelfcast_client.merchant.imports import XLSX_TYPE
from shelfcast_client.merchant.jobs import Jobs

FILE_WAIT_S = 600.0
"""A long ledger is made into a workbook behind what the server does before it."""
CSV_TYPE = "text/csv"
Language = Literal["en", "zh"]


class Files(Jobs):
    """The part of a `Merchant` that saves files. Each writes `to`, also over one that is there, once all of it came;
    one whose name ends in `.xlsx` becomes a workbook, any other one CSV. `lang` is that of the columns' names: left
    out, those of a CSV file are the API's."""

    async def report_file(
        self,
        show: str,
        form: Literal["json", "csv", "xlsx", "html"],
        to: Path,
        *,
        part: str | None = None,
        lang: Language | None = None,
        state: Literal["provisional", "final"] | None = None,
    ) -> None:
        """Save the report of a show: `json` as it was written, of `csv` one table (`part`: skus, pool, channels,
        batches, minutes, refusals, alerts, counts or refunds), a workbook with all, or a page to print. Raises
        ServerRefused (`field` "state") where there is none yet."""
        query = _given(part=part, lang=lang, state=state)
        await self._calls.saved(below("/v1/shows", show, f"report.{form}"), to, query=query, timeout_s=FILE_WAIT_S)

    async def ledger_file(
        self,
        to: Path,
        *,
        stream: Literal["ledger", "presale"] = "ledger",
        from_ms: int | None = None,
        to_ms: int | None = None,
        lang: Language | None = None,
        wait_s: float = FILE_WAIT_S,
    ) -> None:
        """Save the entries of a ledger that were made from `from_ms` up to `to_ms`, both included. Raises ServerRefused
        where they are too many for a workbook, Archived where some have left the server's ledgers."""
        query = _given(stream=stream, from_ms=from_ms, to_ms=to_ms, lang=lang)
        await self._saved(below(self._path, "ledger", "export"), to, query, wait_s)

    async def counted_file(self, count: str, to: Path, *, lang: Language | None = None) -> None:
        """Save what was counted, with the book's figures and the reasons; a workbook has the lines, too."""
        await self._saved(below(self._path, "counts", count, "export"), to, _given(lang=lang), FILE_WAIT_S)

    async def catalogue_file(self, to: Path) -> None:
        """Save the whole catalogue, without units, in the form that imports take back."""
        await self._saved(below(self._path, "skus"), to, {}, FILE_WAIT_S)

    async def _saved(self, path: str, to: Path, query: dict[str, str | int], wait_s: float) -> None:
        is_workbook = to.suffix.lower() == ".xlsx"
        accept, key = (XLSX_TYPE, new_id()) if is_workbook else (CSV_TYPE, None)
        job = await self._calls.saved(path, to, query=query, accept=accept, key=key, timeout_s=wait_s)
        if job is not None:
            await self._result_of(job, wait_s)
            await self._calls.saved(path, to, query=query, accept=accept, key=key, timeout_s=wait_s)


def _given(**query: str | int | None) -> dict[str, str | int]:
    return {name: value for name, value in query.items() if value is not None}
