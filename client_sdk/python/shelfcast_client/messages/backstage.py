"""What hosts and operators are sent besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from shelfcast_client.messages.states import AlertRule, AlertState, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """The indicators of one SKU. Of `offered` units in the show `remaining` are left, which is `share_left` (None where
    nothing was offered); `sold` is what this show sold of them.

    `units_a_minute` is the pace of the last half hour, None before the first minute of the show has ended;
    `sold_out_in_minutes` how long what remains lasts at it: of ten times eight times between the `low` and the `high`
    one (None where that is not known, and the high one where it may never be). `waiting` people are on its waitlist in
    the room. A server of before says nothing of `offered`, `share_left`, `waiting`, and of the two.
    """

    sku: str
    remaining: int
    held: int
    offered: int = 0
    share_left: float | None = None
    sold: int
    units_a_minute: float | None
    sold_out_in_minutes: float | None
    sell_through: float
    waiting: int = 0
    sold_out_in_minutes_low: float | None = None
    sold_out_in_minutes_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the host and the operator watch; only the SKUs that changed."""

    type: ClassVar[str] = "metrics"
    at_ms: int
    viewers: int
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAction:
    """Something that answers an alert, and its effect: `qty` units of `sku` go from `source` to `target`, which makes
    `remaining_after` of those left; `spotlight` shows `sku`. `done_by` has carried it out. A release of the elastic
    reserve says which of the SKU's it is (`step`), and for about how long its units last. `serves` people who wait get
    theirs first, as it was when the alert rang: `remaining_after` is what is left then."""

    id: str
    sku: str
    qty: int | None = None
    source: str | None = None
    target: str | None = None
    batch: str | None = None
    remaining_after: int | None = None
    done_by: str | None = None
    step: int | None = None
    minutes_more: int | None = None
    serves: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert of the show as it is now: told when it rings and whenever it changes.

    `sku` is empty where it is about the whole show, `tier_percent` 0 where the rule has none. `value` passed
    `threshold`, `peak` is the gravest value since. `since_ms` is since when it stands, `at_ms` when it rang last;
    `snoozed_until_ms` and `resolved_at_ms` are 0 where it was not. An `unsteady` one came and went too often to ring
    on. A server of before tells a crossed tier alone, without an `id`.
    """

    type: ClassVar[str] = "alert"
    id: str = ""
    room: str = ""
    show: str = ""
    rule: AlertRule | str = AlertRule.SHARE_LEFT
    sku: str
    tier_percent: int
    state: AlertState | str = AlertState.FIRING
    severity: Severity | str = Severity.WATCH
    value: float = 0.0
    threshold: float = 0.0
    peak: float = 0.0
    remaining: int
    offered: int = 0
    remaining_share: float
    advice: str
    actions: list[AlertAction] = field(default_factory=list)
    acknowledged_by: str = ""
    note: str = ""
    snoozed_until_ms: int = 0
    resolved_at_ms: int = 0
    unsteady: bool = False
    since_ms: int = 0
    changed_at_ms: int = 0
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What the operator asks the host to say or do; it stands until somebody acknowledges it."""

    type: ClassVar[str] = "cue"
    id: str
    text: str
    sku: str | None = None
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A cue is settled: `by` has taken note of it."""

    type: ClassVar[str] = "acknowledged"
    cue: str
    by: str
    at_ms: int
