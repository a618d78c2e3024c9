"""The state of one pool, merged from pages of the book and what the feed says. Pure.

Pages and changes come in any order: each value of a SKU says the pool's sequence it is of, and an older one than is
known is passed over. So the book is read page by page while it goes on selling.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import astuple, replace

from shelfcast.pool.latest_rows import Key, LatestRows
from shelfcast.protocol.access import Role
from shelfcast.protocol.from_server import Alert
from shelfcast.protocol.pool_messages import ActionRow, BatchRow, CrewRow, PeopleRow, Topic, UnitsRow
from shelfcast.protocol.states import AlertState
from shelfcast.room.alerts import alert
from shelfcast.stock.alerts import AlertNews, AlertRecord
from shelfcast.stock.changes import ConfigEvent, FeedMessage, PoolEvent, SkuStock
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.followers import Follower
from shelfcast.stock.records import UnitsPage

ALERTS_ENDED_MAX = 200
"""Alerts that have ended whose end a follower is told, and may be behind of."""
CREW_GONE_MAX = 200
"""The same of those of the crew who have left."""
ACTIONS_SHOWN_MAX = 200
"""The last events that a follower is told when it comes, and may be behind of."""
_PLACES_BEGIN = 2
"""Before the places stand, in a row of units, the SKU and the sequence."""

_OF_A_PERSON = frozenset({"key", "text"})
"""What an event about somebody says of that person."""


class PoolState:
    """What those who follow a pool see. Nothing is kept of a topic that nobody has asked for (`wanted`)."""

    __slots__ = (
        "_actions",
        "_alerts_heard",
        "_ended",
        "_events_heard",
        "_gone",
        "_here",
        "_rooms_heard",
        "_skus_heard",
        "_standing",
        "at_ms",
        "complete",
        "epoch",
        "live",
        "rooms",
        "rows",
        "seq",
        "wanted",
    )

    def __init__(self) -> None:
        self.rows = LatestRows()
        self.epoch = self.seq = self.at_ms = 0
        self.live = False
        """Whether a feed keeps it true."""
        self.wanted: set[Topic] = set()
        self.complete: set[Topic] = set()
        """The topics that have been read since the feed began; the rows of the others may be old, or missing."""
        self.rooms: dict[str, None] = {}
        """The names of the pool's rooms."""
        self._rooms_heard: set[str] = set()
        """Rooms that the feed has spoken of since it began: what is read of them may be older."""
        self._skus_heard: set[str] = set()
        """SKUs whose catalogue entry the feed spoke of while the units were read: one may be new, and on no page."""

        self._events_heard: list[PoolEvent] = []
        """Events that the feed told while those before them were read."""
        self._standing: set[str] = set()
        """The ids of the alerts that stand."""
        self._alerts_heard: set[str] = set()
        """Alerts that the feed has spoken of while those that stand were read."""
        self._ended: deque[Key] = deque()
        """Alerts that have ended, the last of them."""
        self._here: dict[Key, Follower] = {}
        """The crew."""
        self._gone: dict[Key, None] = {}
        """Those of the crew who have left, the last of them."""
        self._actions: deque[int] = deque()
        """The numbers of the events that are shown, in order."""

    def begin(self, epoch: int, seq: int) -> bool:
        """The feed begins (again) behind this sequence. True where the epoch is a new one, in which counts may differ
        in any direction: then nothing is known any more."""
        is_new = epoch != self.epoch
        if is_new:
            self.rows.clear()
            self.rooms.clear()
            self._actions.clear()
            self._standing.clear()
            self._ended.clear()
            self._here.clear()
            self._gone.clear()
        self.epoch, self.seq, self.live = epoch, seq if is_new else max(seq, self.seq), True
        self.complete.clear()
        for heard in (self._rooms_heard, self._skus_heard, self._events_heard, self._alerts_heard):
            heard.clear()
        return is_new

    def lost(self) -> None:
        """The feed is gone: what is here is old until it begins again."""
        self.live = False
        self.complete.clear()

    def apply(self, message: FeedMessage) -> None:
        """Merge a change."""
        self.seq, self.at_ms = max(self.seq, message.seq), message.at_ms
        if Topic.UNITS in self.wanted:
            for stock in message.stock:
                self._put_units(stock, message.seq)
        for event in message.config:
            self._configure(event)
        if Topic.ACTIONS in self.complete:
            self._show(message.events)
        elif Topic.ACTIONS in self.wanted:
            self._events_heard += message.events
        if Topic.ALERTS in self.wanted:
            for news in message.news:
                if isinstance(news, AlertNews):
                    self._put_alert(news.alert)

    def read_units(self, page: UnitsPage) -> None:
        """Merge a page of the book. One of another epoch is passed over: the feed is about to notice."""
        if page.epoch == self.epoch:
            self.seq = max(self.seq, page.seq)
            for stock in page.rows:
                self._put_units(stock, page.seq)

    def units_complete(self) -> None:
        """The last page has been merged."""
        self.complete.add(Topic.UNITS)
        for sku in self._skus_heard:
            self._list(sku)
        self._skus_heard.clear()

    def read_rooms(self, rooms: Mapping[str, RoomConfig]) -> None:
        """Merge the pool's rooms."""
        for name, config in rooms.items():
            if name not in self._rooms_heard:
                self._put_room(name, config)

    def count(self, viewers: Mapping[str, int]) -> None:
        """So many viewers are in these rooms; then the people are complete."""
        self.complete.add(Topic.PEOPLE)
        for name, number in viewers.items():
            known = self.rows.get(Key(Topic.PEOPLE, name))
            if isinstance(known, PeopleRow) and known.viewers != number:
                self.rows.put(Key(Topic.PEOPLE, name), PeopleRow(name, known.status, known.spotlight, number))

    def read_actions(self, events: Iterable[PoolEvent]) -> None:
        """Merge the last events, in order; then the actions are complete."""
        self.complete.add(Topic.ACTIONS)
        self._show(events)
        self._show(self._events_heard)
        self._events_heard.clear()

    def read_alerts(self, standing: Iterable[AlertRecord]) -> None:
        """Merge the alerts that stand; then they are complete. What ended while nobody heard it is not among them."""
        self.complete.add(Topic.ALERTS)
        read = {record.id: record for record in standing}
        for name in [name for name in self._standing if name not in read]:
            key = Key(Topic.ALERTS, name)
            known = self.rows.get(key)
            if isinstance(known, Alert) and name not in self._alerts_heard:
                over = replace(known, state=AlertState.RESOLVED, resolved_at_ms=self.at_ms, changed_at_ms=self.at_ms)
                self._end_alert(key, over)
        for record in read.values():
            if record.id not in self._alerts_heard:
                self._put_alert(record)
        self._alerts_heard.clear()

    def read_crew(self, followers: Iterable[Follower]) -> None:
        """Who follows the pool now; then the crew is complete."""
        self.complete.add(Topic.CREW)
        here = {Key(Topic.CREW, f"{follower.role} {follower.user}"): follower for follower in followers}
        for key, gone in self._here.items():
            if key not in here:
                self.rows.put(key, CrewRow(gone.user, Role(gone.role), 0, gone.since_ms))
                self._gone.pop(key, None)
                self._gone[key] = None
        for key, follower in here.items():
            if follower != self._here.get(key):
                row = CrewRow(follower.user, Role(follower.role), follower.connections, follower.since_ms)
                self.rows.put(key, row)
        self._here = here
        while len(self._gone) > CREW_GONE_MAX:
            key = next(iter(self._gone))
            del self._gone[key]
            if key not in here:
                self.rows.drop(key)

    # --- parts -------------------------------------------------------------------------------------------

    def _put_units(self, stock: SkuStock, seq: int) -> None:
        key = Key(Topic.UNITS, stock.sku)
        known = self.rows.get(key)
        if isinstance(known, UnitsRow) and known.seq > seq:
            return
        places = [
            (units.channel, units.allocated, units.held, units.sold, units.presale_held, units.presale_sold)
            for units in stock.channels
        ]
        # A channel may have nothing but counters, or batches that go to it.
        channels = [place for place in places if any(place[1:])]
        aside = stock.set_aside
        row = UnitsRow(
            stock.sku,
            seq,
            stock.pool,
            stock.locked,
            stock.presale,
            stock.frozen,
            channels,
            stock.waitlist.rooms,
            aside.safety,
            stock.elastic[0],
            aside.unsellable,
            _batches(stock),
        )
        self.rows.put(key, row, changed=not isinstance(known, UnitsRow) or _places(known) != _places(row))

    def _show(self, events: Iterable[PoolEvent]) -> None:
        for event in events:
            if self._actions and event.n <= self._actions[-1]:
                continue
            row = ActionRow(
                event.n,
                event.at_ms,
                event.type,
                event.room,
                event.subject,
                event.data,
                event.actor,
                event.action,
            )
            self._actions.append(event.n)
            self.rows.put(Key(Topic.ACTIONS, event.n), row)
            if len(self._actions) > ACTIONS_SHOWN_MAX:
                self.rows.drop(Key(Topic.ACTIONS, self._actions.popleft()))

    def _put_alert(self, record: AlertRecord) -> None:
        key, row = Key(Topic.ALERTS, record.id), alert(record)
        if Topic.ALERTS not in self.complete:
            self._alerts_heard.add(record.id)
        if record.stands:
            self._standing.add(record.id)
            self.rows.put(key, row, changed=row != self.rows.get(key))
        else:
            self._end_alert(key, row)

    def _end_alert(self, key: Key, row: Alert) -> None:
        """Tell that one is over; the last of those are kept for whoever is slow."""
        self._standing.discard(str(key.name))
        self.rows.put(key, row)
        self._ended.append(key)
        if len(self._ended) > ALERTS_ENDED_MAX:
            gone = self._ended.popleft()
            if gone.name not in self._standing:
                self.rows.drop(gone)

    def _list(self, sku: str) -> None:
        """A SKU that may be new in the catalogue: then it has no unit yet."""
        if self.rows.get(Key(Topic.UNITS, sku)) is None:
            self._put_units(SkuStock(sku, 0, frozen=False, locked=0, presale=0, channels=[]), self.seq)

    def _configure(self, event: ConfigEvent) -> None:
        if event.what is What.ROOM and Topic.PEOPLE in self.wanted and event.values is not None:
            self._rooms_heard.add(event.key)
            self._put_room(event.key, msgspec.convert(event.values, RoomConfig))
        elif event.what is What.SKU and Topic.UNITS in self.complete:
            self._list(event.key)
        elif event.what is What.SKU and Topic.UNITS in self.wanted:
            self._skus_heard.add(event.key)
        elif event.what is What.USER and event.values is None:
            self._forget(event.key)

    def _forget(self, user: str) -> None:
        """Nobody who comes is told any more what was decided about somebody who is forgotten."""
        for n in self._actions:
            key = Key(Topic.ACTIONS, n)
            row = self.rows.get(key)
            if isinstance(row, ActionRow) and row.subject == user and row.data.get("what") == What.USER:
                data = {field: value for field, value in row.data.items() if field not in _OF_A_PERSON}
                self.rows.put(key, replace(row, subject="", data=data), changed=False)

    def _put_room(self, name: str, config: RoomConfig) -> None:
        key = Key(Topic.PEOPLE, name)
        known = self.rows.get(key)
        viewers = known.viewers if isinstance(known, PeopleRow) else 0
        row = PeopleRow(name, config.status, config.spotlight, viewers)
        self.rooms[name] = None
        self.rows.put(key, row, changed=row != known)


def _batches(stock: SkuStock) -> list[BatchRow]:
    """All batches that hold units of the SKU, by name."""
    rows = [(batch.name, batch.channel, batch.units, True) for batch in stock.batches if batch.units]
    if stock.set_aside.batches:
        rows = sorted(rows + [(*closed, False) for closed in stock.set_aside.batches])
    return rows


def _places(row: UnitsRow) -> tuple[object, ...]:
    return astuple(row)[_PLACES_BEGIN:]
