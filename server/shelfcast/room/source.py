"""Where a room sells from and what stops it: how its rows follow from a SKU's stock, and how it stands with those who
wait. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.room.places import Queue
from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import ChannelConfig, ChannelKind, RoomConfig
from shelfcast.stock.records import RoomView
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shelfcast.stock.show import BaseRow


class Source:
    """A room's configuration, its channel's, and the flags over its shelf."""

    __slots__ = ("_frozen_skus", "_room", "channel", "config", "pool_frozen")

    def __init__(self, room: str) -> None:
        self._room = room
        self.config = RoomConfig()
        self.channel = ChannelConfig()
        self.pool_frozen = False
        self._frozen_skus: set[str] = set()
        """SKUs of the shelf whose own flag is set."""

    def reset(self, view: RoomView) -> None:
        """Begin anew."""
        self.config, self.channel, self.pool_frozen = view.room, view.channel, view.pool_frozen
        self._frozen_skus.clear()

    def row(self, stock: SkuStock, base: BaseRow | None, sold_in_show: int, *, presale: bool) -> ShelfRow:
        """The row of a SKU on the shelf, from its stock; see `stock.shelf`."""
        if stock.frozen:
            self._frozen_skus.add(stock.sku)
        else:
            self._frozen_skus.discard(stock.sku)
        row = shelf_row(
            stock,
            self.config.channel,
            self.channel.kind,
            presale=presale,
            base=base,
            sold_in_show=sold_in_show,
            stopped=self._stopped,
            settings=self.channel,
        )
        return row._replace(withheld=self._withheld(row, frozen=row.frozen))

    def stop(self, sku: str, row: ShelfRow) -> ShelfRow | None:
        """The row of a SKU under the flags and the room's status as they are now; None where it is the same."""
        frozen = self._stopped or sku in self._frozen_skus
        stopped = row._replace(frozen=frozen, withheld=self._withheld(row, frozen=frozen))
        return None if (stopped.frozen, stopped.withheld) == (row.frozen, row.withheld) else stopped

    def queue(self, row: ShelfRow) -> Queue:
        """How it stands with those who wait for the SKU of this row here."""
        of = self.config.channel if self.channel.kind is ChannelKind.DEDICATED else ""
        edges: Sequence[int] = next((edges for source, edges in row.waitlist.edges if source == of), [])
        # In the order in which the book refuses a reservation.
        if self.config.status is RoomStatus.PAUSED:
            return edges, Code.PAUSED
        return edges, Code.FROZEN if row.frozen else None

    @property
    def _stopped(self) -> bool:
        """Whether a flag of the room, its channel or the pool stops the whole shelf."""
        return self.config.frozen or self.channel.frozen or self.pool_frozen

    def _withheld(self, row: ShelfRow, *, frozen: bool) -> bool:
        """Whether the units that are free belong to those who wait. Where nothing is given at the moment, as the room
        is paused or something is frozen, they will have them first when it goes on."""
        stopped = frozen or self.config.status is RoomStatus.PAUSED
        return row.waitlist.serving or (stopped and row.waitlist.people(self._room) > 0)
