"""Duty: before a show is planned to begin, its room's checklist is looked at, and what fails rings.

What has rung stands in the book, so a successor says nothing twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from shelfcast.merchant import gate_reminders
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool

LOOK_EVERY_MS = 60_000
"""How often a room's checklist is held against the book in the hours before its planned start."""
ROOMS_A_RUN = 5
"""Rooms whose checklists are looked at in one run; a full shelf takes some tenths of a second."""


@dataclass(slots=True)
class _Round:
    """One look at all rooms of a pool: under which fence, in which minute, and which rooms are left."""

    fence: int
    minute: int
    rooms: deque[str] = field(default_factory=deque)


class RemindOfGate:
    """Looks at each pool's rooms once a minute by the engine's clock."""

    name = "remind_of_gate"
    may_run_twice = False

    def __init__(self, settings: Settings) -> None:
        self.interval_ms = settings.duty_interval_ms
        self._rounds: dict[str, _Round] = {}

    async def run(self, pool: Pool, fence: int | None) -> None:
        """Begin a round where a minute has begun, and look at the next rooms of it. Raises EngineError."""
        if fence is None:
            raise ValueError("people are reminded under a lease alone")
        book = pool.book
        _, _, now_ms = await book.clock()
        current = self._rounds.get(book.pool)
        is_over = current is None or current.fence != fence or not current.rooms
        minute = now_ms // LOOK_EVERY_MS
        if current is None or (is_over and (current.fence, current.minute) != (fence, minute)):
            await gate_reminders.wake(book, fence, now_ms)
            due = {room for room, config in (await book.rooms()).items() if gate_reminders.step_of(config, now_ms)}
            due |= set(await gate_reminders.standing(book))
            current = self._rounds[book.pool] = _Round(fence, minute, deque(sorted(due)))
        for _ in range(min(ROOMS_A_RUN, len(current.rooms))):
            await gate_reminders.remind(book, fence, current.rooms[0])
            current.rooms.popleft()
