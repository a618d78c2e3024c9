"""`shelfcast replay`: one day of real orders, played against a running server over real sockets."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import click
from rich.console import Console
from shelfcast_client import ClientError
from shelfcast_client.merchant import Merchant
from shelfcast_client.proxies import without_credentials

from shelfcast.commands import day_report, terminal
from shelfcast.commands.faults import first_fault
from shelfcast.commands.room_board import printable
from shelfcast.commands.selling import SOLD, Selling, Temper
from shelfcast.commands.stocking import check_room_takes, ensure_channel, stock_up
from shelfcast.commands.visits import Visits, fault_of_day, progress_of_lines, tokens_of
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.http.api.auth import Tokens
from shelfcast.insight.reconciliation import reconcile, total
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.sheets.orders import Event, Kind, OpeningRule, OrderDay, read_orders
from shelfcast.sheets.times import DateOrder


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is played where, and how."""

    day: OrderDay
    room: str
    pool: str
    channel: str
    title: str
    currency: str
    opening: OpeningRule
    speed: float
    abandon_share: float
    connections: int
    seed: int


def run(
    settings: Settings,
    url: str,
    token: str | None,
    day: Path,
    *,
    room: str | None,
    pool: str | None,
    channel: str,
    currency: str,
    opening: str,
    speed: float,
    abandon_percent: float,
    connections: int,
    seed: int,
    report: Path | None,
    encoding: str | None = None,
    dates: DateOrder | None = None,
) -> int:
    """Play the day and print what came of it. Returns 1 where the reconciliation or the audit fails.

    With the server's secret in `settings`, every customer has a token of its own, and the shop's is made where
    `token` is None. Without it the room has to be one where viewers may reserve without a token; a room that the
    replay makes is then made like that. `encoding` and `dates` are of the day's file; None finds out.
    """
    rule = OpeningRule.parse(opening)
    console = terminal.console()
    name = room or "replay-" + _as_name(day.name)
    plan = Plan(
        day=read_orders(day, currency=currency.upper(), encoding=encoding, dates=dates),
        room=name,
        pool=pool or name,
        channel=channel,
        title=f"Replay of {printable(day.name)}",
        currency=currency.upper(),
        opening=rule,
        speed=speed,
        abandon_share=abandon_percent / 100,
        connections=connections,
        seed=seed,
    )
    tokens, token = tokens_of(settings, token, "replay")
    for note in plan.day.notes:
        click.echo(f"{day}: {note}", err=True)
    day_report.print_day(console, plan.day, day)
    try:
        result = asyncio.run(_play(url, token, tokens, plan, console))
    except* (ShelfcastError, ClientError) as group:
        where = f"{name} at {without_credentials(url)}"
        raise fault_of_day(first_fault(group), f"a customer could not enter {where}") from None
    return day_report.print_result(console, plan.day, result, report=report)


async def _play(url: str, token: str, tokens: Tokens | None, plan: Plan, console: Console) -> day_report.Result:
    loop = asyncio.get_running_loop()
    async with Merchant(url, token, plan.pool) as merchant:
        await _prepare(merchant, plan, open_to_all=tokens is None)
        console.print(f"Watch it: shelfcast watch {plan.room} --url {merchant.shown_url}", soft_wrap=True, markup=False)
        opening = await merchant.buckets()
        started = loop.time()
        with progress_of_lines(console) as progress:
            task = progress.add_task("", total=sum(len(event.lines) for event in plan.day.events), units=0)

            def on_line() -> None:
                progress.update(task, advance=1, units=selling.notes.units(SOLD))

            selling = Selling(
                merchant,
                temper=Temper(abandon_share=plan.abandon_share),
                random=Random(plan.seed),  # noqa: S311 - repeatable on purpose
                on_line=on_line,
            )
            visits = Visits(url, plan.room, tokens, plan.connections)
            await _Players(plan, visits, selling).play()
        took_s = loop.time() - started
        closing = await merchant.buckets()
        accounts = reconcile({plan.channel: selling.notes.tallies}, opening, closing)
        return day_report.Result(
            notes=selling.notes,
            accounts=accounts,
            total=total(accounts),
            audit=await merchant.audit(),
            took_s=took_s,
        )


async def _prepare(merchant: Merchant, plan: Plan, *, open_to_all: bool) -> None:
    """Pool, channel, room, catalogue and opening stock. What is there already is kept: a room keeps its terms, and a
    SKU receives only what it lacks of the opening stock. A pool made here is a rehearsal: nothing of it is sold really.
    Raises InvalidInput, before anything, for too many SKUs."""
    await check_room_takes(merchant, plan.room, plan.day.goods, await merchant.listed(plan.room))
    if await merchant.pool_definition() is None:
        await merchant.define_pool(rehearsal=True)
    await ensure_channel(merchant, plan.channel)
    room = await merchant.room(plan.room)
    if room is None:
        await merchant.define_room(
            plan.room,
            channel=plan.channel,
            title=plan.title,
            status=RoomStatus.LIVE,
            open_reservations=open_to_all,
        )
    elif (room["pool"], room["channel"]) != (plan.pool, plan.channel):
        raise ConfigError(
            f"room {plan.room} sells from pool {room['pool']} through channel {room['channel']}; "
            "name these with --pool and --channel, or another room with --room"
        )
    elif open_to_all and not room["open_reservations"]:
        raise ConfigError(
            f"customers of room {plan.room} need tokens: give the server's secret (SHELFCAST_TOKEN_SECRET or "
            "--token-secret), or let the replay make a room of its own"
        )
    else:
        await merchant.change_room(plan.room, status=RoomStatus.LIVE)
    asked = plan.day.asked()
    rows: list[dict[str, Any]] = [
        {
            "sku": sku,
            "title": good.title,
            "price_minor": good.price_minor,
            "currency": plan.currency,
            "opening": plan.opening.opening(asked[sku]),
        }
        for sku, good in plan.day.goods.items()
    ]
    await stock_up(merchant, rows, channel=plan.channel)
    await merchant.list_in_room(plan.room, [{"sku": row["sku"], "position": n} for n, row in enumerate(rows, 1)])


class _Players:
    """Every customer of the day as a task of its own, which does what it did then, in its order and at its times.

    A purchase is a visit: a connection with the customer's token, open from the first line asked for to the last one
    paid.
    """

    def __init__(self, plan: Plan, visits: Visits, selling: Selling) -> None:
        self._plan = plan
        self._visits = visits
        self._selling = selling
        self._started_s = 0.0

    async def play(self) -> None:
        """The whole day. Raises an ExceptionGroup where a customer could not do what it was to do."""
        by_customer: dict[str, list[Event]] = defaultdict(list)
        for event in self._plan.day.events:
            by_customer[event.customer].append(event)
        self._started_s = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as customers:
            for events in by_customer.values():
                customers.create_task(self._act(events))

    async def _act(self, events: list[Event]) -> None:
        for event in events:
            due_s = self._started_s + event.at_s / self._plan.speed
            await asyncio.sleep(due_s - asyncio.get_running_loop().time())
            if event.kind is Kind.PURCHASE:
                async with self._visits.of(event.customer) as room:
                    await self._selling.buy(room, event)
            else:
                await self._selling.manage(event)


def _as_name(file_name: str) -> str:
    """A room's name made of a file's: lower-case letters, digits, - and _."""
    stem = file_name.lower().partition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:48] or "day"
