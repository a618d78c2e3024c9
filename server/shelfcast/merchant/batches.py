"""Batches: what becomes of one by the clock, what is in it, and filling it from the pool.

Rules: docs/rules.md#batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.merchant.catalogue import opening_id
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig
from shelfcast.stock.operations import Move, MoveKind
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import BATCH, CHANNEL, POOL
from shelfcast.stock.records import BatchUnits

FILL = "fill_batch"
"""The kind of the action that puts units of several SKUs into a batch."""


class BatchState(StrEnum):
    """What a batch is at a moment of the engine's clock. `missed` is closed, and its whole window went by while no
    server looked."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    MISSED = "missed"


class View(NamedTuple):
    """A batch at a moment: its state, its units by SKU, and when the next batch behind it opens for the same channel
    (None: none is planned with a time)."""

    config: BatchConfig
    state: BatchState
    units: Mapping[str, BatchUnits]
    next_opens_at_ms: int | None


def state_of(batch: BatchConfig, now_ms: int) -> BatchState:
    """What a batch is, as the book sees it: its clock decides, whether or not a look has noted it by now."""
    if batch.missed:
        return BatchState.MISSED
    if batch.closed_at_ms > 0 or (batch.closes_at_ms is not None and batch.closes_at_ms <= now_ms):
        return BatchState.CLOSED
    has_come = batch.opens_at_ms is not None and batch.opens_at_ms <= now_ms
    return BatchState.OPEN if batch.opened_at_ms > 0 or has_come else BatchState.PLANNED


def next_opening_ms(batch: BatchConfig, others: Iterable[BatchConfig], now_ms: int) -> int | None:
    """When the next planned batch opens that serves the same channel, behind this one where it waits for its own
    time."""
    after = max(now_ms, batch.opens_at_ms or 0)
    planned = [
        other for other in others if other.serves == batch.serves and state_of(other, now_ms) is BatchState.PLANNED
    ]
    times = [other.opens_at_ms for other in planned if other.opens_at_ms is not None]
    return min((at for at in times if at > after), default=None)


async def view(book: StockBook, name: str) -> View | None:
    """One batch; None where there is no such batch. Raises EngineError."""
    configs = await book.batches()
    return await _view(book, name, configs, await book.now_ms()) if name in configs else None


async def views(book: StockBook) -> dict[str, View]:
    """All batches, by name. Raises EngineError."""
    configs, now_ms = await book.batches(), await book.now_ms()
    found = await asyncio.gather(*[_view(book, name, configs, now_ms) for name in configs])
    return dict(zip(configs, found, strict=True))


async def _view(book: StockBook, name: str, configs: Mapping[str, BatchConfig], now_ms: int) -> View:
    config = configs[name]
    # A closed one has given away what it had, and counts no more.
    units = {} if config.closed_at_ms > 0 else await book.batch_units(name)
    return View(config, state_of(config, now_ms), units, next_opening_ms(config, configs.values(), now_ms))


def check_window(config: Mapping[str, object]) -> None:
    """Refuse what contradicts itself whatever the batch is. `config` are the fields that are given. Raises
    InvalidInput."""
    target, channel = config.get("target"), config.get("channel")
    if isinstance(target, str) and channel and target != f"{CHANNEL}{channel}":
        raise InvalidInput("expected none beside a channel: it says what releases of before called it", field="target")


async def fill(book: StockBook, batch: str, units: Mapping[str, int], key: str, *, actor: str) -> dict[str, Outcome]:
    """Move units of the pool into the batch, of each SKU once under this key; an outcome each. It is no transaction:
    where one is refused, the same call may be made again."""
    by = By(key, actor, "", FILL) if len(units) > 1 else None
    place = BATCH + batch
    moves = [
        Move(opening_id(key, sku), MoveKind.CARVE, sku, qty, POOL, place, actor, by=by) for sku, qty in units.items()
    ]
    return dict(zip(units, await asyncio.gather(*map(book.apply, moves)), strict=True))


async def sku_of_link(book: StockBook, room: str, link: int) -> str | None:
    """The SKU that the room lists under a number; None where it lists none."""
    return next((sku for sku, listing in (await book.listings(room)).items() if listing.link == link), None)
