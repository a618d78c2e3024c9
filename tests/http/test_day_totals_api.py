"""Business days over HTTP: made by the duty and its job, read by whoever may."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from shelfcast.duty.total_days import TotalDays
from shelfcast.merchant.days import day_begins_ms
from shelfcast.stock.operations import Confirm, Reserve

DAYS = "/v1/pools/main/day-totals"
SLOW = "/v1/pools/main/slow-movers"
FIRST = dt.date(2026, 3, 2)
"""A Monday."""
PATIENCE_S = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Clock:
    """The pool's clock, and the duty that looks at it."""

    def __init__(self, api: Any, pool: Any) -> None:
        self._api = api
        self._pool = pool
        self._duty = TotalDays(api.services.settings)

    async def set(self, day: int, hours: float = 1) -> None:
        """It is some hours into a business day."""
        book = self._pool.book
        begins = day_begins_ms(FIRST + dt.timedelta(days=day), await book.pool_config())
        key = f"{book.base}:meta"
        at_ms = begins + int(hours * 3_600_000)
        await book._engine.command("HSET", key, "rehearsal_clock_ms", at_ms, key=key)

    async def look(self) -> None:
        """The duty looks, and what it asks for is done."""
        await self._duty.run(self._pool, fence=1)
        async with asyncio.timeout(PATIENCE_S):
            while any(not job.has_ended for job in await self._pool.jobs.all()):
                pass

    async def sell(self, name: str, sku: str = "mug") -> None:
        for op in (Reserve(name, "evening", sku, 1, f"user-{name}"), Confirm(name)):
            outcome = await self._pool.book.apply(op)
            assert outcome.code == "OK", outcome


@pytest.fixture
async def clock(api: Any) -> Clock:
    await api.ok("PUT", "/v1/pools/main", {"time_zone": "Asia/Shanghai"})
    pool = await api.services.pools.get("main")
    clock = Clock(api, pool)
    await clock.set(0)
    await api.ok("PUT", "/v1/pools/main/channels/live", {"kind": "shared"})
    rows = [{"sku": "mug", "title": "Mug", "price_minor": 990, "opening": 100}]
    await api.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "opening"})
    await api.ok("PUT", "/v1/rooms/evening", {"pool": "main", "channel": "live", "status": "live"})
    await api.ok("PUT", "/v1/rooms/evening/skus/mug", {})
    return clock


def date(n: int) -> str:
    return str(FIRST + dt.timedelta(days=n))


async def test_a_day_is_there_once_it_is_over(api: Any, clock: Clock) -> None:
    await clock.sell("a")
    await clock.look()
    found = await api.ok("GET", DAYS)
    assert (found["first"], found["last"], found["days"], found["next"]) == (None, None, [], None)
    await clock.set(1)
    await clock.look()
    found = await api.ok("GET", DAYS)
    assert (found["time_zone"], found["day_starts"], found["last"]) == ("Asia/Shanghai", "04:00", date(0))
    [day] = found["days"]
    assert (day["date"], day["from_seq"], day["to_ms"] - day["from_ms"]) == (date(0), 0, 86_400_000)
    units = day["units"]
    assert (units["skus"], units["received"], units["sold"], units["closing"]) == (1, 100, 1, 100)
    assert units["money"] == [{"currency": "CNY", "paid_minor": 0, "by_price_minor": 990, "refunded_minor": 0}]
    assert units["available_minutes"] is None
    [of_mug] = (await api.ok("GET", DAYS, params={"sku": "mug"}))["days"]
    assert of_mug["units"]["available_minutes"] == 23 * 60
    assert of_mug["units"]["closing_sellable"] == 99


async def test_the_duty_asks_once_for_what_is_due(api: Any, clock: Clock) -> None:
    await clock.set(3)
    await clock.look()
    await clock.look()
    jobs = (await api.ok("GET", "/v1/pools/main/jobs"))["jobs"]
    assert [(job["kind"], job["state"]) for job in jobs] == [("day_totals", "done")]
    result = await api.ok("GET", f"/v1/pools/main/jobs/{jobs[0]['job']}")
    assert result["result"] == {"days": [date(0), date(1), date(2)]}


async def test_days_are_asked_for_within_bounds(api: Any, clock: Clock) -> None:
    for params, field in (
        ({"from": "2026-02-30"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": date(1), "to": date(0)}, "to"),
        ({"from": "2025-01-01", "to": date(0)}, "from"),
        ({"from": date(0), "to": date(31), "by": "sku"}, "from"),
        ({"sku": "mug", "by": "sku"}, "by"),
        ({"limit": 0}, "limit"),
        ({"begin": date(0)}, "begin"),
    ):
        problem = await api.problem("GET", DAYS, params=params)
        assert (problem["status"], problem["code"], problem["field"]) == (422, "BAD_MESSAGE", field), params
    # The calendar's own bounds are none of these.
    for params in ({"to": "0001-01-01"}, {"to": "9999-12-31"}):
        assert (await api.ok("GET", DAYS, params=params))["days"] == []


async def test_days_are_summed_by_sku_page_by_page(api: Any, clock: Clock) -> None:
    rows = [{"sku": f"cup-{n}", "title": "Cup", "category": "cups", "opening": 10} for n in range(3)]
    await api.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "cups"})
    await clock.set(2)
    await clock.look()
    span = {"from": date(0), "to": date(1), "by": "sku", "limit": 3}
    first = await api.ok("GET", DAYS, params=span)
    rest = await api.ok("GET", DAYS, params={**span, "after": first["next"]})
    assert [sku["sku"] for sku in first["skus"] + rest["skus"]] == ["cup-0", "cup-1", "cup-2", "mug"]
    assert (rest["next"], first["days"]) == (None, [])
    cup = first["skus"][0]
    assert (cup["title"], cup["category"], cup["units"]["received"], cup["units"]["closing"]) == ("Cup", "cups", 10, 10)
    assert (cup["inventory"]["state"], cup["inventory"]["days"]) == ("not_enough_days", 2)


async def test_what_does_not_sell_is_listed_with_reason_and_remedy(api: Any, clock: Clock) -> None:
    rows = [
        {"sku": "unlisted", "title": "Unlisted", "price_minor": 5_000, "opening": 3},
        {"sku": "unseen", "title": "Unseen", "price_minor": 100, "opening": 5},
        {"sku": "shown", "title": "Shown", "price_minor": 200, "opening": 5},
        {"sku": "cheaper", "title": "Cheaper", "price_minor": 300, "opening": 8},
        {"sku": "young", "title": "Young", "opening": 0},
    ]
    await api.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    for sku in ("unseen", "shown", "cheaper", "young"):
        await api.ok("PUT", f"/v1/rooms/evening/skus/{sku}", {})
    await api.ok("PATCH", "/v1/rooms/evening", {"spotlight": "shown"})
    await clock.set(0, 3)
    await api.ok("PATCH", "/v1/rooms/evening", {"spotlight": "cheaper"})
    await clock.set(0, 4)
    await api.ok("PATCH", "/v1/rooms/evening", {"spotlight": "mug"})
    await clock.look()
    for day in range(1, 30):
        await clock.set(day)
        await clock.sell(f"day-{day}")
        if day == 10:
            await api.ok("PATCH", "/v1/pools/main/skus/cheaper", {"price_minor": 250})
            move = {"id": "young", "kind": "receive", "sku": "young", "qty": 9, "source": "supplier", "target": "pool"}
            await api.ok("POST", "/v1/pools/main/moves", move)
        await clock.look()
    assert (await api.ok("GET", SLOW))["slow"] == []
    await clock.set(30)
    await clock.look()
    found = await api.ok("GET", SLOW)
    assert (found["date"], found["slow_count"]) == (date(29), 4)
    said = {mover["sku"]: (mover["reason"], mover["remedy"]) for mover in found["slow"]}
    assert said == {
        "unlisted": ("not_listed", "put_on_air"),
        "unseen": ("never_on_air", "put_on_air"),
        "shown": ("price_unchanged", "discount"),
        "cheaper": ("on_air_not_sold", "bundle"),
    }
    assert [mover["sku"] for mover in found["slow"]] == ["unlisted", "cheaper", "shown", "unseen"]
    shown = found["slow"][2]
    assert (shown["idle_days"], shown["last_sale"], shown["shows_on_air"]) == (30, None, 1)
    assert shown["minutes_on_air"] == 120
    assert shown["numbers"] == {"units": 5, "idle_days": 30, "shows": 1, "minutes": 120, "value_minor": 1_000}
    assert (shown["inventory"]["state"], shown["inventory"]["is_over"]) == ("no_sales", True)
    assert {row["sku"]: row["inventory"]["state"] for row in found["overstocked"]} == {
        "mug": "known",
        "young": "no_sales",
    }
    [mug] = [row for row in found["overstocked"] if row["sku"] == "mug"]
    assert (mug["inventory"]["mean_sold"], mug["inventory"]["days"]) == (round(29 / 30, 4), 30)


async def test_how_long_stock_may_last_is_a_setting_of_the_pool_and_of_a_category(api: Any, clock: Clock) -> None:
    await api.ok("PATCH", "/v1/pools/main/skus/mug", {"category": "cups"})
    for day in range(8):
        await clock.set(day)
        await clock.sell(f"day-{day}")
    await clock.set(8)
    await clock.look()
    lasts = (await api.ok("GET", DAYS, params={"sku": "mug"}))["inventory"]
    assert (lasts["days_of_inventory"], lasts["threshold_days"], lasts["is_over"]) == (95.5, 45, True)
    for said, threshold in (
        ({"inventory_days_max": 100}, 100),
        ({"inventory_days_max_of": {"cups": 90, "tea": 5}}, 90),
        ({"inventory_days_max": None, "inventory_days_max_of": {"tea": 5}}, 45),
    ):
        await api.ok("PATCH", "/v1/pools/main", said)
        [row] = (await api.ok("GET", DAYS, params={"by": "sku", "from": date(0), "to": date(7)}))["skus"]
        assert row["inventory"]["threshold_days"] == threshold
        assert row["inventory"]["is_over"] == (threshold < 95.5)
        assert len((await api.ok("GET", SLOW))["overstocked"]) == (threshold < 95.5)
    problem = await api.problem("PATCH", "/v1/pools/main", {"inventory_days_max_of": {"tea": 0}})
    assert problem["field"].startswith("inventory_days_max_of")


async def test_the_list_of_a_week_is_kept(api: Any, clock: Clock) -> None:
    nothing = await api.ok("GET", SLOW, params={"weekly": True})
    assert (nothing["date"], nothing["slow"]) == (None, [])
    await clock.set(37)
    await clock.look()
    await clock.set(39)
    await clock.look()
    weekly = await api.ok("GET", SLOW, params={"weekly": True})
    now = await api.ok("GET", SLOW)
    assert (weekly["date"], now["date"]) == (date(34), date(38))
    assert [mover["idle_days"] for mover in weekly["slow"] + now["slow"]] == [35, 39]


async def test_days_and_slow_movers_are_files_too(api: Any, clock: Clock) -> None:
    await clock.sell("a")
    await clock.set(31)
    await clock.look()
    span = {"from": date(0), "to": date(1)}
    answer = await api.call("GET", DAYS, params=span, as_={**api.as_("operator"), "Accept": "text/csv"})
    header, first, second = answer.content.decode("utf-8-sig").split("\r\n")[:3]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert (row["date"], row["from"], row["sold"], row["closing"]) == (date(0), "2026-03-02 04:00:00", "1", "100")
    assert (row["paid_cny"], second.split(",")[0]) == ("9.90", date(1))
    assert f"main day {date(0)}" in answer.headers["content-disposition"]
    for path, params, sheet, names in (
        (DAYS, {**span, "by": "sku", "lang": "zh"}, "商品", ["货号", "名称", "类目", "期初"]),
        (DAYS, {**span, "sku": "mug"}, "day totals", ["day", "from", "to", "SKUs"]),
        (SLOW, {}, "slow movers", ["SKU", "title", "category", "units"]),
    ):
        answer = await api.call("GET", path, params=params, as_={**api.as_("operator"), "Accept": XLSX})
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        [page] = book.worksheets
        rows = list(page.iter_rows(values_only=True))
        assert (page.title, list(rows[0][:4])) == (sheet, names)
    assert rows[1][:1] == ("mug",)
    assert rows[1][-2:] == ("on air at one price, and not sold", "discount")
