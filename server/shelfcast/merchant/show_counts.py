"""What was counted of a show's SKUs since it began, and the counts that they are on.

Rules: docs/rules.md#after-the-show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from shelfcast.merchant.after_show_items import CountFound, OpenCount
from shelfcast.stock.book import StockBook
from shelfcast.stock.counts import CountKind, CountRecord, CountRow, CountState
from shelfcast.stock.show import ShowRecord, show_id

ROWS_A_PAGE = 500


async def counted(book: StockBook, show: ShowRecord, skus: Sequence[str]) -> dict[str, CountFound]:
    """Of each of these SKUs the count that was applied after the show began: the one that was made after the show for
    its room, else the newest. What was counted once the room's next show had begun is that one's. Raises EngineError.
    """
    following = await book.show(show_id(show.room, show.n + 1))
    begun, until = _begin(show), _begin(following) if following else _NEVER
    records = [record for record in await book.counts() if _is_of(record, begun, until)]
    records.sort(key=lambda r: (r.kind is CountKind.AFTER and r.room == show.room, r.applied_seq), reverse=True)
    found: dict[str, CountFound] = {}
    for record in records:
        wanted = [sku for sku in skus if sku not in found]
        if not wanted:
            break
        rows = await _rows(book, record, wanted)
        found |= {row.sku: _found(record, row) for row in rows if row.counted is not None}
    # Of a sheet that is not kept any more the book knows what was found, and not who has signed it.
    for sku, last in (await book.last_counts([sku for sku in skus if sku not in found])).items():
        if begun < (last.seq, last.at_ms) < until:
            found[sku] = CountFound(
                count=last.count,
                kind=None,
                at_ms=last.at_ms,
                counted=last.counted,
                difference=last.difference,
                shortage=last.shortage,
                reason="",
                reason_note="",
                reason_by="",
                signed_by=[],
            )
    return found


async def open_counts(book: StockBook, skus: Sequence[str]) -> dict[str, OpenCount]:
    """The counts that these SKUs are on. Their differences are told once they are in review: a blind count tells
    nobody's before. Raises EngineError."""
    on: defaultdict[str, list[str]] = defaultdict(list)
    for sku, count in (await book.counting(skus)).items():
        on[count].append(sku)
    found: dict[str, OpenCount] = {}
    for count, its in on.items():
        record = await book.count(count)
        if record is None:
            continue
        shows = record.state in (CountState.REVIEW, CountState.APPLYING)
        for row in await _rows(book, record, its):
            found[row.sku] = OpenCount(
                count=record.id,
                kind=record.kind,
                state=record.state,
                status=row.status,
                difference=row.difference if shows and row.counted is not None else None,
            )
    return found


_NEVER = (float("inf"), 0)


def _begin(show: ShowRecord) -> tuple[float, int]:
    """When it began: a status is no entry of the ledger, so of what has the same sequence the time decides."""
    return show.started_seq, show.started_at_ms


def _is_of(record: CountRecord, begun: tuple[float, int], until: tuple[float, int]) -> bool:
    if record.state is not CountState.APPLIED:
        return False
    return (record.applied_seq, record.applied_at_ms) > begun and (record.made_seq, record.made_at_ms) < until


async def _rows(book: StockBook, record: CountRecord, skus: Sequence[str]) -> list[CountRow]:
    """The rows of these SKUs; whatever is fewer reads, the whole sheet by pages or each by itself."""
    if len(skus) * ROWS_A_PAGE <= record.rows:
        return [row for sku in skus if (row := await book.count_row(record.id, sku)) is not None]
    wanted, found, after = set(skus), list[CountRow](), ""
    while rows := await book.count_rows(record.id, after=after, limit=ROWS_A_PAGE):
        found += [row for row in rows if row.sku in wanted]
        after = rows[-1].sku
        if len(rows) < ROWS_A_PAGE:
            break
    return found


def _found(record: CountRecord, row: CountRow) -> CountFound:
    lines = [line for line in row.lines if line.round == row.round and line.seq]
    return CountFound(
        count=record.id,
        kind=record.kind,
        at_ms=max((line.at_ms for line in lines), default=record.applied_at_ms),
        counted=row.counted or 0,
        difference=row.difference,
        shortage=row.shortage,
        reason=row.reason,
        reason_note=row.reason_note,
        reason_by=row.reason_by,
        signed_by=list(dict.fromkeys([*(signature.by for signature in record.signatures), record.applied_by])),
    )
