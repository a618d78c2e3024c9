"""The configuration a pool keeps beside its units: catalogue, channels, rooms and their listings, batches, users."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.places import CHANNEL, POOL
from shelfcast.stock.windows import SHOW


class What(StrEnum):
    """The kinds of configuration a pool keeps."""

    POOL = "pool"
    SKU = "sku"
    CHANNEL = "channel"
    ROOM = "room"
    LISTING = "listing"
    BATCH = "batch"
    USER = "user"


class FreezeScope(StrEnum):
    """What has a flag of its own that stops sales; what is sold is frozen while any flag over it is set."""

    SKU = "sku"
    CHANNEL = "channel"
    ROOM = "room"
    POOL = "pool"


CURRENCY = "CNY"
"""Of a pool that names none."""


class Strategy(StrEnum):
    """The presets of a pool's numbers (`merchant.strategy` has them)."""

    CUSTOM = ""
    BRAND = "brand"
    INFLUENCER = "influencer"
    PROMOTION = "promotion"


class Split(StrEnum):
    """Whether the split of the pool's units over its channels is worked out again and again, and carried out."""

    OFF = "off"
    PROPOSE = "propose"
    AUTO = "auto"


class ElasticMode(StrEnum):
    """Who releases an elastic reserve: people alone, people who are asked, or the book."""

    OFF = "off"
    ASK = "ask"
    AUTO = "auto"


class Gate(StrEnum):
    """What a room's checklist does where it fails: nothing, it is told, or the room does not go on air."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


SIGN_OVER_UNITS = 10
RECOUNT_OVER_UNITS = 5
INVENTORY_DAYS_MAX = 45
EXPIRY_DAYS = 30
EXPIRY_DAYS_MAX = 3_650
SPLIT_EVERY_MINUTES_MAX = 1_440
SAFETY_PERCENT = 10
"""Of a pool that names none; stock/library/names.lua has the same."""


class PoolConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for the whole pool. Its key is empty: there is one.

    A business day begins at `day_starts` (hours and minutes) in `time_zone` (IANA). `currency` is what SKUs get that
    name none. A `rehearsal` is a pool for drills, whose sales are not real; once it has a ledger entry that stays so.

    `strategy` is the preset that the numbers behind it began as; each can have been changed since. Of opening stock
    that an import brings in, `safety_percent` (None: SAFETY_PERCENT) go to the safety buffer and `elastic_percent` to
    the elastic reserve, whose mode becomes `elastic_mode`.
    """

    title: str = ""
    time_zone: str = "UTC"
    day_starts: str = "04:00"
    currency: str = CURRENCY
    rehearsal: bool = False
    frozen: bool = False
    """Whether sales stop; channels and rooms have the same. The book keeps it (stock/library/freezes.lua)."""
    strategy: Strategy = Strategy.CUSTOM
    split: Split = Split.OFF
    split_every_minutes: int = 15
    elastic_percent: int = 0
    elastic_mode: ElasticMode = ElasticMode.OFF
    safety_percent: int | None = None
    auto_settle: bool = False
    """Whether units that come free go first to orders that were paid or sold elsewhere without stock."""
    sign_over_units: int | None = None
    """A count whose difference, or a write-off, is of more units takes two signatures (docs/rules.md#counts). None:
    moves are held against nothing, and count sheets take SIGN_OVER_UNITS. To raise it, or take it away, takes two
    people."""
    recount_over_units: int | None = None
    """A SKU of a count that differs by more units is counted again by somebody else. None: RECOUNT_OVER_UNITS."""
    receipts_by_two: bool = False
    """Whether what arrives is entered by two people, who do not see each other's figures."""
    expiry_days: int | None = None
    """Goods that expire within so many days are listed, and pulled before a show. None: EXPIRY_DAYS."""
    inventory_days_max: int | None = None
    """Stock that lasts for more days is too much. None: INVENTORY_DAYS_MAX."""
    inventory_days_max_of: dict[str, int] = {}
    """The same of SKUs of a category."""
    handover: str = ""
    """What whoever runs the shows leaves for whoever comes next; lines of it end with a line feed."""
    revision: int = 0


HANDOVER_MAX_CHARACTERS = 500
SUBSTITUTES_MAX = 5
ALIASES_MAX = 20
ALIAS_MAX_CHARACTERS = 64
ALIAS_SEPARATORS = ",，;；|｜、"
"""None stands in an alias: a cell of a spreadsheet holds several, one behind the other."""
IMAGE_URL_MAX_CHARACTERS = 500


class ElasticRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a SKU's elastic reserve is released, and how much of it at once: by an alert that offers it (`ask`) or by
    itself (`auto`). docs/rules.md#elastic-reserve.

    It is needed where what is left after a change is at most `at_units`, or its share of what was offered in any show
    on air at most `at_share_percent`, or it lasts at most `at_eta_minutes`. `step_units` at a time, None: all there is.
    """

    mode: ElasticMode
    at_units: int | None = None
    at_share_percent: int | None = None
    at_eta_minutes: int | None = None
    step_units: int | None = None


class SkuConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU of the pool's catalogue. `elastic_release_at` is the short way to say the rule {auto, at_units, all}, and
    kept as it is; `elastic` is any other. Only one of them is kept (`rule` is it), and `elastic_steps` counts the
    releases. `safety_units` is the safety buffer that an import sets aside of its opening stock, None: the pool's part.

    `substitutes` are SKUs of the catalogue to offer instead, the best one first (at most SUBSTITUTES_MAX); `aliases`
    what viewers call it (at most ALIASES_MAX); `zone` where it lies in the warehouse. `image_url` is a picture of an
    origin that `image_origins` names, or a path of the server's own (`pictures`).
    """

    title: str = ""
    price_minor: int = 0
    currency: str = CURRENCY
    barcode: str = ""
    category: str = ""
    elastic_release_at: int | None = None
    elastic: ElasticRule | None = None
    safety_units: int | None = None
    substitutes: list[str] = []
    aliases: list[str] = []
    zone: str = ""
    supplier: str = ""
    image_url: str = ""
    elastic_steps: int = 0
    revision: int = 0

    @property
    def rule(self) -> ElasticRule | None:
        """The rule of the elastic reserve, however it was said."""
        if self.elastic is None and self.elastic_release_at is not None:
            return ElasticRule(mode=ElasticMode.AUTO, at_units=self.elastic_release_at)
        return self.elastic


class ChannelKind(StrEnum):
    """Where a channel sells from."""

    SHARED = "shared"
    DEDICATED = "dedicated"


class LowMark(StrEnum):
    """Where a channel sells from whose units have come below its low mark: its own and its batches alone, also from the
    pool, or nowhere."""

    FIXED = "fixed"
    SHARE = "share"
    STOP = "stop"


class ChannelConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel of the pool: shared ones sell from their own units, then from the pool. Where it could sell fewer than
    `low_mark_units` of a SKU, `low_mark` says what it sells from then (None: there is no mark).

    The rest is for the split (`insight.allocation`), and of each SKU: how much is expected of it beside the others
    (`weight`; of a SKU of a category that `weights` names, that), how many units it keeps whatever happens, and how
    many a dedicated one gets at most.
    """

    kind: ChannelKind = ChannelKind.SHARED
    title: str = ""
    frozen: bool = False
    low_mark_units: int | None = None
    low_mark: LowMark = LowMark.FIXED
    weight: float = 1
    weights: dict[str, float] = {}
    floor_units: int | None = None
    cap_units: int | None = None
    revision: int = 0

    def weight_of(self, category: str) -> float:
        """Its weight for the SKUs of a category."""
        return self.weights.get(category, self.weight)


WEIGHT_MAX = 1_000
WEIGHTS_MAX = 200
"""Categories that one channel may have a weight for."""


class Slot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a room's run order: for how many `minutes` the SKU is meant to be shown, how many units are expected
    to go then, and a note for the host."""

    sku: str
    minutes: int | None = None
    expected_units: int | None = None
    note: str = ""


RUN_ORDER_MAX = 2_000
SLOT_MINUTES_MAX = 1_440


def sku_of_slot(slot: str | Slot) -> str:
    """The SKU that stands in a place of a run order."""
    return slot if isinstance(slot, str) else slot.sku


class RoomConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room: it sells from one pool through one channel, show after show. `hold_ms` 0 takes the server's default.

    The next show is planned to begin at `planned_start_ms` and to last `planned_minutes`; `time_zone` (IANA, empty: the
    pool's) is that of its hours. `show` is the number of the current or last show, 0 before the first.

    A place of the run order that has nothing but its SKU is written as its name: servers of before read no other.
    """

    channel: str = ""
    title: str = ""
    status: RoomStatus = RoomStatus.SCHEDULED
    spotlight: str | None = None
    run_order: list[str | Slot] = []
    hold_ms: int = 0
    payment_extension_ms: int = 0
    anonymous: bool = True
    open_reservations: bool = False
    """Whether a viewer without a token may reserve, under a name of its own: for demonstrations only."""
    waitlist: bool = False
    """Whether who was too late may wait for what comes free."""
    gate: Gate = Gate.OFF
    """What the checklist before a show does (docs/rules.md#go-live-gate)."""
    planned_start_ms: int | None = None
    planned_minutes: int | None = None
    time_zone: str = ""
    show: int = 0
    ended_at_ms: int = 0
    frozen: bool = False
    revision: int = 0
    state_revision: int = 0
    """That of `status` and `spotlight`, which do not raise `revision`: they are the running show."""


LOBBY_MS_MAX = 10_000
LINK_MAX = 999


class Listing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU's terms in one room. Empty title and negative price fall back to the catalogue's.

    `limit_per_user` counts within `limit_window` (stock/windows.py): `show`, days such as `7d`, or `ever`.
    `last_n` is the count at or below which "last N left" is announced. `position` orders the shelf.
    `link` (1 to LINK_MAX) is the number that hosts call it by: no other's in the room, and its own whatever is moved.
    The book gives the lowest free one with the next write of a listing that has none, and none once all are taken.
    A presale listing sells from the SKU's presale quota. With `lobby_ms` (at most LOBBY_MS_MAX) the reservations of so
    many milliseconds after `opens_at_ms` are shuffled before the book sees them (`room.lobby`).
    """

    title: str = ""
    price_minor: int = -1
    currency: str = ""
    position: int = 0
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    limit_per_order: int | None = None
    limit_per_user: int | None = None
    limit_window: str = SHOW
    last_n: int | None = None
    presale: bool = False
    lobby_ms: int = 0
    link: int | None = None
    revision: int = 0


class Leftover(StrEnum):
    """Where a batch's units go that are left when it closes, and those that come back later. `next` is the next batch
    of the same channel that opens behind it, or else the pool."""

    POOL = "pool"
    NEXT = "next"
    ELASTIC = "elastic"


class BatchConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A batch: units that are locked until its window opens, and are sold from in place while it is open.

    Without `opens_at_ms` it opens by hand alone, without `closes_at_ms` it stays open until it is closed by hand.
    `channel` is the one it serves; empty, it serves all shared channels, but no order of another platform. While an
    `exclusive` one is open, the pool's units of its SKUs wait.
    `limit_per_user` counts the units of a SKU that a user has from it, net.
    `target` is what releases of before had: `channel:NAME` is read as that channel.
    """

    title: str = ""
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    channel: str = ""
    exclusive: bool = False
    limit_per_user: int | None = None
    leftover: Leftover = Leftover.POOL
    target: str = POOL
    opened_at_ms: int = 0
    """When a hand, or a look of the duty, has opened it: 0 before that. A draw goes by the engine's clock alone."""
    closed_at_ms: int = 0
    """The same of its closing."""
    missed: bool = False
    """Whether its whole window went by while no server looked, and nothing was drawn from it."""
    leftover_to: str = ""
    """The place where its units went when it was closed; empty before that."""
    revision: int = 0

    @property
    def serves(self) -> str:
        """The channel it serves, empty where those are all shared ones."""
        return self.channel or self.target.partition(CHANNEL)[2]


class Standing(StrEnum):
    """Whether a user's reservations are taken."""

    OK = "ok"
    REVIEW = "review"
    BLOCKED = "blocked"


class UserConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the operator decided about a user."""

    standing: Standing = Standing.OK
    reason: str = ""
    revision: int = 0


DEFAULTS: Mapping[What, Struct] = {
    What.POOL: PoolConfig(),
    What.SKU: SkuConfig(currency=""),  # the pool's: said or not makes a difference
    What.CHANNEL: ChannelConfig(),
    What.ROOM: RoomConfig(),
    What.LISTING: Listing(),
    What.BATCH: BatchConfig(),
    What.USER: UserConfig(),
}
"""What a definition is where nothing is said."""

WRITTEN_BY_THE_BOOK = frozenset(
    {
        "revision",
        "state_revision",
        "show",
        "frozen",
        "elastic_steps",
        "opened_at_ms",
        "closed_at_ms",
        "missed",
        "leftover_to",
    }
)
"""Fields of definitions that no write sets: the book raises `revision` with each write that changes something, from 1.
It is 0 of what a server of before has written, of a user never written about, and of a pool with all its defaults."""

ANY_REVISION = -1
"""A write that expects no revision of what it changes."""
MUST_BE_THERE = -2
"""A write that expects the definition to be there, at whatever revision."""
MUST_BE_NEW = -3
"""A write that expects that there is none."""
