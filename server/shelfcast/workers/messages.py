"""What the supervisor and a worker say to one another."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from shelfcast.workers.process_metrics import Family


class Begin(Struct, frozen=True, tag="begin"):
    """To a worker, first: which place it takes, and the settings."""

    slot: int | str
    settings: dict[str, Any]


class Leave(Struct, frozen=True, tag="leave"):
    """To a worker: drain and exit. With `handover` another worker has its listening socket already, so it accepts
    nobody more; without, the whole server stops, and whoever still comes is told so."""

    handover: bool


class Ready(Struct, frozen=True, tag="ready"):
    """From a worker: it serves."""


class Failed(Struct, frozen=True, tag="failed"):
    """From a worker: it cannot start, and why. `wrong_setting` where trying again cannot help."""

    error: str
    wrong_setting: bool


class Alive(Struct, frozen=True, tag="alive"):
    """From a worker, again and again: its loop turns."""


class MetricsWanted(Struct, frozen=True, tag="figures_wanted"):
    """To a worker: what do your instruments say? Supervisors of before ask their newer workers under this tag, too."""


class Metrics(Struct, frozen=True, tag="metrics"):
    """From a worker: that; and unasked, last of all, before it exits."""

    families: list[Family]


class ScrapeWanted(Struct, frozen=True, tag="scrape_wanted"):
    """From a worker: somebody asks me for the metrics of all of us."""

    id: int


class Scrape(Struct, frozen=True, tag="scrape"):
    """To a worker: those, in Prometheus' text format."""

    id: int
    text: bytes


class HeavyNews(Struct, frozen=True, tag="heavy"):
    """To a worker, again and again: what is wrong with the process for heavy work; empty where nothing is."""

    complaint: str


Message = Begin | Leave | HeavyNews | Ready | Failed | Alive | MetricsWanted | Metrics | ScrapeWanted | Scrape
