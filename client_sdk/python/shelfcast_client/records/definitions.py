"""What a pool is made of: its settings, catalogue, channels, batches, customers and rooms."""

from __future__ import annotations

from typing import Required, TypedDict

from shelfcast_client.places import Buckets
from shelfcast_client.records.checklist import GateFound


class PoolDefinition(TypedDict):
    """A pool. Its business days begin at `day_starts` (such as 04:00) in `time_zone` (IANA); `currency` is that of SKUs
    which name none; a `rehearsal` is for drills. Nothing of one that is `frozen` is sold. With `auto_settle` units that
    come free go first to orders that were paid or sold elsewhere without stock; `handover` is a note to whoever runs
    its shows next. The rest: `Strategy`."""

    pool: str
    title: str
    time_zone: str
    day_starts: str
    currency: str
    rehearsal: bool
    auto_settle: bool
    sign_over_units: int | None
    recount_over_units: int | None
    receipts_by_two: bool
    expiry_days: int | None
    inventory_days_max: int | None
    inventory_days_max_of: dict[str, int]
    handover: str
    frozen: bool
    strategy: str
    split: str
    split_every_minutes: int
    elastic_percent: int
    elastic_mode: str
    safety_percent: int | None
    revision: int


class StrategyNumbers(TypedDict):
    """The numbers that a strategy begins with. `split`: off, propose or auto; `elastic_mode`: off, ask or auto."""

    split: str
    split_every_minutes: int
    elastic_percent: int
    elastic_mode: str
    safety_percent: int


class Strategy(TypedDict):
    """A pool's strategy: brand, influencer, promotion, or "" for none, with its numbers; `changed` names those that are
    not as the preset has them, and `presets` says what each strategy has. `revision` is the pool's."""

    pool: str
    strategy: str
    split: str
    split_every_minutes: int
    elastic_percent: int
    elastic_mode: str
    safety_percent: int
    changed: list[str]
    revision: int
    presets: dict[str, StrategyNumbers]


class ElasticTerms(TypedDict):
    """When an elastic reserve is needed, and how much of it is released at once (None: all). `mode` is off, ask or
    auto."""

    mode: str
    at_units: int | None
    at_share_percent: int | None
    at_eta_minutes: int | None
    step_units: int | None


class ElasticReserve(ElasticTerms):
    """A SKU's elastic reserve: its rule, the `units` in it, and how often some of it was released. `revision` is that
    of the SKU."""

    sku: str
    units: int
    releases: int
    revision: int


class PoolSku(TypedDict):
    """A SKU of the catalogue. `elastic` is the rule of its elastic reserve, of which `elastic_release_at` is the short
    way to say one: released by itself when so many are left. `elastic_steps` counts the releases.
    `safety_units` is the safety buffer that an import sets aside of its opening stock, None: the pool's part.
    `substitutes` are SKUs to offer instead, `aliases` what viewers call it, `zone` where it lies; `image_url` is a
    whole address, or a path of the server."""

    sku: str
    title: str
    price_minor: int
    currency: str
    barcode: str
    category: str
    elastic_release_at: int | None
    safety_units: int | None
    elastic: ElasticTerms | None
    substitutes: list[str]
    aliases: list[str]
    zone: str
    supplier: str
    image_url: str
    elastic_steps: int
    revision: int
    buckets: Buckets


class Channel(TypedDict):
    """A channel. `kind` shared sells its own units and then the pool's, dedicated its own alone. The rest is for the
    split, of each SKU: what is expected of it beside the others (`weights` by category, else `weight`), the units it
    keeps whatever happens, and those a dedicated one gets at most."""

    channel: str
    kind: str
    title: str
    frozen: bool
    low_mark_units: int | None
    low_mark: str
    weight: float
    weights: dict[str, float]
    floor_units: int | None
    cap_units: int | None
    revision: int


class Batch(TypedDict):
    """A batch. `opens_at_ms` None opens by hand alone, `closes_at_ms` None closes so; `channel` "" serves all shared
    ones. `leftover` (pool, next, elastic) says where what is left goes, `leftover_to` where it went.

    `state` (planned, open, closed, missed) is as of the server's clock, also before the book has noted the opening
    (`opened_at_ms`) or the closing (`closed_at_ms`), which are 0 until then. `units` are in it now and `taken` out of
    it, by SKU. `next_opens_at_ms` is when the next one opens for the same channel. `target` is what releases of before
    had for the channel.
    """

    batch: str
    title: str
    opens_at_ms: int | None
    closes_at_ms: int | None
    channel: str
    exclusive: bool
    limit_per_user: int | None
    leftover: str
    target: str
    opened_at_ms: int
    closed_at_ms: int
    missed: bool
    leftover_to: str
    revision: int
    state: str
    units: dict[str, int]
    taken: dict[str, int]
    next_opens_at_ms: int | None


class PoolUser(TypedDict):
    """A customer's `standing`: ok, review or blocked."""

    user: str
    standing: str
    reason: str
    revision: int


class Slot(TypedDict, total=False):
    """A place in a run order: its SKU, and what is planned for it; what is not is left out."""

    sku: Required[str]
    minutes: int
    expected_units: int
    note: str


class RoomWarning(TypedDict):
    """What somebody should look into who takes a room live, such as `no_safety_buffer`, with the first 100 SKUs."""

    kind: str
    count: int
    skus: list[str]


class RoomDefinition(TypedDict):
    """A room. `hold_ms` and `payment_extension_ms` 0 are the server's defaults. `status` and `spotlight` raise
    `state_revision` alone. A slot of the run order that has nothing but its SKU is that name. `show` is the number
    of its current or last show, 0 before the first: `<room>.<show>` is that show's id. Where it has a `waitlist`, who
    was too late may wait for what comes free. A write that begins a show says what the checklist `found`, where the
    room's `gate` is not off."""

    room: str
    pool: str
    channel: str
    title: str
    status: str
    spotlight: str | None
    run_order: list[str | Slot]
    hold_ms: int
    payment_extension_ms: int
    anonymous: bool
    open_reservations: bool
    waitlist: bool
    gate: str
    planned_start_ms: int | None
    planned_minutes: int | None
    time_zone: str
    show: int
    ended_at_ms: int
    frozen: bool
    revision: int
    state_revision: int
    viewers: int
    warnings: list[RoomWarning]
    found: GateFound | None


class RoomList(TypedDict):
    """The rooms that a token reaches, and how many SKUs each may list."""

    rooms: list[RoomDefinition]
    skus_a_room_max: int


class RoomSku(TypedDict):
    """A SKU's terms in a room, with its units there. Title "" and price -1 are the catalogue's. `link` is the number
    that hosts call it by; None where it has none.
    `limit_per_user` counts within `limit_window`: `show`, days such as `7d`, or `ever`."""

    sku: str
    title: str
    price_minor: int
    currency: str
    position: int
    opens_at_ms: int | None
    closes_at_ms: int | None
    limit_per_order: int | None
    limit_per_user: int | None
    limit_window: str
    last_n: int | None
    presale: bool
    lobby_ms: int
    link: int | None
    revision: int
    available: int
    held: int
    sold: int
    frozen: bool
