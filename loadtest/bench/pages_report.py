"""What `pages.py` prints of its results, and which marks they miss."""

from __future__ import annotations

from typing import Any

from pages_browser import KINDS
from rich.table import Table
from shelfcast.settings import Settings

WORK_MARK_MS = 100.0
"""Of a second of the main thread, as the server sends by default; a shorter tick is a harder case, for comparison."""
DEFAULT_MODE = f"tick {Settings().tick_ms} ms"


def tables(results: dict[str, Any]) -> list[Table]:
    """Those of the parts that have run."""
    parts = {"weight": _weight, "latency": _latency, "work": _work, "memory": _memory}
    return [made for part, tables_of in parts.items() if part in results for made in tables_of(results[part])]


def _weight(weight: dict[str, Any]) -> list[Table]:
    made = table("Page weight", ("requests", "transferred KiB", "first snapshot KiB"))
    for name, row in weight.items():
        sizes = (row["transferred_bytes"] / 1024, row["snapshot_bytes"] / 1024)
        made.add_row(name, str(row["requests"]), *(f"{size:.1f}" for size in sizes))
    return [made]


def _latency(latency: dict[str, Any]) -> list[Table]:
    columns = ("document p50", "p99", "max", "next frame p50", "p99", "max")
    made = table("Reservation sent → page, ms", columns)
    disk = table("The disk's flush at the same moments, ms", ("p50", "p99", "max"))
    for name, modes in latency.items():
        for mode, row in modes.items():
            spreads = (row["to_document_ms"], row["to_next_frame_ms"])
            made.add_row(f"{name}, {mode}", *(f"{each[key]:.0f}" for each in spreads for key in ("p50", "p99", "max")))
            disk.add_row(f"{name}, {mode}", *(f"{row['disk_flush_ms'][key]:.1f}" for key in ("p50", "p99", "max")))
    return [made, disk]


def _work(work: dict[str, Any]) -> list[Table]:
    made = table("Work", ("changes/s", "main thread ms/s", "script", "style", "layout", "frames/s", "lost"))
    for mode, pages in work.items():
        for name, row in pages.items():
            times = [f"{row[f'{part}_ms_a_second']:.1f}" for part in ("task", "script", "style", "layout")]
            frames = (f"{row['frames']['a_second']:.1f}", f"{row['frames']['lost_share']:.1%}")
            made.add_row(f"{name}, {mode}", f"{row['changes_a_second']:.0f}", *times, *frames)
    return [made]


def _memory(memory: dict[str, Any]) -> list[Table]:
    columns = ("heap MiB, first", "middle", "last", "nodes, first", "last", "main thread ms/s", "")
    made = table(f"Memory over {memory['minutes']:g} minutes", columns)
    later = table("Its second half", ("heap KiB/min", "the program's own values KiB", "at the end"))
    for name in KINDS:
        row = memory[name]
        rows = row["samples"]
        heaps = [f"{rows[at]['heap_bytes'] / 2**20:.2f}" for at in (0, len(rows) // 2, -1)]
        nodes = [f"{rows[at]['nodes']:.0f}" for at in (0, -1)]
        verdict = "flat" if row["growth"]["flat"] else "GROWING"
        made.add_row(name, *heaps, *nodes, f"{row['task_ms_a_second']:.0f}", verdict)
        half, end = (part["values_bytes"] / 1024 for part in row["kept_from_half_to_end"])
        later.add_row(name, f"{row['growth']['heap_bytes_a_minute'] / 1024:+.1f}", f"{half:.0f}", f"{end:.0f}")
    return [made, later]


def table(title: str, columns: tuple[str, ...]) -> Table:
    made = Table("page", title=title, title_justify="left")
    for column in columns:
        made.add_column(column, justify="right")
    return made


def missed(results: dict[str, Any]) -> list[str]:
    """The marks that do not hold."""
    found = [
        f"{name}: {row['task_ms_a_second']:.0f} ms a second of the main thread (mark {WORK_MARK_MS:.0f})"
        for name, row in results.get("work", {}).get(DEFAULT_MODE, {}).items()
        if row["task_ms_a_second"] > WORK_MARK_MS
    ]
    memory = results.get("memory", {})
    return found + [f"{name}: memory grows" for name in KINDS if name in memory and not memory[name]["growth"]["flat"]]
