"""`shelfcast replay-show`: a finished show, played again in a room of a rehearsal pool, over real sockets.

Rules: docs/rules.md#replay.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text
from shelfcast_client import ClientError, ServerRefused
from shelfcast_client.merchant import Merchant
from shelfcast_client.proxies import without_credentials
from shelfcast_client.records import MinuteState

from shelfcast.commands import terminal
from shelfcast.commands.faults import first_fault
from shelfcast.commands.letters import fitting
from shelfcast.commands.room_board import printable
from shelfcast.commands.selling import SOLD, Selling, Temper
from shelfcast.commands.show_player import ShowPlayer
from shelfcast.commands.show_script import Script, write
from shelfcast.commands.stocking import check_room_takes, ensure_channel
from shelfcast.commands.visits import Visits, fault_of_day, progress_of_lines, tokens_of
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.http.api.auth import Tokens
from shelfcast.insight.after_show import ShowFold
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.places import CHANNEL, POOL, PRESALE
from shelfcast.stock.records import LedgerEntry
from shelfcast.stock.show import ON_AIR, show_id

CHANNEL_NAME = "live"
SKUS_SHOWN = 15
DIFFERENCES_SHOWN = 50
PART_MINUTES = 15
OFF_AIR_S = 10.0
"""How long a play that was stopped tries to take its room off the air."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a show is played again, and how."""

    show: str
    room: str
    pool: str | None
    speed: float
    connections: int


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of it: the net units sold in the show and in the replay, by SKU; and of the SKUs whose orders could not
    all be played, how many units fewer were sold by what was answered."""

    script: Script
    show: str
    sold: Mapping[str, int]
    lost: Mapping[str, Counter[str]]
    took_s: float

    def unexplained(self, sku: str) -> int:
        """Units by which the two differ without a reason."""
        return self.script.sold.get(sku, 0) - self.sold.get(sku, 0) - sum(self.lost.get(sku, Counter()).values())


def run(
    settings: Settings,
    url: str,
    token: str | None,
    show: str,
    *,
    room: str,
    pool: str | None,
    speed: float,
    connections: int,
) -> int:
    """Play the show and print both beside each other. Returns 1 where they differ without a stated reason."""
    tokens, token = tokens_of(settings, token, "replay-show")
    place = Place(show=show, room=room, pool=pool, speed=speed, connections=connections)
    console = terminal.console()
    try:
        played = asyncio.run(_run(url, token, tokens, place, console))
    except* (ShelfcastError, ClientError) as group:
        where = f"{room} at {without_credentials(url)}"
        raise fault_of_day(first_fault(group), f"a customer could not enter {where}") from None
    return _print(console, place, played)


async def _run(url: str, token: str, tokens: Tokens | None, place: Place, console: Console) -> Played:
    async with Merchant(url, token, place.pool or place.room) as merchant:
        script = await _read(merchant, place)
        pool = await _pool(merchant, place)
        _say(console, place, script)
    async with Merchant(url, token, pool) as rehearsal:
        await _prepare(rehearsal, place, script, open_to_all=tokens is None)
        try:
            return await _play(url, tokens, place, rehearsal, script, console)
        except BaseException:
            # Whatever ended it, also Ctrl+C: nobody is left on the air.
            with suppress(ClientError, TimeoutError):
                async with asyncio.timeout(OFF_AIR_S):
                    await rehearsal.change_room(place.room, status=RoomStatus.ENDED.value)
            raise


# --- the show that was ------------------------------------------------------------------------------------------------


async def _read(merchant: Merchant, place: Place) -> Script:
    """The script of the show. Raises ShelfcastError where it is not known, or is on."""
    record = await merchant.show(place.show)
    if record is None:
        raise ShelfcastError(f"no show {place.show!r} is known, or the token does not reach it")
    if record["status"] in ON_AIR:
        raise ShelfcastError(f"show {place.show} is on; it can be replayed when it has ended")
    if record["room"] == place.room:
        raise ConfigError(f"--room: expected another room than {place.room}, whose show it is")
    entries = [msgspec.convert(entry, LedgerEntry) async for entry in merchant.show_entries(place.show)]
    return await asyncio.to_thread(write, record, entries, await _minutes(merchant, place.show))


async def _minutes(merchant: Merchant, show: str) -> list[MinuteState]:
    """The whole first minute of a show, and the changes behind it; nothing where none were kept."""
    found: list[MinuteState] = []
    minute: int | None = 0
    while minute is not None:
        try:
            page = await merchant.show_at(show, minute, minutes=PART_MINUTES)
        except ServerRefused as refused:
            if refused.field != "minute":
                raise
            return found
        found += [page["state"], *page["changes"]]
        minute = page["next"]
    return found


# --- the room of the rehearsal ----------------------------------------------------------------------------------------


async def _pool(merchant: Merchant, place: Place) -> str:
    """The rehearsal pool that is named, or the room's, or one of the room's name, which may have to be made. Raises
    ConfigError where it is not one for rehearsals."""
    room = await merchant.room(place.room)
    pool = place.pool or (room["pool"] if room is not None else place.room)
    if room is not None and room["pool"] != pool:
        raise ConfigError(f"room {place.room} sells from pool {room['pool']}; name that with --pool, or another --room")
    if room is not None and room["status"] in ON_AIR:
        raise ConfigError(f"room {place.room} is {room['status']}: end its show first, or name another --room")
    return pool


async def _prepare(merchant: Merchant, place: Place, script: Script, *, open_to_all: bool) -> None:
    """Pool, channel, room, catalogue, shelf and stock. Limits and sale windows of the show stay behind: its orders have
    passed them. Raises ConfigError where the pool is not for rehearsals, InvalidInput for too many SKUs."""
    definition = await merchant.pool_definition()
    if definition is None:
        await merchant.define_pool(rehearsal=True)
    elif not definition["rehearsal"]:
        raise ConfigError(f"pool {merchant.pool} is not for rehearsals: name one that is with --pool, or a new one")
    skus = [good.sku for good in script.goods]
    await check_room_takes(merchant, place.room, skus, await merchant.listed(place.room))
    room = await merchant.room(place.room)
    channel = CHANNEL_NAME if room is None else room["channel"]
    await ensure_channel(merchant, channel)
    if room is None:
        await merchant.define_room(
            place.room, channel=channel, title=f"Replay of {place.show}", open_reservations=open_to_all
        )
    elif open_to_all and not room["open_reservations"]:
        raise ConfigError(
            f"customers of room {place.room} need tokens: give the server's secret (SHELFCAST_TOKEN_SECRET or "
            "--token-secret), or let the replay make a room of its own"
        )
    await _stock_up(merchant, script, channel)
    for sku in (await merchant.listed(place.room)).keys() - set(skus):
        await merchant.unlist(place.room, sku)
    # Links are free once all others are taken off.
    rows = [{"sku": good.sku, "position": place, "presale": good.presale} for place, good in enumerate(script.goods)]
    links = [{} if good.link is None else {"link": good.link} for good in script.goods]
    await merchant.list_in_room(place.room, [row | link for row, link in zip(rows, links, strict=True)])
    await merchant.change_room(place.room, run_order=[good.sku for good in script.goods], status=RoomStatus.LIVE.value)


async def _stock_up(merchant: Merchant, script: Script, channel: str) -> None:
    """What the show began with, of each SKU what is not there yet."""
    opening = Counter({supply.sku: supply.qty for supply in script.supplies if supply.at_ms == 0})
    present = await merchant.buckets()
    rows: list[dict[str, Any]] = []
    for good in script.goods:
        free, wanted = present.get(good.sku, {}), opening[good.sku]
        row = {"sku": good.sku, "title": good.title, "price_minor": good.price_minor}
        row |= {"currency": good.currency} if good.currency else {}
        there = free.get(POOL, 0) + free.get(CHANNEL + channel, 0)
        rows.append(row if good.presale else row | {"opening": max(0, wanted - there)})
    await merchant.catalogue(rows, key=f"replay-{uuid.uuid4().hex}")
    for good in script.goods:
        missing = opening[good.sku] - present.get(good.sku, {}).get(PRESALE, 0)
        if good.presale and missing > 0:
            await merchant.quota(good.sku, missing, reason=f"replay of {good.sku}")


# --- playing ----------------------------------------------------------------------------------------------------------


async def _play(
    url: str, tokens: Tokens | None, place: Place, merchant: Merchant, script: Script, console: Console
) -> Played:
    room = await merchant.room(place.room)
    if room is None:
        raise ShelfcastError(f"room {place.room} is gone")
    show = show_id(place.room, room["show"])
    console.print(f"Watch it: shelfcast watch {place.room} --url {merchant.shown_url}", soft_wrap=True, markup=False)
    began_s = monotonic()
    with progress_of_lines(console) as progress:
        task = progress.add_task("", total=script.lines, units=0)

        def on_line() -> None:
            progress.update(task, advance=1, units=selling.notes.units(SOLD))

        random = Random(0)  # noqa: S311 - everybody does what it did: nothing is drawn
        selling = Selling(merchant, temper=Temper(), random=random, on_line=on_line)
        visits = Visits(url, place.room, tokens, place.connections)
        player = ShowPlayer(script, merchant, place.room, visits, selling, place.speed)
        await player.play()
    await merchant.change_room(place.room, status=RoomStatus.ENDED.value)
    fold = ShowFold(show)
    async for entry in merchant.show_entries(show):
        fold.add(msgspec.convert(entry, LedgerEntry), of_presale=False)
    return Played(
        script=script,
        show=show,
        sold={sku: tally.sold for sku, tally in fold.stock.items()},
        lost=player.lost,
        took_s=monotonic() - began_s,
    )


# --- words ------------------------------------------------------------------------------------------------------------


def _say(console: Console, place: Place, script: Script) -> None:
    """What is going to be played."""
    minutes = script.length_ms / 60_000
    text = (
        f"{place.show}: {len(script.goods):,} SKUs, {len(script.orders):,} orders, {sum(script.sold.values()):,} units "
        f"sold, {minutes:.1f} minutes; at {place.speed:,.10g} times the speed {minutes / place.speed:.1f} minutes"
    )
    console.print(printable(text), soft_wrap=True, markup=False)
    for sku, units in sorted(script.raised.items()):
        text = f"  {printable(sku)}: {units:,} units more than its minutes say: its orders took them"
        console.print(text, soft_wrap=True, markup=False)


def _print(console: Console, place: Place, played: Played) -> int:
    """What the show sold and what the replay sold; the command's exit code."""
    script = played.script
    skus = sorted({*script.sold, *played.sold}, key=lambda sku: (-script.sold.get(sku, 0), sku))
    differing = [sku for sku in skus if script.sold.get(sku, 0) != played.sold.get(sku, 0)]
    shown = list(dict.fromkeys([*differing[:DIFFERENCES_SHOWN], *skus[:SKUS_SHOWN]]))
    titles = {good.sku: good.title for good in script.goods}
    table = Table(title=_text(console, f"{place.show}, and its replay {played.show} in {played.took_s:.1f} s"))
    table.add_column("SKU", no_wrap=True)
    table.add_column("title", overflow="ellipsis", no_wrap=True)
    table.add_column("show sold", justify="right", no_wrap=True)
    table.add_column("replay sold", justify="right", no_wrap=True)
    table.add_column("why not the same")
    for sku in shown:
        lost = played.lost.get(sku, Counter())
        why = [f"{units:,} {_reason(code)}" for code, units in sorted(lost.items())]
        if rest := played.unexplained(sku):
            why.append(f"{rest:+,} without a reason")
        table.add_row(
            _text(console, sku),
            _text(console, titles.get(sku, "")),
            f"{script.sold.get(sku, 0):,}",
            f"{played.sold.get(sku, 0):,}",
            _text(console, "; ".join(why)),
            style="red" if played.unexplained(sku) else None,
        )
    table.add_section()
    table.add_row("all", f"SKUs: {len(skus):,}", f"{sum(script.sold.values()):,}", f"{sum(played.sold.values()):,}", "")
    console.print(table)
    wrong = [sku for sku in skus if played.unexplained(sku)]
    if wrong:
        console.print(f"Replay: [red]{len(wrong):,} of {len(skus):,} SKUs differ without a reason[/red]")
    elif differing:
        console.print(f"Replay: {len(differing):,} of {len(skus):,} SKUs differ, each with its reason")
    else:
        console.print(f"Replay: [green]every SKU sold what it sold in the show[/green] ({len(skus):,})")
    return 1 if wrong else 0


def _reason(code: str) -> str:
    return f"refused: {code}" if code.isupper() else code or "not played"


def _text(console: Console, words: str) -> Text:
    return Text(fitting(words, console.encoding))
