"""Alerts and paces as the book keeps them (stock/library/alerts.lua, series.lua), and what the feed says of them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Struct

from shelfcast.protocol.from_server import AlertAction
from shelfcast.protocol.states import AlertRule, AlertState, Severity


class AlertRecord(Struct, frozen=True, kw_only=True):
    """One alert of a show, or of the pool where there is none (`show` is empty, and `room` where it is no room's). `id`
    is the show's or the pool's, and a number. What the fields say: `protocol.from_server.Alert`.

    `rang_at_ms` is when it rang last, `changes` when its state changed by what the numbers were, the last times. What
    the pool's own is about this time is said by `about`: of that it rings once for each threshold.
    """

    id: str
    show: str
    room: str
    rule: AlertRule
    sku: str
    tier_percent: int
    state: AlertState
    severity: Severity
    value: float
    threshold: float
    peak: float
    remaining: int
    offered: int
    since_ms: int
    rang_at_ms: int
    changed_at_ms: int
    advice: str = ""
    actions: list[AlertAction] = []
    acknowledged_by: str = ""
    acknowledged_at_ms: int = 0
    note: str = ""
    snoozed_until_ms: int = 0
    resolved_at_ms: int = 0
    unsteady: bool = False
    changes: list[int] = []
    about: str = ""
    acted: str = ""
    """The action that was carried out last, with who did and when in the fields behind it."""
    acted_by: str = ""
    acted_at_ms: int = 0

    @property
    def stands(self) -> bool:
        """Whether it is not over."""
        return self.state is not AlertState.RESOLVED

    @property
    def number(self) -> int:
        """Its number in the show, or in the pool."""
        return int(self.id.rpartition(":")[2])


class AlertNews(Struct, array_like=True, frozen=True, tag="alert"):
    """An alert of a room has changed: the whole of it now."""

    room: str
    alert: AlertRecord


class PaceNews(Struct, array_like=True, frozen=True, tag="pace"):
    """A minute of a room's show has ended: the paces that are others now, [sku, units a minute]; of each, how far its
    minutes lie apart and how many they are (`insight.pace.Spread`; none from a server of before)."""

    room: str
    at_ms: int
    paces: list[tuple[str, float]]
    spreads: list[tuple[str, float, int]] = []


News = AlertNews | PaceNews


class KeptPace(Struct, array_like=True, frozen=True):
    """What is kept of one SKU's pace, for a successor: units a minute or False, how many had ever been taken at the end
    of `minute` (since 1970), the units of each ended minute up to that, False where it was not on sale
    (`insight.pace.PaceWindow`), and in how many orders it sold. It is written when a minute was other than the one
    before it: those behind `minute` are as its last one, without a sale."""

    units_a_minute: float | bool
    taken: int
    minute: int
    minutes: list[int | bool]
    orders: int = 0
    places: dict[str, int] = {}
    """`taken` by place, of the places that it sold from then; empty where a release before has kept it."""
    spread: float = 0.0
    """How far the units of those of `minutes` lie apart in which it was on sale, and how many they are; 0 minutes where
    a release before has kept it."""
    counted: int = 0


class KeptPaces(NamedTuple):
    """What is kept of the paces of a show: the last minute (since 1970) that was kept whole, None before the first; the
    pool's sequence up to which its orders are counted; the paces by SKU."""

    minute: int | None
    seq: int
    by_sku: dict[str, KeptPace]


def show_of(alert: str) -> str:
    """The show of an alert's id; empty of one that is the pool's own."""
    of = alert.rpartition(":")[0]
    return of if "." in of else ""


_decode_record = msgspec.msgpack.Decoder(AlertRecord).decode
_decode_pace = msgspec.msgpack.Decoder(KeptPace).decode


def record_from(kept: object) -> AlertRecord:
    """A record as it stands in the engine, or in an outcome. Raises msgspec.MsgspecError."""
    return _decode_record(kept) if isinstance(kept, bytes) else msgspec.convert(kept, AlertRecord)


def pace_from(kept: bytes) -> KeptPace:
    """A kept pace. Raises msgspec.DecodeError."""
    return _decode_pace(kept)
