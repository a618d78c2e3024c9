from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put

MOVES = "/v1/pools/main/moves"
MUG = "/v1/pools/main/skus/mug"


def receive(qty: Any = 10, **fields: Any) -> dict[str, Any]:
    return {"kind": "receive", "sku": "mug", "qty": qty, "target": "pool", **fields}


async def test_a_pool_is_made_once(api: Any) -> None:
    assert (await api.call("PUT", "/v1/pools/main")).status_code == 201
    assert (await api.call("PUT", "/v1/pools/main", {})).status_code == 200
    main = await api.ok("GET", "/v1/pools/main")
    assert main["pool"] == "main"
    assert await api.ok("GET", "/v1/pools") == {"pools": [main]}
    assert (await api.problem("GET", "/v1/pools/none"))["code"] == "NOT_FOUND"


async def test_put_states_the_whole_sku_and_patch_merges(shop: Any) -> None:
    full = {"title": "Mug", "price_minor": 1200, "currency": "EUR", "category": "kitchen", "elastic_release_at": 5}
    found = await shop.ok("PUT", MUG, full)
    assert {name: found[name] for name in full} == full
    assert found["buckets"]["pool"] == 100
    changed = await shop.ok("PATCH", MUG, {"price_minor": 1100, "elastic_release_at": None})
    assert (changed["price_minor"], changed["elastic_release_at"], changed["category"]) == (1100, None, "kitchen")
    replaced = await shop.ok("PUT", MUG, {"title": "Cup"})
    assert (replaced["title"], replaced["price_minor"], replaced["currency"], replaced["category"]) == (
        "Cup",
        0,
        "CNY",
        "",
    )
    assert (await shop.call("PUT", "/v1/pools/main/skus/plate", {})).status_code == 201
    assert (await shop.problem("PATCH", "/v1/pools/main/skus/bowl", {}))["code"] == "UNKNOWN_SKU"


@pytest.mark.parametrize("sku", ["杯子 大号", "a/b", "50%", "a?b#c", "x" * 128, "+1"])
async def test_skus_are_named_as_shops_name_them(shop: Any, sku: str) -> None:
    path = "/v1/pools/main/skus/" + quote(sku, safe="")
    assert (await shop.call("PUT", path, {})).status_code == 201
    await shop.ok("POST", MOVES, receive(id="r", sku=sku, qty=3))
    found = await shop.ok("GET", path)
    assert (found["sku"], found["buckets"]["pool"]) == (sku, 3)


async def test_the_catalogue_is_read_in_pages(shop: Any) -> None:
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": [{"sku": f"s{n:02}"} for n in range(7)]})
    seen: list[str] = []
    after = ""
    while True:
        page = await shop.ok("GET", "/v1/pools/main/skus?limit=3" + (f"&after={after}" if after else ""))
        seen += [row["sku"] for row in page["skus"]]
        assert len(page["skus"]) <= 3
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["mug", *[f"s{n:02}" for n in range(7)]]


async def test_a_catalogue_is_received_once_a_key(shop: Any) -> None:
    rows = [
        {"sku": "cup", "title": "Cup", "opening": 7},
        {"sku": "盘 子", "opening": 5},
        {"sku": "mug", "title": "Big"},
    ]
    body = {"skus": rows, "reference": "delivery 7"}
    first = await shop.ok("POST", "/v1/pools/main/catalogue", body, headers={"Idempotency-Key": "k1"})
    again = await shop.ok("POST", "/v1/pools/main/catalogue", body, headers={"Idempotency-Key": '"k1"'})
    assert first == again == {"rows": 3, "seq": first["seq"]}
    assert (await shop.units("cup"))["pool"] == 7
    assert (await shop.ok("GET", "/v1/pools/main/skus/%E7%9B%98%20%E5%AD%90"))["buckets"]["pool"] == 5
    mug = await shop.ok("GET", MUG)
    assert (mug["title"], mug["price_minor"]) == ("Big", 990)


async def test_a_catalogue_says_which_row_is_wrong(shop: Any) -> None:
    path = "/v1/pools/main/catalogue"
    key = {"Idempotency-Key": "k1"}
    await shop.ok("POST", path, {"skus": [{"sku": "cup", "opening": 7}]}, headers=key)
    other = await shop.problem("POST", path, {"skus": [{"sku": "a"}, {"sku": "cup", "opening": 8}]}, headers=key)
    assert (other["status"], other["code"], other["field"]) == (409, "ID_CONFLICT", "skus[1].opening")
    wrong = await shop.problem("POST", path, {"skus": [{"sku": "a"}, {"sku": "b", "price_minor": -1}]})
    assert (wrong["status"], wrong["field"]) == (422, "skus[1].price_minor")
    twice = await shop.problem("POST", path, {"skus": [{"sku": "a"}, {"sku": "a"}]})
    assert twice["field"] == "skus[1].sku"
    keyless = await shop.problem("POST", path, {"skus": [{"sku": "a", "opening": 1}]})
    assert keyless["field"] == "id"
    many = await shop.problem("POST", path, {"skus": [{"sku": f"s{n}"} for n in range(1_001)]})
    assert many["field"] == "skus"


async def test_a_move_happens_once(shop: Any) -> None:
    first = await shop.ok("POST", MOVES, receive(id="m1"))
    assert await shop.ok("POST", MOVES, receive(id="m1")) == first
    assert await shop.ok("POST", MOVES, receive(), headers={"Idempotency-Key": "m1"}) == first
    assert (await shop.units())["pool"] == 110
    other = await shop.problem("POST", MOVES, receive(id="m1", qty=11))
    assert (other["status"], other["code"], other["field"], other["retry"]) == (409, "ID_CONFLICT", "qty", "changed")
    assert (await shop.units())["pool"] == 110


async def test_every_kind_of_move(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/batches/second", {"title": "Second wave"})
    moves: list[dict[str, Any]] = [
        {"kind": "carve", "sku": "mug", "qty": 10, "source": "pool", "target": "safety"},
        {"kind": "carve", "sku": "mug", "qty": 10, "source": "pool", "target": "elastic"},
        {"kind": "carve", "sku": "mug", "qty": 20, "source": "pool", "target": "batch:second"},
        {"kind": "allocate", "sku": "mug", "qty": 15, "source": "pool", "target": "channel:live"},
        {"kind": "release_elastic", "sku": "mug", "qty": 4, "target": "pool"},
        {"kind": "quarantine", "sku": "mug", "qty": 3, "source": "pool", "target": "unsellable"},
        {"kind": "write_off", "sku": "mug", "qty": 1, "source": "unsellable"},
        {"kind": "quota", "sku": "mug", "qty": 30},
        {"kind": "quota", "sku": "mug", "qty": -10},
        {"kind": "freeze", "sku": "mug"},
        {"kind": "unfreeze", "sku": "mug"},
    ]
    for n, move in enumerate(moves):
        await shop.ok("POST", MOVES, move | {"id": f"m{n}"})
    opened = await shop.ok("POST", MOVES, {"kind": "open_batch", "batch": "second", "id": "open"})
    assert opened["data"] == {"skus": 1}
    assert (await shop.ok("GET", "/v1/pools/main/batches/second"))["opened_at_ms"] > 0
    counted = await shop.ok("POST", MOVES, {"kind": "count", "sku": "mug", "qty": 95, "id": "count"})
    assert counted["data"] == {"on_hand": 99, "difference": -4, "shortage": 0}
    assert counted["short_reservations"] == []
    units = await shop.units()
    expected = {"pool": 42, "safety": 10, "elastic": 6, "channel:live": 15, "unsellable": 2, "presale": 20}
    expected["batch:second"] = 20
    assert {place: units.get(place) for place in expected} == expected
    assert (await shop.ok("GET", "/v1/pools/main/audit"))["ok"] is True


@pytest.mark.parametrize(
    ("move", "status", "code", "field"),
    [
        (receive(qty=0), 422, "BAD_MESSAGE", "qty"),
        (receive(qty=-5), 422, "BAD_MESSAGE", "qty"),
        (receive(qty="5"), 422, "BAD_MESSAGE", "qty"),
        (receive(qty=1.5), 422, "BAD_MESSAGE", "qty"),
        (receive(qty=10**12), 422, "BAD_MESSAGE", "qty"),
        (receive(sku="none"), 404, "UNKNOWN_SKU", "sku"),
        (receive(target="nowhere"), 422, "BAD_MESSAGE", "target"),
        (receive(target="channel:none"), 404, "NOT_FOUND", "target"),
        (receive(target="Pool!"), 422, "BAD_MESSAGE", "target"),
        (receive(batch="b"), 422, "BAD_MESSAGE", "batch"),
        (receive(colour="red"), 422, "BAD_MESSAGE", "colour"),
        (receive(reason="two\nlines"), 422, "BAD_MESSAGE", "reason"),
        ({"kind": "receive", "sku": "mug", "qty": 1}, 422, "BAD_MESSAGE", "target"),
        ({"kind": "receive", "target": "pool", "qty": 1}, 422, "BAD_MESSAGE", "sku"),
        ({"kind": "steal", "sku": "mug"}, 422, "BAD_MESSAGE", "kind"),
        ({"sku": "mug"}, 422, "BAD_MESSAGE", "kind"),
        ({"kind": "count", "sku": "mug", "qty": -1}, 422, "BAD_MESSAGE", "qty"),
        ({"kind": "quota", "sku": "mug", "qty": 0}, 422, "BAD_MESSAGE", "qty"),
        ({"kind": "quota", "sku": "mug", "qty": -1}, 409, "INSUFFICIENT", ""),
        ({"kind": "carve", "sku": "mug", "qty": 101, "source": "pool", "target": "safety"}, 409, "INSUFFICIENT", ""),
        (
            {"kind": "carve", "sku": "mug", "qty": 1, "source": "sold:live", "target": "pool"},
            422,
            "BAD_MESSAGE",
            "source",
        ),
        ({"kind": "open_batch", "batch": "none"}, 404, "NOT_FOUND", "batch"),
        ({"kind": "settle", "reservation": "none", "qty": 1}, 404, "NOT_FOUND", "reservation"),
    ],
)
async def test_a_wrong_move_says_what_is_wrong_and_moves_nothing(
    shop: Any, move: dict[str, Any], status: int, code: str, field: str
) -> None:
    before = await shop.units()
    problem = await shop.problem("POST", MOVES, {"id": "m1", **move})
    assert (problem["status"], problem["code"], problem.get("field", "")) == (status, code, field)
    assert await shop.units() == before


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "é", "a\n"])
async def test_ids_have_a_form(shop: Any, name: str) -> None:
    problem = await shop.problem("POST", MOVES, receive(id=name))
    assert (problem["field"], problem["detail"]) == ("id", "Expected letters, digits and _.:~-; at most 64")


async def test_a_write_that_repeats_needs_an_id(shop: Any) -> None:
    assert (await shop.problem("POST", MOVES, receive()))["field"] == "id"
    both = await shop.problem("POST", MOVES, receive(id="a"), headers={"Idempotency-Key": "b"})
    assert both["field"] == "id"
    odd = await shop.problem("POST", MOVES, receive(), headers={"Idempotency-Key": "two words"})
    assert odd["field"] == "Idempotency-Key"


async def test_an_external_order_is_sold_and_what_is_missing_owed(shop: Any) -> None:
    order = {"id": "dy-1", "channel": "live", "sku": "mug", "qty": 120, "reference": "DY1"}
    booked = await shop.ok("POST", "/v1/pools/main/orders", order)
    assert (booked["state"], booked["left"]) == ("confirmed", 100)
    assert await shop.ok("POST", "/v1/pools/main/orders", order) == booked
    other = await shop.problem("POST", "/v1/pools/main/orders", order | {"qty": 1})
    assert (other["code"], other["field"]) == ("ID_CONFLICT", "qty")
    assert (await shop.ok("GET", "/v1/pools/main/reservations/dy-1"))["oversold"] == 20
    await shop.ok("POST", MOVES, receive(id="more", qty=30))
    await shop.ok("POST", MOVES, {"kind": "settle", "reservation": "dy-1", "qty": 20, "id": "settle"})
    assert (await shop.ok("GET", "/v1/pools/main/reservations/dy-1"))["oversold"] == 0
    for wrong, field in ({"qty": 0}, "qty"), ({"channel": "none"}, "channel"), ({"user": ""}, "user"):
        assert (await shop.problem("POST", "/v1/pools/main/orders", order | {"id": "dy-2"} | wrong))["field"] == field


async def test_a_shortage_is_named_against_reservations_and_takes_nothing_from_them(shop: Any) -> None:
    there = sum(n for place, n in (await shop.units()).items() if place == "pool")
    order = {"id": "dy-1", "channel": "live", "sku": "mug", "qty": there}
    await shop.ok("POST", "/v1/pools/main/orders", order)
    counted = await shop.ok("POST", MOVES, {"kind": "count", "sku": "mug", "qty": there - 2, "id": "count"})
    assert counted["data"] == {"on_hand": there, "difference": -2, "shortage": 2}
    assert counted["short_reservations"] == ["dy-1"]
    assert (await shop.units())["sold:live"] == there


async def test_channels_batches_and_users_are_defined(shop: Any) -> None:
    made = await shop.call("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated", "title": "Douyin"})
    said = {"channel": "douyin", "kind": "dedicated", "title": "Douyin", "revision": 1}
    assert (made.status_code, made.json() | said) == (201, made.json())
    assert (await shop.call("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated"})).json()["title"] == ""
    names = [row["channel"] for row in (await shop.ok("GET", "/v1/pools/main/channels"))["channels"]]
    assert names == ["douyin", "live"]
    assert (await shop.problem("PUT", "/v1/pools/main/channels/douyin", {"kind": "own"}))["field"] == "kind"
    assert (await shop.problem("GET", "/v1/pools/main/channels/none"))["code"] == "NOT_FOUND"

    batch = await shop.ok(
        "PUT", "/v1/pools/main/batches/b1", {"opens_at_ms": 4_102_444_800_000, "target": "channel:live"}
    )
    assert (batch["opens_at_ms"], batch["opened_at_ms"]) == (4_102_444_800_000, 0)
    assert await shop.ok("GET", "/v1/pools/main/batches") == {"batches": [batch]}
    assert (await shop.problem("PUT", "/v1/pools/main/batches/b2", {"target": "channel:none"}))["field"] == "target"

    assert (await shop.ok("GET", "/v1/pools/main/users/li"))["standing"] == "ok"
    await shop.ok("PUT", "/v1/pools/main/users/li", {"standing": "blocked", "reason": "chargebacks"})
    assert await shop.ok("GET", "/v1/pools/main/users/li") == {
        "user": "li",
        "standing": "blocked",
        "reason": "chargebacks",
        "revision": 1,
    }


async def test_the_ledger_is_lines_from_a_position(shop: Any) -> None:
    for n in range(4):
        await shop.ok("POST", MOVES, receive(id=f"m{n}", qty=n + 1))
    whole = await shop.call("GET", "/v1/pools/main/ledger")
    assert whole.headers["content-type"] == "application/x-ndjson"
    entries = [json.loads(line) for line in whole.text.splitlines()]
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[1]["id"] == "m0"
    page = await shop.call("GET", "/v1/pools/main/ledger?after=2&limit=2")
    assert [json.loads(line)["seq"] for line in page.text.splitlines()] == [3, 4]
    rest = await shop.call("GET", page.links["next"]["url"])
    assert [json.loads(line)["seq"] for line in rest.text.splitlines()] == [5]
    assert "link" not in rest.headers
    assert (await shop.call("GET", "/v1/pools/main/ledger?stream=presale")).text == ""


async def test_the_audit_finds_a_number_written_behind_the_books_back(shop: Any) -> None:
    await shop.ok("POST", MOVES, receive(id="m1"))
    report = await shop.ok("GET", "/v1/pools/main/audit")
    assert (report["ok"], report["entries"], report["skus"]) == (True, 2, 1)
    pool = await shop.services.pools.get("main")
    key = f"{pool.book.base}:sku:mug"
    await pool.book._engine.command("HINCRBY", key, "pool", 1, key=key)
    report = await shop.ok("GET", "/v1/pools/main/audit")
    assert report["ok"] is False
    assert {found["invariant"] for found in report["violations"]} >= {4}


async def test_the_largest_numbers_come_back_as_they_went(shop: Any) -> None:
    sku = await shop.ok("PUT", MUG, {"price_minor": 10**12, "elastic_release_at": 10**9})
    assert (sku["price_minor"], sku["elastic_release_at"]) == (10**12, 10**9)
    last_date_ms = 8_640_000_000_000_000
    listing = await shop.ok("PUT", "/v1/rooms/evening/skus/mug", {"closes_at_ms": last_date_ms, "position": -5})
    assert (listing["closes_at_ms"], listing["position"]) == (last_date_ms, -5)
    problem = await shop.problem("PUT", "/v1/rooms/evening/skus/mug", {"closes_at_ms": last_date_ms + 1})
    assert (problem["status"], problem["field"]) == (422, "closes_at_ms")
    await shop.ok("POST", MOVES, receive(id="big", qty=10**9))
    assert (await shop.units())["pool"] == 10**9 + 100


LOOK_ALIKES = ["A\u200b-1", "A-1\u2060", "\u202aA-1", "A\u00ad-1", "A\u00a0-1", "A\ufe0f-1", "Cafe\u0301"]


@pytest.mark.parametrize("sku", LOOK_ALIKES)
async def test_a_sku_that_only_looks_like_another_is_not_made(shop: Any, sku: str) -> None:
    single = await shop.problem("PUT", "/v1/pools/main/skus/" + quote(sku, safe=""), {})
    assert (single["code"], single["field"]) == ("BAD_MESSAGE", "sku")
    many = await shop.problem("POST", "/v1/pools/main/catalogue", {"skus": [{"sku": "A-1"}, {"sku": sku}]})
    assert (many["code"], many["field"]) == ("BAD_MESSAGE", "skus[1].sku")
    assert many["detail"].startswith("expected a code ")
    assert (await shop.call("GET", "/v1/pools/main/skus/A-1")).status_code == 404, "nothing of the request is applied"


async def test_what_a_pool_has_under_such_a_name_can_still_be_changed(shop: Any) -> None:
    book = (await shop.services.pools.get("main")).book
    await book.apply(put(What.SKU, "A\u200b-1", {"title": "of before"}))
    path = "/v1/pools/main/skus/" + quote("A\u200b-1")
    assert (await shop.ok("PATCH", path, {"title": "known"}))["title"] == "known"
    assert (await shop.ok("PUT", path, {"title": "stated"}))["title"] == "stated"
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": [{"sku": "A\u200b-1", "price_minor": 5}]})


async def test_a_title_is_kept_in_one_form_and_may_have_what_people_write(shop: Any) -> None:
    found = await shop.ok("PUT", MUG, {"title": "Cafe\u0301\u3000می‌خواهم 👨‍👩‍👧"})
    assert found["title"] == "Caf\u00e9\u3000می‌خواهم 👨‍👩‍👧"
    for title in ("a\x85b", "a\u2028b", "a\u202eb"):
        assert (await shop.problem("PUT", MUG, {"title": title}))["field"] == "title"


async def test_a_channel_has_a_low_mark(shop: Any) -> None:
    path = "/v1/pools/main/channels/live"
    stated = await shop.ok("PUT", path, {"low_mark_units": 5, "low_mark": "stop"})
    assert (stated["low_mark_units"], stated["low_mark"]) == (5, "stop")
    assert (await shop.ok("GET", "/v1/rooms/evening/skus/mug"))["available"] == 100
    await shop.ok("POST", MOVES, {"kind": "write_off", "sku": "mug", "qty": 96, "source": "pool", "id": "fire"})
    assert (await shop.ok("GET", "/v1/rooms/evening/skus/mug"))["available"] == 0
    assert (await shop.ok("PUT", path, {}))["low_mark"] == "fixed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"low_mark": "stop"}, "low_mark_units"),
        ({"low_mark": "share", "low_mark_units": None}, "low_mark_units"),
        ({"low_mark_units": 0}, "low_mark_units"),
        ({"low_mark_units": 1.5}, "low_mark_units"),
        ({"low_mark_units": 5, "low_mark": "empty"}, "low_mark"),
    ],
)
async def test_a_low_mark_that_cannot_be(shop: Any, body: dict[str, Any], field: str) -> None:
    problem = await shop.problem("PUT", "/v1/pools/main/channels/live", body)
    assert (problem["status"], problem["code"], problem["field"]) == (422, "BAD_MESSAGE", field)


async def test_opening_stock_is_set_aside_as_a_row_says(shop: Any) -> None:
    rows = [
        {"sku": "cup", "opening": 20, "opening_safety": 3, "opening_elastic": 5, "safety_units": 4},
        {"sku": "bowl", "opening": 7},
    ]
    for _ in range(2):
        await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "again"})
    assert await shop.units("cup") == {"supplier": -20, "pool": 12, "safety": 3, "elastic": 5}
    assert await shop.units("bowl") == {"supplier": -7, "pool": 7}, "by the API nothing is set aside"
    assert (await shop.ok("GET", "/v1/pools/main/skus/cup"))["safety_units"] == 4
    for row, field in (
        ({"opening": 5, "opening_safety": 6}, "opening_safety"),
        ({"opening": 5, "opening_safety": 3, "opening_elastic": 3}, "opening_safety"),
        ({"opening_elastic": 1}, "opening_elastic"),
        ({"opening": 5, "opening_safety": -1}, "opening_safety"),
        ({"safety_units": -1}, "safety_units"),
    ):
        body = {"skus": [{"sku": "mug"}, {"sku": "pot", **row}]}
        problem = await shop.problem("POST", "/v1/pools/main/catalogue", body, headers={"Idempotency-Key": "no"})
        assert (problem["status"], problem["field"]) == (422, f"skus[1].{field}")
