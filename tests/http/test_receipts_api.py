"""Receipts over HTTP: entered blind by two, told to whom it concerns, and lots that are taken out of sale."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

RECEIPTS = "/v1/pools/main/receipts"
LOTS = "/v1/pools/main/lots"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    return api


@pytest.fixture
async def by_two(shop: Any) -> Any:
    await shop.ok("PATCH", "/v1/pools/main", {"receipts_by_two": True})
    return shop


def counter(shop: Any, user: str) -> dict[str, str]:
    headers: dict[str, str] = shop.as_("counter", user)
    return headers


async def one_receives(shop: Any) -> None:
    """Two people switch off that two receive."""
    pool, body = "/v1/pools/main", {"receipts_by_two": False}
    await shop.problem("PATCH", pool, body, as_=shop.as_("operator", "ann"))
    await shop.ok("PATCH", pool, body, as_=shop.as_("operator", "bo"))


async def make(shop: Any, id: str = "r1", **more: Any) -> Any:  # noqa: A002
    return await shop.ok("POST", RECEIPTS, {"id": id, **more})


async def enter(shop: Any, user: str, *lines: dict[str, Any], done: bool = True, id: str = "r1") -> Any:  # noqa: A002
    body = {"lines": list(lines), "done": done}
    return await shop.ok("PUT", f"{RECEIPTS}/{id}/entry", body, as_=counter(shop, user))


def mugs(good: int, bad: int = 0, **more: Any) -> dict[str, Any]:
    return {"sku": "mug", "good": good, "bad": bad, **more}


async def test_one_person_takes_goods_in(shop: Any) -> None:
    made = await make(shop, supplier="Mill", reference="PO-7", expected=[{"sku": "mug", "units": 8}])
    assert made == {
        "receipt": "r1", "state": "open", "supplier": "Mill", "reference": "PO-7", "note": "", "by_two": False,
        "expected": [{"sku": "mug", "title": "Mug", "units": 8, "received": None}], "entries": [], "differing": [],
        "made_by": "wang", "made_at_ms": made["made_at_ms"], "received_at_ms": None, "units": 0, "bad": 0, "seq": None,
    }  # fmt: skip
    found = await enter(shop, "an", mugs(5, 1, lot="L1", expires_on="2027-01-31", note="one is chipped"))
    assert (found["state"], found["units"], found["bad"]) == ("received", 6, 1)
    assert found["expected"] is None, "whoever only counts is not told what was announced"
    assert found["entries"] == [
        {
            "by": "an",
            "done": True,
            "lines": [
                {"sku": "mug", "title": "Mug", "good": 5, "bad": 1, "lot": "L1", "expires_on": "2027-01-31",
                 "note": "one is chipped"}
            ],
        }
    ]  # fmt: skip
    assert (await shop.ok("GET", f"{RECEIPTS}/r1"))["expected"][0]["received"] == 6
    assert await shop.units() == {"supplier": -106, "pool": 105, "unsellable": 1}
    entries = (await shop.http.get("/v1/pools/main/ledger", headers=shop.as_("operator"))).text
    assert '"reference":"r1"' in entries


async def test_two_see_nothing_of_each_other_until_it_is_over(by_two: Any) -> None:
    await make(by_two, expected=[{"sku": "mug", "units": 7}])
    await enter(by_two, "an", mugs(7))
    for reader in (counter(by_two, "bo"), by_two.as_("operator"), by_two.as_("service")):
        shown = await by_two.ok("GET", f"{RECEIPTS}/r1", as_=reader)
        assert shown["entries"] == [{"by": "an", "done": True, "lines": None}]
        assert shown["expected"] is None, "whoever is told could still be the second one"
    differs = await enter(by_two, "bo", mugs(6))
    assert (differs["state"], differs["differing"]) == ("differs", ["mug"])
    assert [entry["lines"] is None for entry in differs["entries"]] == [True, False]
    assert (await by_two.units())["pool"] == 100
    received = await enter(by_two, "bo", mugs(7))
    assert received["state"] == "received"
    assert [entry["lines"][0]["good"] for entry in received["entries"]] == [7, 7]
    assert received["expected"] is None
    seen = await by_two.ok("GET", f"{RECEIPTS}/r1", as_=by_two.as_("service"))
    assert seen["expected"] == [{"sku": "mug", "title": "Mug", "units": 7, "received": 7}]
    assert (await by_two.units())["pool"] == 107


async def test_what_was_announced_tells_one_person_who_is_no_counter(shop: Any) -> None:
    await make(shop, expected=[{"sku": "mug", "units": 7}])
    assert (await shop.ok("GET", f"{RECEIPTS}/r1"))["expected"][0]["units"] == 7
    assert (await shop.ok("GET", f"{RECEIPTS}/r1", as_=counter(shop, "an")))["expected"] is None


async def test_a_program_is_not_one_of_two(by_two: Any, shop: Any) -> None:
    await make(by_two)
    entry = {"lines": [mugs(7)], "done": True}
    problem = await by_two.problem("PUT", f"{RECEIPTS}/r1/entry", entry, as_=by_two.as_("service", "erp"))
    assert (problem["status"], problem["code"]) == (403, "FORBIDDEN")
    assert (await by_two.ok("GET", f"{RECEIPTS}/r1"))["entries"] == []
    await one_receives(shop)
    await make(shop, "r2")
    found = await shop.ok("PUT", f"{RECEIPTS}/r2/entry", entry, as_=shop.as_("service", "erp"))
    assert found["state"] == "received"


async def test_no_program_has_one_person_take_goods_in(shop: Any) -> None:
    pool, erp = "/v1/pools/main", shop.as_("service", "erp")
    done = await shop.call("PATCH", pool, {"receipts_by_two": True}, as_=erp)
    for method, path, body in (
        ("PATCH", pool, {"receipts_by_two": False}),
        ("PATCH", pool, {"receipts_by_two": None}),
        ("PUT", pool, {"title": "Main"}),
        ("POST", f"{pool}/actions/{done.headers['Shelfcast-Action']}/undo", None),
    ):
        problem = await shop.problem(method, path, body, as_=erp)
        assert (problem["status"], problem["field"]) == (403, "role")
    await shop.ok("PUT", pool, {"title": "Main", "receipts_by_two": True}, as_=erp)
    assert (await shop.ok("GET", pool))["receipts_by_two"]


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"receipts_by_two": False}), ("PUT", {"title": "Main"})])
async def test_two_people_have_one_person_take_goods_in(by_two: Any, method: str, body: dict[str, Any]) -> None:
    pool = "/v1/pools/main"
    for user, code in (("ann", "NEEDS_APPROVAL"), ("ann", "SAME_SIGNER")):
        problem = await by_two.problem(method, pool, body, as_=by_two.as_("operator", user))
        assert (problem["status"], problem["code"]) == (409, code)
    assert (await by_two.ok("GET", pool))["receipts_by_two"]
    assert not (await by_two.ok(method, pool, body, as_=by_two.as_("operator", "bo")))["receipts_by_two"]


async def test_no_other_way_takes_goods_in_where_two_do(by_two: Any) -> None:
    move = {"id": "m", "kind": "receive", "sku": "mug", "qty": 5, "target": "pool"}
    for role in ("service", "operator"):
        problem = await by_two.problem("POST", "/v1/pools/main/moves", move, as_=by_two.as_(role))
        assert (problem["status"], problem["code"], problem["field"]) == (409, "NEEDS_APPROVAL", "kind")
        assert "receipt" in problem["detail"]
    rows = [{"sku": "mug", "opening": 5}, {"sku": "cup", "opening": 4}]
    problem = await by_two.problem("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "k"})
    assert (problem["code"], problem["field"]) == ("NEEDS_APPROVAL", "skus[0].opening")
    assert await by_two.units() == {"supplier": -100, "pool": 100}
    assert await by_two.units("cup") == {"supplier": -4, "pool": 4}, "the first units of a SKU are its opening stock"


async def test_receipts_are_listed_open_ones_first(shop: Any) -> None:
    for name in ("first", "second", "third"):
        await make(shop, name, expected=[{"sku": "mug", "units": 1}])
    await enter(shop, "an", mugs(1), id="third")
    await enter(shop, "an", mugs(1), id="first", done=False)
    listed = (await shop.ok("GET", RECEIPTS, as_=counter(shop, "an")))["receipts"]
    assert sorted(row["receipt"] for row in listed[:2]) == ["first", "second"]
    assert [row["state"] for row in listed] == ["open", "open", "received"]
    assert all(row["expected"] is None for row in listed)
    assert [entry["lines"] for row in listed for entry in row["entries"]] == [None, None]


async def test_a_receipt_is_put_aside_by_an_operator(shop: Any) -> None:
    await make(shop)
    assert (await shop.problem("POST", f"{RECEIPTS}/r1/cancel", as_=counter(shop, "an")))["status"] == 403
    assert (await shop.problem("POST", f"{RECEIPTS}/r1/cancel", as_=shop.as_("service")))["status"] == 403
    for _ in range(2):
        assert (await shop.ok("POST", f"{RECEIPTS}/r1/cancel"))["state"] == "cancelled"
    problem = await shop.problem("PUT", f"{RECEIPTS}/r1/entry", {"lines": []}, as_=counter(shop, "an"))
    assert (problem["status"], problem["code"], problem["field"]) == (409, "BAD_MESSAGE", "state")
    assert problem["detail"] == "expected one that is open or differs: it is cancelled"


async def test_an_entry_names_its_action_and_a_receipt_is_made_once(shop: Any) -> None:
    made = await make(shop)
    assert await make(shop) == made
    problem = await shop.problem("POST", RECEIPTS, {"id": "r1", "supplier": "Other"})
    assert (problem["code"], problem["field"]) == ("ID_CONFLICT", "supplier")
    entry = {"lines": [mugs(2)], "done": True}
    response = await shop.call("PUT", f"{RECEIPTS}/r1/entry", entry, headers={"Idempotency-Key": "k1"})
    assert response.headers["shelfcast-action"] == "k1"
    action = await shop.ok("GET", "/v1/pools/main/actions/k1")
    assert (action["kind"], action["subject"], action["undoable"], action["why_not"]) == (
        "receipt",
        "r1",
        False,
        "receipt",
    )
    assert (await shop.problem("POST", "/v1/pools/main/actions/k1/undo"))["code"] == "BAD_MESSAGE"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "id"),
        ({"id": "a b"}, 422, "id"),
        ({"id": "r", "supplier": 5}, 422, "supplier"),
        ({"id": "r", "reference": "x" * 129}, 422, "reference"),
        ({"id": "r", "expected": [{"sku": "mug", "units": -1}]}, 422, "expected[0].units"),
        ({"id": "r", "expected": [{"sku": "mug", "units": 1}] * 2}, 422, "expected[1].sku"),
        ({"id": "r", "expected": [{"sku": "nothing", "units": 1}]}, 404, "sku"),
        ({"id": "r", "expected": [{"sku": "mug", "units": 1}] * 501}, 422, "expected"),
        ({"id": "r", "unknown": 1}, 422, "unknown"),
    ],
)
async def test_what_a_receipt_cannot_be(shop: Any, body: Any, status: int, field: str) -> None:
    problem = await shop.problem("POST", RECEIPTS, body)
    assert (problem["status"], problem["field"]) == (status, field), problem
    assert (await shop.ok("GET", RECEIPTS))["receipts"] == []


@pytest.mark.parametrize(
    ("lines", "status", "field"),
    [
        (None, 422, "lines"),
        ("mug", 422, "lines"),
        ([{"sku": "mug"}], 422, "lines[0].good"),
        ([mugs(-1)], 422, "lines[0].good"),
        ([mugs(1, -1)], 422, "lines[0].bad"),
        ([mugs(1_000_001)], 422, "lines[0].good"),
        ([mugs(1) | {"good": 1.5}], 422, "lines[0].good"),
        ([mugs(1, lot="x" * 65)], 422, "lines[0].lot"),
        ([mugs(1, lot="a\x1fb")], 422, "lines[0].lot"),
        ([mugs(1, expires_on="31.1.2027")], 422, "lines[0].expires_on"),
        ([mugs(1), mugs(1, expires_on="2027-02-30")], 422, "lines[1].expires_on"),
        ([mugs(1), {"sku": "nothing", "good": 1}], 404, "sku"),
        ([mugs(1)] * 501, 422, "lines"),
    ],
)
async def test_what_an_entry_cannot_be(shop: Any, lines: Any, status: int, field: str) -> None:
    await make(shop)
    body = {"done": True} if lines is None else {"lines": lines, "done": True}
    problem = await shop.problem("PUT", f"{RECEIPTS}/r1/entry", body, as_=counter(shop, "an"))
    assert (problem["status"], problem["field"]) == (status, field), problem
    assert "nothing" not in str(lines) or "nothing" in problem["detail"]
    assert (await shop.ok("GET", f"{RECEIPTS}/r1"))["entries"] == []
    assert (await shop.units())["pool"] == 100


async def test_a_receipt_that_is_not_there(shop: Any) -> None:
    for method, path, body in (
        ("GET", "nowhere", None),
        ("PUT", "nowhere/entry", {"lines": []}),
        ("POST", "nowhere/cancel", {}),
    ):
        problem = await shop.problem(method, f"{RECEIPTS}/{path}", body)
        assert (problem["status"], problem["code"], problem["field"]) == (404, "NOT_FOUND", "receipt")


# --- lots -----------------------------------------------------------------------------------------------------


async def in_days(shop: Any, days: int) -> str:
    """The day of the calendar in Shanghai, so many days from now, by the engine's clock."""
    pool = await shop.services.pools.get("main")
    moment = dt.datetime.fromtimestamp(await pool.book.now_ms() / 1000, dt.timezone(dt.timedelta(hours=8)))
    return (moment.date() + dt.timedelta(days=days)).isoformat()


async def with_lots(shop: Any) -> None:
    """Mugs of three lots, in a pool in Shanghai: one has expired, one will in a week, one in two months."""
    await shop.ok("PATCH", "/v1/pools/main", {"time_zone": "Asia/Shanghai"})
    await make(shop, "lots")
    lines = [
        mugs(4, lot="old", expires_on=await in_days(shop, -1)),
        mugs(5, lot="soon", expires_on=await in_days(shop, 7)),
        mugs(6, lot="late", expires_on=await in_days(shop, 60)),
    ]
    await enter(shop, "an", *lines, id="lots")


async def test_what_expires_is_listed_within_the_days_that_were_named(shop: Any) -> None:
    await with_lots(shop)

    async def listed(query: str = "") -> list[tuple[str, int]]:
        found = await shop.ok("GET", f"{LOTS}{query}")
        return [(lot["lot"], lot["days_left"]) for lot in found["lots"]]

    assert await listed() == [("old", -1), ("soon", 7)], "30 days where nobody says otherwise"
    assert await listed("?within_days=6") == [("old", -1)]
    assert await listed("?within_days=7") == [("old", -1), ("soon", 7)]
    assert await listed("?within_days=60") == [("old", -1), ("soon", 7), ("late", 60)]
    await shop.ok("PATCH", "/v1/pools/main", {"expiry_days": 3})
    found = await shop.ok("GET", f"{LOTS}?limit=1")
    assert (found["days"], found["more"]) == (3, False)
    found = await shop.ok("GET", f"{LOTS}?within_days=60&limit=1")
    assert ([lot["lot"] for lot in found["lots"]], found["more"]) == (["old"], True)
    [lot] = found["lots"]
    assert (lot["title"], lot["units"], lot["pulled"], lot["free"], lot["source"]) == ("Mug", 4, 0, 115, "receipt:lots")


async def test_a_lot_is_taken_out_of_sale_and_put_back(shop: Any) -> None:
    await with_lots(shop)
    day = await in_days(shop, -1)
    body = {"id": "p1", "sku": "mug", "lot": "old", "expires_on": day, "qty": 4, "reason": "expired"}
    done = await shop.ok("POST", f"{LOTS}/pull", body)
    assert done["undoable"]
    assert await shop.ok("POST", f"{LOTS}/pull", body) == done
    assert await shop.units() == {"supplier": -115, "pool": 111, "unsellable": 4}
    assert [lot["lot"] for lot in (await shop.ok("GET", LOTS))["lots"]] == ["soon"]
    await shop.ok("POST", "/v1/pools/main/actions/p1/undo")
    assert await shop.units() == {"supplier": -115, "pool": 115}
    assert [lot["lot"] for lot in (await shop.ok("GET", LOTS))["lots"]] == ["old", "soon"]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"lot": "other"}, 404, "NOT_FOUND", "lot"),
        ({"lot": "", "expires_on": None}, 422, "BAD_MESSAGE", "lot"),
        ({"sku": "nothing"}, 404, "UNKNOWN_SKU", "sku"),
        ({"qty": 5}, 409, "INSUFFICIENT", "lot"),
        ({"qty": 0}, 422, "BAD_MESSAGE", "qty"),
        ({"expires_on": "2027-02-30"}, 422, "BAD_MESSAGE", "expires_on"),
        ({"expires_on": "soon"}, 422, "BAD_MESSAGE", "expires_on"),
        ({"id": None}, 422, "BAD_MESSAGE", "id"),
    ],
)
async def test_what_cannot_be_pulled(shop: Any, change: Any, status: int, code: str, field: str) -> None:
    await with_lots(shop)
    body = {"id": "p1", "sku": "mug", "lot": "old", "expires_on": await in_days(shop, -1), "qty": 4} | change
    if body["id"] is None:
        del body["id"]
    problem = await shop.problem("POST", f"{LOTS}/pull", body)
    assert (problem["status"], problem["code"], problem["field"]) == (status, code, field), problem
    assert (await shop.units())["pool"] == 115


@pytest.mark.parametrize("query", ["within_days=-1", "within_days=3651", "within_days=soon", "limit=0", "days=3"])
async def test_days_that_are_none(shop: Any, query: str) -> None:
    assert (await shop.problem("GET", f"{LOTS}?{query}"))["field"] == query.partition("=")[0]
