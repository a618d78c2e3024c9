"""What the plain book keeps of reservations, listings, batches and proposals, and its times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

HOLD_MS = 300_000
EXTENSION_MS = 300_000
STEP_MS = 250
HOUR_MS = 3_600_000
PAUSE_MS = 600_000
LAPSES_MS = 600_000
OFFER_MS = 90_000
SKIP_MS = 30_000

LIVE = ("active", "payment_pending")
ON_HAND = ("unsellable", "safety", "elastic", "pool", "batch:", "channel:", "held:", "sold:")


@dataclass
class PlainReservation:
    """One reservation. `home` is where its units go back to."""

    room: str
    sku: str
    qty: int
    user: str
    channel: str
    presale: bool = False
    external: bool = False
    state: str = "active"
    expires_at: int = 0
    home: Counter[str] = field(default_factory=Counter)
    show: str = ""
    window: str = "ever"
    hour: int = 0
    """That its units count from, where its window is one of days."""
    shipped: int = 0
    oversold: int = 0

    @property
    def left(self) -> int:
        return self.home.total()

    def place(self, stage: str) -> str:
        return f"{'presale_' if self.presale else ''}{stage}:{self.channel}"


@dataclass
class PlainWait:
    """Somebody who waits, or did. `state` is waiting, offered, left or over; `code` why it is over. One that is over by
    its room or listing is `listed` until somebody looks."""

    name: str
    number: int
    room: str
    sku: str
    qty: int
    user: str
    state: str = "waiting"
    code: str = ""
    passed_at: int | None = None
    """When it was first passed over, since there were not as many units as it wants."""
    listed: bool = True


@dataclass
class Terms:
    """A listing."""

    limit_per_order: int | None = None
    limit_per_user: int | None = None
    limit_window: str = "show"
    opens_at: int | None = None
    closes_at: int | None = None
    presale: bool = False


@dataclass
class PlainRule:
    """When the elastic reserve is released by itself (`auto`), and how much at once; a step of None is all."""

    auto: bool = False
    at_units: int | None = None
    at_share_percent: int | None = None
    step: int | None = None


@dataclass
class PlainBatch:
    """A batch."""

    opens_at: int | None = None
    closes_at: int | None = None
    channel: str = ""
    exclusive: bool = False
    limit_per_user: int | None = None
    leftover: str = "pool"
    opened_at: int | None = None
    closed: bool = False
    drawn: bool = False
    missed: bool = False
    went_to: str = ""


@dataclass
class PlainProposal:
    """A proposal to move units: SKU, from, to, how many. `action` is the last one that applied or undid it."""

    moves: list[tuple[str, str, str, int]]
    made_at: int
    state: str = "open"
    action: str = ""


@dataclass
class PlainLine:
    """A line of a count: `begun` and `saved` (None: it is open) are how many movements of the SKU there had been.
    `order` is that in which lines were saved: what is unsellable changes without such a movement."""

    n: int
    round: int
    by: str
    begun: int
    saved: int | None = None
    order: int = 0
    good: int = 0
    bad: int = 0
    on_hand: int = 0
    unsellable: int = 0


@dataclass
class PlainRow:
    """A SKU of a count, put on it after `begun` movements. `answers` says of movements how much of them is in the
    lines."""

    begun: int
    lines: list[PlainLine] = field(default_factory=list)
    again: bool = False
    answers: dict[int, int] = field(default_factory=dict)
    reasoned: bool = False
    difference_before: int = 0
    applied: bool = False


@dataclass
class PlainCount:
    """A count sheet."""

    state: str = "counting"
    rows: dict[str, PlainRow] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    lines_made: int = 0
    saves: int = 0
