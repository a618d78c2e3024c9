"""How a room's numbers follow from a SKU's stock: the one place that says what is available.

Rules: docs/rules.md#selling, docs/rules.md#indicators.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shelfcast.stock.changes import NOBODY, OpenBatch, SkuStock, Waitlist
from shelfcast.stock.configuration import ChannelConfig, ChannelKind, LowMark
from shelfcast.stock.places import BATCH, CHANNEL, POOL, PRESALE
from shelfcast.stock.show import BaseRow

NOTHING: Mapping[str, int] = {}


class ShelfRow(NamedTuple):
    """One SKU on one room's shelf, in units.

    `held` and `sold` are the room's own channel's, `sold` what is paid and not shipped. `locked` waits in batches that
    this room may draw from once they open, `kept` in the pool until an exclusive batch is over. The others look at the
    places the room sells from now, whoever sells from them: `offered` is what there was to sell since the show began
    (0: nothing, or no show yet), `holding` is in live holds, `taken` is what holds and sales ever took, by place.
    `sold_in_show` are the net units paid in this show. `batches` are the open ones with units that it sells from, and
    `next_batch_at_ms` is when more comes, as the next one opens that has the SKU, or an exclusive one gives the pool
    free: 0 where that is by hand, None where nothing waits. `waitlist` is who waits for some of it, in all rooms;
    `withheld` says that the units that are free belong to them.
    """

    available: int
    held: int
    sold: int
    frozen: bool
    locked: int
    offered: int = 0
    holding: int = 0
    sold_in_show: int = 0
    taken: Mapping[str, int] = NOTHING
    kept: int = 0
    batches: frozenset[str] = frozenset()
    next_batch_at_ms: int | None = None
    waitlist: Waitlist = NOBODY
    withheld: bool = False

    @property
    def for_anybody(self) -> int:
        """What is available to whoever comes."""
        return 0 if self.withheld else self.available

    @property
    def taken_units(self) -> int:
        """What holds and sales ever took from the places it sells from now."""
        return sum(self.taken.values())


class _Place(NamedTuple):
    """A place that a room sells from: its units, its counters, and what had been taken from it when the show began."""

    name: str
    units: int
    taken: int
    holding: int
    taken_before: int = 0


def serving(stock: SkuStock, channel: str, kind: ChannelKind) -> list[OpenBatch]:
    """The open batches of a SKU that a room on `channel` draws from, in the order of drawing."""
    shared = kind is ChannelKind.SHARED
    found = [batch for batch in stock.batches if batch.channel == channel or (shared and not batch.channel)]
    return sorted(found, key=lambda batch: (batch.closes_at_ms or float("inf"), batch.name))


def _places(stock: SkuStock, channel: str, kind: ChannelKind, base: BaseRow | None, *, presale: bool) -> list[_Place]:
    """What the kind of its channel gives a room, in the order of drawing."""
    if presale:
        before = base.presale if base else 0
        return [_Place(PRESALE, stock.presale, stock.presale_taken, stock.presale_holding, before)]
    own = stock.in_channel(channel)
    places = [_Place(CHANNEL + channel, own.allocated, own.taken, own.holding, base.own if base else 0)]
    keeps_pool = False
    for batch in serving(stock, channel, kind) if stock.batches else ():
        before, _ = base.batches.get(batch.name, (0, 0)) if base else (0, 0)
        places.append(_Place(BATCH + batch.name, batch.units, batch.taken, batch.holding, before))
        keeps_pool = keeps_pool or batch.keeps_pool
    if kind is ChannelKind.SHARED and not keeps_pool:
        places.append(_Place(POOL, stock.pool, stock.pool_taken, stock.pool_holding, base.pool if base else 0))
    return places


def _below_low_mark(
    places: list[_Place], stock: SkuStock, base: BaseRow | None, settings: ChannelConfig
) -> list[_Place]:
    """The places of a channel that has come below its low mark, without the units that are kept there for others. The
    places stay, so that what was taken from them does."""
    if settings.low_mark is LowMark.STOP:
        return [place._replace(units=0) for place in places]
    if settings.low_mark is LowMark.FIXED:
        return [place._replace(units=0) if place.name == POOL else place for place in places]
    drawn = {place.name for place in places}
    if POOL in drawn or any(batch.keeps_pool and BATCH + batch.name in drawn for batch in stock.batches):
        return places
    return [*places, _Place(POOL, stock.pool, stock.pool_taken, stock.pool_holding, base.pool if base else 0)]


def shelf_row(
    stock: SkuStock,
    channel: str,
    kind: ChannelKind,
    *,
    presale: bool,
    base: BaseRow | None = None,
    sold_in_show: int = 0,
    stopped: bool = False,
    settings: ChannelConfig | None = None,
) -> ShelfRow:
    """What a room on `channel` can sell of a SKU.

    It sells its channel's own units, then those of the open batches that serve it; a shared one then the pool's, unless
    one of those batches is exclusive. A presale listing sells the presale quota and nothing that is on hand. `base` is
    the SKU's in the room's show, None without one. What the room, its
    channel or the pool has `stopped` is frozen as what is so itself. `settings` are the channel's, for its low mark.
    """
    own, shared = stock.in_channel(channel), kind is ChannelKind.SHARED
    places = _places(stock, channel, kind, base, presale=presale)
    keeps_pool = shared and places[-1].name != POOL
    low_mark = None if presale or settings is None else settings.low_mark_units
    if settings is not None and low_mark is not None and sum(place.units for place in places) < low_mark:
        places = _below_low_mark(places, stock, base, settings)
    available = sum(place.units for place in places)
    held, sold = (own.presale_held, own.presale_sold) if presale else (own.held, own.sold)
    locked = kept = 0
    next_batch_at_ms = None
    if not presale and (stock.locked or stock.batches):
        locked = own.locked + (stock.pool_locked if shared else 0)
        kept = stock.pool if keeps_pool else 0
        times = [at for of, at in stock.openings if of == channel or (shared and not of)]
        if kept > 0:
            times += [batch.closes_at_ms for batch in serving(stock, channel, kind) if batch.keeps_pool]
        next_batch_at_ms = min((at for at in times if at), default=0) if times else None
    return ShelfRow(
        available=available,
        held=held,
        sold=sold,
        frozen=stock.frozen or stopped,
        locked=locked,
        offered=available + sum(place.taken - place.taken_before for place in places) if base else 0,
        # Holds of before the counters are in none of them: of those the channel's own are seen.
        holding=max(sum(place.holding for place in places), held),
        sold_in_show=sold_in_show,
        taken={place.name: place.taken for place in places},
        kept=kept,
        batches=frozenset(place.name for place in places if place.name.startswith(BATCH) and place.units > 0),
        next_batch_at_ms=next_batch_at_ms,
        waitlist=stock.waitlist,
        withheld=stock.waitlist.serving,
    )


def taken_at_base(base: BaseRow, channel: str, kind: ChannelKind, *, presale: bool) -> dict[str, int]:
    """What `ShelfRow.taken` was when the base row was made."""
    if presale:
        return {PRESALE: base.presale + base.presale_held}
    taken = {CHANNEL + channel: base.own + base.own_held}
    if kind is ChannelKind.SHARED:
        taken[POOL] = base.pool + base.pool_held
    return taken | {BATCH + name: before + held for name, (before, held) in base.batches.items()}


def units_since(before: Mapping[str, int], now: Mapping[str, int]) -> int:
    """Units that were taken between two rows' `taken` from the places of the later one. One that the earlier one had
    not counts with all that was taken from it where it is a batch, which has opened meanwhile, and else from here on.
    """
    return sum(taken - before.get(place, 0 if place.startswith(BATCH) else taken) for place, taken in now.items())
