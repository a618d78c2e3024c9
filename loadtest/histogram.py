"""A histogram of times in bounded memory, as HdrHistogram keeps them: exact to a thousandth, whatever the range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

UNITS_A_MS = 10
"""One unit is a tenth of a millisecond."""
_EXACT_BITS = 11
_EXACT = 1 << _EXACT_BITS
"""Below this many units a bucket is one unit wide; each doubling above it has half as many buckets."""
_HALF = _EXACT >> 1
LONGEST = (1 << 26) - 1
"""Longer times (1.8 hours) count as this; it bounds the buckets at 18,432."""


def bucket_of(units: int) -> int:
    """The bucket of a time in units."""
    if units < _EXACT:
        return max(units, 0)
    units = min(units, LONGEST)
    shift = units.bit_length() - _EXACT_BITS
    return _EXACT + (shift - 1) * _HALF + (units >> shift) - _HALF


BUCKETS = tuple(bucket_of(units) for units in range(1 << 16))
"""The buckets of times below 6.5 s, for whoever has a hundred thousand of them a second to count."""


def units_of(bucket: int) -> int:
    """The longest time that falls into the bucket, in units."""
    if bucket < _EXACT:
        return bucket
    shift, place = divmod(bucket - _EXACT, _HALF)
    return ((place + _HALF + 1) << (shift + 1)) - 1


class Histogram:
    """Counts by bucket. `counts` may be written to directly, where every nanosecond matters."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = dict(counts or {})

    def record(self, ms: float) -> None:
        """Count a time in milliseconds."""
        bucket = bucket_of(int(ms * UNITS_A_MS))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def add(self, counts: Mapping[int, int]) -> None:
        """Count what another histogram has counted."""
        for bucket, count in counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    @property
    def total(self) -> int:
        """How many times were counted."""
        return sum(self.counts.values())

    def percentile(self, percent: float) -> float | None:
        """The time in milliseconds that `percent` of those counted do not exceed; None of an empty one."""
        wanted, seen = self.total * percent / 100, 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return units_of(bucket) / UNITS_A_MS
        return None

    def summary(self) -> dict[str, float | int | None]:
        """What a report says of it, in milliseconds."""
        figures = {f"p{percent:g}_ms": self.percentile(percent) for percent in (50, 90, 99, 99.9)}
        return {"count": self.total, **figures, "max_ms": self.percentile(100)}


def merged(parts: Iterable[Mapping[int, int]]) -> Histogram:
    """All parts in one."""
    whole = Histogram()
    for part in parts:
        whole.add(part)
    return whole
