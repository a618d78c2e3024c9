"""What a receiving process counts, second by second, and what all of them have counted together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from histogram import Histogram

_COUNTED = ("opened", "asked", "sent", "reads", "parsed", "backwards", "unreadable")
_BY_NAME = ("lost", "failed", "kinds", "paid")
_TIMED = ("latency", "entering")


class Slot:
    """One second of one phase."""

    def __init__(self, second: int, phase: str) -> None:
        self.second = second
        self.phase = phase
        self.asked = self.opened = 0
        """Connections begun, and those that had their first snapshot."""
        self.asked_at = self.opened_at = 0.0
        """When the first of them was begun, and when the last had it; 0 when there was none."""
        self.sent = 0
        """Reservations asked for."""
        self.reads = self.parsed = 0
        """Reads, and those of them that had to be parsed anew (see `mirror`)."""
        self.backwards = self.unreadable = 0
        self.lost: dict[str, int] = defaultdict(int)
        """Open connections that ended, by close code or reason."""
        self.failed: dict[str, int] = defaultdict(int)
        """Connections that did not come about, by status or reason."""
        self.kinds: dict[str, int] = defaultdict(int)
        """Messages by type."""
        self.paid: dict[str, int] = defaultdict(int)
        """Payments and cancellations, by what was answered."""
        self.latency: dict[int, int] = {}
        """From a change's time to its arrival here, by histogram bucket."""
        self.entering: dict[int, int] = {}
        """From the beginning of a connection to its first snapshot."""
        self.verdicts: dict[str, dict[int, int]] = {}
        """Reservations by code, from the intended send time to the verdict."""

    def begun(self, now: float) -> None:
        """A connection is begun."""
        self.asked += 1
        self.asked_at = self.asked_at or now

    def came(self, now: float, bucket: int) -> None:
        """A connection has its first snapshot; `bucket` says how long that took."""
        self.opened += 1
        self.opened_at = now
        self.entering[bucket] = self.entering.get(bucket, 0) + 1

    def plain(self) -> dict[str, Any]:
        """For the way to another process."""
        names = ("second", "phase", "asked_at", "opened_at", *_COUNTED, *_TIMED, "verdicts")
        return {name: getattr(self, name) for name in names} | {name: dict(getattr(self, name)) for name in _BY_NAME}


class Tally:
    """The slots of one process. `phase` is set by whoever conducts the test."""

    def __init__(self) -> None:
        self.phase = "start"
        self._slot = Slot(0, self.phase)
        self._full: list[Slot] = []

    def slot(self, now: float) -> Slot:
        """Where to count at this time (seconds since 1970)."""
        slot, second = self._slot, int(now)
        if slot.second != second or slot.phase != self.phase:
            if slot.second:
                self._full.append(slot)
            slot = self._slot = Slot(second, self.phase)
        return slot

    def take(self) -> list[dict[str, Any]]:
        """What was counted since the last time. The second under way is handed out too, and begun anew."""
        full, self._full = self._full, []
        if self._slot.second:
            full.append(self._slot)
        self._slot = Slot(0, self.phase)
        return [slot.plain() for slot in full]


class Whole:
    """Slots of all processes, summed by second or by phase: counts, and times as histograms."""

    def __init__(self) -> None:
        self.asked_at = self.opened_at = 0.0
        self.counts: dict[str, int] = defaultdict(int)
        self.by_name: dict[str, dict[str, int]] = {name: defaultdict(int) for name in _BY_NAME}
        self.timed = {name: Histogram() for name in _TIMED}
        self.verdicts: dict[str, Histogram] = {}

    def add(self, slot: Mapping[str, Any]) -> None:
        """Count a slot, as `Slot.plain` gives it."""
        begun_at = slot["asked_at"]
        if begun_at and (not self.asked_at or begun_at < self.asked_at):
            self.asked_at = begun_at
        self.opened_at = max(self.opened_at, slot["opened_at"])
        for name in _COUNTED:
            self.counts[name] += slot[name]
        for name, sums in self.by_name.items():
            for key, count in slot[name].items():
                sums[key] += count
        for name, histogram in self.timed.items():
            histogram.add(slot[name])
        for code, counts in slot["verdicts"].items():
            self.verdicts.setdefault(code, Histogram()).add(counts)

    @property
    def decided(self) -> int:
        """Reservations that have a verdict."""
        return sum(histogram.total for histogram in self.verdicts.values())

    def summary(self) -> dict[str, Any]:
        """What a report says of it."""
        everything = Histogram()
        for histogram in self.verdicts.values():
            everything.add(histogram.counts)
        return {
            **self.counts,
            "asked_at": self.asked_at,
            "opened_at": self.opened_at,
            **{name: dict(sums) for name, sums in self.by_name.items()},
            **{name: histogram.summary() for name, histogram in self.timed.items()},
            "verdicts": {code: histogram.summary() for code, histogram in sorted(self.verdicts.items())},
            "reservations": everything.summary(),
        }


def summed(slots: Iterable[Mapping[str, Any]]) -> Whole:
    """All slots in one."""
    whole = Whole()
    for slot in slots:
        whole.add(slot)
    return whole
