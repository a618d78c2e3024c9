"""Shows: what they were, their alerts, what they refused, their minutes, and their pages at any of these."""

from __future__ import annotations

from typing import NamedTuple, Required, TypedDict

from shelfcast_client.codes import Code
from shelfcast_client.messages import AlertRule, AlertState, Severity


class StatusChange(TypedDict):
    """A status that a room took; `actor` is empty where the book did it."""

    status: str
    at_ms: int
    actor: str


class Spotlit(TypedDict):
    """A SKU in the spotlight; `to_ms` is None where it still is."""

    sku: str
    from_ms: int
    to_ms: int | None


class Show(TypedDict):
    """One stretch of a room from live to ended: `show` is its id, `n` counts the room's shows from 1. Its end is None
    while it is on. `continued` is how often it went on after it had ended."""

    show: str
    room: str
    pool: str
    n: int
    channel: str
    status: str
    planned_start_ms: int | None
    planned_minutes: int | None
    time_zone: str
    started_at_ms: int
    started_seq: int
    started_by: str
    ended_at_ms: int | None
    ended_seq: int | None
    ended_by: str
    history: list[StatusChange]
    spotlight: list[Spotlit]
    continued: int


class ShowAlertAction(TypedDict, total=False):
    """Something that answers an alert, and its effect: `qty` units of `sku` go from `source` to `target`, which makes
    `remaining_after` of those left; `spotlight` shows `sku`. `done_by` has carried it out. A release of the elastic
    reserve says which of the SKU's it is (`step`), and for about how long its units last. `serves` people who wait get
    theirs first, as it was when the alert rang: `remaining_after` is what is left then. What says nothing is left
    out."""

    id: Required[str]
    sku: Required[str]
    qty: int
    source: str
    target: str
    batch: str
    remaining_after: int
    done_by: str
    step: int
    minutes_more: int
    serves: int


class ShowAlert(TypedDict):
    """An alert of a show. `sku` is empty where it is about the whole show, `tier_percent` 0 where the rule has none.
    `value` passed `threshold`, `peak` is the gravest since. It stands since `since_ms`, rang last at `rang_at_ms`;
    times that there are not (yet) are None. `unsteady`: it came and went too often to ring on."""

    id: str
    room: str
    show: str
    rule: AlertRule
    sku: str
    tier_percent: int
    state: AlertState
    severity: Severity
    value: float
    threshold: float
    peak: float
    remaining: int
    offered: int
    advice: str
    actions: list[ShowAlertAction]
    acknowledged_by: str
    note: str
    snoozed_until_ms: int | None
    unsteady: bool
    since_ms: int
    rang_at_ms: int
    changed_at_ms: int
    resolved_at_ms: int | None


class RefusedAttempts(TypedDict):
    """Refused reservations: how many, the units they asked for together, and how many people made them (an estimate
    within 1 % or so). Each number means "at least"."""

    count: int
    units: int
    people: int


class RefusedCode(RefusedAttempts):
    """Those of one answer code."""

    code: Code | str


class RefusedSku(TypedDict):
    """Those of a SKU, by code. `lack_of_stock` are those that more units would have met, each person once."""

    sku: str
    codes: list[RefusedCode]
    lack_of_stock: RefusedAttempts


class ShowRefusals(TypedDict):
    """What a show's customers asked for and did not get: by code in all, those for lack of stock with each person once,
    and of each SKU, by name."""

    show: str
    codes: list[RefusedCode]
    lack_of_stock: RefusedAttempts
    skus: list[RefusedSku]


class SkuMinute(NamedTuple):
    """A SKU at the end of the minute that begins at `minute_ms`: units available, in checkouts, sold in the show so
    far, and taken in the show so far."""

    minute_ms: int
    sku: str
    available: int
    held: int
    sold: int
    taken: int


class ShowMinute(TypedDict):
    """A show at the end of the minute that begins at `minute_ms`: its viewers, its paid units so far, and how often it
    has refused so far, by code."""

    minute_ms: int
    viewers: int
    paid: int
    refused: dict[str, int]


class SeriesHour(TypedDict):
    """The minutes of an hour of a show. `skus` are the SKUs that changed in a minute: one without a row is as it was
    before. `next_from_ms` is the `from_ms` of the next hour, None on the last."""

    show: str
    skus: list[SkuMinute]
    minutes: list[ShowMinute]
    next_from_ms: int | None


class SkuAt(NamedTuple):
    """A SKU at a minute's end: units available, in checkouts, sold in the show so far, and taken in it so far; its
    level (such as "low") and its pace, None where they were not kept, and the pace before one was told."""

    sku: str
    available: int
    held: int
    sold: int
    taken: int
    level: str | None
    units_a_minute: float | None


class SkuNamed(TypedDict):
    """What a SKU was called and cost then; `place` is its place on the shelf, from 1. `as_of_then` is false where that
    was not kept: then it is what it was when the minutes were read."""

    sku: str
    place: int
    link: int | None
    title: str
    price_minor: int
    currency: str
    as_of_then: bool


class StoodAlert(TypedDict):
    """An alert that stood then; its severity and tier are the last ones it said."""

    id: str
    rule: AlertRule
    sku: str
    severity: Severity
    tier_percent: int
    since_ms: int


class MinuteState(TypedDict):
    """A show at the end of a minute, which is counted from 0 and begins at `minute_ms`. Of one that follows on another,
    `units` and `terms` are those that differ, `gone` has what is not on the shelf any more, and `alerts` is None where
    the same stand."""

    minute: int
    minute_ms: int
    status: str
    spotlight: str | None
    notice: str
    viewers: int
    paid: int
    refused: dict[str, int]
    alerts: list[StoodAlert] | None
    units: list[SkuAt]
    terms: list[SkuNamed]
    gone: list[str]


class ShowAt(TypedDict):
    """A show's pages at the end of a minute (`state`, the whole of it), and of those that follow it, each as it differs
    from the one before. The show has had `minutes` so far; `is_full`: no more were kept. `source` is "engine" or
    "archive". `next` is the minute to go on with, None on the last."""

    show: str
    room: str
    pool: str
    minutes: int
    is_full: bool
    source: str
    state: MinuteState
    changes: list[MinuteState]
    next: int | None
