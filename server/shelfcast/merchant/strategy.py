"""Strategies: presets of a pool's numbers, which stay visible and can be changed one by one.

Rules: docs/rules.md#strategies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shelfcast.merchant import definitions
from shelfcast.merchant.buffers import safety_percent
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import (
    ANY_REVISION,
    SAFETY_PERCENT,
    ElasticMode,
    PoolConfig,
    Split,
    Strategy,
    What,
)
from shelfcast.stock.outcomes import Outcome

NUMBERS = ("split", "split_every_minutes", "elastic_percent", "elastic_mode", "safety_percent")
"""The fields of `PoolConfig` that a strategy is made of."""

PRESETS: Mapping[Strategy, Mapping[str, Any]] = {
    Strategy.CUSTOM: {},
    Strategy.BRAND: {"split": Split.PROPOSE, "split_every_minutes": 15, "safety_percent": SAFETY_PERCENT},
    Strategy.INFLUENCER: {
        "elastic_percent": 15,
        "elastic_mode": ElasticMode.ASK,
        "safety_percent": SAFETY_PERCENT,
    },
    Strategy.PROMOTION: {"safety_percent": SAFETY_PERCENT},
}
"""What each strategy sets; what it does not name is as in a pool without one. brand: one total, divided anew over the
channels by what they sell. influencer: a reserve that the operator is asked about. promotion: batches, which are
defined one by one."""


async def state(
    book: StockBook,
    strategy: Strategy,
    given: Mapping[str, Any],
    *,
    by: By,
    expected: int = ANY_REVISION,
) -> Outcome:
    """Begin a strategy: its numbers, but for those that are `given`; a number given as None is the preset's."""
    preset = PRESETS[strategy]
    said = {name: value for name, value in given.items() if value is not None}
    numbers = {name: said.get(name, preset.get(name)) for name in NUMBERS}
    return await definitions.change(book, What.POOL, "", {"strategy": strategy, **numbers}, by=by, expected=expected)


def changed(config: PoolConfig) -> list[str]:
    """The numbers that are not as the pool's strategy has them, in the order of NUMBERS."""
    now, before = numbers(config), numbers(begun(config.strategy))
    return [name for name in NUMBERS if now[name] != before[name]]


def begun(strategy: Strategy) -> PoolConfig:
    """A pool that has just begun a strategy."""
    return PoolConfig(**PRESETS[strategy])


def numbers(config: PoolConfig) -> dict[str, Any]:
    """The numbers of a pool's strategy as they count."""
    return {name: getattr(config, name) for name in NUMBERS} | {"safety_percent": safety_percent(config)}
