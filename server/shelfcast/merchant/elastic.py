"""The elastic reserve of a SKU: its rule, and releases of it. Rules: docs/rules.md#elastic-reserve."""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.merchant import definitions
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import ANY_REVISION, ElasticRule, What
from shelfcast.stock.operations import ElasticStep, ReleaseElastic
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.places import POOL

STEP = 0
"""So many units as a step of the rule has; without a rule, or where it names no step, all there are."""
BY_ETA = "at_eta_minutes"
"""The reason that stands in the ledger where the reserve was released because what is left does not last."""

Done = Callable[[Outcome], None]


async def define(
    book: StockBook, sku: str, rule: ElasticRule | None, *, by: By, expected: int = ANY_REVISION
) -> Outcome:
    """Set the rule of a SKU, or (None) drop it. A rule that is saved acts with the next change. Raises InvalidInput
    where it contradicts itself; the outcome is UNKNOWN_SKU where the pool has no such SKU."""
    if rule is not None:
        definitions.check_rule(rule)
    return await definitions.change(book, What.SKU, sku, {"elastic": rule}, by=by, expected=expected)


async def release(
    book: StockBook, key: str, sku: str, units: int = STEP, *, target: str = POOL, actor: str, reason: str = ""
) -> Outcome:
    """Release units of the reserve by hand, once a key. The outcome's data: how many, and which release of the SKU it
    was."""
    return await book.apply(ReleaseElastic(key, sku, units, target, actor, reason))


async def release_step(
    book: StockBook, sku: str, step: int, units: int, *, target: str, actor: str, reason: str
) -> Outcome:
    """Make the release of this number that an alert offers: once, whoever asks."""
    return await book.apply(ElasticStep(sku, step, units, target, actor, reason))


def release_by_eta(book: StockBook, fence: int, sku: str, step: int, target: str, done: Done) -> None:
    """The duty: what is left does not last, and the rule says that the reserve is released by itself then. Made once,
    whoever races; the book refuses a fence that is over."""
    book.submit(ElasticStep(sku, step, STEP, target, "book", BY_ETA, fence), done)
