"""One SKU on a room's shelf: its terms, its level, and which banner a change of its count deserves. Pure.

Rules: docs/rules.md#levels.
"""

from __future__ import annotations

from enum import Enum, auto

from msgspec import UNSET

from shelfcast.insight.tiers import tier_of
from shelfcast.protocol.from_server import Sale, SkuView, StockRow
from shelfcast.protocol.states import BannerKind, Level
from shelfcast.stock.configuration import Listing, SkuConfig
from shelfcast.stock.shelf import ShelfRow
from shelfcast.stock.show import BaseRow

_TIER_LEVELS = {20: Level.LOW, 10: Level.LOWER, 5: Level.LAST}
_REARM_SHARE = 10
"""`last_n` is announced again only after the count stood above N by a tenth of it (at least one unit)."""


class Availability(Enum):
    """What a viewer who wants one unit finds."""

    IN_STOCK = auto()
    ALL_HELD = auto()
    BATCH_WAITS = auto()
    SOLD_OUT = auto()


_BANNERS = {
    Availability.IN_STOCK: BannerKind.BACK_IN_STOCK,
    Availability.ALL_HELD: BannerKind.ALL_HELD,
    Availability.BATCH_WAITS: BannerKind.BATCH_EXHAUSTED,
    Availability.SOLD_OUT: BannerKind.SOLD_OUT,
}
"""What is announced where a viewer finds something else than before."""


def availability(row: ShelfRow) -> Availability:
    """Whether a unit is free, or may come back from a checkout, or comes with a batch, or none of these. What belongs
    to those who wait is as good as held."""
    if row.for_anybody > 0:
        return Availability.IN_STOCK
    if row.holding > 0 or row.available > 0:
        return Availability.ALL_HELD
    return Availability.SOLD_OUT if row.next_batch_at_ms is None else Availability.BATCH_WAITS


def level(row: ShelfRow, last_n: int) -> Level:
    """The row's level; the tiers are those of the stock alerts (`insight.tiers`)."""
    if row.frozen:
        return Level.FROZEN
    if row.for_anybody <= 0:
        return Level.ALL_HELD if row.holding > 0 or row.available > 0 else Level.SOLD_OUT
    if row.available <= last_n:
        return Level.LAST
    tier = tier_of(row.available, row.offered)
    return Level.OK if tier is None else _TIER_LEVELS[tier]


class Shelf:
    """One SKU of one room. `row` is what the book says now, `shown` what the viewers were told last; `base` is its base
    row in the room's show, which stays as it is while the show is on."""

    __slots__ = ("_announced", "_last_n", "_last_n_rung", "_view", "base", "catalogue", "level", "listing", "opened",
                 "row", "shown", "shown_level", "sku", "waiting", "waiting_shown")  # fmt: skip

    def __init__(
        self,
        sku: str,
        listing: Listing,
        catalogue: SkuConfig,
        row: ShelfRow,
        last_n: int,
        base: BaseRow | None = None,
    ) -> None:
        self.sku = sku
        self.catalogue = catalogue
        self.row = row
        self.base = base
        self.opened = False
        self._view: SkuView | None = None
        self.listing = listing
        self._last_n = last_n
        self.level = level(row, last_n)
        self.shown = row
        self.shown_level = self.level
        self._announced = availability(row)
        self._last_n_rung = row.for_anybody <= last_n
        self.waiting = self.waiting_shown = 0
        """How many people wait in this room, now and as the viewers were told last."""

    @property
    def opens_at_ms(self) -> int:
        """When its sale window opens; 0 where it is not limited."""
        return self.listing.opens_at_ms or 0

    def put(self, row: ShelfRow) -> bool:
        """Take the book's new values. True when the level differs from the one the viewers know."""
        self.row = row
        self.level = level(row, self._last_n)
        self._view = None
        return self.level is not self.shown_level

    def wait(self, people: int) -> bool:
        """So many people wait in this room now. True when it is another number than the one before."""
        differs = people != self.waiting
        if differs:
            self.waiting = people
            self._view = None
        return differs

    @property
    def available(self) -> int:
        """How many units the viewers see as available."""
        return self.row.for_anybody

    def change_terms(self, listing: Listing, catalogue: SkuConfig, last_n: int) -> bool:
        """Take new terms. True when something of them that viewers see has changed."""
        before = self.sale()
        self.listing = listing
        self.catalogue = catalogue
        self._last_n = last_n
        self.level = level(self.row, last_n)
        self._view = None
        return self.sale() != before

    def show(self) -> tuple[StockRow | None, BannerKind | None]:
        """What the viewers are to be told now: the row when it differs from the last one, and at most one banner."""
        banner = self._banner()
        row, shown = self.row, self.shown
        counts, shown_counts = (row.for_anybody, row.holding), (shown.for_anybody, shown.holding)
        differs = self.level is not self.shown_level or counts != shown_counts
        self.shown = row
        self.shown_level = self.level
        return ((self.sku, row.for_anybody, row.holding, self.level) if differs else None), banner

    def inherit(self, former: Shelf) -> None:
        """Go on from what the viewers were told of this SKU before the state was read anew."""
        self.shown = former.shown
        self.shown_level = former.shown_level
        self._announced = former._announced
        self._last_n_rung = former._last_n_rung
        self.opened = self.opened and former.opened

    def view(self) -> SkuView:
        """The SKU as a snapshot shows it."""
        if self._view is None:
            terms = self.sale()
            self._view = SkuView(
                sku=self.sku,
                title=terms.title,
                price_minor=terms.price_minor,
                currency=terms.currency,
                available=self.available,
                held=self.row.holding,
                level=self.level,
                limit_per_user=terms.limit_per_user,
                opens_at_ms=terms.opens_at_ms,
                closes_at_ms=terms.closes_at_ms,
                link=terms.link,
                image_url=terms.image_url,
                next_batch_at_ms=terms.next_batch_at_ms,
                waiting=self.waiting or UNSET,
            )
        return self._view

    def sale(self) -> Sale:
        """The terms that viewers see; what the listing leaves open comes from the catalogue."""
        listing = self.listing
        return Sale(
            sku=self.sku,
            title=listing.title or self.catalogue.title,
            price_minor=listing.price_minor if listing.price_minor >= 0 else self.catalogue.price_minor,
            currency=listing.currency or self.catalogue.currency,
            limit_per_user=listing.limit_per_user,
            opens_at_ms=listing.opens_at_ms,
            closes_at_ms=listing.closes_at_ms,
            link=UNSET if listing.link is None else listing.link,
            image_url=self.catalogue.image_url or UNSET,
            next_batch_at_ms=UNSET if self.row.next_batch_at_ms is None else self.row.next_batch_at_ms,
        )

    def certainly_sold_out(self) -> bool:
        """Whether no reservation can succeed: nothing is free, held or waiting in a batch or for one, and no freeze
        hides it."""
        row = self.row
        return row.available <= 0 and row.holding <= 0 and row.locked <= 0 and row.kept <= 0 and not row.frozen

    def _banner(self) -> BannerKind | None:
        """Compare with what was announced before. A frozen SKU announces nothing until it is sold again."""
        row, before = self.row, self.shown
        if row.frozen:
            return None
        now, announced = availability(row), self._announced
        self._announced = now
        fell_to_last_n = self._ring_last_n()
        got_more = row.locked < before.locked and row.for_anybody > before.for_anybody
        if now is Availability.IN_STOCK and (got_more or row.batches - before.batches):
            return BannerKind.BATCH_OPEN
        if now is not announced:
            return _BANNERS[now]
        return BannerKind.LAST_N if fell_to_last_n else None

    def _ring_last_n(self) -> bool:
        available, last_n = self.available, self._last_n
        if available > last_n + max(1, last_n // _REARM_SHARE):
            self._last_n_rung = False
        elif 0 < available <= last_n and not self._last_n_rung:
            self._last_n_rung = True
            return True
        return False
