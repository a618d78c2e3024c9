"""`shelfcast import`: a catalogue with opening stock from a spreadsheet into a running server."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from shelfcast_client import ClientError
from shelfcast_client.merchant import Merchant

from shelfcast.commands.faults import fault_of
from shelfcast.commands.stocking import check_room_takes, ensure_channel
from shelfcast.insight.reserves import LOW_SHARE_PERCENT, Shares
from shelfcast.sheets.catalogue import Catalogue, read_catalogue
from shelfcast.sheets.preview import RowPreview, Verdict, preview, summary
from shelfcast.sheets.table import quoted
from shelfcast.sheets.values import CURRENCY
from shelfcast.stock.configuration import SAFETY_PERCENT

FAULTS_SHOWN = 20
ELASTIC_RELEASE_AT = "elastic_release_at"
CHANNEL_DEFAULT = "live"
"""The channel of a room that the import makes, where none is named."""


def run(
    url: str,
    token: str,
    pool: str,
    file: Path,
    *,
    room: str | None,
    channel: str | None,
    skip_bad: bool,
    encoding: str | None = None,
    opening: str | None = None,
    preview_only: bool = False,
) -> int:
    """Read the file whole, then apply it; with a fault in it nothing is applied unless `skip_bad`. Prices that name no
    currency are in the pool's.

    With `preview_only` it is said what each good row would change, and nothing is applied in any case. `encoding` is
    that of a CSV file, None finds out; `opening` names the column with the opening stock.
    Opening stock is received for SKUs that the pool has never held units of, so that importing a corrected file, or
    the same one again, does not receive it twice. Returns 1 where rows were bad and nothing was applied.
    """
    read = partial(read_catalogue, file, encoding=encoding, opening=opening)
    catalogue = read()
    try:
        currency = asyncio.run(_currency_of(url, token, pool)) if catalogue.needs_currency else CURRENCY
    except ClientError as error:
        raise fault_of(error) from None
    if currency != CURRENCY:
        catalogue = read(currency=currency)
    for note in catalogue.notes:
        click.echo(f"{file}: {note}", err=True)
    for name in catalogue.ignored_columns:
        click.echo(f"{file}: column {quoted(name, bare=True)} is none of ours and is left aside", err=True)
    for fault in catalogue.faults[:FAULTS_SHOWN]:
        click.echo(f"{file}: {fault}", err=True)
    if len(catalogue.faults) > FAULTS_SHOWN:
        click.echo(f"{file}: … and {len(catalogue.faults) - FAULTS_SHOWN} more", err=True)
    refused = bool(catalogue.faults) and not skip_bad
    if refused and not preview_only:
        click.echo(
            f"Nothing was imported: {_count(catalogue.bad_lines, 'row')} cannot be used. Mend them, or import the "
            f"other {_count(len(catalogue.articles), 'row')} with --skip-bad.",
            err=True,
        )
        return 1
    if not catalogue.articles:
        click.echo(f"{file}: no row to import", err=True)
        return 1
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    work = _import(
        url, token, pool, catalogue, key=f"import-{digest}", room=room, channel=channel, preview_only=preview_only
    )
    try:
        asyncio.run(work)
    except ClientError as error:
        raise fault_of(error) from None
    return 1 if refused else 0


async def _currency_of(url: str, token: str, pool: str) -> str:
    """The pool's currency; that of every new pool where there is none yet."""
    async with Merchant(url, token, pool) as merchant:
        present = await merchant.pool_definition()
    return CURRENCY if present is None else present.get("currency", CURRENCY)  # an older server says none


async def _import(
    url: str,
    token: str,
    pool: str,
    catalogue: Catalogue,
    *,
    key: str,
    room: str | None,
    channel: str | None,
    preview_only: bool,
) -> None:
    async with Merchant(url, token, pool) as merchant:
        listed = None
        if room is not None:
            listed = await merchant.listed(room)
            await check_room_takes(merchant, room, [article.sku for article in catalogue.articles], listed)
        skus, shares = await merchant.skus(), shares_of(await merchant.pool_definition())
        rows = preview(catalogue, skus, listed, shares)
        if preview_only:
            _show(rows, catalogue.bad_lines)
            return
        if room is not None:
            await _define_room(merchant, room, channel)
        else:
            await merchant.define_pool()
        await merchant.catalogue(_catalogue_rows(catalogue, rows, skus, shares), key=key)
        if room is not None:
            await merchant.list_in_room(room, listing_rows(catalogue))
    _report(rows, pool, room)
    if catalogue.bad_lines:
        click.echo(f"{_count(catalogue.bad_lines, 'row')} left out.", err=True)


async def _define_room(merchant: Merchant, room: str, channel: str | None) -> None:
    """Make the room where it is not there; an existing one keeps its terms, and its channel unless one is named."""
    await merchant.define_pool()
    present = await merchant.room(room)
    if channel is not None or present is None:
        await ensure_channel(merchant, channel or CHANNEL_DEFAULT)
    if present is None:
        await merchant.define_room(room, channel=channel or CHANNEL_DEFAULT)
    elif channel is not None:
        await merchant.change_room(room, channel=channel)


def shares_of(pool: Mapping[str, Any] | None) -> Shares:
    """What the pool sets aside of opening stock; None of a pool that is yet to be made. An older server knows none."""
    if pool is None:
        return Shares(SAFETY_PERCENT)
    if "safety_percent" not in pool:
        return Shares()
    safety = SAFETY_PERCENT if pool["safety_percent"] is None else pool["safety_percent"]
    return Shares(safety, pool["elastic_percent"], pool["elastic_mode"])


def _catalogue_rows(
    catalogue: Catalogue, rows: Sequence[RowPreview], present: Mapping[str, Mapping[str, Any]], shares: Shares
) -> list[dict[str, Any]]:
    """The rows of the bulk request, with the opening stock that is to be received and what of it is set aside. A
    reserve of a SKU without a rule of its own gets the pool's."""
    made = []
    for article, row in zip(catalogue.articles, rows, strict=True):
        units = {"opening": row.receives, **{f"opening_{place}": n for place, n in row.set_aside._asdict().items()}}
        made.append({"sku": article.sku, **article.config, **{name: n for name, n in units.items() if n}})
        has_rule = ELASTIC_RELEASE_AT in article.config or (present.get(article.sku) or {}).get("elastic") is not None
        if row.set_aside.elastic and shares.elastic_mode != "off" and not has_rule:
            made[-1]["elastic"] = {"mode": shares.elastic_mode, "at_share_percent": LOW_SHARE_PERCENT}
    return made


def listing_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The SKUs as a room lists them, in the order of the file."""
    return [
        {"sku": article.sku, "position": position, **article.listing}
        for position, article in enumerate(catalogue.articles, start=1)
    ]


def _show(rows: Sequence[RowPreview], bad_lines: int) -> None:
    for row in rows:
        if row.verdict is not Verdict.SAME:
            click.echo(str(row))
    bad = f", {bad_lines:,} with faults" if bad_lines else ""
    click.echo(f"{summary(rows)}{bad}; {_opening(rows)}. Nothing was changed.")


def _report(rows: Sequence[RowPreview], pool: str, room: str | None) -> None:
    kept = [row.sku for row in rows if row.kept_back]
    where = f", listed in room {room}" if room is not None else ""
    click.echo(
        f"Imported {_count(len(rows), 'SKU')} into pool {pool}{where}: {summary(rows)}; received {_opening(rows)}."
    )
    if kept:
        click.echo(
            f"{_count(len(kept), 'SKU')} had a history in the pool already, {kept[0]} for one: their opening stock was "
            "not received again. More goods are a move of kind receive."
        )


def _opening(rows: Sequence[RowPreview]) -> str:
    """The opening stock of a file, and what of it is set aside."""
    safety, elastic = (sum(units) for units in zip(*(row.set_aside for row in rows), strict=True))
    aside = [(safety, "the safety buffer"), (elastic, "the elastic reserve")]
    parts = "".join(f", {units:,} of them into {where}" for units, where in aside if units)
    return f"{_count(sum(row.receives for row in rows), 'unit')} of opening stock{parts}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
