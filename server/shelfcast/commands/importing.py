"""`shelfcast import`: a catalogue with opening stock from a spreadsheet into a running server."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import click

from shelfcast.commands.merchant import Merchant
from shelfcast.sheets.catalogue import Catalogue, read_catalogue
from shelfcast.sheets.table import quoted

FAULTS_SHOWN = 20
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
) -> int:
    """Read the file whole, then apply it; with a fault in it nothing is applied unless `skip_bad`.

    `encoding` is that of a CSV file, None finds out; `opening` names the column with the opening stock.
    Opening stock is received for SKUs that the pool has never held units of, so that importing a corrected file, or
    the same one again, does not receive it twice. Returns 1 where rows were bad and nothing was applied.
    """
    catalogue = read_catalogue(file, encoding=encoding, opening=opening)
    for note in catalogue.notes:
        click.echo(f"{file}: {note}", err=True)
    for name in catalogue.ignored_columns:
        click.echo(f"{file}: column {quoted(name, bare=True)} is none of ours and is left aside", err=True)
    for fault in catalogue.faults[:FAULTS_SHOWN]:
        click.echo(f"{file}: {fault}", err=True)
    if len(catalogue.faults) > FAULTS_SHOWN:
        click.echo(f"{file}: … and {len(catalogue.faults) - FAULTS_SHOWN} more", err=True)
    if catalogue.faults and not skip_bad:
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
    asyncio.run(_apply(url, token, pool, catalogue, key=f"import-{digest}", room=room, channel=channel))
    return 0


async def _apply(
    url: str, token: str, pool: str, catalogue: Catalogue, *, key: str, room: str | None, channel: str | None
) -> None:
    async with Merchant(url, token, pool) as merchant:
        if room is not None:
            await merchant.check_room_takes(room, [article.sku for article in catalogue.articles])
            await _define_room(merchant, room, channel)
        else:
            await merchant.define_pool()
        known = {sku for sku, buckets in (await merchant.buckets()).items() if any(buckets.values())}
        await merchant.catalogue(_catalogue_rows(catalogue, without_opening=known), key=key)
        if room is not None:
            await merchant.list_in_room(room, listing_rows(catalogue))
    _report(catalogue, known, pool, room)


async def _define_room(merchant: Merchant, room: str, channel: str | None) -> None:
    """Make the room where it is not there; an existing one keeps its terms, and its channel unless one is named."""
    await merchant.define_pool()
    present = await merchant.room(room)
    if channel is not None or present is None:
        await merchant.define_channel(channel or CHANNEL_DEFAULT)
    if present is None:
        await merchant.define_room(room, channel=channel or CHANNEL_DEFAULT)
    elif channel is not None:
        await merchant.change_room(room, channel=channel)


def _catalogue_rows(catalogue: Catalogue, *, without_opening: set[str]) -> list[dict[str, Any]]:
    """The rows of the bulk request; a SKU in `without_opening` gets no opening stock."""
    return [
        {
            "sku": article.sku,
            **article.config,
            **({"opening": article.opening} if article.opening and article.sku not in without_opening else {}),
        }
        for article in catalogue.articles
    ]


def listing_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The SKUs as a room lists them, in the order of the file."""
    return [
        {"sku": article.sku, "position": position, **article.listing}
        for position, article in enumerate(catalogue.articles, start=1)
    ]


def _report(catalogue: Catalogue, known: set[str], pool: str, room: str | None) -> None:
    received = sum(article.opening for article in catalogue.articles if article.sku not in known)
    kept = [article.sku for article in catalogue.articles if article.opening and article.sku in known]
    where = f", listed in room {room}" if room is not None else ""
    click.echo(
        f"Imported {_count(len(catalogue.articles), 'SKU')} into pool {pool}{where}; "
        f"received {_count(received, 'unit')} of opening stock."
    )
    if kept:
        click.echo(
            f"{_count(len(kept), 'SKU')} had a history in the pool already, {kept[0]} for one: their opening stock was "
            "not received again. More goods are a move of kind receive."
        )
    if catalogue.bad_lines:
        click.echo(f"{_count(catalogue.bad_lines, 'row')} left out.", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
