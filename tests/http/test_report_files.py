"""A show's report as files over HTTP: tables as CSV, a workbook, and a page to print."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from msgspec.structs import replace
from reports import CODES, STARTED_MS, a_report
from shelfcast.merchant import report_archive
from shelfcast.merchant.report_items import Report, ReportPart
from shelfcast.stock.reports import ReportState

PATH = "/v1/shows/evening.1/report"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DISPOSITION = re.compile(r"""(inline|attachment); filename="([ -~]*)"; filename\*=UTF-8''([A-Za-z0-9%.!#$&+^_`|~-]*)""")
BEGAN = dt.datetime(2026, 11, 30, 20)  # noqa: DTZ001 - spreadsheets know no zone
"""By the clocks of Shanghai."""


@pytest.fixture
async def shop(api: Any) -> Any:
    """A shop whose show has ended, and has no report yet."""
    await api.shop()
    await api.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    return api


async def keep(shop: Any, report: Report) -> Report:
    """Write a report of the show `evening.1`, as the job does that makes one."""
    pool = await shop.services.pools.get("main")
    sealed = report_archive.sealed(replace(report, show="evening.1", room="evening", checksum=""))
    outcome = await report_archive.keep(pool.book, shop.services.archive, sealed, [])
    assert outcome.code == "OK"
    return sealed


@pytest.fixture
async def report(shop: Any) -> Report:
    return await keep(shop, replace(a_report(), state=ReportState.PROVISIONAL))


async def table(shop: Any, query: str = "") -> list[dict[str, str]]:
    answer = await shop.call("GET", f"{PATH}.csv{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith("\ufeff".encode()), "Excel is told that it is UTF-8"
    assert answer.content.count(b"\n") == answer.content.count(b"\r\n")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def workbook(shop: Any, query: str = "") -> Any:
    answer = await shop.call("GET", f"{PATH}.xlsx{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


async def test_a_table_has_codes_as_they_are_amounts_in_the_main_unit_and_times_by_the_rooms_clock(
    shop: Any, report: Report
) -> None:
    rows = await table(shop)
    assert [row["sku"] for row in rows[:7]] == ["00123", "1E5", "'=1+1", "-5", "3-4", "中文", "6900000000000012"]
    first = rows[0]
    assert (first["title"], first["supplier"]) == ("Mug, 中文 杯子", "'@Supplier")
    assert (first["price"], first["paid"], first["refunded"], first["currency"]) == ("9.95", "69.65", "9.95", "CNY")
    assert first["other_money"] == "1,200 JPY", "another currency is listed, never converted"
    assert (first["sold"], first["forecast_error"], first["difference"]) == ("7", "-3", "-2"), (
        "numbers are never escaped"
    )
    assert (first["first_sale"], first["sold_out_at"]) == ("2026-11-30 20:01:01", "2026-11-30 20:30:00")
    assert (rows[8]["sold_out_at"], rows[8]["counted"]) == ("", ""), "what there is not is empty, and not 0"
    assert rows[1]["presale_sold"] == "5"
    assert rows[0]["presale_sold"] == ""


@pytest.mark.parametrize("part", list(ReportPart))
async def test_each_table_is_the_same_as_csv_and_in_the_workbook(shop: Any, report: Report, part: ReportPart) -> None:
    rows = await table(shop, f"?part={part}&lang=zh")
    book = await workbook(shop, "?lang=zh")
    sheet = book.worksheets[1 + list(ReportPart).index(part)]
    found = rows_of(sheet)
    assert rows
    assert [list(row) for row in rows] == [list(row) for row in found]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in "".join(found[0])), "its columns are named in Chinese"
    for as_text, cells in zip(rows, found, strict=True):
        assert {name: as_cell(text) for name, text in as_text.items()} == {
            name: as_cell("" if value is None else value) for name, value in cells.items()
        }


def as_cell(value: Any) -> Any:
    """What a cell says, of a CSV file or of a workbook."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    text = str(value)
    text = text.removeprefix("'") if re.match("'[=+@'-]", text) else text
    text = re.sub('^="(.*)"$', r"\1", text)
    try:
        return round(float(text), 4)
    except ValueError:
        return text


async def test_the_workbooks_totals_are_the_reports_and_its_tables_come_to_them(shop: Any, report: Report) -> None:
    book = await workbook(shop)
    summary = {row["what"]: (row["value"], row["presale"]) for row in rows_of(book["Summary"])}
    sums, pool = report.totals, report.pool_totals
    assert (summary["SKUs"][0], summary["orders"][0], summary["pending"][0]) == (sums.skus, sums.orders, sums.pending)
    assert sums.presale
    assert summary["units sold"] == (sums.stock.sold, sums.presale.sold)
    assert summary["units shipped"][0] == sums.stock.shipped
    assert [summary[f"{name}, CNY"][0] for name in ("paid", "refunded")] == [626.85, 89.55]
    assert summary["paid, JPY"][0] == 1_200
    assert (summary["sell-through"][0], summary["lost demand: people, at least"][0]) == (0.7, sums.lost.people)
    identity = ("opening", "+ received", "+ returned", "+ gained", "− shipped", "− written off", "− lost", "= closing")
    names = ("opening", "received", "returned", "gained", "shipped", "written_off", "lost", "closing")
    assert [summary[f"pool: {name}"][0] for name in identity] == [getattr(pool, name) for name in names]
    skus, during = rows_of(book["SKUs"]), rows_of(book["Pool"])
    assert sum(row["sold"] for row in skus) == sums.stock.sold
    assert sum(row["presale: sold"] or 0 for row in skus) == sums.presale.sold
    assert round(sum(row["paid"] for row in skus), 2) == 626.85
    assert [sum(row[name.lstrip("+−= ")] for row in during) for name in identity] == [
        getattr(pool, name) for name in names
    ]
    assert (summary["started"][0], summary["time zone"][0]) == (BEGAN, "Asia/Shanghai")
    assert summary["checksum"][0] == report.checksum


async def test_the_files_of_a_show_say_what_its_report_says(api: Any) -> None:
    await api.shop()
    for name, qty, said in (("r1", 3, {}), ("r2", 2, {"paid_minor": 500, "currency": "EUR"}), ("r3", 1, {})):
        await api.reserve(name, qty, user=f"user-{name}")
        key = {"Idempotency-Key": f"confirm-{name}"}
        await api.ok("POST", f"/v1/pools/main/reservations/{name}/confirm", said, headers=key)
    await api.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    place = (await api.call("POST", PATH, {})).headers["Location"]
    async with asyncio.timeout(30):
        while (await api.ok("GET", place))["state"] != "done":
            pass
    report = await api.ok("GET", PATH)
    book = await workbook(api)
    summary = {row["what"]: row["value"] for row in rows_of(book["Summary"])}
    totals, money = report["totals"], {one["currency"]: one for one in report["totals"]["money"]}
    assert (summary["orders"], summary["units sold"]) == (totals["orders"], totals["stock"]["sold"]) == (3, 6)
    assert summary["by price, nothing said, CNY"] == money["CNY"]["by_price_minor"] / 100 == 39.6
    assert summary["paid, EUR"] == money["EUR"]["paid_minor"] / 100 == 5
    assert summary["pool: = closing"] == report["pool_totals"]["closing"] == 100
    assert summary["pool: difference"] == 0
    [mug] = await table(api)
    assert (mug["sku"], mug["sold"], mug["orders"], mug["by_price"]) == ("mug", "6", "3", "39.60")
    [mug] = await table(api, "?part=pool")
    assert (mug["opening"], mug["closing"], mug["difference"]) == ("100", "100", "0")
    assert "39.60" in Texts((await api.call("GET", PATH + ".html")).text).texts


async def test_a_workbook_runs_nothing_and_keeps_what_it_is_given(shop: Any, report: Report) -> None:
    book = await workbook(shop)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}, "no formula, no error"
    assert not any(cell.hyperlink for cell in cells)
    skus = book["SKUs"]
    assert [skus.cell(row, 1).value for row in range(2, 9)] == list(CODES)
    assert {skus.cell(row, 1).number_format for row in range(2, 9)} == {"@"}
    price = skus.cell(2, [cell.value for cell in skus[1]].index("price") + 1)
    assert (price.value, price.number_format) == (9.95, "#,##0.00")
    assert (skus.freeze_panes, skus.auto_filter.ref.partition(":")[0]) == ("B2", "A1")
    assert skus.column_dimensions["B"].width > skus.column_dimensions["C"].width
    assert len(book["Minutes"]._charts) == 1
    assert (book.properties.creator, book.properties.lastModifiedBy) == ("Shelfcast", "Shelfcast")


async def test_the_same_report_gives_the_same_bytes(shop: Any, report: Report) -> None:
    first, again = [await shop.call("GET", PATH + ".xlsx") for _ in range(2)]
    assert first.content == again.content


class Texts(HTMLParser):
    """What stands in a page, and its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.mark.parametrize(("lang", "said"), [("en", ["SKUs", "units sold"]), ("zh", ["商品", "售出件数"])])
async def test_the_page_says_the_report_in_both_languages_and_runs_nothing(
    shop: Any, report: Report, lang: str, said: list[str]
) -> None:
    answer = await shop.call("GET", f"{PATH}.html?lang={lang}")
    assert answer.headers["content-type"].startswith("text/html")
    page = Texts(answer.text)
    assert set(said) <= set(page.texts)
    assert {"626.85", "00123", "=1+1", "中文"} <= set(page.texts)
    assert page.tags.count("svg") >= 4
    assert "script" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("style", "src")]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


async def test_a_title_is_text_wherever_it_stands(shop: Any) -> None:
    title = '</style><script>alert(1)</script>"\\'
    kept = a_report(title=title)
    skus = [replace(sku, title="<r><t>x</t></r>") for sku in kept.skus]
    await keep(shop, replace(kept, state=ReportState.PROVISIONAL, skus=skus))
    page = Texts((await shop.call("GET", PATH + ".html")).text)
    assert "script" not in page.tags
    assert any(title in text for text in page.texts)
    book = await workbook(shop)
    assert {row["title"] for row in rows_of(book["SKUs"])} == {"<r><t>x</t></r>"}
    assert {row["what"]: row["value"] for row in rows_of(book["Summary"])}["title"] == title


@pytest.mark.parametrize(
    ("title", "plain", "exact"),
    [
        ("晚间直播", "evening.1 2026-11-30 provisional", "evening.1 2026-11-30 晚间直播 provisional"),
        ('a/b"c\r\n;%d', "evening.1 2026-11-30 a b c d provisional", "evening.1 2026-11-30 a b c d provisional"),
        ("../x", "evening.1 2026-11-30 .. x provisional", "evening.1 2026-11-30 .. x provisional"),
        ("", "evening.1 2026-11-30 provisional", "evening.1 2026-11-30 provisional"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
async def test_a_file_is_called_what_it_is(shop: Any, title: str, plain: str, exact: str, ending: str) -> None:
    await keep(shop, replace(a_report(1, title=title), state=ReportState.PROVISIONAL))
    answer = await shop.call("HEAD", f"{PATH}.{ending}")
    said = answer.headers["content-disposition"]
    part = " skus" if ending == "csv" else ""
    found = DISPOSITION.fullmatch(said)
    assert found, said
    assert found[1] == ("inline" if ending == "html" else "attachment")
    assert (found[2], unquote(found[3])) == (f"{plain}{part}.{ending}", f"{exact}{part}.{ending}")


async def test_who_asked_for_a_refund_is_named_to_people(api: Any) -> None:
    shop, kept = api, a_report(1)
    await shop.shop()
    await shop.reserve("r9", user="li lei")
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    pool = await shop.services.pools.get("main")
    pseudonym = (await pool.book.pseudonyms(["li lei"]))["li lei"]
    asked = [replace(kept.refund_requests[0], user=pseudonym)]
    await keep(shop, replace(kept, state=ReportState.PROVISIONAL, refund_requests=asked))
    assert [row["user"] for row in await table(shop, "?part=refunds")] == ["li lei"]
    assert rows_of((await workbook(shop))["Refund requests"])[0]["customer"] == "li lei"


async def test_a_report_of_2000_skus_has_them_all(shop: Any) -> None:
    report = await keep(shop, replace(a_report(2_000), state=ReportState.PROVISIONAL))
    rows = rows_of((await workbook(shop))["SKUs"])
    assert len(rows) == len(await table(shop)) == 2_000
    assert sum(row["sold"] for row in rows) == report.totals.stock.sold
    page = await shop.call("GET", PATH + ".html")
    assert page.text.count("sku-0") > 2_000


@pytest.mark.parametrize("ending", ["csv", "xlsx", "html"])
async def test_a_show_without_a_report_has_no_file_and_strangers_see_no_show(shop: Any, ending: str) -> None:
    problem = await shop.problem("GET", f"{PATH}.{ending}")
    assert (problem["status"], problem["field"]) == (404, "state")
    await keep(shop, replace(a_report(1), state=ReportState.PROVISIONAL))
    problem = await shop.problem("GET", f"{PATH}.{ending}?state=final")
    assert (problem["status"], problem["field"]) == (404, "state")
    stranger = shop.as_("operator", pool="other")
    problem = await shop.problem("GET", f"{PATH}.{ending}", as_=stranger)
    assert (problem["status"], problem["field"]) == (404, "show")
    assert (await shop.problem("GET", f"{PATH}.{ending}", as_=shop.as_("host")))["status"] == 403


@pytest.mark.parametrize("query", ["?lang=fr", "?part=all", "?state=draft", "?form=x"])
async def test_what_is_wrong_in_the_query_is_said(shop: Any, report: Report, query: str) -> None:
    problem = await shop.problem("GET", f"{PATH}.csv{query}")
    assert (problem["code"], problem["field"]) == ("BAD_MESSAGE", query[1:].partition("=")[0])


def test_the_show_of_these_reports_began_when_it_says() -> None:
    assert dt.datetime.fromtimestamp(STARTED_MS / 1000, dt.UTC).replace(tzinfo=None) == BEGAN - dt.timedelta(hours=8)
