"""After the show: what was sold is held against what the report says, unit by unit; the ledger goes to the archive."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import openpyxl
from evening_before import WAVE
from evening_checks import Checks
from evening_goods import CHANNELS, LIVE, WAVE_UNITS, Goods, amount, on_shelf
from evening_past import look_back
from evening_sale import GONE_MISSING, Evening
from evening_shop import ROOM, Shop

SHIPPED = 3
"""Orders that go out before the show ends, and as many after it."""
FILES: tuple[Literal["csv", "xlsx", "html"], ...] = ("csv", "xlsx", "html")
REPORT_S = 120.0
ASK_AGAIN_S = 0.2


async def finish(shop: Shop, goods: Goods, evening: Evening, folder: Path, checks: Checks) -> dict[str, Any]:
    """Ship, end the show, and look at all that is written of it. Returns the final report."""
    checks.part("After the show")
    kept = evening.room.kept()
    during, later = kept[:SHIPPED], kept[SHIPPED : 2 * SHIPPED]
    for reservation, _, _ in during:
        await shop.erp.ship(reservation, key=f"ship-{reservation}")
    await shop.ann.set_status(ROOM, "ended")
    at_the_end = {sku: on_shelf(buckets) for sku, buckets in (await shop.ann.buckets()).items()}
    for reservation, _, _ in later:
        await shop.erp.ship(reservation, key=f"ship-{reservation}")
    await _reconcile(shop, evening, checks)
    first = await _report(shop, evening.show, "provisional")
    checks.that("a provisional report is there", first["checksum"], f"as of {first['seq']:,}")
    report = await _report(shop, evening.show, "final")
    checks.that("the final report is there", report["checksum"], f"as of {report['seq']:,}")
    sent = {"during": _units(during), "later": _units(later)}
    _check_show(goods, evening, report, sent, checks)
    _check_pool(goods, evening, report, sent, at_the_end, checks)
    await _check_files(shop, evening.show, report, folder, checks)
    await _archive(shop, checks)
    await look_back(shop, goods, evening, report, checks)
    return report


async def _reconcile(shop: Shop, evening: Evening, checks: Checks) -> None:
    said = await shop.ann.reconciliation(evening.show)
    sold = {row["sku"]: row["stock"]["sold"] for row in said["skus"]}
    checks.same_of_each("the reconciliation has what the customers paid for", sold, evening.net(LIVE))
    [counted] = [row for row in said["skus"] if row["sku"] == evening.counted]
    found = counted["count"]
    checks.same(
        "and what the count found, with its reason",
        found and (found["difference"], found["reason"], len(found["signed_by"])),
        (-GONE_MISSING, "lost", 2),
    )


async def _report(shop: Shop, show: str, state: Literal["provisional", "final"]) -> dict[str, Any]:
    async with asyncio.timeout(REPORT_S):
        while True:
            report = await shop.ann.report(show, state=state)
            if report is not None:
                return dict(report)
            await asyncio.sleep(ASK_AGAIN_S)


def _check_show(
    goods: Goods, evening: Evening, report: dict[str, Any], sent: dict[str, dict[str, int]], checks: Checks
) -> None:
    rows = {row["sku"]: row for row in report["skus"]}
    net = evening.net(LIVE)
    checks.same_of_each("report: sold", {sku: row["stock"]["sold"] for sku, row in rows.items()}, net)
    back = {sku: tally.given_back for sku, tally in evening.room.notes.tallies.items()}
    checks.same_of_each("report: given back", {sku: row["stock"]["cancelled"] for sku, row in rows.items()}, back)
    shipped = {sku: sent["during"].get(sku, 0) + sent["later"].get(sku, 0) for sku in rows}
    checks.same_of_each("report: shipped so far", {sku: r["stock"]["shipped"] for sku, r in rows.items()}, shipped)
    checks.same("report: total", report["totals"]["stock"]["sold"], sum(net.values()))
    checks.same("report: nothing is pending", report["totals"]["pending"], 0)
    prices = {sku: good.price_minor or 100 for sku, good in goods.day.goods.items()}
    worth = sum(tally.paid * prices[sku] for sku, tally in evening.room.notes.tallies.items())
    [money] = report["totals"]["money"]
    paid = money["paid_minor"] + money["by_price_minor"]
    checks.that("report: paid amount", paid == worth, amount(paid) if paid == worth else f"{paid}, expected {worth}")
    if goods.scarce:
        lost = rows[goods.scarce]["lost"]
        checks.that("report: who came too late is lost demand", lost["people"] > 0, f"{lost['people']} people")
        checks.that("report: when that was sold out", rows[goods.scarce]["sold_out_at_ms"] is not None)
        restock = [one for one in rows[goods.scarce]["suggestions"] if one["kind"] == "restock"]
        checks.that("report: it says to restock, and how many", restock and restock[0]["units"])
    rang = {alert["id"] for alert in report["alerts"]}
    checks.same("report: the alerts that were answered", len(rang & evening.answered.keys()), len(evening.answered))
    # Who took note of one is not said of an alert that has grown graver since.
    acted = sorted(alert["id"] for alert in report["alerts"] if alert["acted_by"] == "ann")
    released = sorted(alert for alert, done in evening.answered.items() if done.startswith("release"))
    checks.that("report: and who acted", acted == released, f"{len(acted)} by ann")


def _check_pool(
    goods: Goods,
    evening: Evening,
    report: dict[str, Any],
    sent: dict[str, dict[str, int]],
    at_the_end: dict[str, int],
    checks: Checks,
) -> None:
    rows = {row["sku"]: row for row in report["pool_skus"]}
    opening = goods.opening | {goods.wave: goods.opening[goods.wave] + WAVE_UNITS}
    checks.same_of_each("pool: opening", {sku: row["opening"] for sku, row in rows.items()}, opening)
    figures = {
        "received": evening.of_all("found"),
        "written_off": evening.of_all("written_off"),
        "lost": {evening.counted: GONE_MISSING},
        "shipped": sent["during"],
        "difference": {},
    }
    for figure, expected in figures.items():
        checks.same_of_each(f"pool: {figure}", {sku: row[figure] for sku, row in rows.items()}, expected)
    checks.same_of_each("pool: closing", {sku: row["closing"] for sku, row in rows.items()}, at_the_end)
    channels = {row["channel"]: row["sold"] for row in report["channels"]}
    for channel in (LIVE, *CHANNELS):
        net = sum(evening.net(channel).values())
        checks.same(f"pool: {channel} sold", channels.get(channel, 0), net)
    checks.that("pool: the second wave", any(row["batch"] == WAVE for row in report["batches"]))


async def _check_files(shop: Shop, show: str, report: dict[str, Any], folder: Path, checks: Checks) -> None:
    for kind in FILES:
        await shop.ann.report_file(show, kind, folder / f"report.{kind}")
        size = (folder / f"report.{kind}").stat().st_size
        checks.that(f"the report as {kind}", size, f"{size:,} bytes")
    book = openpyxl.load_workbook(folder / "report.xlsx", data_only=True)
    sold = report["totals"]["stock"]["sold"]
    sheets = [sheet for sheet in book.worksheets if "SKU" in sheet.title]
    found = [_sum_of(sheet, "sold") for sheet in sheets[:1]]
    checks.same("the workbook has the same total", found, [sold])


def _sum_of(sheet: Any, column: str) -> int:
    header = [str(cell.value or "").lower() for cell in sheet[1]]
    at = header.index(column)
    return sum(row[at] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] and isinstance(row[at], int))


async def _archive(shop: Shop, checks: Checks) -> None:
    run = await shop.ann.write_archive(kept_ms=0)
    archived = await shop.ann.archive()
    checks.same("the whole ledger is in the archive", archived["checkpoints"][-1]["seq"], archived["seq"])
    checks.same("and stays in the engine until the day's totals are made", run["held_back"], "days")


def _units(orders: list[tuple[str, str, int]]) -> dict[str, int]:
    units: dict[str, int] = {}
    for _, sku, left in orders:
        units[sku] = units.get(sku, 0) + left
    return units
