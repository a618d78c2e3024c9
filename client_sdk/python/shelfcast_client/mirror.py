"""The room as this client knows it: fed with messages, read by anybody. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shelfcast_client import messages as m
from shelfcast_client.codes import Code

CUES_MAX = 20
"""As many as the server keeps of those that nobody has acknowledged; the oldest gives way."""

ALERTS_MAX = 2_000
"""As many as a show may have; the oldest gives way."""

LIVE_STATES = frozenset({m.ReservationState.ACTIVE, m.ReservationState.PAYMENT_PENDING})


@dataclass(slots=True)
class SkuState:
    """One SKU now. The same object stays while the SKU is in the room, so it can be kept and read again."""

    sku: str
    title: str
    price_minor: int
    currency: str
    available: int
    held: int
    level: m.Level | str
    limit_per_user: int | None
    opens_at_ms: int | None
    closes_at_ms: int | None
    link: int | None = None
    """The number that the host calls it by."""
    image_url: str | None = None
    """Its picture, a whole address or a path of the server; None where it has none."""
    next_batch_at_ms: int | None = None
    """When a batch brings more of it: 0 where somebody opens it by hand, None where none waits."""
    waiting: int = 0
    """How many people wait in the room for some of it."""


class Mirror:
    """The last known state of a room.

    Values are absolute and carry the pool's sequence, so the rule is short: within an epoch, what is older than what
    is shown is not applied, and counts never run backwards; a snapshot of another epoch replaces everything.
    After a reconnect to a server that lags behind, its first snapshot is therefore passed over: whatever happened
    after it arrives as changes, and those that are new are applied.

    `current` says whether the numbers can be believed now: a snapshot came on the present connection, and the server
    has not said since then that its own view may be old.
    """

    def __init__(self) -> None:
        self.room = ""
        self.title = ""
        self.demonstration = False
        self.waitlist = False
        self.epoch = 0
        self.seq = -1
        self.status: m.RoomStatus | str = m.RoomStatus.SCHEDULED
        self.spotlight: str | None = None
        self.viewers = 0
        self.notice: m.StandingNotice | None = None
        self.current = False
        self._stock: dict[str, SkuState] = {}
        self._reservations: dict[str, m.Holding] = {}
        self._waiting: dict[str, m.Place] = {}
        self._cues: dict[str, m.Cue] = {}
        self._alerts: dict[str, m.Alert] = {}
        self._metrics: dict[str, m.MetricRow] = {}
        self.stock: Mapping[str, SkuState] = MappingProxyType(self._stock)
        """SKU → its state, in the room's order."""
        self.reservations: Mapping[str, m.Holding] = MappingProxyType(self._reservations)
        """This user's live reservations, by id."""
        self.waiting: Mapping[str, m.Place] = MappingProxyType(self._waiting)
        """This user's places on waitlists, by id."""
        self.cues: Mapping[str, m.Cue] = MappingProxyType(self._cues)
        """Backstage: the cues that nobody has acknowledged, by id, oldest first."""
        self.alerts: Mapping[str, m.Alert] = MappingProxyType(self._alerts)
        """Backstage: the alerts that stand, by id, what changed last at the end. One goes when it is resolved."""
        self.metrics: Mapping[str, m.MetricRow] = MappingProxyType(self._metrics)
        """Backstage: SKU → its indicators."""
        self._apply: Mapping[type, Callable[[Any], None]] = {
            m.Snapshot: self._snapshot,
            m.Stock: self._stock_rows,
            m.Sale: self._sale,
            m.Spotlight: self._spotlight,
            m.Status: self._status,
            m.Viewers: self._viewers,
            m.Notice: self._notice,
            m.Metrics: self._metric_rows,
            m.Alert: self._alert,
            m.Cue: self._cue,
            m.Acknowledged: self._acknowledged,
            m.Me: self._me,
            m.Reserved: self._reserved,
            m.Cancelled: self._over,
            m.Confirmed: self._over,
            m.Expired: self._over,
            m.Waiting: self._waits,
            m.Offer: self._offer,
            m.WaitOver: self._wait_over,
            m.Waitlist: self._waitlist_rows,
            m.Error: self._error,
        }

    def apply(self, message: m.ServerMessage) -> bool:
        """Take over what a message says, if it says anything of the state. False: it is older than what is shown."""
        if isinstance(message, m.Snapshot):
            self.current, self.viewers = True, message.viewers
        if self._is_old(message):
            return False
        handler = self._apply.get(type(message))
        if handler is not None:
            handler(message)
        return True

    def connected(self) -> None:
        """Another connection: the cues and alerts that still stand are told anew."""
        self._cues.clear()
        self._alerts.clear()

    def disconnected(self) -> None:
        """The connection is gone: the numbers stay, but they are no longer current."""
        self.current = False

    def forget_reservations(self) -> None:
        """Another user: what was held, and the places, are not theirs."""
        self._reservations.clear()
        self._waiting.clear()

    def _snapshot(self, snapshot: m.Snapshot) -> None:
        self.room, self.epoch, self.seq = snapshot.room, snapshot.epoch, snapshot.seq
        self.title, self.demonstration, self.waitlist = snapshot.title, snapshot.demonstration, snapshot.waitlist
        self.status, self.spotlight = snapshot.status, snapshot.spotlight
        self.notice = snapshot.notice
        kept = {view.sku: self._from_view(view) for view in snapshot.skus}
        self._stock.clear()
        self._stock.update(kept)
        for sku in self._metrics.keys() - kept.keys():
            del self._metrics[sku]

    def _is_old(self, message: m.ServerMessage) -> bool:
        if isinstance(message, m.Snapshot):
            return message.room == self.room and message.epoch == self.epoch and message.seq < self.seq
        return isinstance(message, m.Stock) and message.seq < self.seq

    def _from_view(self, view: m.SkuView) -> SkuState:
        state = self._stock.get(view.sku)
        if state is None:
            return SkuState(
                view.sku,
                view.title,
                view.price_minor,
                view.currency,
                view.available,
                view.held,
                view.level,
                view.limit_per_user,
                view.opens_at_ms,
                view.closes_at_ms,
                view.link,
                view.image_url,
                view.next_batch_at_ms,
                view.waiting,
            )
        _set_terms(state, view)
        state.available, state.held, state.level = view.available, view.held, view.level
        state.waiting = view.waiting
        return state

    def _stock_rows(self, stock: m.Stock) -> None:
        self.seq = stock.seq
        for row in stock.rows:
            state = self._stock.get(row.sku)
            # A SKU that is not on the shelf yet comes with the next snapshot, which carries its terms too.
            if state is not None:
                state.available, state.held, state.level = row.available, row.held, row.level

    def _sale(self, sale: m.Sale) -> None:
        state = self._stock.get(sale.sku)
        if state is not None:
            _set_terms(state, sale)

    def _spotlight(self, spotlight: m.Spotlight) -> None:
        self.spotlight = spotlight.sku

    def _status(self, status: m.Status) -> None:
        self.status = status.status

    def _viewers(self, viewers: m.Viewers) -> None:
        self.viewers = viewers.viewers

    def _notice(self, notice: m.Notice) -> None:
        self.notice = m.StandingNotice(text=notice.text, at_ms=notice.at_ms) if notice.text else None

    def _metric_rows(self, metrics: m.Metrics) -> None:
        self._metrics.update({row.sku: row for row in metrics.rows})

    def _alert(self, alert: m.Alert) -> None:
        key = alert.id or alert.sku  # a server of before gives none, and tells of one a SKU
        self._alerts.pop(key, None)
        if alert.state != m.AlertState.RESOLVED:
            self._alerts[key] = alert
        while len(self._alerts) > ALERTS_MAX:
            del self._alerts[next(iter(self._alerts))]

    def _cue(self, cue: m.Cue) -> None:
        self._cues.pop(cue.id, None)
        self._cues[cue.id] = cue
        while len(self._cues) > CUES_MAX:
            del self._cues[next(iter(self._cues))]

    def _acknowledged(self, acknowledged: m.Acknowledged) -> None:
        self._cues.pop(acknowledged.cue, None)

    def _me(self, me: m.Me) -> None:
        self._reservations.clear()
        self._reservations.update({holding.id: holding for holding in me.reservations})
        self._waiting.clear()
        self._waiting.update({place.id: place for place in me.waiting})

    def _reserved(self, reserved: m.Reserved) -> None:
        if reserved.state in LIVE_STATES:
            self._waiting.pop(reserved.id, None)
            self._reservations[reserved.id] = m.Holding(
                id=reserved.id,
                sku=reserved.sku,
                qty=reserved.qty,
                state=reserved.state,
                expires_at_ms=reserved.expires_at_ms,
            )

    def _over(self, message: m.Cancelled | m.Confirmed | m.Expired) -> None:
        self._reservations.pop(message.id, None)
        self._waiting.pop(message.id, None)

    def _waits(self, waiting: m.Waiting) -> None:
        # One that is a reservation already is passed over: its turn came while the place was being told.
        if waiting.id not in self._reservations:
            self._waiting[waiting.id] = m.Place(
                id=waiting.id,
                sku=waiting.sku,
                qty=waiting.qty,
                first=waiting.first,
                last=waiting.last,
                stopped=waiting.stopped,
            )

    def _offer(self, offer: m.Offer) -> None:
        self._waiting.pop(offer.id, None)
        known = self._reservations.get(offer.id)
        self._reservations[offer.id] = m.Holding(
            id=offer.id,
            sku=offer.sku,
            qty=offer.qty,
            state=m.ReservationState.ACTIVE if known is None else known.state,
            expires_at_ms=offer.expires_at_ms,
            offered=True,
        )

    def _wait_over(self, over: m.WaitOver) -> None:
        self._waiting.pop(over.id, None)

    def _waitlist_rows(self, waitlist: m.Waitlist) -> None:
        for row in waitlist.rows:
            state = self._stock.get(row.sku)
            if state is not None:
                state.waiting = row.people

    def _error(self, error: m.Error) -> None:
        if error.code == Code.UNAVAILABLE and error.id is None:
            self.current = False


def _set_terms(state: SkuState, terms: m.SkuView | m.Sale) -> None:
    state.title, state.price_minor, state.currency = terms.title, terms.price_minor, terms.currency
    state.limit_per_user = terms.limit_per_user
    state.opens_at_ms, state.closes_at_ms = terms.opens_at_ms, terms.closes_at_ms
    state.link, state.image_url = terms.link, terms.image_url
    state.next_batch_at_ms = terms.next_batch_at_ms
