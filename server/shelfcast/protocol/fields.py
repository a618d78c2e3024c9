"""The fields that messages and definitions are made of: each with what it may be, checked where it comes in.

Counts are whole units, money is in minor units of its currency, times are milliseconds of the engine's clock since 1970
(`..._at_ms`) or durations (`..._ms`).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$(?!\n)"
"""Pools, channels, rooms and batches: lower-case letters, digits, - and _; at most 64."""
ID_PATTERN = r"^[A-Za-z0-9_.:~-]{1,64}$(?!\n)"
"""Ids that clients make: reservations, moves, idempotency keys."""
TEXT_PATTERN = r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$(?!\n)"
"""SKUs and users as real shops write them: printable, no space at either end, at most 128 characters."""

Name = Annotated[str, Meta(pattern=NAME_PATTERN, description="lower-case letters, digits, - and _; at most 64")]
Id = Annotated[str, Meta(pattern=ID_PATTERN, description="letters, digits and _.:~-; at most 64")]
ACTION_ID_MAX = 128
"""An undo's id is its action's behind a word, and an undo can be undone, and that one, too, but not for ever."""
ActionId = Annotated[
    str,
    Meta(
        pattern=rf"^[A-Za-z0-9_.:~-]{{1,{ACTION_ID_MAX}}}$(?!\n)",
        description="the id of an action: letters, digits and _.:~-; at most 128",
    ),
]
AlertId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_-]{1,64}(?:\.[0-9]{1,9})?:[0-9]{1,9}$(?!\n)",
        description="the id of an alert: its room, the number of the show, and its number in that, as evening.3:17; of "
        "one of no show its pool and its number in that, as main:17",
    ),
]
SNOOZE_MINUTES_MAX = 30
SnoozeMinutes = Annotated[int, Meta(ge=1, le=SNOOZE_MINUTES_MAX, description="minutes, 1 to 30")]
Sku = Annotated[str, Meta(pattern=TEXT_PATTERN, description="printable, no space at either end, at most 128")]
User = Annotated[str, Meta(pattern=TEXT_PATTERN, description="printable, no space at either end, at most 128")]
Qty = Annotated[int, Meta(ge=1, le=1_000_000, description="units, 1 to 1,000,000")]
Millis = Annotated[
    int,
    Meta(ge=0, le=8_640_000_000_000_000, description="milliseconds since 1970, at most what a browser has a date for"),
]
LINE_MAX = 500
Line = Annotated[str, Meta(min_length=1, max_length=LINE_MAX)]
