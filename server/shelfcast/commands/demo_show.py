"""The demo's show: the sample evening in its room, over and over, with its stock, its audience and its spotlight."""

from __future__ import annotations

import asyncio
from importlib.resources import as_file, files
from itertools import count
from random import Random
from typing import Any

from rich.console import Console
from shelfcast_client import ClientError, Room, ServerRefused, connect
from shelfcast_client.merchant import Merchant

from shelfcast.commands import watch
from shelfcast.commands.demo_addresses import ADDRESS_LINES, addresses
from shelfcast.commands.demo_channels import fill_channels, open_channels, sell_elsewhere
from shelfcast.commands.demo_counts import take_stock
from shelfcast.commands.demo_rules import keep_buffers, set_aside, take_together, thaw_all
from shelfcast.commands.demo_waiting import SERVED, PatientSelling
from shelfcast.commands.faults import first_fault
from shelfcast.commands.selling import SOLD, Selling, Temper
from shelfcast.commands.stocking import listing_rows, stock_up
from shelfcast.errors import ShelfcastError
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.sheets.catalogue import Catalogue, read_catalogue
from shelfcast.sheets.orders import Event, Kind, OrderDay, read_orders
from shelfcast.stock.configuration import Gate

ROOM = "demo"
POOL = "demo"
CHANNEL = "live"
HOLD_MS = 20_000
"""Short, so that holds nobody pays for are seen to run out."""
ABANDON_SHARE = 0.08
LEAVE_SHARE = 0.07
PAY_AFTER_S = 360
"""The longest time to a payment, in the evening's own time; in ours it stays well within the hold."""
SPOTLIGHT_S = 12.0
"""Not much oftener: what an operator did shall not be lost among what the demo does."""
CONTINUE_MS = 20_000
"""How long an evening that has ended could go on, shorter than a shop's: then its final report comes."""
FIRST_SHOW_S = 3.0
"""How long the first show takes."""
FIRST_SHOW_BEFORE_S = 30.0
"""An evening that is longer has that show before it, so that there is a report from the first minute on."""
HOST_S = 60.0
"""So long the demo leaves the spotlight to somebody who has moved it, with the host page or as the operator."""
BETWEEN_EVENINGS_S = 5.0
BROKEN_EVENINGS_MAX = 3
"""So many in a row that break off end the demo."""
TOKEN_TTL_S = 30 * 24 * 3600
GOES_ON = "the demonstration goes on by itself"
"""Why an evening begins though the checklist fails."""
HANDOVER = (
    "Kitchen scissors: a lot is on call, open it when somebody waits. "
    "Thermal shirts lie in the Douyin shop, where nobody asks for them."
)
"""What whoever ran the demo before says, where nobody has said anything."""
RUN_ORDER = (
    ("TEA-001", 3, 40, "The second wave opens on the way"),
    ("CLO-603", 3, 20, "There is a reserve: ask for it"),
    ("KIT-203", 2, 12, "A lot is on call"),
    ("TOY-503", 2, 18, ""),
    ("SNK-105", 3, 60, "Also in the Douyin shop"),
    ("BTY-401", 3, 40, "Good as a gift"),
    ("SNK-101", 2, 30, ""),
    ("KIT-205", 2, 20, ""),
)
"""SKU, minutes, units that are expected, and what the host reads there; the rest of the shelf follows."""


class DemoShow:
    """The sample evening in the demo room: its stock, its audience, its spotlight."""

    def __init__(self, url: str, tokens: Tokens, console: Console, *, speed: float, viewers: int) -> None:
        self._url = url
        """Where the demo's own server is: no proxy leads there, whatever name it has."""
        self._tokens = tokens
        self._console = console
        self._speed = speed
        self._viewers = viewers
        self._random = Random()  # noqa: S311 - the mood of an audience
        self._temper = Temper(
            abandon_share=ABANDON_SHARE, leave_share=LEAVE_SHARE, pay_after_s=min(PAY_AFTER_S / speed, HOLD_MS / 2000)
        )
        self._catalogue, self._day = _sample()
        self._spotlit: str | None = None
        """What is in the spotlight, as far as the demo knows."""

    async def run(self) -> None:
        """Evening after evening, until cancelled. Raises ShelfcastError where the server fails."""
        service = self._tokens.mint(role=Role.SERVICE, user="demo", ttl_s=TOKEN_TTL_S)
        try:
            async with (
                Merchant(self._url, service, POOL, proxy=False) as merchant,
                Merchant(self._url, self._operator(), POOL, proxy=False) as person,
                asyncio.TaskGroup() as tasks,
            ):
                is_new = await self._open(merchant, person)
                self._print_addresses()
                if self._console.is_terminal:
                    tasks.create_task(self._show_room())
                if is_new and self._day.events[-1].at_s / self._speed > FIRST_SHOW_BEFORE_S:
                    await self._first_show(merchant, person)
                await self._evenings(merchant, person)
        except* (ShelfcastError, ClientError) as group:
            raise ShelfcastError(f"the demo stopped: {first_fault(group)}") from None

    async def _open(self, merchant: Merchant, person: Merchant) -> bool:
        """Have all there that an evening needs; whether the room is new."""
        pool = await merchant.define_pool()
        if not pool["handover"]:
            await merchant.change_pool(handover=HANDOVER)
        if await merchant.channel(CHANNEL) is None:
            await merchant.define_channel(CHANNEL, title="Live room")
        is_new = await merchant.room(ROOM) is None
        await merchant.define_room(
            ROOM,
            channel=CHANNEL,
            title="Shelfcast demo: an evening of tea, snacks and more",
            hold_ms=HOLD_MS,
            anonymous=True,
            open_reservations=True,
            waitlist=True,
        )
        await stock_up(merchant, self._rows(), channel=CHANNEL)
        await keep_buffers(merchant, self._catalogue)
        await open_channels(merchant)
        await merchant.list_in_room(ROOM, listing_rows(self._catalogue))
        slots = ("sku", "minutes", "expected_units", "note")
        await merchant.change_room(ROOM, run_order=[dict(zip(slots, slot, strict=True)) for slot in RUN_ORDER])
        if is_new:
            await merchant.change_room(ROOM, gate=Gate.WARN)
        await take_stock(merchant, person, ROOM)
        return is_new

    async def _evenings(self, merchant: Merchant, person: Merchant) -> None:
        """Evening after evening. One that breaks off is told and the next one begins; too many in a row are the end."""
        broken = 0
        for number in count(1):
            fault = await self._fault_of_evening(merchant, person, number)
            if fault is None:
                broken = 0
                continue
            broken += 1
            if broken == BROKEN_EVENINGS_MAX:
                raise fault
            self._console.print(f"Evening {number} broke off: {fault}", soft_wrap=True, markup=False)
            await asyncio.sleep(BETWEEN_EVENINGS_S)

    async def _fault_of_evening(self, merchant: Merchant, person: Merchant, number: int) -> BaseException | None:
        """Play an evening; what stopped it before its end."""
        fault = None
        try:
            await self._evening(merchant, person, number)
        except* (ShelfcastError, ClientError) as group:
            fault = first_fault(group)
        return fault

    async def _evening(self, merchant: Merchant, person: Merchant, number: int) -> None:
        """A show of its own: everybody comes, buys what was bought on the sample evening, and leaves. Before it the
        shelf is filled, and what an operator has left frozen is sold again. A second wave of the first product opens
        on the way, and some of those who are too late wait."""
        await take_together(merchant)
        await stock_up(merchant, self._rows(), channel=CHANNEL)
        await fill_channels(merchant)
        await thaw_all(merchant, ROOM)
        await set_aside(merchant, self._catalogue, self._day, speed=self._speed)
        # Whatever an operator has made of the room's gate.
        await person.change_room(ROOM, status=RoomStatus.LIVE, override=GOES_ON)
        selling = await self._sell(merchant, number, speed=self._speed, temper=self._temper)
        self._console.print(self._summary(number, selling), soft_wrap=True)
        await merchant.change_room(ROOM, status=RoomStatus.ENDED)
        await asyncio.sleep(BETWEEN_EVENINGS_S)

    async def _first_show(self, merchant: Merchant, person: Merchant) -> None:
        """The same orders within seconds."""
        await person.change_room(ROOM, status=RoomStatus.LIVE, override=GOES_ON)
        speed = self._day.events[-1].at_s / FIRST_SHOW_S
        # Nobody leaves a checkout open, which the final report would wait for.
        selling = await self._sell(merchant, 0, speed=speed, temper=Temper(abandon_share=ABANDON_SHARE))
        await merchant.change_room(ROOM, status=RoomStatus.ENDED)
        self._console.print(
            f"A first show took seconds and sold {selling.notes.units(SOLD):,} units; its report is in the console "
            "under After.",
            soft_wrap=True,
        )

    async def _sell(self, merchant: Merchant, number: int, *, speed: float, temper: Temper) -> PatientSelling:
        """Everybody comes and buys what was bought on the sample evening; what became of that."""
        waiting: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=self._viewers)
        async with asyncio.TaskGroup() as people:
            selling = PatientSelling(merchant, ROOM, people, temper=temper, random=self._random)
            meanwhile = [
                people.create_task(selling.give_back()),
                people.create_task(sell_elsewhere(merchant, self._random)),
            ]
            for viewer in range(1, self._viewers + 1):
                people.create_task(self._attend(f"viewer-{number}-{viewer}", selling, waiting))
            await self._host(merchant, waiting, speed)
            for task in meanwhile:
                task.cancel()
            selling.go_home()
            for _ in range(self._viewers):
                await waiting.put(None)
        return selling

    async def _host(self, merchant: Merchant, waiting: asyncio.Queue[Event | None], speed: float) -> None:
        """Let the orders of the evening come at their times, and show what is being bought."""
        loop = asyncio.get_running_loop()
        started_s, show_at_s = loop.time(), 0.0
        for event in self._day.events:
            await asyncio.sleep(started_s + event.at_s / speed - loop.time())
            if event.kind is Kind.PURCHASE and loop.time() >= show_at_s:
                show_at_s = loop.time() + await self._show(merchant, event.lines[0].sku)
            await waiting.put(event)

    async def _show(self, merchant: Merchant, sku: str) -> float:
        """Put this into the spotlight, unless somebody else has moved it; after how many seconds to come again."""
        room = await merchant.room(ROOM)
        spotlit, self._spotlit = self._spotlit, None if room is None else room["spotlight"]
        if self._spotlit != spotlit:
            return HOST_S
        self._spotlit = sku
        try:
            await merchant.change_room(ROOM, spotlight=sku)
        except ServerRefused as refused:
            if refused.code != Code.UNKNOWN_SKU:
                raise
            self._spotlit = spotlit  # somebody took it off the shelf
        return SPOTLIGHT_S

    async def _attend(self, user: str, selling: Selling, waiting: asyncio.Queue[Event | None]) -> None:
        """A viewer watches all evening and, when its turn comes, buys."""
        token = self._tokens.mint(role=Role.VIEWER, user=user, room=ROOM, ttl_s=TOKEN_TTL_S)
        async with connect(self._url, ROOM, token=token, proxy=False) as room:
            while (event := await waiting.get()) is not None:
                await self._act(room, selling, event)

    async def _act(self, room: Room, selling: Selling, event: Event) -> None:
        if event.kind is Kind.PURCHASE:
            await selling.buy(room, event)
        else:
            await selling.manage(event)

    async def _show_room(self) -> None:
        """The room as a viewer sees it, below what is printed."""
        async with connect(self._url, ROOM, proxy=False, enter_timeout_s=None) as room:
            await watch.show_live(room, self._console, lines_above=ADDRESS_LINES)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {"sku": article.sku, **article.config, "opening": article.opening} for article in self._catalogue.articles
        ]

    def _summary(self, number: int, selling: Selling) -> str:
        asked = sum(tally.asked for tally in selling.notes.tallies.values())
        refused = {name: outcome.units for name, outcome in selling.notes.outcomes.items() if name.isupper()}
        reasons = ", ".join(f"{name} {units:,}" for name, units in sorted(refused.items(), key=lambda item: -item[1]))
        return (
            f"Evening {number}: {asked:,} units asked for, {selling.notes.units(SOLD):,} sold, "
            f"{sum(refused.values()):,} refused ({reasons or 'none'}), {selling.notes.units(SERVED):,} went to people "
            "who waited; the shelf is filled again."
        )

    def _print_addresses(self) -> None:
        counter = self._tokens.mint(role=Role.COUNTER, user="demo-counter", pool=POOL, ttl_s=TOKEN_TTL_S)
        self._console.print(
            f"\nShelfcast demo: room [bold]{ROOM}[/bold], {self._viewers} viewers, an evening at {self._speed:g} times "
            f"its speed.\n\n{addresses(self._url, ROOM, operator=self._operator(), counter=counter)}",
            soft_wrap=True,
        )

    def _operator(self) -> str:
        """A token of the demo's operator: what takes a person takes one here, too."""
        return self._tokens.mint(role=Role.OPERATOR, user="demo-operator", pool=POOL, ttl_s=TOKEN_TTL_S)


def _sample() -> tuple[Catalogue, OrderDay]:
    """The catalogue and the orders that come with the package."""
    folder = files("shelfcast") / "sample"
    with as_file(folder / "catalogue.csv") as catalogue, as_file(folder / "orders.csv") as orders:
        return read_catalogue(catalogue), read_orders(orders, currency="CNY")
