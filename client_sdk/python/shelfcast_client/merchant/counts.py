"""Counting the stock, over the HTTP API: docs/rules.md#counts says what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, cast

import httpx

from shelfcast_client.calls import below, new_id
from shelfcast_client.merchant.imports import XLSX_TYPE, Dates, type_of
from shelfcast_client.merchant.jobs import Jobs
from shelfcast_client.records import Count, CountFileRead, CountMade, CountPlan, CountRow, LineSaved

FILE_WAIT_S = 600.0
"""A sheet is read behind what the server does before it."""
PAGE_ROWS = 500


class _CountList(TypedDict):
    counts: list[Count]


class _RowPage(TypedDict):
    rows: list[CountRow]
    next: str | None


class Reason(TypedDict, total=False):
    """Why a SKU differs: mislogged_in, mislogged_out, damaged, lost, found, swapped, earlier_count, system, or other
    with a `note`."""

    sku: str
    reason: str
    note: str


class Counts(Jobs):
    """The part of a `Merchant` that counts. Entering lines takes a token of role counter or operator, signing and all
    else an operator's: never a program's. `count` of a `Merchant` is the plain move."""

    async def open_count(
        self,
        kind: str,
        *,
        room: str | None = None,
        zone: str = "",
        category: str = "",
        skus: Sequence[str] | None = None,
        blind: bool = True,
        recount_over: int | None = None,
        sign_over: int | None = None,
        note: str = "",
        key: str | None = None,
    ) -> CountMade:
        """Make a sheet (`before`, `spot`, `after` or `cycle`): of the `skus`, else of what the room lists, what lies in
        the zone, what is of the category, or of the whole pool. Its id is the `key`."""
        body: dict[str, Any] = {
            "kind": kind,
            "room": room,
            "zone": zone,
            "category": category,
            "skus": None if skus is None else list(skus),
            "blind": blind,
            "recount_over": recount_over,
            "sign_over": sign_over,
            "note": note,
        }
        return await self._calls.ask(
            CountMade, "POST", below(self._path, "counts"), body, key=new_id() if key is None else key
        )

    async def counts(self) -> list[Count]:
        """The counts that are kept: those that are open first, the newest first."""
        return (await self._calls.ask(_CountList, "GET", below(self._path, "counts")))["counts"]

    async def counted(self, count: str) -> Count | None:
        """One count; None where it is not known, or not any more."""
        return await self._calls.find(Count, "count", below(self._path, "counts", count))

    async def count_rows(self, count: str, *, status: str | None = None) -> AsyncIterator[CountRow]:
        """The SKUs of a count by name, those of this status alone where it is said."""
        query: dict[str, str | int] = {"limit": PAGE_ROWS} | ({} if status is None else {"status": status})
        while True:
            page = await self._calls.ask(_RowPage, "GET", below(self._path, "counts", count, "rows"), query=query)
            for row in page["rows"]:
                yield row
            if page["next"] is None:
                return
            query["after"] = page["next"]

    async def count_row(self, count: str, sku: str) -> CountRow | None:
        """One SKU of a count; None where it is not on it."""
        path = below(self._path, "counts", count, "rows")
        found = (await self._calls.ask(_RowPage, "GET", path, query={"sku": sku}))["rows"]
        return found[0] if found else None

    async def count_sheet(self, count: str, *, workbook: bool = False, language: Literal["en", "zh"] = "en") -> bytes:
        """The sheet to fill in: a CSV file, or an XLSX workbook. It has no figure of the book."""
        path = below(self._path, "counts", count, "sheet")
        accept = XLSX_TYPE if workbook else "text/csv"
        return (await self._calls.send("GET", path, query={"language": language}, accept=accept)).content

    async def send_count_file(
        self,
        count: str,
        file: bytes | Path,
        *,
        encoding: str | None = None,
        dates: Dates | None = None,
        key: str | None = None,
        wait_s: float = FILE_WAIT_S,
    ) -> CountFileRead:
        """Send a sheet that was filled in, and wait until its lines are saved; rows with faults are listed.

        Raises ServerRefused or JobFailed where it cannot be read as a sheet, OSError where it is not there.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        given = {"encoding": encoding, "dates": dates}
        query: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        answer = await self._calls.send(
            "POST",
            below(self._path, "counts", count, "file"),
            query=query,
            key=new_id() if key is None else key,
            file=(content, type_of(content)),
            timeout_s=wait_s,
        )
        return cast(CountFileRead, await self._answer_or_result(answer, wait_s))

    async def add_to_count(self, count: str, skus: Sequence[str]) -> CountMade:
        """Put more SKUs on a count that is being counted."""
        return await self._calls.ask(
            CountMade, "POST", below(self._path, "counts", count, "skus"), {"skus": list(skus)}
        )

    async def open_line(
        self, count: str, sku: str, *, zone: str = "", lot: str = "", expires_on: str | None = None
    ) -> LineSaved:
        """Begin to count a SKU in a zone: what leaves or comes from then on is asked about. `change_line` saves it."""
        body = {"sku": sku, "zone": zone, "lot": lot, "expires_on": expires_on}
        return await self._calls.ask(LineSaved, "POST", below(self._path, "counts", count, "lines"), body)

    async def save_line(
        self,
        count: str,
        sku: str,
        good: int,
        *,
        bad: int = 0,
        zone: str = "",
        lot: str = "",
        expires_on: str | None = None,
        note: str = "",
        begun_seq: int | None = None,
        key: str | None = None,
    ) -> LineSaved:
        """Save what was found of a SKU in a zone, as a new line, once a key."""
        body: dict[str, Any] = {
            "sku": sku,
            "good": good,
            "bad": bad,
            "zone": zone,
            "lot": lot,
            "expires_on": expires_on,
            "note": note,
        } | ({} if begun_seq is None else {"begun_seq": begun_seq})
        return await self._calls.ask(
            LineSaved,
            "POST",
            below(self._path, "counts", count, "lines"),
            body,
            key=new_id() if key is None else key,
        )

    async def change_line(
        self, count: str, line: int, sku: str, good: int, *, bad: int = 0, note: str = ""
    ) -> LineSaved:
        """Save a line that was opened, or say anew what was found on it. A line is its counter's alone."""
        body = {"sku": sku, "good": good, "bad": bad, "note": note}
        return await self._calls.ask(LineSaved, "PUT", below(self._path, "counts", count, "lines", str(line)), body)

    async def drop_line(self, count: str, line: int, sku: str) -> None:
        """Take a line of one's own off the count."""
        await self._calls.send("DELETE", below(self._path, "counts", count, "lines", str(line)), query={"sku": sku})

    async def answer_count(self, count: str, sku: str, seq: int, included: int) -> CountRow:
        """Of the units that left or came by the entry `seq`, so many are in the lines."""
        body = {"sku": sku, "seq": seq, "included": included}
        return await self._calls.ask(CountRow, "POST", below(self._path, "counts", count, "answers"), body)

    async def ask_recount(self, count: str, skus: Sequence[str]) -> Count:
        """Have SKUs counted again, by somebody who has not counted them."""
        return await self._count_step(count, "recounts", {"skus": list(skus)})

    async def give_reasons(self, count: str, rows: Sequence[Reason]) -> Count:
        """Say why SKUs differ."""
        return await self._count_step(count, "reasons", {"rows": list(rows)}, method="PUT")

    async def close_count(self, count: str, *, anyway: bool = False) -> Count:
        """Nobody counts any more: what differs is looked at. While somebody has a line open, `ServerRefused` says so
        (`open_lines`), unless it is to be closed `anyway`: what is open has no effect then."""
        return await self._count_step(count, "close", {"anyway": anyway})

    async def reopen_count(self, count: str) -> Count:
        """Go on with counting."""
        return await self._count_step(count, "reopen")

    async def cancel_count(self, count: str) -> Count:
        """Nothing comes of the count."""
        return await self._count_step(count, "cancel")

    async def sign_count(self, count: str, revision: int) -> Count:
        """Stand for what the count found at this revision."""
        return await self._count_step(count, "sign", {"revision": revision})

    async def apply_count(self, count: str, revision: int) -> Count:
        """Move the differences; nothing undoes it. Whoever applies has signed, and beyond `sign_over` somebody else has
        to have, too: `ServerRefused` says NEEDS_APPROVAL or SAME_SIGNER."""
        return await self._count_step(count, "apply", {"revision": revision})

    async def count_plan(self, *, wait_s: float = FILE_WAIT_S) -> CountPlan:
        """Which SKUs are due for a cycle count. Raises JobFailed."""
        answer = await self._calls.send("GET", below(self._path, "count-plan"), timeout_s=wait_s)
        return cast(CountPlan, await self._answer_or_result(answer, wait_s))

    async def _count_step(
        self, count: str, step: str, body: dict[str, Any] | None = None, *, method: str = "POST"
    ) -> Count:
        return await self._calls.ask(Count, method, below(self._path, "counts", count, step), body or {})

    async def _answer_or_result(self, answer: httpx.Response, wait_s: float) -> Any:
        """What was answered, or what the job found that goes on instead."""
        found = answer.json()
        return await self._result_of(found, wait_s) if answer.status_code == httpx.codes.ACCEPTED else found
