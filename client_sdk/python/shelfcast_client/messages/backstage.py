"""What hosts and operators are sent besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """The pace of one SKU."""

    sku: str
    remaining: int
    held: int
    sold: int
    units_a_minute: float
    sold_out_in_minutes: float | None
    sell_through: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the host and the operator watch; only the SKUs that changed."""

    type: ClassVar[str] = "metrics"
    at_ms: int
    viewers: int
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A stock tier was crossed: `tier_percent` is 20, 10 or 5."""

    type: ClassVar[str] = "alert"
    sku: str
    tier_percent: int
    remaining: int
    remaining_share: float
    advice: str
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
