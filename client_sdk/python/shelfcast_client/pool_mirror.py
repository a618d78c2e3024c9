"""The pool as this client knows it: fed with messages, read by anybody. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from shelfcast_client import pool_messages as pm
from shelfcast_client.codes import Code
from shelfcast_client.messages import Alert, AlertState, Error

ACTIONS_MAX = 1_000
"""Events that are kept; the oldest gives way."""


class PoolMirror:
    """The last known state of a pool.

    A row replaces the one before. Within an epoch one of units with a smaller sequence than that of the known one is
    passed over (after a reconnect another server may lag a little). The snapshot of another epoch makes everything old:
    what it has not brought again when it is complete is gone. Of alerts and the crew each snapshot does, since one that
    was resolved, or left, while nobody listened is not told again.

    `current` says whether everything is known and can be believed now.
    """

    def __init__(self) -> None:
        self.pool = ""
        self.epoch = 0
        self.seq = -1
        self.current = False
        self._units: dict[str, pm.UnitsRow] = {}
        self._rooms: dict[str, pm.PeopleRow] = {}
        self._actions: dict[int, pm.ActionRow] = {}
        self._alerts: dict[str, Alert] = {}
        self._crew: dict[tuple[str, str], pm.CrewRow] = {}
        self._old_units: set[str] = set()
        """What is shown of an epoch that is over; so are the two below."""
        self._old_rooms: set[str] = set()
        self._old_actions: set[int] = set()
        self._old_alerts: set[str] = set()
        """What is shown of a connection that is over; so is the next."""
        self._old_crew: set[tuple[str, str]] = set()
        self.units: Mapping[str, pm.UnitsRow] = MappingProxyType(self._units)
        """SKU → where its units are."""
        self.rooms: Mapping[str, pm.PeopleRow] = MappingProxyType(self._rooms)
        """Room → its status, spotlight and viewers."""
        self.actions: Mapping[int, pm.ActionRow] = MappingProxyType(self._actions)
        """Number → event, the last ones."""
        self.alerts: Mapping[str, Alert] = MappingProxyType(self._alerts)
        """Id → alert of a show, those that stand."""
        self.crew: Mapping[tuple[str, str], pm.CrewRow] = MappingProxyType(self._crew)
        """User and role → who follows the pool, with how many connections, and since when."""
        self._apply: Mapping[type, Callable[[Any], None]] = {
            pm.PoolSnapshot: self._snapshot,
            pm.Units: self._take_units,
            pm.People: self._take_people,
            pm.Actions: self._take_actions,
            pm.Alerts: self._take_alerts,
            pm.Crew: self._take_crew,
            pm.Current: self._complete,
            Error: self._error,
        }

    def apply(self, message: pm.PoolMessage) -> bool:
        """Take over what a message says, if it says anything of the state. Always true: rows are older or newer one by
        one."""
        handler = self._apply.get(type(message))
        if handler is not None:
            handler(message)
        return True

    def connected(self) -> None:
        """Another connection: it begins with a snapshot."""

    def disconnected(self) -> None:
        """The connection is gone: what is known stays, but it is no longer current."""
        self.current = False

    def forget_reservations(self) -> None:
        """Another user: nothing here is anybody's own."""

    def _snapshot(self, snapshot: pm.PoolSnapshot) -> None:
        self.current = False
        if snapshot.epoch != self.epoch:
            self._old_units, self._old_rooms, self._old_actions = set(self._units), set(self._rooms), set(self._actions)
            self.seq = -1
        self._old_alerts, self._old_crew = set(self._alerts), set(self._crew)
        self.pool, self.epoch, self.seq = snapshot.pool, snapshot.epoch, max(self.seq, snapshot.seq)

    def _take_units(self, units: pm.Units) -> None:
        for row in units.rows:
            known = self._units.get(row.sku)
            if known is None or row.seq >= known.seq or row.sku in self._old_units:
                self._units[row.sku] = row
                self._old_units.discard(row.sku)
                self.seq = max(self.seq, row.seq)

    def _take_people(self, people: pm.People) -> None:
        for row in people.rows:
            self._rooms[row.room] = row
            self._old_rooms.discard(row.room)

    def _take_actions(self, actions: pm.Actions) -> None:
        for row in actions.rows:
            self._actions[row.n] = row
            self._old_actions.discard(row.n)
        while len(self._actions) > ACTIONS_MAX:
            del self._actions[min(self._actions)]

    def _take_alerts(self, alerts: pm.Alerts) -> None:
        for alert in alerts.rows:
            self._old_alerts.discard(alert.id)
            if alert.state == AlertState.RESOLVED:
                self._alerts.pop(alert.id, None)
            else:
                self._alerts[alert.id] = alert

    def _take_crew(self, crew: pm.Crew) -> None:
        for row in crew.rows:
            key = (row.user, row.role)
            self._old_crew.discard(key)
            if row.connections:
                self._crew[key] = row
            else:
                self._crew.pop(key, None)

    def _complete(self, current: pm.Current) -> None:
        for sku in self._old_units:
            del self._units[sku]
        for room in self._old_rooms:
            del self._rooms[room]
        for n in self._old_actions:
            self._actions.pop(n, None)
        for alert in self._old_alerts:
            self._alerts.pop(alert, None)
        for key in self._old_crew:
            self._crew.pop(key, None)
        self._old_crew = set()
        self._old_units, self._old_rooms, self._old_actions, self._old_alerts = set(), set(), set(), set()
        self.current, self.seq = True, max(self.seq, current.seq)

    def _error(self, error: Error) -> None:
        if error.code == Code.UNAVAILABLE:
            self.current = False
