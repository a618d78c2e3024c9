"""What is asked of the book about alerts and the minutes of shows (stock/library/alerts.lua, pool_alerts.lua,
series.lua). As in `stock.operations` the order of the fields is part of the format."""

from __future__ import annotations

from collections.abc import Sequence

from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.operations import Op


class RingAlert(Op, frozen=True, tag="alert_ring"):
    """The duty that watches shows: an alert rings, unless it stands already. The outcome's data is its record."""

    fence: int
    room: str
    show: str
    rule: str
    sku: str
    tier_percent: int
    severity: str
    value: float
    threshold: float
    remaining: int
    offered: int
    advice: str


class RingPoolAlert(Op, frozen=True, tag="pool_alert"):
    """A duty: an alert of no show rings, unless this occasion (`about`) has rung for this threshold, or a lower one,
    already; one that stands then says these numbers. The outcome's data is its record, False where it is over."""

    fence: int
    rule: str
    room: str
    sku: str
    about: str
    severity: str
    value: float
    threshold: float
    remaining: int
    offered: int
    advice: str


class ChangeAlert(Op, frozen=True, tag="alert_change"):
    """A duty: `step` is what becomes of an alert (`insight.alert_rules.Step`, or wake or peak); what is so already
    changes nothing. The outcome's data is its record."""

    fence: int
    alert: str
    step: str
    tier_percent: int = 0
    severity: str = ""
    value: float | None = None
    threshold: float = 0.0
    remaining: int = 0
    offered: int = 0
    advice: str = ""
    peak: float | None = None


class AcknowledgeAlert(Op, frozen=True, tag="alert_acknowledge"):
    """Somebody has taken note of an alert of the room. The outcome's data is its record."""

    id: str
    room: str
    alert: str
    actor: str
    note: str = ""


class SnoozeAlert(Op, frozen=True, tag="alert_snooze"):
    """Somebody leaves an alert of the room aside for so many minutes. The outcome's data is its record."""

    id: str
    room: str
    alert: str
    actor: str
    minutes: int


class NoteAction(Op, frozen=True, tag="alert_act"):
    """One of an alert's actions was carried out. The outcome's data is its record."""

    id: str
    room: str
    alert: str
    action: str
    actor: str


class KeepMinute(Op, frozen=True, tag="minute"):
    """The duty that watches shows: a part of what is kept of an ended minute of a show, which `minute` (since 1970) is.

    `rows` are [sku, [available, held, sold, taken]], or what was shown (`insight.series.shown_name`); `total` is [units
    paid so far, codes to count refusals of], False in the other parts; `paces` are [sku, units a minute or False where
    it is as it was, what is kept]; `through` is the last minute that is complete with this part, -1 where more follow;
    `seq` is the pool's sequence up to which orders are counted in what is kept. The outcome's data says whether the
    rows were kept: a series has bounds.
    """

    fence: int
    room: str
    show: str
    minute: int
    rows: Sequence[tuple[str, tuple[object, ...]]]
    total: tuple[int, list[str]] | bool
    paces: list[tuple[str, float | bool, KeptPace]]
    through: int
    seq: int = 0


class DropSeries(Op, frozen=True, tag="series_drop"):
    """The archive has all `minutes` minutes of a show that is over for good: the engine's go. STALE where `through` is
    not the last one that was written, or the show may go on; once a show. The outcome's data: of how many minutes the
    archive has all."""

    show: str
    through: int
    minutes: int
