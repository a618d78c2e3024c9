"""The comparison as tables and as plots."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from compare_stands import FLOOR, SHELFCAST
from rich.console import Console
from rich.table import Table

FLOOR_SHARE_MAX = 1.25
COLUMNS = {
    "frame_cpu_us": "CPU µs a frame",
    "latency_p99_ms": "broadcast p99 ms",
    "handshake_cpu_us": "handshake CPU µs",
    "kib_a_connection": "KiB a connection",
}
NO_WEBSOCKETS = {FLOOR: ("handshake_cpu_us", "kib_a_connection")}
"""The floor answers 101 unread and keeps nothing: only its sending is a floor."""


def show(result: dict[str, Any], console: Console) -> None:
    """All that was measured, what was missing, and where Shelfcast does not lead."""
    for connections, figures in result["fan_out"]["connections"].items():
        console.print(_fan_out_table(int(connections), figures, result))
        for line in verdicts(figures):
            console.print("  " + line)
    for name, why in result["fan_out"]["missing"].items():
        console.print(f"missing: {name}: {why}", style="yellow", markup=False)
    if result["reservations"]:
        console.print(_reservations_table(result["reservations"]))
        console.print(f"  Shelfcast ÷ obvious server: {result['reservations']['ratio']:.1f}")


def verdicts(figures: dict[str, dict[str, float]]) -> list[str]:
    """Shelfcast's CPU a frame over the floor's, and every figure in which a peer is better."""
    ours = figures.get(SHELFCAST)
    if ours is None:
        return []
    lines = []
    if FLOOR in figures:
        share = ours["frame_cpu_us"] / figures[FLOOR]["frame_cpu_us"]
        lines.append(f"CPU a frame ÷ floor: {share:.2f} (goal: at most {FLOOR_SHARE_MAX})")
    for key, title in COLUMNS.items():
        better = [name for name, peer in figures.items() if name not in (FLOOR, SHELFCAST) and peer[key] < ours[key]]
        lines.append(f"{title}: " + (f"better is {', '.join(better)}" if better else "Shelfcast leads"))
    return lines


def _fan_out_table(connections: int, figures: dict[str, dict[str, float]], result: dict[str, Any]) -> Table:
    table = Table(title=f"{connections:,} connections, frames of {result['frame_bytes']} bytes ({result['machine']})")
    table.add_column("server", no_wrap=True)
    for title in (*COLUMNS.values(), "idle CPU %", "÷ floor"):
        table.add_column(title, justify="right")
    floor_us = figures.get(FLOOR, {}).get("frame_cpu_us")
    for name, values in figures.items():
        cells = ["–" if key in NO_WEBSOCKETS.get(name, ()) else f"{values[key]:.2f}" for key in COLUMNS]
        share = f"{values['frame_cpu_us'] / floor_us:.2f}" if floor_us else "–"
        idle = f"{values['idle_cpu_percent']:.1f}"
        table.add_row(name, *cells, idle, share, style="bold" if name == SHELFCAST else None)
    return table


def _reservations_table(found: dict[str, Any]) -> Table:
    table = Table(
        title=f"Reservations over sockets, on disk before each answer: {found['clients']} connections, "
        f"{found['under_way']:,} under way"
    )
    titles = ("decided/s", "p50 ms", "p99 ms", "server and engine CPU µs", "clients' CPU µs")
    table.add_column("server")
    for title in titles:
        table.add_column(title, justify="right")
    for name, values in found["servers"].items():
        table.add_row(name, *(f"{value:,.1f}" for value in values.values()))
    return table


def plot(result: dict[str, Any], out: Path, console: Console) -> None:
    """One picture, as PNG and SVG beside the JSON."""
    if importlib.util.find_spec("matplotlib") is None:
        console.print("no plots: pip install 'shelfcast[bench]'", markup=False)
        return
    import matplotlib as mpl  # noqa: PLC0415 - optional, and slow to import

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(2, 2, figsize=(13, 9), layout="constrained")
    for axis, (key, title) in zip(axes.flat, COLUMNS.items(), strict=True):
        _bars(axis, key, result["fan_out"]["connections"])
        axis.set_title(title)
    axes[0, 0].legend(title="connections")
    figure.suptitle(f"Frames of {result['frame_bytes']} bytes, {result['machine']}; less is better")
    for suffix in (".png", ".svg"):
        figure.savefig(out.with_suffix(suffix), dpi=120)
    plt.close(figure)
    console.print(f"{out}, {out.with_suffix('.png').name} and {out.with_suffix('.svg').name} are written")


def _bars(axis: Any, key: str, by_count: dict[str, dict[str, dict[str, float]]]) -> None:
    names = [name for name in next(iter(by_count.values())) if key not in NO_WEBSOCKETS.get(name, ())]
    height = 0.8 / len(by_count)
    for place, (connections, figures) in enumerate(by_count.items()):
        values = [max(figures[name][key], 0.0) for name in names]
        at = [row + place * height for row in range(len(names))]
        bars = axis.barh(at, values, height, label=f"{int(connections):,}")
        axis.bar_label(bars, fmt="{:,.4g}", fontsize=7, padding=2)
    axis.margins(x=0.12)
    axis.set_yticks([row + 0.4 - height / 2 for row in range(len(names))], names)
    axis.invert_yaxis()
