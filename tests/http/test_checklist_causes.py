"""What a room's checklist finds in a real book, and that the cures that are ready mend it."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.operations import Confirm, Expire

POOL = "/v1/pools/main"
ROOM = "/v1/rooms/night"
SHARED, DEDICATED = "live", "douyin"
DAY_MS = 86_400_000
_keys = count(1)


class Room:
    """A room that is scheduled, with 40 mugs in its pool's catalogue on its shelf."""

    def __init__(self, api: Any) -> None:
        self.api = api

    async def make(self, channel: str) -> None:
        await self.api.ok("PUT", f"{POOL}/channels/{DEDICATED}", {"kind": "dedicated"})
        await self.do("PUT", ROOM, {"pool": "main", "channel": channel, "gate": "refuse"})
        await self.do("PUT", ROOM + "/skus/mug", {"limit_per_user": 2})

    async def do(self, method: str, path: str, body: Any = None, who: str = "wang", role: str = "operator") -> Any:
        named = isinstance(body, dict) and "id" in body
        headers = {} if named else {"Idempotency-Key": f"k{next(_keys)}"}
        return await self.api.ok(method, path, body, headers=headers, as_=self.api.as_(role, who))

    async def move(self, kind: str, qty: int, source: str, target: str, sku: str = "mug") -> Any:
        said = {"kind": kind, "sku": sku, "qty": qty, "source": source, "target": target}
        return await self.do("POST", f"{POOL}/moves", said)

    async def item(self, check: str, sku: str | None = "mug") -> dict[str, Any]:
        found = await self.api.ok("GET", ROOM + "/checklist?limit=2000")
        [one] = [one for one in found["items"] if (one["check"], one["sku"]) == (check, sku)]
        return dict(one)

    async def stands(self, check: str, sku: str | None = "mug") -> tuple[str, str]:
        one = await self.item(check, sku)
        return one["level"], one["why"]

    async def mend(self, check: str, kind: str, sku: str | None = "mug") -> dict[str, Any]:
        """Send the cure of this kind as it stands there."""
        cures = (await self.item(check, sku))["cures"]
        cure = next(cure for cure in cures if cure["kind"] == kind)
        await self.do(cure["method"], cure["path"], cure["body"])
        return dict(cure)

    async def plan(self, units: int) -> None:
        await self.do("PATCH", ROOM, {"run_order": [{"sku": "mug", "expected_units": units}]})


@pytest.fixture
async def room(shop: Any) -> Room:
    made = Room(shop)
    await made.make(SHARED)
    return made


@pytest.fixture
async def dedicated(shop: Any) -> Room:
    made = Room(shop)
    await made.make(DEDICATED)
    return made


async def test_the_pool_gives_to_a_dedicated_channel(dedicated: Room) -> None:
    assert await dedicated.stands("stock") == ("fail", "none")
    await dedicated.plan(30)
    cure = await dedicated.mend("stock", "allocate")
    assert cure["about"]["units"] == 30
    assert await dedicated.stands("stock") == ("pass", "enough")
    assert (await dedicated.api.units())["channel:douyin"] == 30


async def test_a_reserve_and_a_batch_are_released_and_others_give_back(room: Room) -> None:
    pool = (await room.api.units())["pool"]
    await room.move("allocate", 20, "pool", "channel:douyin")
    await room.move("carve", 15, "pool", "elastic")
    await room.do("PUT", f"{POOL}/batches/late", {"units": {"mug": 10}})
    await room.plan(pool)
    assert await room.stands("stock") == ("fail", "short")
    for kind, units in (("release_elastic", 15), ("open_batch", 10), ("take_back", 20)):
        cure = await room.mend("stock", kind)
        assert cure["about"]["units"] == units
    assert await room.stands("stock") == ("pass", "enough")
    assert (await room.item("stock"))["values"] == {"available": pool, "expected": pool}


async def test_a_channel_keeps_its_floor(room: Room) -> None:
    pool = (await room.api.units())["pool"]
    await room.do("PUT", f"{POOL}/channels/douyin", {"kind": "dedicated", "floor_units": 12})
    await room.move("allocate", 20, "pool", "channel:douyin")
    await room.plan(pool)
    [cure, _] = (await room.item("stock"))["cures"]
    assert (cure["kind"], cure["about"]["units"]) == ("take_back", 8)


async def test_where_nothing_is_left_it_says_so(room: Room) -> None:
    units = await room.api.units()
    await room.move("allocate", units["pool"], "pool", "channel:douyin")
    await room.do("PUT", f"{POOL}/channels/douyin", {"kind": "dedicated", "floor_units": units["pool"]})
    one = await room.item("stock")
    assert (one["level"], one["why"]) == ("fail", "nothing_left")
    assert [cure["method"] for cure in one["cures"] if cure["kind"] == "receive"] == [None]


async def test_a_batch_that_opens_during_the_show_counts_and_has_something_in_it(room: Room) -> None:
    pool = await room.api.services.pools.get("main")
    now_ms = await pool.book.now_ms()
    in_an_hour = now_ms + DAY_MS // 24
    await room.do("PATCH", ROOM, {"planned_start_ms": now_ms + 60_000, "planned_minutes": 120})
    await room.do("PUT", f"{POOL}/batches/nine", {"opens_at_ms": in_an_hour})
    await room.do("PUT", f"{POOL}/batches/tomorrow", {"opens_at_ms": now_ms + DAY_MS})
    one = await room.item("batches", None)
    assert (one["level"], one["why"], one["values"]["batch"]) == ("fail", "empty", "nine")
    before = (await room.item("stock"))["values"]["available"]
    await room.move("carve", 5, "pool", "batch:nine")
    assert await room.stands("batches", None) == ("pass", "filled")
    assert (await room.item("stock"))["values"]["available"] == before


async def test_a_batch_of_other_rooms_goods_is_no_concern_of_this_one(room: Room) -> None:
    rows = [{"sku": "cup", "title": "Cup", "price_minor": 500, "opening": 10}]
    await room.do("POST", f"{POOL}/catalogue", {"skus": rows})
    pool = await room.api.services.pools.get("main")
    soon = await pool.book.now_ms() + 60_000
    await room.do("PUT", f"{POOL}/batches/cups", {"opens_at_ms": soon, "units": {"cup": 3}})
    found = await room.api.ok("GET", ROOM + "/checklist")
    assert "batches" not in {one["check"] for one in found["items"]}


async def test_what_is_frozen_is_thawed_scope_by_scope(room: Room) -> None:
    scopes: tuple[tuple[str, Any], ...] = (("room", "night"), ("channel", SHARED), ("pool", True), ("sku", "mug"))
    for scope, name in scopes:
        await room.do("POST", f"{POOL}/emergencies/freeze", {"scope": {scope: name}})
        of = "mug" if scope == "sku" else None
        assert await room.stands("freeze", of) == ("fail", scope)
        await room.mend("freeze", "thaw", of)
        assert await room.stands("freeze", of) == ("pass", "none")


async def test_a_count_that_is_opened_finished_and_signed_is_one(room: Room) -> None:
    assert await room.stands("counted") == ("fail", "never")
    await room.mend("counted", "open_count")
    [made] = (await room.api.ok("GET", f"{POOL}/counts"))["counts"]
    path = f"{POOL}/counts/{made['count']}"
    assert (made["kind"], made["rows"]) == ("before", 1)
    assert await room.stands("open_count") == ("warn", "counting")
    assert [cure["kind"] for cure in (await room.item("counted"))["cures"]] == ["finish_count"]
    await room.do("POST", f"{path}/lines", {"sku": "mug", "good": 97}, who="ann", role="counter")
    await room.do("POST", f"{path}/close", {})
    await room.do("PUT", f"{path}/reasons", {"rows": [{"sku": "mug", "reason": "lost"}]})
    one = await room.item("open_count")
    assert (one["level"], one["why"]) == ("fail", "needs_signatures")
    assert one["values"] == {"count": made["count"], "state": "review", "difference": -3}
    revision = {"revision": (await room.api.ok("GET", path))["revision"]}
    await room.do("POST", f"{path}/apply", revision)
    assert await room.stands("open_count") == ("pass", "none")
    one = await room.item("counted")
    assert (one["level"], one["why"], one["values"]["counted"]) == ("pass", "counted", 97)


async def test_what_two_people_received_is_counted(room: Room) -> None:
    await room.do("PUT", f"{POOL}/skus/vase", {"title": "Vase", "price_minor": 700})
    await room.do("PUT", ROOM + "/skus/vase", {})
    await room.do("PATCH", POOL, {"receipts_by_two": True})
    assert await room.stands("counted", "vase") == ("fail", "never")
    for n in (1, 2):
        made = await room.do("POST", f"{POOL}/receipts", {"id": f"delivery-{n}"})
        path = f"{POOL}/receipts/{made['receipt']}/entry"
        for who, good in (("cai", 9), ("ann", 6), ("bo", 6)):  # whoever is not equal does not count
            lines = [{"sku": "vase", "good": good, "bad": 1}]
            await room.do("PUT", path, {"lines": lines, "done": True}, who=who, role="counter")
        assert await room.stands("counted", "vase") == ("pass", "received")
    one_receives = {"receipts_by_two": None}
    await room.api.problem("PATCH", POOL, one_receives, as_=room.api.as_("operator", "ann"))
    await room.do("PATCH", POOL, one_receives)
    await room.move("receive", 1, "supplier", "pool", "vase")
    assert await room.stands("counted", "vase") == ("fail", "never"), "one of them was counted by nobody"


async def test_the_erp_is_asked_where_it_ever_said_anything(room: Room) -> None:
    found = await room.api.ok("GET", ROOM + "/checklist")
    assert "erp" not in {one["check"] for one in found["items"]}
    on_hand = sum(units for place, units in (await room.api.units()).items() if place != "supplier")
    for units, expected in ((on_hand, ("pass", "agrees")), (on_hand + 2, ("fail", "differs"))):
        said = {"levels": [{"sku": "mug", "units": units}]}
        await room.api.ok("POST", f"{POOL}/erp-levels", said, as_=room.api.as_("service"))
        assert await room.stands("erp") == expected
    await room.do("PUT", f"{POOL}/skus/vase", {"title": "Vase"})
    await room.do("PUT", ROOM + "/skus/vase", {})
    assert await room.stands("erp", "vase") == ("warn", "not_told")


async def test_what_expires_is_pulled(room: Room) -> None:
    today = dt.datetime.now(dt.UTC).date()
    soon, later = (today + dt.timedelta(days=days) for days in (10, 400))
    made = await room.do("POST", f"{POOL}/receipts", {"id": "delivery"})
    lines = [
        {"sku": "mug", "good": 4, "lot": "A", "expires_on": soon.isoformat()},
        {"sku": "mug", "good": 9, "lot": "B", "expires_on": later.isoformat()},
    ]
    await room.do("PUT", f"{POOL}/receipts/{made['receipt']}/entry", {"lines": lines, "done": True})
    one = await room.item("unsellable")
    assert (one["level"], one["why"]) == ("fail", "expires")
    assert (one["values"]["lot"], one["values"]["units"]) == ("A", 4)
    await room.mend("unsellable", "pull_lot")
    assert await room.stands("unsellable") == ("pass", "pulled")
    assert (await room.api.units())["unsellable"] == 4


async def test_what_is_owed_comes_first(room: Room) -> None:
    assert await room.stands("owed") == ("pass", "none")
    await room.do("POST", f"{POOL}/orders", {"channel": DEDICATED, "sku": "mug", "qty": 3, "id": "o1"})
    one = await room.item("owed")
    assert (one["level"], one["why"], one["values"]["oversold"]) == ("fail", "oversold", 3)
    await room.move("allocate", 3, "pool", "channel:douyin")
    await room.do("POST", f"{POOL}/moves", {"kind": "settle", "reservation": "o1", "qty": 3})
    assert await room.stands("owed") == ("pass", "none")


async def test_who_paid_too_late_and_has_nothing_is_owed(room: Room) -> None:
    pool = await room.api.services.pools.get("main")
    await room.api.reserve("r1", 1)
    await pool.book.apply(Confirm("r1", "payment"))
    await room.api.reserve("late", 2)
    engine, key = pool.book._engine, f"{pool.book.base}:meta"
    await engine.command("HSET", key, "rehearsal_clock_ms", await pool.book.now_ms() + DAY_MS, key=key)
    await pool.book.apply(Expire(100))
    await room.move("carve", (await room.api.units())["pool"], "pool", "safety")
    assert (await pool.book.apply(Confirm("late", "payment"))).code is Code.PAID_NO_STOCK
    one = await room.item("owed")
    assert (one["level"], one["why"], one["values"]["unfilled"]) == ("fail", "paid_no_stock", 1)
    assert (await room.item("set_aside"))["values"] == {"sold": 1, "held": 0}


async def test_a_buffer_that_is_missing_is_set_aside(room: Room) -> None:
    await room.do("PATCH", f"{POOL}/skus/mug", {"safety_units": 7})
    safety = (await room.api.units()).get("safety", 0)
    if safety:
        await room.move("carve", safety, "safety", "pool")
    one = await room.item("safety_buffer")
    assert (one["level"], one["why"], one["values"]["wanted"]) == ("warn", "missing", 7)
    await room.mend("safety_buffer", "set_aside")
    assert await room.stands("safety_buffer") == ("pass", "set")
    assert (await room.api.units())["safety"] == 7


async def test_terms_are_held_against_the_plan(room: Room) -> None:
    pool = await room.api.services.pools.get("main")
    now_ms = await pool.book.now_ms()
    await room.do("PATCH", ROOM, {"planned_start_ms": now_ms + 3_600_000, "planned_minutes": 60})
    cases: tuple[tuple[str, dict[str, Any], tuple[str, str]], ...] = (
        ("price", {"price_minor": 0}, ("fail", "zero")),
        ("price", {"price_minor": 5, "currency": "EUR"}, ("warn", "other_currency")),
        ("price", {"price_minor": -1, "currency": None}, ("pass", "set")),
        ("limit", {"limit_per_user": None}, ("warn", "not_set")),
        ("window", {"closes_at_ms": now_ms + 60_000}, ("fail", "closes_before_start")),
        ("window", {"closes_at_ms": None, "opens_at_ms": now_ms + 9_000_000}, ("warn", "opens_after_end")),
        ("window", {"opens_at_ms": None}, ("pass", "open")),
        ("link", {}, ("pass", "set")),
    )
    for check, terms, expected in cases:
        await room.do("PATCH", ROOM + "/skus/mug", terms)
        assert await room.stands(check) == expected, terms


async def test_a_slot_whose_sku_has_left_the_shelf_is_told(room: Room) -> None:
    await room.plan(3)
    assert await room.stands("listed") == ("pass", "listed")
    await room.do("DELETE", ROOM + "/skus/mug")
    one = await room.item("listed")
    assert (one["level"], one["why"], one["title"]) == ("fail", "not_listed", "Mug")


async def test_a_room_whose_every_cure_was_taken_goes_on_air(room: Room) -> None:
    await room.do("PATCH", POOL, {"sign_over_units": 1_000})
    await room.mend("counted", "open_count")
    [made] = (await room.api.ok("GET", f"{POOL}/counts"))["counts"]
    path = f"{POOL}/counts/{made['count']}"
    await room.do("POST", f"{path}/lines", {"sku": "mug", "good": 100}, who="ann", role="counter")
    await room.do("POST", f"{path}/close", {})
    revision = {"revision": (await room.api.ok("GET", path))["revision"]}
    assert await room.api.problem("PATCH", ROOM, {"status": "live"})
    await room.do("POST", f"{path}/apply", revision)
    found = await room.api.ok("GET", ROOM + "/checklist?level=fail")
    assert (found["items"], found["may_go_live"]) == ([], True)
    done = await room.do("POST", ROOM + "/status", {"status": "live"})
    assert done["gate"] == {"fails": 0, "warns": found["warns"], "overridden": False}
