"""What a run must have shown: each check with what was expected and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from plan import CHANNEL, Phase, Plan

FINAL_P99_MS = 2_000.0
"""After the flash every viewer has the final state within this."""
HOGGED_P99_MS = 3_000.0
"""Stock change → viewer in every phase while other work takes a part of the cores."""
FULL_CROWD = 100_000
FULL_FLASH_P99_MS = 1_500.0
"""What is promised for a flash in front of a hundred thousand, on a machine that does nothing else."""
UNREAD_MAX_MB = 64.0
"""Payload in sockets that nobody has read yet: more of it is old by the time it is."""
P99_MS = ((1_000, 30.0), (10_000, 300.0))
"""Stock change → viewer, up to so many viewers; beyond, what holds for the final state."""
TICK_MS = 50.0
"""Where changes follow one another within a tick, they wait for its end: that much is the conflation's
(docs/architecture.md#fan-out)."""
ARRIVING = "arrive"
SELLING = (f"held:{CHANNEL}", f"sold:{CHANNEL}")


class Check(msgspec.Struct, frozen=True):
    """One check."""

    name: str
    expected: str
    found: str
    holds: bool


class Limits(NamedTuple):
    """What a run must keep to."""

    phase_ms: float
    """Stock change → viewer, p99, in most phases."""
    flash_ms: float
    """The same where everybody buys at once."""
    storm_ms: float
    """The same where a worker is killed."""
    final_ms: float
    """From the last change until everybody has it."""
    arrival_s: float
    unread_mb: float


def limits(viewers: int, *, hog: float, p99_ms: float | None, arrival_s: float, unread_mb: float) -> Limits:
    """The limits for so many viewers beside so many busy cores; `p99_ms` replaces what follows from the viewers."""
    if hog and p99_ms is None:
        return Limits(HOGGED_P99_MS, HOGGED_P99_MS, HOGGED_P99_MS, FINAL_P99_MS, arrival_s, unread_mb)
    phase = p99_ms or next((limit for most, limit in P99_MS if viewers <= most), FINAL_P99_MS)
    most = max(phase, FINAL_P99_MS)
    flash = FULL_FLASH_P99_MS if viewers >= FULL_CROWD and p99_ms is None else most
    return Limits(phase, flash, most, most, arrival_s, unread_mb)


def judge(
    plan: Plan,
    result: Mapping[str, Any],
    audit: Mapping[str, Any],
    buckets: Mapping[str, Mapping[str, int]],
    unread: Mapping[str, Mapping[str, float]],
    limit: Limits,
) -> list[Check]:
    """All checks of a run."""
    return [
        *_connections(plan, result, limit.arrival_s),
        *_latencies(plan, result, limit),
        _unread(unread, limit.unread_mb),
        *_viewers(plan, result),
        *_book(result, audit, buckets),
    ]


def _connections(plan: Plan, result: Mapping[str, Any], arrival_s: float) -> list[Check]:
    lost, storm = result["whole"]["lost"], any(phase.kill for phase in plan.phases)
    held, took = result["compared"]["right"] + result["compared"]["wrong"], arrival_seconds(plan, result)
    dropped = "those of the killed worker" if storm else "none"
    came = "not all came" if took is None else f"{took:.1f} s"
    return [
        Check("connections held at the end", f"{plan.viewers:,}", f"{held:,}", held >= plan.viewers),
        Check("connections dropped", dropped, _named(lost), storm or not lost),
        Check("all connections opened within", f"{arrival_s:.0f} s", came, took is not None and took <= arrival_s),
    ]


def _latencies(plan: Plan, result: Mapping[str, Any], limit: Limits) -> list[Check]:
    checks: list[Check] = []
    before = plan.phases[0]
    for phase, told in zip(plan.phases, result["phases"], strict=True):
        # What was sold at the end of a phase is told at the beginning of the next.
        former, before = before, phase
        p99 = told["latency"]["p99_ms"]
        if phase.name == ARRIVING or p99 is None:
            continue
        most_ms = _phase_limit_ms(plan, phase, former, limit)
        checks.append(_within(f"stock change → viewer, p99, phase “{phase.name}”", most_ms, p99))
    final = result["compared"]["final"]["p99_ms"]
    return checks if final is None else [*checks, _within("last change → every viewer, p99", limit.final_ms, final)]


def _phase_limit_ms(plan: Plan, phase: Phase, former: Phase, limit: Limits) -> float:
    if phase.flash:
        return limit.flash_ms
    if phase.kill:
        return limit.storm_ms
    ticked = not plan.hog and (phase.selling or former.selling)
    return limit.phase_ms + (TICK_MS if ticked else 0)


def _unread(by_phase: Mapping[str, Mapping[str, float]], most_mb: float) -> Check:
    """The most that was seen, and when; a kernel that does not tell is no fault of the server."""
    name, expected = "payload nobody has read yet", f"≤ {most_mb:,.0f} MB"
    if not by_phase:
        return Check(name, expected, "not measured: the kernel does not tell", holds=True)
    phase, most = max(by_phase.items(), key=lambda item: item[1]["peak"])
    found_mb = most["peak"] / 1e6
    return Check(name, expected, f"{found_mb:,.1f} MB, in “{phase}”", found_mb <= most_mb)


def _within(name: str, limit_ms: float, found_ms: float) -> Check:
    return Check(name, f"≤ {limit_ms:,.0f} ms", f"{found_ms:,.1f} ms", found_ms <= limit_ms)


def _viewers(plan: Plan, result: Mapping[str, Any]) -> list[Check]:
    compared, whole = result["compared"], result["whole"]
    wrong = f"{compared['wrong']:,} of {compared['right'] + compared['wrong']:,} differ"
    shown = "; ".join([wrong, *compared["samples"]]) if compared["wrong"] else "all agree"
    counted = compared["processes"] == plan.processes
    return [
        Check("every viewer's last counts are the book's", "all agree", shown, counted and not compared["wrong"]),
        _zero("counts that ran backwards", whole["backwards"]),
        _zero("frames that could not be read", whole["unreadable"]),
        _zero("reservations without an answer", compared["unanswered"]),
    ]


def _book(result: Mapping[str, Any], audit: Mapping[str, Any], buckets: Mapping[str, Mapping[str, int]]) -> list[Check]:
    compared = result["compared"]
    taken = sum(units_taken(each) for each in buckets.values())
    answered = compared["granted"] - compared["returned"]
    return [
        _zero("units oversold", sum(max(0, units_taken(each) + each.get("supplier", 0)) for each in buckets.values())),
        Check("units in the book that buyers were told of", f"{taken:,}", f"{answered:,}", taken == answered),
        Check("audit of the book", "no violation", f"{audit['violation_count']:,} violations", bool(audit["ok"])),
    ]


def units_taken(buckets: Mapping[str, int]) -> int:
    """Units of a SKU that are held or sold. What came in stands on the supplier's account, below zero."""
    return sum(buckets.get(name, 0) for name in SELLING)


def arrival_seconds(plan: Plan, result: Mapping[str, Any]) -> float | None:
    """From the first connection begun to the last one opened; None when they did not all come."""
    opened, first = 0, 0.0
    for second in result["seconds"]:
        first = first or second["asked_at"]
        opened += second["opened"]
        if first and opened >= plan.viewers:
            return float(second["opened_at"] - first)
    return None


def _zero(name: str, found: int) -> Check:
    return Check(name, "0", f"{found:,}", found == 0)


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} × {name}" for name, count in sorted(counts.items())) or "none"
