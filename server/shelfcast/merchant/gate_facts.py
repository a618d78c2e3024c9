"""What the checklist of a room goes by, from the book: a few engine calls, however many SKUs the room has.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from shelfcast.insight.checks.facts import BatchFacts, Elsewhere, RoomFacts, SkuFacts, WaitingBatch
from shelfcast.insight.checks.wording import HOUR_MS, MINUTE_MS
from shelfcast.insight.reserves import Shares, reserves
from shelfcast.merchant.buffers import shares_of
from shelfcast.merchant.days import date_of
from shelfcast.merchant.gate_records import Records, read_records, read_some, with_records
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import (
    EXPIRY_DAYS,
    LINK_MAX,
    BatchConfig,
    ChannelConfig,
    ChannelKind,
    ElasticMode,
    PoolConfig,
    RoomConfig,
    SkuConfig,
    Slot,
    sku_of_slot,
)
from shelfcast.stock.reading.book_keys import SCAN_COUNT
from shelfcast.stock.records import ListedSku, RoomView
from shelfcast.stock.shelf import shelf_row

_NEW_ROOM = RoomConfig()
UNPLANNED_SHOW_MS = 24 * HOUR_MS
"""A show without planned minutes: what opens so long after its beginning may still be a part of it."""


class Read(NamedTuple):
    """What was read once of a room and its pool."""

    view: RoomView
    shares: Shares
    channels: Mapping[str, ChannelConfig]
    facts: RoomFacts
    slots: Mapping[str, int | None]
    """The SKUs of the run order, each with the units that are expected to go; None where that is not said."""
    free_link: int | None
    records: Records


async def read_room(book: StockBook, room: str, becoming: Mapping[str, Any]) -> Read | None:
    """The room with its whole shelf, as it is when a write has set the fields `becoming`; None where there is none, and
    that write makes none. Raises EngineError."""
    found, pool, channels, batches = await asyncio.gather(
        book.room_view(room), book.pool_config(), book.channels(), book.batches()
    )
    view = await _as_it_becomes(book, found, becoming, channels, pool)
    if view is None:
        return None
    config, now_ms = view.room, view.at_ms
    records = await read_records(book, date_of(now_ms, pool.time_zone), now_ms)
    shared = view.channel.kind is ChannelKind.SHARED
    start_ms = config.planned_start_ms
    end_ms = None
    if start_ms is not None and config.planned_minutes is not None:
        end_ms = start_ms + config.planned_minutes * MINUTE_MS
    flags = (("room", config.frozen), ("channel", view.channel.frozen), ("pool", view.pool_frozen))
    begins_ms = now_ms if start_ms is None else max(now_ms, start_ms)
    opening = {
        name: batch
        for name, batch in batches.items()
        if _serves(batch.serves, config.channel, shared=shared)
        and _opens_until(batch, now_ms, begins_ms + UNPLANNED_SHOW_MS if end_ms is None else end_ms)
    }
    facts = RoomFacts(
        room=room,
        channel=config.channel,
        shared=shared,
        now_ms=now_ms,
        listed=len(view.skus),
        slots=len(config.run_order),
        planned_start_ms=start_ms,
        planned_end_ms=end_ms,
        frozen=tuple(name for name, is_set in flags if is_set),
        batches=tuple([fact async for fact in _batch_facts(book, view, opening)]),
        currency=pool.currency,
        expiry_days=EXPIRY_DAYS if pool.expiry_days is None else pool.expiry_days,
        hears_erp=records.hears_erp,
    )
    taken = {listed.listing.link for listed in view.skus}
    free_link = next((link for link in range(1, LINK_MAX + 1) if link not in taken), None)
    return Read(view, shares_of(pool), channels, facts, _slots(config.run_order), free_link, records)


async def read_skus(book: StockBook, read: Read, skus: Sequence[str]) -> Iterator[SkuFacts]:
    """The facts of some SKUs of the room's shelf and run order, at most SCAN_COUNT, in the order given. Raises
    EngineError."""
    listed = {row.sku: row for row in read.view.skus}
    some, configs = await asyncio.gather(
        read_some(book, read.records, skus), book.sku_configs([sku for sku in skus if sku not in listed])
    )
    return (
        with_records(_listed_facts(read, listed[sku]), read.records, some)
        if sku in listed
        else _unlisted_facts(read, sku, configs.get(sku))
        for sku in skus
    )


def skus_of(read: Read) -> list[str]:
    """The SKUs of a room, in the order of its shelf, and behind them those that stand in its run order alone."""
    rows = sorted(read.view.skus, key=lambda row: (row.listing.position, row.sku))
    listed = {row.sku for row in rows}
    return [row.sku for row in rows] + [sku for sku in read.slots if sku not in listed]


def pages(skus: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at a time as are read at once."""
    return (skus[first : first + SCAN_COUNT] for first in range(0, len(skus), SCAN_COUNT))


async def _as_it_becomes(
    book: StockBook,
    view: RoomView | None,
    becoming: Mapping[str, Any],
    channels: Mapping[str, ChannelConfig],
    pool: PoolConfig,
) -> RoomView | None:
    if not becoming:
        return view
    if view is None:
        epoch, seq, now_ms = await book.clock()
        view = RoomView(epoch, seq, now_ms, RoomConfig(), ChannelConfig(), [], pool_frozen=pool.frozen)
    said = {name: value for name, value in becoming.items() if value is not None}
    cleared = {name: getattr(_NEW_ROOM, name) for name in becoming if name not in said}
    fields = {**msgspec.to_builtins(view.room), **cleared, **said}
    room = msgspec.convert(msgspec.to_builtins(fields), RoomConfig)
    return replace(view, room=room, channel=channels.get(room.channel, ChannelConfig()))


# --- parts -------------------------------------------------------------------------------------------------------


def _slots(run_order: Sequence[str | Slot]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for slot in run_order:
        sku, units = sku_of_slot(slot), None if isinstance(slot, str) else slot.expected_units
        before = found.get(sku)
        found[sku] = before if units is None else (before or 0) + units
    return found


def _serves(channel: str, own: str, *, shared: bool) -> bool:
    """Whether a batch that serves this channel (empty: all shared ones) is drawn from by a room on `own`."""
    return channel == own or (shared and not channel)


def _opens_until(batch: BatchConfig, now_ms: int, end_ms: int) -> bool:
    """Whether it opens by itself from now on until then."""
    opens_ms = batch.opens_at_ms
    return opens_ms is not None and now_ms < opens_ms < end_ms and not batch.opened_at_ms and not batch.closed_at_ms


async def _batch_facts(
    book: StockBook, view: RoomView, opening: Mapping[str, BatchConfig]
) -> AsyncIterator[BatchFacts]:
    """The batches that open during the show, the first to open first."""
    inside: dict[str, list[int]] = {name: [] for name in opening}
    for row in view.skus:
        for name, _, units in row.stock.set_aside.batches:
            if name in inside and units > 0:
                inside[name].append(units)
    for name, batch in sorted(opening.items(), key=lambda item: (item[1].opens_at_ms or 0, item[0])):
        held = inside[name]
        # One that has units of other rooms' SKUs alone is no concern of this one.
        if held or not any(units.units > 0 for units in (await book.batch_units(name)).values()):
            yield BatchFacts(batch=name, opens_at_ms=batch.opens_at_ms or 0, skus=len(held), units=sum(held))


def _listed_facts(read: Read, row: ListedSku) -> SkuFacts:
    room, listing, config, stock = read.facts, row.listing, row.config, row.stock
    kind = read.view.channel.kind
    shelf = shelf_row(stock, room.channel, kind, presale=listing.presale, settings=read.view.channel)
    opening = {batch.batch for batch in room.batches}
    mine = [
        (name, units)
        for name, channel, units in stock.set_aside.batches
        if units > 0 and _serves(channel, room.channel, shared=room.shared)
    ]
    aside = reserves(
        stock.pool + sum(units.allocated for units in stock.channels), read.shares, safety_units=config.safety_units
    )
    rule = config.rule
    return SkuFacts(
        sku=row.sku,
        title=listing.title or config.title,
        link=listing.link,
        free_link=read.free_link,
        in_run_order=row.sku in read.slots,
        presale=listing.presale,
        available=shelf.available + (0 if listing.presale else sum(n for name, n in mine if name in opening)),
        expected_units=read.slots.get(row.sku),
        pool=stock.pool,
        elastic=stock.elastic[0],
        elastic_mode=(rule.mode if rule is not None else ElasticMode.OFF).value,
        batches=tuple(WaitingBatch(batch=name, units=units) for name, units in mine if name not in opening),
        elsewhere=tuple(_elsewhere(read, stock)),
        safety=stock.set_aside.safety,
        safety_wanted=aside.safety,
        held=sum(units.held for units in stock.channels),
        sold=sum(units.sold for units in stock.channels),
        unsellable=stock.set_aside.unsellable,
        free=_free(stock),
        frozen=stock.frozen,
        price_minor=listing.price_minor if listing.price_minor >= 0 else config.price_minor,
        currency=listing.currency or config.currency,
        opens_at_ms=listing.opens_at_ms,
        closes_at_ms=listing.closes_at_ms,
        limit_per_user=listing.limit_per_user,
        limit_window=listing.limit_window,
    )


def _unlisted_facts(read: Read, sku: str, config: SkuConfig | None) -> SkuFacts:
    title = config.title if config else ""
    return SkuFacts(sku=sku, title=title, listed=False, in_run_order=True, expected_units=read.slots.get(sku))


def _elsewhere(read: Read, stock: SkuStock) -> Iterator[Elsewhere]:
    """What other channels have for themselves, above the units that each keeps whatever happens."""
    for units in stock.channels:
        config = read.channels.get(units.channel)
        above = units.allocated - ((config.floor_units or 0) if config is not None else 0)
        if units.channel != read.facts.channel and above > 0:
            yield Elsewhere(channel=units.channel, units=above)


def _free(stock: SkuStock) -> int:
    """Units that nobody holds or has bought, wherever they are on hand."""
    closed = sum(units for _, _, units in stock.set_aside.batches)
    opened = sum(batch.units for batch in stock.batches)
    own = sum(units.allocated for units in stock.channels)
    return stock.pool + stock.set_aside.safety + stock.elastic[0] + own + closed + opened
