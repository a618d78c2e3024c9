"""The pool's own tables as files over HTTP: ledgers, counts and the catalogue, which comes back the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import openpyxl
import pytest
from counting_people import COUNTS, People
from msgspec.structs import force_setattr, replace
from shelfcast.heavy.ledger_file import FILES_KEPT
from shelfcast.stock.archived import Archived, Checkpoint, LedgerPlace

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POOL = "/v1/pools/main"
LEDGER = POOL + "/ledger/export"
CODES = [
    "00123",
    "1E5",
    "=1+1",
    "-5",
    "3-4",
    "中文",
    "6900000000000012",
    "1.2E+12",
    "6900000000000010",
    "a|b",
    "<r>x</r>",
]
"""SKUs that spreadsheets spoil."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


async def got(api: Any, path: str, kind: str, **options: Any) -> Any:
    answer = await api.call("GET", path, headers={"Accept": kind, **options})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(kind)
    return answer


async def table(api: Any, path: str) -> list[dict[str, str]]:
    content = (await got(api, path, CSV)).content
    assert content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def sheets(api: Any, path: str, **options: Any) -> list[list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO((await got(api, path, XLSX, **options)).content))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]


# --- the catalogue there and back ---------------------------------------------------------------------------


@pytest.fixture
async def stocked(shop: Any) -> Any:
    rows = [
        {
            "sku": sku,
            "title": f"{sku} 杯",
            "barcode": sku,
            "price_minor": 995,
            "aliases": ["杯子"],
            "substitutes": [CODES[number - 1]],
            "zone": "=A1",
            "opening": 3,
        }
        for number, sku in enumerate(CODES)
    ]
    await shop.ok("POST", POOL + "/catalogue", {"skus": rows}, headers={"Idempotency-Key": "codes"})
    return shop


@pytest.mark.parametrize("kind", [CSV, XLSX])
async def test_the_catalogue_goes_out_and_comes_back_the_same(stocked: Any, kind: str) -> None:
    content = (await got(stocked, POOL + "/skus", kind)).content
    answer = await stocked.http.post(
        POOL + "/catalogue/preview", content=content, headers={**stocked.as_("operator"), "Content-Type": kind}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["faults"], found["changes"], found["same"]) == ([], [], len(CODES) + 1)


async def test_codes_are_text_and_prices_numbers_in_the_catalogues_workbook(stocked: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO((await got(stocked, POOL + "/skus", XLSX)).content))
    [header, *rows] = book.worksheets[0].iter_rows()
    names = [cell.value for cell in header]
    found = {row[0].value: dict(zip(names, row, strict=True)) for row in rows}
    assert found.keys() == {*CODES, "mug"}
    assert {found[sku][name].number_format for sku in CODES for name in ("sku", "barcode")} == {"@"}
    assert {(found[sku]["price"].value, found[sku]["barcode"].value) for sku in CODES} == {(9.95, sku) for sku in CODES}
    answer = await got(stocked, POOL + "/skus", XLSX)
    assert answer.headers["content-disposition"].startswith('attachment; filename="catalogue main.xlsx"')


@pytest.mark.parametrize("kind", [CSV, XLSX])
async def test_as_a_file_the_catalogue_comes_whole(stocked: Any, kind: str) -> None:
    problem = await stocked.problem("GET", POOL + "/skus?limit=1", headers={"Accept": kind})
    assert problem["field"] == "limit"


# --- ledgers ------------------------------------------------------------------------------------------------


@pytest.fixture
async def sold(shop: Any) -> Any:
    """A pool whose ledger has the opening stock and a sale."""
    await shop.ok("PATCH", POOL, {"time_zone": "Asia/Shanghai"})
    await shop.reserve("r1", 2, user="=li")
    await shop.ok("POST", POOL + "/reservations/r1/confirm", {"paid_minor": 1_980}, headers={"Idempotency-Key": "c1"})
    return shop


async def entries(api: Any) -> list[dict[str, Any]]:
    answer = await api.call("GET", POOL + "/ledger?limit=all")
    return [msgspec.json.decode(line) for line in answer.content.splitlines()]


async def test_a_ledger_is_the_same_as_csv_and_as_a_workbook(sold: Any) -> None:
    told = await entries(sold)
    rows, [[header, *cells]] = await table(sold, LEDGER), await sheets(sold, LEDGER + "?lang=zh")
    assert [int(row["seq"]) for row in rows] == [row[0] for row in cells] == [entry["seq"] for entry in told]
    assert header[:5] == ["序号", "池序号", "时间", "类型", "货号"]
    for entry, row, line in zip(told, rows, cells, strict=True):
        at = dt.datetime.fromtimestamp(entry["at_ms"] // 1000, SHANGHAI).replace(tzinfo=None)
        assert (row["at"], line[2]) == (at.strftime("%Y-%m-%d %H:%M:%S"), at), "as the pool's clock has it"
        assert (row["sku"], row["qty"], row["source"]) == (entry["sku"], str(entry["qty"]), entry["source"])
    paid = rows[-1]
    assert (paid["kind"], paid["paid"], paid["price"], paid["currency"]) == ("confirm", "19.80", "9.90", "CNY")
    assert (paid["user"], cells[-1][header.index("客户")], cells[-1][header.index("实付")]) == ("'=li", "=li", 19.8)


@pytest.mark.parametrize("kind", [CSV, XLSX])
async def test_a_ledger_is_cut_by_time_and_told_apart(sold: Any, kind: str) -> None:
    told = await entries(sold)
    first_ms, last_ms = told[0]["at_ms"], told[-1]["at_ms"]

    async def seqs(query: str) -> list[int]:
        if kind == CSV:
            return [int(row["seq"]) for row in await table(sold, LEDGER + query)]
        return [row[0] for row in (await sheets(sold, LEDGER + query))[0][1:]]

    early = [entry["seq"] for entry in told if entry["at_ms"] <= first_ms]
    assert await seqs(f"?to_ms={first_ms}") == early
    assert await seqs(f"?from_ms={first_ms + 1}") == [entry["seq"] for entry in told if entry["at_ms"] > first_ms]
    assert await seqs(f"?from_ms={last_ms + 1}") == []
    assert await seqs("?stream=presale") == []
    problem = await sold.problem("GET", LEDGER + "?from_ms=2&to_ms=1", headers={"Accept": kind})
    assert problem["field"] == "to_ms"


async def test_a_workbook_that_takes_long_is_fetched_with_its_key(sold: Any) -> None:
    settings = sold.services.settings
    object.__setattr__(sold.services, "settings", replace(settings, job_wait_ms=1))
    headers = {"Accept": XLSX, "Idempotency-Key": "evening"}
    answer = await sold.call("GET", LEDGER, headers=headers)
    assert answer.status_code in (200, 202)
    object.__setattr__(sold.services, "settings", settings)
    answer = await sold.call("GET", LEDGER, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="ledger main.xlsx"')
    again = await sold.call("GET", LEDGER, headers=headers)
    assert again.content == answer.content, "the same key has the same file"
    problem = await sold.problem("GET", LEDGER + "?to_ms=1", headers=headers)
    assert problem["code"] == "ID_CONFLICT"


async def test_few_files_are_kept_and_none_that_nobody_can_ask_for(sold: Any) -> None:
    pool = await sold.services.pools.get("main")

    async def kept() -> int:
        return len(await pool.jobs.engine.command("KEYS", f"{pool.jobs.base}:upload:*", key=pool.jobs.base))

    await got(sold, LEDGER, XLSX)
    assert await kept() == 0
    keys = [f"export-{n}" for n in range(5)]
    for key in keys:
        await got(sold, LEDGER, XLSX, **{"Idempotency-Key": key})
    assert await kept() == FILES_KEPT
    answer = await got(sold, LEDGER, XLSX, **{"Idempotency-Key": keys[-1]})
    assert answer.content
    problem = await sold.problem("GET", LEDGER, headers={"Accept": XLSX, "Idempotency-Key": keys[0]})
    assert "not kept any more" in problem["detail"]


async def test_a_ledger_that_is_too_long_for_a_workbook_is_told_what_to_do(sold: Any, monkeypatch: Any) -> None:
    most = len(await entries(sold)) - 1
    monkeypatch.setattr("shelfcast.heavy.ledger_file.ROWS_MAX", most)
    problem = await sold.problem("GET", LEDGER, headers={"Accept": XLSX})
    assert (problem["status"], problem["code"]) == (422, "BAD_MESSAGE")
    assert f"has {most} rows; ask for less time, or for CSV" in problem["detail"]
    monkeypatch.undo()
    force_setattr(sold.services.settings, "export_max_bytes", 100)
    problem = await sold.problem("GET", LEDGER, headers={"Accept": XLSX})
    assert "may have 100 (export_max_bytes)" in problem["detail"]
    assert len(await table(sold, LEDGER)) == most + 1


async def test_a_ledger_that_began_in_the_archive_is_no_file_of_a_part(sold: Any, monkeypatch: Any) -> None:
    told = await entries(sold)
    place = LedgerPlace(seq=told[0]["pool_seq"], ledger=told[0]["seq"])
    left = Checkpoint(place=place, name="x", hash="x", at_ms=0, last_at_ms=told[0]["at_ms"])
    book = (await sold.services.pools.get("main")).book

    async def archived() -> Archived:
        return Archived(cut=place, checkpoints=[left])

    monkeypatch.setattr(book, "archived", archived)
    for kind in (CSV, XLSX):
        for query in ("", f"?from_ms={told[0]['at_ms']}"):
            answer = await sold.call("GET", LEDGER + query, headers={"Accept": kind})
            assert answer.status_code == 410, answer.text
            assert f"more than {told[0]['at_ms']}" in answer.json()["detail"]
    rows = await table(sold, f"{LEDGER}?from_ms={told[0]['at_ms'] + 1}")
    assert [int(row["seq"]) for row in rows] == [entry["seq"] for entry in told if entry["at_ms"] > told[0]["at_ms"]]


@pytest.mark.parametrize(("role", "status"), [("operator", 200), ("service", 200), ("host", 403), ("viewer", 403)])
@pytest.mark.parametrize("kind", [CSV, XLSX])
async def test_a_ledger_is_for_those_who_read_it(sold: Any, role: str, status: int, kind: str) -> None:
    answer = await sold.call("GET", LEDGER, as_=sold.as_(role), headers={"Accept": kind})
    assert answer.status_code == status


# --- counts -------------------------------------------------------------------------------------------------


async def test_what_was_counted_has_figures_reasons_and_lines(stocked: Any) -> None:
    people = People(stocked)
    await people.make("mug", "00123", blind=False)
    await people.line("ann", 98)
    await people.line("ann", 3, "00123", zone="B")
    await people.do("wang", "/close")
    await people.reasons("mug")
    rows = {row["sku"]: row for row in await table(stocked, people.path + "/export")}
    assert rows.keys() == {"mug", "00123"}
    assert [rows["mug"][name] for name in ("counted", "on_hand", "difference")] == ["98", "100", "-2"]
    assert [rows["00123"][name] for name in ("counted", "on_hand", "difference", "title")] == [
        "3",
        "3",
        "0",
        "00123 杯",
    ]
    [found, lines] = await sheets(stocked, people.path + "/export?lang=zh")
    assert found[0][:2] == ["货号", "名称"]
    assert {row[0]: row[found[0].index("差异")] for row in found[1:]} == {"mug": -2, "00123": 0}
    assert all(row[found[0].index("差异原因")] for row in found[1:] if row[0] == "mug")
    assert {(row[0], row[lines[0].index("良品")], row[lines[0].index("盘点人")]) for row in lines[1:]} == {
        ("mug", 98, "ann"),
        ("00123", 3, "ann"),
    }


async def test_a_blind_count_that_goes_on_has_no_figures(stocked: Any) -> None:
    people = People(stocked)
    await people.make("mug", blind=True)
    await people.line("ann", 98)
    [row] = await table(stocked, people.path + "/export")
    assert (row["sku"], row["on_hand"], row["difference"]) == ("mug", "", "")


async def test_what_was_counted_is_not_for_those_who_count(stocked: Any) -> None:
    people = People(stocked)
    await people.make("mug")
    problem = await stocked.problem("GET", people.path + "/export", as_=people.headers("ann"))
    assert (problem["status"], problem["field"]) == (403, "role")
    assert (await stocked.problem("GET", f"{COUNTS}/none/export"))["field"] == "count"
