"""The report of a run: one HTML page with its plots inside, and the same figures as JSON beside it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import msgspec
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

SIZE_INCHES = (9.0, 2.7)
_Draw = Callable[[Axes, "Series"], None]


class Series:
    """The run's figures by second since its beginning."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        self.seconds: Sequence[Mapping[str, Any]] = run["seconds"]
        self.samples: Sequence[Mapping[str, float]] = run["samples"]
        self.unread: Sequence[Mapping[str, float]] = run["unread_samples"]
        self.hog = float(run["hog"])
        self.phases: Sequence[Mapping[str, Any]] = run["phases"]
        self.origin = float(self.phases[0]["begin"])

    def at(self, second: float) -> float:
        """Seconds since the beginning."""
        return second - self.origin

    @property
    def times(self) -> list[float]:
        """Of the counted seconds."""
        return [self.at(second["second"]) for second in self.seconds]


def write(run: Mapping[str, Any], path: Path) -> tuple[Path, Path]:
    """Write `path`.html and `path`.json; returns both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    as_json, page = path.with_suffix(".json"), path.with_suffix(".html")
    as_json.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    environment.filters["number"] = _number
    series = Series(run)
    plots = [(title, Markup(_plot(draw, series))) for title, draw in PLOTS]
    html = environment.get_template("report.html.jinja").render(run=run, plots=plots, json_name=as_json.name)
    page.write_text(html, encoding="utf-8")
    return page, as_json


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _plot(draw: _Draw, series: Series) -> str:
    figure, axes = plt.subplots(figsize=SIZE_INCHES, layout="constrained")
    draw(axes, series)
    axes.set_xlabel("seconds")
    axes.grid(alpha=0.3)
    for phase in series.phases:
        begin = series.at(phase["begin"])
        axes.axvline(begin, color="0.6", linewidth=0.8, linestyle=":")
        axes.annotate(phase["name"], (begin, 1.01), xycoords=("data", "axes fraction"), fontsize=7, color="0.4")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="upper left")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg")
    plt.close(figure)
    # Inside a page there is no place for the XML declaration in front of it.
    return drawn.getvalue()[drawn.getvalue().index("<svg") :]


def _connections(axes: Axes, series: Series) -> None:
    held, now = [], 0
    for second in series.seconds:
        now += second["opened"] - sum(second["lost"].values())
        held.append(now)
    axes.plot(series.times, held, label="open")
    axes.set_ylabel("connections")
    rate = axes.twinx()
    rate.bar(series.times, [second["opened"] for second in series.seconds], color="tab:orange", alpha=0.4, width=0.9)
    rate.set_ylabel("opened a second")


def _latency(axes: Axes, series: Series) -> None:
    for name, label in (("p50_ms", "p50"), ("p99_ms", "p99"), ("max_ms", "max")):
        told = [second for second in series.seconds if second["latency"]["count"]]
        axes.plot([series.at(s["second"]) for s in told], [max(0.1, s["latency"][name]) for s in told], label=label)
    axes.set_yscale("log")
    axes.set_ylabel("ms")


def _reservations(axes: Axes, series: Series) -> None:
    codes = sorted({code for second in series.seconds for code in second["verdicts"]})
    rows = [
        [second["verdicts"].get(code, {}).get("count", 0) for second in series.seconds] for code in codes
    ]  # fmt: skip
    if rows:
        axes.stackplot(series.times, rows, labels=codes)
    axes.set_ylabel("decided a second")


def _decisions(axes: Axes, series: Series) -> None:
    decided = [second for second in series.seconds if second["reservations"]["count"]]
    for name, label in (("p50_ms", "p50"), ("p99_ms", "p99"), ("max_ms", "max")):
        values = [max(0.1, second["reservations"][name]) for second in decided]
        axes.plot([series.at(second["second"]) for second in decided], values, label=label)
    if decided:
        axes.set_yscale("log")
    axes.set_ylabel("ms")


def _frames(axes: Axes, series: Series) -> None:
    axes.plot(series.times, [sum(second["kinds"].values()) for second in series.seconds], label="messages")
    axes.plot(series.times, [second["reads"] for second in series.seconds], label="reads")
    axes.set_ylabel("received a second")


def _cpu(axes: Axes, series: Series) -> None:
    pairs = list(zip(series.samples, series.samples[1:], strict=False))
    for part, label in (
        *((part, part) for part in ("server", "engine", "receivers", *(("hog",) if series.hog else ()))),
        ("others", "everything else"),
    ):
        used = [max(0.0, b[f"{part}_cpu_s"] - a[f"{part}_cpu_s"]) / (b["second"] - a["second"]) for a, b in pairs]
        axes.plot([series.at(b["second"]) for _, b in pairs], used, label=label)
    axes.set_ylabel("cores")


def _memory(axes: Axes, series: Series) -> None:
    times = [series.at(sample["second"]) for sample in series.samples]
    for part, label in (("server", "server"), ("engine", "engine"), ("kernel_tcp", "kernel TCP buffers, both ends")):
        axes.plot(times, [sample[f"{part}_bytes"] / 2**20 for sample in series.samples], label=label)
    unread = [(sample["received"] + sample["sent"]) / 2**20 for sample in series.unread]
    axes.plot([series.at(sample["second"]) for sample in series.unread], unread, label="payload nobody has read yet")
    axes.set_ylabel("MiB")


PLOTS: tuple[tuple[str, _Draw], ...] = (
    ("Connections", _connections),
    ("Stock change → viewer", _latency),
    ("Received", _frames),
    ("Reservations", _reservations),
    ("Reservation, from the intended send time to the verdict", _decisions),
    ("CPU", _cpu),
    ("Memory", _memory),
)
