"""The way of reservations into the book: a bound on those under way, and the lobby of a sale that is just opening."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from shelfcast.protocol.codes import Code
from shelfcast.room.admission import Admission
from shelfcast.room.chance import Chance
from shelfcast.room.lobby import Lobby, Phase, lobby_ends_at_ms, phase
from shelfcast.settings import Settings
from shelfcast.stock.book import OVERLOADED, Done, StockBook
from shelfcast.stock.configuration import Listing
from shelfcast.stock.operations import Cancel, Decline, Op, Reserve, Wait
from shelfcast.stock.outcomes import Outcome

AGAIN_MARGIN_MS = 1_000
"""A request that says it is sent again is looked up in the book, open or not. This shortly before the opening it waits
in the lobby like the others: the engine's clock may be ahead of what is known of it here, and saying "again" would be a
way around the lobby."""


class Clock(Protocol):
    """The engine's time, and a timer by it."""

    def now_ms(self) -> int:
        """The engine's time, as well as it is known; never ahead of it."""

    def call_at_ms(self, at_ms: int, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when the engine's clock says `at_ms`; returns what cancels it."""


class _Waiting:
    """A reservation in a lobby, and the cancellations that came behind it."""

    __slots__ = ("behind", "done", "op")

    def __init__(self, op: Reserve, done: Done) -> None:
        self.op = op
        self.done = done
        self.behind: list[tuple[Cancel, Done]] = []


class ReservationQueue:
    """Sends a room's reservations to the book, each at its time. Whatever is refused here costs no engine call."""

    def __init__(self, book: StockBook, admission: Admission, clock: Clock, settings: Settings, random: Chance) -> None:
        self._book = book
        self._admission = admission
        self._clock = clock
        self._settings = settings
        self._random = random
        self._lobbies: dict[str, Lobby[_Waiting]] = {}
        self._gathered: dict[tuple[str, str], _Waiting] = {}
        """By user and id, while they are in a lobby."""
        self._timers: dict[str, tuple[Callable[[], None], int]] = {}
        """By SKU: what cancels the drawing of its lobby, and when that is by the engine's clock."""

    def close(self) -> None:
        """Serve nobody more. What is in a lobby was not executed, and is not answered."""
        for cancel, _ in self._timers.values():
            cancel()

    def clock_stepped(self) -> None:
        """The engine's clock was set: every lobby is drawn when it says so by now."""
        for sku, (cancel, ends_at_ms) in list(self._timers.items()):
            cancel()
            self._draw_at(sku, ends_at_ms)

    def reserve(self, op: Reserve, terms: Listing | None, done: Done, *, again: bool) -> Outcome | None:
        """Have it decided; `done` is called with what the book says, or when a lobby turns it away. A refusal that can
        be told at once is returned instead."""
        if terms is not None and self._gathers(op.sku, terms, again=again):
            return self._gather(op, terms, done)
        if terms is not None and not again and phase(terms, self._clock.now_ms()) is Phase.EARLY:
            return Outcome(Code.NOT_OPEN, retry_at_ms=terms.opens_at_ms or 0)
        if self._admission.full:
            return OVERLOADED
        self._submit(op, done)
        return None

    def wait(self, op: Wait, done: Done) -> Outcome | None:
        """Have it decided, lobby or not: the book refuses it before a sale opens. A refusal that can be told at once is
        returned instead."""
        if self._admission.full:
            return OVERLOADED
        self._submit(op, done)
        return None

    def decline(self, op: Decline, done: Done) -> None:
        """Have it decided."""
        self._book.submit(op, done)

    def cancel(self, op: Cancel, done: Done) -> None:
        """Have it decided, behind the reservation it is about when that is in a lobby."""
        waiting = self._gathered.get((op.user, op.id))
        if waiting is not None and len(waiting.behind) < self._settings.lobby_requests_a_user_max:
            waiting.behind.append((op, done))
        else:
            self._book.submit(op, done)

    def _submit(self, op: Op, done: Done) -> None:
        def decided(outcome: Outcome) -> None:
            self._admission.end()
            done(outcome)

        self._admission.begin()
        self._book.submit(op, decided)

    # --- the lobby --------------------------------------------------------------------------------------------------

    def _gathers(self, sku: str, terms: Listing, *, again: bool) -> bool:
        """Whether a request that comes now waits in the lobby. One that is not drawn yet still takes everybody in, or
        who comes a moment later would be served before."""
        if sku in self._lobbies:
            return True
        now_ms = self._clock.now_ms()
        found = phase(terms, now_ms)
        if found is Phase.EARLY:
            return again and (terms.opens_at_ms or 0) - now_ms <= AGAIN_MARGIN_MS
        return found is Phase.GATHERING

    def _gather(self, op: Reserve, terms: Listing, done: Done) -> Outcome | None:
        lobby = self._lobbies.get(op.sku)
        if lobby is None:
            settings = self._settings
            lobby = Lobby(settings.lobby_users_max, settings.lobby_requests_a_user_max, self._random)
            self._lobbies[op.sku] = lobby
            self._draw_at(op.sku, lobby_ends_at_ms(terms))
        request = _Waiting(op, done)
        turned_away = lobby.join(op.user, request)
        if request not in turned_away:
            self._gathered[op.user, op.id] = request
            for other in turned_away:
                self._let_go(other)
                other.done(OVERLOADED)
            return None
        return OVERLOADED

    def _draw_at(self, sku: str, ends_at_ms: int) -> None:
        self._timers[sku] = self._clock.call_at_ms(ends_at_ms, partial(self._draw, sku)), ends_at_ms

    def _draw(self, sku: str) -> None:
        """The time is over: all go to the book, in the order that chance has given them."""
        del self._timers[sku]
        for request in self._lobbies.pop(sku).draw():
            self._submit(request.op, request.done)
            self._let_go(request)

    def _let_go(self, request: _Waiting) -> None:
        """It is in no lobby any more: whatever waited behind it goes to the book, which has it in this order."""
        key = request.op.user, request.op.id
        if self._gathered.get(key) is request:
            del self._gathered[key]
        for op, done in request.behind:
            self._book.submit(op, done)
