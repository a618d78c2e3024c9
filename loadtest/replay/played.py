"""A day played by one strategy, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
from day_clock import DayClock
from house import Customers, House
from shelfcast.commands.selling import GIVEN_BACK, SOLD
from shelfcast.http.api.auth import Tokens
from shelfcast.insight.reconciliation import reconcile, total
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast.sheets.orders import OrderDay
from shelfcast.stock.places import BATCH, CHANNEL, ELASTIC, POOL, SAFETY
from shelfcast_client.merchant import Merchant
from strategy import Strategy

WATCHING = frozenset({"open_batches", "watch_shows"})
"""Duties that must have seen each minute, whatever the strategy."""
BETWEEN_OWN_PLACES = frozenset({"allocate", "carve", "release_elastic", "open_batch", "close_batch", "undo"})
"""Ledger entries that move units from one place of the house to another."""
OPERATOR = "replay"


class Units(msgspec.Struct):
    """Units and what they are worth at the catalogue's prices, in minor units; `lines` are the order lines they had."""

    lines: int = 0
    units: int = 0
    minor: int = 0


class Played(msgspec.Struct, kw_only=True):
    """One strategy's day."""

    strategy: str
    title: str
    asked: Units
    sold: Units
    """What was paid, less what was given back."""
    refused: dict[str, Units]
    """By code."""
    left: dict[str, Units]
    """What is still there in the evening, by place."""
    moves: int
    """How often units went from one place of the house to another, after the morning; and how many units."""
    moved_units: int
    did: dict[str, int]
    differences: list[str]
    violations: list[str]
    took_s: float

    @property
    def ok(self) -> bool:
        """Whether the reconciliation balances and every invariant of the book holds."""
        return not self.differences and not self.violations


async def play(
    strategy: Strategy,
    *,
    url: str,
    data_dir: Path,
    settings: Settings,
    day: OrderDay,
    opening: Mapping[str, int],
    currency: str,
) -> Played:
    """The whole day on the server at `url`, in a pool named after the strategy, which must not be there yet."""
    began = time.monotonic()
    tokens = Tokens(settings)
    token = tokens.mint(role=Role.OPERATOR, user=OPERATOR, ttl_s=24 * 3600)
    duties = WATCHING | strategy.duties
    pool = strategy.name
    async with Merchant(url, token, pool) as merchant:
        await merchant.define_pool(rehearsal=True)
        async with DayClock(url, data_dir, pool, key_prefix=settings.key_prefix, duties=duties) as clock:
            house = House(merchant=merchant, clock=clock, day=day, opening=opening, currency=currency)
            await house.open_pool(f"Replay: {strategy.title}")
            for channel, way in strategy.ways.items():
                await merchant.define_channel(channel, **way.settings)
            await strategy.set_up(house)
            await house.open_rooms(strategy.ways)
            before = await merchant.buckets()
            morning = await _last_seq(merchant)
            customers = Customers(house, strategy.ways, url, tokens)
            for minute in customers.minutes():
                await clock.go_to(minute)
                await strategy.during(house, minute)
                await customers.act(minute)
            await clock.go_to(house.minutes)
            await strategy.end(house)
            await house.close_rooms(strategy.ways)
            return await _evening(house, strategy, customers, before, morning, began)


async def _evening(
    house: House,
    strategy: Strategy,
    customers: Customers,
    before: Mapping[str, dict[str, int]],
    morning: int,
    began: float,
) -> Played:
    merchant, notes = house.merchant, customers.notes
    after = await merchant.buckets()
    entries = [entry async for entry in merchant.ledger_entries(after=morning) if entry["kind"] in BETWEEN_OWN_PLACES]
    moves = [entry for entry in entries if entry["qty"]]  # a batch that closes empty says so
    audit = await merchant.audit()
    prices = {sku: good.price_minor for sku, good in house.day.goods.items()}
    ended = {
        name: Units(lines=outcome.lines, units=outcome.units, minor=notes.value_minor(name, prices))
        for name, outcome in notes.outcomes.items()
    }
    sold, back = ended.get(SOLD, Units()), ended.get(GIVEN_BACK, Units())
    asked = notes.tallies.items()
    return Played(
        strategy=strategy.name,
        title=strategy.title,
        asked=Units(
            lines=sum(ended[name].lines for name in ended if name == SOLD or name.isupper()),
            units=sum(tally.asked for _, tally in asked),
            minor=sum(tally.asked * prices[sku] for sku, tally in asked),
        ),
        sold=Units(lines=sold.lines, units=sold.units - back.units, minor=sold.minor - back.minor),
        refused={name: ended[name] for name in sorted(ended) if name.isupper()},
        left=_left(after, prices),
        moves=len(moves),
        moved_units=sum(abs(entry["qty"]) for entry in moves),
        did=dict(strategy.did),
        differences=list(total(reconcile(customers.tallies, before, after)).differences),
        violations=[f"{found['subject']}: {found['detail']}" for found in audit["violations"]],
        took_s=time.monotonic() - began,
    )


def _left(after: Mapping[str, dict[str, int]], prices: Mapping[str, int]) -> dict[str, Units]:
    """Units that nobody bought, by place; batches together."""
    units: Counter[str] = Counter()
    minor: Counter[str] = Counter()
    for sku, buckets in after.items():
        for place, count in buckets.items():
            if place in (POOL, ELASTIC, SAFETY) or place.startswith((CHANNEL, BATCH)):
                name = "batches" if place.startswith(BATCH) else place
                units[name] += count
                minor[name] += count * prices[sku]
    return {name: Units(units=units[name], minor=minor[name]) for name in sorted(units) if units[name]}


async def _last_seq(merchant: Merchant) -> int:
    last = 0
    async for entry in merchant.ledger_entries():
        last = entry["seq"]
    return last
