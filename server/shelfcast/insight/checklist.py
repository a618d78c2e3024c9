"""What a room's checklist finds before a show: pass, warn or fail, with what mends it. Pure.

Rules: docs/rules.md#go-live-gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct


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


class Cure(Struct, gc=False):
    """A cure, and what it is about: a SKU, a channel, a batch, units, as its kind has it."""

    kind: CureKind
    about: Mapping[str, Any] = NOTHING


class Item(Struct, gc=False):
    """One thing that was looked at: of the room, where `sku` is empty, or of one SKU. `why` is the case that it is,
    `values` the numbers of the sentence `detail`. Nothing changes it but who makes it."""

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


class Wanted(NamedTuple):
    """Which items are to be listed: those of one level, of one SKU, or (None) of all; at most so many."""

    limit: int
    level: Level | None = None
    sku: str | None = None


class Findings:
    """Items as they are found: all are counted, and those that are wanted are kept, no more than can be listed."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._counts: dict[Check, dict[Level, int]] = {}
        self._kept: dict[Level, dict[tuple[bool, Check], list[Item]]] = {level: {} for level in GRAVEST_FIRST}
        self._room_left = dict.fromkeys(GRAVEST_FIRST, wanted.limit)
        self._of_wanted = 0

    def add(self, item: Item) -> None:
        """One more; SKUs come in the order of the room."""
        check, level = item.check, item.level
        counts = self._counts.get(check)
        if counts is None:
            counts = self._counts[check] = dict.fromkeys(Level, 0)
        counts[level] += 1
        wanted = self._wanted
        if wanted.level not in (None, level) or wanted.sku not in (None, item.sku):
            return
        self._of_wanted += 1
        # A graver one may still come, so as many are kept of each level; the room's are few, and go first.
        if self._room_left[level] > 0 or not item.sku:
            self._room_left[level] -= 1
            self._kept[level].setdefault((item.sku != "", check), []).append(item)

    @property
    def tally(self) -> Tally:
        """How many of all items stand how."""
        return Tally(*(sum(counts[level] for counts in self._counts.values()) for level in Level))

    @property
    def checks(self) -> dict[Check, Tally]:
        """The same of each check that looked at something."""
        return {
            check: Tally(*(self._counts[check][level] for level in Level)) for check in Check if check in self._counts
        }

    def listed(self) -> list[Item]:
        """Those that are wanted, the gravest first, the room's before its SKUs'; then check by check, as the room has
        its SKUs. Of more than the limit the first that were found."""
        order = list(Check)
        found = [
            item
            for level in GRAVEST_FIRST
            for _, items in sorted(self._kept[level].items(), key=lambda kept: (kept[0][0], order.index(kept[0][1])))
            for item in items
        ]
        return found[: self._wanted.limit]

    @property
    def left_out(self) -> int:
        """How many of those that are wanted are beyond the limit."""
        return max(0, self._of_wanted - self._wanted.limit)
