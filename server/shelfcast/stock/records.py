"""What is read from the stock book: rooms with their shelf, reservations, ledger entries."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from shelfcast.protocol.states import ReservationState
from shelfcast.stock.alerts import AlertRecord
from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import ChannelConfig, Listing, RoomConfig, SkuConfig
from shelfcast.stock.notices_and_cues import NoticesAndCues
from shelfcast.stock.show import BaseRow, ShowRecord

UNSAID = -1
"""An amount of money, in minor units, that nobody said."""


class Stream(StrEnum):
    """The two ledgers of a pool."""

    STOCK = "ledger"
    PRESALE = "presale"


def amount(stored: int) -> int | None:
    """An amount as the engine stores it, where -1 is one that nobody said."""
    return None if stored < 0 else stored


class ListedSku(Struct, array_like=True, frozen=True):
    """A SKU of a room: its terms there, its catalogue entry, its stock; its base row in the current or last show and
    the net units sold in that show. `base` is False where there is none: before the first show, or listed after it.
    """

    sku: str
    listing: Listing
    config: SkuConfig
    stock: SkuStock
    base: BaseRow | bool = False
    sold_in_show: int = 0

    @property
    def base_row(self) -> BaseRow | None:
        """The base row, None where there is none."""
        return self.base if isinstance(self.base, BaseRow) else None


class RoomView(Struct, array_like=True, frozen=True):
    """All a process needs to open a room, read in one call."""

    epoch: int
    seq: int
    at_ms: int
    room: RoomConfig
    channel: ChannelConfig
    skus: list[ListedSku]
    notices_and_cues: NoticesAndCues = NoticesAndCues()
    show: ShowRecord | bool = False
    """The current or last show; False before the first."""
    alerts: list[AlertRecord] = []
    """Those of that show that stand."""
    paces: list[tuple[str, float]] = []
    """Units a minute by SKU, where a minute of that show has ended."""
    pool_frozen: bool = False
    spreads: list[tuple[str, float, int]] = []
    """How far the minutes of each pace lie apart, and how many they are."""

    @property
    def stopped(self) -> bool:
        """Whether a flag of the room, its channel or the pool stops what is on the shelf."""
        return self.room.frozen or self.channel.frozen or self.pool_frozen

    @property
    def show_record(self) -> ShowRecord | None:
        """The current or last show, None before the first."""
        return self.show if isinstance(self.show, ShowRecord) else None


class UnitsPage(Struct, array_like=True, frozen=True):
    """The units of some SKUs, of one moment."""

    epoch: int
    seq: int
    at_ms: int
    rows: list[SkuStock]


class BatchUnits(NamedTuple):
    """Of one SKU in a batch: the units there now, those that holds and sales have taken from it, and those of them that
    are in live holds."""

    units: int
    taken: int
    holding: int


class Owed(Struct, array_like=True, frozen=True):
    """What is owed of a SKU: `oversold` units to orders of other platforms, and `unfilled` orders that are paid and
    have none. Suppliers and counts ever brought `came` units of it, of which counts `gained` some."""

    sku: str
    oversold: int
    unfilled: int
    came: int
    gained: int


class Flag(Struct, array_like=True, frozen=True):
    """A flag of a freeze that is set: since when, by whom, why, and by which action. `at_ms` is 0, and the rest empty,
    where a release of before has set it."""

    at_ms: int
    actor: str
    reason: str
    action: str


class Reservation(Struct, frozen=True, kw_only=True):
    """A reservation's record. `from_channel`, `from_batches` and `from_pool` are where its units came from; `left` the
    units still held or sold, `shipped` those gone out, `oversold` those an external platform sold beyond the stock."""

    id: str
    state: ReservationState
    sku: str
    qty: int
    user: str
    room: str
    channel: str
    expires_at_ms: int
    from_channel: int
    from_pool: int
    left: int
    shipped: int = 0
    oversold: int = 0
    from_batches: dict[str, int] = {}
    presale: bool = False
    external: bool = False
    reference: str = ""
    show: str = ""
    """The id of the show it was made in; empty where the room had none yet, and of another platform's order."""
    price_minor: int | None = None
    """Of one unit, when it was made; None of one that a release before version 7 of the library has made."""
    currency: str = ""
    """Of the price; where a payment said another one, that of what was paid."""
    window: str = "ever"
    """Where its units count for a customer's limit (stock/windows.py)."""
    paid_minor: int | None = None
    """What was paid for all its units; None where no payment said it."""
    refunded_minor: int = 0


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One entry of a pool's ledger: `qty` units of `sku` went from `source` to `target`.

    `seq` is its place in its own ledger, `pool_seq` in both together: what sockets call `seq`. From `room` on it tells
    of the reservation that it is about, and says nothing of others. What a release before version 7 of the library has
    written tells of the units that a reservation took their limit, and of those it was made with its room.
    """

    seq: int
    pool_seq: int
    at_ms: int
    id: str
    kind: str
    sku: str
    qty: int
    source: str
    target: str
    channel: str
    user: str
    reference: str
    actor: str
    reason: str
    room: str = ""
    show: str = ""
    price_minor: int | None = None
    """Of one unit, when the reservation was made."""
    currency: str = ""
    limit: int | None = None
    """The limit of a customer that these units were taken under."""
    window: str = ""
    """Where they count for it (stock/windows.py)."""
    paid_minor: int | None = None
    """What this very step says was paid, for the whole reservation."""
    refunded_minor: int | None = None
    """What went back with this very step."""
