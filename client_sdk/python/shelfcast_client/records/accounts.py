"""People who sign in by name and password."""

from __future__ import annotations

from typing import TypedDict


class Account(TypedDict):
    """An account, without its password. `pools` and `rooms` None are every one; `changed_by` wrote it last."""

    account: str
    role: str
    pools: list[str] | None
    rooms: list[str] | None
    revision: int
    made_at_ms: int
    changed_at_ms: int
    changed_by: str
