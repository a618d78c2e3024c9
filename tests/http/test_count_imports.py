"""Counts in a file: looked at, and entered on a count sheet that is made for them, or on one that is there."""

from __future__ import annotations

from typing import Any

import pytest
from file_imports import IMPORTS, applied, read, sent, until

MAIN = "/v1/pools/main"
COUNTS = "?kind=counts"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    rows = [{"sku": "cup", "title": "Cup", "barcode": "6901234567892", "opening": 8}, {"sku": "fan", "opening": 3}]
    await api.ok("POST", f"{MAIN}/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    return api


def sheet(*rows: str, header: str = "货号,条码,良品,次品,盘点位置,备注") -> bytes:
    return "\n".join([header, *rows]).encode("gb18030")


async def lines_of(shop: Any, count: str) -> dict[str, list[tuple[int, int, str]]]:
    rows = (await shop.ok("GET", f"{MAIN}/counts/{count}/rows"))["rows"]
    return {row["sku"]: [(line["good"], line["bad"], line["zone"]) for line in row["lines"]] for row in rows}


async def test_counts_are_seen_and_entered_on_a_sheet_that_is_made_for_them(shop: Any) -> None:
    file = sheet(
        "mug,,98,1,A1,", "mug,,2,,B7,", ",6901234567892,7,,,", "fan,,,,,", "pot,,4,,,", ",123,1,,,", "cup,,x,,C,"
    )
    found = await read(shop, file, COUNTS + "&name=盘点.csv")
    assert (found["state"], found["kind"], found["of"], found["count"]) == ("ready", "counts", 3, None)
    seen = found["counts"]
    assert (found["preview"], found["orders"]) == (None, None)
    assert (seen["rows"], seen["new"], seen["bad"], seen["uncounted"]) == (7, 3, 3, 1)
    assert [(row["sku"], row["good"], row["bad"], row["zone"], row["verdict"]) for row in seen["changes"]] == [
        ("mug", 98, 1, "A1", "new"), ("mug", 2, 0, "B7", "new"), ("cup", 7, 0, "", "new"),
    ]  # fmt: skip
    said = {fault["line"]: fault["message"] for fault in seen["faults"]}
    assert said[6] == "the pool has no such SKU"
    assert "no SKU of the pool has '123'" in said[7]
    assert "expected a whole number" in said[8]
    assert (await shop.ok("GET", f"{MAIN}/counts"))["counts"] == []
    found = await applied(shop, found["import"])
    assert (found["state"], found["done"], found["refused"]) == ("applied", 3, [])
    count = await shop.ok("GET", f"{MAIN}/counts/{found['count']}")
    assert (count["state"], count["kind"], count["rows"], count["lines"]) == ("counting", "spot", 2, 3)
    assert await lines_of(shop, found["count"]) == {"mug": [(98, 1, "A1"), (2, 0, "B7")], "cup": [(7, 0, "")]}
    assert (await shop.units("cup"))["supplier"] == -8, "nothing moves before the count is signed and applied"


async def test_a_sheet_that_is_there_is_filled_and_said_anew(shop: Any) -> None:
    made = await shop.ok("POST", f"{MAIN}/counts", {"kind": "cycle", "skus": ["mug"], "blind": False})
    count = made["count"]["count"]
    query = f"{COUNTS}&count={count}"
    first = await applied(shop, (await read(shop, sheet("mug,,98,,,", "cup,,8,,,"), query))["import"])
    assert (first["state"], first["count"]) == ("applied", count)
    assert await lines_of(shop, count) == {"mug": [(98, 0, "")], "cup": [(8, 0, "")]}
    found = await read(shop, sheet("mug,,97,2,,", "cup,,8,,,", "fan,,3,,,"), query)
    seen = found["counts"]
    assert (seen["new"], seen["changed"], seen["same"], found["of"]) == (1, 1, 1, 2)
    [mug, _] = seen["changes"]
    assert (mug["verdict"], mug["good_before"], mug["bad_before"]) == ("changed", 98, 0)
    await applied(shop, found["import"])
    assert await lines_of(shop, count) == {"mug": [(97, 2, "")], "cup": [(8, 0, "")], "fan": [(3, 0, "")]}
    again = await read(shop, sheet("mug,,97,2,,", "cup,,8,,,", "fan,,3,,,"), query)
    assert (again["counts"]["same"], again["of"]) == (3, 0)


async def test_a_sku_on_another_sheet_is_a_fault_also_where_it_came_there_since(shop: Any) -> None:
    other = (await shop.ok("POST", f"{MAIN}/counts", {"kind": "spot", "skus": ["mug"]}))["count"]["count"]
    found = await read(shop, sheet("mug,,1,,,", "cup,,1,,,"), COUNTS)
    [fault] = found["counts"]["faults"]
    assert (fault["line"], fault["column"], fault["message"]) == (2, "货号", f"it is counted on {other}")
    late = (await shop.ok("POST", f"{MAIN}/counts", {"kind": "spot", "skus": ["cup"]}))["count"]["count"]
    found = await read(shop, sheet("fan,,3,,,"), COUNTS)
    await shop.ok("POST", f"{MAIN}/counts", {"kind": "spot", "skus": ["fan"]})
    found = await applied(shop, found["import"])
    assert [(row["sku"], row["reason"].startswith("it is counted on")) for row in found["refused"]] == [("fan", True)]
    assert late != other


async def test_a_sheet_that_nobody_enters_is_said(shop: Any) -> None:
    found = await read(shop, sheet("mug,,1,,,"), COUNTS + "&count=none")
    assert (found["state"], found["reason"]) == ("failed", "the count is not kept any more")
    await shop.ok("PATCH", f"{IMPORTS}/{found['import']}", {"count": None})
    assert (await until(shop, found["import"], "ready", "failed"))["state"] == "ready"


async def test_counts_are_no_programs(shop: Any) -> None:
    headers = {**shop.as_("service"), "Content-Type": "text/csv"}
    answer = await shop.http.post(IMPORTS + COUNTS, content=sheet("mug,,1,,,"), headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "role")
    found = await read(shop, sheet("mug,,1,,,"), COUNTS)
    for method, path in (("POST", "/apply"), ("PATCH", "")):
        problem = await shop.problem(method, f"{IMPORTS}/{found['import']}{path}", {}, as_=shop.as_("service"))
        assert (problem["status"], problem["field"]) == (403, "role")
    answer = await sent(shop, b"sku\n", path=IMPORTS + "?count=c1")
    assert (answer.status_code, answer.json()["field"]) == (422, "count")


async def test_one_file_applied_twice_is_one_sheet(shop: Any) -> None:
    found = await read(shop, sheet("mug,,98,,,"), COUNTS)
    for _ in range(2):
        found = await applied(shop, found["import"])
    assert [count["count"] for count in (await shop.ok("GET", f"{MAIN}/counts"))["counts"]] == [found["count"]]
    assert await lines_of(shop, found["count"]) == {"mug": [(98, 0, "")]}
