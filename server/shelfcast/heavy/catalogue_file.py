"""A catalogue in a file, held against a pool: what its rows would do, and what is shown of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from shelfcast.errors import InvalidInput
from shelfcast.heavy.file_shown import Read, Unread, file_shown, of_the_query, seen_sheet, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.buffers import shares_of
from shelfcast.merchant.goods import check_goods
from shelfcast.merchant.imports import rows_of
from shelfcast.origins import Origins
from shelfcast.pictures import read_image_origins
from shelfcast.sheets.catalogue import LINK, Article, Catalogue, catalogue_of, date_choices
from shelfcast.sheets.preview import RowPreview, Verdict, preview, summary
from shelfcast.sheets.table import Fault, quoted
from shelfcast.sheets.times import DateOrder

SKUS_A_PAGE = 500
_SUBSTITUTES = "substitutes"


class Meant(Struct, frozen=True, kw_only=True):
    """How a file is to be read, and for which room (none: for the pool alone)."""

    name: str
    room: str | None = None
    opening: str | None = None
    encoding: str | None = None
    dates: DateOrder | None = None


async def read_catalogue_file(work: Work, content: bytes, meant: Meant) -> Read:
    """Read the file and hold it against the pool; progress counts SKUs read. Nothing is changed. Raises Unread."""
    seen: dict[str, Any] = {}
    try:
        sheet = await to_the_end(lambda: seen_sheet(content, meant.name, meant.encoding, seen, date_choices))
        pool = await work.book.pool_config()
        room = await work.book.room_config(meant.room) if meant.room is not None else None
        zone = (room.time_zone if room is not None else "") or pool.time_zone
        catalogue = await to_the_end(
            lambda: catalogue_of(
                sheet, meant.name, opening=meant.opening, currency=pool.currency, dates=meant.dates, zone=zone
            )
        )
        present: dict[str, Any] = {}
        async for page in work.book.catalogue(SKUS_A_PAGE):
            present |= {sku: {**asdict(config), "buckets": buckets} for sku, config, buckets in page}
            work.progress.say(len(present), 0)
        listed = await _listed(work, meant, catalogue)
    except InvalidInput as why:
        raise Unread(InvalidInput(of_the_query(str(why)), field=why.field), _shown(seen)) from None
    origins, shares = read_image_origins(work.settings.image_origins), shares_of(pool)

    def held_against() -> Read:
        _refuse_goods(catalogue, present, origins)
        _refuse_links(catalogue, listed or {})
        previews = preview(catalogue, present, listed, shares, zone)
        return Read(rows_of(catalogue, previews, present, listed, shares), _shown(seen, catalogue, previews))

    return await to_the_end(held_against)


async def _listed(work: Work, meant: Meant, catalogue: Catalogue) -> dict[str, Any] | None:
    """The room's shelf; None where no room is meant. Raises InvalidInput where the room could not list them all."""
    if meant.room is None:
        return None
    listed = {sku: asdict(listing) for sku, listing in (await work.book.listings(meant.room)).items()}
    limit = work.settings.skus_a_room_max
    then = len(listed.keys() | {article.sku for article in catalogue.articles})
    if then > limit:
        has = f", {len(listed):,} of them already" if listed else ""
        raise InvalidInput(
            f"room {meant.room} may list {limit:,} SKUs (the server's skus_a_room_max) and would list {then:,}{has}; "
            "nothing was changed",
            field="room",
        )
    return listed


def _refuse_goods(catalogue: Catalogue, present: Mapping[str, Mapping[str, Any]], origins: Origins) -> None:
    """Rows that the pool would refuse are faults, as the rest of what it would refuse is."""
    catalogue.leave_out(
        [fault for article in catalogue.articles for fault in _goods_faults(article, catalogue, origins)]
    )
    catalogue.leave_out(_unknown_substitutes(catalogue, present))
    catalogue.faults.sort(key=lambda fault: fault.line)


def _unknown_substitutes(catalogue: Catalogue, present: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """Substitutes that neither the pool has nor the file makes; what a row would have made that is left out for it,
    another may name. What a SKU named before may be gone since, and stays."""
    by_sku = {article.sku: article for article in catalogue.articles}
    naming: dict[str, list[Article]] = {}
    for article in catalogue.articles:
        former = present.get(article.sku, {}).get(_SUBSTITUTES, ())
        for name in article.config.get(_SUBSTITUTES, ()):
            if name not in present and name not in former:
                naming.setdefault(name, []).append(article)
    faults: dict[str, Fault] = {}
    gone = [name for name in naming if name not in by_sku]
    while gone:
        name = gone.pop()
        said = f"no SKU {quoted(name)} in the pool or the file's good rows"
        for article in naming.get(name, ()):
            if article.sku not in faults:
                faults[article.sku] = Fault(article.line, catalogue.written[_SUBSTITUTES], said)
                gone.append(article.sku)
    return list(faults.values())


def _refuse_links(catalogue: Catalogue, listed: Mapping[str, Mapping[str, Any]]) -> None:
    """Link numbers that others of the room have, and keep."""
    owners = {listing[LINK]: sku for sku, listing in listed.items() if listing[LINK] is not None}
    named = {article.sku: article.listing[LINK] for article in catalogue.articles if LINK in article.listing}
    moved = {sku for sku, link in named.items() if owners.get(link) != sku}
    taken = []
    for article in catalogue.articles:
        owner = owners.get(named.get(article.sku))
        if owner is not None and owner != article.sku and owner not in moved:
            said = f"{article.listing[LINK]} is {quoted(owner, bare=True)}'s in the room"
            taken.append(Fault(article.line, catalogue.written[LINK], said))
    catalogue.leave_out(taken)
    catalogue.faults.sort(key=lambda fault: fault.line)


def _goods_faults(article: Article, catalogue: Catalogue, origins: Origins) -> list[Fault]:
    try:
        check_goods(article.sku, article.config, origins)
    except InvalidInput as refused:
        name = (refused.field or "sku").partition("[")[0]
        return [Fault(article.line, catalogue.written.get(name, name), str(refused))]
    return []


def _shown(
    seen: Mapping[str, Any], catalogue: Catalogue | None = None, rows: list[RowPreview] | None = None
) -> dict[str, Any]:
    catalogue, rows = catalogue or Catalogue(), rows or []
    counts = {str(verdict): sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    return {
        "summary": summary(rows),
        "rows": len(rows) + catalogue.bad_lines,
        **counts,
        "bad": catalogue.bad_lines,
        "receives": sum(row.receives for row in rows),
        "kept_back": sum(row.kept_back for row in rows),
        **file_shown(seen, catalogue.faults, catalogue.ignored_columns, catalogue.notes),
        "changes": [
            {
                "line": row.line,
                "sku": row.sku,
                "title": row.title,
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
