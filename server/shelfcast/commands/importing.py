"""`shelfcast import`: a catalogue, counts or orders from a spreadsheet into a running server."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

import click
from shelfcast_client import ClientError
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.imports import ImportKind
from shelfcast_client.records import CataloguePreview, CountsPreview, Import, OrdersPreview, PreviewRow

from shelfcast.commands import importing_words
from shelfcast.commands.faults import fault_of
from shelfcast.commands.stocking import ensure_channel
from shelfcast.errors import InvalidInput
from shelfcast.insight.reserves import Reserves
from shelfcast.sheets.preview import Change, RowPreview, Verdict
from shelfcast.sheets.reading import file_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, Fault, quoted

Preview = CataloguePreview | CountsPreview | OrdersPreview

FAULTS_SHOWN = 20
NAME_MAX_CHARACTERS = 200
CHANNEL_DEFAULT = "live"
"""The channel of a room that the import makes, where none is named."""
_PARAMETER_AND_VALUE = re.compile(r"\b(opening|encoding|dates)=(?='|none\b|mdy\b|dmy\b)")
_PARAMETER = re.compile(r"`(opening|encoding|dates)`")


def run(
    url: str,
    token: str,
    pool: str,
    file: Path,
    *,
    room: str | None,
    channel: str | None,
    skip_bad: bool,
    kind: ImportKind = "catalogue",
    count: str | None = None,
    encoding: str | None = None,
    opening: str | None = None,
    dates: Literal["mdy", "dmy"] | None = None,
    preview_only: bool = False,
) -> int:
    """Send the file, say what it would change, then have it applied; with a fault in it nothing is unless `skip_bad`.

    With `preview_only` it is said what each good row would change, and nothing is applied in any case. The rest is how
    the file is meant. Opening stock is received for SKUs that the pool has never held units of, so that importing a
    corrected file, or the same one again, does not receive it twice. Returns 1 where a row was left out that nobody
    wanted to be.
    """
    content = file_content(file, CATALOGUE_BOUNDS)
    terminal = _Terminal(file)
    is_catalogue = kind == "catalogue"
    _check_options(kind, room=room, opening=opening, channel=channel, count=count)

    async def work() -> int:
        async with Merchant(url, token, pool) as merchant:
            sent = await merchant.send_import(
                content,
                kind=kind,
                room=room,
                channel=None if is_catalogue else channel,
                count=count,
                encoding=encoding,
                opening=opening,
                dates=dates,
                name=terminal.name,
            )
            begun = False
            try:
                read = await merchant.awaited_import(sent["import"])
                preview = terminal.said(read)
                refused = bool(preview["bad"]) and not skip_bad
                if not terminal.has_rows(preview, skip_bad=skip_bad or preview_only):
                    return 1
                if preview_only:
                    _show(read)
                    return int(refused)
                if is_catalogue:
                    await _make_ready(merchant, room, channel)
                await merchant.apply_import(sent["import"], reading=read["reading"])
                begun = True
            finally:
                if not begun:  # what was begun goes on in the server, whatever becomes of this command
                    with suppress(ClientError):
                        await merchant.drop_import(sent["import"])
            return terminal.ended(
                await merchant.awaited_import(sent["import"], told=terminal.progress), preview, pool, room
            )

    try:
        return asyncio.run(work())
    except ClientError as error:
        raise fault_of(error) from None


class _Terminal:
    """What is said of a file, in the words of this command."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.name = "".join(sign if sign.isprintable() else "_" for sign in file.name)[-NAME_MAX_CHARACTERS:]

    def said(self, read: Import) -> Preview:
        """The preview, after its notes and faults. Raises InvalidInput where the file could not be read."""
        preview = read["preview"] or read["counts"] or read["orders"]
        if read["state"] != "ready" or preview is None:
            reason = self._of_the_command(read["reason"])
            behind = reason.removeprefix(f"{self.name}: ")
            raise InvalidInput(reason if behind == reason else f"{self._file}: {behind}")
        for note in preview["notes"]:
            self._warn(self._of_the_command(note))
        for name in preview["ignored_columns"]:
            self._warn(f"column {quoted(name, bare=True)} is none of ours and is left aside")
        for fault in preview["faults"][:FAULTS_SHOWN]:
            self._warn(str(Fault(**fault)))
        if preview["fault_count"] > FAULTS_SHOWN:
            self._warn(f"… and {preview['fault_count'] - FAULTS_SHOWN} more")
        return preview

    def has_rows(self, preview: Preview, *, skip_bad: bool) -> bool:
        """Whether there is something to import or to show, and nothing in the way; else that is said."""
        good = preview["rows"] - preview["bad"]
        if preview["bad"] and not skip_bad:
            click.echo(
                f"Nothing was imported: {_count(preview['bad'], 'row')} cannot be used. Mend them, or import the "
                f"other {_count(good, 'row')} with --skip-bad.",
                err=True,
            )
            return False
        if not good:
            self._warn("no row to import")
        return good > 0

    def progress(self, it: Import) -> None:
        """How far it is, where somebody looks."""
        if sys.stderr.isatty():
            end = it["state"] != "applying"
            click.echo(f"\r{it['done']:,} of {_count(it['of'], 'row')}", err=True, nl=end)

    def ended(self, it: Import, preview: Preview, pool: str, room: str | None) -> int:
        """The exit code, after what became of it."""
        for row in it["refused"][:FAULTS_SHOWN]:
            self._warn(f"line {row['line']}, {quoted(row['sku'], bare=True)}: {row['code']}: {row['reason']}")
        if it["refused_count"] > FAULTS_SHOWN:
            self._warn(f"… and {it['refused_count'] - FAULTS_SHOWN} more")
        if it["state"] != "applied":
            self._warn(f"{it['done']:,} of {_count(it['of'], 'row')} were imported, then: {it['reason']}")
            return 1
        _report(it, pool, room)
        if preview["bad"]:
            click.echo(f"{_count(preview['bad'], 'row')} left out.", err=True)
        return int(it["refused_count"] > 0)

    def _warn(self, text: str) -> None:
        click.echo(f"{self._file}: {text}", err=True)

    @staticmethod
    def _of_the_command(text: str) -> str:
        """What is said of the parameters of a request, of this command's options."""
        return _PARAMETER.sub(r"--\1", _PARAMETER_AND_VALUE.sub(r"--\1 ", text))


async def _make_ready(merchant: Merchant, room: str | None, channel: str | None) -> None:
    """Make the pool and the room where they are not there; an existing room keeps its terms, and its channel unless one
    is named."""
    await merchant.define_pool()
    if room is None:
        return
    present = await merchant.room(room)
    if channel is not None or present is None:
        await ensure_channel(merchant, channel or CHANNEL_DEFAULT)
    if present is None:
        await merchant.define_room(room, channel=channel or CHANNEL_DEFAULT)
    elif channel is not None:
        await merchant.change_room(room, channel=channel)


def _check_options(
    kind: ImportKind, *, room: str | None, opening: str | None, channel: str | None, count: str | None
) -> None:
    """Raises InvalidInput for what this kind cannot be told, and where orders are of no channel."""
    if kind != "catalogue" and (room is not None or opening is not None):
        raise InvalidInput("--room and --opening are of a catalogue alone")
    if kind != "counts" and count is not None:
        raise InvalidInput("--count is of counts alone: say --kind counts")
    if kind == "counts" and channel is not None:
        raise InvalidInput("--channel is of orders, or of a catalogue's room")
    if kind == "orders" and channel is None:
        raise InvalidInput("expected --channel: whose orders these are")


def _show(read: Import) -> None:
    preview = read["preview"]
    if preview is None:
        importing_words.show(read)
        return
    for row in preview["changes"]:
        click.echo(str(_row(row)))
    bad = f", {preview['bad']:,} with faults" if preview["bad"] else ""
    click.echo(f"{preview['summary']}{bad}; {_opening(preview)}. Nothing was changed.")


def _row(row: PreviewRow) -> RowPreview:
    changes = tuple(Change(**change) for change in row["changes"])
    aside = Reserves(row["safety"], row["elastic"])
    verdict = Verdict(row["verdict"])
    return RowPreview(row["line"], row["sku"], row["title"], verdict, changes, row["receives"], row["kept_back"], aside)


def _report(it: Import, pool: str, room: str | None) -> None:
    preview = it["preview"]
    if preview is None:
        importing_words.report(it, pool)
        return
    where = f", listed in room {room}" if room is not None else ""
    count = _count(it["of"] - it["refused_count"], "SKU")
    click.echo(f"Imported {count} into pool {pool}{where}: {preview['summary']}; received {_opening(preview)}.")
    if preview["kept_back"]:
        click.echo(
            f"{_count(preview['kept_back'], 'unit')} of opening stock were not received: the pool has held units of "
            "these SKUs already. More goods are a move of kind receive."
        )


def _opening(preview: CataloguePreview) -> str:
    """The opening stock of a file, and what of it is set aside."""
    aside = [
        (sum(row["safety"] for row in preview["changes"]), "the safety buffer"),
        (sum(row["elastic"] for row in preview["changes"]), "the elastic reserve"),
    ]
    parts = "".join(f", {units:,} of them into {where}" for units, where in aside if units)
    return f"{_count(preview['receives'], 'unit')} of opening stock{parts}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
