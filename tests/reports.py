"""A report of a show with something in each of its parts, as tests of what is made of reports need one."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace
from shelfcast.merchant.after_show_items import AskedRefund, CountFound, MoneyTotal, SoldUnits
from shelfcast.merchant.report_items import (
    BatchDuring,
    ChannelDuring,
    CountDuring,
    LostDemand,
    PoolSkuDuring,
    PoolTotals,
    Report,
    ReportedAlert,
    ReportedSku,
    ReportEvent,
    ReportMinute,
    ReportTotals,
    Suggestion,
)
from shelfcast.protocol.codes import Code
from shelfcast.stock.counts import CountKind
from shelfcast.stock.refusals import RefusedCode
from shelfcast.stock.reports import Decided, ReportState

STARTED_MS = 1_796_040_000_000
"""2026-11-30 20:00:00 in Shanghai, 12:00:00 UTC."""
MINUTE_MS = 60_000
TITLES = (
    "Mug, 中文 杯子",
    "=1+1",
    "A title that goes on and on, as titles of catalogues do",
    "-5",
)
CODES = ("00123", "1E5", "=1+1", "-5", "3-4", "中文", "6900000000000012")
SOLD = SoldUnits(
    sold=7, cancelled=1, shipped=4, unshipped=3, held=1, payment_pending=1, paid_no_stock=1, refunded_no_stock=0,
    refunded_without_goods=1, refund_asked=1,
)  # fmt: skip
PRESALE = SoldUnits(sold=5, awaiting_goods=5, unshipped=5)


def code_of(n: int) -> str:
    """The n-th SKU: those that spreadsheets spoil come first."""
    return CODES[n] if n < len(CODES) else f"sku-{n:05d}"


def a_sku(n: int) -> ReportedSku:
    """The n-th SKU of the show. Each has sold 7 units for 995 of its currency's minor units each, and lost demand."""
    return ReportedSku(
        sku=code_of(n), title=TITLES[n % len(TITLES)], link=n + 1 if n < 999 else None, category="杯具",
        supplier="@Supplier", price_minor=995, currency="CNY", stock=SOLD, presale=PRESALE if n % 2 else None, orders=6,
        pending=3,
        money=[
            MoneyTotal(currency="CNY", paid_minor=6_965, by_price_minor=0, refunded_minor=995),
            *([MoneyTotal(currency="JPY", paid_minor=1_200, by_price_minor=0, refunded_minor=0)] if n == 0 else []),
        ],
        left_to_sell=max(0, n % 9 - 1), sell_through=7 / (7 + max(0, n % 9 - 1)), first_sale_ms=STARTED_MS + 61_000,
        sold_out_at_ms=STARTED_MS + 30 * MINUTE_MS if n % 9 < 2 else None,
        minutes_to_sold_out=30.0 if n % 9 < 2 else None, on_air_minutes=4.5, best_pace=3,
        best_pace_ms=STARTED_MS + 2 * MINUTE_MS, expected=10, forecast_error=-3,
        lost=LostDemand(people=2, units=4, attempts=5), waiting=1,
        count=CountFound(
            count="c1", kind=CountKind.AFTER, at_ms=STARTED_MS + 120 * MINUTE_MS, counted=41, difference=-2, shortage=1,
            reason="damaged", reason_note="湿了", reason_by="wang", signed_by=["wang", "zhou"],
        ) if n == 0 else None,
        suggestions=[Suggestion(kind=Decided.RESTOCK, units=11, because="sold_out_early", numbers={"lost": 4.0})],
    )  # fmt: skip


def a_pool_sku(n: int) -> PoolSkuDuring:
    """The same in the whole pool: 50 + 10 + 1 + 2 - 8 - 1 - 4 = 50."""
    return PoolSkuDuring(
        sku=code_of(n), title=TITLES[n % len(TITLES)], opening=50, received=10, returned=1, gained=2, shipped=8,
        written_off=1, lost=4, closing=50, difference=0, moved_in=5, moved_out=6, external_sold=2, oversold=0,
        closing_places={"pool": 40, "elastic": 10},
    )  # fmt: skip


def a_report(skus: int = 9, *, minutes: int = 90, title: str = "晚间直播 Evening", room: str = "main") -> Report:
    """The report: totals are the sums of its rows."""
    rows, pool = [a_sku(n) for n in range(skus)], [a_pool_sku(n) for n in range(skus)]
    presales = sum(row.presale is not None for row in rows)
    money = [MoneyTotal(currency="CNY", paid_minor=6_965 * skus, by_price_minor=0, refunded_minor=995 * skus)]
    report = Report(
        show=f"{room}.7", room=room, title=title, pool="main", channel="live", time_zone="Asia/Shanghai",
        currency="CNY", state=ReportState.FINAL, started_at_ms=STARTED_MS, ended_at_ms=STARTED_MS + minutes * MINUTE_MS,
        started_seq=1_000, ended_seq=9_000, planned_start_ms=STARTED_MS, planned_minutes=minutes,
        live_minutes=minutes - 5.0, continued=0, seq=9_500, at_ms=STARTED_MS + 200 * MINUTE_MS,
        totals=ReportTotals(
            skus=skus, skus_sold=skus, active_sku_rate=1.0, orders=6 * skus, stock=times(SOLD, skus),
            presale=times(PRESALE, presales) if presales else None, pending=3 * skus, money=[
                *money, MoneyTotal(currency="JPY", paid_minor=1_200, by_price_minor=0, refunded_minor=0)
            ],
            sell_through=0.7, lost=LostDemand(people=5, units=4 * skus, attempts=5 * skus), viewers_most=1_000,
            expected=10 * skus, forecast_error=-3 * skus, sold_out=sum(row.sold_out_at_ms is not None for row in rows),
        ),
        skus=rows,
        pool_totals=PoolTotals(
            skus=skus, opening=50 * skus, received=10 * skus, returned=skus, gained=2 * skus, shipped=8 * skus,
            written_off=skus, lost=4 * skus, closing=50 * skus, difference=0, external_sold=2 * skus, oversold=0,
        ),
        pool_skus=pool,
        channels=[
            ChannelDuring(channel="live", title="直播", is_show=True, orders=6 * skus, sold=7 * skus, cancelled=skus,
                          presale_sold=0, shipped=4 * skus, oversold=0, moved_in=10, moved_out=0),
            ChannelDuring(channel="tmall", title="=HYPERLINK(\"x\")", is_show=False, orders=skus, sold=2 * skus,
                          cancelled=0, presale_sold=0, shipped=skus, oversold=1, moved_in=0, moved_out=3),
        ],
        batches=[
            BatchDuring(batch="b1", channel="live", opened_at_ms=STARTED_MS, closed_at_ms=STARTED_MS + 600_000,
                        units=100, sold=60, left=40, leftover_to="pool", missed=False),
            BatchDuring(batch="b2", channel="live", opened_at_ms=None, closed_at_ms=None, units=100, sold=0, left=100,
                        leftover_to="", missed=True),
        ],
        minutes=[
            ReportMinute(at_ms=STARTED_MS + (n + 1) * MINUTE_MS, viewers=200 + (n * 37) % 800, paid=n * 7 * skus // 90,
                         taken=n * 8 * skus // 90, refused=n)
            for n in range(minutes)
        ],
        events=[
            ReportEvent(at_ms=STARTED_MS, kind="status", sku="", text="live"),
            ReportEvent(at_ms=STARTED_MS + 10 * MINUTE_MS, kind="spotlight", sku="00123", text=""),
            ReportEvent(at_ms=STARTED_MS + 30 * MINUTE_MS, kind="alert", sku="1E5", text="share_left"),
            ReportEvent(at_ms=STARTED_MS + minutes * MINUTE_MS, kind="status", sku="", text="ended"),
        ],
        refusals=[RefusedCode(code=Code.SOLD_OUT, count=5 * skus, units=4 * skus, people=5)],
        alerts=[
            ReportedAlert(id="a1", rule="share_left", sku="1E5", severity="critical", value=0.05, threshold=0.1,
                          fired_at_ms=STARTED_MS + 30 * MINUTE_MS, acknowledged_at_ms=STARTED_MS + 31 * MINUTE_MS,
                          acknowledged_by="host", acted="release", acted_by="wang",
                          acted_at_ms=STARTED_MS + 32 * MINUTE_MS, resolved_at_ms=None, note="+10 from elastic")
        ],
        counts=[
            CountDuring(count="c1", kind="after", applied_at_ms=STARTED_MS + 120 * MINUTE_MS, skus=1, gained=0, lost=2,
                        shortage=1, signed_by=["wang", "zhou"])
        ],
        refund_requests=[
            AskedRefund(reservation="r1", sku="00123", title="Mug", presale=False, units=1, done_units=0,
                        reason="=broken", user="p-3f2a", asked_by="wang", asked_at_ms=STARTED_MS + 95 * MINUTE_MS,
                        age_ms=1_000)
        ],
    )  # fmt: skip
    return replace(report, checksum=hashlib.sha256(msgspec.json.encode(report)).hexdigest())


def times(units: SoldUnits, n: int) -> SoldUnits:
    """So many times these units."""
    return SoldUnits(**{name: getattr(units, name) * n for name in SoldUnits.__struct_fields__})
