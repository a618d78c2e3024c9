"""A file that was read, written into a pool: what each row is to do, and doing it step by step.

Each step may be done again after a process was killed in it: the book sees definitions that are so already, and moves
of ids that it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from shelfcast.errors import EngineUnavailable
from shelfcast.insight.reserves import LOW_SHARE_PERCENT, Reserves, Shares
from shelfcast.merchant import definitions
from shelfcast.merchant.catalogue import Row, receive_opening
from shelfcast.protocol.codes import EXPLANATION, Code
from shelfcast.sheets.catalogue import Article, Catalogue
from shelfcast.sheets.preview import RowPreview
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import MUST_BE_NEW, ElasticMode, ElasticRule, What
from shelfcast.stock.imports import RefusedImportRow
from shelfcast.stock.outcomes import Outcome

ROWS_A_STEP = 250
"""Rows that are on their way to the book at once: at most five writes each."""
KIND = "catalogue"
"""Of the action: as every other bulk write of a catalogue."""
_SUBSTITUTES = "substitutes"
_NOT_DONE = frozenset({Code.UNAVAILABLE, Code.OVERLOADED})


class ImportRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one row is to do. `config` and `listing` are the fields that it gives, `receives` its opening stock, of
    which `safety` and `elastic` are set aside. It is written where the SKU is at `revision`, and listed where its
    listing is at `listing_revision`. Of a row that `names_new` SKUs, which the file makes, the substitutes are written
    last, where they are `substitutes_before` by then."""

    line: int
    sku: str
    config: dict[str, Any]
    revision: int
    receives: int = 0
    safety: int = 0
    elastic: int = 0
    listing: dict[str, Any] = {}
    listing_revision: int = MUST_BE_NEW
    names_new: bool = False
    substitutes_before: list[str] = []


class Step(NamedTuple):
    """A row to write, or only its substitutes."""

    row: ImportRow
    substitutes_alone: bool = False


class Into(NamedTuple):
    """Where rows go: the room that lists them ("": none), the action, whose `id` makes each move happen once, and the
    file's name, which the ledger keeps."""

    room: str
    by: By
    reference: str


def rows_of(
    catalogue: Catalogue,
    previews: Sequence[RowPreview],
    present: Mapping[str, Mapping[str, Any]],
    listed: Mapping[str, Mapping[str, Any]] | None,
    shares: Shares,
) -> list[ImportRow]:
    """The rows to write, of a preview of the same `present` and `listed` (`sheets.preview.preview`)."""
    new = {article.sku for article in catalogue.articles} - present.keys()
    return [
        _row(article, row, present.get(article.sku), listed, shares, position, new)
        for position, (article, row) in enumerate(zip(catalogue.articles, previews, strict=True), start=1)
    ]


def _row(
    article: Article,
    row: RowPreview,
    present: Mapping[str, Any] | None,
    listed: Mapping[str, Any] | None,
    shares: Shares,
    position: int,
    new: set[str],
) -> ImportRow:
    config = dict(article.config)
    # A reserve of a SKU without a rule of its own gets the pool's.
    rule = [present[name] for name in ("elastic", "elastic_release_at")] if present is not None else []
    has_rule = "elastic_release_at" in config or rule.count(None) < len(rule)
    if row.set_aside.elastic and shares.elastic_mode != ElasticMode.OFF and not has_rule:
        config["elastic"] = {"mode": shares.elastic_mode, "at_share_percent": LOW_SHARE_PERCENT}
    listing = (listed or {}).get(article.sku)
    return ImportRow(
        line=article.line,
        sku=article.sku,
        config=config,
        revision=MUST_BE_NEW if present is None else present["revision"],
        receives=row.receives,
        safety=row.set_aside.safety,
        elastic=row.set_aside.elastic,
        listing={} if listed is None else {"position": position, **article.listing},
        listing_revision=MUST_BE_NEW if listing is None else listing["revision"],
        names_new=not new.isdisjoint(config.get(_SUBSTITUTES, ())),
        substitutes_before=[] if present is None else present[_SUBSTITUTES],
    )


def steps_of(rows: Sequence[ImportRow]) -> list[Step]:
    """The steps in the order in which they are done. Rows that name a link number come before those that get the lowest
    free one, which might be that."""
    ordered = sorted(rows, key=lambda row: row.listing.get("link") is None)
    return [*map(Step, ordered), *(Step(row, substitutes_alone=True) for row in ordered if row.names_new)]


def rows_done(steps: Sequence[Step], cursor: int) -> int:
    """How many rows are done with the first `cursor` steps."""
    return sum(step.substitutes_alone or not step.row.names_new for step in steps[:cursor])


async def write(book: StockBook, steps: Sequence[Step], into: Into) -> list[RefusedImportRow]:
    """Do these steps; the rows that were refused. Raises EngineUnavailable where the book did not decide."""
    alone = [step.row for step in steps if step.substitutes_alone]
    refused = await _write_rows(book, [step.row for step in steps if not step.substitutes_alone], into)
    refused += await _each(alone, [_write_substitutes(book, row, into.by) for row in alone])
    return refused


async def _write_rows(book: StockBook, rows: Sequence[ImportRow], into: Into) -> list[RefusedImportRow]:
    refused = await _each(rows, [_define(book, row, into.by) for row in rows])
    left_out = {row.sku for row in refused}
    written = [row for row in rows if row.sku not in left_out]
    received = [row for row in written if row.receives]
    moves = [Row(row.sku, {}, row.receives, Reserves(row.safety, row.elastic)) for row in received]
    outcomes = await receive_opening(
        book, moves, into.by.id, by=into.by, reason="", reference=into.reference, first=True
    )
    refused += _refused(received, outcomes)
    if into.room:
        refused += await _each(written, [_list(book, row, into) for row in written])
    return refused


async def _define(book: StockBook, row: ImportRow, by: By) -> Outcome:
    given = dict(row.config)
    if row.names_new:
        given.pop(_SUBSTITUTES)
    if "elastic" in given:
        given["elastic"] = ElasticRule(**given["elastic"])
    return await definitions.change(book, What.SKU, row.sku, given, by=by, expected=row.revision)


async def _write_substitutes(book: StockBook, row: ImportRow, by: By) -> Outcome:
    wanted = row.config[_SUBSTITUTES]
    found = await book.sku(row.sku)
    if found is None or found[0].substitutes not in (row.substitutes_before, wanted):
        return Outcome(Code.STALE)
    given = {_SUBSTITUTES: wanted}
    return await definitions.change(book, What.SKU, row.sku, given, by=by, expected=found[0].revision)


async def _list(book: StockBook, row: ImportRow, into: Into) -> Outcome:
    expected = row.listing_revision
    return await definitions.change(
        book, What.LISTING, row.sku, row.listing, by=into.by, parent=into.room, expected=expected
    )


async def _each(rows: Sequence[ImportRow], writes: Sequence[Any]) -> list[RefusedImportRow]:
    return _refused(rows, await asyncio.gather(*writes))


def _refused(rows: Sequence[ImportRow], outcomes: Sequence[Outcome]) -> list[RefusedImportRow]:
    if any(outcome.code in _NOT_DONE for outcome in outcomes):
        raise EngineUnavailable("the book did not decide about rows of an import")
    return [
        RefusedImportRow(line=row.line, sku=row.sku, code=outcome.code, reason=_reason(row, outcome))
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome.code is not Code.OK
    ]


def _reason(row: ImportRow, outcome: Outcome) -> str:
    code, field = outcome.code, outcome.field
    if code is Code.STALE and field == "opening":
        return "units of it came in since the preview; its opening stock was not received"
    if code is Code.STALE:
        return "somebody has changed it since the preview"
    if field == _SUBSTITUTES:
        return f"its substitute {outcome.sku!r} is not in the catalogue"
    if field == "link":
        return f"the link number {row.listing.get('link')} is {outcome.sku!r}'s"
    return f"{EXPLANATION[code]} ({field})" if field else EXPLANATION[code]
