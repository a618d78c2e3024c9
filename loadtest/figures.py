"""What the crowds of a process count, told to Locust: its page, its files and its exit code know nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from histogram import UNITS_A_MS, units_of
from locust.env import Environment

KIND = "WS"
CONNECT = "connect"
CHANGE = "stock change → viewer"
LOST = "connection"


class NoConnection(Exception):
    """A connection did not come about, or was lost; Locust counts exceptions by their text."""


def publish(environment: Environment, slots: Iterable[Mapping[str, Any]]) -> None:
    """Slots of a `Tally`, as Locust's requests: times as they were measured, to a thousandth; faults as failures."""
    for slot in slots:
        for name, counts in ((CONNECT, slot["entering"]), (CHANGE, slot["latency"])):
            for bucket, count in counts.items():
                # Locust says whole ms, and keeps what it gets.
                time_ms = units_of(bucket) / UNITS_A_MS
                for _ in range(count):
                    environment.stats.log_request(KIND, name, time_ms, 0)  # type: ignore[arg-type]
        for name, reasons in ((CONNECT, slot["failed"]), (LOST, slot["lost"])):
            for reason, count in reasons.items():
                _fail(environment, name, reason, count)
        _fail(environment, CHANGE, "older than what was known", slot["backwards"])
        _fail(environment, CHANGE, "unreadable", slot["unreadable"])


def _fail(environment: Environment, name: str, reason: str, count: int) -> None:
    for _ in range(count):
        # No time: what did not happen took none, and a zero would make the others look quick.
        environment.events.request.fire(
            request_type=KIND,
            name=name,
            response_time=None,
            response_length=0,
            exception=NoConnection(reason),
            context={},
        )
