"""Every message of the socket as a frozen dataclass: what the server sends, what a client may send.

Counts are whole units, money is in minor units of its currency, times are milliseconds of the server's clock since
1970 (`..._at_ms`) or durations (`..._ms`). Enumerated values that this version does not know stay plain strings,
and fields it does not know are ignored, so that a newer server can add some. Reference: docs/protocol.md.
"""

from __future__ import annotations

from shelfcast_client.messages.answers import (
    Answer,
    Cancelled,
    Confirmed,
    Done,
    Expired,
    Holding,
    Me,
    Refused,
    Reserved,
)
from shelfcast_client.messages.backstage import (
    Acknowledged,
    Alert,
    AlertAction,
    Cue,
    MetricRow,
    Metrics,
)
from shelfcast_client.messages.connection import (
    Alive,
    Draining,
    Error,
)
from shelfcast_client.messages.requests import (
    Acknowledge,
    AcknowledgeAlert,
    Ask,
    Cancel,
    ClientMessage,
    Decline,
    FreezeRoom,
    Reserve,
    SayCue,
    SayNotice,
    SetFreeze,
    SetSpotlight,
    SetStatus,
    SnoozeAlert,
    UndoAction,
    Wait,
)
from shelfcast_client.messages.shelf import (
    Banner,
    Notice,
    Sale,
    SkuView,
    Snapshot,
    Spotlight,
    StandingNotice,
    Status,
    Stock,
    StockRow,
    Viewers,
)
from shelfcast_client.messages.states import (
    AlertRule,
    AlertState,
    BannerKind,
    Level,
    ReservationState,
    RoomStatus,
    Severity,
)
from shelfcast_client.messages.waitlist import (
    Offer,
    Place,
    Waiting,
    Waitlist,
    WaitlistRow,
    WaitOver,
)

ServerMessage = (
    Snapshot
    | Stock
    | Banner
    | Sale
    | Spotlight
    | Status
    | Viewers
    | Notice
    | Me
    | Reserved
    | Refused
    | Cancelled
    | Confirmed
    | Expired
    | Waiting
    | Offer
    | WaitOver
    | Waitlist
    | Answer
    | Done
    | Metrics
    | Alert
    | Cue
    | Acknowledged
    | Alive
    | Error
    | Draining
)

__all__ = [
    "Acknowledge",
    "AcknowledgeAlert",
    "Acknowledged",
    "Alert",
    "AlertAction",
    "AlertRule",
    "AlertState",
    "Alive",
    "Answer",
    "Ask",
    "Banner",
    "BannerKind",
    "Cancel",
    "Cancelled",
    "ClientMessage",
    "Confirmed",
    "Cue",
    "Decline",
    "Done",
    "Draining",
    "Error",
    "Expired",
    "FreezeRoom",
    "Holding",
    "Level",
    "Me",
    "MetricRow",
    "Metrics",
    "Notice",
    "Offer",
    "Place",
    "Refused",
    "ReservationState",
    "Reserve",
    "Reserved",
    "RoomStatus",
    "Sale",
    "SayCue",
    "SayNotice",
    "ServerMessage",
    "SetFreeze",
    "SetSpotlight",
    "SetStatus",
    "Severity",
    "SkuView",
    "Snapshot",
    "SnoozeAlert",
    "Spotlight",
    "StandingNotice",
    "Status",
    "Stock",
    "StockRow",
    "UndoAction",
    "Viewers",
    "Wait",
    "WaitOver",
    "Waiting",
    "Waitlist",
    "WaitlistRow",
]
