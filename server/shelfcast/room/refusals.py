"""Reservations that a room refuses, gathered until the book's statistics take them: those that the book refused, and
those that never came so far. `RefusalTable` is pure; `RefusalCount` empties one at its time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice

from shelfcast import metrics
from shelfcast.merchant import refusals as use_cases
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.refusals import RefusedRow

ROWS_MAX = 4_000
"""Rows (a show, SKU and code) of a table. Refusals of one more are not counted."""
USERS_MAX = 20_000
"""Users of a table, in all its rows: a worker holds about so many connections. The attempts
of those beyond are counted, they themselves are not."""
ROWS_A_CALL_MAX = 200
USERS_A_CALL_MAX = 2_000
"""What one operation adds. It costs the engine a millisecond or two, during which nobody buys; the rest comes next."""
DIGEST_BYTES = 8
"""Of a user's name: the engine counts people without being told who they are."""


class _Row:
    __slots__ = ("count", "units", "users")

    def __init__(self) -> None:
        self.count = 0
        self.units = 0
        self.users: dict[str, None] = {}


class RefusalTable:
    """Refusals that the book does not know of yet."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, Code], _Row] = {}
        self._users = 0

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, show: str, sku: str, code: Code, units: int, user: str) -> bool:
        """Count an attempt; `user` is empty where it has none. False where there is no place for it."""
        key = show, sku, code
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= ROWS_MAX:
                return False
            row = self._rows[key] = _Row()
        row.count += 1
        row.units += units
        if user and user not in row.users and self._users < USERS_MAX:
            row.users[user] = None
            self._users += 1
        return True

    def take(self) -> list[RefusedRow]:
        """Hand out what one operation adds, the oldest first. Users for whom there is no room in it stay, in a row of
        no attempts."""
        taken: list[RefusedRow] = []
        left = USERS_A_CALL_MAX
        for key in list(islice(self._rows, ROWS_A_CALL_MAX)):
            row = self._rows[key]
            users = list(islice(row.users, left))
            left -= len(users)
            self._users -= len(users)
            taken.append(RefusedRow(*key, row.count, row.units, [_digest(user) for user in users]))
            row.count = row.units = 0
            for user in users:
                del row.users[user]
            if not row.users:
                del self._rows[key]
            if not left:
                break
        return taken


class RefusalCount:
    """Adds the refusals of one room to its shows' statistics, once an interval while there are any. What the book
    did not take, or may not have taken, is not added again: better too few than too many."""

    def __init__(self, book: StockBook, settings: Settings) -> None:
        self._book = book
        self._interval_s = settings.refusals_interval_ms / 1000
        self._table = RefusalTable()
        self._timer: asyncio.TimerHandle | None = None

    def refused(self, show: str, sku: str, code: Code, units: int, user: str) -> None:
        """A reservation in this show was refused."""
        if not self._table.add(show, sku, code, units, user):
            metrics.REFUSALS_UNCOUNTED.inc()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._send)

    def close(self) -> None:
        """Send the rest, all of it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._table:
            self._submit(self._table.take())

    def _send(self) -> None:
        self._timer = None
        self._submit(self._table.take())
        if self._table:
            self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._send)

    def _submit(self, rows: list[RefusedRow]) -> None:
        use_cases.add(self._book, rows, lambda outcome: _note_uncounted(outcome, rows))


def _note_uncounted(outcome: Outcome, rows: Iterable[RefusedRow]) -> None:
    if outcome.code is not Code.OK:
        metrics.REFUSALS_UNCOUNTED.inc(sum(row.count for row in rows))


def _digest(user: str) -> str:
    return blake2b(user.encode(), digest_size=DIGEST_BYTES).hexdigest()
