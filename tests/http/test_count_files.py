"""Count sheets as files over HTTP: out to be filled in, and back; and what is due for a count."""

from __future__ import annotations

import io
import unicodedata
from typing import Any
from urllib.parse import quote

import httpx
import openpyxl
import pytest
from counting_people import COUNTS, People
from fixtures_server import RunningServer
from openapi_conformance import assert_documented
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAN = "/v1/pools/main/count-plan"


@pytest.fixture
async def people(shop: Any) -> People:
    rows = [
        {"sku": "007", "title": "Bond's cup", "barcode": "6901234567890", "opening": 40, "zone": "A1"},
        {"sku": "=cmd", "title": "-2+3", "opening": 20},
        {"sku": "fan", "title": "扇子", "opening": 20, "price_minor": 100},
    ]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    return People(shop)


async def sent(people: People, content: bytes, kind: str = CSV, *, who: str = "wang", **options: Any) -> httpx.Response:
    headers = {**people.headers(who), "Content-Type": kind, **options.get("headers", {})}
    path = people.path + "/file" + options.get("query", "")
    response: httpx.Response = await people.api.http.post(path, content=content, headers=headers)
    assert_documented(response)
    return response


async def read(people: People, content: bytes, kind: str = CSV, **options: Any) -> Any:
    response = await sent(people, content, kind, **options)
    assert response.status_code == 200, response.text
    return response.json()


async def sheet(people: People, accept: str, language: str = "en") -> bytes:
    headers = {**people.headers("ann"), "Accept": accept}
    answer = await people.api.call("GET", f"{people.path}/sheet?language={language}", as_=headers)
    assert answer.headers["content-type"].startswith(accept)
    return bytes(answer.content)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_sheet_that_is_filled_in_by_a_spreadsheet_comes_back(people: People, language: str) -> None:
    await people.make()
    book = openpyxl.load_workbook(io.BytesIO(await sheet(people, XLSX, language)))
    [header, *rows] = book.worksheets[0].iter_rows()
    names = [cell.value for cell in header]
    assert names[4:6] == (["good", "bad"] if language == "en" else ["良品", "次品"])
    assert [row[0].value for row in rows] == ["007", "=cmd", "fan", "mug"]
    assert [row[0].number_format for row in rows] == ["@"] * 4, "codes stay text"
    rows[0][4].value, rows[0][5].value, rows[0][7].value, rows[0][8].value = 39, 1, "L-7", "2027-02-28"
    rows[1][4].value, rows[1][0].data_type = 18, "s"
    rows[3][5].value, rows[3][6].value, rows[3][9].value = 2, "B2", "wet"
    filled = io.BytesIO()
    book.save(filled)
    found = await read(people, filled.getvalue(), XLSX)
    assert (found["saved"], found["added"], found["uncounted"], found["faults"]) == (3, 0, 1, [])
    [line] = (await people.row("007", "wang"))["lines"]
    assert (line["good"], line["bad"], line["lot"], line["expires_on"], line["by"]) == (
        39,
        1,
        "L-7",
        "2027-02-28",
        "wang",
    )
    [line] = (await people.row("mug", "wang"))["lines"]
    assert (line["good"], line["bad"], line["zone"], line["note"]) == (0, 2, "B2", "wet")
    assert (await people.row("fan"))["status"] == "uncounted", "an empty row is not zero"


async def test_a_sku_that_is_not_composed_is_found_as_it_is_written(people: People, server: RunningServer) -> None:
    """A pool of before may have one."""
    old = "cafe\N{COMBINING ACUTE ACCENT}"
    composed = unicodedata.normalize("NFC", old)
    await server.apply(put(What.SKU, old, {"title": "Cup"}))
    await people.make()
    text = (await sheet(people, CSV)).decode("utf-8-sig")
    assert old in text
    found = await read(people, text.replace(",,,,,,\r\n", ",7,,,,,\r\n").encode())
    assert (found["saved"], found["faults"]) == (5, [])
    assert [line["good"] for line in (await people.row(old))["lines"]] == [7]
    await server.apply(put(What.SKU, composed, {"title": "Another"}))
    found = await read(people, f"sku,good,zone\n{old},1,B\n{composed},2,B\n".encode())
    assert (found["saved"], found["added"], found["faults"]) == (2, 1, [])
    assert [line["good"] for line in (await people.row(composed))["lines"]] == [2]


async def test_a_sku_that_is_composed_is_found_in_a_file_that_does_not(people: People) -> None:
    composed = unicodedata.normalize("NFC", "cafe\N{COMBINING ACUTE ACCENT}")
    await people.api.ok("PUT", f"/v1/pools/main/skus/{quote(composed)}", {"title": "Cup"})
    await people.make(composed)
    found = await read(people, "sku,good\ncafe\N{COMBINING ACUTE ACCENT},3\n".encode())
    assert (found["saved"], found["faults"]) == (1, [])


async def test_a_sheet_as_csv_comes_back_the_same(people: People) -> None:
    await people.make()
    text = (await sheet(people, CSV)).decode("utf-8-sig")
    assert "'=cmd" in text, "no cell is a formula"
    found = await read(people, text.replace(",,,,,,\r\n", ",7,,,,,\r\n").encode())
    assert (found["saved"], found["faults"]) == (4, [])
    assert {row["sku"]: row["lines"][0]["good"] for row in await people.rows()} == {
        "007": 7, "=cmd": 7, "fan": 7, "mug": 7,
    }  # fmt: skip


async def test_a_file_of_excel_in_china_adds_skus_and_lists_faults_by_line(people: People) -> None:
    await people.make("mug")
    other = People(people.api, "c2")
    await other.make("fan")
    rows = (
        "货号,实盘数量,次品,盘点位置\nmug,60,,一号架\nmug,30,1,二号架\nmug,1,,一号架\n007,40,,\nfan,3,,\n"
        "none,1,,\n,5,,\nmug,多,,三号架\n"
    )
    found = await read(people, rows.encode("gb18030"))
    assert (found["saved"], found["added"], found["fault_count"]) == (3, 1, 5)
    assert [(fault["line"], fault["sku"]) for fault in found["faults"]] == [
        (4, "mug"), (6, "fan"), (7, "none"), (8, ""), (9, "mug"),
    ]  # fmt: skip
    reasons = [fault["reason"] for fault in found["faults"]]
    assert "line 2" in reasons[0]
    assert "c2" in reasons[1]
    assert "no such SKU" in reasons[2]
    assert "货号" in reasons[3]
    assert "实盘数量" in reasons[4]
    assert any("GB18030" in note for note in found["notes"])
    await people.do("wang", "/close")
    assert (await people.row())["counted"] == 91
    assert (await people.read())["rows"] == 2


async def test_a_file_that_is_sent_again_makes_no_line_twice(people: People) -> None:
    await people.make("mug")
    content = b"sku,good\nmug,90\n007,3\n"
    first = await read(people, content, headers={"Idempotency-Key": "f1"})
    assert (first["saved"], first["added"]) == (2, 1)
    again = await read(people, content, headers={"Idempotency-Key": "f1"})
    assert again == first
    refusal = await sent(people, b"sku,good\nmug,91\n", headers={"Idempotency-Key": "f1"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "ID_CONFLICT")
    assert (await people.read())["lines"] == 2


async def test_a_recount_comes_by_file_too(people: People) -> None:
    await people.make("mug", "007")
    await people.line("ann", 50)
    await people.line("ann", 40, "007")
    await people.do("wang", "/close")
    found = await read(people, b"sku,good\nmug,100\n007,40\n", who="zhou")
    assert (found["saved"], [fault["sku"] for fault in found["faults"]]) == (1, ["007"])
    assert "counting" in found["faults"][0]["reason"]
    assert (await people.row())["difference"] == 0


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"sku,good\nmug,1\n", "application/json", 415, "text/csv"),
        (b"", CSV, 422, "empty"),
        (b"sku,qty\nmug,1\n", CSV, 422, "good"),
        (b"good\n1\n", CSV, 422, "sku"),
        (b"sku,goood\nmug,1\n", CSV, 422, "good"),
        (b"no workbook", XLSX, 422, "workbook"),
        (b"sku,good,expires_on\nmug,1,1/2/2027\n", CSV, 422, "dates"),
    ],
)
async def test_a_file_that_is_no_sheet_is_refused_with_the_reason(
    people: People, content: bytes, kind: str, status: int, said: str
) -> None:
    await people.make("mug")
    refusal = await sent(people, content, kind)
    assert refusal.status_code == status, refusal.text
    assert said in refusal.json()["detail"]
    assert "--" not in refusal.json()["detail"], "it is no command's option here"
    assert (await people.read())["lines"] == 0


async def test_dates_are_read_as_they_are_said(people: People) -> None:
    await people.make("mug")
    await read(people, b"sku,good,expires_on\nmug,1,1/2/2027\n", query="?dates=dmy")
    assert (await people.row())["lines"][0]["expires_on"] == "2027-02-01"


async def test_nothing_is_entered_on_a_count_that_is_over(people: People) -> None:
    await people.make("mug")
    await people.do("wang", "/cancel")
    refusal = await sent(people, b"sku,good\nmug,1\n")
    assert (refusal.status_code, "cancelled" in refusal.json()["detail"]) == (422, True)


@pytest.mark.parametrize("who", ["ann", "erp", "host", "viewer"])
async def test_files_and_the_plan_are_an_operators(people: People, who: str) -> None:
    await people.make("mug")
    refusal = await sent(people, b"sku,good\nmug,1\n", who=who)
    assert (refusal.status_code, refusal.json()["field"]) == (403, "role")
    assert (await people.api.problem("GET", PLAN, as_=people.headers(who)))["field"] == "role"


async def test_the_plan_has_what_sells_most_first_and_what_was_short(people: People) -> None:
    orders = [("o1", "mug", 9), ("o2", "fan", 3)]
    for name, sku, qty in orders:
        order = {"id": name, "channel": "live", "sku": sku, "qty": qty}
        await people.api.ok("POST", "/v1/pools/main/orders", order)
    plan = await people.api.ok("GET", PLAN)
    assert [(due["sku"], due["grade"], due["value_minor"], due["why"]) for due in plan["due"]] == [
        ("mug", "a", 8910, "never"),
        ("fan", "c", 300, "never"),
        ("007", "c", 0, "never"),
        ("=cmd", "c", 0, "never"),
    ]
    await people.make("mug", "fan", recount_over=1_000, sign_over=10)
    plan = await people.api.ok("GET", PLAN)
    assert ([due["sku"] for due in plan["due"]], plan["counting"]) == (["007", "=cmd"], 2)
    await people.line("ann", 100)
    await people.line("ann", 1, "fan")
    await people.do("wang", "/close")
    await people.reasons("fan")
    await people.do("wang", "/sign", await people.revision())
    applied = await people.do("zhou", "/apply", await people.revision())
    assert applied["shortage"] == 2, "3 fans are sold, and 1 was found"
    plan = await people.api.ok("GET", PLAN)
    assert [(due["sku"], due["why"]) for due in plan["due"]] == [
        ("fan", "shortage"),
        ("007", "never"),
        ("=cmd", "never"),
    ]
    assert (plan["due_count"], plan["later"], plan["days"]) == (3, 1, 90)
    assert plan["due"][0]["counted_at_ms"] is not None


async def test_a_count_that_is_not_there_has_no_file(people: People) -> None:
    refusal = await sent(People(people.api, "none"), b"sku,good\nmug,1\n")
    assert (refusal.status_code, refusal.json()["field"]) == (404, "count")
    assert (await people.api.problem("GET", f"{COUNTS}/none/sheet"))["field"] == "count"
