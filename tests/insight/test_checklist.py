"""Each case of a checklist, the ones that pass beside those that do not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from shelfcast.insight.checklist import Check, CureKind, Findings, Item, Level, Wanted
from shelfcast.insight.checks.counting import COUNTED_WITHIN_MS, ERP_WITHIN_MS
from shelfcast.insight.checks.facts import (
    BatchFacts,
    CountedFacts,
    Elsewhere,
    ErpFacts,
    LotFacts,
    OpenCountFacts,
    RoomFacts,
    SkuFacts,
    WaitingBatch,
)
from shelfcast.insight.checks.room import room_items
from shelfcast.insight.checks.sku import sku_items
from shelfcast.insight.checks.wording import DAY_MS, HOUR_MS, MINUTE_MS, span

NOW = 1_800_000_000_000
START, END = NOW + HOUR_MS, NOW + 4 * HOUR_MS
ROOM = RoomFacts(
    room="evening",
    channel="live",
    shared=True,
    now_ms=NOW,
    listed=2,
    slots=2,
    planned_start_ms=START,
    planned_end_ms=END,
    currency="CNY",
    expiry_days=30,
    hears_erp=True,
)
DEDICATED = replace(ROOM, channel="douyin", shared=False)
MUG = SkuFacts(
    sku="mug",
    title="Blue mug",
    link=3,
    free_link=4,
    available=10,
    pool=10,
    price_minor=990,
    currency="CNY",
    limit_per_user=2,
    limit_window="show",
    safety=1,
    safety_wanted=1,
    free=11,
    counted=CountedFacts(at_ms=NOW - HOUR_MS, count="c1", counted=11),
    erp=ErpFacts(at_ms=NOW - MINUTE_MS, units=11, on_hand=11),
)
PASSES, WARNS, FAILS = Level.PASS, Level.WARN, Level.FAIL


def room_item(check: Check, **facts: Any) -> Item:
    [item] = [item for item in room_items(replace(ROOM, **facts)) if item.check is check]
    return item


def item(check: Check, room: RoomFacts = ROOM, **facts: Any) -> Item:
    [found] = [found for found in sku_items(room, replace(MUG, **facts)) if found.check is check]
    return found


def of(found: Item) -> tuple[Level, str, list[CureKind]]:
    return found.level, found.why, [cure.kind for cure in found.cures]


def test_a_room_that_is_ready_passes_everything() -> None:
    items = [*room_items(ROOM), *sku_items(ROOM, MUG)]
    assert {found.level for found in items} == {Level.PASS}
    assert all(found.detail and not found.cures for found in items)


@pytest.mark.parametrize(
    ("check", "facts", "expected"),
    [
        (Check.SHELF, {}, (PASSES, "listed", [])),
        (Check.SHELF, {"listed": 0}, (FAILS, "empty", [CureKind.LIST_SKUS])),
        (Check.RUN_ORDER, {}, (PASSES, "set", [])),
        (Check.RUN_ORDER, {"slots": 0}, (WARNS, "not_set", [CureKind.SET_RUN_ORDER])),
        (Check.PLANNED_START, {}, (PASSES, "set", [])),
        (Check.PLANNED_START, {"planned_start_ms": None}, (WARNS, "not_set", [CureKind.SET_PLANNED_START])),
        (Check.PLANNED_START, {"planned_start_ms": NOW - 1}, (WARNS, "over", [CureKind.SET_PLANNED_START])),
        (Check.FREEZE, {}, (PASSES, "none", [])),
        (Check.FREEZE, {"frozen": ("room",)}, (FAILS, "room", [CureKind.THAW])),
        (Check.FREEZE, {"frozen": ("channel", "pool")}, (FAILS, "channel", [CureKind.THAW, CureKind.THAW])),
    ],
)
def test_checks_of_the_room(check: Check, facts: dict[str, Any], expected: object) -> None:
    assert of(room_item(check, **facts)) == expected


def test_what_is_frozen_over_a_room_is_thawed_flag_by_flag() -> None:
    found = room_item(Check.FREEZE, frozen=("room", "channel", "pool"))
    assert [cure.about for cure in found.cures] == [{"room": "evening"}, {"channel": "live"}, {"pool": True}]
    assert found.values == {"scopes": ["room", "channel", "pool"]}


def test_a_batch_that_opens_during_the_show_has_something_in_it() -> None:
    batches = (
        BatchFacts(batch="first", opens_at_ms=START, skus=2, units=30),
        BatchFacts(batch="second", opens_at_ms=START + 1, skus=0, units=0),
    )
    found = [found for found in room_items(replace(ROOM, batches=batches)) if found.check is Check.BATCHES]
    assert [of(one) for one in found] == [(PASSES, "filled", []), (FAILS, "empty", [CureKind.FILL_BATCH])]
    assert found[1].cures[0].about == {"batch": "second"}
    assert Check.BATCHES not in {found.check for found in room_items(ROOM)}, "without one there is nothing to say"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (PASSES, "in_stock", [])),
        ({"expected_units": 10}, (PASSES, "enough", [])),
        ({"available": 0, "elastic": 5}, (FAILS, "none", [CureKind.RELEASE_ELASTIC])),
        (
            {"expected_units": 14, "elastic": 4},
            (FAILS, "short", [CureKind.RELEASE_ELASTIC, CureKind.LOWER_PLAN]),
        ),
        ({"expected_units": 14, "elastic": 4, "elastic_mode": "auto"}, (PASSES, "with_reserve", [])),
        (
            {"expected_units": 14, "elastic": 4, "elastic_mode": "ask"},
            (WARNS, "with_reserve", [CureKind.RELEASE_ELASTIC]),
        ),
        (
            {"expected_units": 15, "elastic": 4, "elastic_mode": "auto"},
            (FAILS, "short", [CureKind.RELEASE_ELASTIC, CureKind.LOWER_PLAN]),
        ),
        (
            {"available": 0, "elastic": 5, "elastic_mode": "auto"},
            (FAILS, "none", [CureKind.RELEASE_ELASTIC]),
        ),
        (
            {"available": 0, "pool": 0, "expected_units": None},
            (FAILS, "nothing_left", [CureKind.RECEIVE, CureKind.OPEN_COUNT]),
        ),
        (
            {"pool": 0, "expected_units": 14},
            (FAILS, "nothing_left", [CureKind.RECEIVE, CureKind.OPEN_COUNT, CureKind.LOWER_PLAN]),
        ),
    ],
)
def test_there_is_enough_or_what_could_be_given(facts: dict[str, Any], expected: object) -> None:
    assert of(item(Check.STOCK, **facts)) == expected


def test_what_is_lacking_is_asked_of_one_place_after_the_other() -> None:
    short: dict[str, Any] = {
        "available": 10,
        "expected_units": 60,
        "elastic": 20,
        "batches": (WaitingBatch(batch="late", units=25),),
        "elsewhere": (Elsewhere(channel="tmall", units=100),),
    }
    found = item(Check.STOCK, **short)
    assert [(cure.kind, cure.about.get("units"), cure.about.get("source")) for cure in found.cures] == [
        (CureKind.RELEASE_ELASTIC, 20, "elastic"),
        (CureKind.OPEN_BATCH, 25, "batch:late"),
        (CureKind.TAKE_BACK, 5, "channel:tmall"),
        (CureKind.LOWER_PLAN, None, None),
    ]
    assert found.values == {"available": 10, "expected": 60, "short": 50, "givable": 50}
    dedicated = item(Check.STOCK, DEDICATED, **short, pool=7)
    assert [(cure.kind, cure.about.get("units"), cure.about.get("target")) for cure in dedicated.cures] == [
        (CureKind.ALLOCATE, 7, "channel:douyin"),
        (CureKind.RELEASE_ELASTIC, 20, "channel:douyin"),
        (CureKind.OPEN_BATCH, 25, None),
        (CureKind.LOWER_PLAN, None, None),
    ]


def test_a_dead_end_says_what_people_can_do() -> None:
    found = item(
        Check.STOCK,
        DEDICATED,
        available=0,
        pool=0,
        held=3,
        safety=2,
        elsewhere=(Elsewhere(channel="tmall", units=9),),
    )
    assert found.why == "nothing_left"
    assert found.values == {"available": 0, "short": 1, "givable": 0, "elsewhere": 9, "safety": 2, "held": 3}
    for said in (
        "the 9 that others sell from",
        "safety buffer of 2",
        "3 in checkouts",
        "what arrives",
        "off the shelf",
    ):
        assert said in found.detail
    bare = item(Check.STOCK, available=0, pool=0, safety=0)
    for unsaid in ("others", "safety", "checkouts"):
        assert unsaid not in bare.detail


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"available": 5}, (PASSES, "presale_quota", [])),
        ({"available": 0}, (FAILS, "no_quota", [CureKind.SET_QUOTA])),
        ({"available": 5, "expected_units": 6}, (FAILS, "short_quota", [CureKind.SET_QUOTA])),
    ],
)
def test_presale_sells_its_quota(facts: dict[str, Any], expected: object) -> None:
    assert of(item(Check.STOCK, presale=True, **facts)) == expected
    checks = {found.check for found in sku_items(ROOM, replace(MUG, presale=True, **facts))}
    on_hand = {Check.COUNTED, Check.OPEN_COUNT, Check.ERP, Check.SET_ASIDE, Check.UNSELLABLE, Check.SAFETY_BUFFER}
    assert not checks & on_hand, "nothing that is on hand"


@pytest.mark.parametrize(
    ("check", "facts", "expected"),
    [
        (Check.FREEZE, {}, (PASSES, "none", [])),
        (Check.FREEZE, {"frozen": True}, (FAILS, "sku", [CureKind.THAW])),
        (Check.LISTED, {"in_run_order": True}, (PASSES, "listed", [])),
        (Check.OWED, {}, (PASSES, "none", [])),
        (Check.OWED, {"oversold": 2}, (FAILS, "oversold", [CureKind.SETTLE])),
        (Check.OWED, {"unfilled": 1}, (FAILS, "paid_no_stock", [CureKind.SETTLE])),
        (Check.OWED, {"unfilled": 1, "oversold": 2}, (FAILS, "oversold", [CureKind.SETTLE])),
        (Check.SET_ASIDE, {"sold": 4, "held": 2}, (PASSES, "set_aside", [])),
        (Check.SAFETY_BUFFER, {"safety": 0, "safety_wanted": 0}, (PASSES, "set", [])),
        (Check.SAFETY_BUFFER, {"safety": 0, "safety_wanted": 3}, (WARNS, "missing", [CureKind.SET_ASIDE])),
        (Check.SAFETY_BUFFER, {"safety": 0, "safety_wanted": 3, "pool": 2}, (WARNS, "missing", [])),
        (Check.PRICE, {}, (PASSES, "set", [])),
        (Check.PRICE, {"price_minor": 0}, (FAILS, "zero", [CureKind.SET_PRICE])),
        (Check.PRICE, {"currency": "EUR"}, (WARNS, "other_currency", [CureKind.SET_PRICE])),
        (Check.LIMIT, {}, (PASSES, "set", [])),
        (Check.LIMIT, {"limit_per_user": None}, (WARNS, "not_set", [CureKind.SET_LIMIT])),
        (Check.LINK, {}, (PASSES, "set", [])),
        (Check.LINK, {"link": None}, (FAILS, "none", [CureKind.SET_LINK])),
        (Check.LINK, {"link": None, "free_link": None}, (FAILS, "none_free", [])),
        (Check.WINDOW, {}, (PASSES, "open", [])),
        (Check.WINDOW, {"opens_at_ms": START}, (PASSES, "open", [])),
        (Check.WINDOW, {"opens_at_ms": START + 1, "closes_at_ms": END}, (PASSES, "opens_during", [])),
        (Check.WINDOW, {"opens_at_ms": END}, (WARNS, "opens_after_end", [CureKind.SET_WINDOW])),
        (Check.WINDOW, {"closes_at_ms": START}, (FAILS, "closes_before_start", [CureKind.SET_WINDOW])),
        (Check.WINDOW, {"closes_at_ms": START + 1}, (PASSES, "open", [])),
        (Check.WINDOW, {"closes_at_ms": NOW}, (FAILS, "over", [CureKind.SET_WINDOW])),
    ],
)
def test_checks_of_a_sku(check: Check, facts: dict[str, Any], expected: object) -> None:
    assert of(item(check, **facts)) == expected


def test_without_a_plan_windows_are_held_against_now() -> None:
    unplanned = replace(ROOM, planned_start_ms=None, planned_end_ms=None)
    assert item(Check.WINDOW, unplanned, closes_at_ms=NOW + 1).why == "open"
    assert item(Check.WINDOW, unplanned, closes_at_ms=NOW).why == "over"
    assert item(Check.WINDOW, unplanned, opens_at_ms=NOW + DAY_MS).why == "opens_during"


def test_what_stands_in_the_run_order_alone_is_not_on_the_shelf() -> None:
    [found] = sku_items(ROOM, SkuFacts(sku="cup", title="Cup", listed=False, in_run_order=True, expected_units=5))
    assert of(found) == (FAILS, "not_listed", [CureKind.LIST_SKUS, CureKind.SET_RUN_ORDER])
    assert (found.sku, found.title, found.link) == ("cup", "Cup", None)


@pytest.mark.parametrize(
    ("counted_ms", "received_ms", "expected"),
    [
        (COUNTED_WITHIN_MS, None, (PASSES, "counted", [])),
        (COUNTED_WITHIN_MS + 1, None, (FAILS, "old", [CureKind.OPEN_COUNT])),
        (None, None, (FAILS, "never", [CureKind.OPEN_COUNT])),
        (None, COUNTED_WITHIN_MS, (PASSES, "received", [])),
        (COUNTED_WITHIN_MS + 1, HOUR_MS, (PASSES, "received", [])),
        (None, COUNTED_WITHIN_MS + 1, (FAILS, "never", [CureKind.OPEN_COUNT])),
    ],
)
def test_it_was_counted_within_a_day(counted_ms: int | None, received_ms: int | None, expected: object) -> None:
    counted = None if counted_ms is None else CountedFacts(at_ms=NOW - counted_ms, count="c1", counted=11)
    received = None if received_ms is None else NOW - received_ms
    assert of(item(Check.COUNTED, counted=counted, received_at_ms=received)) == expected


def test_who_is_on_a_count_already_finishes_that() -> None:
    on = OpenCountFacts(count="c2", state="counting")
    found = item(Check.COUNTED, counted=None, open_count=on)
    assert [(cure.kind, cure.about) for cure in found.cures] == [(CureKind.FINISH_COUNT, {"count": "c2"})]


def reviewed(difference: int) -> OpenCountFacts:
    return OpenCountFacts(count="c", state="review", in_review=True, difference=difference)


@pytest.mark.parametrize(
    ("open_count", "expected"),
    [
        (None, (PASSES, "none", [])),
        (OpenCountFacts(count="c", state="counting"), (WARNS, "counting", [CureKind.FINISH_COUNT])),
        (reviewed(0), (WARNS, "counting", [CureKind.FINISH_COUNT])),
        (reviewed(-4), (FAILS, "needs_signatures", [CureKind.SIGN_COUNT])),
    ],
)
def test_a_count_that_goes_on_is_told_and_a_difference_waits_for_signatures(
    open_count: OpenCountFacts | None, expected: object
) -> None:
    assert of(item(Check.OPEN_COUNT, open_count=open_count)) == expected


@pytest.mark.parametrize(
    ("age_ms", "erp", "book", "expected"),
    [
        (ERP_WITHIN_MS, 11, 11, (PASSES, "agrees", [])),
        (ERP_WITHIN_MS + 1, 11, 11, (FAILS, "old", [CureKind.SEND_ERP_LEVELS])),
        (0, 10, 11, (FAILS, "differs", [CureKind.OPEN_COUNT, CureKind.SEND_ERP_LEVELS])),
        (ERP_WITHIN_MS + 1, 10, 11, (FAILS, "differs", [CureKind.OPEN_COUNT, CureKind.SEND_ERP_LEVELS])),
    ],
)
def test_the_book_is_held_against_the_erp(age_ms: int, erp: int, book: int, expected: object) -> None:
    found = item(Check.ERP, erp=ErpFacts(at_ms=NOW - age_ms, units=erp, on_hand=book))
    assert of(found) == expected
    assert (found.values["erp"], found.values["book"]) == (erp, book)


def test_an_erp_that_never_said_anything_is_not_asked() -> None:
    assert of(item(Check.ERP, erp=None)) == (WARNS, "not_told", [CureKind.SEND_ERP_LEVELS])
    checks = {found.check for found in sku_items(replace(ROOM, hears_erp=False), replace(MUG, erp=None))}
    assert Check.ERP not in checks


def test_lots_that_expire_soon_are_pulled_the_first_one_first_and_no_more_than_there_is() -> None:
    lots = (
        LotFacts(lot="B", expires_on="2027-02-10", units=8, days_left=30),
        LotFacts(lot="A", expires_on="2027-01-09", units=5, days_left=-2),
        LotFacts(lot="C", expires_on="2027-02-11", units=9, days_left=31),
        LotFacts(lot="D", expires_on="2027-01-20", units=0, days_left=9),
    )
    found = item(Check.UNSELLABLE, lots=lots, free=11)
    assert of(found) == (FAILS, "expires", [CureKind.PULL_LOT, CureKind.PULL_LOT])
    assert [(cure.about["lot"], cure.about["units"]) for cure in found.cures] == [("A", 5), ("B", 6)]
    assert "expired 2 days ago" in found.detail
    assert (found.values["lot"], found.values["units"], found.values["lots"]) == ("A", 11, 2)
    assert of(item(Check.UNSELLABLE, lots=lots, free=0, unsellable=4)) == (PASSES, "pulled", []), "nothing is left"
    assert of(item(Check.UNSELLABLE, lots=lots[2:], free=11)) == (PASSES, "pulled", [])


def found(wanted: Wanted) -> Findings:
    findings = Findings(wanted)
    for one in (
        *sku_items(ROOM, replace(MUG, price_minor=0, limit_per_user=None)),
        *sku_items(ROOM, replace(MUG, sku="cup", price_minor=0)),
        *room_items(replace(ROOM, slots=0)),
    ):
        findings.add(one)
    return findings


def test_items_are_counted_and_stand_with_the_gravest_first() -> None:
    findings = found(Wanted(1_000))
    counts, items = findings.tally, findings.listed()
    assert (counts.warns, counts.fails, sum(counts)) == (2, 2, len(items))
    assert [(one.level, one.check, one.sku) for one in items][:4] == [
        (FAILS, Check.PRICE, "mug"),
        (FAILS, Check.PRICE, "cup"),
        (WARNS, Check.RUN_ORDER, ""),
        (WARNS, Check.LIMIT, "mug"),
    ]
    assert findings.checks[Check.PRICE] == (0, 0, 2)
    assert findings.checks[Check.LIMIT] == (1, 1, 0)
    assert Check.BATCHES not in findings.checks


def test_all_are_counted_and_those_that_are_wanted_are_kept() -> None:
    every = found(Wanted(1_000))
    for wanted, number in ((Wanted(3), 3), (Wanted(1, FAILS), 1), (Wanted(9, WARNS), 2), (Wanted(50, None, "cup"), 14)):
        some = found(wanted)
        assert some.tally == every.tally
        asked = [one for one in every.listed() if wanted.level in (None, one.level) and wanted.sku in (None, one.sku)]
        listed = some.listed()
        assert [(one.check, one.sku) for one in listed] == [(one.check, one.sku) for one in asked[:number]]
        assert some.left_out == len(asked) - len(listed)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 minutes"),
        (MINUTE_MS, "1 minute"),
        (119 * MINUTE_MS, "119 minutes"),
        (2 * HOUR_MS, "2 hours"),
        (47 * HOUR_MS, "47 hours"),
        (2 * DAY_MS, "2 days"),
    ],
)
def test_spans_of_time_in_words(ms: int, words: str) -> None:
    assert span(ms) == words
