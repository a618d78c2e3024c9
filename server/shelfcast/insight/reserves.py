"""What of a SKU's opening stock is set aside before it is sold: the safety buffer and the elastic reserve.

Rules: docs/rules.md#safety-buffer.
"""

from __future__ import annotations

from typing import NamedTuple

LOW_SHARE_PERCENT = 20
"""What is left of what was offered, in percent, at which a reserve is released that an import has set aside."""


class Shares(NamedTuple):
    """How many percent of opening stock a pool sets aside; together at most 100."""

    safety_percent: int = 0
    elastic_percent: int = 0
    elastic_mode: str = "off"
    """How a reserve is released that an import has set aside: off, ask or auto."""


class Reserves(NamedTuple):
    """Units that are set aside."""

    safety: int = 0
    elastic: int = 0


NOTHING = Reserves()


def reserves(units: int, shares: Shares, *, safety_units: int | None = None) -> Reserves:
    """What to set aside of so many units: whole ones, rounded down. The SKU's own `safety_units` come before the pool's
    percentage (None: it has none), and the buffer before the reserve."""
    safety = units * shares.safety_percent // 100 if safety_units is None else min(units, safety_units)
    return Reserves(safety, min(units - safety, units * shares.elastic_percent // 100))
