"""What a call of the engine changed, as the feed tells the rooms. Arrays: the order of the fields is the format."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from shelfcast.protocol.states import ReservationState
from shelfcast.stock.alerts import News
from shelfcast.stock.configuration import What
from shelfcast.stock.notices_and_cues import NoticesAndCuesEvent

BAND_EDGES = (10, 50, 100, 500, 1_000, 5_000)
"""The last places of the bands that those who wait are told; stock/library/waiting.lua has the same."""


class ChannelUnits(Struct, array_like=True, frozen=True):
    """One channel's units of one SKU.

    `taken` counts what holds and sales took from `allocated`, `holding` those of them in live holds
    (stock/library/counters.lua); `locked` waits in batches that serve this channel alone.
    """

    channel: str
    allocated: int = 0
    held: int = 0
    sold: int = 0
    presale_held: int = 0
    presale_sold: int = 0
    taken: int = 0
    holding: int = 0
    locked: int = 0


class OpenBatch(Struct, array_like=True, frozen=True):
    """An open batch of a SKU: its units, and the counters of the units taken from it. `channel` is empty where it
    serves all shared channels; `closes_at_ms` is 0 where it is closed by hand."""

    name: str
    channel: str
    units: int
    taken: int
    holding: int
    exclusive: bool = False
    closes_at_ms: int = 0

    @property
    def keeps_pool(self) -> bool:
        """Whether the pool's units of the SKU wait for its end."""
        return self.exclusive and (self.units != 0 or self.taken != 0)


class Waitlist(Struct, array_like=True, frozen=True):
    """Who waits for a SKU. While it is `serving`, units are free that belong to those who wait, and nobody else may
    have them. `rooms` says how many people wait in each; `edges` the numbers of the waits at BAND_EDGES, of those who
    wait in rooms on one dedicated channel, or (empty) on any shared one."""

    serving: bool = False
    rooms: list[tuple[str, int]] = []
    edges: list[tuple[str, list[int]]] = []

    def people(self, room: str) -> int:
        """How many wait in a room."""
        return next((people for name, people in self.rooms if name == room), 0)


NOBODY = Waitlist()


class SetAside(Struct, array_like=True, frozen=True):
    """Units of a SKU that nothing is sold from now: its safety buffer, what is unsellable, and what waits in batches
    that are not open: [[batch, the channel it serves or empty, units], …], by name."""

    safety: int = 0
    unsellable: int = 0
    batches: list[tuple[str, str, int]] = []


NOTHING = SetAside()


class SkuStock(Struct, array_like=True, frozen=True):
    """Absolute values of one SKU, enough for every room of the pool.

    `locked` is what waits in batches that are not open, whoever's; `presale` the presale quota still free.
    `pool_taken` and the others count as `ChannelUnits` does.
    `sold_in` are the net units sold in those shows whose count this change has
    changed: [[show, units], …]. `batches` are the open ones; `openings` say when, by channel (empty: all shared
    ones), the first planned one opens that has units of the SKU; 0 where a hand opens it.
    """

    sku: str
    pool: int
    frozen: bool
    locked: int
    presale: int
    channels: list[ChannelUnits]
    pool_taken: int = 0
    pool_holding: int = 0
    presale_taken: int = 0
    presale_holding: int = 0
    sold_in: list[tuple[str, int]] = []
    batches: list[OpenBatch] = []
    openings: list[tuple[str, int]] = []
    elastic: tuple[int, int] = (0, 0)
    """Units in the elastic reserve, and, where there are any, how often some of it was released."""
    waitlist: Waitlist = NOBODY
    set_aside: SetAside = NOTHING

    @property
    def pool_locked(self) -> int:
        """What waits in batches that serve all shared channels."""
        return self.locked - sum(units.locked for units in self.channels)

    def in_channel(self, channel: str) -> ChannelUnits:
        """The units of one channel; zeros where it has none."""
        return next((units for units in self.channels if units.channel == channel), ChannelUnits(channel))


class HoldEvent(Struct, array_like=True, frozen=True):
    """A reservation's new state, for its user's other connections and for the room's counters."""

    id: str
    user: str
    room: str
    sku: str
    qty: int
    state: ReservationState
    expires_at_ms: int


class WaitState(StrEnum):
    """What has become of a wait."""

    WAITING = "waiting"
    OFFERED = "offered"
    """Its turn came: it is a reservation now."""
    LEFT = "left"
    """Its user went."""
    OVER = "over"
    """It ended without an offer."""


class WaitEvent(Struct, array_like=True, frozen=True):
    """A wait's new state, for its user. `number` counts the waits of the pool, and is the order of their turns; `qty`
    is what was asked for, and `code` says why it is over."""

    id: str
    user: str
    room: str
    sku: str
    qty: int
    state: WaitState
    number: int
    code: str = ""


class ConfigEvent(Struct, array_like=True, frozen=True):
    """A piece of configuration changed; `values` is the whole of it now, None when it was dropped."""

    what: What
    parent: str
    key: str
    values: dict[str, Any] | None = None


class PoolEvent(Struct, array_like=True, frozen=True):
    """Something that happened in a pool besides its moves (stock/library/events.lua has the types and their data).

    `n` counts the pool's events from 1 without a gap. `room` is empty where it is the whole pool's. `action` is the id
    of the write behind it, and `actor` whose it was; both are empty where the book did it by itself.
    """

    n: int
    at_ms: int
    type: str
    room: str
    subject: str
    data: dict[str, Any]
    actor: str = ""
    action: str = ""


class FeedMessage(Struct, array_like=True, frozen=True):
    """What one engine call changed. `previous_seq` is the pool's sequence before it, so that a gap shows. One that
    would have been too long says nothing but that: its `previous_seq` is higher than its `seq`."""

    epoch: int
    previous_seq: int
    seq: int
    at_ms: int
    stock: list[SkuStock]
    holds: list[HoldEvent]
    config: list[ConfigEvent]
    notices_and_cues: list[NoticesAndCuesEvent] = []
    events: list[PoolEvent] = []
    news: list[News] = []
    waits: list[WaitEvent] = []

    @property
    def too_long(self) -> bool:
        """Whether what changed was too much to say: it is read from the book."""
        return self.previous_seq > self.seq
