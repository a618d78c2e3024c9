"""What the socket names: levels, statuses, kinds of banners, states of a reservation."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How a SKU stands in the room, from plenty to none."""

    OK = "ok"
    LOW = "low"
    LOWER = "lower"
    LAST = "last"
    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"
    FROZEN = "frozen"


class RoomStatus(StrEnum):
    """Where a show is in its evening."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class BannerKind(StrEnum):
    """Why a banner is shown."""

    LAST_N = "last_n"
    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"
    BACK_IN_STOCK = "back_in_stock"
    SALE_OPEN = "sale_open"
    BATCH_OPEN = "batch_open"
    BATCH_EXHAUSTED = "batch_exhausted"


class AlertRule(StrEnum):
    """What an alert is about."""

    SHARE_LEFT = "share_left"
    SOLD_OUT_ETA = "sold_out_eta"
    SELL_THROUGH = "sell_through"
    ACTIVE_SKU_RATE = "active_sku_rate"
    ELASTIC = "elastic"
    GATE = "gate"
    SHORTAGE = "shortage"


class AlertState(StrEnum):
    """Whether an alert stands, and whether anybody has taken note of it."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How grave an alert is."""

    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"


class ReservationState(StrEnum):
    """Where a reservation is between the tap and the parcel."""

    ACTIVE = "active"
    PAYMENT_PENDING = "payment_pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PAID_NO_STOCK = "paid_no_stock"
