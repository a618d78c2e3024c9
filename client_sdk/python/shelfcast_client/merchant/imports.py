"""Files of goods, counts and orders, over the HTTP API: sent up, looked at, mended, and written into the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic
from typing import Literal, TypedDict, Unpack

from shelfcast_client.backoff import Backoff
from shelfcast_client.calls import Calls, below, new_id
from shelfcast_client.errors import ServerUnreachable
from shelfcast_client.records import Import

IMPORT_WAIT_S = 600.0
"""A file is read and written behind what the server does before it."""
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = b"PK\x03\x04"
LOOK_S = 0.05
LOOK_MAX_S = 1.0
"""Pauses between two looks at an import that goes on."""
_GOES_ON = ("reading", "applying")

Dates = Literal["mdy", "dmy"]
ImportKind = Literal["catalogue", "counts", "orders"]


class Meant(TypedDict, total=False):
    """How a file is meant; None says nothing of it. Of a catalogue `room` lists the SKUs, too, and `opening` names the
    column with the opening stock (`none`: there is none); orders are those of `channel`, counts go on the sheet `count`
    (None: a new one). `encoding` is that of a CSV file; with `dates` mdy the month of 12/1/2026 stands first."""

    room: str | None
    opening: str | None
    encoding: str | None
    dates: Dates | None
    channel: str | None
    count: str | None


class _ImportList(TypedDict):
    imports: list[Import]


class FileImports:
    """The part of a `Merchant` that imports files."""

    _calls: Calls
    _path: str

    async def send_import(
        self,
        file: bytes | Path,
        *,
        room: str | None = None,
        opening: str | None = None,
        encoding: str | None = None,
        dates: Dates | None = None,
        kind: ImportKind = "catalogue",
        channel: str | None = None,
        count: str | None = None,
        name: str | None = None,
        key: str | None = None,
    ) -> Import:
        """Send a CSV file or an XLSX workbook; nothing is changed. It is read meanwhile: `awaited_import` waits for it.

        It is a catalogue, or counts (an operator's), or orders that another platform has taken. The options are as in
        `Meant`; `name` is the file's for people, None takes the path's. Raises OSError where the file is not there.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        if name is None and isinstance(file, Path):
            name = file.name
        given = {"room": room, "opening": opening, "encoding": encoding, "dates": dates, "name": name}
        given |= {"kind": kind, "channel": channel, "count": count}
        query: dict[str, str | int] = {word: value for word, value in given.items() if value is not None}
        path = below(self._path, "imports")
        key = new_id() if key is None else key
        return await self._calls.ask(Import, "POST", path, query=query, key=key, file=(content, type_of(content)))

    async def imports(self) -> list[Import]:
        """The imports of the pool that are kept, the oldest first, without their previews."""
        return (await self._calls.ask(_ImportList, "GET", below(self._path, "imports")))["imports"]

    async def import_(self, id: str, *, preview: bool = True) -> Import | None:  # noqa: A002 - as in the answer
        """An import; None where it is not known, or not any more. Its `preview`, which is long, can be left out."""
        query = {} if preview else {"preview": "false"}
        return await self._calls.find(Import, "import", below(self._path, "imports", id), query=query)

    async def change_import(self, id: str, **meant: Unpack[Meant]) -> Import:  # noqa: A002 - as in the answer
        """Say how the file is meant instead, and have it read anew, against the pool as it is now."""
        return await self._calls.ask(Import, "PATCH", below(self._path, "imports", id), dict(meant))

    async def apply_import(self, id: str, *, reading: int | None = None) -> Import:  # noqa: A002 - as in the answer
        """Write what was read; rows with faults are left out. It goes on by itself: `awaited_import` waits for that.
        One that `stopped` goes on where it was.

        `reading` is that of the import whose preview was looked at: where the file was read otherwise since, nothing is
        written (STALE). None takes whichever it is.
        """
        body = {} if reading is None else {"reading": reading}
        return await self._calls.ask(Import, "POST", below(self._path, "imports", id, "apply"), body)

    async def drop_import(self, id: str) -> None:  # noqa: A002 - as in the answer
        """Forget an import, and stop it where it is being applied; what is written stays."""
        await self._calls.send("DELETE", below(self._path, "imports", id))

    async def awaited_import(
        self,
        id: str,  # noqa: A002 - as in the answer
        *,
        wait_s: float = IMPORT_WAIT_S,
        told: Callable[[Import], None] | None = None,
    ) -> Import:
        """The import once it is neither being read nor applied, with its preview; `told` hears how far it is.

        Raises ServerUnreachable where that takes longer than `wait_s` seconds.
        """
        path = below(self._path, "imports", id)
        pauses = Backoff(Random(), base_s=LOOK_S, cap_s=LOOK_MAX_S)  # noqa: S311 - spreads load
        until_s = monotonic() + wait_s
        while True:
            found = await self._calls.ask(Import, "GET", path, query={"preview": "false"})
            if told is not None:
                told(found)
            if found["state"] not in _GOES_ON:
                return await self._calls.ask(Import, "GET", path)
            if monotonic() >= until_s:
                raise ServerUnreachable(f"import {id} is still {found['state']} after {wait_s:g} s")
            await asyncio.sleep(min(pauses.next_s(0), max(0.0, until_s - monotonic())))


def type_of(content: bytes) -> str:
    """The media type of a file: a workbook, or else CSV."""
    return XLSX_TYPE if content.startswith(_ZIP) else "text/csv"
