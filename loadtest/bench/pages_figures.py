"""What is computed of what `pages.py` measures. Pure."""

from __future__ import annotations

import statistics
from typing import Any

FRAME_MS = 1000 / 60
LATE = 1.5
"""A frame that comes after this many frame times has missed its turn."""
DURATIONS = {
    "task": "TaskDuration",
    "script": "ScriptDuration",
    "style": "RecalcStyleDuration",
    "layout": "LayoutDuration",
}
GROWTH_MARK_SHARE, GROWTH_MARK_BYTES = 0.03, 128 * 1024
"""Heap after a collection moves by less than this by itself."""
GROWTH_MARK_NODES = 100


def spread(latencies: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum."""
    ordered = sorted(latencies)
    return {
        "p50": statistics.median(ordered),
        "p99": statistics.quantiles(ordered, n=100)[98] if len(ordered) > 1 else ordered[0],
        "max": ordered[-1],
    }


def main_thread(before: dict[str, float], after: dict[str, float], took_s: float) -> dict[str, float]:
    """Milliseconds a second that the page's main thread worked, between two readings of the browser's counters."""
    return {f"{name}_ms_a_second": 1000 * (after[key] - before[key]) / took_s for name, key in DURATIONS.items()}


def frames(gaps: list[float]) -> dict[str, float]:
    """Of the milliseconds between frames: how many came a second, and the share of those that should have."""
    lost = sum(round(gap / FRAME_MS) - 1 for gap in gaps if gap > LATE * FRAME_MS)
    return {
        "a_second": 1000 * len(gaps) / sum(gaps),
        "lost_share": lost / (len(gaps) + lost),
        "longest_gap_ms": max(gaps),
    }


def sample(figures: dict[str, float], minute: float) -> dict[str, float]:
    """What of the browser's counters tells whether a page grows."""
    return {
        "minute": minute,
        "heap_bytes": figures["JSHeapUsedSize"],
        "nodes": figures["Nodes"],
        "elements": figures["elements"],
        "listeners": figures["JSEventListeners"],
    }


def growth(samples: list[dict[str, float]]) -> dict[str, Any]:
    """The last third beside the middle one: what is built up in the beginning is no growth, what goes on is."""
    third = len(samples) // 3
    middle, last = samples[third : 2 * third], samples[2 * third :]
    heap = [statistics.median(each["heap_bytes"] for each in part) for part in (middle, last)]
    nodes = [statistics.median(each["nodes"] for each in part) for part in (middle, last)]
    more, more_nodes = heap[1] - heap[0], nodes[1] - nodes[0]
    flat = more <= max(GROWTH_MARK_BYTES, GROWTH_MARK_SHARE * heap[0]) and more_nodes <= GROWTH_MARK_NODES
    return {"heap_bytes": more, "nodes": more_nodes, "flat": flat}
