"""All that the plain book knows."""

from __future__ import annotations

from collections import Counter

from plain_book.records import PlainBatch, PlainCount, PlainProposal, PlainReservation, PlainRule, PlainWait, Terms


class State:
    """Channels `live` (shared) and `douyin` (dedicated), rooms on them."""

    CHANNELS = {"evening": "live", "morning": "douyin", "night": "live"}  # noqa: RUF012

    def __init__(self, now: int, skus: tuple[str, ...]) -> None:
        self.now = now
        self.units: dict[str, Counter[str]] = {sku: Counter() for sku in skus}
        self.frozen: set[str] = set()
        """SKUs whose own flag is set."""
        self.stopped: set[tuple[str, str]] = set()
        """Channels, rooms, and the pool ("pool", ""), whose flag is set."""
        self.elastic: dict[str, PlainRule] = {sku: PlainRule() for sku in skus}
        self.elastic_steps: Counter[str] = Counter()
        self.shifted: list[tuple[str, set[str]]] = []
        """What the operation so far has moved of what can be sold: SKU, and the channels that it is about."""
        self.terms = {(room, sku): Terms() for room in self.CHANNELS for sku in skus}
        self.status = dict.fromkeys(self.CHANNELS, "live")
        self.show = dict.fromkeys(self.CHANNELS, 1)
        self.ended_at = dict.fromkeys(self.CHANNELS, 0)
        self.taken: dict[str, Counter[str]] = {sku: Counter() for sku in skus}
        self.sold: Counter[tuple[str, str]] = Counter()
        self.bases: dict[tuple[str, str], dict[str, int]] = {}
        self.standing: dict[str, str] = {}
        self.reservations: dict[str, PlainReservation] = {}
        self.batches: dict[str, PlainBatch] = {}
        self.from_batch: Counter[tuple[str, str, str]] = Counter()
        """By batch, user and SKU: net units."""
        self.low: dict[str, tuple[int | None, str]] = dict.fromkeys(self.CHANNELS.values(), (None, "fixed"))
        """Of each channel its low mark and what it does below it."""
        self.floors = {"pool": 0, "channel:douyin": 0}
        self.cap: int | None = None
        """Of the dedicated channel."""
        self.proposals: dict[str, PlainProposal] = {}
        self.split_at: dict[str, int] = {}
        """When a SKU was last in a proposal that was made or decided."""
        self.waits: dict[str, PlainWait] = {}
        """All there ever were, by their numbers."""
        self.waitlist = dict.fromkeys(self.CHANNELS, False)
        """Whether a room keeps one."""
        self.auto_settle = False
        self.without_stock: dict[str, int] = {}
        """Reservations that are paid and have no units: since when."""
        self.crossings: dict[str, list[int]] = {sku: [] for sku in skus}
        """Of each SKU, all units that left (below zero) or entered what is on hand, one after another."""
        self.counts: dict[str, PlainCount] = {}
        self.counted: dict[str, tuple[str, int, int, int]] = {}
        """Of each SKU its last count that was applied: its name, what was found, the difference, the shortage."""
        self.touched: set[str] = set()
        """SKUs of which the operation so far has moved units, or changed the waitlist."""
        self.defined = False
        """Whether it has changed a definition."""
