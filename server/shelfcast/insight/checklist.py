"""What a room's checklist finds before a show: pass, warn or fail, with what mends it. Pure.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How an item stands."""

    PASS = "pass"  # noqa: S105 - a level
    WARN = "warn"
    FAIL = "fail"
