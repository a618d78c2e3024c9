"""Counts in a file, held against a pool, and entered on a count sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from shelfcast.errors import EngineUnavailable, InvalidInput
from shelfcast.heavy.barcodes import skus_of
from shelfcast.heavy.count_saving import CountSaving, check_entered, named_as_the_pool_does
from shelfcast.heavy.file_shown import Read, Unread, file_shown, of_the_query, seen_sheet, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.count_refusals import why_not_saved
from shelfcast.merchant.counts import NewCount, Scope, open_count
from shelfcast.protocol.codes import Code
from shelfcast.sheets.count_sheet import FilledIn, SheetFault, SheetLine, count_sheet_of, date_choices, named_columns
from shelfcast.sheets.goods_columns import SKU, barcodes_asked
from shelfcast.sheets.preview import Verdict
from shelfcast.sheets.table import Fault
from shelfcast.sheets.times import DateOrder
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import SkuConfig
from shelfcast.stock.counts import CountKind, CountLine, CountRow
from shelfcast.stock.imports import Import, RefusedImportRow
from shelfcast.stock.reading.book_keys import SCAN_COUNT

_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


class CountedLine(Struct, frozen=True, kw_only=True):
    """A line to save: a new one, or the one of that number (`instead`, else 0) is said anew."""

    line: SheetLine
    instead: int = 0


class _Judged(NamedTuple):
    """A line, what it would do to the sheet, and the line of the same person in the same place that is there now."""

    line: SheetLine
    verdict: Verdict
    before: CountLine | None


async def read_counts_file(work: Work, content: bytes, found: Import) -> Read:
    """Read the file and hold it against the pool, and against the sheet that it fills; progress counts SKUs. Nothing is
    changed. Raises Unread."""
    seen: dict[str, Any] = {}
    dates = DateOrder(found.dates) if found.dates else None
    try:
        sheet = await to_the_end(lambda: seen_sheet(content, found.name, found.encoding or None, seen, date_choices))
        if found.count:
            await check_entered(work.book, found.count)
        named = named_columns(sheet)
        barcodes = await skus_of(work.book, barcodes_asked(sheet, named))
        filled = await to_the_end(lambda: count_sheet_of(sheet, found.name, barcodes, dates=dates))
    except InvalidInput as why:
        raise Unread(InvalidInput(of_the_query(str(why)), field=why.field), _shown(seen, FilledIn(), (), {})) from None
    lines = await named_as_the_pool_does(work.book, filled.lines)
    skus = sorted({line.sku for line in lines})
    configs = await work.book.sku_configs(skus)
    elsewhere: dict[str, str] = {}
    rows: dict[str, CountRow] = {}
    for first in range(0, len(skus), SCAN_COUNT):
        some = skus[first : first + SCAN_COUNT]
        elsewhere |= {sku: on for sku, on in (await work.book.counting(some)).items() if on != found.count}
        if found.count:
            rows |= {row.sku: row for row in await work.book.count_rows_of(found.count, some)}
        work.progress.say(first + len(some), len(skus))

    def held_against() -> Read:
        judged = []
        for line in lines:
            why = "the pool has no such SKU" if line.sku not in configs else ""
            if line.sku in elsewhere:
                why = f"it is counted on {elsewhere[line.sku]}"
            if why:
                filled.faults.append(SheetFault(line.line, line.sku, why))
            else:
                judged.append(_judged(line, rows.get(line.sku), found.made_by))
        to_save = [
            CountedLine(line=each.line, instead=each.before.n if each.before else 0)
            for each in judged
            if each.verdict is not Verdict.SAME
        ]
        return Read(to_save, _shown(seen, filled, judged, configs, named.get(SKU, "")))

    return await to_the_end(held_against)


async def make_sheet(work: Work, found: Import, rows: Sequence[CountedLine]) -> str:
    """The sheet that the rows go on: the one that is named, or one that is made for them, once. Raises InvalidInput
    where nobody enters anything on it, EngineUnavailable."""
    if found.count:
        await check_entered(work.book, found.count)
        return found.count
    new = NewCount(
        id=found.action,
        kind=CountKind.SPOT,
        scope=Scope(skus=sorted({row.line.sku for row in rows})),
        blind=False,
        recount_over=None,
        sign_over=None,
        note=found.name,
    )
    opened = await open_count(work.book, new, By(found.action, found.applied_by))
    if opened.outcome.code in _NOT_DONE:
        raise EngineUnavailable("the book did not decide about a count sheet")
    if opened.outcome.code is not Code.OK:
        raise InvalidInput(why_not_saved(opened.outcome), field=opened.outcome.field or "count")
    return found.action


async def enter(work: Work, rows: Sequence[CountedLine], count: str, found: Import) -> list[RefusedImportRow]:
    """Enter these on the sheet, as lines of whoever applies; those that were not saved. Done again nothing happens
    twice."""
    instead = {row.line.line: row.instead for row in rows if row.instead}
    saving = CountSaving(work.book, count, found.applied_by, found.action, instead)
    faults = await saving.save([row.line for row in rows])
    return [
        RefusedImportRow(line=fault.line, sku=fault.sku, code=Code.BAD_MESSAGE, reason=fault.reason) for fault in faults
    ]


def _judged(line: SheetLine, row: CountRow | None, user: str) -> _Judged:
    place = (line.zone, line.lot, line.expires_on)
    before = next(
        (
            one
            for one in (row.lines if row else ())
            if one.by == user
            and one.is_saved
            and one.round == (row.round if row else 0)
            and (one.zone, one.lot, one.expires_on) == place
        ),
        None,
    )
    if before is None:
        return _Judged(line, Verdict.NEW, None)
    is_same = (before.good, before.bad, before.note) == (line.good, line.bad, line.note)
    return _Judged(line, Verdict.SAME if is_same else Verdict.CHANGED, before)


def _shown(
    seen: Mapping[str, Any],
    filled: FilledIn,
    judged: Sequence[_Judged],
    configs: Mapping[str, SkuConfig],
    column: str = "",
) -> dict[str, Any]:
    """What is shown: see `http.routes.previews.CountsPreview`."""
    verdicts = Counter(each.verdict for each in judged)
    faults = [Fault(fault.line, column, fault.reason) for fault in sorted(filled.faults)]
    return {
        "summary": ", ".join(f"{verdicts[verdict]:,} {said}" for verdict, said in _SAID.items()),
        "rows": len(judged) + len(filled.faults) + filled.uncounted,
        **{str(verdict): verdicts[verdict] for verdict in Verdict},
        "bad": len(filled.faults),
        "uncounted": filled.uncounted,
        **file_shown(seen, faults, filled.ignored_columns, filled.notes),
        "changes": [
            {
                "line": each.line.line,
                "sku": each.line.sku,
                "title": configs[each.line.sku].title,
                "verdict": str(each.verdict),
                "zone": each.line.zone,
                "lot": each.line.lot,
                "expires_on": each.line.expires_on,
                "good": each.line.good,
                "bad": each.line.bad,
                "note": each.line.note,
                "good_before": each.before.good if each.before else None,
                "bad_before": each.before.bad if each.before else None,
            }
            for each in judged
            if each.verdict is not Verdict.SAME
        ],
    }


_SAID = {Verdict.NEW: "new", Verdict.CHANGED: "changed", Verdict.SAME: "the same"}
