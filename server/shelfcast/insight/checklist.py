"""What a room's checklist finds before a show: pass, warn or fail, with what mends it. Pure.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Level(StrEnum):
    """How an item stands."""

    PASS = "pass"  # noqa: S105 - a level
    WARN = "warn"
    FAIL = "fail"


GRAVEST_FIRST = (Level.FAIL, Level.WARN, Level.PASS)


class Check(StrEnum):
    """What is looked at, in the order in which a list of one level has them."""

    SHELF = "shelf"
    RUN_ORDER = "run_order"
    PLANNED_START = "planned_start"
    FREEZE = "freeze"
    BATCHES = "batches"
    LISTED = "listed"
    STOCK = "stock"
    COUNTED = "counted"
    OPEN_COUNT = "open_count"
    ERP = "erp"
    OWED = "owed"
    SET_ASIDE = "set_aside"
    UNSELLABLE = "unsellable"
    SAFETY_BUFFER = "safety_buffer"
    WINDOW = "window"
    PRICE = "price"
    LIMIT = "limit"
    LINK = "link"


class CureKind(StrEnum):
    """What mends an item: a request that is ready, or a place where somebody has to say more."""

    LIST_SKUS = "list_skus"
    SET_RUN_ORDER = "set_run_order"
    SET_PLANNED_START = "set_planned_start"
    THAW = "thaw"
    FILL_BATCH = "fill_batch"
    ALLOCATE = "allocate"
    RELEASE_ELASTIC = "release_elastic"
    OPEN_BATCH = "open_batch"
    TAKE_BACK = "take_back"
    SET_QUOTA = "set_quota"
    RECEIVE = "receive"
    LOWER_PLAN = "lower_plan"
    OPEN_COUNT = "open_count"
    FINISH_COUNT = "finish_count"
    SIGN_COUNT = "sign_count"
    SEND_ERP_LEVELS = "send_erp_levels"
    SETTLE = "settle"
    PULL_LOT = "pull_lot"
    SET_ASIDE = "set_aside"
    SET_WINDOW = "set_window"
    SET_PRICE = "set_price"
    SET_LIMIT = "set_limit"
    SET_LINK = "set_link"


NOTHING: Mapping[str, Any] = {}


class Cure(NamedTuple):
    """A cure, and what it is about: a SKU, a channel, a batch, units, as its kind has it."""

    kind: CureKind
    about: Mapping[str, Any] = NOTHING


class Item(NamedTuple):
    """One thing that was looked at: of the room, where `sku` is empty, or of one SKU. `why` is the case that it is,
    `values` the numbers of the sentence `detail`."""

    check: Check
    level: Level
    why: str
    detail: str
    values: Mapping[str, Any] = NOTHING
    cures: tuple[Cure, ...] = ()
    sku: str = ""
    title: str = ""
    link: int | None = None


class Tally(NamedTuple):
    """How many items stand how."""

    passes: int = 0
    warns: int = 0
    fails: int = 0


def tally(items: Iterable[Item]) -> Tally:
    """How many items stand how."""
    counts = dict.fromkeys(Level, 0)
    for item in items:
        counts[item.level] += 1
    return Tally(counts[Level.PASS], counts[Level.WARN], counts[Level.FAIL])


def gravest_first(items: Iterable[Item]) -> list[Item]:
    """Items as a list shows them: the gravest first, the room's before its SKUs', then as the room has its SKUs."""
    levels, checks = list(GRAVEST_FIRST), list(Check)
    return sorted(items, key=lambda item: (levels.index(item.level), item.sku != "", checks.index(item.check)))
