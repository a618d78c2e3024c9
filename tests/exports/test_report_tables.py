"""Tables of reports: their columns, their words, and the charts of their page."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from reports import MINUTE_MS, STARTED_MS, a_report
from shelfcast.exports import charts
from shelfcast.exports.count_table import FIELDS as COUNT_FIELDS
from shelfcast.exports.count_table import LINE_FIELDS
from shelfcast.exports.ledger_table import FIELDS as LEDGER_FIELDS
from shelfcast.exports.page_words import PAGE_WORDS
from shelfcast.exports.report_page import SKU_COLUMNS, report_page
from shelfcast.exports.report_summary import summary_table
from shelfcast.exports.report_tables import report_table
from shelfcast.exports.words import action, places, word
from shelfcast.merchant.report_items import ReportEvent, ReportMinute, ReportPart
from shelfcast.protocol.states import AlertRule, Severity
from shelfcast.sheets.columns import Column, Language
from shelfcast.stock.counts import CountKind, CountReason
from shelfcast.stock.places import BATCH, CHANNEL, ELASTIC, HELD, POOL, RETURNED, SAFETY, SOLD, UNSELLABLE
from shelfcast.stock.reports import Decided, ReportState

ZONE = ZoneInfo("Asia/Shanghai")
REPORT = a_report()
COLUMNS: dict[str, list[Column]] = {
    **{part.value: list(report_table(REPORT, part).columns) for part in ReportPart},
    "ledger": [column for column, _ in LEDGER_FIELDS],
    "count": [column for column, _ in COUNT_FIELDS],
    "lines": [column for column, _ in LINE_FIELDS],
    "summary": list(summary_table(REPORT).columns),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("language", list(Language))
def test_no_two_columns_of_a_table_are_called_the_same(name: str, language: Language) -> None:
    columns = COLUMNS[name]
    names = [column.title.of(language) for column in columns]
    assert len(set(names)) == len(names)
    assert len({column.key for column in columns}) == len(columns)
    assert not [name for name in names if name[0] in "=+-@'"], "no name of a column has to be escaped"


@pytest.mark.parametrize("kinds", [ReportState, Decided, Severity, AlertRule, CountKind, CountReason])
def test_every_word_of_programs_is_said_in_both_languages(kinds: type[StrEnum]) -> None:
    for kind in kinds:
        assert any(sign >= "\u4e00" for sign in word(kind, Language.ZH)), kind
        assert "_" not in word(kind, Language.EN)


def test_no_place_action_or_code_of_programs_is_all_that_a_person_reads() -> None:
    units = {"pool": 4, "channel:douyin": 12, "sold:douyin": 0, "elastic": 1}
    assert places(units, Language.ZH) == "渠道 douyin 12; 总池 4; 机动库存 1"
    assert places(units, Language.EN) == "channel douyin 12; pool 4; elastic reserve 1"
    assert action("release_elastic:1", Language.ZH) == "释放机动库存"
    for kind in (POOL, SAFETY, ELASTIC, UNSELLABLE, RETURNED, f"{BATCH}b", f"{CHANNEL}c", f"{HELD}c", f"{SOLD}c"):
        assert "_" not in places({kind: 1}, Language.EN)
        assert places({kind: 1}, Language.ZH) != f"{kind} 1"
    for refused in REPORT.refusals:
        assert word(refused.code, Language.ZH) != refused.code


def test_the_page_says_the_same_in_both_languages_and_names_columns_that_are_there() -> None:
    assert PAGE_WORDS[Language.EN].keys() == PAGE_WORDS[Language.ZH].keys()
    assert set(SKU_COLUMNS) <= {column.key for column in COLUMNS["skus"]}


def test_rows_are_as_long_as_their_columns_are_many() -> None:
    for part in ReportPart:
        table = report_table(REPORT, part, Language.ZH)
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_minute_says_what_was_sold_in_it() -> None:
    sold = [(1, 3), (2, 3), (3, 9)]
    minutes = [
        ReportMinute(at_ms=STARTED_MS + n * MINUTE_MS, viewers=1, paid=paid, taken=0, refused=0) for n, paid in sold
    ]
    table = report_table(replace(REPORT, minutes=minutes), ReportPart.MINUTES)
    pace = [column.key for column in table.columns].index("pace")
    assert [row[pace] for row in table.rows] == [3, 0, 6]


# --- charts -------------------------------------------------------------------------------------------------


def test_lines_lie_between_the_edges_and_say_their_most() -> None:
    drawn = charts.lines(REPORT, ZONE, Language.EN)
    assert [line.name for line in drawn] == ["units sold so far", "units sold a minute", "viewers"]
    assert [line.most for line in drawn] == [f"{max(minute.paid for minute in REPORT.minutes):,}", "1", "991"]
    for line in drawn:
        points = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert len(points) == len(REPORT.minutes)
        assert all(charts.LEFT <= x <= charts.WIDTH - charts.RIGHT for x, _ in points)
        assert all(charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM for _, y in points)
    assert [tick.text for tick in drawn[0].across][:3] == ["20:00", "20:10", "20:20"]
    assert [mark.text for mark in drawn[0].marks] == [
        "20:00 status live",
        "20:10 on air 00123",
        "20:30 alert 1E5 share left",
        "21:30 status ended",
    ]


@given(st.integers(0, 10**9))
def test_the_top_of_an_axis_is_round_and_no_lower_than_its_line(most: int) -> None:
    top = charts.nice_most(most)
    assert max(1, most) <= top <= max(1, 2 * most)
    assert str(top).rstrip("0") in {"1", "2", "4", "6"}


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    st.integers(1, 50 * 24 * 60),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Eucla"]),
)
def test_a_show_of_any_length_has_a_chart_with_few_ticks(paid: list[int], minutes: int, zone: str) -> None:
    rows = [
        ReportMinute(at_ms=STARTED_MS + n * MINUTE_MS, viewers=0, paid=each, taken=0, refused=0)
        for n, each in enumerate(sorted(paid))
    ]
    show = replace(REPORT, minutes=rows, ended_at_ms=STARTED_MS + minutes * MINUTE_MS)
    [line, *_] = charts.lines(show, ZoneInfo(zone), Language.ZH)
    assert len(line.across) <= 28
    assert all(charts.LEFT <= tick.at <= charts.WIDTH - charts.RIGHT for tick in line.across)


def test_bars_are_those_that_sold_most_and_the_others_are_counted() -> None:
    skus = [
        replace(sku, stock=replace(sku.stock, sold=n), presale=None, left_to_sell=1)
        for n, sku in enumerate(a_report(40).skus)
    ]
    drawn = charts.bars(replace(REPORT, skus=skus))
    assert (len(drawn.bars), drawn.others) == (charts.BARS_MAX, 10)
    assert [bar.sold for bar in drawn.bars][:2] == [39, 38]
    assert all(bar.sold_width + bar.left_width <= charts.WIDTH - charts.BAR_LEFT for bar in drawn.bars)
    assert charts.bars(replace(REPORT, skus=[])).bars == []


def test_a_report_with_nothing_in_it_is_a_page_too() -> None:
    lists = ("skus", "pool_skus", "channels", "batches", "minutes", "events", "refusals", "alerts", "counts")
    empty: dict[str, Any] = {name: [] for name in (*lists, "refund_requests")}
    page = report_page(replace(REPORT, **empty), Language.EN)
    assert "No minute of the show is known." in page.html
    many = [ReportEvent(at_ms=STARTED_MS, kind="spotlight", sku="a", text="") for _ in range(500)]
    assert report_page(replace(REPORT, events=many), Language.ZH).html.count("<li>") == charts.MARKS_MAX
