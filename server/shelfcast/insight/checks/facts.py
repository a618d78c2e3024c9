"""What a checklist goes by: facts of a room, and of each SKU of it. Units are whole ones, times milliseconds since 1970
by the engine's clock."""

from __future__ import annotations

from msgspec import Struct


class BatchFacts(Struct, frozen=True, kw_only=True):
    """A batch that the room draws from, and that opens while the show is planned: how many SKUs and units are in it."""

    batch: str
    opens_at_ms: int
    skus: int
    units: int


class RoomFacts(Struct, frozen=True, kw_only=True):
    """A room before its show. Without a plan its times are None. `frozen` are the flags over it that are set: room,
    channel, pool. `expiry_days` and `currency` are the pool's; `hears_erp` says whether an ERP has ever said what is on
    hand of anything."""

    room: str
    channel: str
    shared: bool
    now_ms: int
    listed: int
    slots: int
    planned_start_ms: int | None = None
    planned_end_ms: int | None = None
    frozen: tuple[str, ...] = ()
    batches: tuple[BatchFacts, ...] = ()
    currency: str = ""
    expiry_days: int = 0
    hears_erp: bool = False

    @property
    def start_ms(self) -> int:
        """When the show begins: as planned, or now."""
        return self.now_ms if self.planned_start_ms is None else max(self.now_ms, self.planned_start_ms)


class WaitingBatch(Struct, frozen=True, kw_only=True):
    """Units of a SKU in a batch that the room may draw from, and that does not open by itself before the show ends."""

    batch: str
    units: int


class Elsewhere(Struct, frozen=True, kw_only=True):
    """Units of a SKU that another channel has for itself, above its floor."""

    channel: str
    units: int


class LotFacts(Struct, frozen=True, kw_only=True):
    """Units of a lot that may still lie here, and how many days it has left; below zero it has expired."""

    lot: str
    expires_on: str
    units: int
    days_left: int


class ErpFacts(Struct, frozen=True, kw_only=True):
    """What an ERP has said is on hand, and what the book had then."""

    at_ms: int
    units: int
    on_hand: int


class CountedFacts(Struct, frozen=True, kw_only=True):
    """The last count that was applied."""

    at_ms: int
    count: str
    counted: int


class OpenCountFacts(Struct, frozen=True, kw_only=True):
    """A count that the SKU is on. `difference` is None while nobody may know it."""

    count: str
    state: str
    in_review: bool = False
    difference: int | None = None


class SkuFacts(Struct, frozen=True, kw_only=True):
    """A SKU that the room lists, or that stands in its run order.

    `available` is what the room can sell from the beginning, batches included that open by themselves before the show
    ends; `expected_units` what the run order plans of it, None where it plans nothing. `pool`, `elastic`, `batches` and
    `elsewhere` are what could be given besides. `held`, `sold` and `unsellable` are those of the whole pool, `free` how
    many could be made unsellable. `safety_wanted` is the buffer that it should have. `oversold` are units owed to other
    platforms, `unfilled` orders that are paid and have none. `received_at_ms`: all its units came since then, by
    receipts that two people counted.
    """

    sku: str
    title: str = ""
    link: int | None = None
    free_link: int | None = None
    """The lowest link number that no listing of the room has."""
    listed: bool = True
    in_run_order: bool = False
    presale: bool = False
    available: int = 0
    expected_units: int | None = None
    pool: int = 0
    elastic: int = 0
    elastic_mode: str = "off"
    batches: tuple[WaitingBatch, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    safety: int = 0
    safety_wanted: int = 0
    held: int = 0
    sold: int = 0
    unsellable: int = 0
    free: int = 0
    frozen: bool = False
    price_minor: int = 0
    currency: str = ""
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    limit_per_user: int | None = None
    limit_window: str = ""
    oversold: int = 0
    unfilled: int = 0
    lots: tuple[LotFacts, ...] = ()
    erp: ErpFacts | None = None
    counted: CountedFacts | None = None
    received_at_ms: int | None = None
    open_count: OpenCountFacts | None = None
