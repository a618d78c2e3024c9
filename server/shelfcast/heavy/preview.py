"""What a catalogue in a file would change, as a job: `shelfcast import --preview` without the command."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from shelfcast.errors import InvalidInput
from shelfcast.heavy.kind import Work
from shelfcast.merchant.strategy import shares_of
from shelfcast.origins import Origins
from shelfcast.pictures import image_fault, read_image_origins
from shelfcast.sheets.catalogue import Catalogue, catalogue_of
from shelfcast.sheets.preview import RowPreview, Verdict, preview, summary
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, Fault

FAULTS_MAX = 1_000
"""Faults that are listed; all are counted."""
SKUS_A_PAGE = 500
_IMAGE = "image_url"

_T = TypeVar("_T")


_OPTION_AND_VALUE = re.compile(r"--(opening|encoding) (?='|none\b)")
_OPTION = re.compile(r"--(opening|encoding)\b")


class Options(Struct, frozen=True, kw_only=True):
    """How the file is to be read, and for which room (none: for the pool alone)."""

    name: str
    room: str | None = None
    opening: str | None = None
    encoding: str | None = None
    sha256: str = ""
    """Of the file: another one is another job."""


class Preview:
    """Reads the file and holds it against the pool's catalogue; nothing is changed. Its progress counts SKUs read."""

    name = "preview"

    async def run(self, work: Work) -> dict[str, Any]:
        """What each row would do: see `http.routes.previews`."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        content = await work.jobs.upload(work.job.upload, work.settings.upload_max_bytes)
        catalogue = await _to_the_end(lambda: _read(content, options))
        _refuse_pictures(catalogue, read_image_origins(work.settings.image_origins))
        present: dict[str, Any] = {}
        async for page in work.book.catalogue(SKUS_A_PAGE):
            present |= {sku: {**asdict(config), "buckets": buckets} for sku, config, buckets in page}
            work.progress.say(len(present), 0)
        listed = await self._listed(work, options, catalogue)
        shares = shares_of(await work.book.pool_config())
        return await _to_the_end(lambda: _result(catalogue, preview(catalogue, present, listed, shares)))

    async def _listed(self, work: Work, options: Options, catalogue: Catalogue) -> dict[str, Any] | None:
        """The room's shelf; None where no room is meant. Raises InvalidInput where the room could not list them all."""
        if options.room is None:
            return None
        listed = {sku: asdict(listing) for sku, listing in (await work.book.listings(options.room)).items()}
        limit = work.settings.skus_a_room_max
        then = len(listed.keys() | {article.sku for article in catalogue.articles})
        if then > limit:
            raise InvalidInput(f"room {options.room} may list {limit:,} SKUs (skus_a_room_max) and would list {then:,}")
        return listed


def _read(content: bytes, options: Options) -> Catalogue:
    try:
        sheet = read_content(content, options.name, CATALOGUE_BOUNDS, encoding=options.encoding)
        catalogue = catalogue_of(sheet, options.name, opening=options.opening)
    except InvalidInput as error:
        raise InvalidInput(_of_the_query(str(error)), field=error.field) from None
    catalogue.notes[:] = map(_of_the_query, catalogue.notes)
    return catalogue


def _refuse_pictures(catalogue: Catalogue, allowed: Origins) -> None:
    """Rows whose picture the server would refuse are faults, as the rest of what it would refuse is."""
    taken = []
    for article in catalogue.articles:
        url = article.config.get(_IMAGE, "")
        fault = image_fault(url, allowed) if url else ""
        if fault:
            catalogue.faults.append(Fault(article.line, _IMAGE, fault))
            catalogue.bad_lines += 1
        else:
            taken.append(article)
    catalogue.articles[:] = taken


def _of_the_query(text: str) -> str:
    """What is said of a command's options, of the parameters of a request."""
    return _OPTION.sub(r"`\1`", _OPTION_AND_VALUE.sub(r"\1=", text))


def _result(catalogue: Catalogue, rows: list[RowPreview]) -> dict[str, Any]:
    counts = {str(verdict): sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    return {
        "summary": summary(rows),
        "rows": len(rows) + catalogue.bad_lines,
        **counts,
        "bad": catalogue.bad_lines,
        "receives": sum(row.receives for row in rows),
        "notes": catalogue.notes,
        "ignored_columns": catalogue.ignored_columns,
        "faults": [fault._asdict() for fault in catalogue.faults[:FAULTS_MAX]],
        "fault_count": len(catalogue.faults),
        "changes": [
            {
                "line": row.line,
                "sku": row.sku,
                "verdict": str(row.verdict),
                "receives": row.receives,
                "kept_back": row.kept_back,
                **row.set_aside._asdict(),
                "changes": [change._asdict() for change in row.changes],
            }
            for row in rows
            if row.verdict is not Verdict.SAME
        ],
    }


async def _to_the_end(work: Callable[[], _T]) -> _T:
    """Have a thread do it, and wait for that also where nobody wants it any more: one thing is done at a time."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise
