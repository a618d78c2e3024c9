"""The house that a day is replayed in: a rehearsal pool, its stock, its rooms and their customers.

The day is the same whatever the strategy: the same customers ask for the same, in the same order, and the same units
are there in the morning. A strategy decides where they may be sold from.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from day_clock import DayClock
from shelfcast.commands.selling import Notes, Selling, Temper
from shelfcast.http.api.auth import Tokens
from shelfcast.insight.reconciliation import SkuTally
from shelfcast.protocol.access import Role
from shelfcast.sheets.orders import Event, Kind, OrderDay
from shelfcast_client import connect
from shelfcast_client.merchant import Merchant
from shelfcast_client.session import Policy

AT_ONCE = 32
"""Requests to the server at a time, while the house is set up."""
TOKEN_TTL_S = 24 * 3600
QUIET_MINUTES_MAX = 5
"""The clock stops in every minute in which somebody comes, and else after so many: nothing is decided between."""
BY_HAND = Policy(messages_a_second=1e6, messages_burst=1e6)
"""A customer's connection is not paced: an order of 700 lines is one moment of the day."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A channel that customers come through, each with a room of its own. `customers` is their share in percent,
    `settings` what the channel is defined with."""

    customers: int
    settings: Mapping[str, Any]


@dataclass(kw_only=True)
class House:
    """What a strategy works with. `opening` are each SKU's units in the morning; the pool has them, until it moves
    them."""

    merchant: Merchant
    clock: DayClock
    day: OrderDay
    opening: Mapping[str, int]
    currency: str

    @property
    def minutes(self) -> int:
        """How long the day is, in minutes."""
        return int(self.day.length_s // 60) + 1

    async def open_pool(self, title: str) -> None:
        """The pool with its catalogue and its stock."""
        rows = [
            {
                "sku": sku,
                "title": self.day.goods[sku].title,
                "price_minor": self.day.goods[sku].price_minor,
                "currency": self.currency,
                "opening": units,
            }
            for sku, units in self.opening.items()
        ]
        await self.merchant.define_pool(title=title, currency=self.currency, rehearsal=True)
        await self.merchant.catalogue(rows, key=f"opening-{self.merchant.pool}")

    async def open_rooms(self, ways: Mapping[str, Way]) -> None:
        """A live room for each channel, which lists everything."""
        listed = [{"sku": sku, "position": n} for n, sku in enumerate(self.opening, 1)]
        for channel in ways:
            room = self.room(channel)
            await self.merchant.define_room(room, channel=channel, title=f"{self.merchant.pool}, {channel}")
            await self.merchant.list_in_room(room, listed)
            await self.merchant.change_room(room, status="live")

    async def close_rooms(self, ways: Mapping[str, Way]) -> None:
        """The shows are over: nobody watches them while the next strategy plays."""
        for channel in ways:
            await self.merchant.change_room(self.room(channel), status="ended")

    def room(self, channel: str) -> str:
        """The room of a channel."""
        return f"{self.merchant.pool}-{channel}"


class Customers:
    """The customers and the shop: what they did in each minute of the day, they do again, one after another."""

    def __init__(self, house: House, ways: Mapping[str, Way], url: str, tokens: Tokens) -> None:
        self._house = house
        self._ways = ways
        self._url = url
        self._tokens = tokens
        self._events: dict[int, list[Event]] = defaultdict(list)
        for event in house.day.events:
            self._events[int(event.at_s // 60)].append(event)
        self._selling = {
            channel: Selling(house.merchant, temper=Temper(), random=Random(0))  # all pay, at once
            for channel in ways
        }

    @property
    def notes(self) -> Notes:
        """What they were answered, all of them together."""
        return Notes.together(selling.notes for selling in self._selling.values())

    @property
    def tallies(self) -> Mapping[str, Mapping[str, SkuTally]]:
        """What they were answered in each channel, by SKU."""
        return {channel: selling.notes.tallies for channel, selling in self._selling.items()}

    def minutes(self) -> list[int]:
        """The minutes of the day at which the clock stops."""
        stops = set(self._events) | set(range(0, self._house.minutes, QUIET_MINUTES_MAX))
        return sorted(stops)

    async def act(self, minute: int) -> None:
        """Everything of one minute of the day."""
        for event in self._events[minute]:
            channel = channel_of(event.customer, self._ways)
            if event.kind is Kind.PURCHASE:
                await self._visit(channel, event)
            else:
                await self._selling[channel].manage(event)

    async def _visit(self, channel: str, event: Event) -> None:
        room = self._house.room(channel)
        token = self._tokens.mint(role=Role.VIEWER, user=event.customer, room=room, ttl_s=TOKEN_TTL_S)
        async with connect(self._url, room, token=token, policy=BY_HAND) as entered:
            await self._selling[channel].buy(entered, event)


def channel_of(customer: str, ways: Mapping[str, Way]) -> str:
    """Where a customer buys: always there, and the customers shared out as the ways say."""
    place = zlib.crc32(customer.encode()) % sum(way.customers for way in ways.values())
    for channel, way in ways.items():
        place -= way.customers
        if place < 0:
            return channel
    raise AssertionError("shares add up to all customers")


async def move_all(house: House, moves: Sequence[tuple[str, str, str, int, str, str]]) -> None:
    """Moves of the set-up: (key, kind, SKU, units, source, target); those of no units are left out."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, kind: str, sku: str, units: int, source: str, target: str) -> None:
        async with places:
            await house.merchant.move(kind, sku=sku, qty=units, source=source, target=target, key=key)

    async with asyncio.TaskGroup() as group:
        for move in moves:
            if move[3] > 0:
                group.create_task(one(*move))
