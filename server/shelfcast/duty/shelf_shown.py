"""What the pages show of a shelf besides its numbers, for a show's minutes. Pure."""

from __future__ import annotations

from shelfcast.duty.show_minutes import OnShelf
from shelfcast.insight.series import SkuTerms
from shelfcast.room.shelf import Shelf
from shelfcast.room.state import RoomState
from shelfcast.stock.configuration import Listing, SkuConfig


class ShelfShown:
    """Looks at a room once a minute. Most terms are as they were: they are made anew where they are not."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Listing, SkuConfig, SkuTerms]] = {}

    def of(self, state: RoomState) -> OnShelf:
        """What the pages show now."""
        notice = state.notices_and_cues.notice
        return OnShelf(
            {sku: shelf.level.value for sku, shelf in state.shelves.items()},
            {sku: self._terms(shelf, place) for place, (sku, shelf) in enumerate(state.shelves.items(), 1)},
            "" if notice is None else notice.text,
        )

    def _terms(self, shelf: Shelf, place: int) -> SkuTerms:
        made = self._made.get(shelf.sku)
        if made is not None and made[0] is shelf.listing and made[1] is shelf.catalogue and made[2].place == place:
            return made[2]
        sale = shelf.sale()
        terms = SkuTerms(place, shelf.listing.link or 0, sale.title, sale.price_minor, sale.currency)
        self._made[shelf.sku] = shelf.listing, shelf.catalogue, terms
        return terms
