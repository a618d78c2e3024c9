"""What the supervisor and a worker say to one another."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Begin(Struct, frozen=True, tag="begin"):
    """To a worker, first: which place it takes, and the settings."""

    slot: int
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


Message = Begin | Leave | Ready | Failed
