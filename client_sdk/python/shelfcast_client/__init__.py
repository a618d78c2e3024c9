"""Shelfcast for Python: a live room's stock, and reservations in it.

    async with connect("https://shop.example", "evening-show", token=token) as room:
        print(room.stock["MUG-01"].available)
        result = await room.reserve("MUG-01", 2)

Needs `websockets` and `msgpack` alone. Reference: docs/protocol.md. The merchant's side, for an ERP, is
`shelfcast_client.merchant`, which needs `httpx`.
"""

from shelfcast_client.client import Operator, Room, connect
from shelfcast_client.codec import Encoding
from shelfcast_client.codes import Close, Code, Retry
from shelfcast_client.errors import (
    ClientError,
    ClosedByServer,
    JobFailed,
    ProtocolError,
    Rejected,
    ServerRefused,
    ServerUnreachable,
    Stale,
    Unreachable,
    UsageError,
)
from shelfcast_client.events import Event, EventStream, State, StateChange
from shelfcast_client.messages import (
    Acknowledged,
    Alert,
    Alive,
    Answer,
    Banner,
    BannerKind,
    Cancelled,
    Confirmed,
    Cue,
    Done,
    Draining,
    Error,
    Expired,
    Holding,
    Level,
    Me,
    MetricRow,
    Metrics,
    Notice,
    Refused,
    ReservationState,
    Reserved,
    RoomStatus,
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
from shelfcast_client.mirror import Mirror, SkuState
from shelfcast_client.requests import Unanswered
from shelfcast_client.session import Policy, Session

__all__ = [
    "Acknowledged",
    "Alert",
    "Alive",
    "Answer",
    "Banner",
    "BannerKind",
    "Cancelled",
    "ClientError",
    "Close",
    "ClosedByServer",
    "Code",
    "Confirmed",
    "Cue",
    "Done",
    "Draining",
    "Encoding",
    "Error",
    "Event",
    "EventStream",
    "Expired",
    "Holding",
    "JobFailed",
    "Level",
    "Me",
    "MetricRow",
    "Metrics",
    "Mirror",
    "Notice",
    "Operator",
    "Policy",
    "ProtocolError",
    "Refused",
    "Rejected",
    "ReservationState",
    "Reserved",
    "Retry",
    "Room",
    "RoomStatus",
    "Sale",
    "ServerRefused",
    "ServerUnreachable",
    "Session",
    "SkuState",
    "SkuView",
    "Snapshot",
    "Spotlight",
    "Stale",
    "StandingNotice",
    "State",
    "StateChange",
    "Status",
    "Stock",
    "StockRow",
    "Unanswered",
    "Unreachable",
    "UsageError",
    "Viewers",
    "connect",
]
