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
STRINGS = {"string", "concatenated string", "sliced string"}
VALUES = {"object", "array", "closure", "number", "symbol", "bigint", "regexp"} | STRINGS
"""What a heap snapshot calls the things that a program makes. The rest are the engine's (compiled code and what it
learnt for it, shapes of objects) and the browser's (style, layout, its record of the slowest frames)."""


def spread(latencies: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum."""
    ordered = sorted(latencies)
    return {
        "p50": statistics.median(ordered),
        "p99": statistics.quantiles(ordered, n=100, method="inclusive")[98] if len(ordered) > 1 else ordered[0],
        "max": ordered[-1],
    }


def percentile(latencies: list[float], percent: int) -> float:
    """So many per cent of them are at most this."""
    return statistics.quantiles(latencies, n=100, method="inclusive")[percent - 1]


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


def growth(
    samples: list[dict[str, float]], filling_bytes_a_minute: float = 0.0, filling_nodes_a_minute: float = 0.0
) -> dict[str, Any]:
    """The last third beside the middle one: what is built up in the beginning is no growth, what goes on is.

    `filling_bytes_a_minute` and `filling_nodes_a_minute` are what a page may put into a store, or a table, of bounded
    size that is not full before the end.
    """
    third = len(samples) // 3
    middle, last = (
        {key: statistics.median(each[key] for each in part) for key in ("minute", "heap_bytes", "nodes")}
        for part in (samples[third : 2 * third], samples[2 * third :])
    )
    more = {key: last[key] - middle[key] for key in last}
    mark = max(GROWTH_MARK_BYTES, GROWTH_MARK_SHARE * middle["heap_bytes"])
    nodes_mark = GROWTH_MARK_NODES + filling_nodes_a_minute * more["minute"]
    flat = more["heap_bytes"] <= mark + filling_bytes_a_minute * more["minute"] and more["nodes"] <= nodes_mark
    later = samples[len(samples) // 2 :]
    minutes, heaps = ([each[key] for each in later] for key in ("minute", "heap_bytes"))
    return {
        "heap_bytes": more["heap_bytes"],
        "nodes": more["nodes"],
        "flat": flat,
        "heap_bytes_a_minute": statistics.linear_regression(minutes, heaps).slope,
    }


def values(snapshot: dict[str, Any]) -> dict[str, int]:
    """Of a V8 heap snapshot: how many things of the page's own program it holds, and their bytes."""
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, (kinds, *_) = meta["node_fields"], meta["node_types"]
    wide, of_value = len(fields), [kind in VALUES for kind in kinds]
    types, sizes = nodes[fields.index("type") :: wide], nodes[fields.index("self_size") :: wide]
    own = [size for kind, size in zip(types, sizes, strict=True) if of_value[kind]]
    return {"values": len(own), "values_bytes": sum(own)}
